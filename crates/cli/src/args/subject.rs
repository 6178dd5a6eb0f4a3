//! Options that say what is studied, and at which point.

use thalweg_io::{Part, Scaling, TargetKind};
use thalweg_lab::Curvature;
use thalweg_lab::problem::analytic::registry;
use thalweg_lab::problem::network::{Activation, Initialization, Loss, architecture};

use crate::subject::ModelName;

use super::parse::{not_negative, share};
use super::{ClassWeights, Count, Place};

/// A network with its data, or an analytic function; and the point.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Subject")]
pub struct SubjectOptions {
    /// A built-in architecture (mlp:64-32-10, lenet5, resnet20 …) or an ONNX file [default: a
    /// perceptron with a hidden layer of 32]
    #[arg(long, value_name = "SPEC|FILE", long_help = architectures())]
    pub model: Option<ModelName>,
    /// ONNX: train only weights of such names (`*` and `?` stand for any characters)
    #[arg(long, value_name = "GLOB")]
    pub train: Vec<String>,
    /// ONNX: leave weights of such names as they are
    #[arg(long, value_name = "GLOB")]
    pub freeze: Vec<String>,
    /// The nonlinearity: tanh, relu, gelu … [default: the model's usual one]
    #[arg(long, value_name = "NAME")]
    pub activation: Option<Activation>,
    /// Layers without biases
    #[arg(long)]
    pub no_bias: bool,
    /// Initial weights: xavier-uniform, xavier-normal, he-uniform, he-normal [default: by the activation]
    #[arg(long, value_name = "NAME")]
    pub init: Option<Initialization>,
    /// `digits` (built in), a file (`.npz`, CSV, idx, CIFAR-10 binary) or a folder [default: digits]
    #[arg(long, value_name = "PATH")]
    pub data: Option<String>,
    /// Length of the sequences that text is cut into [default: the model's]
    #[arg(long, value_name = "N")]
    pub context: Option<Count>,
    /// Only the first N examples
    #[arg(long, value_name = "N")]
    pub subset: Option<Count>,
    /// Which part of data that comes in parts [default: train]
    #[arg(long, value_enum, value_name = "PART")]
    pub part: Option<PartName>,
    /// What to do to the inputs [default: native, by the format]
    #[arg(long, value_enum, value_name = "HOW")]
    pub scaling: Option<ScalingName>,
    /// Whether targets are classes or numbers [default: found out]
    #[arg(long, value_enum, value_name = "KIND")]
    pub target: Option<TargetName>,
    /// CSV: the column of targets, by name or index [default: the last]
    #[arg(long, value_name = "COLUMN")]
    pub label_column: Option<String>,
    /// Share of the examples set aside as a test set
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub test_share: Option<f64>,
    /// The point: weights in `.safetensors` or `.npz`, or a run directory, which also gives model and data
    #[arg(long, value_name = "FILE|RUN")]
    pub weights: Option<String>,
    /// cross-entropy, squared-error, binary-cross-entropy, huber … [default: by the targets]
    #[arg(long, value_name = "NAME")]
    pub loss: Option<Loss>,
    /// λ of the penalty (λ/2)‖θ‖², a part of the objective [default: 0]
    #[arg(long, value_name = "λ", value_parser = not_negative, allow_negative_numbers = true)]
    pub weight_decay: Option<f64>,
    /// Label smoothing of the cross-entropy [default: 0]
    #[arg(long, value_name = "S", value_parser = share)]
    pub label_smoothing: Option<f64>,
    /// Weights of the classes in the cross-entropy, or `balanced`: inverse to their numbers [default: all 1]
    #[arg(long, value_name = "W,W,…|balanced")]
    pub class_weights: Option<ClassWeights>,
    /// The label of positions that do not count, such as -100 [default: none]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub ignore_index: Option<i64>,
    /// What batch normalization divides by: statistics of each batch, of the model's file, or estimated
    /// anew at each point [default: batch]
    #[arg(long, value_enum, value_name = "KIND")]
    pub batch_norm: Option<BatchNormName>,
    /// Examples in a batch of batch normalization [default: 128]
    #[arg(long, value_name = "N")]
    pub batch_norm_size: Option<Count>,
    /// A known function in closed form instead of a network: rosenbrock:10, walled-saddle …
    #[arg(
        long,
        value_name = "NAME[:N]",
        group = "closed_form",
        conflicts_with_all = NETWORK,
        long_help = functions()
    )]
    pub problem: Option<String>,
    /// Coordinates of a problem that has any number of them: `--problem rosenbrock --dim 10` is rosenbrock:10
    #[arg(long, value_name = "N", requires = "problem")]
    pub dim: Option<Count>,
    /// A formula of x, y, z or x1, x2, … instead of a network: "100*(y-x^2)^2 + (1-x)^2"
    #[arg(
        long,
        value_name = "FORMULA",
        group = "closed_form",
        conflicts_with_all = NETWORK,
        allow_hyphen_values = true
    )]
    pub function: Option<String>,
    /// The point of an analytic function [default: the function's customary start]
    #[arg(
        long,
        visible_alias = "start",
        value_name = "X,Y,…",
        requires = "closed_form",
        conflicts_with = "weights",
        allow_hyphen_values = true
    )]
    pub at: Vec<Place>,
}

