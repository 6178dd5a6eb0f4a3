//! Rules of training of either kind.

use super::{Memory, Method, Rates, Sample, Stochastic};
use crate::optim::registry::Optimizer;
use crate::{Scalar, Stop};

/// A rule of training of either kind.
pub enum Rule<T: Scalar> {
    /// It sees one gradient a step.
    Method(Box<dyn Method<T>>),
    /// It asks more of a step's examples.
    Stochastic(Box<dyn Stochastic<T>>),
}

impl<T: Scalar> TryFrom<Optimizer<T>> for Rule<T> {
    /// The optimizer, which does not train.
    type Error = Optimizer<T>;

    fn try_from(optimizer: Optimizer<T>) -> Result<Self, Optimizer<T>> {
        match optimizer {
            Optimizer::Method(method) => Ok(Rule::Method(method)),
            Optimizer::Stochastic(method) => Ok(Rule::Stochastic(method)),
            other => Err(other),
        }
    }
}

impl<T: Scalar> Rule<T> {
    /// The name in the [registry](crate::optim::registry).
    pub fn name(&self) -> &'static str {
        match self {
            Rule::Method(method) => method.name(),
            Rule::Stochastic(method) => method.name(),
        }
    }

    /// The memory before the first step, for n coordinates.
    pub fn init(&self, n: usize) -> Memory<T> {
        match self {
            Rule::Method(method) => method.init(n),
            Rule::Stochastic(method) => method.init(n),
        }
    }

    /// Whether a memory, perhaps read from a file, is one of this rule for n coordinates.
    pub fn accepts(&self, memory: &Memory<T>, n: usize) -> bool {
        match self {
            Rule::Method(method) => memory.is_shaped_like(&method.init(n)),
            Rule::Stochastic(method) => method.accepts(memory, n),
        }
    }

    /// See [`Stochastic::step`].
    ///
    /// # Errors
    /// If the sample or the oracle stops.
    pub fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop> {
        match self {
            Rule::Method(method) => {
                let loss = sample.value_grad(x, gradient)?;
                method.step(memory, x, gradient, rates);
                Ok(loss)
            }
            Rule::Stochastic(method) => method.step(sample, memory, x, gradient, rates),
        }
    }

    /// The point (n) that the rule offers as its result; see [`Method::answer`].
    pub fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        match self {
            Rule::Method(method) => method.answer(memory, x),
            Rule::Stochastic(method) => method.answer(memory, x),
        }
    }
}
