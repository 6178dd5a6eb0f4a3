//! Damped Newton-CG with capped conjugate gradients.

use super::lowest::{GRADIENT, downhill};
use super::noisy::sphere;
use crate::krylov::{CappedOptions, SymmetricOperator, capped_conjugate_gradients, lanczos_until};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::smooth::newton_cg::PRODUCTS;
use crate::optim::smooth::trial::track;
use crate::random::Stream;
use crate::vector::{displaced, dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// Newton-CG with guarantees of complexity: Algorithm 3 of Royer, O'Neill & Wright, *A Newton-CG
/// algorithm with complexity guarantees for smooth unconstrained optimization* (2020).
///
/// Where ‖∇f‖ > ε_g, capped conjugate gradients (Algorithm 1) either solve (H + 2ε_H I) d = −∇f or
/// return d with dᵀHd < −ε_H‖d‖², which is scaled to length |dᵀHd|/‖d‖² and pointed downwards. Where
/// the gradient is smaller, the minimum-eigenvalue oracle (Algorithm 2, by Lanczos from a random
/// vector: min(n, 1 + ½ ln(2.75n/δ²) √(‖H‖/ε_H)) steps) either finds a unit v with vᵀHv ≤ −½ε_H, scaled
/// and pointed likewise, or certifies λ_min ≥ −ε_H, wrongly with probability at most δ; there the paper
/// ends, and here the method is settled; limits that ask for a smaller gradient let it go on with
/// Algorithm 1. Lengths are the first θʲ, j = 0, 1, …, with f(x + αd) < f(x) − ηα³‖d‖³/6; θ = ½.
///
/// The damping 2ε_H makes convergence linear at the end, at a rate of about 2ε_H/λ. Cost: products, a
/// gradient, and a value a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CappedNewton {
    /// ε_g.
    pub gradient: f64,
    /// ε_H; the paper's choice is √ε_g.
    pub curvature: f64,
    /// ζ in (0, 1): the relative accuracy of solutions.
    pub accuracy: f64,
    /// η.
    pub decrease: f64,
    /// δ.
    pub failure: f64,
    /// Products of an iteration at most.
    pub products: u64,
    /// Seed of the oracle's vectors.
    pub seed: u64,
}

impl<T: Scalar> Iteration<T> for CappedNewton {
    fn name(&self) -> &'static str {
        "capped-cg-newton"
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
        let lowest =
            if norm(&at.gradient) <= self.gradient { self.lowest(oracle, &at.x, index)? } else { None };
        let step = match lowest {
            Some((direction, curvature)) => downhill(&direction, curvature.abs(), &at.gradient),
            None => {
                let options = CappedOptions {
                    damping: self.curvature,
                    accuracy: self.accuracy,
                    bound: 0.0,
                    max_products: self.products,
                };
                let mut hessian = oracle.linearize(&at.x, Curvature::Hessian)?;
                let found = capped_conjugate_gradients(&mut hessian, &at.gradient, &options)?;
                match found.curvature {
                    Some(curvature) => downhill(&found.direction, curvature.abs(), &at.gradient),
                    None => found.direction,
                }
            }
        };
        let length = norm(&step);
        let fall = |t: f64| self.decrease / 6.0 * (t * length).powi(3);
        Ok(track(oracle, at, &step, fall, false, next)?.map(|t| t * length))
    }

    fn settled(&self, oracle: &Oracle<'_, T>, memory: &Memory<T>, at: &Point<T>) -> Result<bool, Stop> {
        Ok(self.lowest(oracle, &at.x, memory.step)?.is_none())
    }
}

