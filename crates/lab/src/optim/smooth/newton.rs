//! Newton's method with a line search.

use super::cholesky;
use super::trial::{rounded, whole, widened};
use crate::optim::descent::{Descent, LineSearch};
use crate::optim::line::{Backtracking, Guess, StepLength};
use crate::optim::method::Memory;
use crate::optim::minimize::Point;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::dot;
use crate::{Curvature, Oracle, Scalar, Stop};

/// The direction −B⁻¹∇f(x), where B is the Hessian, changed as far as it takes to be positive definite.
///
/// Where the Hessian is positive definite, this is Newton's step, and with unit
/// lengths convergence near a minimum is quadratic. Away from one, negative curvature is lifted, not
/// used: on a saddle's stable manifold the method goes to the saddle.
/// Cost: n products and O(n³) operations a step, so for n up to about a thousand.
/// Source: Nocedal & Wright, *Numerical Optimization* (2006), §3.4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Newton {
    /// What is done to a Hessian that is not positive definite.
    pub modification: Modification,
}

/// How a Hessian is made positive definite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Modification {
    /// B = H + τI with the first τ that has a Cholesky factor, of 0 (or β − minᵢ Hᵢᵢ if a diagonal
    /// entry is not positive) and then doubled, at least β: Nocedal & Wright, Algorithm 3.3.
    Multiple {
        /// β.
        shift: f64,
    },
    /// Eigenvalues below δ‖H‖ are raised to it: Nocedal & Wright, eqs. 3.41 and 3.42, where δ is √ε.
    Eigenvalues {
        /// δ.
        floor: f64,
    },
}

impl<T: Scalar> Descent<T> for Newton {
    fn name(&self) -> &'static str {
        "newton"
    }

    fn direction(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop> {
        let n = at.x.len();
        let hessian = whole(oracle, &at.x, Curvature::Hessian)?;
        let mut step: Vec<f64> = at.gradient.iter().map(|g| -g.wide()).collect();
        match self.modification {
            Modification::Multiple { shift } => {
                let lowest = hessian.diagonal().into_iter().fold(f64::INFINITY, f64::min);
                let mut tau = if lowest > 0.0 { 0.0 } else { shift - lowest };
                let factor = loop {
                    match cholesky::factor(&hessian.entries, n, tau, &[]) {
                        Ok(factor) => break factor,
                        Err(_) => tau = (2.0 * tau).max(shift),
                    }
                };
                cholesky::solve(&factor, n, &mut step);
            }
            Modification::Eigenvalues { floor } => {
                let eigen = hessian.eigen();
                let size = eigen.values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
                let least = (floor * size).max(f64::MIN_POSITIVE);
                let minus = widened(&at.gradient);
                step.fill(0.0);
                for (i, &value) in eigen.values.iter().enumerate() {
                    let q = eigen.vector(i);
                    let along = -dot(q, &minus) / value.max(least);
                    step.iter_mut().zip(q).for_each(|(s, q)| *s += along * q);
                }
            }
        }
        direction.copy_from_slice(&rounded::<T>(&step));
        memory.step += 1;
        Ok(())
    }
}

/// Unit lengths first, halved until Armijo's condition holds.
pub(super) const FROM_ONE: StepLength =
    StepLength::Backtracking(Backtracking { guess: Guess::Unit, longest: 1.0, shrink: 0.5, decrease: 1e-4 });

const PARAMETERS: &[Parameter] = &[
    Parameter::choice("modification", &["multiple", "eigenvalues"], "what makes the Hessian definite"),
    Parameter::positive("shift", 1e-3, "least multiple of the identity that is added, β"),
    Parameter::positive("floor", 1.5e-8, "least eigenvalue, relative to the Hessian's norm, δ"),
];

pub(in crate::optim) const fn newton<T: Scalar>() -> Entry<T> {
    Entry {
        name: "newton",
        summary: "Newton's step with the Hessian made positive definite, and a line search",
        source: "Nocedal & Wright 2006, §3.4, Algorithm 3.3",
        family: Family::Newton,
        cost: "n products, a gradient, a value a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            let modification = if values[0] == 0.0 {
                Modification::Multiple { shift: values[1] }
            } else {
                Modification::Eigenvalues { floor: values[2] }
            };
            Optimizer::Iteration(Box::new(LineSearch { descent: Newton { modification }, length: FROM_ONE }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    fn run(modification: Modification, iterations: u64) -> (Vec<f64>, f64, u64) {
        let f = samples::rosenbrock(2);
        let oracle = Oracle::new(&f);
        let method = LineSearch { descent: Newton { modification }, length: FROM_ONE };
        let mut state = begin(&oracle, &method, vec![-1.2, 1.0]).unwrap();
        let limits = Limits { iterations, gradient_absolute: 1e-10, ..Limits::default() };
        let outcome = minimize(&oracle, &method, &limits, &mut state, &mut |_| ());
        assert!(!matches!(outcome.ending, Ending::Stopped(_)), "{}", outcome.ending);
        (state.point.x, outcome.gradient_norm, outcome.iterations)
    }

    #[test]
    fn rosenbrock_takes_about_twenty_steps_and_the_last_are_quadratic() {
        for modification in
            [Modification::Multiple { shift: 1e-3 }, Modification::Eigenvalues { floor: 1.5e-8 }]
        {
            let (x, slope, steps) = run(modification, 100);
            assert!(slope <= 1e-10 && (18..=25).contains(&steps), "{steps} {slope}");
            assert!((x[0] - 1.0).abs() < 1e-10 && (x[1] - 1.0).abs() < 1e-10);
            let before = run(modification, steps - 1).1;
            let earlier = run(modification, steps - 2).1;
            assert!(before < 1e-2 && before <= 500.0 * earlier * earlier, "{earlier} {before}");
        }
    }

    /// H = diag(3, −2), g = (3, −2)·(1, 1): the first shift that works is β − (−2).
    #[test]
    fn an_indefinite_hessian_is_shifted_or_raised() {
        let f = samples::diagonal(&[3.0, -2.0]);
        let oracle = Oracle::new(&f);
        let mut at = Point { x: vec![1.0, 1.0], value: 0.0, gradient: vec![0.0; 2] };
        at.value = oracle.value_grad(&at.x, &mut at.gradient).unwrap();
        let mut d = [0.0f64; 2];
        let newton = Newton { modification: Modification::Multiple { shift: 0.5 } };
        newton.direction(&oracle, &mut Memory::default(), &at, &mut d).unwrap();
        assert!((d[0] + 3.0 / 5.5).abs() < 1e-14 && (d[1] - 2.0 / 0.5).abs() < 1e-14);
        let newton = Newton { modification: Modification::Eigenvalues { floor: 0.1 } };
        newton.direction(&oracle, &mut Memory::default(), &at, &mut d).unwrap();
        assert!((d[0] + 1.0).abs() < 1e-14 && (d[1] - 2.0 / 0.3).abs() < 1e-13);
    }
}
