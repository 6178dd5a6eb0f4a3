//! Update rules of training: plain data, explicit memory.

use serde::{Deserialize, Serialize};

use crate::Scalar;

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

    /// Names of the vectors of length n that the rule remembers, in order.
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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

impl<T: Scalar> Memory<T> {
    /// No step taken, `count` zero vectors of length n.
    pub fn zeros(n: usize, count: usize) -> Self {
        Self { step: 0, scalars: Vec::new(), vectors: vec![vec![T::zero(); n]; count] }
    }
}
