//! The crate's trust region.

use basin::Executor;

use super::{Ended, Evaluations, Foreign, Halt, ended};
use crate::Scalar;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// A trust region about each point in which conjugate gradients minimize the quadratic model, by
/// the crate `basin`.
///
/// Source: Steihaug, *The conjugate gradient method and trust regions in large scale
/// optimization*, SIAM J. Numer. Anal. 20 (1983).
#[derive(Clone, Copy, Debug, PartialEq)]
struct TrustRegion {
    radius: f64,
    largest: f64,
}

impl Foreign for TrustRegion {
    fn name(&self) -> &'static str {
        "basin-trust-region"
    }

    fn run<T: Scalar>(
        &self,
        problem: Evaluations<'_, '_, '_, T>,
        x: Vec<f64>,
        iterations: u64,
    ) -> Result<Ended, Halt> {
        let solver = basin::TrustRegion::matrix_free().with_radius(self.radius).with_max_radius(self.largest);
        ended(Executor::from_start(problem, solver, x).max_iter(iterations).run())
    }
}

pub(in crate::optim) const fn basin_trust_region<T: Scalar>() -> Entry<T> {
    Entry {
        name: "basin-trust-region",
        summary: "the trust region of the crate basin, for comparison",
        source: "Steihaug 1983",
        family: Family::Newton,
        cost: "a value, a gradient, and a Hessian product for each step of conjugate gradients",
        rate: None,
        parameters: const {
            &[
                Parameter::positive("radius", 1.0, "the first radius"),
                Parameter::positive("largest", 100.0, "the largest radius"),
            ]
        },
        build: |values, _| {
            Optimizer::Solver(Box::new(TrustRegion { radius: values[0], largest: values[1].max(values[0]) }))
        },
    }
}
