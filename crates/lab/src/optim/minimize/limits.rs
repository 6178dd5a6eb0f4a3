//! When a minimization ends.

use serde::{Deserialize, Serialize};

use super::{Change, Ending, State};
use crate::Scalar;
use crate::vector::norm;

/// When to end; asked before every iteration.
///
/// The tests of convergence are those of the target, of the gradient, of the change of the value and of the
/// step; [`Tests`] says whether one of them is enough. Changes and steps are small wherever a method
/// creeps, on a plateau and at a turning point of momentum as well as at a minimum, so that these two say
/// less than the gradient.
///
/// Budgets on evaluations and on time, cancellation and the watch for non-finite numbers
/// are the [`Oracle`](crate::Oracle)'s.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Ends when ‖∇f(x)‖ ≤ max(this, `gradient_relative` · ‖∇f(x₀)‖). Where both are 0 the test is not
    /// asked for; a gradient that is exactly 0 ends the loop all the same, as there is nowhere to go.
    pub gradient_absolute: f64,
    /// See `gradient_absolute`.
    pub gradient_relative: f64,
    /// Ends when |f(x_k) − f(x_{k−1})| ≤ max(absolute, relative · |f(x_k)|).
    pub value: Option<Tolerance>,
    /// Ends when ‖x_k − x_{k−1}‖ ≤ max(absolute, relative · ‖x_k‖).
    pub step: Option<Tolerance>,
    /// Ends when f(x) ≤ this.
    pub target: Option<f64>,
    /// Whether one of these tests is enough.
    pub tests: Tests,
    /// Ends when f(x) − f(x₀) > this · max(1, |f(x₀)|).
    pub blow_up: f64,
    /// Ends when f no longer falls.
    pub stall: Option<Stall>,
    /// Ends after this many iterations in all.
    pub iterations: u64,
}

/// Two thresholds, of which the larger one counts; 0 and 0 ask for no change at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// In the units of what is tested.
    pub absolute: f64,
    /// As a share of its size.
    pub relative: f64,
}

impl Tolerance {
    fn threshold(self, size: f64) -> f64 {
        self.absolute.max(self.relative * size)
    }
}

/// How many of the tests of convergence that are asked for have to be passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tests {
    /// One of them.
    #[default]
    Any,
    /// All of them, after the same iteration.
    All,
}

/// No progress: over a window of `iterations`, the least value seen fell by no
/// more than `decrease` · max(1, |f|).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stall {
    /// Length of the window.
    pub iterations: u64,
    /// The fall that counts as progress; 0 asks for any fall at all.
    pub decrease: f64,
}

impl Default for Limits {
    /// ‖∇f‖ ≤ 1e-8, ten thousand iterations, blow-up at 1e6; no other test, no stalling.
    fn default() -> Self {
        Self {
            gradient_absolute: 1e-8,
            gradient_relative: 0.0,
            value: None,
            step: None,
            target: None,
            tests: Tests::Any,
            blow_up: 1e6,
            stall: None,
            iterations: 10_000,
        }
    }
}

/// What the tests of convergence look at.
pub(in crate::optim) struct Standing<'s, T> {
    pub x: &'s [T],
    pub value: f64,
    /// NaN where it is not known.
    pub gradient_norm: f64,
    pub start_gradient_norm: f64,
    pub change: Option<Change>,
}

impl Limits {
    /// Whether the loop has to look at what iterations change.
    pub(super) fn look_at_changes(&self) -> bool {
        self.value.is_some() || self.step.is_some()
    }

    /// The first test of convergence that is passed, or all of them if all have to be.
    pub(in crate::optim) fn converged<T: Scalar>(&self, at: &Standing<'_, T>) -> Option<Ending> {
        let gradient_norm = at.gradient_norm;
        let threshold = self.gradient_absolute.max(self.gradient_relative * at.start_gradient_norm);
        let small = (gradient_norm <= threshold).then_some(Ending::Converged { gradient_norm, threshold });
        if gradient_norm == 0.0 {
            return small;
        }
        let value = at.value;
        let reached = |target| (value <= target).then_some(Ending::Target { value, target });
        let tests = [
            self.target.map(reached),
            (self.gradient_absolute > 0.0 || self.gradient_relative > 0.0).then_some(small),
            self.value.map(|tolerance| {
                let threshold = tolerance.threshold(value.abs());
                let change = at.change?.value.abs();
                (change <= threshold).then_some(Ending::SmallChange { change, threshold })
            }),
            self.step.map(|tolerance| {
                let length = at.change?.step;
                let threshold = tolerance.threshold(if tolerance.relative > 0.0 { norm(at.x) } else { 0.0 });
                (length <= threshold).then_some(Ending::SmallStep { length, threshold })
            }),
        ];
        let mut asked = tests.into_iter().flatten();
        match self.tests {
            Tests::Any => asked.flatten().next(),
            Tests::All => asked.by_ref().collect::<Option<Vec<Ending>>>().and_then(|mut passed| {
                if passed.len() > 1 { Some(Ending::All(passed)) } else { passed.pop() }
            }),
        }
    }

    /// The first of the other limits that the state has reached; moves the window of stalling on.
    pub(super) fn reached<T: Scalar>(&self, state: &mut State<T>, gradient_norm: f64) -> Option<Ending> {
        let value = state.point.value;
        let start = state.start_value;
        if value - start > self.blow_up * start.abs().max(1.0) {
            return Some(Ending::Diverged { value, start });
        }
        if let Some(stall) =
            self.stall.filter(|stall| state.iteration - state.window_start >= stall.iterations)
        {
            let decrease = state.window_value - state.best_value;
            if decrease <= stall.decrease * state.best_value.abs().max(1.0) {
                return Some(Ending::Stalled { iterations: stall.iterations, decrease });
            }
            state.window_value = state.best_value;
            state.window_start = state.iteration;
        }
        if state.iteration >= self.iterations {
            return Some(Ending::Iterations { limit: self.iterations, gradient_norm });
        }
        None
    }
}
