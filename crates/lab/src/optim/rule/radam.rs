//! RAdam.

use super::adam::{self, Adam};
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer};

/// Adam that trusts its mean square only as far as that has been sampled.
///
/// With t counted from 1, m = v = 0 before, ρ_∞ = 2/(1 − β₂) − 1 and
/// ρ_t = ρ_∞ − 2t β₂ᵗ/(1 − β₂ᵗ):
///
/// - m ← β₁ m + (1 − β₁) g, m̂ = m / (1 − β₁ᵗ)
/// - v ← β₂ v + (1 − β₂) g²
/// - where ρ_t > 5: x ← x − η r_t √(1 − β₂ᵗ) m̂ / (√v + ε) with
///   r_t² = (ρ_t − 4)(ρ_t − 2) ρ_∞ / ((ρ_∞ − 4)(ρ_∞ − 2) ρ_t)
/// - elsewhere (the first five steps with β₂ = 0.999): x ← x − η m̂
///
/// Source: Liu, Jiang, He, Chen, Liu, Gao & Han, *On the variance of the adaptive
/// learning rate and beyond* (ICLR 2020), Algorithm 2, whose threshold is 4; the
/// threshold 5 (that of the authors' program) and ε added to √v before the
/// correction are those of `torch.optim.RAdam`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RAdam {
    /// Adam's own parameters.
    pub adam: Adam,
}

impl<T: Scalar> Method<T> for RAdam {
    fn name(&self) -> &'static str {
        "radam"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [mean, square]) = memory.parts();
        *step += 1;
        let Adam { beta1, beta2, epsilon } = self.adam;
        let beta1 = rates.momentum.unwrap_or(beta1);
        let t = *step as f64;
        let rate = rates.learning_rate / (1.0 - beta1.powf(t));
        let far = 2.0 / (1.0 - beta2) - 1.0;
        let length = far - 2.0 * t * beta2.powf(t) / (1.0 - beta2.powf(t));
        let rectified = length > 5.0;
        // Where there is no rectification, the root and ε drop out.
        let (rate, weight, epsilon) = if rectified {
            let squared = (length - 4.0) * (length - 2.0) * far / ((far - 4.0) * (far - 2.0) * length);
            (rate * (squared * (1.0 - beta2.powf(t))).sqrt(), T::one(), T::of(epsilon))
        } else {
            (rate, T::zero(), T::one())
        };
        let (rate, b1, c1) = (T::of(rate), T::of(beta1), T::of(1.0 - beta1));
        let (b2, c2) = (T::of(beta2), T::of(1.0 - beta2));
        sweep(
            #[inline(always)]
            || {
                for (((x, m), v), &g) in x.iter_mut().zip(mean).zip(square).zip(gradient) {
                    *m = b1 * *m + c1 * g;
                    *v = b2 * *v + c2 * (g * g);
                    *x = *x - rate * *m / (weight * v.sqrt() + epsilon);
                }
            },
        );
    }
}

pub(in crate::optim) const fn radam<T: Scalar>() -> Entry<T> {
    Entry {
        name: "radam",
        summary: "Adam with a rectified mean square in its first steps",
        source: "Liu et al. 2020, Algorithm 2, in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: adam::PARAMETERS,
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(RAdam { adam }))
        },
    }
}
