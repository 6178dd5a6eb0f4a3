//! The Levenberg-Marquardt method.

use super::cholesky;
use super::gauss_newton::DENSE;
use super::newton_cg::{PRODUCTS, forcing};
use super::trial::{attempt, rounded, whole};
use crate::krylov::{SolveOptions, conjugate_gradients};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// Steps (G + μD²) s = −∇f(x) with the generalized Gauss-Newton matrix G (JᵀJ for ½‖r‖²).
///
/// **Damping** (Nielsen 1999; Madsen, Nielsen & Tingleff 2004, Algorithm 3.16): μ begins at τ maxᵢ Gᵢᵢ,
/// ν at 2. With the ratio ϱ of the fall of f to that of the model, a step is taken if ϱ > 0, and μ ← μ
/// max(⅓, 1 − (2ϱ − 1)³), ν ← 2; else μ ← μν, ν ← 2ν, and the step is made anew.
///
/// **Scaling** (Moré 1978, §6): Dᵢ is the largest √Gᵢᵢ, the norm of a column of J, seen so far; it
/// makes steps independent of the units of coordinates. Without it D = I (Levenberg). Columns that are
/// 0 get D = 1.
///
/// Up to `dense` coordinates G is built whole: n products. Above, conjugate gradients solve to a
/// residual of min(½, √‖∇f‖)‖∇f‖, with D = I and μ begun at τ ∇fᵀG∇f/‖∇f‖². Needs an objective with a
/// Gauss-Newton matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevenbergMarquardt {
    /// τ.
    pub damping: f64,
    /// Whether D is Moré's.
    pub scaled: bool,
    /// Up to this dimension the matrix is built whole.
    pub dense: usize,
    /// Products a step at most, above it.
    pub products: u64,
}

impl<T: Scalar> Iteration<T> for LevenbergMarquardt {
    fn name(&self) -> &'static str {
        "levenberg-marquardt"
    }

    /// μ (below 0 before the first step) and ν; D².
    fn init(&self, n: usize) -> Memory<T> {
        Memory { scalars: vec![-1.0, 2.0], ..Memory::zeros(n, 1) }
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let n = at.x.len();
        memory.step += 1;
        let (mut mu, mut nu) = (memory.scalars[0], memory.scalars[1]);
        let minus: Vec<T> = at.gradient.iter().map(|&g| -g).collect();
        let mut solver = if n <= self.dense {
            let matrix = whole(oracle, &at.x, Curvature::GaussNewton)?;
            let diagonal = matrix.diagonal();
            if mu < 0.0 {
                mu = self.damping * diagonal.iter().fold(0.0f64, |m, v| m.max(*v));
            }
            let squares = self.weights(&mut memory.vectors[0], &diagonal);
            Solver::Whole { matrix: matrix.entries, squares }
        } else {
            let mut operator = oracle.linearize(&at.x, Curvature::GaussNewton)?;
            if mu < 0.0 {
                let mut product = vec![T::zero(); n];
                crate::krylov::SymmetricOperator::apply(&mut operator, &minus, &mut product)?;
                mu = self.damping * dot(&minus, &product) / dot(&minus, &minus);
            }
            Solver::Products { operator }
        };
        mu = mu.max(f64::MIN_POSITIVE);
        loop {
            let (step, predicted) = solver.step(&minus, mu, self.products)?;
            let Some(ratio) = attempt(oracle, at, &step, predicted, next)? else { return Ok(None) };
            if ratio > 0.0 {
                mu *= (1.0 - (2.0 * ratio - 1.0).powi(3)).max(1.0 / 3.0);
                memory.scalars = vec![mu, 2.0];
                return Ok(Some(norm(&step)));
            }
            mu *= nu;
            nu *= 2.0;
        }
    }
}

impl LevenbergMarquardt {
    /// D² with the present columns taken in.
    fn weights<T: Scalar>(&self, largest: &mut [T], diagonal: &[f64]) -> Vec<f64> {
        if !self.scaled {
            return vec![1.0; diagonal.len()];
        }
        for (largest, &now) in largest.iter_mut().zip(diagonal) {
            *largest = largest.max(T::of(now));
        }
        largest.iter().map(|l| if l.wide() > 0.0 { l.wide() } else { 1.0 }).collect()
    }
}

/// Solves for steps at one point.
enum Solver<O> {
    Whole { matrix: Vec<f64>, squares: Vec<f64> },
    Products { operator: O },
}

