//! Elementwise nonlinearities.

use std::fmt;
use std::str::FromStr;

use thalweg_graph::{Builder, Value, primitive::Direction};

use super::SpecError;

/// The nonlinearity between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// max(x, 0); its derivative at 0 is 0.
    Relu,
    /// tanh x.
    Tanh,
    /// x Φ(x) = x (1 + erf(x/√2))/2, exact (Hendrycks & Gimpel 2016).
    Gelu,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// ln(1 + eˣ).
    Softplus,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Activation; 5] =
        [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Sigmoid, Activation::Softplus];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::Tanh => "tanh",
            Activation::Gelu => "gelu",
            Activation::Sigmoid => "sigmoid",
            Activation::Softplus => "softplus",
        }
    }

    /// Whether it vanishes for negative arguments, so that He's initialization fits it.
    pub(super) fn is_rectifier(self) -> bool {
        matches!(self, Activation::Relu | Activation::Gelu | Activation::Softplus)
    }

    pub(super) fn apply(self, b: &mut Builder, x: Value) -> Value {
        match self {
            Activation::Relu => {
                let zero = b.zeros_like(x);
                let positive = b.compare(Direction::Gt, x, zero);
                // x where it is NaN too, so that nothing is hidden.
                let invalid = b.compare(Direction::Ne, x, x);
                let kept = b.or(positive, invalid);
                b.select(kept, x, zero)
            }
            Activation::Tanh => b.tanh(x),
            Activation::Gelu => {
                let scaled = b.scale(x, std::f64::consts::FRAC_1_SQRT_2);
                let erf = b.erf(scaled);
                let twice = b.offset(erf, 1.0);
                let phi = b.scale(twice, 0.5);
                b.mul(x, phi)
            }
            Activation::Sigmoid => b.logistic(x),
            Activation::Softplus => b.softplus(x),
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Activation {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        Self::ALL.into_iter().find(|a| a.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|a| a.name()).collect();
            SpecError(format!("unknown activation {text:?}: expected one of {}", names.join(", ")))
        })
    }
}
