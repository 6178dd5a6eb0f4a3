//! The table of update rules, and their choice by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::method::Method;
use super::{adam, adamw, sgd};
use crate::Scalar;

/// One row of the table of update rules.
pub struct Entry<T: Scalar> {
    /// What users type.
    pub name: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// Its parameters, with their defaults.
    pub parameters: &'static [Parameter],
    /// Makes the rule from one value for each of `parameters`.
    pub build: fn(&[f64]) -> Box<dyn Method<T>>,
}

/// A parameter of an update rule.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// What users type.
    pub name: &'static str,
    /// The value if nothing is said.
    pub default: f64,
    /// What it is.
    pub meaning: &'static str,
    /// Which values it takes, in words.
    pub expected: &'static str,
    /// Whether it takes this value.
    pub accepts: fn(f64) -> bool,
}

impl Parameter {
    /// A parameter in [0, 1).
    pub const fn fraction(name: &'static str, default: f64, meaning: &'static str) -> Self {
        let accepts = |value| (0.0..1.0).contains(&value);
        Self { name, default, meaning, expected: "a number in [0, 1)", accepts }
    }

    /// A finite parameter above 0.
    pub const fn positive(name: &'static str, default: f64, meaning: &'static str) -> Self {
        let accepts = |value: f64| value.is_finite() && value > 0.0;
        Self { name, default, meaning, expected: "a number above 0", accepts }
    }

    /// A finite parameter from 0 on.
    pub const fn not_negative(name: &'static str, default: f64, meaning: &'static str) -> Self {
        let accepts = |value: f64| value.is_finite() && value >= 0.0;
        Self { name, default, meaning, expected: "a number not below 0", accepts }
    }
}

/// All update rules. To add one, write its file and add its row here.
pub fn registry<T: Scalar>() -> &'static [Entry<T>] {
    Table::<T>::ENTRIES
}

struct Table<T>(std::marker::PhantomData<T>);

impl<T: Scalar> Table<T> {
    const ENTRIES: &'static [Entry<T>] =
        &[sgd::sgd(), sgd::heavy_ball(), sgd::nesterov(), adam::adam(), adamw::adamw()];
}

/// An update rule chosen by name, with a value for each parameter that is not
/// the default. As text: `adam`, `momentum:momentum=0.95`, `adamw:decay=0.1,beta2=0.99`.
///
/// ```
/// use thalweg_lab::optim::MethodSpec;
/// let spec: MethodSpec = "adam:beta2=0.99".parse()?;
/// assert_eq!(spec.to_string(), "adam:beta2=0.99");
/// let method = spec.build::<f32>();
/// assert_eq!(method.vectors(), ["mean", "mean_square"]);
/// # Ok::<(), thalweg_lab::optim::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MethodSpec {
    row: usize,
    values: Vec<f64>,
}

/// Why a text does not choose an update rule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// No rule has this name.
    #[error("no optimizer is named {name:?}; there are {known}")]
    Method {
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The rule has no such parameter.
    #[error("the optimizer {method} has no parameter {name:?}; it has {known}")]
    Parameter {
        /// The rule.
        method: &'static str,
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The parameter does not take this value.
    #[error("the parameter {name} of the optimizer {method} takes {expected}; found {found:?}")]
    Value {
        /// The rule.
        method: &'static str,
        /// The parameter.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What was given.
        found: String,
    },
}

impl MethodSpec {
    /// The row of the table that was chosen.
    pub fn entry<T: Scalar>(&self) -> &'static Entry<T> {
        &registry()[self.row]
    }

    /// The rule's name.
    pub fn name(&self) -> &'static str {
        self.entry::<f64>().name
    }

    /// Each parameter with its value.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static Parameter, f64)> {
        self.entry::<f64>().parameters.iter().zip(self.values.iter().copied())
    }

    /// The rule.
    pub fn build<T: Scalar>(&self) -> Box<dyn Method<T>> {
        (self.entry().build)(&self.values)
    }
}