impl<O> Solver<O> {
    /// A step, and the fall of the model without damping, −∇fᵀs − ½sᵀGs = ½(μ‖Ds‖² − ∇fᵀs): exact for
    /// iterates of conjugate gradients too, whose residual is orthogonal to them.
    fn step<T: Scalar>(&mut self, minus: &[T], mu: f64, products: u64) -> Result<(Vec<T>, f64), Stop>
    where
        O: crate::krylov::SymmetricOperator<T>,
    {
        let n = minus.len();
        let (step, length) = match self {
            Solver::Whole { matrix, squares } => {
                let mut shift = mu;
                let factor = loop {
                    match cholesky::factor(matrix, n, shift, squares) {
                        Ok(factor) => break factor,
                        // Rounding made a singular matrix indefinite.
                        Err(_) => shift *= 4.0,
                    }
                };
                let mut step: Vec<f64> = minus.iter().map(|g| g.wide()).collect();
                cholesky::solve(&factor, n, &mut step);
                let length: f64 = step.iter().zip(&*squares).map(|(s, d)| d * s * s).sum();
                (rounded::<T>(&step), length)
            }
            Solver::Products { operator } => {
                let tolerance = forcing(norm(minus));
                let options =
                    SolveOptions { shift: mu, tolerance, max_products: products, ..SolveOptions::default() };
                let step = conjugate_gradients(operator, minus, &options)?.x;
                let length = dot(&step, &step);
                (step, length)
            }
        };
        let predicted = 0.5 * (mu * length + dot(minus, &step));
        Ok((step, predicted))
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter::positive("damping", 1e-3, "first damping, relative to the largest diagonal entry, τ"),
    Parameter::choice("scaling", &["more", "none"], "lengths of coordinates: columns' norms, or none"),
    DENSE,
    PRODUCTS,
];

pub(in crate::optim) const fn levenberg_marquardt<T: Scalar>() -> Entry<T> {
    Entry {
        name: "levenberg-marquardt",
        summary: "damped Gauss-Newton steps, for least squares and losses of outputs",
        source: "Levenberg 1944; Marquardt 1963; Moré 1978; Nielsen 1999",
        family: Family::Newton,
        cost: "n products (or those of conjugate gradients), a gradient a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            Optimizer::Iteration(Box::new(LevenbergMarquardt {
                damping: values[0],
                scaled: values[1] == 0.0,
                dense: values[2] as usize,
                products: values[3] as u64,
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, Outcome, begin, minimize};
    use crate::samples;

    fn run(f: &samples::Residuals, x: &[f64], rule: LevenbergMarquardt) -> (Vec<f64>, Outcome) {
        let oracle = Oracle::new(f);
        let mut state = begin(&oracle, &rule, x.to_vec()).unwrap();
        let outcome = minimize(&oracle, &rule, &Limits::default(), &mut state, &mut |_| ());
        (state.point.x, outcome)
    }

    const RULE: LevenbergMarquardt =
        LevenbergMarquardt { damping: 1e-3, scaled: true, dense: 300, products: 100 };

    #[test]
    fn rosenbrock_by_residuals_whichever_way() {
        let f = samples::rosenbrock_residuals();
        for rule in
            [RULE, LevenbergMarquardt { scaled: false, ..RULE }, LevenbergMarquardt { dense: 1, ..RULE }]
        {
            let (x, outcome) = run(&f, &[-1.2, 1.0], rule);
            assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
            assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-7), "{x:?}");
            assert!(outcome.iterations <= 40, "{rule:?}: {}", outcome.iterations);
        }
    }

    /// Bard's function (Moré, Garbow & Hillstrom 1981, problem 8): f = Σr² = 8.21487…e-3 at the
    /// minimum.
    #[test]
    fn bards_function_reaches_its_published_minimum() {
        let f = samples::bard();
        let (_, outcome) = run(&f, &[1.0, 1.0, 1.0], RULE);
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!((2.0 * outcome.value - 8.21487e-3).abs() < 1e-8, "{}", 2.0 * outcome.value);
    }

    /// Scaled steps do not notice a change of units.
    #[test]
    fn scaling_makes_steps_independent_of_units() {
        let f = samples::rosenbrock_residuals();
        let stretched = samples::rosenbrock_residuals().stretched(vec![1e4, 1e-3]);
        let limits = Limits { iterations: 6, ..Limits::default() };
        let after = |f: &samples::Residuals, x: [f64; 2]| {
            let oracle = Oracle::new(f);
            let mut state = begin(&oracle, &RULE, x.to_vec()).unwrap();
            // The first damping is relative to the largest entry, which has units: begin with the same
            // μ.
            state.memory.scalars[0] = 1e-3;
            minimize(&oracle, &RULE, &limits, &mut state, &mut |_| ());
            state.point.x
        };
        let plain = after(&f, [-1.2, 1.0]);
        let units = after(&stretched, [-1.2e4, 1e-3]);
        assert!((units[0] / 1e4 - plain[0]).abs() < 1e-9 && (units[1] / 1e-3 - plain[1]).abs() < 1e-9);
    }
}
