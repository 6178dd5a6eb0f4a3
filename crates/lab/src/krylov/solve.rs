//! What the linear solvers share.

/// How to solve (A + shift·I) x = b.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SolveOptions {
    /// Added to the diagonal.
    pub shift: f64,
    /// Converged when the residual's norm is at most tolerance · ‖b‖.
    pub tolerance: f64,
    /// Products to spend at most.
    pub max_products: u64,
    /// Whether MINRES ends at the first direction of nonpositive curvature;
    /// conjugate gradients always do.
    pub stop_at_nonpositive_curvature: bool,
    /// MINRES also ends, with [`SolveOutcome::LeastSquares`], when ‖Ar‖ ≤ this · ‖Ax‖, A with its
    /// shift: the inexactness of Newton-MR (Liu & Roosta 2022). 0 for never.
    pub inexactness: f64,
}

impl Default for SolveOptions {
    /// No shift, 1e-6, 100 products, through negative curvature, no inexactness.
    fn default() -> Self {
        Self {
            shift: 0.0,
            tolerance: 1e-6,
            max_products: 100,
            stop_at_nonpositive_curvature: false,
            inexactness: 0.0,
        }
    }
}

/// How a linear solver ended.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum SolveOutcome<T> {
    /// The residual is within the tolerance.
    Converged,
    /// b is not in the range of the matrix: x minimizes the residual's norm, as far as
    /// [`SolveOptions::inexactness`] asks.
    LeastSquares,
    /// A direction along which the quadratic ½xᵀAx − bᵀx does not curve upwards.
    NonpositiveCurvature {
        /// d (n), not normalized; bᵀd ≥ 0.
        #[serde(skip)]
        direction: Vec<T>,
        /// dᵀ(A + shift·I)d / dᵀd ≤ 0.
        curvature: f64,
    },
    /// The products ran out.
    Exhausted,
}

/// An approximate solution of a linear system.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Solution<T> {
    /// x (n).
    #[serde(skip)]
    pub x: Vec<T>,
    /// ‖b − (A + shift·I)x‖ by the method's recurrence, which drifts from the true one by rounding.
    pub residual: f64,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: SolveOutcome<T>,
    /// Products spent.
    pub products: u64,
}
