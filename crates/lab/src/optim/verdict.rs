//! What kind of point this is, with the evidence.

mod decide;
mod evidence;
mod fit;
mod probe;
mod words;

pub use evidence::{Bounded, Character, Component, Curvatures, Doubt, Escape, Kind, Verdict};
pub use probe::{Path, Probe};

use crate::krylov::{self, Dense, Eigen, Extremal, ExtremalOptions};
use crate::vector::norm;
use crate::{Curvature, Oracle, Scalar, Stop};

/// Where the lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct VerdictOptions {
    /// x counts as critical when ‖∇f(x)‖ ≤ this · max(1, |f(x)|), or no more than rounding x makes of 0; see [`verdict`].
    pub gradient: f64,
    /// An eigenvalue counts as 0 when it is within h = max(this · ‖H‖, `curvature_absolute`, √(ρ‖∇f‖)).
    pub curvature: f64,
    /// See `curvature`.
    pub curvature_absolute: f64,
    /// ρ, a Lipschitz constant of the Hessian, if one is known; see [`verdict`].
    pub hessian_lipschitz: Option<f64>,
    /// Up to this dimension the whole Hessian is built and decomposed.
    pub dense_limit: usize,
    /// How to find the ends of the spectrum above that dimension.
    pub ends: ExtremalOptions,
    /// Directions to probe at a degenerate point: null eigenvectors first, then
    /// as many random directions in their span.
    pub probes: usize,
    /// The largest distance of a probe, times max(1, ‖x‖/√n).
    pub radius: f64,
    /// Seed of the random directions.
    pub seed: u64,
}

impl Default for VerdictOptions {
    /// Gradient 1e-6, curvature 1e-8 ‖H‖, no ρ, dense up to n = 512, above it
    /// one eigenpair at each end, eight probes within 1.
    fn default() -> Self {
        Self {
            gradient: 1e-6,
            curvature: krylov::NULL,
            curvature_absolute: 0.0,
            hessian_lipschitz: None,
            dense_limit: 512,
            ends: ExtremalOptions::default(),
            probes: 8,
            radius: 1.0,
            seed: 0,
        }
    }
}

/// What is known of a Hessian's spectrum.
#[derive(Clone, Debug)]
pub enum Spectrum<T> {
    /// All of it.
    Exact {
        /// All eigenpairs, ascending.
        eigen: Eigen,
        /// What each eigenvalue may be wrong by.
        error: f64,
    },
    /// Its ends.
    Ends(Extremal<T>),
}

impl<T: Scalar> Spectrum<T> {
    /// What size an eigenvalue may have to count as null, wherever eigenvalues are counted:
    /// max(τ, 16 ε) ‖H‖, where all are known no less than 2r.
    pub fn null_threshold(&self, relative: f64) -> f64 {
        let (size, error) = match self {
            Spectrum::Exact { eigen, error } => {
                (eigen.values.iter().fold(0.0f64, |m, v| m.max(v.abs())), *error)
            }
            Spectrum::Ends(ends) => (ends.norm, 0.0),
        };
        let rounding = 16.0 * T::epsilon().wide();
        (relative.max(rounding) * size).max(2.0 * error)
    }

    /// The spectrum of a whole matrix whose products were made in `T`.
    ///
    /// Each eigenvalue may be wrong by 4 ε √n ‖H‖ for the rounding of the products
    /// and the decomposition, an estimate, and half of ‖H − Hᵀ‖_F, a bound.
    pub fn of_dense(matrix: &Dense) -> Self {
        let eigen = matrix.eigen();
        let size = eigen.values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let rounding = 4.0 * T::epsilon().wide() * (matrix.dimension as f64).sqrt() * size;
        Spectrum::Exact { eigen, error: rounding + matrix.asymmetry * matrix.frobenius() / 2.0 }
    }
}

