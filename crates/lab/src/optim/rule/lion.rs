//! Lion.

use super::sign::sign;
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Lion: steps of ±η by the sign of an interpolated momentum.
///
/// With m = 0 before the first step:
///
/// - x ← (1 − η λ) x − η sign(β₁ m + (1 − β₁) g)
/// - m ← β₂ m + (1 − β₂) g
///
/// All coordinates move by the same length, so that it comes no closer to a
/// minimum than about η; learning rates are three to ten times smaller than Adam's.
///
/// Source: Chen et al., *Symbolic discovery of optimization algorithms* (NeurIPS
/// 2023), Algorithm 2, with the defaults of the authors' program. As for
/// [`AdamW`](crate::optim::AdamW), decay is no part of the objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lion {
    /// β₁ in [0, 1): the momentum's share in the direction.
    pub beta1: f64,
    /// β₂ in [0, 1): decay of the momentum.
    pub beta2: f64,
    /// λ ≥ 0.
    pub decay: f64,
}

impl<T: Scalar> Method<T> for Lion {
    fn name(&self) -> &'static str {
        "lion"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["momentum"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [momentum]) = memory.parts();
        *step += 1;
        let beta1 = rates.momentum.unwrap_or(self.beta1);
        let (rate, kept) = (T::of(rates.learning_rate), T::of(1.0 - rates.learning_rate * self.decay));
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (b2, c2) = (T::of(self.beta2), T::of(1.0 - self.beta2));
        sweep(
            #[inline(always)]
            || {
                for ((x, m), &g) in x.iter_mut().zip(momentum).zip(gradient) {
                    *x = kept * *x - rate * sign(b1 * *m + c1 * g);
                    *m = b2 * *m + c2 * g;
                }
            },
        );
    }
}

pub(in crate::optim) const fn lion<T: Scalar>() -> Entry<T> {
    Entry {
        name: "lion",
        summary: "steps by the sign of an interpolated momentum",
        source: "Chen et al. 2023, Algorithm 2",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-4),
        parameters: const {
            &[
                Parameter::fraction("beta1", 0.9, "the momentum's share in the direction, β₁"),
                Parameter::fraction("beta2", 0.99, "decay of the momentum, β₂"),
                Parameter::not_negative("decay", 0.0, "weight decay per unit of learning rate, λ"),
            ]
        },
        build: |values, _| {
            Optimizer::Method(Box::new(Lion { beta1: values[0], beta2: values[1], decay: values[2] }))
        },
    }
}
