//! What a command was asked to do, as plain data: all that its results depend on.

mod align;
mod connect;
mod critical;
mod sharpness;
mod subspace;
mod surface;

use serde::{Deserialize, Serialize};
use thalweg_io::LoadOptions;
use thalweg_lab::Curvature;
use thalweg_lab::krylov::BasisKind;
use thalweg_lab::optim::{Limits, OptimizerSpec, Training};
use thalweg_lab::problem::network::{Activation, BatchNorm, Initialization, Loss};

use crate::args::{Dtype, Grid};
use crate::session::Identity;

pub use align::AlignPlan;
pub use connect::{ConnectPlan, SolutionConfig, SolutionsPlan};
pub use critical::{CriticalPlan, StartsPlan};
pub use sharpness::SharpnessPlan;
pub use subspace::{Centre, CutsPlan, ExtentsPlan, IntrinsicPlan, RunsPlan};
pub use surface::{Export, MapPlan, PlanePlan, Reach, SlicesPlan, SurfacePlan};

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
    /// Where the plan was cut to a stated time: that time, and what it was cut from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// A stated time, and what was asked for before it was cut to that. The time decides
/// nothing any more: the plan beside it holds the numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Budget {
    pub seconds: u64,
    pub asked: Plan,
}

impl Config {
    /// What a manifest says first.
    pub fn identity(&self) -> Identity {
        Identity { version: self.version, seed: self.seed, dtype: self.dtype }
    }
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
    /// A learning problem of the registry.
    Learning {
        /// The text that chooses it.
        problem: String,
        /// The data that it is laid on, where it plants none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<Box<DataConfig>>,
    },
    /// A formula.
    Expression {
        /// Its text.
        expression: String,
    },
}

impl SubjectConfig {
    /// The data, where there are any.
    pub fn data(&self) -> Option<&DataConfig> {
        match self {
            SubjectConfig::Network(network) => Some(&network.data),
            SubjectConfig::Learning { data, .. } => data.as_deref(),
            SubjectConfig::Function { .. } | SubjectConfig::Expression { .. } => None,
        }
    }

    /// Whether it is a mean over examples.
    pub fn is_a_sum(&self) -> bool {
        matches!(self, SubjectConfig::Network(_) | SubjectConfig::Learning { .. })
    }
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
    /// The label of positions that do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore_index: Option<i64>,
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
    /// Initial weights of the run's seed, or a problem's customary start.
    Initial,
    /// Read from a file.
    Weights {
        /// The file or run directory.
        source: String,
        /// SHA-256 of the arrays.
        sha256: String,
    },
    /// The last of the checkpoints in a folder.
    Checkpoints {
        /// The folder.
        source: String,
        /// Its files, in order.
        files: Vec<String>,
        /// SHA-256 of the hashes of their arrays, in that order.
        sha256: String,
    },
    /// Given by its coordinates.
    At {
        /// The coordinates.
        coordinates: Vec<f64>,
    },
    /// Several points instead, those that are trained at the end.
    Solutions {
        /// Where they come from.
        solutions: Vec<SolutionConfig>,
    },
}

/// What is done, in this order. What is `None` or empty is not done.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The way to the point that the rest is about.
    pub way: Option<Way>,
    /// Several solutions instead of one point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solutions: Option<SolutionsPlan>,
    /// Paths between the solutions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<ConnectPlan>,
    /// Solutions aligned by the network's symmetries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub align: Option<AlignPlan>,
    /// The point card, with the Hessian's spectrum.
    pub point: Option<SpectrumPlan>,
    /// A spectrum by itself.
    pub spectrum: Option<SpectrumPlan>,
    /// Eigenvectors as directions, where no point card has them.
    pub eigenvectors: Option<EndsPlan>,
    pub layers: Option<LayersPlan>,
    /// Points on the line from the first point to the last.
    pub interpolation: Option<usize>,
    pub slices: Option<SlicesPlan>,
    pub planes: Vec<PlanePlan>,
    /// Several ways side by side, instead of one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<NamedWay>,
    /// What is asked of the ways themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trajectory: Option<TrajectoryPlan>,
    pub intrinsic: Option<IntrinsicPlan>,
    pub cuts: Option<CutsPlan>,
    pub extents: Option<ExtentsPlan>,
    pub sharpness: Option<SharpnessPlan>,
    /// Critical points.
    pub critical: Option<CriticalPlan>,
    /// Whether what cannot be had at this point is left out, with a note, instead of being an error.
    pub lenient: bool,
}

