//! Differential evolution.

use basin::{BoxBounds, Constrained, ConstraintSet, CostFunction, De, Executor, PopulationProgress};

use super::cma_es::POPULATION;
use super::{Ended, Evaluations, Foreign, Halt, ended};
use crate::Scalar;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// A population in the box |x − x₀| ≤ r whose members are replaced by better mixtures a + F (b − c) of
/// three others (DE/rand/1/bin), by the crate `basin`, for a number of generations.
///
/// Cost: one value a member and generation. What lies outside the box is not found. Source: Storn &
/// Price, *Differential evolution*, J. Global Optim. 11 (1997).
#[derive(Clone, Copy, Debug, PartialEq)]
struct DifferentialEvolution {
    /// r.
    radius: f64,
    generations: u64,
    /// `None` is 10 n.
    population: Option<usize>,
    /// F.
    scale: f64,
    /// CR.
    crossover: f64,
    seed: u64,
}

impl Foreign for DifferentialEvolution {
    fn name(&self) -> &'static str {
        "differential-evolution"
    }

    fn most(&self) -> Option<u64> {
        Some(self.generations)
    }

    fn run<T: Scalar>(
        &self,
        problem: Evaluations<'_, '_, '_, T>,
        x: Vec<f64>,
        iterations: u64,
    ) -> Result<Ended, Halt> {
        let mut solver = De::new(self.seed).with_f(self.scale).with_cr(self.crossover);
        if let Some(population) = self.population {
            solver = solver.with_pop_size(population);
        }
        // The start counts as found, though the first members are drawn.
        problem.cost(&x)?;
        let corner = |sign: f64| Some(x.iter().map(|x| x + sign * self.radius).collect::<Vec<f64>>());
        let bounds = BoxBounds::new(corner(-1.0), corner(1.0));
        let boxed = Constrained::new(problem, ConstraintSet::new().with_bounds(bounds));
        ended(Executor::new(boxed, solver, PopulationProgress::empty()).max_iter(iterations).run())
    }
}

pub(in crate::optim) const fn differential_evolution<T: Scalar>() -> Entry<T> {
    Entry {
        name: "differential-evolution",
        summary: "a population that mixes its differences (from the crate basin)",
        source: "Storn & Price 1997",
        family: Family::DerivativeFree,
        cost: "10 n values",
        rate: None,
        parameters: const {
            &[
                Parameter::positive(
                    "radius",
                    5.0,
                    "half the width of the box about the start that is searched",
                ),
                Parameter::count("generations", 1000, "the most generations"),
                POPULATION,
                Parameter::positive("scale", 0.8, "share of a difference that is added, F"),
                Parameter::number(
                    "crossover",
                    0.9,
                    "chance that a coordinate is mixed, CR",
                    "a number in [0, 1]",
                    |value| (0.0..=1.0).contains(&value),
                ),
                Parameter::seed(),
            ]
        },
        build: |values, _| {
            Optimizer::Solver(Box::new(DifferentialEvolution {
                radius: values[0],
                generations: values[1] as u64,
                population: (values[2] > 0.0).then_some(values[2] as usize),
                scale: values[3],
                crossover: values[4],
                seed: values[5] as u64,
            }))
        },
    }
}
