//! Elementwise nonlinearities.

use std::fmt;
use std::str::FromStr;

use thalweg_graph::primitive::{Direction, Unary};
use thalweg_graph::{Builder, Value};

use super::SpecError;

/// The nonlinearity between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(x, 0); its derivative at 0 is 0.
    Relu,
    /// x where x > 0, else x/100 (Maas et al. 2013, with PyTorch's slope); its derivative at 0 is 1/100.
    LeakyRelu,
    /// x where x > 0, else eˣ − 1 (Clevert et al. 2016, eq. 15 with α = 1).
    Elu,
    /// x Φ(x) = x (1 + erf(x/√2))/2, exact (Hendrycks & Gimpel 2016).
    Gelu,
    /// ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), the same authors' approximation, as in GPT-2.
    GeluTanh,
    /// x/(1 + e⁻ˣ), also called swish (Elfwing et al. 2018; Ramachandran et al. 2017).
    Silu,
    /// x tanh(ln(1 + eˣ)) (Misra 2019).
    Mish,
    /// ln(1 + eˣ).
    Softplus,
    /// tanh x.
    Tanh,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// x.
    Identity,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Activation; 11] = [
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Elu,
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu,
        Activation::Mish,
        Activation::Softplus,
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Identity,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::LeakyRelu => "leaky-relu",
            Activation::Elu => "elu",
            Activation::Gelu => "gelu",
            Activation::GeluTanh => "gelu-tanh",
            Activation::Silu => "silu",
            Activation::Mish => "mish",
            Activation::Softplus => "softplus",
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
            Activation::Identity => "identity",
        }
    }

    /// Whether it nearly vanishes for negative arguments, so that He's initialization fits it.
    pub(super) fn is_rectifier(self) -> bool {
        !matches!(self, Activation::Tanh | Activation::Sigmoid | Activation::Identity)
    }

    pub(super) fn apply(self, b: &mut Builder, x: Value) -> Value {
        match self {
            Activation::Relu => {
                let zero = b.zeros_like(x);
                // What is NaN is not below, and stays.
                let below = b.compare(Direction::Le, x, zero);
                b.select(below, zero, x)
            }
            Activation::LeakyRelu => {
                let zero = b.zeros_like(x);
                let positive = b.compare(Direction::Gt, x, zero);
                let small = b.scale(x, 0.01);
                b.select(positive, x, small)
            }
            Activation::Elu => {
                let zero = b.zeros_like(x);
                let positive = b.compare(Direction::Gt, x, zero);
                // An exponential of large x would be infinite, and its derivative 0 · ∞.
                let below = b.select(positive, zero, x);
                let bent = b.unary(Unary::ExponentialMinusOne, below);
                b.select(positive, x, bent)
            }
            Activation::Gelu => {
                let scaled = b.scale(x, std::f64::consts::FRAC_1_SQRT_2);
                let erf = b.erf(scaled);
                let twice = b.offset(erf, 1.0);
                let phi = b.scale(twice, 0.5);
                b.mul(x, phi)
            }
            Activation::GeluTanh => {
                let square = b.square(x);
                let bend = b.scale(square, 0.044715);
                let bend = b.offset(bend, 1.0);
                let scaled = b.scale(x, (2.0 / std::f64::consts::PI).sqrt());
                let inner = b.mul(scaled, bend);
                let tanh = b.tanh(inner);
                let twice = b.offset(tanh, 1.0);
                let gate = b.scale(twice, 0.5);
                b.mul(x, gate)
            }
            Activation::Silu => {
                let gate = b.logistic(x);
                b.mul(x, gate)
            }
            Activation::Mish => {
                let plus = b.softplus(x);
                let gate = b.tanh(plus);
                b.mul(x, gate)
            }
            Activation::Softplus => b.softplus(x),
            Activation::Tanh => b.tanh(x),
            Activation::Sigmoid => b.logistic(x),
            Activation::Identity => x,
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

#[cfg(test)]
mod tests;
