//! Adaptive cubic regularization.

use super::lowest::{CurvatureSearch, GRADIENT, Lowest, SEARCH, TOLERANCE, downhill};
use super::secular;
use crate::krylov::{Eigen, Lanczos, lanczos_until};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::smooth::trial::attempt;
use crate::vector::{displaced, dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// Lanczos steps after each of which the model is minimized; later only after every fourth part more.
const EVERY: usize = 8;

/// Adaptive regularization by cubics (ARC): s minimizes m(s) = gᵀs + ½ sᵀHs + σ‖s‖³/3 in a Krylov
/// subspace.
///
/// The subspace grows, by Lanczos steps from g, until ‖∇m(s)‖ ≤ θ min(1, ‖s‖) ‖g‖ (rule TC.s) or it has
/// `subspace` dimensions; in it the minimizer is exact, by the secular equation of the tridiagonal
/// matrix. With ϱ the ratio of the fall of f to that of m, s is taken if ϱ ≥ 0.1; then σ ← max(min(σ,
/// ‖g‖), ε) if ϱ > 0.9; σ ← 2σ if ϱ < 0.1, and the step is made anew in the same subspace.
///
/// A Krylov subspace of g never sees negative curvature orthogonal to g. Where ‖g‖ ≤ ε_g, the leftmost
/// eigenvector is looked for, and the minimizer of m along it, the *eigenpoint* of Cartis, Gould &
/// Toint (2012), taken if m is lower there; so the method ends at second-order points.
///
/// Convergence is quadratic near a nondegenerate minimum. Cost: a product a Lanczos step and a gradient
/// a trial; memory subspace · n numbers.
///
/// Source: Cartis, Gould & Toint, *Adaptive cubic regularisation methods for unconstrained
/// optimization*, part I (2011), Algorithm 2.1 with the values of its §7, σ₀ = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CubicRegularization {
    /// σ₀.
    pub sigma: f64,
    /// θ.
    pub accuracy: f64,
    /// Largest dimension of the Krylov subspace.
    pub subspace: usize,
    /// ε_g.
    pub gradient: f64,
    /// How negative curvature is looked for at a small gradient.
    pub search: CurvatureSearch,
}

impl<T: Scalar> Iteration<T> for CubicRegularization {
    fn name(&self) -> &'static str {
        "arc"
    }

    /// σ.
    fn init(&self, _: usize) -> Memory<T> {
        Memory { scalars: vec![self.sigma], ..Memory::zeros(0, 0) }
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        memory.step += 1;
        let slope = norm(&at.gradient);
        let lowest = if slope <= self.gradient { self.search.negative(oracle, &at.x)? } else { None };
        let mut sigma = memory.scalars[0];
        let (process, eigen) = self.subspace(oracle, at, sigma)?;
        loop {
            let (mut step, mut fall) = within(&process, &eigen, slope, sigma, at.x.len());
            if let Some(lowest) = &lowest {
                let (other, more) = eigenpoint(lowest, &at.gradient, sigma);
                if more > fall {
                    (step, fall) = (other, more);
                }
            }
            let Some(ratio) = attempt(oracle, at, &step, fall, next)? else { return Ok(None) };
            if ratio >= 0.1 {
                if ratio > 0.9 {
                    sigma = sigma.min(slope).max(f64::EPSILON);
                }
                memory.scalars[0] = sigma;
                return Ok(Some(norm(&step)));
            }
            sigma *= 2.0;
        }
    }

    fn settled(&self, oracle: &Oracle<'_, T>, _: &Memory<T>, at: &Point<T>) -> Result<bool, Stop> {
        Ok(self.search.negative(oracle, &at.x)?.is_none())
    }
}

