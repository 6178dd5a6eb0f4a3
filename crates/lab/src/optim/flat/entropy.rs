//! Entropy-SGD.

use super::normal_pieces;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::random::Stream;

/// Entropy-SGD: Langevin steps about an anchor, which then moves to their mean.
///
/// From an anchor a, with x = μ = a, L steps with fresh minibatches and normal numbers ξ:
///
/// - x ← x − h (g(x) − γ (a − x)) + √h ε ξ
/// - μ ← α μ + (1 − α) x
///
/// then a ← a − η (a − μ), and x = μ = a again. A *step* here is one Langevin step, with one
/// gradient; every L-th moves the anchor, which is the [`answer`](Method::answer). a − μ estimates the gradient of
/// the local entropy, ∇F/γ. With the n-th move of the anchor γ = γ₀ (1 + γ₁)ⁿ.
///
/// Source: Chaudhari et al., *Entropy-SGD: biasing gradient descent into wide
/// valleys* (ICLR 2017), Algorithm 1 without momentum, whose ηγ is this η and whose α is 1 − α
/// here; η = 1, h, ε, γ₀ and α as in the authors' program. Noise is the stream (seed, "entropy-sgd", step).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntropySgd {
    /// L.
    pub every: u64,
    /// h > 0.
    pub inner: f64,
    /// γ₀ ≥ 0.
    pub scope: f64,
    /// γ₁ ≥ 0.
    pub scoping: f64,
    /// ε ≥ 0.
    pub noise: f64,
    /// α in [0, 1).
    pub averaging: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl<T: Scalar> Method<T> for EntropySgd {
    fn name(&self) -> &'static str {
        "entropy-sgd"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["anchor", "mean"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [anchor, mean]) = memory.parts();
        let stream = Stream::new(self.seed, "entropy-sgd", *step);
        if *step == 0 {
            anchor.copy_from_slice(x);
        }
        if *step % self.every == 0 {
            mean.copy_from_slice(x);
        }
        let moves = (*step / self.every) as f64;
        *step += 1;
        let pull = T::of(self.scope * (1.0 + self.scoping).powf(moves));
        let (inner, noise) = (T::of(self.inner), T::of(self.inner.sqrt() * self.noise));
        let (kept, fresh) = (T::of(self.averaging), T::of(1.0 - self.averaging));
        normal_pieces(stream, x.len(), |start, normal: &[T]| {
            let place = start..start + normal.len();
            let points =
                x[place.clone()].iter_mut().zip(&mut mean[place.clone()]).zip(&anchor[place.clone()]);
            for (((x, mean), &a), (&g, &xi)) in points.zip(gradient[place].iter().zip(normal)) {
                *x = *x - inner * (g - pull * (a - *x)) + noise * xi;
                *mean = kept * *mean + fresh * *x;
            }
        });
        if step.is_multiple_of(self.every) {
            let rate = T::of(rates.learning_rate);
            for ((x, a), &mean) in x.iter_mut().zip(anchor).zip(&*mean) {
                *a = *a - rate * (*a - mean);
                *x = *a;
            }
        }
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        if memory.step == 0 { x } else { &memory.vectors[0] }
    }
}

pub(in crate::optim) const fn entropy_sgd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "entropy-sgd",
        summary: "Langevin steps about an anchor that moves to their mean",
        source: "Chaudhari et al. 2017, Algorithm 1",
        family: Family::FlatnessAware,
        cost: "a gradient",
        rate: Some(1.0),
        parameters: const {
            &[
                Parameter::count("every", 20, "Langevin steps for a move of the anchor, L"),
                Parameter::positive("inner", 0.1, "length of the Langevin steps, h"),
                Parameter::not_negative("scope", 1e-2, "pull of the anchor at first, γ₀"),
                Parameter::not_negative("scoping", 0.0, "growth of the pull with each move, γ₁"),
                Parameter::not_negative("noise", 1e-4, "size of the noise, ε"),
                Parameter::fraction("averaging", 0.75, "decay of the mean of points, α"),
                Parameter::seed(),
            ]
        },
        build: |values, _| {
            Optimizer::Method(Box::new(EntropySgd {
                every: values[0] as u64,
                inner: values[1],
                scope: values[2],
                scoping: values[3],
                noise: values[4],
                averaging: values[5],
                seed: values[6] as u64,
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two moves of the anchor on f = ½ λ x², written out for one coordinate with the stream's own numbers.
    #[test]
    fn steps_follow_the_algorithm_written_out() {
        let method = EntropySgd {
            every: 3,
            inner: 0.1,
            scope: 0.5,
            scoping: 0.2,
            noise: 0.3,
            averaging: 0.75,
            seed: 9,
        };
        let mut memory = Method::<f64>::init(&method, 1);
        let mut x = [2.0];
        let mut anchor = 2.0;
        for round in 0..2 {
            let (mut point, mut mean): (f64, f64) = (anchor, anchor);
            for inner in 0..3 {
                let gradient = [4.0 * x[0]];
                method.step(&mut memory, &mut x, &gradient, Rates::new(0.8));
                let mut xi = [0.0];
                Stream::new(9, "entropy-sgd", round * 3 + inner).fill_normal(&mut xi);
                let pull = 0.5 * 1.2f64.powi(round as i32);
                let slope = 4.0 * point - pull * (anchor - point);
                point += -0.1 * slope + 0.1f64.sqrt() * 0.3 * xi[0];
                mean = 0.75 * mean + 0.25 * point;
                assert!(inner == 2 || (x[0] - point).abs() < 1e-14);
                assert!(inner == 2 || method.answer(&memory, &x) == [anchor]);
            }
            anchor -= 0.8 * (anchor - mean);
            assert!((x[0] - anchor).abs() < 1e-14 && method.answer(&memory, &x) == x);
        }
    }
}
