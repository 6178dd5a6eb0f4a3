//! When a minimization ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::State;
use crate::{Scalar, Stop};

/// When to end, tested in this order before every iteration.
///
/// Budgets on evaluations, cancellation and the watch for non-finite numbers
/// are the [`Oracle`](crate::Oracle)'s.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Ends when ‖∇f(x)‖ ≤ max(this, `gradient_relative` · ‖∇f(x₀)‖).
    pub gradient_absolute: f64,
    /// See `gradient_absolute`.
    pub gradient_relative: f64,
    /// Ends when f(x) ≤ this.
    pub target: Option<f64>,
    /// Ends when f(x) − f(x₀) > this · max(1, |f(x₀)|).
    pub blow_up: f64,
    /// Ends when f no longer falls.
    pub stall: Option<Stall>,
    /// Ends after this many iterations in all.
    pub iterations: u64,
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
    /// ‖∇f‖ ≤ 1e-8, ten thousand iterations, blow-up at 1e6; no target, no stalling.
    fn default() -> Self {
        Self {
            gradient_absolute: 1e-8,
            gradient_relative: 0.0,
            target: None,
            blow_up: 1e6,
            stall: None,
            iterations: 10_000,
        }
    }
}

/// Why a minimization ended, with the evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The gradient is small. At what kind of point is for the verdict to say.
    Converged {
        /// ‖∇f‖.
        gradient_norm: f64,
        /// What it had to reach.
        threshold: f64,
    },
    /// The value asked for was reached.
    Target {
        /// f.
        value: f64,
        /// What it had to reach.
        target: f64,
    },
    /// The value rose far above the first one.
    Diverged {
        /// f.
        value: f64,
        /// f(x₀).
        start: f64,
    },
    /// The value no longer falls.
    Stalled {
        /// Length of the window.
        iterations: u64,
        /// How much the least value fell in it.
        decrease: f64,
    },
    /// The method found no acceptable step: within rounding errors no decrease
    /// along its direction, or a direction that does not descend.
    NoStep {
        /// ‖∇f‖.
        gradient_norm: f64,
    },
    /// All iterations are done.
    Iterations {
        /// How many were allowed.
        limit: u64,
        /// ‖∇f‖.
        gradient_norm: f64,
    },
    /// A method that runs as a whole ended by a test of its own.
    Content {
        /// Which, in words.
        test: String,
    },
    /// The oracle stopped: a budget, a non-finite number, a cancellation.
    Stopped(Stop),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Converged { gradient_norm, threshold } => {
                write!(f, "the gradient is small: its norm {gradient_norm:.3e} is within {threshold:.3e}")
            }
            Ending::Target { value, target } => {
                write!(f, "the value {value:.6e} reached the target {target:.6e}")
            }
            Ending::Diverged { value, start } => {
                write!(f, "diverged: the value rose from {start:.6e} to {value:.6e}; try shorter steps")
            }
            Ending::Stalled { iterations, decrease } => {
                write!(f, "stalled: the value fell by only {decrease:.3e} in {iterations} iterations")
            }
            Ending::NoStep { gradient_norm } => write!(
                f,
                "no step along the method's direction lowers the value measurably (gradient norm {gradient_norm:.3e})"
            ),
            Ending::Iterations { limit, gradient_norm } => {
                write!(
                    f,
                    "all {limit} iterations are done (gradient norm {gradient_norm:.3e}); allow more to go on"
                )
            }
            Ending::Content { test } => write!(f, "the method ended by itself: {test}"),
            Ending::Stopped(stop) => stop.fmt(f),
        }
    }
}

impl Limits {
    /// Whether the gradient, of this norm, is small.
    pub(super) fn converged<T: Scalar>(&self, state: &State<T>, gradient_norm: f64) -> Option<Ending> {
        let threshold = self.gradient_absolute.max(self.gradient_relative * state.start_gradient_norm);
        (gradient_norm <= threshold).then_some(Ending::Converged { gradient_norm, threshold })
    }

    /// The first of the other limits that the state has reached; moves the window of stalling on.
    pub(super) fn reached<T: Scalar>(&self, state: &mut State<T>, gradient_norm: f64) -> Option<Ending> {
        let value = state.point.value;
        let start = state.start_value;
        if let Some(target) = self.target.filter(|&target| value <= target) {
            return Some(Ending::Target { value, target });
        }
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
