//! Losses of a model's outputs, with their Hessians and Fisher matrices.

use std::str::FromStr;

use thalweg_graph::primitive::{Direction, Unary};
use thalweg_graph::{Builder, DType, Type, Value};

use super::SpecError;

/// The loss ℓ(z, y) of one example.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Loss {
    /// −Σ_c t_c log softmax(z)_c with t = (1 − s) onehot(y) + s/C, where s is
    /// the label smoothing (Szegedy et al. 2016, §7; PyTorch's `cross_entropy`).
    CrossEntropy {
        /// s, from 0 to 1.
        label_smoothing: f64,
    },
    /// ½ ‖z − y‖², y being one-hot where the data has classes.
    SquaredError,
}

impl Loss {
    /// Cross-entropy without label smoothing.
    pub const CROSS_ENTROPY: Loss = Loss::CrossEntropy { label_smoothing: 0.0 };

    /// Losses [b] of the outputs `z` [b, C]; `targets` are class numbers [b] or vectors
    /// [b, C]. Of outputs [b, T, C] the mean over the T positions.
    pub(super) fn per_example(self, b: &mut Builder, z: Value, targets: Value) -> Value {
        let shape = b.shape(z).to_vec();
        let [examples, .., classes] = shape[..] else { unreachable!("outputs have two axes or more") };
        if shape.len() == 2 {
            return self.per_position(b, z, targets);
        }
        let rows: usize = shape[..shape.len() - 1].iter().product();
        let z = b.reshape(z, &[rows, classes]);
        let flat = match b.ty(targets).dtype {
            DType::I32 => b.reshape(targets, &[rows]),
            _ => b.reshape(targets, &[rows, classes]),
        };
        let losses = self.per_position(b, z, flat);
        let positions = rows / examples;
        let losses = b.reshape(losses, &[examples, positions]);
        let sum = b.sum(losses, &[1]);
        b.scale(sum, 1.0 / positions as f64)
    }

    fn per_position(self, b: &mut Builder, z: Value, targets: Value) -> Value {
        let ty = b.ty(z).clone();
        let classes = b.ty(targets).dtype == DType::I32;
        match self {
            Loss::CrossEntropy { label_smoothing } => {
                let shifted = guarded(b, z);
                let exponentials = b.exp(shifted);
                let sum = b.sum(exponentials, &[1]);
                let log = b.log(sum);
                let target = one_hot(b, &ty, targets);
                let zero = b.zeros_like(shifted);
                let picked = b.select(target, shifted, zero);
                let mut expected = b.sum(picked, &[1]);
                if label_smoothing != 0.0 {
                    let all = b.sum(shifted, &[1]);
                    let kept = b.scale(expected, 1.0 - label_smoothing);
                    let spread = b.scale(all, label_smoothing / ty.shape[1] as f64);
                    expected = b.add(kept, spread);
                }
                b.sub(log, expected)
            }
            Loss::SquaredError => {
                let wanted = match classes {
                    true => {
                        let hit = one_hot(b, &ty, targets);
                        b.convert(hit, ty.dtype)
                    }
                    false => targets,
                };
                let difference = b.sub(z, wanted);
                let square = b.square(difference);
                let sum = b.sum(square, &[1]);
                b.scale(sum, 0.5)
            }
        }
    }

    /// F u for each example, where F = E_{y∼p(·|z)} [∇log p ∇log pᵀ] is the
    /// Fisher matrix of the predictive distribution with respect to the outputs
    /// z: diag(p) − p pᵀ for the softmax, the identity for the unit Gaussian
    /// that squared error belongs to.
    pub(super) fn output_fisher(self, b: &mut Builder, z: Value, u: Value) -> Value {
        let full = b.shape(z).to_vec();
        let [examples, .., classes] = full[..] else { unreachable!("outputs have two axes or more") };
        let rows: usize = full[..full.len() - 1].iter().product();
        let (z, u) = (b.reshape(z, &[rows, classes]), b.reshape(u, &[rows, classes]));
        let product = self.position_fisher(b, z, u);
        let product = b.reshape(product, &full);
        b.scale(product, examples as f64 / rows as f64)
    }

    fn position_fisher(self, b: &mut Builder, z: Value, u: Value) -> Value {
        match self {
            Loss::CrossEntropy { .. } => {
                let shape = b.ty(z).shape.clone();
                let shifted = guarded(b, z);
                let exponentials = b.exp(shifted);
                let sum = b.sum(exponentials, &[1]);
                let sum = b.broadcast_in_dim(sum, &shape, &[0]);
                let p = b.div(exponentials, sum);
                let pu = b.mul(u, p);
                let mean = b.sum(pu, &[1]);
                let mean = b.broadcast_in_dim(mean, &shape, &[0]);
                let correction = b.mul(mean, p);
                b.sub(pu, correction)
            }
            Loss::SquaredError => u,
        }
    }
}

/// The outputs less ⌊max z⌋, so that exponentials do not overflow. The floor has no
/// derivative, as befits a shift that the softmax does not feel.
fn guarded(b: &mut Builder, z: Value) -> Value {
    let shape = b.ty(z).shape.clone();
    let top = b.reduce_max(z, &[1]);
    let top = b.unary(Unary::Floor, top);
    let top = b.broadcast_in_dim(top, &shape, &[0]);
    b.sub(z, top)
}

/// Whether each output is that of the example's class, [b, C].
fn one_hot(b: &mut Builder, ty: &Type, labels: Value) -> Value {
    let classes = b.iota(Type::new(DType::I32, ty.shape.iter().copied()), 1);
    let labels = b.broadcast_in_dim(labels, &ty.shape, &[0]);
    b.compare(Direction::Eq, classes, labels)
}

impl FromStr for Loss {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        match text {
            "cross-entropy" => Ok(Loss::CROSS_ENTROPY),
            "squared-error" => Ok(Loss::SquaredError),
            _ => Err(SpecError(format!("unknown loss {text:?}: expected cross-entropy or squared-error"))),
        }
    }
}
