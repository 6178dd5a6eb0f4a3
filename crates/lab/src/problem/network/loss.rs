//! Losses of a model's outputs, with their Hessians and Fisher matrices.

mod fisher;
mod pointwise;
mod positions;

use std::fmt;
use std::str::FromStr;

use thalweg_graph::primitive::Direction;
use thalweg_graph::{Builder, DType, Type, Value};

use super::SpecError;
use crate::Curvature;

/// The loss ℓ(z, y) of one example with outputs z and target y.
///
/// Where outputs are [T, C], it is the mean over the T positions. A class number below 0
/// marks a position that does not count: the mean is then over the others (PyTorch, with
/// its `ignore_index`, takes one mean over all positions of all examples), and an
/// example without any has loss 0.
///
/// Classes become one-hot vectors where a loss compares outputs with numbers; a single
/// output of [`BinaryCrossEntropy`](Loss::BinaryCrossEntropy) is that of class 1.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Loss {
    /// −Σ_c w_c t_c log softmax(z)_c with t = (1 − s) onehot(y) + s/C, where s is
    /// the label smoothing (Szegedy et al. 2016, §7; PyTorch's `cross_entropy`).
    CrossEntropy {
        /// s, from 0 to 1.
        label_smoothing: f64,
        /// w_c for each class c; none is 1 for all. PyTorch divides its mean by the mean weight
        /// of the examples' classes, which here stays a factor of the whole.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        class_weights: Vec<f64>,
    },
    /// Σ_c log(1 + exp z_c) − y_c z_c: C independent yes-or-no questions with logits z
    /// (PyTorch's `binary_cross_entropy_with_logits`, summed over outputs); y from 0 to 1.
    BinaryCrossEntropy,
    /// ½ ‖z − y‖².
    SquaredError,
    /// Σ_c h(z_c − y_c) with h(r) = ½ r² where |r| ≤ δ, else δ (|r| − ½ δ) (Huber 1964, eq. for ρ in §6).
    Huber {
        /// δ > 0.
        delta: f64,
    },
    /// Σ_c z_c: the model computes its loss itself, and the targets are not looked at.
    Output,
}

impl Loss {
    /// Cross-entropy without label smoothing.
    pub const CROSS_ENTROPY: Loss = Loss::smoothed(0.0);

    /// Cross-entropy with label smoothing.
    pub const fn smoothed(label_smoothing: f64) -> Loss {
        Loss::CrossEntropy { label_smoothing, class_weights: Vec::new() }
    }

