//! The state of a training run.

use serde::{Deserialize, Serialize};

use crate::Scalar;
use crate::optim::method::Memory;

/// A training run as it stands after `step` steps, with all that it has recorded.
///
/// It is all that is needed to go on: clone it to fork the run, write it with
/// serde (numbers are kept to the last bit) to resume it elsewhere. The order of
/// the examples is a function of the seed and the epoch and need not be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Run<T: Scalar> {
    /// Number of steps taken.
    pub step: u64,
    /// Whether what belongs to this step (checkpoint, measurement) is done.
    pub marked: bool,
    /// The parameters.
    #[serde(with = "crate::exact")]
    pub x: Vec<T>,
    /// The optimizer's memory.
    pub memory: Memory<T>,
    /// The trajectory at the marked steps.
    pub checkpoints: Vec<Checkpoint<T>>,
    /// `losses[s]` is the (minibatch) loss that step s's gradient belongs to,
    /// at the parameters before the step.
    #[serde(with = "crate::exact")]
    pub losses: Vec<f64>,
}

/// The parameters after some step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Checkpoint<T: Scalar> {
    /// After how many steps.
    pub step: u64,
    /// The parameters.
    #[serde(with = "crate::exact")]
    pub x: Vec<T>,
}
