//! RMSProp.

use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// RMSProp: steps scaled by a running mean of squared gradients, which begins at 0 and is not corrected.
///
/// - v ← α v + (1 − α) g²
/// - d = √v + ε, or, centred, m ← α m + (1 − α) g and d = √(v − m²) + ε
/// - u ← μ u + g / d
/// - x ← x − η u
///
/// The first steps have the length η/√(1 − α), ten times η by default.
///
/// Source: Tieleman & Hinton, *Neural networks for machine learning*, lecture 6.5
/// (2012), for the first line; the centred form and momentum are those of Graves,
/// *Generating sequences with recurrent neural networks* (2013), eqs. 38–45. Order,
/// place of ε and defaults are those of `torch.optim.RMSprop`; others put ε inside the root.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// α in [0, 1).
    pub alpha: f64,
    /// ε > 0.
    pub epsilon: f64,
    /// μ in [0, 1).
    pub momentum: f64,
    /// Whether the mean gradient's square is subtracted.
    pub centred: bool,
}

impl<T: Scalar> Method<T> for RmsProp {
    fn name(&self) -> &'static str {
        "rmsprop"
    }

    fn vectors(&self) -> &'static [&'static str] {
        if self.centred { &["mean_square", "velocity", "mean"] } else { &["mean_square", "velocity"] }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        memory.step += 1;
        let (a, c) = (T::of(self.alpha), T::of(1.0 - self.alpha));
        let (rate, epsilon) = (T::of(rates.learning_rate), T::of(self.epsilon));
        let momentum = T::of(rates.momentum.unwrap_or(self.momentum));
        match &mut memory.vectors[..] {
            [square, velocity] => sweep(
                #[inline(always)]
                || {
                    for (((x, v), u), &g) in x.iter_mut().zip(square).zip(velocity).zip(gradient) {
                        *v = a * *v + c * (g * g);
                        *u = momentum * *u + g / (v.sqrt() + epsilon);
                        *x = *x - rate * *u;
                    }
                },
            ),
            [square, velocity, mean] => sweep(
                #[inline(always)]
                || {
                    let moments = square.iter_mut().zip(velocity).zip(mean);
                    for ((x, ((v, u), m)), &g) in x.iter_mut().zip(moments).zip(gradient) {
                        *v = a * *v + c * (g * g);
                        *m = a * *m + c * g;
                        // Rounding may leave a variance a little below 0.
                        let variance = (*v - *m * *m).max(T::zero());
                        *u = momentum * *u + g / (variance.sqrt() + epsilon);
                        *x = *x - rate * *u;
                    }
                },
            ),
            _ => unreachable!("RMSProp remembers two vectors or three"),
        }
    }
}

pub(in crate::optim) const fn rmsprop<T: Scalar>() -> Entry<T> {
    Entry {
        name: "rmsprop",
        summary: "steps scaled by a running mean of squares",
        source: "Tieleman & Hinton 2012, lecture 6.5; Graves 2013, eqs. 38-45; in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::fraction("alpha", 0.99, "decay of the mean of squares, α"),
                Parameter::positive("epsilon", 1e-8, "added to the root of the mean square, ε"),
                Parameter::fraction("momentum", 0.0, "share of the velocity that is kept, μ"),
                Parameter::choice("centred", &["no", "yes"], "whether the mean's square is subtracted"),
            ]
        },
        build: |values, _| {
            Optimizer::Method(Box::new(RmsProp {
                alpha: values[0],
                epsilon: values[1],
                momentum: values[2],
                centred: values[3] == 1.0,
            }))
        },
    }
}
