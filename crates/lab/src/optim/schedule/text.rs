//! Schedules as text.

use std::fmt;
use std::str::FromStr;

use super::{OneCycle, Schedule, Shape};

/// Why a text is not a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No shape has this name.
    #[error(
        "no schedule is named {0:?}; there are constant, step:every:factor, exponential:factor, \
         polynomial[:power[:floor]], inverse-sqrt:scale, wsd[:share[:floor]], plateau[:factor[:patience]], cosine[:floor], \
         restarts:first[:growth[:floor]] and one-cycle[:rise[:start[:end[:high:low]]]], each alone or after warmup:epochs+"
    )]
    Shape(String),
    /// A number is missing, superfluous or not allowed.
    #[error("the schedule {text:?} wants {expected}; found {found}")]
    Number {
        /// The whole text.
        text: String,
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let (warmup, rest) = match text.trim().strip_prefix("warmup:").map(|t| t.split_once('+')) {
            None => (None, text.trim()),
            Some(Some((warmup, rest))) => (Some(warmup), rest),
            Some(None) => {
                return Err(number(text, "a shape after the warm-up, as in warmup:5+cosine", "none"));
            }
        };
        let warmup = match warmup {
            None => 0.0,
            Some(found) => check(text, found, "the epochs of the warm-up, not below 0", |w| w >= 0.0)?,
        };
        Ok(Self { warmup, shape: shape(text, rest.trim())? })
    }
}

/// Share of a run that WSD's decay takes if nothing is said.
const WSD_SHARE: f64 = 0.2;
/// Factor and patience of a plateau if nothing is said.
const PLATEAU: (f64, f64) = (0.1, 10.0);

fn shape(text: &str, rest: &str) -> Result<Shape, ScheduleError> {
    let mut parts = rest.split(':');
    let name = parts.next().unwrap_or_default();
    let mut take = |expected, default: Option<f64>, accepts: fn(f64) -> bool| match (parts.next(), default) {
        (Some(found), _) => check(text, found, expected, accepts),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(number(text, expected, "nothing")),
    };
    let floor = "a floor in [0, 1]";
    let unit = |v: f64| (0.0..=1.0).contains(&v);
    let shape = match name {
        "constant" => Shape::Constant,
        "step" => Shape::Step {
            every: take("the epochs between drops, above 0", None, |v| v > 0.0)?,
            factor: take("the factor of a drop, above 0", None, |v| v > 0.0)?,
        },
        "exponential" => {
            Shape::Exponential { factor: take("the factor of an epoch, above 0", None, |v| v > 0.0)? }
        }
        "polynomial" => Shape::Polynomial {
            power: take("a power above 0", Some(1.0), |v| v > 0.0)?,
            floor: take(floor, Some(0.0), unit)?,
        },
        "inverse-sqrt" => {
            Shape::InverseSqrt { scale: take("the epochs of its scale, above 0", None, |v| v > 0.0)? }
        }
        "wsd" => Shape::Wsd {
            share: take("the share of decaying steps in [0, 1]", Some(WSD_SHARE), unit)?,
            floor: take(floor, Some(0.0), unit)?,
        },
        "plateau" => Shape::Plateau {
            factor: take("the factor of a drop in (0, 1)", Some(PLATEAU.0), |v| v > 0.0 && v < 1.0)?,
            patience: take("epochs without progress, a whole number from 0", Some(PLATEAU.1), |v| {
                v >= 0.0 && v.fract() == 0.0
            })?,
        },
        "cosine" => Shape::Cosine { floor: take(floor, Some(0.0), unit)? },
        "restarts" => Shape::Restarts {
            first: take("the epochs of the first period, above 0", None, |v| v > 0.0)?,
            growth: take("a growth of the periods, 1 or more", Some(1.0), |v| v >= 1.0)?,
            floor: take(floor, Some(0.0), unit)?,
        },
        "one-cycle" => {
            let usual = OneCycle::default();
            let rise = take("the share of rising steps in [0, 1]", Some(usual.rise), unit)?;
            let start = take("the peak over the first rate, 1 or more", Some(usual.start), |v| v >= 1.0)?;
            let end = take("the first rate over the last, 1 or more", Some(usual.end), |v| v >= 1.0)?;
            let momentum = match parts.clone().next() {
                None => usual.momentum,
                Some("fixed") => {
                    parts.next();
                    None
                }
                Some(_) => {
                    let mut take = |expected| match parts.next() {
                        Some(found) => check(text, found, expected, |v| (0.0..1.0).contains(&v)),
                        None => Err(number(text, expected, "nothing")),
                    };
                    Some([take("the highest momentum in [0, 1)")?, take("the lowest momentum in [0, 1)")?])
                }
            };
            Shape::OneCycle(OneCycle { rise, start, end, momentum })
        }
        other => return Err(ScheduleError::Shape(other.to_owned())),
    };
    match parts.next() {
        None => Ok(shape),
        Some(found) => Err(number(text, "no more numbers", found)),
    }
}

fn check(
    text: &str,
    found: &str,
    expected: &'static str,
    accepts: fn(f64) -> bool,
) -> Result<f64, ScheduleError> {
    let value = found.trim().parse().ok().filter(|v: &f64| v.is_finite() && accepts(*v));
    value.ok_or_else(|| number(text, expected, &format!("{found:?}")))
}

