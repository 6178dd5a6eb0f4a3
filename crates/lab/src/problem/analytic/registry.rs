//! The table of functions, and their choice by name.

use std::str::FromStr;

use super::{Function, quadratic, rastrigin, rosenbrock, saddles, styblinski_tang};

/// One row of the table of functions.
pub struct Entry {
    /// What users type, before a colon.
    pub name: &'static str,
    /// How its parameters follow.
    pub usage: &'static str,
    /// Texts that choose it.
    pub examples: &'static [&'static str],
    /// What it is, in a few words.
    pub summary: &'static str,
    /// Where it was published; empty for what needs no source.
    pub source: &'static str,
    /// Makes the function from what follows the colon.
    pub(super) build: fn(&str) -> Result<Function, SpecError>,
}

/// All functions. To add one, write its file and add its row here.
pub fn registry() -> &'static [Entry] {
    &[
        rosenbrock::ENTRY,
        rastrigin::ENTRY,
        styblinski_tang::ENTRY,
        quadratic::ENTRY,
        saddles::WALLED,
        saddles::MONKEY,
    ]
}

/// Why a text does not choose a function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(String);

impl SpecError {
    pub(super) fn new(reason: String) -> Self {
        Self(reason)
    }
}

/// ```
/// use thalweg_lab::problem::analytic::Function;
///
/// let function: Function = "rosenbrock:10".parse()?;
/// assert_eq!(function.dimension(), 10);
/// assert_eq!(function.known()[0].x, [1.0; 10]);
/// # Ok::<(), thalweg_lab::problem::analytic::SpecError>(())
/// ```
impl FromStr for Function {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, parameters) = text.split_once(':').unwrap_or((text, ""));
        let entry = registry().iter().find(|entry| entry.name == name).ok_or_else(|| {
            let known: Vec<&str> = registry().iter().map(|entry| entry.usage).collect();
            SpecError(format!("no function is named {name:?}; there are {}", known.join(", ")))
        })?;
        (entry.build)(parameters)
            .map_err(|SpecError(reason)| SpecError(format!("function {text:?} ({}): {reason}", entry.usage)))
    }
}

/// Reads a number of coordinates.
pub(super) fn dimension(text: &str, least: usize) -> Result<usize, SpecError> {
    const LARGEST: usize = 1 << 24;
    match text.parse::<usize>() {
        Ok(n) if (least..=LARGEST).contains(&n) => Ok(n),
        _ => Err(SpecError(format!(
            "expected a number of coordinates from {least} to {LARGEST}, found {text:?}"
        ))),
    }
}

/// Reads no parameters.
pub(super) fn nothing(text: &str) -> Result<(), SpecError> {
    if text.is_empty() { Ok(()) } else { Err(SpecError(format!("expected no parameters, found {text:?}"))) }
}
