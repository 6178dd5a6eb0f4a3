//! AdaGrad.

use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// AdaGrad: steps scaled by the sum of all squared gradients so far.
///
/// With s = s₀ before the first step:
///
/// - s ← s + g²
/// - x ← x − η g / (√s + ε)
///
/// Steps shrink as 1/√t and never grow again, which suits sparse gradients and
/// convex functions.
///
/// Source: Duchi, Hazan & Singer, *Adaptive subgradient methods for online
/// learning and stochastic optimization* (JMLR 2011), the diagonal variant of
/// Figure 1 without regularizer, whose δ is this ε; the form and the defaults are
/// those of `torch.optim.Adagrad` (other libraries begin with s₀ = 0.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaGrad {
    /// ε > 0.
    pub epsilon: f64,
    /// s₀ ≥ 0.
    pub initial: f64,
}

impl<T: Scalar> Method<T> for AdaGrad {
    fn name(&self) -> &'static str {
        "adagrad"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["sum_of_squares"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        Memory { vectors: vec![vec![T::of(self.initial); n]], ..Memory::zeros(n, 0) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [sums]) = memory.parts();
        *step += 1;
        let (rate, epsilon) = (T::of(rates.learning_rate), T::of(self.epsilon));
        sweep(
            #[inline(always)]
            || {
                for ((x, s), &g) in x.iter_mut().zip(sums).zip(gradient) {
                    *s = *s + g * g;
                    *x = *x - rate * g / (s.sqrt() + epsilon);
                }
            },
        );
    }
}

pub(in crate::optim) const fn adagrad<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adagrad",
        summary: "steps scaled by the sum of squared gradients",
        source: "Duchi, Hazan & Singer 2011, Figure 1, in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::positive("epsilon", 1e-10, "added to the root of the sum, ε"),
                Parameter::not_negative("initial", 0.0, "where the sum of squares begins, s₀"),
            ]
        },
        build: |values, _| Optimizer::Method(Box::new(AdaGrad { epsilon: values[0], initial: values[1] })),
    }
}
