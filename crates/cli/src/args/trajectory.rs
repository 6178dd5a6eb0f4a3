//! Options of trajectories.

use super::race::Entrants;
use super::{Count, Grid, RunOptions, SubjectOptions, TrainingOptions};

#[derive(Debug, clap::Args)]
pub struct TrajectoryArgs {
    /// Finished runs whose ways are studied, all of one objective, such as those of `thalweg train`; the first
    /// gives model and data
    #[arg(value_name = "RUN", conflicts_with_all = ["weights", "problem", "function", "at"])]
    pub runs: Vec<String>,
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub training: TrainingOptions,
    #[command(flatten)]
    pub trajectory: TrajectoryOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Which ways, and how closely they are looked at.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Trajectory")]
pub struct TrajectoryOptions {
    /// One way for each of these optimizers, from one start: sgd:rate=0.5,momentum,adam. Those that need exact
    /// gradients, and all on functions, go down on the whole objective, for --steps or --epochs iterations
    #[arg(long, value_name = "SPEC,…", conflicts_with_all = ["optimizer", "learning_rate"])]
    pub optimizers: Option<Entrants>,
    /// Points along each side of the plane
    #[arg(long, value_name = "N|NxM", default_value = "51")]
    pub grid: Grid,
    /// Points on each straight line
    #[arg(long, value_name = "N", default_value = "121")]
    pub line: Count,
    /// Eigenvectors of the leading eigenspace; 0 for none [default: the number of classes, or else 10, at most half
    /// of all]
    #[arg(long, value_name = "K")]
    pub top: Option<usize>,
    /// Points of each way at which they are computed
    #[arg(long, value_name = "N", default_value = "9")]
    pub places: Count,
}
