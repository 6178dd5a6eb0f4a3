//! Random initial weights.

use std::str::FromStr;

use thalweg_graph::{DType, Literal};

use super::{Model, SpecError};
use crate::Scalar;
use crate::random::Stream;

/// Where a block of parameters begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Draw {
    /// Every parameter at this value.
    Constant(f64),
    /// By the scheme and distribution of an [`Initialization`], which may be the user's choice.
    Weight {
        /// Values that an output is computed from.
        inputs: usize,
        /// Values that an input enters into.
        outputs: usize,
    },
    /// 0, but with PyTorch's scheme uniform on ±1/√in, as the weights.
    Bias {
        /// Values that an output is computed from.
        inputs: usize,
    },
    /// Gaussian with mean 0.
    Normal {
        /// Its standard deviation.
        deviation: f64,
    },
    /// These values.
    Given(Literal),
}

/// What the variance of a weight is matched to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Var w = 2/(in + out) (Glorot & Bengio 2010, eq. 12 and 16).
    Xavier,
    /// Var w = 2/in (He et al. 2015, eq. 10).
    He,
    /// Var w = 1/in (LeCun et al. 1998, §4.6).
    LeCun,
    /// Var w = 1/(3 in): uniform on ±1/√in, for biases too; what PyTorch does unless told otherwise.
    PyTorch,
}

/// The shape of the distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Gaussian.
    Normal,
    /// Uniform on ±√(3 Var w).
    Uniform,
}

/// How weights are drawn; biases begin at 0 but for PyTorch's scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Initialization {
    /// The variance.
    pub scheme: Scheme,
    /// The distribution.
    pub distribution: Distribution,
}

impl Draw {
    /// Where the bias that belongs to weights begins.
    pub(super) fn of_bias(&self) -> Draw {
        match *self {
            Draw::Weight { inputs, .. } => Draw::Bias { inputs },
            _ => Draw::Constant(0.0),
        }
    }
}

impl Initialization {
    /// Initial parameters of a model. Block i is drawn from the stream (`seed`, "init", i).
    pub fn draw<T: Scalar>(self, model: &dyn Model, seed: u64) -> Vec<T> {
        let layout = model.layout();
        let mut x = vec![T::zero(); layout.dimension()];
        for ((i, block), draw) in layout.blocks().iter().enumerate().zip(model.initial()) {
            let mut stream = Stream::new(seed, "init", i as u64);
            let weights = &mut x[block.range.clone()];
            match draw {
                Draw::Constant(value) => weights.fill(T::of(value)),
                Draw::Normal { deviation } => normal(&mut stream, deviation, weights),
                Draw::Given(literal) => copy(&literal, weights),
                Draw::Bias { inputs } if self.scheme == Scheme::PyTorch => {
                    let bound = 1.0 / (inputs as f64).sqrt();
                    stream.fill_uniform(-bound, bound, weights);
                }
                Draw::Bias { .. } => weights.fill(T::zero()),
                Draw::Weight { inputs, outputs } => {
                    let variance = self.scheme.variance(inputs as f64, outputs as f64);
                    match self.distribution {
                        Distribution::Normal => normal(&mut stream, variance.sqrt(), weights),
                        Distribution::Uniform => {
                            let bound = (3.0 * variance).sqrt();
                            stream.fill_uniform(-bound, bound, weights);
                        }
                    }
                }
            }
        }
        x
    }
}

impl Scheme {
    fn variance(self, inputs: f64, outputs: f64) -> f64 {
        match self {
            Scheme::Xavier => 2.0 / (inputs + outputs),
            Scheme::He => 2.0 / inputs,
            Scheme::LeCun => 1.0 / inputs,
            Scheme::PyTorch => 1.0 / (3.0 * inputs),
        }
    }
}

fn normal<T: Scalar>(stream: &mut Stream, deviation: f64, out: &mut [T]) {
    stream.fill_normal(out);
    out.iter_mut().for_each(|w| *w = T::of(w.wide() * deviation));
}

/// The elements of a float array in another precision.
pub(super) fn copy<T: Scalar>(literal: &Literal, to: &mut [T]) {
    match literal.ty().dtype {
        DType::F32 => {
            to.iter_mut().zip(literal.elements::<f32>()).for_each(|(t, &v)| *t = T::of(f64::from(v)))
        }
        _ => to.iter_mut().zip(literal.elements::<f64>()).for_each(|(t, &v)| *t = T::of(v)),
    }
}

/// Every name with its meaning; of two for the same, the first is its own.
const NAMES: [(&str, Scheme, Distribution); 9] = [
    ("xavier-uniform", Scheme::Xavier, Distribution::Uniform),
    ("xavier-normal", Scheme::Xavier, Distribution::Normal),
    ("he-uniform", Scheme::He, Distribution::Uniform),
    ("he-normal", Scheme::He, Distribution::Normal),
    ("lecun-uniform", Scheme::LeCun, Distribution::Uniform),
    ("lecun-normal", Scheme::LeCun, Distribution::Normal),
    ("pytorch", Scheme::PyTorch, Distribution::Uniform),
    ("glorot-uniform", Scheme::Xavier, Distribution::Uniform),
    ("glorot-normal", Scheme::Xavier, Distribution::Normal),
];

impl FromStr for Initialization {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        match NAMES.iter().find(|(name, ..)| *name == text) {
            Some(&(_, scheme, distribution)) => Ok(Self { scheme, distribution }),
            None => {
                let names: Vec<&str> = NAMES[..7].iter().map(|(name, ..)| *name).collect();
                Err(SpecError(format!(
                    "unknown initialization {text:?}: expected one of {}",
                    names.join(", ")
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::network::ModelSpec;

    #[test]
    fn variances_are_those_of_the_papers() {
        let model = ModelSpec::mlp(&[300, 200, 10]);
        for (name, variance) in [
            ("xavier-uniform", 2.0 / 500.0),
            ("xavier-normal", 2.0 / 500.0),
            ("he-normal", 2.0 / 300.0),
            ("he-uniform", 2.0 / 300.0),
            ("lecun-normal", 1.0 / 300.0),
            ("pytorch", 1.0 / 900.0),
        ] {
            let x: Vec<f64> = name.parse::<Initialization>().unwrap().draw(&model, 1);
            let w = &x[..60_000];
            let found = w.iter().map(|w| w * w).sum::<f64>() / 60_000.0;
            // Kurtosis 3 gives a relative standard error of √(2/60000), about 0.6 %.
            assert!((found / variance - 1.0).abs() < 0.03, "{name}: {found} and {variance}");
            let biases = &x[60_000..60_200];
            let largest = biases.iter().fold(0.0f64, |m, b| m.max(b.abs()));
            let bound = if name == "pytorch" { 300f64.sqrt().recip() } else { 0.0 };
            assert!(largest <= bound && largest >= 0.9 * bound, "{name}: {largest}");
        }
    }
}