impl CubicRegularization {
    /// A Krylov subspace in which TC.s holds for this σ, or the largest allowed.
    fn subspace<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        at: &Point<T>,
        sigma: f64,
    ) -> Result<(Lanczos<T>, Eigen), Stop> {
        let slope = norm(&at.gradient);
        let mut due = 1;
        let mut enough = |alphas: &[f64], betas: &[f64]| {
            let m = alphas.len();
            if m < due {
                return false;
            }
            due = m + 1 + if m < EVERY { 0 } else { m / 4 };
            let process: Lanczos<T> =
                Lanczos { alphas: alphas.to_vec(), betas: betas.to_vec(), basis: Vec::new(), products: 0 };
            let eigen = process.eigen();
            let inner = coefficients(&eigen, slope, sigma);
            // ∇m leads out of the subspace along the next Lanczos vector alone.
            let residual = betas[m - 1] * inner[m - 1].abs();
            residual <= self.accuracy * norm(&inner).min(1.0) * slope
        };
        let mut hessian = oracle.linearize(&at.x, Curvature::Hessian)?;
        let process = lanczos_until(&mut hessian, &at.gradient, self.subspace, &mut enough)?;
        let eigen = process.eigen();
        Ok((process, eigen))
    }
}

/// The minimizer of the cubic model in the basis of Lanczos vectors.
fn coefficients(eigen: &Eigen, slope: f64, sigma: f64) -> Vec<f64> {
    let m = eigen.values.len();
    let along: Vec<f64> = (0..m).map(|i| slope * eigen.vector(i)[0]).collect();
    let weights = secular::minimize_cubic(&eigen.values, &along, sigma);
    let mut inner = vec![0.0; m];
    for i in 0..m {
        inner.iter_mut().zip(eigen.vector(i)).for_each(|(s, q)| *s += weights[i] * q);
    }
    inner
}

/// The minimizer of the cubic model in a Krylov subspace, and the model's fall.
fn within<T: Scalar>(process: &Lanczos<T>, eigen: &Eigen, slope: f64, sigma: f64, n: usize) -> (Vec<T>, f64) {
    let m = eigen.values.len();
    let mut step = vec![T::zero(); n];
    if m == 0 {
        return (step, 0.0);
    }
    let inner = coefficients(eigen, slope, sigma);
    let quadratic: f64 = (0..m).map(|i| eigen.values[i] * dot(eigen.vector(i), &inner).powi(2)).sum();
    let fall = -(slope * inner[0] + 0.5 * quadratic + sigma * norm(&inner).powi(3) / 3.0);
    let terms: Vec<(f64, &[T])> = inner.iter().copied().zip(process.basis.chunks_exact(n)).collect();
    let origin = step.clone();
    displaced(&origin, &terms, &mut step);
    (step, fall)
}

/// The minimizer of the cubic model along a unit vector of negative curvature, and the model's fall.
fn eigenpoint<T: Scalar>(lowest: &Lowest<T>, gradient: &[T], sigma: f64) -> (Vec<T>, f64) {
    let along = dot(gradient, &lowest.direction);
    let (c, size) = (lowest.curvature, along.abs());
    // σt² + ct − |gᵀv| = 0.
    let t = ((c * c + 4.0 * sigma * size).sqrt() - c) / (2.0 * sigma);
    (downhill(&lowest.direction, t, gradient), t * size - 0.5 * c * t * t - sigma * t.powi(3) / 3.0)
}

const PARAMETERS: &[Parameter] = &[
    Parameter::positive("sigma", 1.0, "first weight of the cubic term, σ₀"),
    Parameter::fraction("accuracy", 0.1, "accuracy of the model's minimizer, θ"),
    Parameter::count("subspace", 200, "largest dimension of the Krylov subspace"),
    GRADIENT,
    TOLERANCE,
    SEARCH,
    Parameter::seed(),
];

