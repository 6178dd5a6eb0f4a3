//! Perturbed gradient descent.

use super::noisy::ball;
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::random::Stream;
use crate::vector::{displaced, norm};
use crate::{Layout, Oracle, Scalar, Stop};

/// Gradient descent that moves to a random point of a small ball where the gradient is small, and looks
/// whether f then falls.
///
/// Algorithm 2 of Jin, Ge, Netrapalli, Kakade & Jordan, *How to escape saddle points efficiently*
/// (2017): at step t, if ‖∇f(x)‖ ≤ g_thres and the last perturbation is more than t_thres steps ago, x̃
/// ← x and x ← x + ξ, ξ uniform in the ball of radius r. If t_thres steps after it f has not fallen by
/// f_thres below f(x̃), x̃ is, with high probability, a second-order point, and the algorithm returns
/// it. Otherwise x ← x − η∇f(x).
///
/// Here the method goes back to x̃ and is settled. Limits that ask for a smaller gradient let it go on
/// with plain steps from x̃. Cost: a gradient, and one more at a perturbation. First order alone: no
/// products.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerturbedGradientDescent {
    /// η.
    pub rate: f64,
    /// r.
    pub radius: f64,
    /// g_thres.
    pub gradient: f64,
    /// f_thres.
    pub decrease: f64,
    /// t_thres.
    pub period: u64,
    /// Seed of the perturbations.
    pub seed: u64,
}

/// What the theory of perturbed methods takes to be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knowledge {
    /// ε: a gradient up to this is small, and curvature above −√(ρε) is not negative.
    pub epsilon: f64,
    /// ℓ: a Lipschitz constant of the gradient.
    pub smoothness: f64,
    /// ρ: a Lipschitz constant of the Hessian.
    pub hessian_lipschitz: f64,
    /// c: an absolute constant, small enough for gradient descent, large enough for the accelerated
    /// method.
    pub constant: f64,
    /// δ: the probability of failure.
    pub failure: f64,
    /// Δf: f(x₀) less the least value.
    pub gap: f64,
}

impl PerturbedGradientDescent {
    /// The parameters of the paper for n coordinates: with χ = 3 max(ln(nℓΔf/(cε²δ)), 4), η = c/ℓ,
    /// r = √c ε/(χ²ℓ), g_thres = √c ε/χ², f_thres = c√(ε³/ρ)/χ³, t_thres = χℓ/(c²√(ρε)).
    pub fn published(known: &Knowledge, n: usize, seed: u64) -> Self {
        let Knowledge { epsilon, smoothness, hessian_lipschitz, constant: c, failure, gap } = *known;
        let chi = 3.0 * (n as f64 * smoothness * gap / (c * epsilon * epsilon * failure)).ln().max(4.0);
        Self {
            rate: c / smoothness,
            radius: c.sqrt() / (chi * chi) * epsilon / smoothness,
            gradient: c.sqrt() / (chi * chi) * epsilon,
            decrease: c / chi.powi(3) * (epsilon.powi(3) / hessian_lipschitz).sqrt(),
            period: (chi / (c * c) * smoothness / (hessian_lipschitz * epsilon).sqrt()).ceil() as u64,
            seed,
        }
    }
}

impl<T: Scalar> Iteration<T> for PerturbedGradientDescent {
    fn name(&self) -> &'static str {
        "perturbed-gd"
    }

    /// The step of the last perturbation (−∞ if there was none), f(x̃), and 1 once x̃ is accepted; x̃.
    fn init(&self, n: usize) -> Memory<T> {
        Memory { scalars: vec![f64::NEG_INFINITY, 0.0, 0.0], ..Memory::zeros(n, 1) }
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let now = memory.step as f64;
        let since = now - memory.scalars[0];
        let accepted = memory.scalars[2] != 0.0;
        memory.step += 1;
        if !accepted && since == self.period as f64 && at.value - memory.scalars[1] > -self.decrease {
            memory.scalars[2] = 1.0;
            next.x.copy_from_slice(&memory.vectors[0]);
        } else if !accepted && norm(&at.gradient) <= self.gradient && since > self.period as f64 {
            memory.scalars[..2].copy_from_slice(&[now, at.value]);
            memory.vectors[0].copy_from_slice(&at.x);
            let mut stream = Stream::new(self.seed, "perturbed-gd", memory.step);
            let start = ball(&mut stream, self.radius, &at.x);
            oracle.value_grad(&start, &mut next.gradient)?;
            displaced(&start, &[(-self.rate, &next.gradient)], &mut next.x);
        } else {
            displaced(&at.x, &[(-self.rate, &at.gradient)], &mut next.x);
        }
        next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        Ok(Some(self.rate))
    }

    fn settled(&self, _: &Oracle<'_, T>, memory: &Memory<T>, _: &Point<T>) -> Result<bool, Stop> {
        Ok(memory.scalars[2] != 0.0)
    }
}

