//! Several solutions, and the paths between them.

use serde::{Deserialize, Serialize};
use thalweg_lab::landscape::{BandOptions, ProfileOptions};
use thalweg_lab::optim::Training;

use super::TrainingPlan;
use crate::args::{Grid, PathKind};

/// Where one of several solutions comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SolutionConfig {
    /// Read from a file.
    Weights {
        /// The file or run directory.
        source: String,
        /// SHA-256 of the arrays.
        sha256: String,
    },
    /// Trained in this run.
    Trained {
        /// Of the initial weights and of the order of examples.
        seed: u64,
    },
    /// Given by its coordinates.
    At {
        /// The coordinates.
        coordinates: Vec<f64>,
    },
    /// A minimum that is known of the function.
    Known {
        /// Which one, from 1.
        number: usize,
        /// The coordinates.
        coordinates: Vec<f64>,
    },
}

/// Several solutions, made ready for what compares them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SolutionsPlan {
    /// Those that are trained: one training each, with its seed.
    pub trained: Vec<TrainingPlan>,
    /// What solutions were made for, where that is not what is studied.
    pub differences: Vec<String>,
}

/// Paths between several solutions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConnectPlan {
    /// Kinds of paths, the straight line among them.
    pub paths: Vec<PathKind>,
    /// Pairs at most.
    pub pairs: usize,
    /// Bends of a curve.
    pub bends: usize,
    /// The learning rate of curves and bands; by the distance of the ends if it is not given.
    pub rate: Option<f64>,
    /// How curves are trained, but for the rate; functions' by L-BFGS.
    pub curve: Option<Training>,
    /// How bands are relaxed, but for the rate.
    pub band: BandOptions,
    pub profile: ProfileOptions,
    /// Of the plane that shows them.
    pub grid: Grid,
}
