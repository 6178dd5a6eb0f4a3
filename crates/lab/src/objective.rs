//! The seam between what is studied and what studies it.

mod kronecker;
mod least_squares;

use crate::krylov::SymmetricOperator;
use crate::vector::displaced;
use crate::{Layout, Scalar};

pub use kronecker::{DenseFactors, DenseLayer, KroneckerFisher, NoFactors};
pub use least_squares::{Jacobian, LeastSquares};

/// Which curvature matrix of an objective is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curvature {
    /// ∇²f.
    Hessian,
    /// The generalized Gauss-Newton matrix (1/N) Σᵢ Jᵢᵀ (∇²ℓᵢ) Jᵢ plus the Hessian of the penalty;
    /// 2JᵀJ for a sum of squares Σ rᵢ².
    GaussNewton,
    /// The Fisher matrix (1/N) Σᵢ E_{y∼p(·|xᵢ)} ∇log p ∇log pᵀ, the expectation taken exactly.
    Fisher,
    /// The empirical Fisher matrix (1/N) Σᵢ gᵢ gᵢᵀ of the data loss's per-example gradients.
    EmpiricalFisher,
}

/// The parts of an objective's value, so that data loss and total loss are never confused.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Terms {
    /// Mean loss over the examples.
    pub data: f64,
    /// Standard error of `data` over the examples; `None` where there are none.
    pub data_stderr: Option<f64>,
    /// Weight decay and other penalties.
    pub penalty: f64,
    /// Share of examples classified correctly; `None` where that has no meaning.
    pub accuracy: Option<f64>,
}

impl Terms {
    /// The objective's value: data loss plus penalty.
    pub fn total(&self) -> f64 {
        self.data + self.penalty
    }
}

/// A curvature matrix that this objective does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this objective has no {curvature:?} matrix: {reason}")]
pub struct Unsupported {
    /// What was asked for.
    pub curvature: Curvature,
    /// Why there is none.
    pub reason: &'static str,
}

impl Unsupported {
    /// Said by a function that is no sum over examples.
    pub const fn not_a_sum(curvature: Curvature) -> Self {
        Self { curvature, reason: "it is not a sum of per-example losses of a model's outputs" }
    }
}

/// A deterministic, differentiable function f: Rⁿ → R of one flat vector.
///
/// Slices are always of length n = [`dimension`](Self::dimension). Values are
/// accumulated and returned in f64 whatever `T`. Equal inputs give equal bits,
/// whatever the number of threads. An implementation returns non-finite numbers
/// as they are; an [`Oracle`](crate::Oracle) turns them into a stop.
pub trait Objective<T: Scalar>: Send + Sync {
    /// The named blocks of the vector.
    fn layout(&self) -> &Layout;

    /// Length n of the vector.
    fn dimension(&self) -> usize {
        self.layout().dimension()
    }

    /// f(x).
    fn value(&self, x: &[T]) -> f64;

    /// f(x), and ∇f(x) into `gradient`.
    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64;

    /// f at each row of `points` (m × n, row-major) into `values` (m).
    fn values(&self, points: &[T], values: &mut [f64]) {
        for (x, value) in points.chunks_exact(self.dimension().max(1)).zip(values) {
            *value = self.value(x);
        }
    }

    /// f(x + Σⱼ cⱼ dⱼ) for each row c of `coordinates` (m × k, row-major), where the dⱼ
    /// are the k `directions`, into `values` (m).
    ///
    /// Unless an objective knows better, it lays out m points of n numbers; one that does
    /// may differ from f at those points by rounding.
    fn values_along(&self, x: &[T], directions: &[&[T]], coordinates: &[f64], values: &mut [f64]) {
        values_at(self, x, directions, coordinates, values);
    }

    /// A curvature matrix at x as an operator on blocks of vectors. The work
    /// that depends on x alone is done once, here.
    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported>;

    /// The value's parts.
    fn terms(&self, x: &[T]) -> Terms {
        Terms { data: self.value(x), data_stderr: None, penalty: 0.0, accuracy: None }
    }

    /// This objective as a mean over examples, where it is one.
    fn finite_sum(&self) -> Option<&dyn FiniteSum<T>> {
        None
    }

    /// Kronecker factors of the Fisher matrix at x over all examples, where it is a network
    /// with dense layers.
    ///
    /// # Errors
    /// Where there are none.
    fn kronecker_fisher(&self, x: &[T]) -> Result<KroneckerFisher<T>, NoFactors> {
        let _ = x;
        Err(NoFactors::NO_NETWORK)
    }

    /// This objective's residuals, where it is a sum of squares.
    fn least_squares(&self) -> Option<&dyn LeastSquares<T>> {
        None
    }
}

/// What [`Objective::values_along`] does, from [`Objective::values`].
pub(crate) fn values_at<T: Scalar, F: Objective<T> + ?Sized>(
    f: &F,
    x: &[T],
    directions: &[&[T]],
    coordinates: &[f64],
    values: &mut [f64],
) {
    let n = x.len();
    let mut points = vec![T::zero(); values.len() * n];
    for (i, point) in points.chunks_exact_mut(n.max(1)).enumerate() {
        let c = &coordinates[i * directions.len()..];
        let terms: Vec<(f64, &[T])> = c.iter().copied().zip(directions.iter().copied()).collect();
        displaced(x, &terms, point);
    }
    f.values(&points, values);
}

/// An objective that is a mean over examples, plus a penalty.
pub trait FiniteSum<T: Scalar>: Send + Sync {
    /// Number N of examples.
    fn examples(&self) -> usize;

    /// (1/N) Σᵢ ‖gᵢ‖², where gᵢ is the gradient of example i's loss without the
    /// penalty; writes their mean (1/N) Σᵢ gᵢ into `gradient` (n).
    /// Asked only of sums that are [separable](Self::is_separable).
    fn gradient_moments(&self, x: &[T], gradient: &mut [T]) -> f64;

    /// Whether an example's loss is its own, and does not depend on the others of its batch.
    fn is_separable(&self) -> bool {
        true
    }

    /// ℓᵢ(x), each example's loss without the penalty (N), where it is known.
    fn losses(&self, x: &[T]) -> Option<Vec<f64>> {
        let _ = x;
        None
    }

    /// An evaluator for minibatches of `size` examples.
    fn minibatch<'a>(&'a self, size: usize) -> Box<dyn Minibatch<T> + 'a>;
}

/// Evaluates minibatches of one fixed size; holds the workspace that this needs.
pub trait Minibatch<T: Scalar>: Send {
    /// The minibatch loss (mean over the examples of `indices`, plus penalty)
    /// and its gradient. `indices` holds as many examples as this was made for.
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64;

    /// The product of the minibatch loss's curvature matrix at x with `vector` (n), into
    /// `product` (n).
    fn product(
        &mut self,
        x: &[T],
        indices: &[u32],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Unsupported>;

    /// The minibatch's [`Objective::kronecker_fisher`].
    ///
    /// # Errors
    /// Where there is none.
    fn kronecker_fisher(&mut self, x: &[T], indices: &[u32]) -> Result<KroneckerFisher<T>, NoFactors> {
        let _ = (x, indices);
        Err(NoFactors::NO_NETWORK)
    }
}
