//! Gradient noise.

use super::normal_pieces;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::random::Stream;

/// Gradient steps with normal noise whose variance falls.
///
/// With t counted from 0 and normal numbers ξ of variance 1:
///
/// x ← x − η (g + σ_t ξ), σ_t² = s / (1 + t)^γ
///
/// Source: Neelakantan et al., *Adding gradient noise improves learning for very
/// deep networks* (2015), eqs. 1–2, with γ = 0.55 and s (their η) = 0.01, the least
/// of those tried there and the default of `optax.noisy_sgd`. Noise is the stream (seed,
/// "gradient-noise", step).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientNoise {
    /// s ≥ 0.
    pub variance: f64,
    /// γ ≥ 0.
    pub power: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl<T: Scalar> Method<T> for GradientNoise {
    fn name(&self) -> &'static str {
        "gradient-noise"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &[]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let stream = Stream::new(self.seed, "gradient-noise", memory.step);
        let deviation = T::of((self.variance / (1.0 + memory.step as f64).powf(self.power)).sqrt());
        memory.step += 1;
        let rate = T::of(rates.learning_rate);
        normal_pieces(stream, x.len(), |start, normal: &[T]| {
            for ((x, &g), &xi) in x[start..].iter_mut().zip(&gradient[start..]).zip(normal) {
                *x = *x - rate * (g + deviation * xi);
            }
        });
    }
}

pub(in crate::optim) const fn gradient_noise<T: Scalar>() -> Entry<T> {
    Entry {
        name: "gradient-noise",
        summary: "gradient steps with normal noise whose variance falls",
        source: "Neelakantan et al. 2015, eqs. 1-2",
        family: Family::FlatnessAware,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::not_negative("variance", 0.01, "variance of the first noise, s"),
                Parameter::not_negative("power", 0.55, "power by which it falls, γ"),
                Parameter::seed(),
            ]
        },
        build: |values, _| {
            Optimizer::Method(Box::new(GradientNoise {
                variance: values[0],
                power: values[1],
                seed: values[2] as u64,
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The noise is x₀ − x where there is no gradient: its variance against the schedule, over many coordinates.
    #[test]
    fn the_noise_has_the_stated_variance_and_is_new_at_each_step() {
        const N: usize = 100_000;
        let method = GradientNoise { variance: 0.3, power: 0.55, seed: 1 };
        let mut memory = Method::<f64>::init(&method, N);
        let mut before = Vec::new();
        for t in 0..4 {
            let mut x = vec![0.0; N];
            method.step(&mut memory, &mut x, &vec![0.0; N], Rates::new(1.0));
            let variance = x.iter().map(|v| v * v).sum::<f64>() / N as f64;
            let expected = 0.3 / (1.0 + f64::from(t)).powf(0.55);
            // A sample variance has the relative deviation √(2/N).
            assert!((variance / expected - 1.0).abs() < 5.0 * (2.0 / N as f64).sqrt(), "{t}: {variance}");
            let mean = x.iter().sum::<f64>() / N as f64;
            assert!(mean.abs() < 5.0 * (expected / N as f64).sqrt());
            let same = x.iter().zip(&before).map(|(a, b): (&f64, &f64)| a * b).sum::<f64>() / N as f64;
            assert!(same.abs() < 5.0 * 0.3 / (N as f64).sqrt());
            before = x;
        }
    }

    #[test]
    fn it_moves_by_the_gradient_and_the_streams_own_numbers() {
        let method = GradientNoise { variance: 0.25, power: 0.0, seed: 4 };
        let mut memory = Method::<f64>::init(&method, 3);
        let (mut x, mut expected) = ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]);
        for step in 0..3 {
            method.step(&mut memory, &mut x, &[0.1, 0.2, 0.3], Rates::new(0.5));
            let mut xi = [0.0; 3];
            Stream::new(4, "gradient-noise", step).fill_normal(&mut xi);
            for i in 0..3 {
                expected[i] -= 0.5 * (0.1 * (i + 1) as f64 + 0.5 * xi[i]);
                assert!((x[i] - expected[i]).abs() < 1e-15);
            }
        }
    }
}
