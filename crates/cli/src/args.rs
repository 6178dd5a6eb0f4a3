//! What can be typed: the commands, and the options that they share.

mod align;
mod analysis;
mod connect;
mod critical;
mod parse;
mod race;
mod running;
mod sharpness;
mod solutions;
mod stopping;
mod subject;
mod subspace;
mod surface;
mod training;
mod trajectory;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use thalweg_lab::problem::network::Activation;

pub use align::{AlignOptions, MatchName};
pub use analysis::{DirectionName, Grid, NormalizeName, PlaneName, PointOptions, SpectrumOptions};
pub use connect::{ConnectOptions, PathKind};
pub use critical::{CriticalArgs, FromName, MethodName};
pub use parse::{Budget, Checkpoints, ClassWeights, Count, Memory, Place};
pub use race::{Costs, RaceArgs, RaceOptions};
pub use running::{Dtype, MachineOptions, RunOptions};
pub use sharpness::SharpnessArgs;
pub use solutions::SolutionOptions;
pub use stopping::StoppingOptions;
pub use subject::{BatchNormName, OperatorName, SubjectOptions};
pub use subspace::{Part as SubspacePart, SubspaceArgs, SubspaceOptions};
pub use surface::{PlaneOptions, SliceOptions, SurfaceOptions};
pub use training::TrainingOptions;
pub use trajectory::TrajectoryArgs;

/// A laboratory for high-dimensional non-convex optimization.
///
/// Point it at a network with its data, or at an analytic function, and it says where you are (the
/// kind of point, the Hessian's spectrum, sharpness), what it looks like around there (slices,
/// planes, the trajectory) and how far to trust each number.
#[derive(Debug, Parser)]
#[command(name = "thalweg", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Run `thalweg survey` to begin: it needs no data and no options.")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train (or take given weights), then study the point from every side and write a report
    Survey(SurveyArgs),
    /// Train, following loss and sharpness along the way
    Train(TrainArgs),
    /// The Hessian's spectrum: both ends, density, trace; whole or for one layer
    Spectrum(SpectrumArgs),
    /// The loss along lines through the point
    Slice(SliceArgs),
    /// The loss on a plane through the point
    Plane(PlaneArgs),
    /// The way there: its plane, its straight line, its steps, and the Hessian along it, beside null models
    Trajectory(Box<TrajectoryArgs>),
    /// What kind of point this is, and the evidence for it
    Point(PointArgs),
    /// Paths between solutions: barriers along lines and curves, lowest passes
    Connect(ConnectArgs),
    /// Symmetries of a network, and solutions aligned by them: barriers before and after
    Align(AlignArgs),
    /// How sharp the point is: every measure with its error, and what leaves it unchanged
    Sharpness(SharpnessArgs),
    /// Random subspaces: the intrinsic dimension, hyperplanes at a distance, long and short directions
    Subspace(Box<SubspaceArgs>),
    /// Critical points: found, proved, and saddles joined to their minima
    Critical(Box<CriticalArgs>),
    /// Optimizers side by side under equal budgets, each obstacle named and proved
    Race(Box<RaceArgs>),
    /// All optimizers, with their parameters, defaults, sources and what a step costs
    Optimizers(ListArgs),
    /// One product with a curvature matrix, arrays named as the weights are
    Apply(ApplyArgs),
    /// A built-in network as an ONNX file
    Export(ExportArgs),
    /// What a data file, weights file or run directory holds
    Inspect(InspectArgs),
    /// What --problem knows: learning problems, and functions with known answers
    Problems(ProblemsArgs),
}

#[derive(Debug, clap::Args)]
pub struct SurveyArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub training: TrainingOptions,
    #[command(flatten)]
    pub run: RunOptions,
    /// Points along each side of the planes
    #[arg(long, value_name = "N|NxM", default_value = "51", help_heading = "Study")]
    pub grid: Grid,
    /// Eigenpairs at the upper end of the spectrum
    #[arg(long, value_name = "K", default_value = "12", help_heading = "Study")]
    pub top: Count,
    /// Compute all eigenvalues up to this dimension
    #[arg(long, value_name = "N", default_value_t = 3000, help_heading = "Study")]
    pub exact_up_to: usize,
}

