//! Values that options take.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;
use thalweg_lab::optim::Marks;

/// A number of things, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Count(pub usize);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text.trim().parse::<NonZeroUsize>();
        count.map(|n| Self(n.get())).map_err(|_| "expected a whole number from 1".into())
    }
}

/// An amount of memory in bytes: `512MiB`, `2GiB`, `1500000000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory(pub usize);

const UNITS: [(&str, u64); 10] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
    ("", 1),
];

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let factor = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim())).map(|u| u.1);
        let amount = number.parse::<f64>().ok().zip(factor).map(|(number, factor)| number * factor as f64);
        match amount {
            Some(bytes) if bytes >= 1.0 && bytes < usize::MAX as f64 => Ok(Self(bytes as usize)),
            _ => Err("expected a size in bytes, such as 512MiB, 2GiB or 1.5GB".into()),
        }
    }
}

/// How much time a study may take: `90s`, `10min`, `1.5h`; or a run whose depths are taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Whole seconds.
    Seconds(u64),
    /// A run directory.
    Run(PathBuf),
}

/// A time: `90s`, `10min`, `1.5h`, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub u64);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = seconds(text.trim()).map(Self);
        found.ok_or_else(|| "expected a time from 1s on, such as 90s, 10min, 1.5h or 1h30min".to_owned())
    }
}

const TIMES: [(&str, f64); 5] = [("s", 1.0), ("min", 60.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0)];

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match seconds(text) {
            Some(seconds) => Ok(Self::Seconds(seconds)),
            None if Path::new(text).is_dir() => Ok(Self::Run(text.into())),
            None => {
                Err("expected a time from 1s on, such as 90s, 10min, 1.5h or 1h30min, or a run directory"
                    .to_owned())
            }
        }
    }
}

/// The whole seconds of numbers with their units, one after the other.
fn seconds(text: &str) -> Option<u64> {
    let (mut rest, mut total) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let factor = TIMES.iter().find(|(name, _)| *name == unit)?.1;
        total += number.parse::<f64>().ok()? * factor;
        rest = after.trim_start();
    }
    (1.0..1e9).contains(&total).then_some(total as u64)
}

/// The points of a way: which of the steps that are made, or a folder that holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checkpoints {
    /// Steps of a training.
    Marks(Marks),
    /// A folder of weights.
    Folder(PathBuf),
}

impl FromStr for Checkpoints {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text.parse(), Path::new(text).is_dir()) {
            (_, true) => Ok(Self::Folder(text.into())),
            (Ok(marks), false) => Ok(Self::Marks(marks)),
            (Err(error), false) => Err(format!("{error}; and there is no folder of that name")),
        }
    }
}

/// What each class weighs in the cross-entropy: `1,1,2.5`, or `balanced`.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// N / (C n_c) for a class of n_c of the N targets.
    Balanced,
    /// A number for each class.
    Given(Vec<f64>),
}

impl FromStr for ClassWeights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "balanced" {
            return Ok(Self::Balanced);
        }
        let weights: Result<Vec<f64>, String> = text.split(',').map(not_negative).collect();
        weights.map(Self::Given).map_err(|_| "expected balanced, or numbers from 0 such as 1,1,2.5".into())
    }
}

/// Coordinates of a point: `1,0`, `-1.5,2e-3,0`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Place(pub Vec<f64>);

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| part.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
        numbers.map(Self).ok_or_else(|| "expected finite numbers with commas between, such as 1,0".into())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(f64::to_string).collect();
        f.write_str(&numbers.join(", "))
    }
}

/// A finite number above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    number(text, |v| v > 0.0, "a finite number above 0")
}

/// A finite number from 0.
pub fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |v| v >= 0.0, "a finite number from 0")
}

/// A number in [0, 1).
pub fn share(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..1.0).contains(&v), "a number from 0 to below 1")
}

fn number(text: &str, accepts: fn(f64) -> bool, expected: &str) -> Result<f64, String> {
    let value = text.trim().parse::<f64>().ok().filter(|v| v.is_finite() && accepts(*v));
    value.ok_or_else(|| format!("expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in
            [("2GiB", 2 << 30), ("512mib", 512 << 20), ("1.5GB", 1_500_000_000), ("7", 7), ("7B", 7)]
        {
            assert_eq!(text.parse(), Ok(Memory(bytes)), "{text}");
        }
        for text in ["", "GiB", "2GX", "-1GiB", "0", "1e400"] {
            assert!(text.parse::<Memory>().is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_read_with_their_units() {
        for (text, seconds) in
            [("90s", 90), ("10min", 600), ("1.5h", 5400), ("1h30m", 5400), ("2h 5min", 7500)]
        {
            assert_eq!(text.parse(), Ok(Budget::Seconds(seconds)), "{text}");
        }
        for text in ["", "10", "min", "0.5s", "-3s", "10 parsecs", "1e400h", "1..5h", "no such folder"] {
            assert!(text.parse::<Budget>().is_err() && text.parse::<Seconds>().is_err(), "{text}");
        }
        assert_eq!(".".parse(), Ok(Budget::Run(".".into())));
    }

    #[test]
    fn places_are_lists_of_finite_numbers() {
        assert_eq!("1, -2e-3".parse(), Ok(Place(vec![1.0, -2e-3])));
        for text in ["", "1,", "1,x", "nan", "inf,0"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
