//! The crate's L-BFGS.

use basin::Executor;

use super::{Ended, Evaluations, Foreign, Halt, ended};
use crate::Scalar;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// L-BFGS with Moré and Thuente's search, by the crate `basin`.
///
/// Source: Nocedal, *Updating quasi-Newton matrices with limited storage*, Math. Comp. 35 (1980).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lbfgs {
    pairs: usize,
}

impl Foreign for Lbfgs {
    fn name(&self) -> &'static str {
        "basin-lbfgs"
    }

    fn run<T: Scalar>(
        &self,
        problem: Evaluations<'_, '_, '_, T>,
        x: Vec<f64>,
        iterations: u64,
    ) -> Result<Ended, Halt> {
        let solver = basin::Lbfgs::<Vec<f64>>::new().unbounded().with_m_capacity(self.pairs);
        ended(Executor::from_start(problem, solver, x).max_iter(iterations).run())
    }
}

pub(in crate::optim) const fn basin_lbfgs<T: Scalar>() -> Entry<T> {
    Entry {
        name: "basin-lbfgs",
        summary: "L-BFGS of the crate basin, for comparison",
        source: "Nocedal 1980",
        family: Family::QuasiNewton,
        cost: "a gradient a trial, mostly one; 4mn multiplications",
        rate: None,
        parameters: const { &[Parameter::count("memory", 10, "pairs of steps that are remembered, m")] },
        build: |values, _| Optimizer::Solver(Box::new(Lbfgs { pairs: values[0] as usize })),
    }
}
