//! What a training run is asked to do.

use serde::{Deserialize, Serialize};

use crate::optim::marks::Marks;
use crate::optim::method::Rates;
use crate::optim::registry::OptimizerSpec;
use crate::optim::schedule::{Clock, Schedule};

/// The configuration of a training run: plain data.
///
/// An epoch is ⌈N/B⌉ steps, whose last batch is the smaller rest of N mod B
/// examples (its loss is the mean over these, so each of them weighs more than
/// the others: PyTorch's `drop_last=False`), or with `drop_last` ⌊N/B⌋ steps that
/// leave these examples out for this epoch. Every epoch has a new order of all examples, the
/// permutation of [`Stream`](crate::random::Stream)`(seed, "shuffle", epoch)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The optimizer.
    pub method: OptimizerSpec,
    /// The learning rate that the schedule multiplies.
    pub learning_rate: f64,
    /// The schedule.
    pub schedule: Schedule,
    /// How long.
    pub length: Length,
    /// B; `None` for the full batch, with one step an epoch and no shuffling.
    pub batch: Option<usize>,
    /// Whether an epoch leaves out the last N mod B examples.
    pub drop_last: bool,
    /// Seed of the shuffling.
    pub seed: u64,
    /// Steps at which the parameters are kept.
    pub checkpoints: Marks,
    /// Steps at which the observer is called.
    pub measurements: Marks,
}

/// The length of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// Whole passes over the examples.
    Epochs(u64),
    /// Steps.
    Steps(u64),
}

impl Training {
    /// Ten epochs at a constant rate in batches of 64, seed 0, keeping the ends.
    pub fn new(method: OptimizerSpec, learning_rate: f64) -> Self {
        Self {
            method,
            learning_rate,
            schedule: Schedule::CONSTANT,
            length: Length::Epochs(10),
            batch: Some(64),
            drop_last: false,
            seed: 0,
            checkpoints: Marks::Ends,
            measurements: Marks::Ends,
        }
    }

    /// The learning rate and momentum of step s = 0, 1, …, after so many [drops](Schedule::drops) of
    /// the rate.
    pub fn rates(&self, step: u64, clock: Clock, drops: u32) -> Rates {
        let multiplier = self.schedule.at(step, clock, drops);
        Rates { learning_rate: self.learning_rate * multiplier.learning_rate, momentum: multiplier.momentum }
    }
}

/// Why a training run cannot be made or continued.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// The learning rate is not usable.
    #[error("the learning rate must be a finite number above 0; found {0}")]
    LearningRate(f64),
    /// The optimizer goes by exact values and gradients.
    #[error(
        "the optimizer {optimizer} does not train on minibatches under a schedule: it needs exact gradients and finds its own step lengths"
    )]
    NoTraining {
        /// Which.
        optimizer: &'static str,
    },
    /// A batch must hold something.
    #[error("the batch size must be 1 or more; found 0")]
    EmptyBatch,
    /// There are not that many examples.
    #[error("a batch of {size} examples was asked for; there are {examples}")]
    Batch {
        /// What was asked for.
        size: usize,
        /// What there is.
        examples: usize,
    },
    /// The objective is not a mean over examples.
    #[error(
        "a batch of {size} examples was asked for, but this objective is not a mean over examples: train on the full batch"
    )]
    NoExamples {
        /// What was asked for.
        size: usize,
    },
    /// The run's length overflows.
    #[error("{epochs} epochs of {steps_per_epoch} steps are more steps than can be counted")]
    Length {
        /// What was asked for.
        epochs: u64,
        /// e.
        steps_per_epoch: u64,
    },
    /// A vector has the wrong length.
    #[error("the objective has {expected} parameters; the starting point or saved run has {found}")]
    Dimension {
        /// n.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A saved memory is another optimizer's.
    #[error("the saved run's memory does not fit the optimizer {method}: another one made it")]
    Memory {
        /// The optimizer of the configuration.
        method: &'static str,
    },
    /// A saved run is further than the configuration goes, or damaged.
    #[error(
        "the saved run is at step {found} with {losses} recorded losses; this training has {steps} steps"
    )]
    Step {
        /// S.
        steps: u64,
        /// The saved step.
        found: u64,
        /// The saved number of losses.
        losses: usize,
    },
}

/// Sizes of an epoch's batches.
pub(super) struct Plan {
    /// B.
    pub size: usize,
    /// The size of a last, smaller batch; 0 if there is none.
    pub rest: usize,
}

/// Checks a configuration; `None` stands for full-batch steps.
pub(super) fn plan(
    training: &Training,
    examples: Option<usize>,
) -> Result<(Option<Plan>, Clock), TrainError> {
    if !(training.learning_rate.is_finite() && training.learning_rate > 0.0) {
        return Err(TrainError::LearningRate(training.learning_rate));
    }
    let plan = match (training.batch, examples) {
        (None, _) => None,
        (Some(0), _) => return Err(TrainError::EmptyBatch),
        (Some(size), None) => return Err(TrainError::NoExamples { size }),
        (Some(size), Some(examples)) if size > examples => {
            return Err(TrainError::Batch { size, examples });
        }
        (Some(size), Some(examples)) => {
            let rest = if training.drop_last { 0 } else { examples % size };
            Some((Plan { size, rest }, (examples / size) as u64 + u64::from(rest > 0)))
        }
    };
    let steps_per_epoch = plan.as_ref().map_or(1, |(_, steps)| *steps);
    let steps = match training.length {
        Length::Steps(steps) => steps,
        Length::Epochs(epochs) => {
            epochs.checked_mul(steps_per_epoch).ok_or(TrainError::Length { epochs, steps_per_epoch })?
        }
    };
    Ok((plan.map(|(plan, _)| plan), Clock { steps, steps_per_epoch }))
}
