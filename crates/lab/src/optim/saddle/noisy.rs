//! Gradient steps with noise of a fixed length.

use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::random::Stream;
use crate::vector::{displaced, norm};

/// Noisy stochastic gradient steps: x ← x − η (g + s n), with n uniform on the unit sphere.
///
/// The noise has a part along every direction of negative curvature, so that strict saddles are left;
/// near a minimum it keeps x at a distance of the order of s√η, which a schedule that lowers η brings
/// to 0. In the paper s = 1. Source: Ge, Huang, Jin & Yuan, *Escaping from saddle points: online
/// stochastic gradient for tensor decomposition* (2015), Algorithm 1. Cost: a gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoisySgd {
    /// s.
    pub noise: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl<T: Scalar> Method<T> for NoisySgd {
    fn name(&self) -> &'static str {
        "noisy-sgd"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &[]
    }

    fn stable_below(&self, rates: Rates) -> Option<f64> {
        Some(2.0 / rates.learning_rate)
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let noise: Vec<T> =
            sphere(&mut Stream::new(self.seed, "noisy-sgd", memory.step), self.noise, x.len());
        let rate = T::of(rates.learning_rate);
        for ((x, &g), &n) in x.iter_mut().zip(gradient).zip(&noise) {
            *x = *x - rate * (g + n);
        }
        memory.step += 1;
    }
}

/// A uniformly random point of the sphere of this radius.
pub(super) fn sphere<T: Scalar>(stream: &mut Stream, radius: f64, n: usize) -> Vec<T> {
    let mut point = vec![T::zero(); n];
    stream.fill_normal(&mut point);
    let length = norm(&point);
    let factor = if length > 0.0 { radius / length } else { 0.0 };
    point.iter_mut().for_each(|v| *v = T::of(factor * v.wide()));
    point
}

/// A uniformly random point of the ball of this radius about a point.
pub(super) fn ball<T: Scalar>(stream: &mut Stream, radius: f64, center: &[T]) -> Vec<T> {
    let mut uniform = [0.0f64];
    stream.fill_uniform(0.0, 1.0, &mut uniform);
    let share = uniform[0].powf(1.0 / center.len().max(1) as f64);
    let away = sphere(stream, radius * share, center.len());
    let mut point = center.to_vec();
    displaced(center, &[(1.0, &away)], &mut point);
    point
}

const PARAMETERS: &[Parameter] =
    &[Parameter::not_negative("noise", 1.0, "length of the noise beside the gradient, s"), Parameter::seed()];

pub(in crate::optim) const fn noisy_sgd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "noisy-sgd",
        summary: "gradient steps with noise of a fixed length",
        source: "Ge, Huang, Jin & Yuan 2015",
        family: Family::SaddleAware,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: PARAMETERS,
        build: |values, _| Optimizer::Method(Box::new(NoisySgd { noise: values[0], seed: values[1] as u64 })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::dot;

    #[test]
    fn noise_has_its_length_and_belongs_to_the_step() {
        let rule = NoisySgd { noise: 2.0, seed: 3 };
        let go = |step| {
            let mut memory = Memory { step, ..Memory::default() };
            let mut x = [0.0; 5];
            Method::<f64>::step(&rule, &mut memory, &mut x, &[0.0; 5], Rates::new(0.1));
            assert!((norm(&x) - 0.2).abs() < 1e-15 && memory.step == step + 1);
            x
        };
        assert_eq!(go(4), go(4));
        assert_ne!(go(4), go(5));
    }

    /// In n dimensions E‖ξ‖² = n/(n + 2) r² over the ball, and each coordinate has 1/n of it.
    #[test]
    fn the_ball_is_filled_evenly() {
        let (n, count) = (3, 20_000);
        let (mut square, mut first) = (0.0, 0.0);
        for index in 0..count {
            let out: Vec<f64> = ball(&mut Stream::new(1, "ball", index), 2.0, &[0.0; 3]);
            square += dot(&out, &out) / count as f64;
            first += out[0] * out[0] / count as f64;
            assert!(norm(&out) <= 2.0 + 1e-15);
        }
        let expected = 4.0 * n as f64 / (n as f64 + 2.0);
        assert!(
            (square - expected).abs() < 0.05 && (first - expected / 3.0).abs() < 0.05,
            "{square} {first}"
        );
    }
}
