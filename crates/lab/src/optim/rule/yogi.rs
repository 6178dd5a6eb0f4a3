//! Yogi.

use super::adam::{self, Adam};
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Adam whose mean square changes by a fixed share of g², whatever its own size.
///
/// With t counted from 1 and m = v = v₀ before:
///
/// - m ← β₁ m + (1 − β₁) g
/// - v ← v − (1 − β₂) sign(v − g²) g²
/// - x ← x − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
///
/// Where gradients become small, v falls slowly, and steps do not jump up as Adam's do.
///
/// Source: Zaheer, Reddi, Sachan, Kale & Kumar, *Adaptive methods for nonconvex
/// optimization* (NeurIPS 2018), Algorithm 2 with ε = 10⁻³ and η = 10⁻² as it advises.
/// The bias corrections, which the paper leaves out, and both moments' beginning at
/// v₀ = 10⁻⁶ are those of `optax.yogi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Yogi {
    /// Adam's own parameters.
    pub adam: Adam,
    /// v₀ ≥ 0.
    pub initial: f64,
}

impl<T: Scalar> Method<T> for Yogi {
    fn name(&self) -> &'static str {
        "yogi"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        Memory { vectors: vec![vec![T::of(self.initial); n]; 2], ..Memory::zeros(n, 0) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [mean, square]) = memory.parts();
        *step += 1;
        let Adam { beta1, beta2, epsilon } = self.adam;
        let beta1 = rates.momentum.unwrap_or(beta1);
        let t = *step as f64;
        let rate = T::of(rates.learning_rate / (1.0 - beta1.powf(t)));
        let correction = T::of(1.0 / (1.0 - beta2.powf(t)).sqrt());
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (c2, epsilon) = (T::of(1.0 - beta2), T::of(epsilon));
        sweep(
            #[inline(always)]
            || {
                for (((x, m), v), &g) in x.iter_mut().zip(mean).zip(square).zip(gradient) {
                    *m = b1 * *m + c1 * g;
                    let change = c2 * (g * g);
                    let above = *v - g * g;
                    let down = if above > T::zero() { change } else { T::zero() };
                    let up = if above < T::zero() { change } else { T::zero() };
                    *v = *v - down + up;
                    *x = *x - rate * *m / (v.sqrt() * correction + epsilon);
                }
            },
        );
    }
}

pub(in crate::optim) const fn yogi<T: Scalar>() -> Entry<T> {
    Entry {
        name: "yogi",
        summary: "Adam with a mean square that changes additively",
        source: "Zaheer et al. 2018, Algorithm 2, in Optax's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: const {
            &[
                adam::PARAMETERS[0],
                adam::PARAMETERS[1],
                adam::PARAMETERS[2].with_default(1e-3),
                Parameter::not_negative("initial", 1e-6, "where both moments begin, v₀"),
            ]
        },
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(Yogi { adam, initial: values[3] }))
        },
    }
}
