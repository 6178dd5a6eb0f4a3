//! Newton's method with conjugate gradients inside.

use super::newton::FROM_ONE;
use crate::krylov::{SolveOptions, conjugate_gradients};
use crate::optim::descent::{Descent, LineSearch};
use crate::optim::method::Memory;
use crate::optim::minimize::Point;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::norm;
use crate::{Curvature, Oracle, Scalar, Stop};

/// An approximate solution of ∇²f(x) d = −∇f(x) by conjugate gradients.
///
/// The residual is brought to min(η, √‖∇f‖) ‖∇f‖, which makes convergence superlinear, at rate 3/2,
/// near a minimum. The book has η = ½; 0.4 is as good on average, and along curved valleys, where looser
/// steps are cut short by the search, takes a tenth less. At the first direction without positive curvature the iterate before it is taken, or
/// −∇f if there is none. Cost: as many products as conjugate gradients take. Source: Nocedal & Wright
/// (2006), Algorithm 7.1 (line-search Newton-CG); Dembo & Steihaug (1983).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewtonCg {
    /// Products a step at most.
    pub products: u64,
    /// η.
    pub forcing: f64,
}

impl<T: Scalar> Descent<T> for NewtonCg {
    fn name(&self) -> &'static str {
        "newton-cg"
    }

    fn direction(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop> {
        let options = SolveOptions {
            tolerance: forcing(norm(&at.gradient)).min(self.forcing),
            max_products: self.products,
            ..SolveOptions::default()
        };
        let minus: Vec<T> = at.gradient.iter().map(|&g| -g).collect();
        let mut hessian = oracle.linearize(&at.x, Curvature::Hessian)?;
        let found = conjugate_gradients(&mut hessian, &minus, &options)?;
        let none = found.x.iter().all(|x| x.is_zero());
        direction.copy_from_slice(if none { &minus } else { &found.x });
        memory.step += 1;
        Ok(())
    }
}

/// min(½, √‖∇f‖): the relative accuracy of a truncated Newton step.
pub(in crate::optim) fn forcing(gradient_norm: f64) -> f64 {
    gradient_norm.sqrt().min(0.5)
}

/// Products that an inner solver may spend on a step.
pub(in crate::optim) const PRODUCTS: Parameter =
    Parameter::count("products", 1000, "products that a step's inner solver may spend");

const PARAMETERS: &[Parameter] = &[
    PRODUCTS,
    Parameter::number(
        "forcing",
        0.4,
        "relative residual that is enough for a step, η",
        "a number in (0, 0.5]",
        |v| v > 0.0 && v <= 0.5,
    ),
];

pub(in crate::optim) const fn newton_cg<T: Scalar>() -> Entry<T> {
    Entry {
        name: "newton-cg",
        summary: "truncated Newton steps by conjugate gradients, and a line search",
        source: "Nocedal & Wright 2006, Algorithm 7.1",
        family: Family::Newton,
        cost: "products of conjugate gradients, a gradient, a value a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            let descent = NewtonCg { products: values[0] as u64, forcing: values[1] };
            Optimizer::Iteration(Box::new(LineSearch { descent, length: FROM_ONE }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    #[test]
    fn rosenbrock_in_fifty_dimensions_is_solved() {
        let f = samples::rosenbrock(50);
        let oracle = Oracle::new(&f);
        let method = LineSearch { descent: NewtonCg { products: 1000, forcing: 0.4 }, length: FROM_ONE };
        let start: Vec<f64> = (0..50).map(|i| if i % 2 == 0 { -1.2 } else { 1.0 }).collect();
        let mut state = begin(&oracle, &method, start).unwrap();
        let outcome = minimize(&oracle, &method, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!(outcome.iterations < 250, "{}", outcome.iterations);
    }

    /// On the first direction, −g, the saddle curves downwards: the step is −g itself.
    #[test]
    fn negative_curvature_at_once_leaves_the_gradient() {
        let f = samples::diagonal(&[1.0, -3.0]);
        let oracle = Oracle::new(&f);
        let at = Point { x: vec![0.1, 1.0], value: 0.0, gradient: vec![0.1, -3.0] };
        let mut d = [0.0; 2];
        let rule = NewtonCg { products: 10, forcing: 0.4 };
        rule.direction(&oracle, &mut Memory::default(), &at, &mut d).unwrap();
        assert_eq!(d, [-0.1, 3.0]);
    }
}
