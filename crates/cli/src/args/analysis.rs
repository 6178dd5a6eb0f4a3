//! Options of the studies at a point.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thalweg_lab::landscape::Normalization;
use thalweg_lab::optim::OptimizerSpec;

use super::{Count, OperatorName, StoppingOptions};

/// How a spectrum is found.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Spectrum")]
pub struct SpectrumOptions {
    /// The matrix
    #[arg(long, value_enum, default_value = "hessian")]
    pub operator: OperatorName,
    /// One layer or block of the weights alone: `fc0`, `fc1.weight`
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
    /// Eigenpairs at the upper end
    #[arg(long, value_name = "K", default_value = "10")]
    pub top: Count,
    /// Eigenpairs at the lower end
    #[arg(long, value_name = "K", default_value = "2")]
    pub bottom: Count,
    /// Random vectors of the density and of the trace
    #[arg(long, value_name = "N", default_value = "16")]
    pub probes: Count,
    /// Lanczos steps from each
    #[arg(long, value_name = "N", default_value = "80")]
    pub steps: Count,
    /// Compute all eigenvalues up to this dimension
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub exact_up_to: usize,
}

/// How a point is judged.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Point")]
pub struct PointOptions {
    /// Eigenpairs at the upper end
    #[arg(long, value_name = "K", default_value = "10")]
    pub top: Count,
    /// Compute all eigenvalues up to this dimension
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub exact_up_to: usize,
    /// Go down by an optimizer on exact values and gradients first, and judge where that ends
    #[arg(long)]
    pub minimize: bool,
    /// The optimizer, with parameters (see `thalweg optimizers`) [default: gd]
    #[arg(long, value_name = "SPEC", requires = "minimize", default_value = "gd", hide_default_value = true)]
    pub optimizer: OptimizerSpec,
    /// Where it ends at a critical point that is no minimum, follow the escape direction and go on, at
    /// most N times [default of N: 10]
    #[arg(long, value_name = "N", requires = "minimize", num_args = 0..=1, default_missing_value = "10")]
    pub escape: Option<usize>,
    #[command(flatten)]
    pub stopping: StoppingOptions,
}

/// A grid of columns × rows, at least 2 × 2: `51` or `51x41`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    pub columns: usize,
    pub rows: usize,
}

impl FromStr for Grid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (columns, rows) = text.split_once('x').unwrap_or((text, text));
        match (points(columns), points(rows)) {
            (Ok(columns), Ok(rows)) => Ok(Self { columns, rows }),
            _ => Err("expected points along each side, 2 to 10000: 51 or 51x41".into()),
        }
    }
}

pub(super) fn points(text: &str) -> Result<usize, String> {
    let count = text.trim().parse::<usize>().ok().filter(|n| (2..=10_000).contains(n));
    count.ok_or_else(|| "expected a whole number from 2 to 10000".into())
}

/// A direction by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectionName {
    /// A random one, the how-manieth of its seed.
    Random(u64),
    /// The gradient.
    Gradient,
    /// An eigenvector of the upper end of the Hessian's spectrum, from 1.
    Top(usize),
    /// An eigenvector of the lower end, from 1.
    Bottom(usize),
    /// A coordinate.
    Axis(usize),
}

impl FromStr for DirectionName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, index) = text.trim().split_once(':').unwrap_or((text.trim(), ""));
        let from_one = || match index {
            "" => Ok(1),
            _ => index.parse::<usize>().ok().filter(|k| (1..=1000).contains(k)).ok_or(()),
        };
        let direction = match name {
            "random" if index.is_empty() => Ok(Self::Random(0)),
            "random" => index.parse().map(Self::Random).map_err(|_| ()),
            "gradient" if index.is_empty() => Ok(Self::Gradient),
            "top" => from_one().map(Self::Top),
            "bottom" => from_one().map(Self::Bottom),
            "axis" => index.parse().map(Self::Axis).map_err(|_| ()),
            _ => Err(()),
        };
        direction.map_err(|()| "expected random[:I], gradient, top[:K], bottom[:K] or axis:I".into())
    }
}

impl fmt::Display for DirectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random(index) => write!(f, "random:{index}"),
            Self::Gradient => f.write_str("gradient"),
            Self::Top(k) => write!(f, "top:{k}"),
            Self::Bottom(k) => write!(f, "bottom:{k}"),
            Self::Axis(index) => write!(f, "axis:{index}"),
        }
    }
}

/// What spans a plane, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaneName {
    /// Two directions.
    Pair([DirectionName; 2]),
    /// The principal components of the way to the point.
    Trajectory,
}

impl PlaneName {
    /// Two random directions.
    pub const RANDOM: Self = Self::Pair([DirectionName::Random(0), DirectionName::Random(1)]);
}

impl FromStr for PlaneName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "random" => Ok(Self::RANDOM),
            "eigenvectors" => Ok(Self::Pair([DirectionName::Top(1), DirectionName::Top(2)])),
            "trajectory" => Ok(Self::Trajectory),
            pair => match pair.split_once(',') {
                Some((a, b)) => Ok(Self::Pair([a.parse()?, b.parse()?])),
                None => {
                    Err("expected random, eigenvectors, trajectory or a pair such as top:1,gradient".into())
                }
            },
        }
    }
}

/// How random directions are scaled, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum NormalizeName {
    /// Each filter as long as the weights' (Li et al. 2018); biases are left out
    Filter,
    /// Each layer as long as the weights'
    Layer,
    /// Length 1
    Unit,
    /// As drawn
    None,
}

impl From<NormalizeName> for Normalization {
    fn from(name: NormalizeName) -> Self {
        match name {
            NormalizeName::Filter => Normalization::Filter,
            NormalizeName::Layer => Normalization::Layer,
            NormalizeName::Unit => Normalization::Unit,
            NormalizeName::None => Normalization::None,
        }
    }
}
