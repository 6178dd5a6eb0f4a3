//! What the steps of a training are made from.

use super::config::Plan;
use crate::optim::method::{Everything, Sample};
use crate::optim::schedule::Clock;
use crate::random::Stream;
use crate::{Curvature, FiniteSum, KroneckerFisher, Minibatch, Oracle, Scalar, Stop};

/// Where gradients come from.
pub(super) enum Source<'a, T: Scalar> {
    /// All examples, or a function that has none.
    Full,
    /// The examples in an order that every epoch makes anew.
    Minibatches(Minibatches<'a, T>),
}

/// See [`Source`].
pub(super) struct Minibatches<'a, T: Scalar> {
    seed: u64,
    clock: Clock,
    examples: usize,
    whole: Batch<'a, T>,
    /// The smaller last batch of an epoch, if there is one and it is kept.
    rest: Option<Batch<'a, T>>,
    /// The order of the examples in an epoch.
    order: Option<(u64, Vec<u32>)>,
}

struct Batch<'a, T: Scalar> {
    size: usize,
    evaluate: Box<dyn Minibatch<T> + 'a>,
}

impl<'a, T: Scalar> Source<'a, T> {
    pub fn minibatches(sum: &'a dyn FiniteSum<T>, plan: &Plan, seed: u64, clock: Clock) -> Self {
        let batch = |size| Batch { size, evaluate: sum.minibatch(size) };
        Source::Minibatches(Minibatches {
            seed,
            clock,
            examples: sum.examples(),
            whole: batch(plan.size),
            rest: (plan.rest > 0).then(|| batch(plan.rest)),
            order: None,
        })
    }

    /// What step `step` is made from.
    pub fn sample<'s>(&'s mut self, oracle: &'s Oracle<'a, T>, step: u64) -> Drawn<'s, 'a, T> {
        match self {
            Source::Full => Drawn { oracle, minibatch: None, share: 1.0 },
            Source::Minibatches(source) => {
                let all = source.examples as f64;
                let (minibatch, indices) = source.draw(step);
                let share = indices.len() as f64 / all;
                Drawn { oracle, minibatch: Some((minibatch, indices)), share }
            }
        }
    }
}

impl<'a, T: Scalar> Minibatches<'a, T> {
    fn draw(&mut self, step: u64) -> (&mut (dyn Minibatch<T> + 'a), &[u32]) {
        let (epoch, place) = (step / self.clock.steps_per_epoch, step % self.clock.steps_per_epoch);
        if self.order.as_ref().is_none_or(|(known, _)| *known != epoch) {
            let order = Stream::new(self.seed, "shuffle", epoch).permutation(self.examples);
            self.order = Some((epoch, order));
        }
        let order = self.order.as_ref().map_or(&[][..], |(_, order)| order);
        let start = place as usize * self.whole.size;
        let batch = match &mut self.rest {
            Some(rest) if start + self.whole.size > self.examples => rest,
            _ => &mut self.whole,
        };
        (&mut *batch.evaluate, &order[start..start + batch.size])
    }
}

/// A step's examples.
pub(super) struct Drawn<'s, 'a, T: Scalar> {
    oracle: &'s Oracle<'a, T>,
    /// `None` for all.
    minibatch: Option<(&'s mut (dyn Minibatch<T> + 'a), &'s [u32])>,
    /// The share of the examples that these are.
    share: f64,
}

impl<T: Scalar> Sample<T> for Drawn<'_, '_, T> {
    fn value_grad(&mut self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop> {
        let share = self.share;
        match &mut self.minibatch {
            None => self.oracle.value_grad(x, gradient),
            Some((minibatch, indices)) => {
                self.oracle.stochastic(share, gradient, |gradient| minibatch.value_grad(x, indices, gradient))
            }
        }
    }

    fn product(
        &mut self,
        x: &[T],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Stop> {
        let share = self.share;
        match &mut self.minibatch {
            None => Everything::new(self.oracle).product(x, curvature, vector, product),
            Some((minibatch, indices)) => self.oracle.stochastic_product(share, product, |product| {
                minibatch.product(x, indices, curvature, vector, product)
            }),
        }
    }

    fn kronecker_fisher(&mut self, x: &[T]) -> Result<KroneckerFisher<T>, Stop> {
        let share = self.share;
        match &mut self.minibatch {
            None => self.oracle.kronecker_fisher(x),
            Some((minibatch, indices)) => {
                self.oracle.stochastic_kronecker_fisher(share, || minibatch.kronecker_fisher(x, indices))
            }
        }
    }

    fn whole(&mut self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop> {
        self.oracle.value_grad(x, gradient)
    }
}
