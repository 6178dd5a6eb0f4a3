//! Descent that takes steps of negative curvature beside steps down the gradient.

use super::lowest::{CurvatureSearch, Lowest, SEARCH, TOLERANCE, downhill};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::smooth::trial::attempt;
use crate::vector::{displaced, dot, norm};
use crate::{Oracle, Scalar, Stop};

/// Steps along s = −∇f(x) and along d = ±|λ|v, where (λ, v) is the leftmost eigenpair of the Hessian,
/// if λ < −ε_H, and ∇fᵀd ≤ 0.
///
/// Curtis & Robinson, *Exploiting negative curvature in deterministic and stochastic optimization*
/// (2019); see [`Steps`] for its two deterministic methods. d is scaled so that ‖d‖ = |λ|. Cost: a
/// search for the leftmost eigenvector each iteration, which is most of it, and gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeCurvatureDescent {
    /// Which steps are taken.
    pub steps: Steps,
    /// How negative curvature is looked for.
    pub search: CurvatureSearch,
}

/// The methods of Curtis & Robinson.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Steps {
    /// Algorithm 1, the two-step method: x̂ = x + βd, then x⁺ = x̂ − α∇f(x̂), both with lengths fixed
    /// in advance.
    Two {
        /// α < 2/L.
        descent: f64,
        /// β < 3/σ.
        curvature: f64,
    },
    /// Algorithm 2, the dynamic method: the step of the two whose model promises more. With estimates L
    /// of the gradient's and σ of the Hessian's Lipschitz constant, f falls by at least −αgᵀs −
    /// ½Lα²‖s‖² or −βgᵀd − ½β²dᵀHd − σβ³‖d‖³/6; α and β maximize these. Where f falls by less than
    /// promised, the estimate is doubled and the choice made anew; after a step that keeps its promise
    /// it is halved (the paper allows any decrease).
    Dynamic {
        /// L before the first step.
        smoothness: f64,
        /// σ before the first step.
        hessian_lipschitz: f64,
    },
}

impl<T: Scalar> Iteration<T> for NegativeCurvatureDescent {
    fn name(&self) -> &'static str {
        "negative-curvature-descent"
    }

    /// L and σ.
    fn init(&self, _: usize) -> Memory<T> {
        let scalars = match self.steps {
            Steps::Two { .. } => Vec::new(),
            Steps::Dynamic { smoothness, hessian_lipschitz } => vec![smoothness, hessian_lipschitz],
        };
        Memory { scalars, ..Memory::zeros(0, 0) }
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        memory.step += 1;
        let lowest = self.search.negative(oracle, &at.x)?;
        match self.steps {
            Steps::Two { descent, curvature } => two(oracle, at, lowest, [descent, curvature], next),
            Steps::Dynamic { .. } => dynamic(oracle, at, lowest, &mut memory.scalars, next),
        }
    }

    fn settled(&self, oracle: &Oracle<'_, T>, _: &Memory<T>, at: &Point<T>) -> Result<bool, Stop> {
        Ok(self.search.negative(oracle, &at.x)?.is_none())
    }
}

/// d = ±|λ|v with ∇fᵀd ≤ 0.
fn along<T: Scalar>(lowest: &Lowest<T>, gradient: &[T]) -> Vec<T> {
    downhill(&lowest.direction, lowest.curvature.abs(), gradient)
}

fn two<T: Scalar>(
    oracle: &Oracle<'_, T>,
    at: &Point<T>,
    lowest: Option<Lowest<T>>,
    [descent, curvature]: [f64; 2],
    next: &mut Point<T>,
) -> Result<Option<f64>, Stop> {
    let mut middle = at.x.clone();
    next.gradient.copy_from_slice(&at.gradient);
    if let Some(lowest) = lowest {
        displaced(&at.x, &[(curvature, &along(&lowest, &at.gradient))], &mut middle);
        oracle.value_grad(&middle, &mut next.gradient)?;
    }
    displaced(&middle, &[(-descent, &next.gradient)], &mut next.x);
    next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
    Ok(Some(descent))
}

