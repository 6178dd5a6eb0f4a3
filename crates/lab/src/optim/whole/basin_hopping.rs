//! Basin hopping.

use basin::{Executor, Lbfgs};

use super::{Ended, Evaluations, Foreign, Halt, ended};
use crate::Scalar;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Random displacements, each followed by L-BFGS to a minimum, which is kept by Metropolis' rule at a
/// temperature, by the crate `basin`. The displacements adapt to an acceptance of one half.
///
/// Cost: a minimization a hop. Source: Wales & Doye, *Global optimization by basin-hopping*, J. Phys.
/// Chem. A 101 (1997); the adaptation and the defaults are SciPy's.
#[derive(Clone, Copy, Debug, PartialEq)]
struct BasinHopping {
    hops: u64,
    /// Half the width of a displacement.
    displacement: f64,
    temperature: f64,
    seed: u64,
}

impl Foreign for BasinHopping {
    fn name(&self) -> &'static str {
        "basin-hopping"
    }

    fn most(&self) -> Option<u64> {
        Some(self.hops)
    }

    fn run<T: Scalar>(
        &self,
        problem: Evaluations<'_, '_, '_, T>,
        x: Vec<f64>,
        iterations: u64,
    ) -> Result<Ended, Halt> {
        let inner = Lbfgs::<Vec<f64>>::new().unbounded().with_absolute_gradient_tolerance(GRADIENT);
        let solver = basin::BasinHopping::new(inner, self.seed)
            .with_stepsize(self.displacement)
            .with_temperature(self.temperature);
        ended(Executor::from_start(problem, solver, x).max_iter(iterations).run())
    }
}

/// ‖∇f‖ at which a minimization ends.
const GRADIENT: f64 = 1e-6;

pub(in crate::optim) const fn basin_hopping<T: Scalar>() -> Entry<T> {
    Entry {
        name: "basin-hopping",
        summary: "jumps from minimum to minimum (from the crate basin)",
        source: "Wales & Doye 1997",
        family: Family::QuasiNewton,
        cost: "a minimization by L-BFGS",
        rate: None,
        parameters: const {
            &[
                Parameter::count("hops", 100, "how many"),
                Parameter::positive("displacement", 0.5, "half the width of the first displacements"),
                Parameter::positive("temperature", 1.0, "rise of f that is accepted with a chance of 1/e"),
                Parameter::seed(),
            ]
        },
        build: |values, _| {
            Optimizer::Solver(Box::new(BasinHopping {
                hops: values[0] as u64,
                displacement: values[1],
                temperature: values[2],
                seed: values[3] as u64,
            }))
        },
    }
}
