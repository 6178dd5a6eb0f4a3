//! Nelder and Mead's simplex.

use basin::Executor;

use super::{Ended, Evaluations, Foreign, Halt, ended};
use crate::Scalar;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// The simplex of n + 1 points whose highest is reflected, pulled in or pushed out, by the crate
/// `basin`; it ends when the simplex and its values are both small (1e-8).
///
/// Known to end at points that are not stationary, and to be slow from about ten dimensions on.
/// Cost: one or two values an iteration, n for a shrinkage. Source: Nelder & Mead, *A simplex method
/// for function minimization*, Comput. J. 7 (1965); with `adaptive`, the coefficients of Gao & Han,
/// Comput. Optim. Appl. 51 (2012), which depend on n.
#[derive(Clone, Copy, Debug, PartialEq)]
struct NelderMead {
    adaptive: bool,
}

impl Foreign for NelderMead {
    fn name(&self) -> &'static str {
        "nelder-mead"
    }

    fn run<T: Scalar>(
        &self,
        problem: Evaluations<'_, '_, '_, T>,
        x: Vec<f64>,
        iterations: u64,
    ) -> Result<Ended, Halt> {
        let solver = if self.adaptive { basin::NelderMead::adaptive() } else { basin::NelderMead::new() };
        ended(Executor::from_start(problem, solver, x).max_iter(iterations).run())
    }
}

pub(in crate::optim) const fn nelder_mead<T: Scalar>() -> Entry<T> {
    Entry {
        name: "nelder-mead",
        summary: "a simplex that walks downhill (from the crate basin)",
        source: "Nelder & Mead 1965; Gao & Han 2012",
        family: Family::DerivativeFree,
        cost: "one or two values",
        rate: None,
        parameters: const {
            &[Parameter::choice(
                "coefficients",
                &["standard", "adaptive"],
                "Nelder and Mead's, or by dimension",
            )]
        },
        build: |values, _| Optimizer::Solver(Box::new(NelderMead { adaptive: values[0] == 1.0 })),
    }
}