    /// Its name on the command line, without what there is to choose about it.
    pub fn name(&self) -> &'static str {
        match self {
            Loss::CrossEntropy { .. } => "cross-entropy",
            Loss::BinaryCrossEntropy => "binary-cross-entropy",
            Loss::SquaredError => "squared-error",
            Loss::Huber { .. } => "huber",
            Loss::Output => "output",
        }
    }

    /// Losses [b] of the outputs `z` [b, …, C]; `targets` are class numbers [b, …] or
    /// arrays like z.
    pub(super) fn per_example(&self, b: &mut Builder, z: Value, targets: Value) -> Value {
        let examples = b.shape(z)[0];
        let rows = positions::rows(b, z);
        let flat = positions::flat_targets(b, targets, b.shape(rows).to_vec());
        let losses = self.per_position(b, rows, flat);
        positions::mean(b, losses, examples, flat)
    }

    fn per_position(&self, b: &mut Builder, z: Value, targets: Value) -> Value {
        match self {
            Loss::CrossEntropy { label_smoothing, class_weights } => {
                pointwise::cross_entropy(b, z, targets, *label_smoothing, class_weights)
            }
            Loss::BinaryCrossEntropy => pointwise::binary_cross_entropy(b, z, targets),
            Loss::SquaredError => pointwise::squared_error(b, z, targets),
            Loss::Huber { delta } => pointwise::huber(b, z, targets, *delta),
            Loss::Output => b.sum(z, &[1]),
        }
    }

    /// Σ over the examples of the share of their positions whose class is the likeliest, in f64.
    pub(super) fn correct(&self, b: &mut Builder, z: Value, labels: Value) -> Value {
        let examples = b.shape(z)[0];
        let rows = positions::rows(b, z);
        let flat = positions::flat_targets(b, labels, b.shape(rows).to_vec());
        let best = match (self, b.shape(rows)) {
            (Loss::BinaryCrossEntropy, &[count, 1]) => {
                let zero = b.zeros_like(rows);
                let yes = b.compare(Direction::Gt, rows, zero);
                let yes = b.convert(yes, DType::I32);
                b.reshape(yes, &[count])
            }
            _ => b.arg_max(rows, 1),
        };
        let hit = b.compare(Direction::Eq, best, flat);
        let hit = b.convert(hit, DType::F64);
        let shares = positions::mean(b, hit, examples, flat);
        b.sum_all(shares)
    }

    /// Whether it is one at all for a model of so many outputs a position, or why not.
    pub(super) fn check(&self, outputs: usize) -> Result<(), String> {
        match self {
            Loss::CrossEntropy { label_smoothing, .. } if !(0.0..=1.0).contains(label_smoothing) => {
                Err(format!("a label smoothing is from 0 to 1, not {label_smoothing}"))
            }
            Loss::CrossEntropy { class_weights, .. } if !class_weights.is_empty() => {
                if class_weights.len() != outputs {
                    return Err(format!("{} class weights for {outputs} outputs", class_weights.len()));
                }
                match class_weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
                    Some(c) => {
                        Err(format!("the weight {} of class {c} is not a number ≥ 0", class_weights[c]))
                    }
                    None => Ok(()),
                }
            }
            Loss::Huber { delta } if !(delta.is_finite() && *delta > 0.0) => {
                Err(format!("the δ of a Huber loss is above 0, not {delta}"))
            }
            _ => Ok(()),
        }
    }

    /// Why an objective of this loss has no such matrix, if it has none.
    pub(super) fn lacks(&self, curvature: Curvature) -> Option<&'static str> {
        match (self, curvature) {
            (Loss::Output, Curvature::GaussNewton) => {
                Some("the loss is linear in the model's outputs, so that it would be zero")
            }
            (Loss::Output, Curvature::Fisher) => Some("the model's output is no distribution of targets"),
            (Loss::Huber { .. }, Curvature::Fisher) => Some("the Huber loss is not that of a distribution"),
            (Loss::CrossEntropy { class_weights, .. }, Curvature::Fisher) if !class_weights.is_empty() => {
                Some("with class weights the loss is not that of a distribution")
            }
            _ => None,
        }
    }
}

/// Whether each output is that of the example's class, [rows, C].
fn one_hot(b: &mut Builder, ty: &Type, labels: Value) -> Value {
    let classes = b.iota(Type::new(DType::I32, ty.shape.iter().copied()), 1);
    let labels = b.broadcast_in_dim(labels, &ty.shape, &[0]);
    b.compare(Direction::Eq, classes, labels)
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Huber { delta } if *delta != 1.0 => write!(f, "huber:{delta}"),
            _ => f.write_str(self.name()),
        }
    }
}

/// `cross-entropy`, `binary-cross-entropy`, `squared-error`, `huber` (δ = 1), `huber:δ` or `output`.
impl FromStr for Loss {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        if let Some(delta) = text.strip_prefix("huber:") {
            return match delta.parse::<f64>() {
                Ok(delta) if delta > 0.0 && delta.is_finite() => Ok(Loss::Huber { delta }),
                _ => Err(SpecError(format!("loss {text:?}: expected a number above 0, found {delta:?}"))),
            };
        }
        let all = [
            Loss::CROSS_ENTROPY,
            Loss::BinaryCrossEntropy,
            Loss::SquaredError,
            Loss::Huber { delta: 1.0 },
            Loss::Output,
        ];
        let names: Vec<&str> = all.iter().map(Loss::name).collect();
        all.iter().find(|loss| loss.name() == text).cloned().ok_or_else(|| {
            SpecError(format!("unknown loss {text:?}: expected one of {}, huber:δ", names.join(", ")))
        })
    }
}
