//! Perturbed accelerated gradient descent.

use super::noisy::ball;
use super::perturbed::{KNOWLEDGE, Knowledge, RULE, knowledge};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::smooth::trial::rounding;
use crate::random::Stream;
use crate::vector::{displaced, dot, norm};
use crate::{Layout, Oracle, Scalar, Stop};

/// Nesterov's method, perturbed where the gradient is small, that exploits negative curvature where it
/// meets it.
///
/// Algorithm 2 of Jin, Netrapalli & Jordan, *Accelerated gradient descent escapes saddle points faster
/// than gradient descent* (2018): where ‖∇f(x)‖ ≤ ε and the last 𝒯 steps saw no perturbation, x ← x + ξ
/// with ξ uniform in the ball of radius r. Then y = x + (1 − θ)v, x⁺ = y − η∇f(y), v⁺ = x⁺ − x. If f
/// between x and y is more concave than γ, f(x) ≤ f(y) + ∇f(y)ᵀ(x − y) − ½γ‖x − y‖², then instead
/// (Algorithm 3) v⁺ = 0, and x⁺ = x where ‖v‖ ≥ s, else the lower of x ± s v/‖v‖.
///
/// Concavity within rounding errors of f, 10 ε max(1, |f|), does not count.
///
/// The paper leaves open when to end. Here, if the Hamiltonian f + ‖v‖²/2η fell by less than `decrease`
/// in the 𝒯 steps after a perturbation (by the theory it falls more at a strict saddle, with high
/// probability), the method is settled and goes on without perturbations. Cost: two gradients, and a
/// value at a perturbation or an exploitation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerturbedAcceleratedDescent {
    /// η.
    pub rate: f64,
    /// θ in (0, 1): one less the momentum.
    pub theta: f64,
    /// γ.
    pub concavity: f64,
    /// s.
    pub reach: f64,
    /// r.
    pub radius: f64,
    /// ε.
    pub gradient: f64,
    /// The fall of the Hamiltonian that counts as an escape.
    pub decrease: f64,
    /// 𝒯.
    pub period: u64,
    /// Seed of the perturbations.
    pub seed: u64,
}

impl PerturbedAcceleratedDescent {
    /// The parameters of the paper for n coordinates: with κ = ℓ/√(ρε) and χ = max(1,
    /// ln(nℓΔf/(ρεδ))), η = 1/(4ℓ), θ = 1/(4√κ), γ = θ²/η, s = γ/(4ρ), 𝒯 = √κ χ c, r = ηε χ⁻⁵c⁻⁸, and
    /// the fall √(ε³/ρ) χ⁻⁵c⁻⁷.
    pub fn published(known: &Knowledge, n: usize, seed: u64) -> Self {
        let Knowledge { epsilon, smoothness, hessian_lipschitz: rho, constant: c, failure, gap } = *known;
        let root = (smoothness / (rho * epsilon).sqrt()).sqrt();
        let chi = (n as f64 * smoothness * gap / (rho * epsilon * failure)).ln().max(1.0);
        let (rate, theta) = (1.0 / (4.0 * smoothness), 1.0 / (4.0 * root));
        let concavity = theta * theta / rate;
        Self {
            rate,
            theta,
            concavity,
            reach: concavity / (4.0 * rho),
            radius: rate * epsilon / (chi.powi(5) * c.powi(8)),
            gradient: epsilon,
            decrease: (epsilon.powi(3) / rho).sqrt() / (chi.powi(5) * c.powi(7)),
            period: (root * chi * c).ceil() as u64,
            seed,
        }
    }
}

impl<T: Scalar> Iteration<T> for PerturbedAcceleratedDescent {
    fn name(&self) -> &'static str {
        "perturbed-agd"
    }

    /// The step of the last perturbation (−∞ if there was none), the Hamiltonian before it, and 1 once
    /// settled; v.
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
        memory.step += 1;
        let kinetic = |v: &[T]| dot(v, v) / (2.0 * self.rate);
        let (mut x, mut value) = (at.x.clone(), at.value);
        let unsettled = memory.scalars[2] == 0.0;
        if unsettled && since == self.period as f64 {
            let energy = value + kinetic(&memory.vectors[0]);
            memory.scalars[2] = f64::from(memory.scalars[1] - energy < self.decrease);
        } else if unsettled && since > self.period as f64 && norm(&at.gradient) <= self.gradient {
            memory.scalars[..2].copy_from_slice(&[now, value + kinetic(&memory.vectors[0])]);
            x = ball(&mut Stream::new(self.seed, "perturbed-agd", memory.step), self.radius, &at.x);
            value = oracle.value(&x)?;
        }
        let v = &mut memory.vectors[0];
        let mut y = x.clone();
        displaced(&x, &[(1.0 - self.theta, v)], &mut y);
        let ahead = oracle.value_grad(&y, &mut next.gradient)?;
        displaced(&y, &[(-self.rate, &next.gradient)], &mut next.x);
        let gap: Vec<T> = x.iter().zip(&y).map(|(&x, &y)| x - y).collect();
        let bound = ahead + dot(&next.gradient, &gap) - 0.5 * self.concavity * dot(&gap, &gap);
        let length = norm(v);
        if length > 0.0 && value <= bound - rounding::<T>(value) {
            if length >= self.reach {
                next.x.copy_from_slice(&x);
            } else {
                let mut points = vec![T::zero(); 2 * x.len()];
                let (plus, minus) = points.split_at_mut(x.len());
                displaced(&x, &[(self.reach / length, v)], plus);
                displaced(&x, &[(-self.reach / length, v)], minus);
                let mut values = [0.0; 2];
                oracle.values(&points, &mut values)?;
                let (plus, minus) = points.split_at(x.len());
                next.x.copy_from_slice(if values[1] < values[0] { minus } else { plus });
            }
            v.fill(T::zero());
        } else {
            v.iter_mut().zip(next.x.iter().zip(&x)).for_each(|(v, (&new, &old))| *v = new - old);
        }
        next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        Ok(Some(self.rate))
    }

    fn settled(&self, _: &Oracle<'_, T>, memory: &Memory<T>, _: &Point<T>) -> Result<bool, Stop> {
        Ok(memory.scalars[2] != 0.0)
    }
}

