//! Options of sharpness.

use super::parse::positive;
use super::training::Batch;
use super::{Count, RunOptions, SubjectOptions};

#[derive(Debug, clap::Args)]
pub struct SharpnessArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub sharpness: SharpnessOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Which numbers the measures are about.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Sharpness")]
pub struct SharpnessOptions {
    /// Eigenvalues at the upper end
    #[arg(long, value_name = "K", default_value = "10")]
    pub top: Count,
    /// Compute all eigenvalues up to this dimension
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub exact_up_to: usize,
    /// ε of the box of Keskar et al.
    #[arg(long, value_name = "ε", value_parser = positive, default_value = "1e-3")]
    pub epsilon: f64,
    /// ρ of SAM's ball
    #[arg(long, value_name = "ρ", value_parser = positive, default_value = "0.05")]
    pub radius: f64,
    /// ρ of ASAM's ball, in sizes of the parameters
    #[arg(long, value_name = "ρ", value_parser = positive, default_value = "0.5")]
    pub adaptive_radius: f64,
    /// Climbs from random places, beside the one along the gradient
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub starts: u64,
    /// How far the value may rise: on average under noise, and within the low region
    #[arg(long, value_name = "ε", value_parser = positive, default_value = "0.1")]
    pub rise: f64,
    /// Draws of noise
    #[arg(long, value_name = "N", default_value = "32")]
    pub draws: Count,
    /// Lines of the volume
    #[arg(long, value_name = "N", default_value = "32")]
    pub lines: Count,
    /// Chains of the sampler
    #[arg(long, value_name = "N", default_value = "4")]
    pub chains: Count,
    /// Draws of each chain that are kept; 40 % as many are made before them
    #[arg(long, value_name = "N", default_value = "1000")]
    pub samples: Count,
    /// The sampler's step
    #[arg(long, value_name = "ε", value_parser = positive, default_value = "1e-4")]
    pub step: f64,
    /// How strongly the sampler is held to the point
    #[arg(long, value_name = "γ", value_parser = positive, default_value = "100")]
    pub localization: f64,
    /// Examples in a minibatch of the sampler, or `full`
    #[arg(long, value_name = "N|full", default_value = "64")]
    pub batch: Batch,
    /// The number of examples that a function stands for; without it there is no learning coefficient of one
    #[arg(long, value_name = "N", value_parser = above_one)]
    pub examples: Option<f64>,
}

fn above_one(text: &str) -> Result<f64, String> {
    positive(text).ok().filter(|v| *v > 1.0).ok_or_else(|| "expected a finite number above 1".into())
}
