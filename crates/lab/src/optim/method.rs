//! Update rules of training: plain data, explicit memory.

mod rule;

use serde::{Deserialize, Serialize};

pub use rule::Rule;

use crate::krylov::SymmetricOperator;
use crate::{Curvature, KroneckerFisher, Oracle, Scalar, Stop};

/// A first-order update rule: what to do with a gradient, apart from where the
/// gradient and the learning rate come from.
///
/// The rule itself is configuration and never changes; everything that does is
/// in its [`Memory`], so that a run can be copied at any step and continued
/// twice. Updates are one pass over x and the memory and allocate nothing.
///
/// Implementations keep to three promises: equal inputs give equal bits;
/// [`step`](Self::step) adds one to [`Memory::step`]; coordinates are updated
/// by the same formula whatever their position, unless the rule says otherwise.
pub trait Method<T: Scalar>: Send + Sync {
    /// The name in the [registry](crate::optim::registry).
    fn name(&self) -> &'static str;

    /// Names of the vectors that the rule remembers, in order; their length is n unless it says otherwise.
    fn vectors(&self) -> &'static [&'static str];

    /// The memory before the first step, for n coordinates.
    fn init(&self, n: usize) -> Memory<T> {
        Memory::zeros(n, self.vectors().len())
    }

    /// The least curvature λ at which the rule, with full gradients and these
    /// rates held fixed, no longer contracts on the quadratic λx²/2: 2/η for plain
    /// steps. `None` where no such number is known.
    ///
    /// Where the sharpness stays about this value, training is at the edge of
    /// stability (Cohen, Kaur, Li, Kolter & Talwalkar, ICLR 2021; with momentum
    /// as in their appendix B).
    fn stable_below(&self, rates: Rates) -> Option<f64> {
        let _ = rates;
        None
    }

    /// Updates x (n) from the gradient (n) at x.
    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates);

    /// The point (n) that the rule offers as its result: x, at which gradients are
    /// taken, unless the rule averages or looks ahead.
    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        let _ = memory;
        x
    }
}

/// A rule of training that asks more of a step's examples than one gradient:
/// a second gradient elsewhere, products with their Hessian, the gradient of all.
///
/// The promises are those of a [`Method`]; random numbers come from a
/// [`Stream`](crate::random::Stream) whose index is [`Memory::step`].
pub trait Stochastic<T: Scalar>: Send + Sync {
    /// The name in the [registry](crate::optim::registry).
    fn name(&self) -> &'static str;

    /// Names of the vectors that the rule remembers, in order; their length is n unless it says otherwise.
    fn vectors(&self) -> &'static [&'static str];

    /// The memory before the first step, for n coordinates.
    fn init(&self, n: usize) -> Memory<T> {
        Memory::zeros(n, self.vectors().len())
    }

    /// Whether a memory, perhaps read from a file, is one of this rule for n coordinates.
    fn accepts(&self, memory: &Memory<T>, n: usize) -> bool {
        memory.is_shaped_like(&self.init(n))
    }

    /// Updates x (n) and returns the sample's loss at x as it was before. `gradient` (n)
    /// is room to work in.
    ///
    /// # Errors
    /// If the sample or the oracle stops; memory and x may then be half changed, and
    /// the loop goes back to those before.
    fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop>;

    /// The point (n) that the rule offers as its result; see [`Method::answer`].
    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        let _ = memory;
        x
    }
}