const PARAMETERS: &[Parameter] = &[
    RULE,
    Parameter::positive("rate", 1e-2, "learning rate, η"),
    Parameter::number("theta", 0.1, "one less the momentum, θ", "a number in (0, 1)", |v| {
        v > 0.0 && v < 1.0
    }),
    Parameter::not_negative("concavity", 1.0, "concavity that is exploited, γ"),
    Parameter::positive("reach", 0.1, "length of an exploiting step, s"),
    Parameter::positive("radius", 1e-2, "radius of perturbations, r"),
    Parameter::positive("gradient", 1e-4, "gradient norm at which to perturb, ε"),
    Parameter::positive("decrease", 1e-6, "fall of the Hamiltonian that counts as an escape"),
    Parameter::count("period", 100, "steps between perturbations, 𝒯"),
    KNOWLEDGE[0],
    KNOWLEDGE[1],
    KNOWLEDGE[2],
    KNOWLEDGE[3],
    KNOWLEDGE[4],
    KNOWLEDGE[5],
    Parameter::seed(),
];

fn from_values(values: &[f64], layout: &Layout) -> PerturbedAcceleratedDescent {
    let seed = values[15] as u64;
    if values[0] == 1.0 {
        return PerturbedAcceleratedDescent::published(&knowledge(&values[9..15]), layout.dimension(), seed);
    }
    PerturbedAcceleratedDescent {
        rate: values[1],
        theta: values[2],
        concavity: values[3],
        reach: values[4],
        radius: values[5],
        gradient: values[6],
        decrease: values[7],
        period: values[8] as u64,
        seed,
    }
}

pub(in crate::optim) const fn perturbed_agd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "perturbed-agd",
        summary: "accelerated descent that is perturbed, and exploits negative curvature",
        source: "Jin, Netrapalli & Jordan 2018",
        family: Family::SaddleAware,
        cost: "two gradients",
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

    const RULE: PerturbedAcceleratedDescent = PerturbedAcceleratedDescent {
        rate: 0.01,
        theta: 0.1,
        concavity: 1.0,
        reach: 0.1,
        radius: 1e-2,
        gradient: 1e-4,
        decrease: 1e-6,
        period: 100,
        seed: 0,
    };

    #[test]
    fn published_parameters_follow_the_paper() {
        let known = Knowledge {
            epsilon: 0.01,
            smoothness: 4.0,
            hessian_lipschitz: 4.0,
            constant: 2.0,
            failure: 0.1,
            gap: 5.0,
        };
        let rule = PerturbedAcceleratedDescent::published(&known, 50, 0);
        // κ = 4/0.2 = 20; χ = ln(50·4·5/(4·0.01·0.1)) = ln 250000.
        let chi = 250_000f64.ln();
        assert_eq!((rule.rate, rule.gradient), (0.0625, 0.01));
        assert!((rule.theta - 1.0 / (4.0 * 20f64.sqrt())).abs() < 1e-15);
        assert!((rule.concavity - 0.05).abs() < 1e-14 && (rule.reach - 0.003125).abs() < 1e-15);
        assert_eq!(rule.period, (20f64.sqrt() * chi * 2.0).ceil() as u64);
        assert!((rule.radius / (0.000625 / (chi.powi(5) * 256.0)) - 1.0).abs() < 1e-12);
    }

    /// On λx²/2 away from small gradients: the recursion of Nesterov's method.
    #[test]
    fn without_noise_it_is_nesterovs_method() {
        let f = samples::diagonal(&[3.0]);
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &RULE, vec![1.0f64]).unwrap();
        let limits = Limits { iterations: 20, ..Limits::default() };
        minimize(&oracle, &RULE, &limits, &mut state, &mut |_| ());
        let (mut x, mut v) = (1.0, 0.0);
        for _ in 0..20 {
            let y = x + 0.9 * v;
            let new = y - 0.01 * 3.0 * y;
            (x, v) = (new, new - x);
        }
        assert!((state.point.x[0] - x).abs() < 1e-14);
    }

    /// f = −x² from 1 with v = 0.05, more concave than γ = 1: the lower of x ± 0.1.
    #[test]
    fn negative_curvature_is_exploited() {
        let f = samples::diagonal(&[-2.0]);
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &RULE, vec![1.0f64]).unwrap();
        let limits = Limits { iterations: 1, ..Limits::default() };
        state.memory.vectors[0][0] = -0.05;
        let mut far = state.clone();
        minimize(&oracle, &RULE, &limits, &mut state, &mut |_| ());
        assert!((state.point.x[0] - 1.1).abs() < 1e-15 && state.memory.vectors[0][0] == 0.0);
        far.memory.vectors[0][0] = 0.2;
        minimize(&oracle, &RULE, &limits, &mut far, &mut |_| ());
        assert_eq!((far.point.x[0], far.memory.vectors[0][0]), (1.0, 0.0));
    }

    #[test]
    fn the_saddle_is_left() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &RULE, vec![1.0f64, 0.0]).unwrap();
        let outcome = minimize(&oracle, &RULE, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!((state.point.value + 1.0).abs() < 1e-12, "{:?}", state.point);
    }
}
