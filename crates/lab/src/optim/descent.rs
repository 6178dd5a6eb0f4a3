//! Direction and step length, apart from each other.

use super::line::StepLength;
use super::method::Memory;
use super::minimize::{Iteration, Point};
use crate::{Oracle, Scalar, Stop};

/// A rule that chooses a direction at a point. How far to go along it is a
/// [`StepLength`]'s business. A rule that needs curvature asks the oracle for it.
pub trait Descent<T: Scalar>: Send + Sync {
    /// The rule's name.
    fn name(&self) -> &'static str;

    /// The memory before the first iteration; see [`Iteration::init`].
    fn init(&self, n: usize) -> Memory<T> {
        let _ = n;
        Memory::zeros(0, 0)
    }

    /// Writes the direction (n) at a point; its length is the step that the rule itself thinks best.
    fn direction(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop>;

    /// Forgets what the rule has learnt of the function, after a search along its direction
    /// found nothing; false if it had learnt nothing and would give the same direction again.
    fn forget(&self, memory: &mut Memory<T>) -> bool {
        let _ = memory;
        false
    }

    /// What the rule has counted so far, by name; see [`Iteration::tally`].
    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        let _ = memory;
        Vec::new()
    }
}

/// A direction rule and a step length make an iteration.
///
/// Where the search finds nothing, the rule [forgets](Descent::forget) what it has
/// learnt and one more search is made; `searches_failed` of the tally counts those.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineSearch<D> {
    /// The direction.
    pub descent: D,
    /// The length.
    pub length: StepLength,
}

impl<T: Scalar, D: Descent<T>> Iteration<T> for LineSearch<D> {
    fn name(&self) -> &'static str {
        self.descent.name()
    }

    /// The descent's memory, with what the search remembers put behind its numbers.
    fn init(&self, n: usize) -> Memory<T> {
        let mut memory = self.descent.init(n);
        memory.scalars.push(0.0);
        memory.scalars.extend(self.length.begin());
        memory
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let own = memory.scalars.len() - self.length.begin().len() - 1;
        let mut past = memory.scalars.split_off(own);
        let (failed, past_searches) = past.split_at_mut(1);
        let mut direction = vec![T::zero(); at.x.len()];
        self.descent.direction(oracle, memory, at, &mut direction)?;
        let mut length = self.length.find(oracle, at, &direction, past_searches, next)?;
        if length.is_none() && self.descent.forget(memory) {
            failed[0] += 1.0;
            self.descent.direction(oracle, memory, at, &mut direction)?;
            length = self.length.find(oracle, at, &direction, past_searches, next)?;
        }
        memory.scalars.extend(past);
        Ok(length)
    }

    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        let failed = memory.scalars[memory.scalars.len() - self.length.begin().len() - 1];
        let mut all = self.descent.tally(memory);
        all.push(("searches_failed", failed as u64));
        all
    }
}
