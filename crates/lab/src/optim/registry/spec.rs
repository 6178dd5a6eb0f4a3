//! An optimizer chosen by a text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Entry, Optimizer, Parameter, registry};
use crate::{Layout, Scalar};

/// An optimizer chosen by name, with a value for each parameter that is not
/// the default. As text: `adam`, `momentum:momentum=0.95`, `adamw:decay=0.1,beta2=0.99`.
/// Those that follow a schedule take a learning rate as `rate`: `adam:rate=0.01`.
///
/// ```
/// use thalweg_lab::Layout;
/// use thalweg_lab::optim::{Optimizer, OptimizerSpec};
///
/// let spec: OptimizerSpec = "adam:beta2=0.99".parse()?;
/// assert_eq!(spec.to_string(), "adam:beta2=0.99");
/// assert_eq!(spec.learning_rate(), Some(1e-3));
/// let Optimizer::Method(adam) = spec.build::<f32>(&Layout::flat(7)) else { panic!() };
/// assert_eq!(adam.vectors(), ["mean", "mean_square"]);
/// # Ok::<(), thalweg_lab::optim::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OptimizerSpec {
    row: usize,
    rate: Option<f64>,
    values: Vec<f64>,
}

/// The learning rate of those that have one.
const RATE: Parameter = Parameter::positive("rate", f64::NAN, "learning rate, η");

/// Why a text does not choose an optimizer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// No optimizer has this name.
    #[error("no optimizer is named {name:?}; there are {known}")]
    Name {
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The optimizer has no such parameter.
    #[error("the optimizer {optimizer} has no parameter {name:?}; it has {known}")]
    Parameter {
        /// The optimizer.
        optimizer: &'static str,
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The parameter does not take this value.
    #[error("the parameter {name} of the optimizer {optimizer} takes {expected}; found {found:?}")]
    Value {
        /// The optimizer.
        optimizer: &'static str,
        /// The parameter.
        name: &'static str,
        /// What it takes.
        expected: String,
        /// What was given.
        found: String,
    },
}

impl OptimizerSpec {
    /// The row of the table that was chosen.
    pub fn entry<T: Scalar>(&self) -> &'static Entry<T> {
        &registry()[self.row]
    }

    /// The optimizer's name.
    pub fn name(&self) -> &'static str {
        self.entry::<f64>().name
    }

    /// Each parameter with its value.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static Parameter, f64)> {
        self.entry::<f64>().parameters.iter().zip(self.values.iter().copied())
    }

    /// The learning rate: what was chosen, else the default. `None` for an optimizer
    /// that finds its own step lengths.
    pub fn learning_rate(&self) -> Option<f64> {
        self.entry::<f64>().rate.map(|default| self.rate.unwrap_or(default))
    }

    /// The value of a parameter, `rate` among them; of a choice, its place among the choices.
    pub fn value(&self, name: &str) -> Option<f64> {
        let own = self.parameters().find(|(parameter, _)| parameter.name == name).map(|(_, value)| value);
        own.or_else(|| self.learning_rate().filter(|_| name == RATE.name))
    }

    /// The same with another learning rate, where it takes one.
    #[must_use]
    pub fn with_learning_rate(mut self, rate: f64) -> Self {
        self.rate = self.entry::<f64>().rate.map(|_| rate);
        self
    }

    /// The same with the default learning rate, for whoever keeps the rate elsewhere.
    #[must_use]
    pub fn without_learning_rate(mut self) -> Self {
        self.rate = None;
        self
    }

    /// The same with another value of a parameter (`rate` among them), read as users type it.
    ///
    /// # Errors
    /// If there is no such parameter or it does not take the value.
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, SpecError> {
        self.set(name.trim(), value.trim())?;
        Ok(self)
    }

    /// The optimizer, for a vector of this layout.
    pub fn build<T: Scalar>(&self, layout: &Layout) -> Optimizer<T> {
        (self.entry::<T>().build)(&self.values, layout)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SpecError> {
        let entry = self.entry::<f64>();
        let place = entry.parameters.iter().position(|p| p.name == name);
        let parameter = match place {
            Some(place) => &entry.parameters[place],
            None if name == RATE.name && entry.rate.is_some() => &RATE,
            None => {
                let rate = entry.rate.map(|_| RATE.name);
                let known: Vec<_> = rate.into_iter().chain(entry.parameters.iter().map(|p| p.name)).collect();
                return Err(SpecError::Parameter {
                    optimizer: entry.name,
                    name: name.to_owned(),
                    known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
                });
            }
        };
        let read = parameter.read(value).ok_or_else(|| SpecError::Value {
            optimizer: entry.name,
            name: parameter.name,
            expected: parameter.takes(),
            found: value.to_owned(),
        })?;
        match place {
            Some(place) => self.values[place] = read,
            None => self.rate = Some(read),
        }
        Ok(())
    }
}

impl FromStr for OptimizerSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, settings) = text.split_once(':').unwrap_or((text, ""));
        let table = registry::<f64>();
        let row = table.iter().position(|e| e.name == name.trim()).ok_or_else(|| SpecError::Name {
            name: name.to_owned(),
            known: table.iter().map(|e| e.name).collect::<Vec<_>>().join(", "),
        })?;
        let values = table[row].parameters.iter().map(|p| p.default).collect();
        let mut spec = Self { row, rate: None, values };
        for setting in settings.split(',').filter(|s| !s.trim().is_empty()) {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            spec.set(name.trim(), value.trim())?;
        }
        Ok(spec)
    }
}

impl fmt::Display for OptimizerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let rate = self.rate.map(|rate| (&RATE, rate));
        let changed = self.parameters().filter(|(p, value)| p.default != *value);
        for (i, (parameter, value)) in rate.into_iter().chain(changed).enumerate() {
            let separator = if i == 0 { ':' } else { ',' };
            write!(f, "{separator}{}={}", parameter.name, parameter.show(value))?;
        }
        Ok(())
    }
}

impl From<OptimizerSpec> for String {
    fn from(spec: OptimizerSpec) -> String {
        spec.to_string()
    }
}

impl TryFrom<String> for OptimizerSpec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}
