//! Negative curvature from differences of gradients: Neon2.

mod find;

use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{displaced, norm};
use crate::{Oracle, Scalar, Stop};
pub use find::Neon2Search;

/// Gradient descent that calls [`Neon2Search`] where the gradient is small, and moves δ/L₂ along what
/// it finds.
///
/// Where ‖∇f‖ > ε, x ← x − η∇f(x). Else the search returns a unit v with vᵀ∇²f(x)v ≤ −δ/2 and x ← x ±
/// (δ/L₂)v, or it finds none and x is an approximate local minimum. The paper draws the sign at random,
/// which suffices on average; here the lower of the two points is taken. After that the method is
/// settled; limits that ask for a smaller gradient let it go on with plain steps.
///
/// Source: Allen-Zhu & Li, *Neon2: finding local minima via first-order oracles* (2018), with gradient
/// descent as the method that finds stationary points. Cost: a gradient, and those of the search; no
/// products.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neon2 {
    /// η.
    pub rate: f64,
    /// ε.
    pub gradient: f64,
    /// L₂: a Lipschitz constant of the Hessian.
    pub hessian_lipschitz: f64,
    /// How negative curvature is looked for.
    pub search: Neon2Search,
}

impl<T: Scalar> Iteration<T> for Neon2 {
    fn name(&self) -> &'static str {
        "neon2"
    }

    /// 1 once no negative curvature was found.
    fn init(&self, _: usize) -> Memory<T> {
        Memory { scalars: vec![0.0], ..Memory::zeros(0, 0) }
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let index = memory.step;
        memory.step += 1;
        let mut length = -self.rate;
        let mut direction = &at.gradient;
        let found;
        if memory.scalars[0] == 0.0 && norm(&at.gradient) <= self.gradient {
            match self.search.run(oracle, at, index)? {
                Some(v) => {
                    found = v;
                    direction = &found;
                    length = self.search.curvature / self.hessian_lipschitz;
                    let mut points = vec![T::zero(); 2 * at.x.len()];
                    let (plus, minus) = points.split_at_mut(at.x.len());
                    displaced(&at.x, &[(length, &found)], plus);
                    displaced(&at.x, &[(-length, &found)], minus);
                    let mut values = [0.0; 2];
                    oracle.values(&points, &mut values)?;
                    if values[1] < values[0] {
                        length = -length;
                    }
                }
                None => memory.scalars[0] = 1.0,
            }
        }
        displaced(&at.x, &[(length, direction)], &mut next.x);
        next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        Ok(Some(length.abs()))
    }

    fn settled(&self, _: &Oracle<'_, T>, memory: &Memory<T>, _: &Point<T>) -> Result<bool, Stop> {
        Ok(memory.scalars[0] != 0.0)
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter::choice("search", &["det", "online"], "full gradients, or those of minibatches"),
    Parameter::positive("rate", 1e-2, "learning rate, η"),
    Parameter::positive("gradient", 1e-4, "gradient norm from which on curvature is looked for, ε"),
    Parameter::positive("curvature", 1e-2, "negative curvature to be found, δ"),
    Parameter::positive("smoothness", 100.0, "Lipschitz constant of the gradient, L"),
    Parameter::positive("lipschitz", 1.0, "Lipschitz constant of the Hessian, L₂"),
    Parameter::positive("start", 1e-4, "distance at which a search begins, σ"),
    Parameter::positive("growth", 100.0, "growth of the distance that proves negative curvature, r/σ"),
    Parameter::positive("constant", 1.0, "constant in the number of a search's steps, C"),
    Parameter::number("failure", 0.1, "probability of failure, p", "a number in (0, 1)", |v| {
        v > 0.0 && v < 1.0
    }),
    Parameter::count("batch", 32, "online: examples of a minibatch"),
    Parameter::seed(),
];

pub(in crate::optim) const fn neon2<T: Scalar>() -> Entry<T> {
    Entry {
        name: "neon2",
        summary: "gradient descent, with negative curvature from differences of gradients",
        source: "Allen-Zhu & Li 2018",
        family: Family::SaddleAware,
        cost: "a gradient; where it is small, those of a search",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            let search = Neon2Search {
                online: values[0] == 1.0,
                curvature: values[3],
                smoothness: values[4],
                start: values[6],
                growth: values[7],
                constant: values[8],
                failure: values[9],
                batch: values[10] as usize,
                seed: values[11] as u64,
            };
            Optimizer::Iteration(Box::new(Neon2 {
                rate: values[1],
                gradient: values[2],
                hessian_lipschitz: values[5],
                search,
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    #[test]
    fn the_saddle_is_left() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let search = Neon2Search {
            online: false,
            curvature: 0.1,
            smoothness: 20.0,
            start: 1e-4,
            growth: 100.0,
            constant: 1.0,
            failure: 0.1,
            batch: 1,
            seed: 0,
        };
        let rule = Neon2 { rate: 0.05, gradient: 1e-4, hessian_lipschitz: 1.0, search };
        let mut state = begin(&oracle, &rule, vec![1.0f64, 0.0]).unwrap();
        let outcome = minimize(&oracle, &rule, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!((state.point.value + 1.0).abs() < 1e-12);
        assert_eq!(outcome.counts.products, 0);
    }
}
