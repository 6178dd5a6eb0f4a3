//! Models by a short specification.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thalweg_graph::{Builder, Value};

use super::architecture::Mlp;
use super::model::{Buffer, Call, Input, Model, Outputs};
use super::net::{Declared, Net, declare, emit};
use super::{Activation, Distribution, Draw, Initialization, Scheme};
use crate::Layout;

/// Why a specification is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(pub(super) String);

/// A built-in architecture with what all of them have.
///
/// ```
/// use thalweg_lab::problem::network::{Model, ModelSpec};
/// let model: ModelSpec = "mlp:64-32-10".parse()?;
/// assert_eq!(model.layout().dimension(), 64 * 32 + 32 + 32 * 10 + 10);
/// assert_eq!(model.layout().blocks()[0].name, "fc0.weight");
/// # Ok::<(), thalweg_lab::problem::network::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSpec {
    /// Layers and sizes.
    pub architecture: Architecture,
    /// The nonlinearity.
    pub activation: Activation,
    /// Whether layers have a bias.
    pub bias: bool,
}

/// The built-in architectures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// `mlp:IN-HIDDEN-…-OUT`.
    Mlp(Mlp),
}

impl ModelSpec {
    /// A perceptron with tanh and biases.
    pub fn mlp(widths: &[usize]) -> Self {
        Self::new(Architecture::Mlp(Mlp { widths: widths.to_vec() }))
    }

    /// An architecture with its usual activation, and biases.
    pub fn new(architecture: Architecture) -> Self {
        Self { activation: architecture.activation(), architecture, bias: true }
    }

    /// Xavier's for tanh and sigmoid, He's for rectifiers; uniform.
    pub fn initialization(&self) -> Initialization {
        let scheme = if self.activation.is_rectifier() { Scheme::He } else { Scheme::Xavier };
        Initialization { scheme, distribution: Distribution::Uniform }
    }

    fn declared(&self) -> Declared {
        declare(&self.input(), self.activation, self.bias, |net, x| self.architecture.write(net, x))
    }
}

impl Architecture {
    /// The usual nonlinearity.
    pub fn activation(&self) -> Activation {
        match self {
            Architecture::Mlp(_) => Activation::Tanh,
        }
    }

    fn write(&self, net: &mut Net, x: Value) -> Value {
        match self {
            Architecture::Mlp(mlp) => mlp.write(net, x),
        }
    }
}

impl Model for ModelSpec {
    fn name(&self) -> String {
        self.to_string()
    }

    /// In PyTorch's order, names and shapes: `fc0.weight` (out × in), `fc0.bias` (out), `fc1.weight` …
    fn layout(&self) -> Layout {
        self.declared().layout()
    }

    fn initial(&self) -> Vec<Draw> {
        self.declared().initial
    }

    fn buffers(&self) -> Vec<Buffer> {
        self.declared().buffers
    }

    fn input(&self) -> Input {
        match &self.architecture {
            Architecture::Mlp(mlp) => Input::numbers([mlp.widths[0]]),
        }
    }

    fn output(&self) -> Vec<usize> {
        self.declared().output
    }

    fn outputs(&self, b: &mut Builder, call: &Call) -> Outputs {
        emit(b, call, self.activation, self.bias, |net, x| self.architecture.write(net, x))
    }
}

impl FromStr for ModelSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let problem = |what: String| SpecError(format!("model {text:?}: {what}"));
        let sizes = text
            .strip_prefix("mlp:")
            .ok_or_else(|| problem("expected mlp:IN-HIDDEN-…-OUT, for example mlp:64-32-10".into()))?;
        let widths = sizes
            .split('-')
            .map(|size| match size.parse::<usize>() {
                Ok(n) if (1..=1 << 24).contains(&n) => Ok(n),
                _ => Err(problem(format!("expected a layer size from 1 to 16777216, found {size:?}"))),
            })
            .collect::<Result<Vec<usize>, SpecError>>()?;
        if widths.len() < 2 {
            return Err(problem("expected at least an input and an output size".into()));
        }
        let parameters: u128 = widths.windows(2).map(|w| (w[0] as u128 + 1) * w[1] as u128).sum();
        if parameters > 1 << 31 {
            return Err(problem(format!("it has {parameters} parameters, more than the 2147483648 allowed")));
        }
        Ok(Self::mlp(&widths))
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Architecture::Mlp(mlp) = &self.architecture;
        f.write_str("mlp:")?;
        for (i, width) in mlp.widths.iter().enumerate() {
            write!(f, "{}{width}", if i == 0 { "" } else { "-" })?;
        }
        Ok(())
    }
}

impl From<ModelSpec> for Arc<dyn Model> {
    fn from(spec: ModelSpec) -> Self {
        Arc::new(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_round_trip_or_explain_themselves() {
        for text in ["mlp:64-32-10", "mlp:3-1"] {
            assert_eq!(text.parse::<ModelSpec>().unwrap().to_string(), text);
        }
        for (text, reason) in [
            ("cnn:3", "expected mlp:"),
            ("mlp:64", "at least an input and an output"),
            ("mlp:64-0-10", "\"0\""),
            ("mlp:64-x-10", "\"x\""),
            ("mlp:16777216-16777216", "parameters"),
        ] {
            let error = text.parse::<ModelSpec>().unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(text), "{error}");
        }
    }
}