/// What a step is made from: the loss over a minibatch, or over all examples.
/// Everything that is asked of it is counted by its oracle.
pub trait Sample<T: Scalar> {
    /// The sample's loss at x, and its gradient (n).
    fn value_grad(&mut self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop>;

    /// The product (n) of the curvature matrix of the sample's loss at x with a vector (n).
    fn product(&mut self, x: &[T], curvature: Curvature, vector: &[T], product: &mut [T])
    -> Result<(), Stop>;

    /// Kronecker factors of the Fisher matrix of the sample at x.
    fn kronecker_fisher(&mut self, x: &[T]) -> Result<KroneckerFisher<T>, Stop>;

    /// The gradient (n) of the whole objective at x, and its value.
    fn whole(&mut self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop>;
}

/// A sample of all there is.
pub struct Everything<'o, 'a, T: Scalar> {
    oracle: &'o Oracle<'a, T>,
    /// A point whose value and gradient are known already.
    known: Option<(&'o [T], f64, &'o [T])>,
}

impl<'o, 'a, T: Scalar> Everything<'o, 'a, T> {
    /// The whole objective.
    pub fn new(oracle: &'o Oracle<'a, T>) -> Self {
        Self { oracle, known: None }
    }

    /// The same, where value and gradient at x are known and need not be counted again.
    #[must_use]
    pub fn knowing(mut self, x: &'o [T], value: f64, gradient: &'o [T]) -> Self {
        self.known = Some((x, value, gradient));
        self
    }
}

impl<T: Scalar> Sample<T> for Everything<'_, '_, T> {
    fn value_grad(&mut self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop> {
        match self.known {
            Some((known, value, slope)) if known == x => {
                gradient.copy_from_slice(slope);
                Ok(value)
            }
            _ => self.oracle.value_grad(x, gradient),
        }
    }

    fn product(
        &mut self,
        x: &[T],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Stop> {
        self.oracle.linearize(x, curvature)?.apply(vector, product)
    }

    fn kronecker_fisher(&mut self, x: &[T]) -> Result<KroneckerFisher<T>, Stop> {
        self.oracle.kronecker_fisher(x)
    }

    fn whole(&mut self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop> {
        self.value_grad(x, gradient)
    }
}

/// What a step is told by the schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// η of this step.
    pub learning_rate: f64,
    /// Replaces the rule's momentum (β₁ for Adam and AdamW) at this step;
    /// rules without momentum ignore it.
    pub momentum: Option<f64>,
}

impl Rates {
    /// A learning rate alone.
    pub fn new(learning_rate: f64) -> Self {
        Self { learning_rate, momentum: None }
    }
}

/// What an optimizer remembers between steps; read and written to the last bit by serde.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Memory<T: Scalar> {
    /// Number of steps taken.
    pub step: u64,
    /// Numbers that the rule remembers.
    #[serde(with = "crate::exact")]
    pub scalars: Vec<f64>,
    /// Vectors that the rule remembers.
    #[serde(with = "crate::exact::rows")]
    pub vectors: Vec<Vec<T>>,
}

impl<T: Scalar> Clone for Memory<T> {
    fn clone(&self) -> Self {
        Self { step: self.step, scalars: self.scalars.clone(), vectors: self.vectors.clone() }
    }

    /// Allocates nothing where the vectors fit, as they do from step to step.
    fn clone_from(&mut self, source: &Self) {
        self.step = source.step;
        self.scalars.clone_from(&source.scalars);
        self.vectors.clone_from(&source.vectors);
    }
}

impl<T: Scalar> Memory<T> {
    /// No step taken, `count` zero vectors of length n.
    pub fn zeros(n: usize, count: usize) -> Self {
        Self { step: 0, scalars: Vec::new(), vectors: vec![vec![T::zero(); n]; count] }
    }

    /// Whether it holds as many numbers, and vectors of the same lengths.
    pub(in crate::optim) fn is_shaped_like(&self, other: &Self) -> bool {
        let lengths = |memory: &Self| memory.vectors.iter().map(Vec::len).collect::<Vec<_>>();
        self.scalars.len() == other.scalars.len() && lengths(self) == lengths(other)
    }

    /// The step counter, the numbers and the N vectors, each to be changed on its own.
    pub(in crate::optim) fn parts<const N: usize>(&mut self) -> (&mut u64, &mut [f64], &mut [Vec<T>; N]) {
        let vectors = self.vectors.as_mut_slice().try_into().expect("the memory is the rule's own");
        (&mut self.step, &mut self.scalars, vectors)
    }
}