fn dynamic<T: Scalar>(
    oracle: &Oracle<'_, T>,
    at: &Point<T>,
    lowest: Option<Lowest<T>>,
    estimates: &mut [f64],
    next: &mut Point<T>,
) -> Result<Option<f64>, Stop> {
    let square = dot(&at.gradient, &at.gradient);
    let d = lowest.as_ref().map(|lowest| along(lowest, &at.gradient));
    loop {
        // α = 1/L, and the promise ‖g‖²/(2L).
        let (alpha, fall) = (1.0 / estimates[0], 0.5 * square / estimates[0]);
        let other = lowest.as_ref().zip(d.as_deref()).map(|(lowest, d)| {
            let size = lowest.curvature.abs();
            let (slope, curvature, cube) = (dot(&at.gradient, d), -size.powi(3), size.powi(3));
            let (beta, fall) = longest(slope, curvature, estimates[1] * cube);
            (d, beta, fall)
        });
        let (which, step, length, fall) = match other {
            Some((d, beta, more)) if more > fall => (1, d, beta, more),
            _ => (0, &at.gradient[..], -alpha, fall),
        };
        let scaled: Vec<T> = step.iter().map(|s| T::of(length * s.wide())).collect();
        match attempt(oracle, at, &scaled, fall, next)? {
            None => return Ok(None),
            Some(ratio) if ratio >= 1.0 => {
                estimates[which] = (0.5 * estimates[which]).max(f64::MIN_POSITIVE);
                return Ok(Some(norm(&scaled)));
            }
            Some(_) => estimates[which] *= 2.0,
        }
    }
}

/// The β that maximizes −β gᵀd − ½β² c − w β³/6, and the maximum; c < 0 < w.
fn longest(slope: f64, c: f64, w: f64) -> (f64, f64) {
    let beta = (-c + (c * c - 2.0 * w * slope).sqrt()) / w;
    (beta, -beta * slope - 0.5 * beta * beta * c - w * beta.powi(3) / 6.0)
}

const PARAMETERS: &[Parameter] = &[
    Parameter::choice("steps", &["dynamic", "two"], "which of the paper's methods"),
    Parameter::positive("smoothness", 1.0, "dynamic: first Lipschitz constant of the gradient, L"),
    Parameter::positive("lipschitz", 1.0, "dynamic: first Lipschitz constant of the Hessian, σ"),
    Parameter::positive("rate", 1e-2, "two: length of descent steps, α"),
    Parameter::positive("reach", 1e-1, "two: length of steps of negative curvature, β"),
    TOLERANCE,
    SEARCH,
    Parameter::seed(),
];

pub(in crate::optim) const fn negative_curvature_descent<T: Scalar>() -> Entry<T> {
    Entry {
        name: "negative-curvature-descent",
        summary: "steps down the gradient and along the leftmost eigenvector",
        source: "Curtis & Robinson 2019, Algorithms 1 and 2",
        family: Family::SaddleAware,
        cost: "a search for the leftmost eigenvector, a gradient a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            let steps = if values[0] == 0.0 {
                Steps::Dynamic { smoothness: values[1], hessian_lipschitz: values[2] }
            } else {
                Steps::Two { descent: values[3], curvature: values[4] }
            };
            let search = CurvatureSearch::of(&values[5..8]);
            Optimizer::Iteration(Box::new(NegativeCurvatureDescent { steps, search }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    const SEARCH: CurvatureSearch = CurvatureSearch { tolerance: 1e-6, products: 100, seed: 0 };

    #[test]
    fn the_cubic_promise_is_maximized() {
        let (beta, fall) = longest(-0.5, -2.0, 3.0);
        let model = |b: f64| 0.5 * b + b * b - 0.5 * b * b * b;
        assert!((model(beta) - fall).abs() < 1e-14);
        assert!(model(beta * 1.001) < fall && model(beta * 0.999) < fall);
    }

    /// At (1, 0.5): λ = −1.25 along e₂, g = (10, −0.875), d = (0, 1.25): x̂ = (1, 0.5 + 0.125), then a
    /// gradient step.
    #[test]
    fn two_steps_follow_each_other() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let rule =
            NegativeCurvatureDescent { steps: Steps::Two { descent: 0.05, curvature: 0.1 }, search: SEARCH };
        let mut state = begin(&oracle, &rule, vec![1.0f64, 0.5]).unwrap();
        let limits = Limits { iterations: 1, ..Limits::default() };
        minimize(&oracle, &rule, &limits, &mut state, &mut |_| ());
        let y = 0.625f64;
        assert!((state.point.x[0] - 0.5).abs() < 1e-12);
        assert!((state.point.x[1] - (y - 0.05 * (-2.0 * y + y.powi(3)))).abs() < 1e-12);
    }

    #[test]
    fn both_methods_leave_the_saddle() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        for steps in [
            Steps::Two { descent: 0.05, curvature: 0.1 },
            Steps::Dynamic { smoothness: 1.0, hessian_lipschitz: 1.0 },
        ] {
            let rule = NegativeCurvatureDescent { steps, search: SEARCH };
            let mut state = begin(&oracle, &rule, vec![1.0f64, 0.0]).unwrap();
            let outcome = minimize(&oracle, &rule, &Limits::default(), &mut state, &mut |_| ());
            assert!(matches!(outcome.ending, Ending::Converged { .. }), "{steps:?}: {}", outcome.ending);
            assert!((state.point.value + 1.0).abs() < 1e-12);
        }
    }
}
