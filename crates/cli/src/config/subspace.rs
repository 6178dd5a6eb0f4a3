//! What is asked of subspaces.

use serde::{Deserialize, Serialize};
use thalweg_lab::landscape::Normalization;
use thalweg_lab::optim::{OptimizerSpec, Schedule};
use thalweg_lab::subspace::ProjectionKind;

/// Runs within subspaces: which, and how they are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunsPlan {
    pub projection: ProjectionKind,
    /// Runs of each subspace, whose seeds follow that of the whole.
    pub seeds: u64,
    pub optimizer: OptimizerSpec,
    /// What a run may spend, in gradients of the whole objective.
    pub gradients: f64,
    /// Examples in a minibatch; `None` for all.
    pub batch: Option<usize>,
    pub schedule: Schedule,
    /// A run ends where its gradient is within this.
    pub tolerance: f64,
}

/// The search for the intrinsic dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntrinsicPlan {
    pub runs: RunsPlan,
    /// Shares of the performance in the full space.
    pub shares: Vec<f64>,
    /// A loss that counts as success instead.
    pub level: Option<f64>,
    /// Share of the runs that must succeed.
    pub required: f64,
    pub first: usize,
    pub most: usize,
    pub precision: f64,
}

/// Hyperplanes at a distance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CutsPlan {
    pub runs: RunsPlan,
    pub centre: Centre,
    pub dimensions: Vec<usize>,
    pub radii: Vec<f64>,
    /// Long directions of the wedge model beside it; `None` where they are those of the intrinsic dimension.
    pub long: Option<usize>,
}

/// What hyperplanes are at a distance from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Centre {
    /// The origin; the plane lies in the direction of the initial point
    Origin,
    /// The initial point; the plane lies in a random direction
    Start,
}

/// How far the low-loss region reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtentsPlan {
    /// How far the loss may rise; `None` for a tenth of the way up to that of the first point.
    pub rise: Option<f64>,
    /// A loss instead.
    pub level: Option<f64>,
    pub top: usize,
    pub bottom: usize,
    pub random: usize,
    /// Where the search ends, in lengths of the point.
    pub reach: f64,
    /// How random directions are scaled.
    pub normalization: Normalization,
}
