//! The point card: everything that can be said of one point.

use serde::Serialize;

use crate::curvature::{
    Condition, CurvatureError, NoiseScale, Spectrum, SpectrumOptions, noise_scale, spectrum,
};
use crate::krylov::{Count, Eigenpair, Estimate};
use crate::optim::{Bounded, Verdict, VerdictOptions, judge};
use crate::vector::norm;
use crate::{Counts, Curvature, Oracle, Scalar};

/// What to find, and how hard to try.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PointOptions {
    /// The Hessian's spectrum.
    pub spectrum: SpectrumOptions,
    /// Where the verdict draws its lines; its own search for the spectrum is not used.
    pub verdict: VerdictOptions,
}

/// A point's card, with what it was made from.
#[derive(Clone, Debug)]
pub struct Point<T: Scalar> {
    /// The card.
    pub card: PointCard,
    /// ∇f(x) (n).
    pub gradient: Vec<T>,
    /// The Hessian's spectrum, with eigenvectors and density.
    pub spectrum: Spectrum<T>,
}

/// What is known of a point. The names of the fields are the keys in JSON, and stable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointCard {
    /// n.
    pub dimension: usize,
    /// Number of examples; `null` where the objective is no mean over examples.
    pub examples: Option<usize>,
    /// f(x): data loss plus penalty.
    pub loss: f64,
    /// The mean loss over the examples.
    pub data_loss: f64,
    /// Its standard error over the examples.
    pub data_loss_stderr: Option<f64>,
    /// Weight decay and other penalties.
    pub penalty: f64,
    /// Share of examples classified correctly, from 0 to 1.
    pub accuracy: Option<f64>,
    /// ‖∇f(x)‖.
    pub grad_norm: f64,
    /// ‖x‖.
    pub parameter_norm: f64,
    /// The Hessian's largest eigenvalues, descending, each with ‖Hv − λv‖.
    pub eigenvalues: Vec<Value>,
    /// Its smallest eigenvalues, ascending.
    pub eigenvalues_bottom: Vec<Value>,
    /// λ_max, the sharpness.
    pub eigenvalue_max: Option<f64>,
    /// λ_min.
    pub eigenvalue_min: Option<f64>,
    /// Whether all eigenvalues were computed.
    pub spectrum_exact: bool,
    /// Whether a second search found no eigenvalue beyond λ_min and λ_max; true if exact.
    pub ends_confirmed: bool,
    /// The number of negative eigenvalues, or a lower bound.
    pub negative_count: u64,
    /// Whether it is the number.
    pub negative_count_exact: bool,
    /// Eigenvalues count as null within this of 0, and as negative below minus it.
    pub negative_threshold: f64,
    /// The density's estimate of the number.
    pub negative_count_estimate: Option<Count>,
    /// tr H; a standard error of 0 says that it is exact.
    pub trace: Estimate,
    /// ‖H‖_F.
    pub frobenius: Estimate,
    /// max |λ| / min |λ|, where it is known.
    pub condition: Option<Condition>,
    /// The gradient-noise scale; `null` where there are no examples.
    pub noise: Option<NoiseScale>,
    /// What kind of point this is, with the evidence.
    pub verdict: Verdict,
    /// What the card cost.
    pub oracle: Counts,
}

/// An eigenvalue with its residual bound: one of the matrix lies within it.
pub type Value = Bounded;

/// Looks at one point: value and its parts, gradient, spectrum of the Hessian,
/// gradient noise, and the verdict of [`judge`], which shares the spectrum.
///
/// Costs one value, one gradient, the products of [`SpectrumOptions::products`] at most, the
/// work of [`noise_scale`] where there are examples, and some hundred values more at a degenerate point.
///
/// # Errors
/// If the objective has no Hessian, or the oracle stops: a number is not finite,
/// a budget is used up, the user cancels.
///
/// ```
/// use thalweg_lab::Oracle;
/// use thalweg_lab::curvature::{PointOptions, point};
/// use thalweg_lab::problem::analytic::{Analytic, walled_saddle};
///
/// let objective = Analytic::<f64>::new(walled_saddle(), Default::default());
/// let found = point(&Oracle::new(&objective), &[0.0, 0.0], &PointOptions::default())?;
/// assert_eq!((found.card.negative_count, found.card.eigenvalue_min), (1, Some(-2.0)));
/// assert!(found.card.verdict.words().starts_with("A saddle of index 1."));
/// # Ok::<(), thalweg_lab::curvature::CurvatureError>(())
/// ```
pub fn point<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    options: &PointOptions,
) -> Result<Point<T>, CurvatureError> {
    let before = oracle.counts();
    let terms = oracle.terms(x)?;
    let mut gradient = vec![T::zero(); x.len()];
    let value = oracle.value_grad(x, &mut gradient)?;
    let mut hessian = oracle.linearize(x, Curvature::Hessian)?;
    let spectrum = spectrum(&mut hessian, &options.spectrum)?;
    drop(hessian);
    let noise = noise_scale(oracle, x)?;
    let mut verdict = judge(oracle, x, value, &gradient, &spectrum.known, &options.verdict);
    let negative = spectrum.negative;
    if let (Some(curvature), Some(estimate), false) =
        (&mut verdict.curvature, negative.estimate, negative.exact)
    {
        curvature.negative_estimate = Some(estimate);
    }
    let values = |pairs: &[Eigenpair<T>]| {
        pairs.iter().map(|pair| Value { value: pair.value, residual: pair.residual }).collect()
    };
    let card = PointCard {
        dimension: x.len(),
        examples: oracle.objective().finite_sum().map(|sum| sum.examples()),
        loss: terms.total(),
        data_loss: terms.data,
        data_loss_stderr: terms.data_stderr,
        penalty: terms.penalty,
        accuracy: terms.accuracy,
        grad_norm: norm(&gradient),
        parameter_norm: norm(x),
        eigenvalues: values(&spectrum.top),
        eigenvalues_bottom: values(&spectrum.bottom),
        eigenvalue_max: spectrum.top.first().map(|pair| pair.value),
        eigenvalue_min: spectrum.bottom.first().map(|pair| pair.value),
        spectrum_exact: spectrum.exact,
        ends_confirmed: spectrum.confirmed,
        negative_count: negative.count,
        negative_count_exact: negative.exact,
        negative_threshold: negative.threshold,
        negative_count_estimate: negative.estimate,
        trace: spectrum.trace,
        frobenius: spectrum.frobenius,
        condition: spectrum.condition,
        noise,
        verdict,
        oracle: spent(before, oracle.counts()),
    };
    Ok(Point { card, gradient, spectrum })
}

fn spent(before: Counts, after: Counts) -> Counts {
    Counts {
        values: after.values - before.values,
        gradients: after.gradients - before.gradients,
        products: after.products - before.products,
    }
}

#[cfg(test)]
mod tests;
