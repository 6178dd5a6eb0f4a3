//! Stochastic Lanczos quadrature: the whole spectrum at once, as a density.

mod density;
mod quadrature;

use crate::krylov::estimate::{Estimate, Probe};
use crate::krylov::lanczos::Recurrence;
use crate::krylov::products::Products;
use crate::krylov::{BasisKind, SymmetricOperator, symmetric};
use crate::vector::dot;
use crate::{Scalar, Stop};
pub use density::Density;
pub use quadrature::{Count, Cumulative, Quadrature};

/// How many random vectors, and how many Lanczos steps from each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SlqOptions {
    /// Random start vectors; at least 2.
    pub probes: usize,
    /// Lanczos steps from each: nodes of its quadrature, exact for polynomials up to degree 2·steps − 1.
    pub steps: usize,
    /// Probes that run in lockstep, so that their products come in blocks.
    pub block: usize,
    /// Distribution of the probes.
    pub probe: Probe,
    /// Whether each process keeps its basis and reorthogonalizes fully; not where
    /// the operator [keeps](crate::krylov::SymmetricOperator::keep) no basis. Without,
    /// memory is 4·block·n numbers instead of those and (steps + 1)·block·n of the basis; quadratures
    /// stay accurate (Greenbaum 1989) but repeat converged nodes, and the
    /// bounds of [`Cumulative`] hold only nearly.
    pub reorthogonalize: bool,
    /// Seed of the probes.
    pub seed: u64,
}

impl Default for SlqOptions {
    /// 16 Rademacher probes of 64 steps, 8 at a time, reorthogonalized.
    fn default() -> Self {
        Self { probes: 16, steps: 64, block: 8, probe: Probe::Rademacher, reorthogonalize: true, seed: 0 }
    }
}

/// The spectral measure of A as seen by random vectors.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Slq {
    /// n.
    pub dimension: usize,
    /// One Gauss quadrature a probe.
    pub quadratures: Vec<Quadrature>,
    /// How the processes kept their bases: `none` if they were not reorthogonalized.
    pub basis: BasisKind,
    /// Products spent.
    pub products: u64,
}

/// The first two moments as the probes measured them.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SlqMoments {
    /// n · mean vᵀAv, Hutchinson's estimate of tr A.
    pub trace: Estimate,
    /// n · mean ‖Av‖², an estimate of ‖A‖_F².
    pub frobenius_squared: Estimate,
    /// Largest distance over the probes between the quadrature's moments, Σ ωθ
    /// and Σ ωθ², and the directly measured vᵀAv and ‖Av‖², relative to ‖Av‖ and ‖Av‖².
    pub mismatch: f64,
}

/// Runs Lanczos from random vectors and keeps the quadrature of each
/// (Golub & Welsch 1969; Lin, Saad & Yang 2016; Ubaru, Chen & Saad 2017;
/// Ghorbani, Krishnan & Xiao 2019).
///
/// For a unit vector v, Lanczos gives nodes θᵢ and weights ωᵢ, eigenvalues and
/// squared first components of the tridiagonal matrix's eigenvectors, with
/// vᵀ f(A) v ≈ Σᵢ ωᵢ f(θᵢ); over random v the mean of vᵀ f(A) v is tr f(A) / n.
/// Densities, cumulative counts and traces of functions follow, each with its
/// standard error over the probes.
///
/// Costs probes · steps products, fewer where a process ends early.
///
/// ```
/// use thalweg_lab::krylov::{SlqOptions, from_fn, slq};
///
/// // Eigenvalues spread evenly over (0, 1).
/// let mut operator = from_fn(400, |v: &[f64], out| {
///     for i in 0..400 {
///         out[i] = v[i] * (i as f64 + 0.5) / 400.0;
///     }
/// });
/// let options = SlqOptions { probe: thalweg_lab::krylov::Probe::Sphere, ..Default::default() };
/// let spectrum = slq(&mut operator, &options).unwrap();
/// let below = spectrum.count_below(0.25);
/// assert!((below.mean - 100.0).abs() < 4.0 * below.stderr + below.upper - below.lower);
/// ```
pub fn slq<T: Scalar>(operator: &mut dyn SymmetricOperator<T>, options: &SlqOptions) -> Result<Slq, Stop> {
    let mut products = Products::new(operator);
    let dimension = products.dimension();
    let mut quadratures = Vec::new();
    if dimension > 0 {
        let probes = options.probes.max(2);
        for start in (0..probes).step_by(options.block.max(1)) {
            let indices = start..probes.min(start + options.block.max(1));
            quadratures.extend(lockstep(&mut products, options, indices)?);
        }
    }
    let basis = if options.reorthogonalize { products.kind() } else { BasisKind::None };
    Ok(Slq { dimension, quadratures, basis, products: products.count() })
}

