//! AMSGrad.

use super::adam::{self, Adam};
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer};

/// Adam with a mean square that never falls.
///
/// With t counted from 1 and m = v = w = 0 before:
///
/// - m ← β₁ m + (1 − β₁) g
/// - v ← β₂ v + (1 − β₂) g²
/// - w ← max(w, v)
/// - x ← x − η (m / (1 − β₁ᵗ)) / (√(w / (1 − β₂ᵗ)) + ε)
///
/// Source: Reddi, Kale & Kumar, *On the convergence of Adam and beyond* (ICLR 2018),
/// Algorithm 2, with [`Adam`]'s bias corrections, which the paper leaves out, as in
/// `torch.optim.Adam(amsgrad=True)`: the maximum is taken of v as it is. Optax
/// takes it of v / (1 − β₂ᵗ), so that its early large corrections stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AmsGrad {
    /// Adam's own parameters.
    pub adam: Adam,
}

impl<T: Scalar> Method<T> for AmsGrad {
    fn name(&self) -> &'static str {
        "amsgrad"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square", "largest_mean_square"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [mean, square, largest]) = memory.parts();
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
                let moments = mean.iter_mut().zip(square).zip(largest);
                for ((x, ((m, v), w)), &g) in x.iter_mut().zip(moments).zip(gradient) {
                    *m = b1 * *m + c1 * g;
                    *v = b2 * *v + c2 * (g * g);
                    *w = w.max(*v);
                    *x = *x - rate * *m / (w.sqrt() * correction + epsilon);
                }
            },
        );
    }
}

pub(in crate::optim) const fn amsgrad<T: Scalar>() -> Entry<T> {
    Entry {
        name: "amsgrad",
        summary: "Adam with a mean square that never falls",
        source: "Reddi, Kale & Kumar 2018, Algorithm 2, in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: adam::PARAMETERS,
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(AmsGrad { adam }))
        },
    }
}
