//! Gradient descent.

use crate::optim::descent::{Descent, LineSearch};
use crate::optim::line::{CHOICES, Guess, StepLength, chosen};
use crate::optim::method::Memory;
use crate::optim::minimize::{self, Limits, Outcome, Point, State};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::{Oracle, Scalar, Stop};

/// The direction −∇f(x) (Cauchy 1847).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SteepestDescent;

impl<T: Scalar> Descent<T> for SteepestDescent {
    fn name(&self) -> &'static str {
        "gd"
    }

    fn direction(
        &self,
        _: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop> {
        for (d, &g) in direction.iter_mut().zip(&at.gradient) {
            *d = -g;
        }
        memory.step += 1;
        Ok(())
    }
}

/// Gradient descent with full gradients, x ← x − α ∇f(x), from x until a limit is reached.
///
/// With a constant α and eigenvalues λ of a quadratic's Hessian, the error along
/// each eigenvector shrinks by 1 − αλ a step; it grows where αλ > 2 or λ < 0.
/// Cost: a gradient an iteration, and with backtracking a value a trial.
///
/// # Errors
/// If f or its gradient cannot be had or is not finite at the starting point.
pub fn gradient_descent<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: Vec<T>,
    length: StepLength,
    limits: &Limits,
) -> Result<(State<T>, Outcome), Stop> {
    let iteration = LineSearch { descent: SteepestDescent, length };
    let mut state = minimize::begin(oracle, &iteration, x)?;
    let outcome = minimize::minimize(oracle, &iteration, limits, &mut state, &mut |_| ());
    Ok((state, outcome))
}

/// The searches, and the constant step.
const LINES: &[&str] = &{
    let mut lines = ["constant"; CHOICES.len() + 1];
    let mut i = 0;
    while i < CHOICES.len() {
        lines[i] = CHOICES[i];
        i += 1;
    }
    lines
};

pub(in crate::optim) const fn gd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "gd",
        summary: "steepest descent",
        source: "Cauchy 1847; Armijo 1966",
        family: Family::QuasiNewton,
        cost: "a gradient, and a value a trial",
        rate: None,
        parameters: const {
            &[
                Parameter::choice("line", LINES, "step length; a search begins at twice the last one"),
                Parameter::positive("step", 1e-2, "length of constant steps, α"),
            ]
        },
        build: |values, _| {
            let length = match LINES[values[0] as usize] {
                "constant" => StepLength::Constant(values[1]),
                _ => chosen(values[0], Guess::Last { growth: 2.0 }, 0.9),
            };
            Optimizer::Iteration(Box::new(LineSearch { descent: SteepestDescent, length }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Backtracking, Ending};
    use crate::samples;

    #[test]
    fn errors_shrink_by_one_minus_rate_times_eigenvalue() {
        let spectrum = [0.5, 2.0, 9.0];
        let f = samples::diagonal(&spectrum);
        let limits = Limits { iterations: 25, ..Limits::default() };
        let (state, outcome) =
            gradient_descent(&Oracle::new(&f), vec![1.0; 3], StepLength::Constant(0.1), &limits).unwrap();
        for (x, lambda) in state.point.x.iter().zip(spectrum) {
            assert!((x - (1.0f64 - 0.1 * lambda).powi(25)).abs() < 1e-15);
        }
        assert!(matches!(outcome.ending, Ending::Iterations { limit: 25, .. }));
        assert_eq!((outcome.counts.gradients, outcome.counts.values), (26, 0));
    }

    #[test]
    fn backtracking_finds_rosenbrocks_minimum() {
        let f = samples::rosenbrock(2);
        let length = StepLength::Backtracking(Backtracking::default());
        let limits = Limits { iterations: 200_000, gradient_absolute: 1e-6, ..Limits::default() };
        let (state, outcome) = gradient_descent(&Oracle::new(&f), vec![-1.2, 1.0], length, &limits).unwrap();
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!(state.point.x.iter().all(|x: &f64| (x - 1.0).abs() < 1e-5), "{:?}", state.point.x);
    }

    #[test]
    fn too_long_a_step_diverges_with_evidence() {
        let f = samples::diagonal(&[30.0]);
        let (_, outcome) =
            gradient_descent(&Oracle::new(&f), vec![1.0], StepLength::Constant(0.1), &Limits::default())
                .unwrap();
        let Ending::Diverged { value, start: 15.0 } = outcome.ending else { panic!("{}", outcome.ending) };
        assert!(value > 15e6 && value < 15e6 * 5.0);
    }
}
