//! The spectrum of a curvature matrix: its ends, its density, its signs.

mod count;
mod moments;
mod whole;

use serde::Serialize;

use crate::krylov::{
    self, BasisKind, Eigenpair, Estimate, ExtremalOptions, Slq, SlqOptions, SymmetricOperator, TraceOptions,
};
use crate::optim::Spectrum as Known;
use crate::{Scalar, Stop};

pub use count::{Condition, Negative};
pub use moments::MomentCheck;

/// Whether to build the whole matrix and decompose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exact {
    /// Up to n = [`Exact::LIMIT`].
    Auto,
    /// Whatever n: 24n² bytes and some 10n³ operations on one thread.
    Always,
    /// Never.
    Never,
}

impl Exact {
    /// Where [`Exact::Auto`] ends: about five seconds and 220 MB.
    pub const LIMIT: usize = 3000;

    fn builds(self, n: usize) -> bool {
        match self {
            Exact::Auto => n <= Self::LIMIT,
            Exact::Always => true,
            Exact::Never => false,
        }
    }
}

/// What to find, and how hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SpectrumOptions {
    /// Whether to build the whole matrix.
    pub exact: Exact,
    /// How many eigenpairs at each end, and the search for them where the matrix is not built.
    pub ends: ExtremalOptions,
    /// The density; `None` for no density.
    pub slq: Option<SlqOptions>,
    /// The estimate of trace and Frobenius norm where the matrix is not built.
    pub trace: TraceOptions,
}

impl Default for SpectrumOptions {
    /// Ten pairs at the top and four at the bottom to 1e-4, the default density and trace.
    fn default() -> Self {
        let ends = ExtremalOptions { top: 10, bottom: 4, tolerance: 1e-4, ..Default::default() };
        Self { exact: Exact::Auto, ends, slq: Some(SlqOptions::default()), trace: TraceOptions::default() }
    }
}

impl SpectrumOptions {
    /// The most products that a spectrum of dimension n takes.
    pub fn products(&self, n: usize) -> u64 {
        let slq = self.slq.map_or(0, |slq| slq.probes.max(2) * slq.steps.clamp(1, n.max(1)));
        let ends = (self.ends.top.min(n) + self.ends.bottom.min(n)) as u64;
        slq as u64
            + match self.exact.builds(n) {
                true => n as u64 + ends,
                false => {
                    self.ends.max_products.max(ends + self.ends.block as u64) + self.trace.products.max(4)
                }
            }
    }
}

/// What is known of a symmetric matrix's spectrum, every number with its uncertainty.
#[derive(Clone, Debug, Serialize)]
#[serde(bound = "")]
pub struct Spectrum<T: Scalar> {
    /// n.
    pub dimension: usize,
    /// Whether the whole matrix was built, so that all eigenvalues are known.
    pub exact: bool,
    /// The largest eigenvalues, descending.
    pub top: Vec<Eigenpair<T>>,
    /// The smallest eigenvalues, ascending.
    pub bottom: Vec<Eigenpair<T>>,
    /// Whether nothing lies beyond them, as far as a second search can tell; true if exact.
    pub confirmed: bool,
    /// ‖A‖₂ as far as seen.
    pub norm: f64,
    /// The number of negative eigenvalues.
    pub negative: Negative,
    /// max |λ| / min |λ|, where it is known.
    pub condition: Option<Condition>,
    /// tr A.
    pub trace: Estimate,
    /// ‖A‖_F.
    pub frobenius: Estimate,
    /// The density's moments against `trace` and `frobenius`.
    pub moments: Option<MomentCheck>,
    /// The density as Gauss quadratures.
    #[serde(skip)]
    pub slq: Option<Slq>,
    /// The spectrum as a verdict takes it.
    #[serde(skip)]
    pub known: Known<T>,
    /// How Krylov bases were kept; in memory where the matrix was built.
    pub basis: BasisKind,
    /// Products spent.
    pub products: u64,
}

impl<T: Scalar> Spectrum<T> {
    /// All eigenvalues, ascending, if they are known.
    pub fn eigenvalues(&self) -> Option<&[f64]> {
        match &self.known {
            Known::Exact { eigen, .. } => Some(&eigen.values),
            Known::Ends(_) => None,
        }
    }
}

/// The spectrum of a symmetric operator: pairs at both ends with true residuals, the
/// number of negative eigenvalues, trace, Frobenius norm, condition and density.
///
/// Up to n = [`Exact::LIMIT`] the whole matrix is built from n products and
/// decomposed: all counts are then exact, up to the rounding that [`Negative`]
/// states. Above it the ends come from block Lanczos with thick restart
/// ([`krylov::extremal_eigenpairs`]), trace and norm from XTrace
/// ([`krylov::xtrace`]), counts from stochastic Lanczos quadrature ([`krylov::slq`])
/// with a lower bound that is sure.
///
/// Costs at most [`SpectrumOptions::products`].
///
/// ```
/// use thalweg_lab::curvature::{SpectrumOptions, spectrum};
/// use thalweg_lab::problem::analytic::{Analytic, rosenbrock};
/// use thalweg_lab::{Curvature, Objective};
///
/// let objective = Analytic::<f64>::new(rosenbrock(4), Default::default());
/// let saddle = &objective.function().known()[2].x;
/// let mut hessian = objective.linearize(saddle, Curvature::Hessian)?;
/// let found = spectrum(&mut *hessian, &SpectrumOptions::default()).unwrap();
/// assert_eq!((found.negative.count, found.negative.exact), (1, true));
/// assert!((found.top[0].value - 654.0).abs() < 0.1 && found.top[0].residual < 1e-10);
/// # Ok::<(), thalweg_lab::Unsupported>(())
/// ```
pub fn spectrum<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    options: &SpectrumOptions,
) -> Result<Spectrum<T>, Stop> {
    let mut found = match options.exact.builds(operator.dimension()) {
        true => whole::decompose(operator, options)?,
        false => ends(operator, options)?,
    };
    if let Some(slq) = &options.slq {
        let slq = krylov::slq(operator, slq)?;
        found.products += slq.products;
        count::add_density(&mut found, &slq);
        found.moments = Some(moments::check(&found, &slq));
        found.slq = Some(slq);
    }
    Ok(found)
}

fn ends<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    options: &SpectrumOptions,
) -> Result<Spectrum<T>, Stop> {
    let ends = krylov::extremal_eigenpairs(operator, &options.ends)?;
    let moments = krylov::xtrace(operator, &options.trace)?;
    Ok(Spectrum {
        dimension: operator.dimension(),
        exact: false,
        confirmed: ends.confirmed,
        norm: ends.norm,
        negative: Negative {
            count: ends.negative_at_least as u64,
            exact: ends.exact,
            threshold: krylov::null_threshold::<T>(ends.norm),
            estimate: None,
        },
        condition: count::condition_of_ends(&ends),
        trace: moments.trace,
        frobenius: moments::root(moments.frobenius_squared),
        moments: None,
        slq: None,
        basis: ends.basis,
        products: ends.products + moments.products,
        top: ends.top.clone(),
        bottom: ends.bottom.clone(),
        known: Known::Ends(ends),
    })
}

#[cfg(test)]
mod tests;
