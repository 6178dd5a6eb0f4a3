//! Fisher matrices of predictive distributions with respect to the outputs.

use thalweg_graph::{Builder, Value};

use super::{Loss, positions};
use crate::problem::network::softmax::{along_last, softmax};

impl Loss {
    /// F u for each example, where F = E_{y∼p(·|z)} [∇log p ∇log pᵀ] is the
    /// Fisher matrix of the predictive distribution with respect to the outputs
    /// z: diag(p) − p pᵀ for the softmax, diag(p (1 − p)) for independent logistic
    /// outputs, the identity for the unit Gaussian that squared error belongs to.
    /// Positions count as they do in the loss.
    ///
    /// # Panics
    /// If the loss [`lacks`](Self::lacks) a Fisher matrix.
    pub(in crate::problem::network) fn output_fisher(
        &self,
        b: &mut Builder,
        z: Value,
        targets: Value,
        u: Value,
    ) -> Value {
        let full = b.shape(z).to_vec();
        let (z, u) = (positions::rows(b, z), positions::rows(b, u));
        let product = match self {
            Loss::CrossEntropy { .. } => {
                let p = softmax(b, z);
                let pu = b.mul(u, p);
                let mean = b.sum(pu, &[1]);
                let mean = along_last(b, mean, z);
                let correction = b.mul(mean, p);
                b.sub(pu, correction)
            }
            Loss::BinaryCrossEntropy => {
                let p = b.logistic(z);
                let rest = b.one_minus(p);
                let spread = b.mul(p, rest);
                b.mul(u, spread)
            }
            Loss::SquaredError => u,
            Loss::Huber { .. } | Loss::Output => unreachable!("{} has no Fisher matrix", self.name()),
        };
        let rows = b.ty(z).clone();
        let targets = positions::flat_targets(b, targets, rows.shape.to_vec());
        let share = positions::share(b, &rows.with_shape([rows.shape[0]]), full[0], targets);
        let share = along_last(b, share, z);
        let product = b.mul(product, share);
        b.reshape(product, &full)
    }

    /// The vectors r [b, C] of outputs z [b, C] that a unit vector [C] chooses, so that F = Σ r rᵀ over
    /// all unit vectors: √p_k (e_k − p), the gradient for class k times the root of its
    /// probability, for the softmax; √(p_k (1 − p_k)) e_k for independent logistic outputs; e_k for squared error.
    ///
    /// # Panics
    /// If the loss [`lacks`](Self::lacks) a Fisher matrix.
    pub(in crate::problem::network) fn output_fisher_root(
        &self,
        b: &mut Builder,
        z: Value,
        unit: Value,
    ) -> Value {
        let shape = b.shape(z).to_vec();
        let unit = b.broadcast_in_dim(unit, &shape, &[1]);
        match self {
            Loss::CrossEntropy { .. } => {
                let p = softmax(b, z);
                let chosen = b.mul(p, unit);
                let chosen = b.sum(chosen, &[1]);
                let root = b.sqrt(chosen);
                let root = along_last(b, root, z);
                let slope = b.sub(unit, p);
                b.mul(slope, root)
            }
            Loss::BinaryCrossEntropy => {
                let p = b.logistic(z);
                let rest = b.one_minus(p);
                let spread = b.mul(p, rest);
                let root = b.sqrt(spread);
                b.mul(unit, root)
            }
            Loss::SquaredError => unit,
            Loss::Huber { .. } | Loss::Output => unreachable!("{} has no Fisher matrix", self.name()),
        }
    }
}