impl SubjectOptions {
    /// Whether they say what is studied, rather than leave it to the defaults.
    pub fn names_a_subject(&self) -> bool {
        let texts = [&self.problem, &self.function, &self.data, &self.weights];
        self.model.is_some() || texts.iter().any(|text| text.is_some())
    }
}

/// The table of architectures, for the long help.
fn architectures() -> String {
    let rows = architecture::registry().iter();
    let rows = rows.map(|row| format!("\n  {:44} {}", row.pattern, row.summary));
    format!("A built-in architecture, or an ONNX file (FILE.onnx):{}", rows.collect::<String>())
}

/// The table of functions, for the long help.
fn functions() -> String {
    let rows = registry().iter().map(|row| format!("\n  {:32} {}", row.usage, row.summary));
    format!(
        "A function in closed form instead of a network. `,shift=SEED` and `,rotate=SEED` move it; \
         `thalweg problems` says more:{}",
        rows.collect::<String>()
    )
}

/// What belongs to a network alone.
const NETWORK: [&str; 21] = [
    "model",
    "train",
    "freeze",
    "context",
    "activation",
    "no_bias",
    "init",
    "data",
    "subset",
    "part",
    "scaling",
    "target",
    "label_column",
    "test_share",
    "loss",
    "weight_decay",
    "label_smoothing",
    "class_weights",
    "ignore_index",
    "batch_norm",
    "batch_norm_size",
];

/// A curvature matrix by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OperatorName {
    /// ∇²f
    Hessian,
    /// The Gauss-Newton matrix
    Ggn,
    /// The Fisher matrix, its expectation exact
    Fisher,
    /// The empirical Fisher matrix
    EmpiricalFisher,
}

impl From<OperatorName> for Curvature {
    fn from(name: OperatorName) -> Self {
        match name {
            OperatorName::Hessian => Curvature::Hessian,
            OperatorName::Ggn => Curvature::GaussNewton,
            OperatorName::Fisher => Curvature::Fisher,
            OperatorName::EmpiricalFisher => Curvature::EmpiricalFisher,
        }
    }
}

/// Where batch normalization takes its statistics from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum BatchNormName {
    /// Each batch's own, differentiated through, as in training
    Batch,
    /// Those in the model or its weights, as in evaluation
    Frozen,
    /// Averages over all batches, estimated anew at each point and held fixed there
    Reestimated,
}

/// A part of data.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum PartName {
    Train,
    Test,
}

/// A scaling of inputs.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ScalingName {
    /// Images into [0, 1], other numbers as they are
    Native,
    /// As stored
    Raw,
    /// Every feature to mean 0 and variance 1
    Standardize,
}

/// A kind of targets.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum TargetName {
    Auto,
    Classes,
    Values,
}

impl From<PartName> for Part {
    fn from(name: PartName) -> Self {
        match name {
            PartName::Train => Part::Train,
            PartName::Test => Part::Test,
        }
    }
}

impl From<ScalingName> for Scaling {
    fn from(name: ScalingName) -> Self {
        match name {
            ScalingName::Native => Scaling::Native,
            ScalingName::Raw => Scaling::Raw,
            ScalingName::Standardize => Scaling::Standardize,
        }
    }
}

impl From<TargetName> for TargetKind {
    fn from(name: TargetName) -> Self {
        match name {
            TargetName::Auto => TargetKind::Auto,
            TargetName::Classes => TargetKind::Classes,
            TargetName::Values => TargetKind::Values,
        }
    }
}
