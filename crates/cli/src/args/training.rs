//! Options of training.

use thalweg_lab::optim::{Length, Marks, MethodSpec, Schedule, Training};

use super::Count;
use super::parse::positive;

/// How a network is trained.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Training")]
pub struct TrainingOptions {
    /// sgd, momentum, nesterov, adam or adamw, with parameters: adam:beta2=0.99
    #[arg(long, value_name = "SPEC", default_value = "sgd")]
    pub optimizer: MethodSpec,
    /// η
    #[arg(long, value_name = "η", default_value = "0.5", value_parser = positive)]
    pub learning_rate: f64,
    /// constant, step:EVERY:FACTOR, cosine, restarts:FIRST or one-cycle, perhaps after warmup:EPOCHS+
    #[arg(long, value_name = "SPEC", default_value = "constant")]
    pub schedule: Schedule,
    /// Passes over the examples [default: 100]
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    pub epochs: Option<u64>,
    /// Steps instead
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,
    /// Examples in a minibatch, or `full`
    #[arg(long, value_name = "N|full", default_value = "64")]
    pub batch: Batch,
    /// Leave out the smaller last batch of an epoch
    #[arg(long)]
    pub drop_last: bool,
    /// Steps at which the trajectory is kept: ends, every:N, even:N, log:N or a list
    #[arg(long, value_name = "MARKS", default_value = "even:60")]
    pub checkpoints: Marks,
    /// Steps at which full-batch loss, gradient and sharpness are measured
    #[arg(long, value_name = "MARKS", default_value = "even:60")]
    pub measure: Marks,
}

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
    /// The configuration that the options describe.
    pub fn training(&self, seed: u64) -> Training {
        Training {
            schedule: self.schedule,
            length: match (self.steps, self.epochs) {
                (Some(steps), _) => Length::Steps(steps),
                (None, epochs) => Length::Epochs(epochs.unwrap_or(100)),
            },
            batch: self.batch.0,
            drop_last: self.drop_last,
            seed,
            checkpoints: self.checkpoints.clone(),
            measurements: self.measure.clone(),
            ..Training::new(self.optimizer.clone(), self.learning_rate)
        }
    }
}
