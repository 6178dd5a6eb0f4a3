//! Options of aligning solutions.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::Count;

/// How solutions are aligned.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Alignment")]
pub struct AlignOptions {
    /// How units are matched; the aligned weights are those of the method with the lowest barrier
    #[arg(
        long,
        value_enum,
        value_name = "NAME,…",
        value_delimiter = ',',
        default_values = ["weight", "activation", "straight-through"]
    )]
    pub methods: Vec<MatchName>,
    /// Examples whose activations are compared
    #[arg(long, value_name = "N", default_value = "512")]
    pub examples: Count,
    /// Steps of straight-through matching, a gradient each
    #[arg(long, value_name = "N", default_value = "50")]
    pub match_steps: Count,
    /// Places on the straight line at which the loss is measured
    #[arg(long, value_name = "N", default_value = "31")]
    pub points: Count,
    /// Scalings that leave the function as it is are by numbers up to this, and its inverse
    #[arg(long, value_name = "α", default_value_t = 2.0, value_parser = above_one)]
    pub rescale: f64,
}

/// How units are matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchName {
    /// By the weights of a unit
    Weight,
    /// By the correlation of activations
    Activation,
    /// By the gradient at the midpoint
    StraightThrough,
}

impl MatchName {
    /// As it is written in figures.
    pub fn words(self) -> &'static str {
        match self {
            Self::Weight => "weight matching",
            Self::Activation => "activation matching",
            Self::StraightThrough => "straight-through matching",
        }
    }

    /// As it is written in options and in names of arrays.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Activation => "activation",
            Self::StraightThrough => "straight-through",
        }
    }
}

fn above_one(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(alpha) if alpha > 1.0 && alpha.is_finite() => Ok(alpha),
        _ => Err(format!("expected a number above 1, found {text:?}")),
    }
}
