//! AdaBelief.

use super::adam::{self, Adam};
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer};

/// Adam scaled by how far gradients are from their running mean.
///
/// With t counted from 1 and m = s = 0 before:
///
/// - m ← β₁ m + (1 − β₁) g
/// - s ← β₂ s + (1 − β₂) (g − m)² + ε
/// - x ← x − η (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε)
///
/// Where gradients agree with their mean, steps are long, whatever their size.
///
/// Source: Zhuang, Tang, Ding, Tatikonda, Dvornek, Papademetris & Duncan,
/// *AdaBelief optimizer: adapting stepsizes by the belief in observed gradients*
/// (NeurIPS 2020), Algorithm 2, with the ε = 10⁻¹⁶ of the authors'
/// program and of `optax.adabelief`; without the rectification that the former switches on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaBelief {
    /// Adam's own parameters.
    pub adam: Adam,
}

impl<T: Scalar> Method<T> for AdaBelief {
    fn name(&self) -> &'static str {
        "adabelief"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "variance"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [mean, variance]) = memory.parts();
        *step += 1;
        let Adam { beta1, beta2, epsilon } = self.adam;
        let beta1 = rates.momentum.unwrap_or(beta1);
        let t = *step as f64;
        let rate = T::of(rates.learning_rate / (1.0 - beta1.powf(t)));
        let correction = T::of(1.0 / (1.0 - beta2.powf(t)).sqrt());
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (b2, c2, epsilon) = (T::of(beta2), T::of(1.0 - beta2), T::of(epsilon));
        sweep(
            #[inline(always)]
            || {
                for (((x, m), s), &g) in x.iter_mut().zip(mean).zip(variance).zip(gradient) {
                    *m = b1 * *m + c1 * g;
                    let surprise = g - *m;
                    *s = b2 * *s + c2 * (surprise * surprise) + epsilon;
                    *x = *x - rate * *m / (s.sqrt() * correction + epsilon);
                }
            },
        );
    }
}

pub(in crate::optim) const fn adabelief<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adabelief",
        summary: "Adam scaled by the gradient's distance from its mean",
        source: "Zhuang et al. 2020, Algorithm 2",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: const { &[adam::PARAMETERS[0], adam::PARAMETERS[1], adam::PARAMETERS[2].with_default(1e-16)] },
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(AdaBelief { adam }))
        },
    }
}