/// The second-order verdict at x.
///
/// **Critical?** If ‖∇f(x)‖ ≤ max(τ max(1, |f(x)|), ½ε Σᵢ |λᵢ| |vᵢ|ᵀ|x|). The second is what rounding a critical
/// point to the numbers of `T` may make of its gradient, to first order and by the known eigenpairs (λᵢ, vᵢ): where
/// H is large, no number next to the point has a smaller one. Otherwise the kind is *not critical*, and the curvature
/// is reported all the same.
///
/// **Signs.** An eigenvalue known as λ ± r is positive if λ − r > h, negative if
/// λ + r < −h, null if |λ| + r ≤ h, and unclear otherwise, with the threshold h =
/// max(τ_H ‖H‖, a, √(ρ‖∇f‖)), no less than what is [null anyway](Spectrum::null_threshold). The last term
/// applies where ρ is given: x is then not quite critical, the critical
/// point it stands for lies about ‖∇f‖/|λ| away, and over that distance λ may change by
/// ρ‖∇f‖/|λ|, which is less than |λ| if |λ| > √(ρ‖∇f‖). It is the threshold of the
/// approximate second-order points of Nesterov & Polyak (2006): ‖∇f‖ ≤ ε, λ_min ≥ −√(ρε).
///
/// **Kind.** All positive: minimum. All negative: maximum. Negative and positive:
/// saddle, whose index is the number of negative ones. Up to
/// [`VerdictOptions::dense_limit`] all eigenvalues are known; above it the
/// smallest and largest come from Lanczos with residuals, the index is bounded below
/// by the negative ones found (`ends.bottom` at most), and that no eigenvalue lies beyond the ends is the strong evidence of a
/// second search and not proof; without that evidence a minimum or maximum is
/// *undecided*. So it is where an unclear eigenvalue matters.
///
/// **Degenerate.** Where null eigenvalues matter, f is probed along their
/// eigenvectors for derivatives of order 3 to 6: see [`Probe`]. A rise and a fall,
/// wherever they come from, make a saddle. Without a fall the point is *degenerate
/// with no descent found*, never a minimum, since lines and curves do not
/// exhaust a neighbourhood. A zero Hessian without any measurable derivative is a *plateau*.
///
/// Cost: a gradient; n products, or those of the Lanczos search; some
/// hundred values and gradients where there is something to probe.
///
/// If the oracle stops, the kind is undecided and holds the [`Stop`].
pub fn verdict<T: Scalar>(oracle: &Oracle<'_, T>, x: &[T], options: &VerdictOptions) -> Verdict {
    let mut gradient = vec![T::zero(); x.len()];
    let value = match oracle.value_grad(x, &mut gradient) {
        Ok(value) => value,
        Err(stop) => return Verdict::undecided(Doubt::Stopped(stop), f64::NAN, f64::NAN, f64::NAN),
    };
    match spectrum(oracle, x, options) {
        Ok(spectrum) => judge(oracle, x, value, &gradient, &spectrum, options),
        Err(doubt) => {
            let (norm, threshold) = (norm(&gradient), options.gradient * value.abs().max(1.0));
            let mut verdict = Verdict::undecided(doubt, value, norm, threshold);
            if norm > threshold {
                verdict.kind = Kind::NotCritical;
            }
            verdict
        }
    }
}

/// The verdict from a value, gradient and spectrum that are known already; only
/// a degenerate point is looked at further. See [`verdict`].
pub fn judge<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    value: f64,
    gradient: &[T],
    spectrum: &Spectrum<T>,
    options: &VerdictOptions,
) -> Verdict {
    decide::decide(oracle, x, value, gradient, spectrum, options)
}

fn spectrum<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    options: &VerdictOptions,
) -> Result<Spectrum<T>, Doubt> {
    let mut hessian = oracle.linearize(x, Curvature::Hessian).map_err(|_| Doubt::NoHessian)?;
    let stopped = |stop: Stop| Doubt::Stopped(stop);
    if x.len() <= options.dense_limit {
        let matrix = krylov::dense(&mut hessian, options.ends.block).map_err(stopped)?;
        Ok(Spectrum::of_dense(&matrix))
    } else {
        krylov::extremal_eigenpairs(&mut hessian, &options.ends).map(Spectrum::Ends).map_err(stopped)
    }
}

#[cfg(test)]
mod tests;
