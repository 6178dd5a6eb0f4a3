//! The Gauss-Newton method.

use super::newton::FROM_ONE;
use super::newton_cg::{PRODUCTS, forcing};
use super::trial::{rounded, whole, widened};
use crate::krylov::{SolveOptions, conjugate_gradients};
use crate::optim::descent::{Descent, LineSearch};
use crate::optim::method::Memory;
use crate::optim::minimize::Point;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// The direction −G⁺∇f(x) with the generalized Gauss-Newton matrix G, for ½‖r‖² the least-squares
/// solution −J⁺r of smallest norm.
///
/// Up to `dense` coordinates G is built whole and eigenvalues within n ε‖G‖ of 0 count as 0; above,
/// conjugate gradients solve to a residual of min(½, √‖∇f‖)‖∇f‖. Needs an objective with a Gauss-Newton
/// matrix. Convergence is quadratic where the residuals vanish at the solution, else linear; without
/// damping it may zigzag or stall where J loses rank. Cost: n products, or those of conjugate
/// gradients. Source: Nocedal & Wright (2006), §10.3; Schraudolph (2002) for G.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussNewton {
    /// Up to this dimension the matrix is built whole.
    pub dense: usize,
    /// Products a step at most, above it.
    pub products: u64,
}

impl<T: Scalar> Descent<T> for GaussNewton {
    fn name(&self) -> &'static str {
        "gauss-newton"
    }

    fn direction(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop> {
        let n = at.x.len();
        memory.step += 1;
        if n <= self.dense {
            let eigen = whole(oracle, &at.x, Curvature::GaussNewton)?.eigen();
            let size = eigen.values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            let null = n as f64 * T::epsilon().wide() * size;
            let gradient = widened(&at.gradient);
            let mut step = vec![0.0; n];
            for (i, &value) in eigen.values.iter().enumerate().filter(|(_, v)| **v > null) {
                let q = eigen.vector(i);
                let along = -dot(q, &gradient) / value;
                step.iter_mut().zip(q).for_each(|(s, q)| *s += along * q);
            }
            direction.copy_from_slice(&rounded::<T>(&step));
        } else {
            let tolerance = forcing(norm(&at.gradient));
            let options = SolveOptions { tolerance, max_products: self.products, ..SolveOptions::default() };
            let minus: Vec<T> = at.gradient.iter().map(|&g| -g).collect();
            let mut matrix = oracle.linearize(&at.x, Curvature::GaussNewton)?;
            let found = conjugate_gradients(&mut matrix, &minus, &options)?;
            let none = found.x.iter().all(|x| x.is_zero());
            direction.copy_from_slice(if none { &minus } else { &found.x });
        }
        Ok(())
    }
}

/// The dimension up to which matrices are built whole.
pub(in crate::optim) const DENSE: Parameter =
    Parameter::count("dense", 300, "dimension up to which the matrix is built whole");

const PARAMETERS: &[Parameter] = &[DENSE, PRODUCTS];

pub(in crate::optim) const fn gauss_newton<T: Scalar>() -> Entry<T> {
    Entry {
        name: "gauss-newton",
        summary: "Gauss-Newton steps with a line search, for least squares and losses of outputs",
        source: "Nocedal & Wright 2006, §10.3",
        family: Family::Newton,
        cost: "n products (or those of conjugate gradients), a gradient, a value a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            let descent = GaussNewton { dense: values[0] as usize, products: values[1] as u64 };
            Optimizer::Iteration(Box::new(LineSearch { descent, length: FROM_ONE }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    /// Rosenbrock as ½‖r‖², r = √2 (10 (y − x²), 1 − x): J is square, and Gauss-Newton from (−1.2, 1)
    /// reaches x = 1 with its first full step, y = x² with the second.
    #[test]
    fn rosenbrock_by_residuals_takes_a_few_steps() {
        let f = samples::rosenbrock_residuals();
        for dense in [10, 1] {
            let oracle = Oracle::new(&f);
            let method = LineSearch { descent: GaussNewton { dense, products: 50 }, length: FROM_ONE };
            let mut state = begin(&oracle, &method, vec![-1.2, 1.0]).unwrap();
            let outcome = minimize(&oracle, &method, &Limits::default(), &mut state, &mut |_| ());
            assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
            assert!(outcome.iterations <= 35, "{dense}: {}", outcome.iterations);
            assert!(state.point.x.iter().all(|x: &f64| (x - 1.0).abs() < 1e-8));
        }
    }

    #[test]
    fn an_objective_without_the_matrix_says_so() {
        let f = samples::rosenbrock(2);
        let oracle = Oracle::new(&f);
        let method = LineSearch { descent: GaussNewton { dense: 10, products: 50 }, length: FROM_ONE };
        let mut state = begin(&oracle, &method, vec![-1.2, 1.0]).unwrap();
        let outcome = minimize(&oracle, &method, &Limits::default(), &mut state, &mut |_| ());
        let lacks =
            matches!(outcome.ending, Ending::Stopped(Stop::Lacks { curvature: Curvature::GaussNewton, .. }));
        assert!(lacks, "{}", outcome.ending);
    }
}
