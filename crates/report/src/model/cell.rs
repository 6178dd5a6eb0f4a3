//! One value of a table or card, with its uncertainty.

use crate::real::{self, Real};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value: a number, some text, or nothing.
///
/// In JSON a number, a string or `null`; a number that is not finite is the
/// string `"NaN"`, `"inf"` or `"-inf"`, and reads back as that number.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// A number. The page prints about four significant digits and keeps the rest for hovering.
    Number(f64),
    /// Text, as it stands.
    Text(String),
    /// Not computed; shown as a dash.
    #[default]
    Missing,
}

/// How far a number can be off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Uncertainty {
    /// Exact up to rounding.
    Exact,
    /// One standard error of a mean over samples or probes.
    StandardError {
        /// The standard error, in the value's unit.
        #[serde(with = "real")]
        value: f64,
    },
    /// A bound: an eigenvalue lies within this distance, ‖Hv − λv‖.
    Residual {
        /// The bound, in the value's unit.
        #[serde(with = "real")]
        value: f64,
    },
    /// An interval that holds the value with some confidence.
    Interval {
        /// Its lower end.
        #[serde(with = "real")]
        low: f64,
        /// Its upper end.
        #[serde(with = "real")]
        high: f64,
        /// The confidence, for example 0.95.
        #[serde(with = "real")]
        confidence: f64,
    },
    /// The value is a lower bound.
    AtLeast,
    /// The value is an upper bound.
    AtMost,
    /// In words.
    Words {
        /// The words.
        text: String,
    },
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Cell::Number(value)
    }
}

impl From<f32> for Cell {
    fn from(value: f32) -> Self {
        Cell::Number(f64::from(value))
    }
}

macro_rules! from_count {
    ($($type:ty),+) => {
        $(impl From<$type> for Cell {
            fn from(value: $type) -> Self {
                Cell::Number(value as f64)
            }
        })+
    };
}

from_count!(i32, i64, u32, u64, usize);

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Cell::Text(value.to_owned())
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Cell::Text(value)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Missing, Into::into)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Number(value) => Real(*value).serialize(serializer),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Missing => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Plain {
            Number(f64),
            Text(String),
            Missing(()),
        }
        Ok(match Plain::deserialize(deserializer)? {
            Plain::Number(value) => Cell::Number(value),
            Plain::Text(text) => real::named(&text).map_or(Cell::Text(text), Cell::Number),
            Plain::Missing(()) => Cell::Missing,
        })
    }
}
