//! Options of paths between solutions.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thalweg_lab::optim::OptimizerSpec;

use super::parse::positive;
use super::{Count, Grid};

/// Which paths, and how they are found.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Paths")]
pub struct ConnectOptions {
    /// line, aligned (straight, to the copy of the other network whose units are in the order that fits best),
    /// bezier and chain (curves with bends that are trained), band (a nudged elastic band)
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', default_values = ["line", "aligned", "bezier", "chain", "band"])]
    pub paths: Vec<PathKind>,
    /// Pairs of solutions to connect at most, the nearest first [default: all of up to 5 solutions, twice as
    /// many as there are solutions of more]
    #[arg(long, value_name = "N")]
    pub pairs: Option<Count>,
    /// Bends of a curve
    #[arg(long, value_name = "N", default_value = "1")]
    pub bends: Count,
    /// Trains curves and bands; on functions curves are trained by L-BFGS [default: adam, at a fiftieth of the
    /// root mean square difference of the ends' coordinates]
    #[arg(long, value_name = "SPEC")]
    pub path_optimizer: Option<OptimizerSpec>,
    /// Passes over the examples for each curve, at a rate that falls along a cosine
    #[arg(long, value_name = "N", default_value = "100")]
    pub curve_epochs: Count,
    /// Pivots of a band to begin with [default: 7; 15 on functions]
    #[arg(long, value_name = "N")]
    pub pivots: Option<Count>,
    /// Cycles of a band; after each, pivots are inserted where it is too coarse
    #[arg(long, value_name = "N", default_value = "8")]
    pub band_cycles: Count,
    /// Steps of each cycle
    #[arg(long, value_name = "N", default_value = "100")]
    pub band_steps: Count,
    /// Places on a path at which the loss is measured, before it is measured more closely about the highest
    #[arg(long, value_name = "N", default_value = "31", value_parser = places)]
    pub points: usize,
    /// How closely the barrier is searched for, in shares of the range of the loss along the path [default: 1e-4;
    /// 1e-9 on functions]
    #[arg(long, value_name = "SHARE", value_parser = positive)]
    pub tolerance: Option<f64>,
    /// Points along each side of the plane
    #[arg(long, value_name = "N|NxM", default_value = "41")]
    pub grid: Grid,
}

fn places(text: &str) -> Result<usize, String> {
    let count = text.trim().parse::<usize>().ok().filter(|n| (3..=10_000).contains(n));
    count.ok_or_else(|| "expected a whole number from 3 to 10000".into())
}

/// A kind of path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathKind {
    /// Straight.
    Line,
    /// Straight, to the copy of the other end that a symmetry of the network brings nearest.
    Aligned,
    /// A Bézier curve with trained bends.
    Bezier,
    /// A polygon with trained corners.
    Chain,
    /// A nudged elastic band.
    Band,
}

impl FromStr for PathKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "line" => Ok(Self::Line),
            "aligned" => Ok(Self::Aligned),
            "bezier" => Ok(Self::Bezier),
            "chain" => Ok(Self::Chain),
            "band" => Ok(Self::Band),
            other => Err(format!("expected line, aligned, bezier, chain or band; found {other:?}")),
        }
    }
}

impl PathKind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Line => "straight line",
            Self::Aligned => "line after alignment",
            Self::Bezier => "Bézier curve",
            Self::Chain => "polygonal chain",
            Self::Band => "elastic band",
        }
    }

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Aligned => "aligned",
            Self::Bezier => "bezier",
            Self::Chain => "chain",
            Self::Band => "band",
        }
    }
}