impl FromStr for MethodSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, settings) = text.split_once(':').unwrap_or((text, ""));
        let table = registry::<f64>();
        let row = table.iter().position(|e| e.name == name.trim()).ok_or_else(|| SpecError::Method {
            name: name.to_owned(),
            known: table.iter().map(|e| e.name).collect::<Vec<_>>().join(", "),
        })?;
        let entry = &table[row];
        let mut values: Vec<f64> = entry.parameters.iter().map(|p| p.default).collect();
        for setting in settings.split(',').filter(|s| !s.trim().is_empty()) {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            let i = entry.parameters.iter().position(|p| p.name == name.trim()).ok_or_else(|| {
                let known: Vec<_> = entry.parameters.iter().map(|p| p.name).collect();
                SpecError::Parameter {
                    method: entry.name,
                    name: name.trim().to_owned(),
                    known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
                }
            })?;
            let parameter = &entry.parameters[i];
            values[i] = value.trim().parse().ok().filter(|&v| (parameter.accepts)(v)).ok_or_else(|| {
                SpecError::Value {
                    method: entry.name,
                    name: parameter.name,
                    expected: parameter.expected,
                    found: value.to_owned(),
                }
            })?;
        }
        Ok(Self { row, values })
    }
}

impl fmt::Display for MethodSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let changed = self.parameters().filter(|(p, value)| p.default != *value);
        for (i, (parameter, value)) in changed.enumerate() {
            write!(f, "{}{}={value}", if i == 0 { ':' } else { ',' }, parameter.name)?;
        }
        Ok(())
    }
}

impl From<MethodSpec> for String {
    fn from(spec: MethodSpec) -> String {
        spec.to_string()
    }
}

impl TryFrom<String> for MethodSpec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::method::Rates;

    /// Every rule of the table: shapes, names, determinism, and one descent on a convex quadratic.
    fn conformance<T: Scalar>() {
        for entry in registry::<T>() {
            assert!(!entry.summary.is_empty() && !entry.source.is_empty(), "{}", entry.name);
            assert!(entry.parameters.iter().all(|p| (p.accepts)(p.default) && !(p.accepts)(f64::NAN)));
            let method = entry.name.parse::<MethodSpec>().unwrap().build::<T>();
            assert_eq!(method.name(), entry.name);
            let mut memory = method.init(2);
            assert_eq!(memory.vectors.len(), method.vectors().len());
            let mut x = [T::of(1.0), T::of(-1.0)];
            let mut fork = None;
            for step in 0..2000u64 {
                if step == 1000 {
                    fork = Some((memory.clone(), x));
                }
                let gradient = [x[0], T::of(10.0) * x[1]];
                method.step(&mut memory, &mut x, &gradient, Rates::new(0.01));
                assert_eq!(memory.step, step + 1);
            }
            let far = x.iter().map(|v| v.wide().abs()).fold(0.0, f64::max);
            assert!(far < 0.05, "{}: ended at {far}", entry.name);
            let (mut again, mut y) = fork.unwrap();
            for _ in 1000..2000 {
                let gradient = [y[0], T::of(10.0) * y[1]];
                method.step(&mut again, &mut y, &gradient, Rates::new(0.01));
            }
            assert!(y == x && again == memory, "{}: a forked run must end alike", entry.name);
        }
    }

    #[test]
    fn every_rule_conforms_in_both_precisions() {
        conformance::<f64>();
        conformance::<f32>();
    }

    #[test]
    fn text_is_read_back_as_written() {
        for (text, shown) in [
            ("sgd", "sgd"),
            ("momentum:momentum=0.9", "momentum"),
            ("nesterov: momentum = 0.5", "nesterov:momentum=0.5"),
            ("adamw:decay=0.1,beta1=0", "adamw:beta1=0,decay=0.1"),
        ] {
            let spec: MethodSpec = text.parse().unwrap();
            assert_eq!(spec.to_string(), shown);
            assert_eq!(shown.parse(), Ok(spec));
        }
    }

    #[test]
    fn errors_name_what_was_expected_and_found() {
        let message = |text: &str| text.parse::<MethodSpec>().unwrap_err().to_string();
        assert!(message("adan").contains("\"adan\"") && message("adan").contains("adamw"));
        assert!(message("adam:beta3=1").contains("beta1, beta2, epsilon"));
        assert!(message("sgd:momentum=0.9").contains("it has none"));
        assert_eq!(
            message("momentum:momentum=1"),
            "the parameter momentum of the optimizer momentum takes a number in [0, 1); found \"1\""
        );
        assert!(message("adam:epsilon=nan").contains("\"nan\""));
        assert!(message("adam:epsilon").contains("found \"\""));
    }
}