pub(in crate::optim) const fn arc<T: Scalar>() -> Entry<T> {
    Entry {
        name: "arc",
        summary: "adaptive cubic regularization in Krylov subspaces",
        source: "Cartis, Gould & Toint 2011, 2012",
        family: Family::SaddleAware,
        cost: "products of Lanczos, a gradient a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            Optimizer::Iteration(Box::new(CubicRegularization {
                sigma: values[0],
                accuracy: values[1],
                subspace: values[2] as usize,
                gradient: values[3],
                search: CurvatureSearch::of(&values[4..7]),
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    const RULE: CubicRegularization = CubicRegularization {
        sigma: 1.0,
        accuracy: 0.1,
        subspace: 200,
        gradient: 1e-5,
        search: CurvatureSearch { tolerance: 1e-6, products: 500, seed: 0 },
    };

    #[test]
    fn rosenbrock_converges_and_ends_quadratically() {
        let f = samples::rosenbrock(2);
        let oracle = Oracle::new(&f);
        let run = |iterations| {
            let mut state = begin(&oracle, &RULE, vec![-1.2, 1.0]).unwrap();
            let limits = Limits { iterations, gradient_absolute: 1e-10, ..Limits::default() };
            let outcome = minimize(&oracle, &RULE, &limits, &mut state, &mut |_| ());
            (outcome, state.point.x)
        };
        let (outcome, x) = run(200);
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!(outcome.iterations <= 45, "{}", outcome.iterations);
        assert!(x.iter().all(|x: &f64| (x - 1.0).abs() < 1e-9));
        let [last, before] = [1, 2].map(|less| run(outcome.iterations - less).0.gradient_norm);
        assert!(last <= 1000.0 * before * before, "{before} {last}");
    }

    /// Along v = e₂ with c = −2, g = 0, σ = 1: t = 2, m = −½·2·4 + 8/3 = −4/3.
    #[test]
    fn the_eigenpoint_minimizes_the_model_along_its_line() {
        let lowest = Lowest { curvature: -2.0, direction: vec![0.0, 1.0].into() };
        let (step, fall) = eigenpoint(&lowest, &[0.0, 0.0], 1.0);
        assert_eq!(step, [0.0, 2.0]);
        assert!((fall - 4.0 / 3.0).abs() < 1e-15);
        let (step, fall) = eigenpoint(&lowest, &[5.0, 0.5], 1.5);
        for t in [0.99, 1.0, 1.01] {
            let y: f64 = step[1] * t;
            let model = 0.5 * y - y * y + 0.5 * y.abs().powi(3);
            assert!(model >= -fall - 1e-14);
        }
    }

    /// In the whole space the Krylov minimizer satisfies (H + σ‖s‖I)s = −g with H + σ‖s‖I positive
    /// semidefinite.
    #[test]
    fn the_krylov_minimizer_is_the_global_one() {
        let spectrum = [-3.0, -1.0, 0.5, 2.0, 7.0];
        let f = samples::quadratic(&spectrum);
        let oracle = Oracle::new(&f);
        let mut at = Point { x: vec![1.0, -0.3, 0.2, 0.7, -0.1], value: 0.0, gradient: vec![0.0; 5] };
        at.value = oracle.value_grad(&at.x, &mut at.gradient).unwrap();
        let rule = CubicRegularization { accuracy: 0.0, ..RULE };
        for sigma in [0.1, 1.0, 50.0] {
            let (process, eigen) = rule.subspace(&oracle, &at, sigma).unwrap();
            let (step, fall) = within(&process, &eigen, norm(&at.gradient), sigma, 5);
            let lambda = sigma * norm(&step);
            assert!(lambda >= 3.0 - 1e-9);
            let mut product = vec![0.0; 5];
            oracle.value_grad(&step, &mut product).unwrap();
            for i in 0..5 {
                assert!((product[i] + lambda * step[i] + at.gradient[i]).abs() < 1e-9, "{sigma}");
            }
            let model =
                dot(&at.gradient, &step) + 0.5 * dot(&step, &product) + lambda * dot(&step, &step) / 3.0;
            assert!((model + fall).abs() < 1e-10);
        }
    }
}