impl CappedNewton {
    /// The minimum-eigenvalue oracle: v and vᵀHv ≤ −½ε_H, or nothing. ‖H‖ is bounded by the Ritz values
    /// as they come.
    fn lowest<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        x: &[T],
        index: u64,
    ) -> Result<Option<(Vec<T>, f64)>, Stop> {
        let n = x.len();
        let start: Vec<T> = sphere(&mut Stream::new(self.seed, "capped-cg-newton", index), 1.0, n);
        let mut size = 0.0f64;
        let mut enough = |alphas: &[f64], betas: &[f64]| {
            let m = alphas.len();
            // A row's sum of sizes bounds the norm of the tridiagonal matrix.
            let before = if m > 1 { betas[m - 2] } else { 0.0 };
            size = size.max(before + alphas[m - 1].abs() + betas[m - 1]);
            let chance = (2.75 * n as f64 / (self.failure * self.failure)).ln();
            m as f64 >= 1.0 + (0.5 * chance * (size / self.curvature).sqrt()).ceil()
        };
        let steps = n.min(self.products as usize);
        let mut hessian = oracle.linearize(x, Curvature::Hessian)?;
        let process = lanczos_until(&mut hessian, &start, steps, &mut enough)?;
        let eigen = process.eigen();
        let least = (0.5 * self.curvature).max(32.0 * T::epsilon().wide() * size);
        if eigen.values.first().is_none_or(|&value| value > -least) {
            return Ok(None);
        }
        let terms: Vec<(f64, &[T])> =
            eigen.vector(0).iter().copied().zip(process.basis.chunks_exact(n)).collect();
        let mut direction = vec![T::zero(); n];
        displaced(&vec![T::zero(); n], &terms, &mut direction);
        let mut product = direction.clone();
        hessian.apply(&direction, &mut product)?;
        let curvature = dot(&direction, &product) / dot(&direction, &direction);
        Ok((curvature <= -0.5 * least).then_some((direction, curvature)))
    }
}

const PARAMETERS: &[Parameter] = &[
    GRADIENT,
    Parameter::positive("curvature", 3e-3, "damping, and negative curvature that counts as none, ε_H"),
    Parameter::number("accuracy", 0.5, "accuracy of solutions, ζ", "a number in (0, 1)", |v| {
        v > 0.0 && v < 1.0
    }),
    Parameter::positive("decrease", 1e-2, "share of the cubic fall to be made good, η"),
    Parameter::number("failure", 0.01, "probability of a wrong certificate, δ", "a number in (0, 1)", |v| {
        v > 0.0 && v < 1.0
    }),
    PRODUCTS,
    Parameter::seed(),
];

pub(in crate::optim) const fn capped_newton<T: Scalar>() -> Entry<T> {
    Entry {
        name: "capped-cg-newton",
        summary: "damped Newton-CG that proves negative curvature or progress",
        source: "Royer, O'Neill & Wright 2020, Algorithms 1 to 3",
        family: Family::SaddleAware,
        cost: "products of capped conjugate gradients, a gradient, a value a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            Optimizer::Iteration(Box::new(CappedNewton {
                gradient: values[0],
                curvature: values[1],
                accuracy: values[2],
                decrease: values[3],
                failure: values[4],
                products: values[5] as u64,
                seed: values[6] as u64,
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    const RULE: CappedNewton = CappedNewton {
        gradient: 1e-5,
        curvature: 3e-3,
        accuracy: 0.5,
        decrease: 1e-2,
        failure: 0.01,
        products: 1000,
        seed: 0,
    };

    #[test]
    fn rosenbrock_is_solved() {
        let f = samples::rosenbrock(10);
        let oracle = Oracle::new(&f);
        let start: Vec<f64> = (0..10).map(|i| if i % 2 == 0 { -1.2 } else { 1.0 }).collect();
        let mut state = begin(&oracle, &RULE, start).unwrap();
        let outcome = minimize(&oracle, &RULE, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!(outcome.iterations < 200, "{}", outcome.iterations);
    }

    #[test]
    fn the_oracle_of_the_least_eigenvalue_finds_it_or_certifies() {
        for (lowest, expected) in [(-0.5, true), (-4e-3, true), (1e-4, false)] {
            let mut spectrum: Vec<f64> = (0..300).map(|i| 0.1 + f64::from(i) / 150.0).collect();
            spectrum[140] = lowest;
            let f = samples::quadratic(&spectrum);
            let found = RULE.lowest(&Oracle::new(&f), &vec![0.0f64; 300], 0).unwrap();
            assert_eq!(found.is_some(), expected, "{lowest}");
            if let Some((v, curvature)) = found {
                assert!(curvature <= -1.5e-3 && curvature >= lowest - 1e-12);
                assert!((norm(&v) - 1.0).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn the_saddle_is_left() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &RULE, vec![1.0f64, 0.0]).unwrap();
        let outcome = minimize(&oracle, &RULE, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!((state.point.value + 1.0).abs() < 1e-12);
    }
}
