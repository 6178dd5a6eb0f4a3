//! How a minimization ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Stop;

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
    /// The value hardly changes from one iteration to the next.
    SmallChange {
        /// |f(x_k) − f(x_{k−1})|.
        change: f64,
        /// What it had to reach.
        threshold: f64,
    },
    /// The point hardly moves from one iteration to the next.
    SmallStep {
        /// ‖x_k − x_{k−1}‖.
        length: f64,
        /// What it had to reach.
        threshold: f64,
    },
    /// All tests that were asked for are passed, where all of them had to be.
    All(Vec<Ending>),
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
    /// The oracle stopped: a budget, the time, a non-finite number, a cancellation.
    Stopped(Stop),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Converged { gradient_norm, threshold } => {
                write!(f, "the gradient is small: its norm {gradient_norm:.3e} is within {threshold:.3e}")
            }
            Ending::SmallChange { change, threshold } => {
                write!(f, "the value hardly changes: by {change:.3e}, which is within {threshold:.3e}")
            }
            Ending::SmallStep { length, threshold } => {
                write!(f, "the steps are short: the last has length {length:.3e}, within {threshold:.3e}")
            }
            Ending::All(tests) => {
                for (i, test) in tests.iter().enumerate() {
                    write!(f, "{}{test}", if i == 0 { "" } else { "; " })?;
                }
                Ok(())
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

impl Ending {
    /// Whether the method came to rest: not where it was told to end, by a target, a limit or the oracle,
    /// nor where it blew up. At a rest that is no minimum, an escape direction may lead on.
    pub fn is_rest(&self) -> bool {
        match self {
            Ending::Converged { .. }
            | Ending::SmallChange { .. }
            | Ending::SmallStep { .. }
            | Ending::Stalled { .. }
            | Ending::NoStep { .. }
            | Ending::Content { .. } => true,
            Ending::All(tests) => tests.iter().all(Ending::is_rest),
            Ending::Target { .. }
            | Ending::Diverged { .. }
            | Ending::Iterations { .. }
            | Ending::Stopped(_) => false,
        }
    }
}
