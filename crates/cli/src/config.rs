//! What a command was asked to do, as plain data: all that its results depend on.

use serde::{Deserialize, Serialize};
use thalweg_io::LoadOptions;
use thalweg_lab::Curvature;
use thalweg_lab::krylov::BasisKind;
use thalweg_lab::landscape::Normalization;
use thalweg_lab::optim::Training;
use thalweg_lab::problem::network::{Activation, BatchNorm, Initialization, Loss};

use crate::args::{Dtype, Grid};

/// Everything that the results of a run depend on, and nothing else: neither
/// the folder nor the threads, and the memory only through the kind of basis that was
/// chosen for it. Two runs of one configuration have the same results, byte for byte.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    pub command: &'static str,
    pub version: &'static str,
    pub seed: u64,
    pub dtype: Dtype,
    pub subject: SubjectConfig,
    pub point: PointConfig,
    /// How Krylov bases are kept.
    pub basis: BasisKind,
    pub plan: Plan,
}

/// The objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SubjectConfig {
    /// A network with its data.
    Network(Box<NetworkConfig>),
    /// A function of the registry.
    Function {
        /// The text that chooses it.
        function: String,
    },
    /// A formula.
    Expression {
        /// Its text.
        expression: String,
    },
}

/// A network with its data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkConfig {
    /// Its layers: `mlp:64-32-10`.
    pub model: String,
    /// SHA-256 of the arrays of a model that was read from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<String>,
    /// Patterns of the weights that are trained; none is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub train: Vec<String>,
    /// Patterns of the weights that are not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<String>,
    /// Of a built-in architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    pub bias: bool,
    pub initialization: Initialization,
    pub loss: Loss,
    pub weight_decay: f64,
    pub batch_norm: BatchNorm,
    pub data: DataConfig,
}

/// A dataset, how it was read, and what came of that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataConfig {
    /// `digits` or a path.
    pub source: String,
    pub options: LoadOptions,
    /// Share set aside as a test set; 0 for none.
    pub test_share: f64,
    /// Seed of that split.
    pub split_seed: u64,
    /// Examples that the objective is made of.
    pub examples: usize,
    /// SHA-256 of all numbers read.
    pub sha256: String,
}

/// The point that is studied, or from which a way begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PointConfig {
    /// Initial weights of the run's seed, or a function's customary start.
    Initial,
    /// Read from a file.
    Weights {
        /// The file or run directory.
        source: String,
        /// SHA-256 of the arrays.
        sha256: String,
    },
    /// Given by its coordinates.
    At {
        /// The coordinates.
        coordinates: Vec<f64>,
    },
}

/// What is done, in this order. What is `None` or empty is not done.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Plan {
    /// The way to the point that the rest is about.
    pub way: Option<Way>,
    /// The point card, with the Hessian's spectrum.
    pub point: Option<SpectrumPlan>,
    /// A spectrum by itself.
    pub spectrum: Option<SpectrumPlan>,
    /// Eigenvectors as directions, where no point card has them.
    pub eigenvectors: Option<EndsPlan>,
    pub layers: bool,
    /// Points on the line from the first point to the last.
    pub interpolation: Option<usize>,
    pub slices: Option<SlicesPlan>,
    pub planes: Vec<PlanePlan>,
    /// Whether what cannot be had at this point is left out, with a note, instead of being an error.
    pub lenient: bool,
}

/// A way down.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Way {
    /// Training a network.
    Training(Training),
    /// Gradient descent with backtracking.
    Descent {
        /// Iterations at most.
        iterations: u64,
    },
}

/// The ends of a spectrum.
#[derive(Clone, Debug, Serialize)]
pub struct EndsPlan {
    pub top: usize,
    pub bottom: usize,
}

/// A whole spectrum.
#[derive(Clone, Debug, Serialize)]
pub struct SpectrumPlan {
    pub operator: Curvature,
    pub layer: Option<String>,
    pub top: usize,
    pub bottom: usize,
    /// Random vectors of the density.
    pub probes: usize,
    /// Lanczos steps from each.
    pub steps: usize,
    /// Up to this dimension all eigenvalues are computed.
    pub exact_up_to: usize,
}

/// Lines through the point.
#[derive(Clone, Debug, Serialize)]
pub struct SlicesPlan {
    /// Names of directions.
    pub directions: Vec<String>,
    pub range: f64,
    pub points: usize,
    pub normalization: Normalization,
}

/// A plane through the point.
#[derive(Clone, Debug, Serialize)]
pub struct PlanePlan {
    /// `trajectory`, or the names of two directions.
    pub directions: Vec<String>,
    pub range: f64,
    pub grid: Grid,
    pub normalization: Normalization,
}