#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub training: TrainingOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, clap::Args)]
pub struct SpectrumArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub spectrum: SpectrumOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, clap::Args)]
pub struct SliceArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub slice: SliceOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, clap::Args)]
pub struct PlaneArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub plane: PlaneOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, clap::Args)]
pub struct PointArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub point: PointOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, clap::Args)]
pub struct ConnectArgs {
    #[command(flatten)]
    pub solutions: SolutionOptions,
    #[command(flatten)]
    pub paths: ConnectOptions,
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub training: TrainingOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, clap::Args)]
pub struct AlignArgs {
    #[command(flatten)]
    pub solutions: SolutionOptions,
    #[command(flatten)]
    pub align: AlignOptions,
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub training: TrainingOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    /// The matrix
    #[arg(long, value_enum, default_value = "hessian", help_heading = "Product")]
    pub operator: OperatorName,
    /// The vector: `.npz` or `.safetensors` with one array a block, named and shaped as the weights
    #[arg(long, value_name = "FILE", help_heading = "Product")]
    pub vector: PathBuf,
    /// Where the product goes: `.npz` or `.safetensors`
    #[arg(long, value_name = "FILE", help_heading = "Product")]
    pub out: PathBuf,
    /// Print a summary as JSON to stdout
    #[arg(long, help_heading = "Run")]
    pub json: bool,
    /// Print nothing but errors
    #[arg(long, short, help_heading = "Run")]
    pub quiet: bool,
    #[command(flatten)]
    pub machine: MachineOptions,
}

#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// A built-in architecture, with its sizes [default: that of the run which --weights names]
    #[arg(long, value_name = "SPEC")]
    pub model: Option<crate::subject::ModelName>,
    /// The nonlinearity [default: the run's, or the model's usual one]
    #[arg(long, value_name = "NAME")]
    pub activation: Option<Activation>,
    /// Layers without biases
    #[arg(long)]
    pub no_bias: bool,
    /// Weights and statistics: `.safetensors`, `.npz` or a run directory [default: initial ones]
    #[arg(long, value_name = "FILE|RUN")]
    pub weights: Option<String>,
    /// Seed of the initial weights
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Precision of the file's numbers
    #[arg(long, value_enum, default_value = "f32")]
    pub dtype: Dtype,
    /// Where the file goes: a name in .onnx
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Print a summary as JSON to stdout
    #[arg(long)]
    pub json: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only what has this word in its name or summary
    #[arg(value_name = "WORD")]
    pub word: Option<String>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// `digits`, a data, weights or ONNX file, a folder of MNIST or CIFAR-10, or a run directory
    #[arg(value_name = "PATH", required_unless_present = "model")]
    pub path: Option<String>,
    /// A model instead: its layers, shapes and number of parameters
    #[arg(long, value_name = "SPEC|FILE", conflicts_with = "path")]
    pub model: Option<crate::subject::ModelName>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct ProblemsArgs {
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_table_of_options_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_exclude_each_other() {
        for line in [
            "thalweg point --problem rosenbrock --model mlp:2-1",
            "thalweg point --problem rosenbrock --loss huber",
            "thalweg point --function x^2 --data digits",
            "thalweg point --at 1,2",
            "thalweg point --function x^2 --problem beale",
            "thalweg point --function x^2 --model mlp:2-1",
            "thalweg plane --grid 0",
            "thalweg plane --grid 1x5",
            "thalweg plane --limits 2,1",
            "thalweg plane --range auto:3",
            "thalweg slice --levels 2",
            "thalweg survey --epochs 3 --steps 3",
            "thalweg survey --resume --replace",
            "thalweg survey --threads 0",
            "thalweg survey --memory 2GX",
            "thalweg inspect",
        ] {
            let error = Cli::try_parse_from(line.split(' ')).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
        let line = "thalweg point --problem walled-saddle --at 1,-2e-3 --minimize";
        assert!(Cli::try_parse_from(line.split(' ')).is_ok());
        let line = "thalweg point --function -x^2 --at 1";
        assert!(Cli::try_parse_from(line.split(' ')).is_ok());
    }
}