/// A way down.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Way {
    /// Training a network, or what else is a mean over examples.
    Training(TrainingPlan),
    /// The checkpoints of a folder.
    Checkpoints {},
    /// An optimizer on exact values and gradients.
    Descent(DescentPlan),
    /// The way of a finished run.
    Kept {
        /// The run directory.
        run: String,
        /// Its place among those that were read.
        place: usize,
        /// SHA-256 of the arrays that hold the way.
        sha256: String,
    },
}

/// One of several ways.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NamedWay {
    /// What it is called: the optimizer, the run or the folder.
    pub name: String,
    pub way: Way,
}

/// How closely ways are looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrajectoryPlan {
    /// What the ways are called.
    pub names: Vec<String>,
    /// Cells of the plane.
    pub grid: Grid,
    /// Points on each straight line.
    pub line: usize,
    /// Dimension of the leading eigenspace; 0 leaves it out.
    pub top: usize,
    /// Points of each way at which it is computed.
    pub places: usize,
    /// Products for it at each of them, at most.
    pub products: u64,
}

/// A way down by exact values and gradients.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DescentPlan {
    /// Which optimizer.
    pub optimizer: OptimizerSpec,
    /// When it ends.
    #[serde(flatten)]
    pub stopping: Stopping,
    /// How often a critical point that is no minimum is left along its escape direction, at most.
    pub escapes: usize,
}

impl DescentPlan {
    /// `gradient descent`, or the optimizer's text.
    pub fn words(&self) -> String {
        match self.optimizer.name() {
            "gd" => "gradient descent".to_owned(),
            _ => self.optimizer.to_string(),
        }
    }
}

impl Default for DescentPlan {
    /// Gradient descent with backtracking, 10,000 iterations, no escapes.
    fn default() -> Self {
        let optimizer = "gd".parse().expect("it is in the registry");
        Self { optimizer, stopping: Stopping::default(), escapes: 0 }
    }
}

/// When a descent ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    #[serde(flatten)]
    pub limits: Limits,
    /// Evaluations at most.
    pub budget: thalweg_lab::Budget,
    /// Seconds at most, those of earlier processes included.
    pub seconds: Option<u64>,
}

/// A training, and how it is followed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainingPlan {
    #[serde(flatten)]
    pub training: Training,
    /// Products for the sharpness at each measured step, at most; 0 for no sharpness.
    pub sharpness: u64,
}

/// The ends of a spectrum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndsPlan {
    pub top: usize,
    pub bottom: usize,
    /// Products of the search, at most.
    pub products: u64,
}

/// The table of layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayersPlan {
    /// Products of each layer's search, at most.
    pub products: u64,
    /// And of its trace.
    pub trace: u64,
}

/// A whole spectrum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpectrumPlan {
    pub operator: Curvature,
    pub layer: Option<String>,
    pub top: usize,
    pub bottom: usize,
    /// Random vectors of the density.
    pub probes: usize,
    /// Lanczos steps from each.
    pub steps: usize,
    /// Products of the search for the ends, at most.
    pub products: u64,
    /// And of the trace.
    pub trace: u64,
    /// Up to this dimension all eigenvalues are computed.
    pub exact_up_to: usize,
}

impl PlanePlan {
    /// Whether it is laid through the trajectory.
    pub fn is_trajectory(&self) -> bool {
        self.directions == ["trajectory"]
    }
}

impl Plan {
    /// The ways, whether one or several.
    pub fn every_way(&self) -> impl Iterator<Item = &Way> {
        self.way.iter().chain(self.ways.iter().map(|named| &named.way))
    }

    /// Whether values on lines and planes are asked for.
    pub fn draws(&self) -> bool {
        let studies = self.slices.is_some() || self.interpolation.is_some() || self.trajectory.is_some();
        studies || self.connect.is_some() || self.align.is_some() || !self.planes.is_empty()
    }

    /// Whether there are several planes that differ by their random directions alone.
    pub fn has_replicates(&self) -> bool {
        self.planes.iter().any(|plane| plane.study.replicate > 0)
    }

    /// The matrix whose products the plan asks for, if it asks for any.
    pub fn curvature(&self) -> Option<Curvature> {
        let follows = matches!(&self.way, Some(Way::Training(plan)) if plan.sharpness > 0)
            || self.trajectory.as_ref().is_some_and(|plan| plan.top > 0);
        match &self.spectrum {
            Some(spectrum) => Some(spectrum.operator),
            None if self.point.is_some()
                || self.eigenvectors.is_some()
                || self.layers.is_some()
                || self.planes.iter().any(|plane| plane.study.follow > 0 || plane.study.map.is_some())
                || self.critical.is_some()
                || follows =>
            {
                Some(Curvature::Hessian)
            }
            None => None,
        }
    }
}
