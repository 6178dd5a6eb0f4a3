//! Measures of sharpness and flatness, each with its error.
//!
//! None of them is the truth about a minimum: most change where the same function is written with other
//! weights (Dinh et al. 2017), and [`Invariance`] says which do not.

mod ascent;
mod chains;
mod fisher_rao;
mod learning_coefficient;
mod noise;
mod volume;
mod worst;

use serde::{Deserialize, Serialize};

pub use chains::{Mixing, mixing};
pub use fisher_rao::fisher_rao;
pub use learning_coefficient::{LearningCoefficient, SamplerOptions, learning_coefficient};
pub use noise::{Entropy, NoiseOptions, Tolerated, local_entropy, tolerated_noise};
pub use volume::{Volume, volume};
pub use worst::{Worst, WorstOptions, ball, keskar};

/// What a measure does where the weights change and the function that they compute does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invariance {
    /// It changes with the scales of layers and units.
    None,
    /// It stays where single coordinates, and so units of a ReLU network, are rescaled.
    Rescaling,
    /// What it estimates belongs to the function, the estimate does not.
    InTheLimit,
}