fn number(text: &str, expected: &'static str, found: &str) -> ScheduleError {
    ScheduleError::Number { text: text.to_owned(), expected, found: found.to_owned() }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.warmup > 0.0 {
            write!(f, "warmup:{}+", self.warmup)?;
        }
        match self.shape {
            Shape::Constant => f.write_str("constant"),
            Shape::Step { every, factor } => write!(f, "step:{every}:{factor}"),
            Shape::Exponential { factor } => write!(f, "exponential:{factor}"),
            Shape::Polynomial { power: 1.0, floor: 0.0 } => f.write_str("polynomial"),
            Shape::Polynomial { power, floor: 0.0 } => write!(f, "polynomial:{power}"),
            Shape::Polynomial { power, floor } => write!(f, "polynomial:{power}:{floor}"),
            Shape::InverseSqrt { scale } => write!(f, "inverse-sqrt:{scale}"),
            Shape::Wsd { share: WSD_SHARE, floor: 0.0 } => f.write_str("wsd"),
            Shape::Wsd { share, floor: 0.0 } => write!(f, "wsd:{share}"),
            Shape::Wsd { share, floor } => write!(f, "wsd:{share}:{floor}"),
            Shape::Plateau { factor, patience } if (factor, patience) == PLATEAU => f.write_str("plateau"),
            Shape::Plateau { factor, patience } if patience == PLATEAU.1 => write!(f, "plateau:{factor}"),
            Shape::Plateau { factor, patience } => write!(f, "plateau:{factor}:{patience}"),
            Shape::Cosine { floor: 0.0 } => f.write_str("cosine"),
            Shape::Cosine { floor } => write!(f, "cosine:{floor}"),
            Shape::Restarts { first, growth: 1.0, floor: 0.0 } => write!(f, "restarts:{first}"),
            Shape::Restarts { first, growth, floor: 0.0 } => write!(f, "restarts:{first}:{growth}"),
            Shape::Restarts { first, growth, floor } => write!(f, "restarts:{first}:{growth}:{floor}"),
            Shape::OneCycle(cycle) if cycle == OneCycle::default() => f.write_str("one-cycle"),
            Shape::OneCycle(OneCycle { rise, start, end, momentum }) => {
                write!(f, "one-cycle:{rise}:{start}:{end}:")?;
                match momentum {
                    None => f.write_str("fixed"),
                    Some([high, low]) => write!(f, "{high}:{low}"),
                }
            }
        }
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> String {
        schedule.to_string()
    }
}

impl TryFrom<String> for Schedule {
    type Error = ScheduleError;

    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_forms_are_kept() {
        for text in [
            "constant",
            "step:30:0.1",
            "exponential:0.95",
            "polynomial",
            "polynomial:2",
            "polynomial:1:0.1",
            "inverse-sqrt:4",
            "wsd",
            "wsd:0.1",
            "wsd:0.2:0.05",
            "cosine",
            "cosine:0.01",
            "restarts:10",
            "restarts:10:2",
            "one-cycle",
            "one-cycle:0.5:10:100:fixed",
            "warmup:0.5+restarts:10:1:0.001",
        ] {
            assert_eq!(text.parse::<Schedule>().unwrap().to_string(), text);
        }
        assert_eq!("one-cycle:0.3".parse::<Schedule>().unwrap().to_string(), "one-cycle");
    }

    #[test]
    fn errors_name_what_was_expected_and_found() {
        let message = |text: &str| text.parse::<Schedule>().unwrap_err().to_string();
        assert!(message("cosin").contains("\"cosin\"") && message("cosin").contains("one-cycle"));
        assert!(message("").contains("\"\""));
        assert!(message("step:30").contains("factor") && message("step:30").contains("nothing"));
        assert!(message("step:0:0.1").contains("above 0; found \"0\""));
        assert!(message("restarts:10:0.5").contains("1 or more"));
        assert!(message("exponential").contains("above 0; found nothing"));
        assert!(message("inverse-sqrt:-1").contains("above 0; found \"-1\""));
        assert!(message("wsd:1.5").contains("share of decaying steps"));
        assert!(message("cosine:2").contains("[0, 1]"));
        assert!(message("cosine:0:3").contains("no more numbers; found 3"));
        assert!(message("one-cycle:0.3:25:1e4:0.95").contains("lowest momentum"));
        assert!(message("warmup:5").contains("warmup:5+cosine"));
        assert!(message("warmup:x+cosine").contains("\"x\""));
        assert!(message("step:inf:0.1").contains("\"inf\""));
    }

    proptest! {
        #[test]
        fn text_is_read_back_as_written(
            warmup in prop_oneof![Just(0.0), 0.001..50.0f64],
            kind in 0..9,
            a in 0.001..1000.0f64, b in 1.0..9.0f64, c in 0.0..1.0f64, d in 0.0..1.0f64,
            fixed: bool,
        ) {
            let shape = match kind {
                0 => Shape::Constant,
                1 => Shape::Step { every: a, factor: b },
                2 => Shape::Cosine { floor: c },
                4 => Shape::Exponential { factor: c + 0.1 },
                5 => Shape::Polynomial { power: b, floor: c },
                6 => Shape::InverseSqrt { scale: a },
                7 => Shape::Wsd { share: c, floor: d },
                3 => Shape::Restarts { first: a, growth: b, floor: c },
                _ => Shape::OneCycle(OneCycle {
                    rise: c, start: b, end: 1.0 + a, momentum: (!fixed).then_some([d, c]),
                }),
            };
            let schedule = Schedule { warmup, shape };
            prop_assert_eq!(schedule.to_string().parse::<Schedule>(), Ok(schedule));
        }
    }
}
