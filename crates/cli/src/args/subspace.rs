//! Options of subspaces.

use thalweg_lab::optim::{OptimizerSpec, Schedule};
use thalweg_lab::subspace::ProjectionKind;

use super::parse::{not_negative, positive};
use super::training::Batch;
use super::{Count, RunOptions, SubjectOptions};
use crate::config::Centre;

#[derive(Debug, clap::Args)]
pub struct SubspaceArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub subspace: SubspaceOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

/// A part of the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The intrinsic dimension (Li et al. 2018)
    Intrinsic,
    /// Training within hyperplanes at a distance (Fort & Jastrzębski 2019)
    Cuts,
    /// How far the low-loss region reaches along eigenvectors and random directions
    Extents,
}

/// A kind of random projection, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ProjectionName {
    /// Independent normal entries: D·d numbers, drawn anew at each product where they do not fit into memory
    Dense,
    /// A share of 1/√D of the entries is not 0 (Li, Hastie & Church 2006)
    Sparse,
    /// Products of diagonal, permutation and Hadamard matrices (Le et al. 2013): the cheapest
    Fastfood,
}

impl From<ProjectionName> for ProjectionKind {
    fn from(name: ProjectionName) -> Self {
        match name {
            ProjectionName::Dense => ProjectionKind::Dense,
            ProjectionName::Sparse => ProjectionKind::Sparse,
            ProjectionName::Fastfood => ProjectionKind::Fastfood,
        }
    }
}

/// Which subspaces, and how they are trained in.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Subspaces")]
pub struct SubspaceOptions {
    /// What is done
    #[arg(long, value_enum, value_name = "PART,…", value_delimiter = ',', default_values = ["intrinsic", "cuts", "extents"])]
    pub parts: Vec<Part>,
    /// The random matrix P of θ₀ + P z
    #[arg(long, value_enum, value_name = "KIND", default_value = "fastfood")]
    pub projection: ProjectionName,
    /// Runs of each subspace, each with its own P and initial point
    #[arg(long, value_name = "N", default_value = "5")]
    pub seeds: Count,
    /// The optimizer, with parameters (see `thalweg optimizers`) [default: adam:rate=0.01; lbfgs for functions]
    #[arg(long, value_name = "SPEC")]
    pub optimizer: Option<OptimizerSpec>,
    /// What a run may spend, in gradients of the whole objective [default: 30; 500 for functions]
    #[arg(long, value_name = "G", value_parser = positive)]
    pub gradients: Option<f64>,
    /// Examples in a minibatch of optimizers that train, or `full`
    #[arg(long, value_name = "N|full", default_value = "64")]
    pub batch: Batch,
    /// The schedule of those that train on minibatches
    #[arg(long, value_name = "SPEC", default_value = "constant")]
    pub schedule: Schedule,
    /// A run ends where its gradient is within this
    #[arg(long, value_name = "ε", value_parser = positive, default_value = "1e-12")]
    pub tolerance: f64,
    /// Shares of the full space's performance, each with an intrinsic dimension
    #[arg(long, value_name = "S,…", value_delimiter = ',', value_parser = positive, default_values = ["0.9", "1"])]
    pub shares: Vec<f64>,
    /// A loss that counts as success instead of such shares
    #[arg(long, value_name = "LOSS", allow_negative_numbers = true)]
    pub target: Option<f64>,
    /// Share of the runs that must succeed
    #[arg(long, value_name = "S", value_parser = not_negative, default_value = "0.5")]
    pub required: f64,
    /// The first dimension that is tried [default: √D/8]
    #[arg(long, value_name = "d")]
    pub first: Option<Count>,
    /// The largest dimension that is tried [default: D]
    #[arg(long, value_name = "d")]
    pub most: Option<Count>,
    /// Ends the bisection when its bracket is this part of the dimension
    #[arg(long, value_name = "S", value_parser = not_negative, default_value = "0.05")]
    pub precision: f64,
    /// Dimensions of the hyperplanes [default: seven, evenly spaced in their logarithm]
    #[arg(long, value_name = "d,…", value_delimiter = ',')]
    pub cuts: Vec<Count>,
    /// Their distances, in lengths of the initial point (or as they are, where that is 0)
    #[arg(long, value_name = "R,…", value_delimiter = ',', value_parser = positive, default_values = ["0.25", "0.5", "1", "2", "4"])]
    pub radii: Vec<f64>,
    /// What they are at a distance from
    #[arg(long, value_enum, value_name = "POINT", default_value = "origin")]
    pub centre: Centre,
    /// Long directions of the wedge model that is shown beside them [default: D less the intrinsic dimension]
    #[arg(long, value_name = "n")]
    pub long: Option<usize>,
    /// How far the loss may rise in the low region [default: a tenth of what the way down gained]
    #[arg(long, value_name = "ε", value_parser = positive, conflicts_with = "level")]
    pub rise: Option<f64>,
    /// The loss at which the low region ends instead
    #[arg(long, value_name = "LOSS", allow_negative_numbers = true)]
    pub level: Option<f64>,
    /// Eigenvectors at the upper end along which its reach is measured
    #[arg(long, value_name = "K", default_value_t = 8)]
    pub top: usize,
    /// And at the lower end
    #[arg(long, value_name = "K", default_value_t = 2)]
    pub bottom: usize,
    /// And random directions
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub random: usize,
    /// Where that search ends, in lengths of the point
    #[arg(long, value_name = "R", value_parser = positive, default_value = "100")]
    pub reach: f64,
}
