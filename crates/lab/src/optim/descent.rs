//! Direction and step length, apart from each other.

use serde::{Deserialize, Serialize};

use super::method::Memory;
use super::minimize::{Iteration, Point};
use crate::vector::{displaced, dot, norm};
use crate::{Oracle, Scalar, Stop};

/// A rule that chooses a direction at a point. How far to go along it is a
/// [`StepLength`]'s business. A rule that needs curvature asks the oracle for it.
pub trait Descent<T: Scalar>: Send + Sync {
    /// The rule's name.
    fn name(&self) -> &'static str;

    /// The memory before the first iteration, for n coordinates.
    fn init(&self, n: usize) -> Memory<T>;

    /// Writes the direction (n) at a point; its length is the step that the rule itself thinks best.
    fn direction(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop>;
}

/// How far to go along a direction d from x.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepLength {
    /// Always α d.
    Constant(f64),
    /// The first of α₀, α₀ρ, α₀ρ², … that lowers f enough.
    Backtracking(Backtracking),
}

/// Backtracking until f(x + α d) ≤ f(x) + c α ∇f(x)ᵀd.
///
/// The search begins at α₀ = min(`longest`, `growth` · the last accepted α). A
/// trial at which f is not finite counts as too far. It gives up when ∇f(x)ᵀd ≥ 0
/// or when x + α d = x in every coordinate.
///
/// Cost: one value a trial, then one gradient. Source: Armijo, *Minimization of
/// functions having Lipschitz continuous first partial derivatives* (1966), as
/// Algorithm 3.1 of Nocedal & Wright (2006); the warm start of α₀ is an addition,
/// switched off by an infinite `growth`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtracking {
    /// The longest step tried.
    pub longest: f64,
    /// ρ in (0, 1).
    pub shrink: f64,
    /// c in (0, 1).
    pub decrease: f64,
    /// How much longer than the last step a search may begin; at least 1.
    pub growth: f64,
}

impl Default for Backtracking {
    /// From 1, halving, c = 1e-4, beginning at twice the last step.
    fn default() -> Self {
        Self { longest: 1.0, shrink: 0.5, decrease: 1e-4, growth: 2.0 }
    }
}

/// A direction rule and a step length make an iteration.
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

    /// The descent's memory, with the last step length put behind its numbers.
    fn init(&self, n: usize) -> Memory<T> {
        let mut memory = self.descent.init(n);
        memory.scalars.push(f64::INFINITY);
        memory
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let last = memory.scalars.pop().unwrap_or(f64::INFINITY);
        let mut direction = vec![T::zero(); at.x.len()];
        self.descent.direction(oracle, memory, at, &mut direction)?;
        let length = match self.length {
            StepLength::Constant(length) => {
                displaced(&at.x, &[(length, &direction)], &mut next.x);
                Some(length)
            }
            StepLength::Backtracking(search) => search.find(oracle, at, &direction, last, &mut next.x)?,
        };
        memory.scalars.push(length.unwrap_or(last));
        if length.is_some() {
            next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        }
        Ok(length)
    }
}

impl Backtracking {
    /// Finds a length and leaves x + α d in `trial`.
    fn find<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        at: &Point<T>,
        direction: &[T],
        last: f64,
        trial: &mut [T],
    ) -> Result<Option<f64>, Stop> {
        let slope = dot(&at.gradient, direction);
        if slope >= 0.0 || !slope.is_finite() || norm(direction) == 0.0 {
            return Ok(None);
        }
        let mut length = self.longest.min(self.growth * last);
        loop {
            displaced(&at.x, &[(length, direction)], trial);
            if trial == &at.x[..] {
                return Ok(None);
            }
            let mut value = [0.0];
            oracle.values(trial, &mut value)?;
            if value[0] <= at.value + self.decrease * length * slope {
                return Ok(Some(length));
            }
            length *= self.shrink;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::SteepestDescent;
    use crate::samples;

    fn search(length: StepLength) -> LineSearch<SteepestDescent> {
        LineSearch { descent: SteepestDescent, length }
    }

    fn step(length: StepLength, x: &[f64]) -> (Option<f64>, Vec<f64>, f64, u64) {
        let f = samples::diagonal(&[1.0, 10.0]);
        let oracle = Oracle::new(&f);
        let mut at = Point { x: x.to_vec(), value: 0.0, gradient: vec![0.0; 2] };
        at.value = oracle.value_grad(x, &mut at.gradient).unwrap();
        let mut next = at.clone();
        let mut memory = search(length).init(2);
        let found = search(length).advance(&oracle, &mut memory, &at, &mut next).unwrap();
        (found, next.x, at.value, oracle.counts().values)
    }

    /// f = (x² + 10 y²)/2 from (0, 1) along −∇f = (0, −10): f(α) = 5 (1 − 10 α)², and
    /// the condition with c = 0.3 is α ≤ 0.14, which 1/8 is the first power of 1/2 to meet.
    #[test]
    fn backtracking_takes_the_first_length_that_armijo_allows() {
        let rule = Backtracking { decrease: 0.3, ..Default::default() };
        let (length, x, _, values) = step(StepLength::Backtracking(rule), &[0.0, 1.0]);
        assert_eq!(length, Some(0.125));
        assert_eq!(x, [0.0, -0.25]);
        assert_eq!(values, 4);
    }

    #[test]
    fn a_constant_step_needs_no_values() {
        let (length, x, _, values) = step(StepLength::Constant(0.05), &[1.0, 1.0]);
        assert_eq!((length, x, values), (Some(0.05), vec![0.95, 0.5], 0));
    }

    #[test]
    fn there_is_no_step_at_the_minimum() {
        assert_eq!(step(StepLength::Backtracking(Backtracking::default()), &[0.0, 0.0]).0, None);
    }

    /// f = x − ln x from x = 3, where f′ = 2/3: the step 6 leads to −1, where f is NaN, the step 3 to 1.
    #[test]
    fn a_trial_that_is_not_finite_is_too_far() {
        let f = samples::function(
            1,
            |x| x[0] - x[0].ln(),
            |x, g| g[0] = 1.0 - 1.0 / x[0],
            |x, h| h[0] = 1.0 / (x[0] * x[0]),
        );
        let oracle = Oracle::new(&f);
        let mut at = Point { x: vec![3.0f64], value: 0.0, gradient: vec![0.0] };
        at.value = oracle.value_grad(&[3.0], &mut at.gradient).unwrap();
        let mut next = at.clone();
        let rule = Backtracking { longest: 6.0, ..Default::default() };
        let line = search(StepLength::Backtracking(rule));
        let length = line.advance(&oracle, &mut line.init(1), &at, &mut next).unwrap();
        assert_eq!(length, Some(3.0));
        assert!((next.x[0] - 1.0).abs() < 1e-15);
    }
}
