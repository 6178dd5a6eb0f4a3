//! Evolution with an adapted covariance.

use basin::{CostFunction, DenseMatrix, Executor};

use super::{Ended, Evaluations, Foreign, Halt, ended};
use crate::Scalar;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// A normal distribution whose mean, size and covariance follow the better half of its samples, by
/// the crate `basin`; it ends when the distribution's largest deviation is below 1e-11 (pycma's `tolx`).
///
/// Cost: λ values an iteration, and n³ for the covariance's eigenvectors. Source: Hansen, *The
/// CMA evolution strategy: a tutorial* (2016).
#[derive(Clone, Copy, Debug, PartialEq)]
struct CmaEs {
    /// σ at first.
    deviation: f64,
    /// λ; `None` is 4 + ⌊3 ln n⌋.
    population: Option<usize>,
    seed: u64,
}

const SMALLEST: f64 = 1e-11;

impl Foreign for CmaEs {
    fn name(&self) -> &'static str {
        "cma-es"
    }

    fn run<T: Scalar>(
        &self,
        problem: Evaluations<'_, '_, '_, T>,
        x: Vec<f64>,
        iterations: u64,
    ) -> Result<Ended, Halt> {
        let mut solver = basin::CmaEs::<Vec<f64>, DenseMatrix>::new(self.seed, self.deviation)
            .with_absolute_distribution_size_tolerance(SMALLEST);
        if let Some(population) = self.population {
            solver = solver.with_lambda(population);
        }
        // The start counts as found, though it is not among the samples.
        problem.cost(&x)?;
        ended(Executor::from_start(problem, solver, x).max_iter(iterations).run())
    }
}

/// A number of samples; 0 leaves it to the method.
pub(super) const POPULATION: Parameter = Parameter::number(
    "population",
    0.0,
    "samples an iteration; 0 for the usual number in this dimension",
    "0 or a whole number from 4",
    |value| value == 0.0 || (value.fract() == 0.0 && (4.0..=1e6).contains(&value)),
);

pub(in crate::optim) const fn cma_es<T: Scalar>() -> Entry<T> {
    Entry {
        name: "cma-es",
        summary: "samples from a normal distribution that adapts (from the crate basin)",
        source: "Hansen 2016",
        family: Family::DerivativeFree,
        cost: "4 + ⌊3 ln n⌋ values",
        rate: None,
        parameters: const {
            &[
                Parameter::positive("deviation", 0.3, "standard deviation of the first samples, σ"),
                POPULATION,
                Parameter::seed(),
            ]
        },
        build: |values, _| {
            let population = (values[1] > 0.0).then_some(values[1] as usize);
            Optimizer::Solver(Box::new(CmaEs { deviation: values[0], population, seed: values[2] as u64 }))
        },
    }
}
