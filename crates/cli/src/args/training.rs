//! Options of training.

use std::path::Path;

use thalweg_lab::curvature::SharpnessOptions;
use thalweg_lab::optim::{Length, Marks, OptimizerSpec, Schedule, Training, registry};

use super::parse::positive;
use super::{Checkpoints, Count};
use crate::config::TrainingPlan;

/// How a network is trained.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Training")]
pub struct TrainingOptions {
    /// sgd, momentum, adam, adamw …, with parameters: adam:rate=0.01,beta2=0.99
    #[arg(long, value_name = "SPEC", default_value = "sgd:rate=0.5", long_help = optimizers())]
    pub optimizer: OptimizerSpec,
    /// η, instead of the optimizer's own
    #[arg(long, value_name = "η", value_parser = positive, allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// constant, step:EVERY:FACTOR, exponential:FACTOR, polynomial, inverse-sqrt:SCALE, wsd, plateau,
    /// cosine, restarts:FIRST or one-cycle, perhaps after warmup:EPOCHS+
    #[arg(long, value_name = "SPEC", default_value = "constant")]
    pub schedule: Schedule,
    /// Passes over the examples [default: 100]
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    pub epochs: Option<u64>,
    /// Steps instead
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,
    /// Examples in a minibatch, or `full` [default: 64, or full if there are no more]
    #[arg(long, value_name = "N|full")]
    pub batch: Option<Batch>,
    /// Leave out the smaller last batch of an epoch
    #[arg(long)]
    pub drop_last: bool,
    /// Steps at which the trajectory is kept: ends, every:N, even:N, log:N or a list [default: even:60, fewer
    /// where the parameters are many]; or, instead of a training, a folder of weights in `.safetensors` or
    /// `.npz`: the trajectory, in the order of the numbers in their names, and its last point
    #[arg(long, value_name = "MARKS|FOLDER")]
    pub checkpoints: Option<Checkpoints>,
    /// Steps at which full-batch loss, gradient and sharpness are measured
    #[arg(long, value_name = "MARKS", default_value = "even:60")]
    pub measure: Marks,
}

/// The table of optimizers, for the long help.
fn optimizers() -> String {
    let mut text =
        String::from("The optimizer, with the parameters that are not the defaults: adam:beta2=0.99");
    for row in registry::<f64>().iter().filter(|row| row.rate.is_some()) {
        let rate = row.rate.unwrap_or_default();
        text.push_str(&format!("\n  {:10} {} [rate={rate}]", row.name, row.summary));
        for parameter in row.parameters {
            let name = format!("{}={}", parameter.name, parameter.show(parameter.default));
            text.push_str(&format!("\n    {name:16} {}", parameter.meaning));
        }
    }
    text
}

/// Numbers in a trajectory that is kept without being asked for.
const TRAJECTORY: usize = 8 << 20;

/// The size of a minibatch where none is given.
const BATCH: usize = 64;

/// The size of a minibatch; `None` is the full batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch(pub Option<usize>);

impl std::str::FromStr for Batch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "full" {
            return Ok(Self(None));
        }
        let count: Result<Count, String> = text.parse();
        count.map(|count| Self(Some(count.0))).map_err(|_| "expected a whole number from 1, or full".into())
    }
}

impl TrainingOptions {
    /// The folder that holds the trajectory, if there is one.
    pub fn folder(&self) -> Option<&Path> {
        match &self.checkpoints {
            Some(Checkpoints::Folder(folder)) => Some(folder),
            _ => None,
        }
    }

    /// What the options describe, for so many examples and parameters.
    pub fn plan(&self, seed: u64, examples: usize, parameters: usize) -> TrainingPlan {
        let sharpness = SharpnessOptions::default().max_products;
        TrainingPlan { training: self.training(seed, examples, parameters), sharpness }
    }

    fn training(&self, seed: u64, examples: usize, parameters: usize) -> Training {
        let kept = (TRAJECTORY / parameters.max(1)).clamp(10, 60) as u64;
        // An optimizer without a rate is refused by the trainer, whatever this is.
        let rate = self.learning_rate.or(self.optimizer.learning_rate()).unwrap_or(1.0);
        Training {
            schedule: self.schedule,
            length: match (self.steps, self.epochs) {
                (Some(steps), _) => Length::Steps(steps),
                (None, epochs) => Length::Epochs(epochs.unwrap_or(100)),
            },
            batch: self.batch.map_or((examples > BATCH).then_some(BATCH), |batch| batch.0),
            drop_last: self.drop_last,
            seed,
            checkpoints: match &self.checkpoints {
                Some(Checkpoints::Marks(marks)) => marks.clone(),
                _ => Marks::Even(kept),
            },
            measurements: self.measure.clone(),
            ..Training::new(self.optimizer.clone().without_learning_rate(), rate)
        }
    }
}
