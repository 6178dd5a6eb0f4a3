//! Lookahead.

use super::adam::Adam;
use super::sgd::HeavyBall;
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Lookahead: every k steps of a fast rule, slow weights follow it part of the way.
///
/// With φ = x before the first step, after k steps of the fast rule on x:
///
/// - φ ← φ + α (x − φ)
/// - x ← φ
///
/// [`answer`](Method::answer) is φ; gradients are taken at x. The fast rule's memory goes on over these jumps.
///
/// Source: Zhang, Lucas, Hinton & Ba, *Lookahead optimizer: k steps forward, 1 step
/// back* (NeurIPS 2019), Algorithm 1, with its k = 5 and α = 0.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lookahead {
    /// The rule that goes ahead.
    pub fast: Fast,
    /// k.
    pub every: u64,
    /// α in (0, 1].
    pub share: f64,
}

/// The fast rule of [`Lookahead`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fast {
    /// Adam.
    Adam(Adam),
    /// Heavy-ball momentum.
    Momentum(HeavyBall),
}

impl<T: Scalar> Method<T> for Lookahead {
    fn name(&self) -> &'static str {
        "lookahead"
    }

    fn vectors(&self) -> &'static [&'static str] {
        match self.fast {
            Fast::Adam(_) => &["mean", "mean_square", "slow"],
            Fast::Momentum(_) => &["velocity", "slow"],
        }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let mut slow = memory.vectors.pop().expect("the memory is the rule's own");
        if memory.step == 0 {
            slow.copy_from_slice(x);
        }
        match &self.fast {
            Fast::Adam(adam) => adam.step(memory, x, gradient, rates),
            Fast::Momentum(momentum) => momentum.step(memory, x, gradient, rates),
        }
        if memory.step.is_multiple_of(self.every) {
            let share = T::of(self.share);
            sweep(
                #[inline(always)]
                || {
                    for (x, slow) in x.iter_mut().zip(&mut slow) {
                        *slow = *slow + share * (*x - *slow);
                        *x = *slow;
                    }
                },
            );
        }
        memory.vectors.push(slow);
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        memory.vectors.last().filter(|_| memory.step > 0).map_or(x, |slow| slow)
    }
}

pub(in crate::optim) const fn lookahead<T: Scalar>() -> Entry<T> {
    Entry {
        name: "lookahead",
        summary: "slow weights that follow a fast rule part of the way",
        source: "Zhang, Lucas, Hinton & Ba 2019, Algorithm 1",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: const {
            &[
                Parameter::choice("fast", &["adam", "momentum"], "the fast rule, with its own defaults"),
                Parameter::count("every", 5, "fast steps for a slow one, k"),
                Parameter::number(
                    "share",
                    0.5,
                    "how far the slow weights follow, α",
                    "a number in (0, 1]",
                    |share| share > 0.0 && share <= 1.0,
                ),
            ]
        },
        build: |values, _| {
            let fast = match values[0] as u8 {
                0 => Fast::Adam(Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
                _ => Fast::Momentum(HeavyBall { momentum: 0.9 }),
            };
            Optimizer::Method(Box::new(Lookahead { fast, every: values[1] as u64, share: values[2] }))
        },
    }
}
