//! Why a computation ended before, or when, its work was done.

use std::fmt;

use crate::{Curvature, NoFactors, Unsupported};

/// The kinds of work that an oracle counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evaluation {
    /// f(x).
    Value,
    /// ∇f(x), together with f(x).
    Gradient,
    /// One matrix-vector product with a curvature operator.
    Product,
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Evaluation::Value => "value",
            Evaluation::Gradient => "gradient",
            Evaluation::Product => "product",
        })
    }
}

/// Why a computation stopped, with the evidence.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Stop {
    /// The budget for one kind of evaluation is used up.
    #[error("the budget of {limit} {evaluation} evaluations is used up")]
    Budget {
        /// Which kind.
        evaluation: Evaluation,
        /// How many were allowed.
        limit: u64,
    },
    /// The budget for all evaluations together is used up.
    #[error("the budget of {limit} gradient equivalents is used up")]
    Cost {
        /// How much was allowed, in gradients of the whole objective.
        limit: f64,
    },
    /// The time is up.
    #[error("the time limit of {limit} s is reached, after {spent:.3} s")]
    Time {
        /// How long the work was allowed to go on, in seconds.
        limit: f64,
        /// How long it had gone on when that was noticed, in seconds.
        spent: f64,
    },
    /// An evaluation returned a number that is not finite.
    #[error("{evaluation} evaluation {count} is not finite (entry {index}: {found})")]
    NonFinite {
        /// Which kind.
        evaluation: Evaluation,
        /// The how-manieth evaluation of that kind it was, from 1.
        count: u64,
        /// Index of the first entry that is not finite; 0 for a value.
        index: usize,
        /// What was found there: `NaN`, `inf` or `-inf`.
        found: String,
    },
    /// The method asks for a curvature matrix that the objective does not have.
    #[error("this objective has no {curvature:?} matrix, which the method needs: {cause}")]
    Lacks {
        /// Which matrix.
        curvature: Curvature,
        /// Why there is none.
        cause: String,
    },
    /// The method asks for Kronecker factors that the objective does not have.
    #[error("this objective has no Kronecker factors, which the method needs: {cause}")]
    NoFactors {
        /// Why there are none.
        cause: String,
    },
    /// Vectors that were to be kept outside memory could not be, or did not come back.
    #[error("the basis cannot be kept on disk: {cause}")]
    Storage {
        /// What failed, with its place.
        cause: String,
    },
    /// The user asked for an end.
    #[error("cancelled")]
    Cancelled,
}

impl Stop {
    /// Whether a limit from outside ended the work, rather than what was found: a budget, the time or the user.
    pub fn is_limit(&self) -> bool {
        matches!(self, Stop::Budget { .. } | Stop::Cost { .. } | Stop::Time { .. } | Stop::Cancelled)
    }
}

impl From<Unsupported> for Stop {
    fn from(lack: Unsupported) -> Self {
        Stop::Lacks { curvature: lack.curvature, cause: lack.reason.to_owned() }
    }
}

impl From<NoFactors> for Stop {
    fn from(lack: NoFactors) -> Self {
        Stop::NoFactors { cause: lack.reason.to_owned() }
    }
}

/// The index and text of the first entry that is not finite.
pub(crate) fn first_non_finite<T: crate::Scalar>(values: &[T]) -> Option<(usize, String)> {
    // Whole pieces first, without an early way out: that is a vector loop.
    const PIECE: usize = 1024;
    let piece = values.chunks(PIECE).position(|p| !p.iter().fold(true, |all, v| all & v.is_finite()))?;
    let index = piece * PIECE + values[piece * PIECE..].iter().position(|v| !v.is_finite())?;
    Some((index, values[index].wide().to_string()))
}
