//! Which steps of a run are marked: for a checkpoint, a measurement, a saved state.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A choice of steps among 0, 1, …, S. All choices but `none` and a list also
/// hold step 0 and the last step, S.
///
/// As text: `none`, `ends`, `every:10`, `even:50`, `log:5`, `0,1,2,5,100`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Marks {
    /// No step.
    None,
    /// 0 and S.
    Ends,
    /// Multiples of k ≥ 1.
    Every(u64),
    /// k ≥ 1 intervals as equal as whole numbers allow: ⌊S i/k + ½⌋.
    Even(u64),
    /// k ≥ 1 steps a decade: 10^(i/k), rounded.
    Log(u64),
    /// These steps; those beyond S are left out.
    At(Vec<u64>),
}

/// Why a text is not a choice of steps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected none, ends, every:k, even:k, log:k with k from 1 on, or a list as 0,10,100; found {0:?}")]
pub struct MarksError(String);

impl Marks {
    /// The chosen steps of a run of S steps, in order, each once.
    pub fn steps(&self, last: u64) -> Vec<u64> {
        let mut steps: Vec<u64> = match self {
            Marks::None => return Vec::new(),
            Marks::Ends => vec![0, last],
            Marks::Every(k) => (0..=last).step_by(*k as usize).chain([last]).collect(),
            Marks::Even(k) => {
                let share =
                    |i| (u128::from(last) * 2 * u128::from(i) + u128::from(*k)) / (2 * u128::from(*k));
                (0..=*k).map(|i| share(i) as u64).collect()
            }
            Marks::Log(k) => {
                let power = |i: u64| 10f64.powf(i as f64 / *k as f64).round() as u64;
                (0..).map(power).take_while(|&step| step < last).chain([0, last]).collect()
            }
            Marks::At(steps) => steps.iter().copied().filter(|&s| s <= last).collect(),
        };
        steps.sort_unstable();
        steps.dedup();
        steps
    }
}

impl FromStr for Marks {
    type Err = MarksError;

    fn from_str(text: &str) -> Result<Self, MarksError> {
        let error = || MarksError(text.to_owned());
        let count = |k: &str| k.trim().parse().ok().filter(|&k| k > 0).ok_or_else(error);
        match text.trim().split_once(':') {
            Some(("every", k)) => Ok(Marks::Every(count(k)?)),
            Some(("even", k)) => Ok(Marks::Even(count(k)?)),
            Some(("log", k)) => Ok(Marks::Log(count(k)?)),
            Some(_) => Err(error()),
            None => match text.trim() {
                "none" => Ok(Marks::None),
                "ends" => Ok(Marks::Ends),
                list => {
                    let steps = list.split(',').map(|s| s.trim().parse().map_err(|_| error()));
                    Ok(Marks::At(steps.collect::<Result<_, _>>()?))
                }
            },
        }
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Marks::None => f.write_str("none"),
            Marks::Ends => f.write_str("ends"),
            Marks::Every(k) => write!(f, "every:{k}"),
            Marks::Even(k) => write!(f, "even:{k}"),
            Marks::Log(k) => write!(f, "log:{k}"),
            Marks::At(steps) if steps.is_empty() => f.write_str("none"),
            Marks::At(steps) => {
                let steps: Vec<_> = steps.iter().map(u64::to_string).collect();
                f.write_str(&steps.join(","))
            }
        }
    }
}

impl From<Marks> for String {
    fn from(marks: Marks) -> String {
        marks.to_string()
    }
}

impl TryFrom<String> for Marks {
    type Error = MarksError;

    fn try_from(text: String) -> Result<Self, MarksError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_steps() {
        let steps = |text: &str, last| text.parse::<Marks>().unwrap().steps(last);
        assert!(steps("none", 10).is_empty());
        assert_eq!(steps("ends", 10), [0, 10]);
        assert_eq!(steps("ends", 0), [0]);
        assert_eq!(steps("every:4", 10), [0, 4, 8, 10]);
        assert_eq!(steps("even:4", 10), [0, 3, 5, 8, 10]);
        assert_eq!(steps("even:20", 3), [0, 1, 2, 3]);
        assert_eq!(steps("log:1", 1000), [0, 1, 10, 100, 1000]);
        assert_eq!(steps("log:3", 12), [0, 1, 2, 5, 10, 12]);
        assert_eq!(steps("7,3,3,99", 10), [3, 7]);
    }

    #[test]
    fn text_is_read_back_as_written() {
        for text in ["none", "ends", "every:4", "even:50", "log:5", "0,1,2"] {
            assert_eq!(text.parse::<Marks>().unwrap().to_string(), text);
        }
        for text in ["", "every", "every:0", "log:x", "often:3", "1,,2"] {
            assert!(text.parse::<Marks>().unwrap_err().to_string().contains(&format!("{text:?}")));
        }
    }
}
