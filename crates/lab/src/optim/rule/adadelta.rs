//! Adadelta.

use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Adadelta: steps whose unit is that of x, from running means of squared gradients and squared steps.
///
/// With v = w = 0 before the first step:
///
/// - v ← ρ v + (1 − ρ) g²
/// - d = √((w + ε)/(v + ε)) g
/// - w ← ρ w + (1 − ρ) d²
/// - x ← x − η d
///
/// The first steps have a length of about √ε and grow from there, so it starts slowly.
///
/// Source: Zeiler, *ADADELTA: an adaptive learning rate method* (2012), Algorithm 1,
/// which has no η; η = 1, the default here and in `torch.optim.Adadelta`, is the paper's
/// method, with PyTorch's ρ = 0.9 (the paper's experiments have 0.95).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adadelta {
    /// ρ in [0, 1).
    pub rho: f64,
    /// ε > 0.
    pub epsilon: f64,
}

impl<T: Scalar> Method<T> for Adadelta {
    fn name(&self) -> &'static str {
        "adadelta"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean_square", "mean_square_step"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [square, moved]) = memory.parts();
        *step += 1;
        let (r, c) = (T::of(self.rho), T::of(1.0 - self.rho));
        let (rate, epsilon) = (T::of(rates.learning_rate), T::of(self.epsilon));
        sweep(
            #[inline(always)]
            || {
                for (((x, v), w), &g) in x.iter_mut().zip(square).zip(moved).zip(gradient) {
                    *v = r * *v + c * (g * g);
                    let d = (*w + epsilon).sqrt() / (*v + epsilon).sqrt() * g;
                    *w = r * *w + c * (d * d);
                    *x = *x - rate * d;
                }
            },
        );
    }
}

pub(in crate::optim) const fn adadelta<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adadelta",
        summary: "steps from running means of squared gradients and squared steps",
        source: "Zeiler 2012, Algorithm 1, in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1.0),
        parameters: const {
            &[
                Parameter::fraction("rho", 0.9, "decay of both means of squares, ρ"),
                Parameter::positive("epsilon", 1e-6, "added to both means of squares, ε"),
            ]
        },
        build: |values, _| Optimizer::Method(Box::new(Adadelta { rho: values[0], epsilon: values[1] })),
    }
}