/// The parameters of perturbed methods that follow from the theory, behind their own.
pub(super) const KNOWLEDGE: [Parameter; 6] = [
    Parameter::positive("epsilon", 1e-3, "published: a small gradient, ε"),
    Parameter::positive("smoothness", 10.0, "published: Lipschitz constant of the gradient, ℓ"),
    Parameter::positive("lipschitz", 10.0, "published: Lipschitz constant of the Hessian, ρ"),
    Parameter::positive("constant", 1.0, "published: the theory's constant, c"),
    Parameter::positive("failure", 0.1, "published: probability of failure, δ"),
    Parameter::positive("gap", 10.0, "published: f at the start less the least value"),
];

/// Values of [`KNOWLEDGE`].
pub(super) fn knowledge(values: &[f64]) -> Knowledge {
    Knowledge {
        epsilon: values[0],
        smoothness: values[1],
        hessian_lipschitz: values[2],
        constant: values[3],
        failure: values[4],
        gap: values[5],
    }
}

/// Where a perturbed method's parameters come from.
pub(super) const RULE: Parameter = Parameter::choice(
    "rule",
    &["direct", "published"],
    "given themselves, or by the paper from ε, ℓ, ρ, c, δ, Δf",
);

const PARAMETERS: &[Parameter] = &[
    RULE,
    Parameter::positive("rate", 1e-2, "learning rate, η"),
    Parameter::positive("radius", 1e-2, "radius of perturbations, r"),
    Parameter::positive("gradient", 1e-4, "gradient norm at which to perturb, g_thres"),
    Parameter::positive("decrease", 1e-6, "fall that counts as an escape, f_thres"),
    Parameter::count("period", 200, "steps to wait for it, t_thres"),
    KNOWLEDGE[0],
    KNOWLEDGE[1],
    KNOWLEDGE[2],
    KNOWLEDGE[3],
    KNOWLEDGE[4],
    KNOWLEDGE[5],
    Parameter::seed(),
];

fn from_values(values: &[f64], layout: &Layout) -> PerturbedGradientDescent {
    let seed = values[12] as u64;
    if values[0] == 1.0 {
        return PerturbedGradientDescent::published(&knowledge(&values[6..12]), layout.dimension(), seed);
    }
    PerturbedGradientDescent {
        rate: values[1],
        radius: values[2],
        gradient: values[3],
        decrease: values[4],
        period: values[5] as u64,
        seed,
    }
}

pub(in crate::optim) const fn perturbed_gd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "perturbed-gd",
        summary: "gradient descent that is perturbed where the gradient is small",
        source: "Jin, Ge, Netrapalli, Kakade & Jordan 2017",
        family: Family::SaddleAware,
        cost: "a gradient",
        rate: None,
        parameters: PARAMETERS,
        build: |values, layout| Optimizer::Iteration(Box::new(from_values(values, layout))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    #[test]
    fn published_parameters_follow_the_paper() {
        let known = Knowledge {
            epsilon: 0.01,
            smoothness: 4.0,
            hessian_lipschitz: 2.0,
            constant: 0.25,
            failure: 0.1,
            gap: 5.0,
        };
        // χ = 3 ln(50·4·5/(0.25·1e-4·0.1)) = 3 ln(4e8).
        let chi = 3.0 * 4e8f64.ln();
        let rule = PerturbedGradientDescent::published(&known, 50, 0);
        assert_eq!(rule.rate, 0.0625);
        assert!((rule.radius / (0.5 * 0.01 / 4.0 / (chi * chi)) - 1.0).abs() < 1e-12);
        assert!((rule.gradient / (0.005 / (chi * chi)) - 1.0).abs() < 1e-12);
        assert!((rule.decrease / (0.25 / chi.powi(3) * 5e-7f64.sqrt()) - 1.0).abs() < 1e-12);
        assert_eq!(rule.period, (chi * 16.0 * 4.0 / 0.02f64.sqrt()).ceil() as u64);
    }

    const RULE: PerturbedGradientDescent = PerturbedGradientDescent {
        rate: 0.05,
        radius: 1e-2,
        gradient: 1e-4,
        decrease: 1e-6,
        period: 100,
        seed: 1,
    };

    #[test]
    fn the_saddle_is_left_and_the_minimum_accepted_after_the_period() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &RULE, vec![1.0f64, 0.0]).unwrap();
        let outcome = minimize(&oracle, &RULE, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!((state.point.value + 1.0).abs() < 1e-12);
        // From a minimum: one perturbation, the period, and back.
        let mut state = begin(&oracle, &RULE, vec![0.0, 2f64.sqrt()]).unwrap();
        let start = state.point.x.clone();
        let outcome = minimize(&oracle, &RULE, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert_eq!((outcome.iterations, &state.point.x), (101, &start));
    }
}
