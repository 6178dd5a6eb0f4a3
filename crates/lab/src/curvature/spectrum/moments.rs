//! Whether a density has the moments that it must have.

use serde::{Deserialize, Serialize};

use super::Spectrum;
use crate::Scalar;
use crate::krylov::{Estimate, Slq};

/// The density's moments, Σ λ and Σ λ², against trace and Frobenius norm from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MomentCheck {
    /// tr A as the density's probes saw it.
    pub trace: Estimate,
    /// ‖A‖_F as they saw it.
    pub frobenius: Estimate,
    /// How many standard errors that trace is from the other one.
    pub trace_score: f64,
    /// The same for the squares of the norms.
    pub frobenius_score: f64,
    /// How far the quadratures' moments are from the probes' own: rounding, if Lanczos kept its orthogonality.
    pub mismatch: f64,
}

impl MomentCheck {
    /// Whether both scores are within `limit` standard errors and the mismatch is below 1e-3.
    pub fn passes(&self, limit: f64) -> bool {
        self.trace_score.abs() <= limit && self.frobenius_score.abs() <= limit && self.mismatch < 1e-3
    }
}

pub(super) fn check<T: Scalar>(found: &Spectrum<T>, slq: &Slq) -> MomentCheck {
    let moments = slq.moments();
    let square = |e: Estimate| Estimate { mean: e.mean * e.mean, stderr: 2.0 * e.mean * e.stderr };
    let rounding = 16.0 * T::epsilon().wide() * found.dimension as f64;
    let score = |a: Estimate, b: Estimate, size: f64| {
        let spread = a.stderr.hypot(b.stderr).max(rounding * size);
        if spread > 0.0 { (a.mean - b.mean) / spread } else { 0.0 }
    };
    MomentCheck {
        trace: moments.trace,
        frobenius: root(moments.frobenius_squared),
        trace_score: score(moments.trace, found.trace, found.norm),
        frobenius_score: score(moments.frobenius_squared, square(found.frobenius), found.norm.powi(2)),
        mismatch: moments.mismatch,
    }
}

/// √x with the standard error to first order.
pub(super) fn root(square: Estimate) -> Estimate {
    let mean = square.mean.sqrt();
    let stderr = if mean > 0.0 { square.stderr / (2.0 * mean) } else { square.stderr.sqrt() };
    Estimate { mean, stderr }
}