impl Slq {
    /// The estimate of tr f(A), n · mean over probes of Σᵢ ωᵢ f(θᵢ).
    pub fn trace_of(&self, f: impl Fn(f64) -> f64) -> Estimate {
        self.over_probes(|q| q.integral(&f)).scaled(self.dimension as f64)
    }

    /// Trace and Frobenius norm from the probes' first products, and how well the quadratures agree.
    pub fn moments(&self) -> SlqMoments {
        let n = self.dimension as f64;
        let mismatch = |q: &Quadrature| {
            let size = if q.second_moment > 0.0 { q.second_moment } else { 1.0 };
            let first = (q.integral(|x| x) - q.first_moment).abs() / size.sqrt();
            first.max((q.integral(|x| x * x) - q.second_moment).abs() / size)
        };
        SlqMoments {
            trace: self.over_probes(|q| q.first_moment).scaled(n),
            frobenius_squared: self.over_probes(|q| q.second_moment).scaled(n),
            mismatch: self.quadratures.iter().map(mismatch).fold(0.0, f64::max),
        }
    }

    /// The smallest and the largest node: bounds on the spectrum from inside.
    pub fn range(&self) -> (f64, f64) {
        let nodes = || self.quadratures.iter().flat_map(|q| q.nodes.iter().copied());
        (nodes().fold(f64::INFINITY, f64::min), nodes().fold(f64::NEG_INFINITY, f64::max))
    }

    fn over_probes(&self, f: impl Fn(&Quadrature) -> f64) -> Estimate {
        if self.quadratures.is_empty() {
            return Estimate::exact(0.0);
        }
        Estimate::from_samples(&self.quadratures.iter().map(f).collect::<Vec<_>>())
    }
}

/// Runs the processes of the given probes side by side.
fn lockstep<T: Scalar>(
    products: &mut Products<'_, T>,
    options: &SlqOptions,
    indices: std::ops::Range<usize>,
) -> Result<Vec<Quadrature>, Stop> {
    let n = products.dimension();
    let steps = options.steps.clamp(1, n);
    let full = options.reorthogonalize && products.kind() != BasisKind::None;
    let mut processes: Vec<Recurrence<T>> = Vec::new();
    for index in indices {
        let mut v = vec![T::zero(); n];
        options.probe.fill(options.seed, "slq", index as u64, &mut v);
        let basis = if full { Some(products.basis(steps + 1)?) } else { None };
        processes.push(Recurrence::new(v, basis)?);
    }
    let mut moments = Vec::new();
    let (mut vectors, mut out) = (Vec::new(), Vec::new());
    for step in 0..steps {
        let alive: Vec<usize> = (0..processes.len()).filter(|&i| processes[i].alive()).collect();
        vectors.clear();
        alive.iter().for_each(|&i| vectors.extend_from_slice(processes[i].last()));
        out.resize(vectors.len(), T::zero());
        products.apply(&vectors, &mut out)?;
        if step == 0 {
            let pairs = vectors.chunks_exact(n).zip(out.chunks_exact(n));
            moments = pairs.map(|(v, product)| (dot(v, product), dot(product, product))).collect();
        }
        for (&i, product) in alive.iter().zip(out.chunks_exact_mut(n)) {
            processes[i].advance(products, product)?;
        }
    }
    let quadrature = |(process, (first, second)): (Recurrence<T>, (f64, f64))| {
        let eigen = symmetric::tridiagonal(&process.alphas, &process.betas);
        Quadrature {
            weights: (0..eigen.values.len()).map(|i| eigen.vector(i)[0].powi(2)).collect(),
            nodes: eigen.values,
            complete: !process.alive(),
            first_moment: first,
            second_moment: second,
        }
    };
    Ok(processes.into_iter().zip(moments).map(quadrature).collect())
}

#[cfg(test)]
mod tests;
