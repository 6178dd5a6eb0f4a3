//! The natural gradient with conjugate gradients inside.

use super::newton_cg::{PRODUCTS, forcing};
use super::trial::attempt;
use crate::krylov::{SolveOptions, SymmetricOperator, conjugate_gradients};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// Steps (F + λI) s = −∇f(x) with the Fisher matrix F, by conjugate gradients.
///
/// F is the metric of the model's distributions (Amari 1998), so that without damping the direction
/// does not depend on how the model is parametrized; for losses whose model has natural parameters it
/// is the generalized Gauss-Newton matrix (Martens 2020, *New insights and perspectives on the natural
/// gradient method*, §9). The step is the whole natural gradient, as the minimizer of the model ∇fᵀs +
/// ½sᵀFs, and λ follows Martens' Levenberg-Marquardt rule (2010, §4.1): with the ratio ϱ of the fall of
/// f to that of the model, λ ← λ·3/2 if ϱ < ¼, λ ← λ·2/3 if ϱ > ¾. A step that does not lower f is made
/// anew with 4λ.
///
/// Cost: products of conjugate gradients to a residual of min(½, √‖∇f‖)‖∇f‖, and one more a trial;
/// needs an objective with a Fisher matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NaturalGradient {
    /// λ before the first step.
    pub damping: f64,
    /// Products a step at most.
    pub products: u64,
}

impl<T: Scalar> Iteration<T> for NaturalGradient {
    fn name(&self) -> &'static str {
        "natural-gradient"
    }

    /// λ.
    fn init(&self, _: usize) -> Memory<T> {
        Memory { scalars: vec![self.damping], ..Memory::zeros(0, 0) }
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        memory.step += 1;
        let mut damping = memory.scalars[0];
        let minus: Vec<T> = at.gradient.iter().map(|&g| -g).collect();
        let mut fisher = oracle.linearize(&at.x, Curvature::Fisher)?;
        let mut product = vec![T::zero(); at.x.len()];
        loop {
            let tolerance = forcing(norm(&minus));
            let options = SolveOptions {
                shift: damping,
                tolerance,
                max_products: self.products,
                ..SolveOptions::default()
            };
            let step = conjugate_gradients(&mut fisher, &minus, &options)?.x;
            fisher.apply(&step, &mut product)?;
            let predicted = dot(&minus, &step) - 0.5 * dot(&step, &product);
            let Some(ratio) = attempt(oracle, at, &step, predicted, next)? else { return Ok(None) };
            if ratio <= 0.0 {
                damping = (4.0 * damping).max(f64::MIN_POSITIVE);
                continue;
            }
            if ratio < 0.25 {
                damping *= 1.5;
            } else if ratio > 0.75 {
                damping /= 1.5;
            }
            memory.scalars[0] = damping;
            return Ok(Some(norm(&step)));
        }
    }
}

const PARAMETERS: &[Parameter] =
    &[Parameter::positive("damping", 1.0, "damping before the first step, λ"), PRODUCTS];

pub(in crate::optim) const fn natural_gradient<T: Scalar>() -> Entry<T> {
    Entry {
        name: "natural-gradient",
        summary: "natural-gradient steps with adaptive damping, for losses of distributions",
        source: "Amari 1998; Martens 2010, 2020",
        family: Family::Newton,
        cost: "products of conjugate gradients, a gradient a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            Optimizer::Iteration(Box::new(NaturalGradient { damping: values[0], products: values[1] as u64 }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    /// f = (x² + 10y²)/2 from (1, 1), λ = 1: s = −g/(λᵢ + 1) = (−1/2, −10/11) in two products, f falls
    /// from 5.5 to 1/8 + 5/121, the model as much, so λ becomes 2/3.
    #[test]
    fn the_first_step_is_the_damped_solution() {
        let f = samples::diagonal(&[1.0, 10.0]);
        let oracle = Oracle::new(&f);
        let rule = NaturalGradient { damping: 1.0, products: 50 };
        let mut state = begin(&oracle, &rule, vec![1.0f64, 1.0]).unwrap();
        let limits = Limits { iterations: 1, ..Limits::default() };
        minimize(&oracle, &rule, &limits, &mut state, &mut |_| ());
        assert_eq!(state.memory.scalars, [1.0 / 1.5]);
        // Conjugate gradients stop at a residual of half the gradient: one product, along −g.
        let length = (1.0 + 100.0) / (1.0 * 2.0 + 100.0 * 11.0);
        assert!((state.point.x[0] - (1.0 - length)).abs() < 1e-12);
        let outcome = minimize(&oracle, &rule, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
    }
}
