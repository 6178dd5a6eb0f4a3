//! AdaMax.

use super::adam::{self, Adam};
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer};

/// Adam with a decaying maximum in the place of the root of the mean square.
///
/// With t counted from 1 and m = u = 0 before:
///
/// - m ← β₁ m + (1 − β₁) g
/// - u ← max(β₂ u, |g| + ε)
/// - x ← x − η m / ((1 − β₁ᵗ) u)
///
/// Source: Kingma & Ba, *Adam: a method for stochastic optimization* (ICLR 2015),
/// Algorithm 2, where ε is 0; place of ε and defaults as in `torch.optim.Adamax`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaMax {
    /// Adam's own parameters.
    pub adam: Adam,
}

impl<T: Scalar> Method<T> for AdaMax {
    fn name(&self) -> &'static str {
        "adamax"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "largest"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [mean, largest]) = memory.parts();
        *step += 1;
        let beta1 = rates.momentum.unwrap_or(self.adam.beta1);
        let rate = T::of(rates.learning_rate / (1.0 - beta1.powf(*step as f64)));
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (b2, epsilon) = (T::of(self.adam.beta2), T::of(self.adam.epsilon));
        sweep(
            #[inline(always)]
            || {
                for (((x, m), u), &g) in x.iter_mut().zip(mean).zip(largest).zip(gradient) {
                    *m = b1 * *m + c1 * g;
                    *u = (b2 * *u).max(g.abs() + epsilon);
                    *x = *x - rate * *m / *u;
                }
            },
        );
    }
}

pub(in crate::optim) const fn adamax<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adamax",
        summary: "Adam with a decaying maximum of gradients",
        source: "Kingma & Ba 2015, Algorithm 2, in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(2e-3),
        parameters: adam::PARAMETERS,
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(AdaMax { adam }))
        },
    }
}
