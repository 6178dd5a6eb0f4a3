//! Options of lines and planes.

use std::path::PathBuf;
use std::str::FromStr;

use super::analysis::points;
use super::parse::{not_negative, positive};
use super::{Count, DirectionName, Grid, NormalizeName, PlaneName};
use crate::config::{Export, Reach};

/// Which lines, and how far.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Slices")]
pub struct SliceOptions {
    /// random, gradient, top:K, bottom:K (eigenvectors) or axis:I; may be given several times
    #[arg(long, value_name = "NAME", default_values = ["random", "gradient", "top:1", "bottom:1"])]
    pub direction: Vec<DirectionName>,
    /// Draw random directions anew, N times for each that is asked for, and show how much they differ
    #[arg(long, value_name = "N", default_value = "1")]
    pub direction_seeds: Count,
    /// Points on each line; with --refine an odd number
    #[arg(long, value_name = "N", default_value = "101", value_parser = points)]
    pub points: usize,
    #[command(flatten)]
    pub common: SurfaceOptions,
}

/// Which plane, how far and how fine.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Plane")]
pub struct PlaneOptions {
    /// `random`, `eigenvectors`, a pair such as top:1,gradient or axis:0,axis:1, or `trajectory` [default:
    /// random, or trajectory with --checkpoints]
    #[arg(long, value_name = "PLANE")]
    pub directions: Option<PlaneName>,
    /// The trajectory: a folder of weights in `.safetensors` or `.npz`, in the order of the numbers in their
    /// names; the last of them is the point
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["weights", "problem"])]
    pub checkpoints: Option<PathBuf>,
    /// Draw random directions anew, N planes in all, and show how much they differ
    #[arg(long, value_name = "N", default_value = "1", conflicts_with = "checkpoints")]
    pub direction_seeds: Count,
    /// Points along each side; with --refine odd numbers
    #[arg(long, value_name = "N|NxM", default_value = "51")]
    pub grid: Grid,
    /// The ends of the colour scale, to compare several surfaces
    #[arg(long, value_name = "LOW,HIGH", allow_hyphen_values = true)]
    pub limits: Option<Ends>,
    /// Reach and colour scale of another plane: its run directory
    #[arg(long, value_name = "RUN", conflicts_with_all = ["range", "limits"])]
    pub like: Option<PathBuf>,
    /// Minima and saddles count from this persistence on [default: 1 % of the median height]
    #[arg(long, value_name = "HEIGHT", value_parser = not_negative)]
    pub persistence: Option<f64>,
    /// Minima and saddles of the picture that are followed and judged in the full space, at most
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub follow: usize,
    /// Map λ_min/λ_max of the full Hessian on a grid of this size
    #[arg(long, value_name = "N|NxM")]
    pub curvature_map: Option<Grid>,
    /// Products for each of the map's cells, at most
    #[arg(long, value_name = "N", default_value = "200", requires = "curvature_map")]
    pub map_products: Count,
    #[command(flatten)]
    pub common: SurfaceOptions,
}

/// What lines and planes share.
#[derive(Debug, clap::Args)]
pub struct SurfaceOptions {
    /// Reach to either side, in units of the directions; auto: to where the loss at the ends is 10 times
    /// that at the point (auto:20x, auto:+0.5: so many times, so much more)
    #[arg(long, value_name = "R|auto", default_value = "1")]
    pub range: Reach,
    /// How random directions are scaled [default: filter for networks, unit for functions]
    #[arg(long, value_enum, value_name = "HOW")]
    pub normalize: Option<NormalizeName>,
    /// Standard errors over the examples, by themselves and of the difference from the point
    #[arg(long)]
    pub errors: bool,
    /// Add points between those of the grid wherever interpolation is off by more than this
    #[arg(long, value_name = "ERROR", value_parser = positive)]
    pub refine: Option<f64>,
    /// How often a step of the grid is halved, at most
    #[arg(long, value_name = "N", default_value_t = 3, requires = "refine",
          value_parser = clap::value_parser!(u32).range(1..=8))]
    pub levels: u32,
    /// Files for other programs, beside the `.npz`: csv, hdf5; of planes also vtp, vtu (ParaView)
    #[arg(long, value_enum, value_name = "FORMAT", value_delimiter = ',')]
    pub export: Vec<Export>,
}

/// Two numbers in order: `0.1,10`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends(pub [f64; 2]);

impl FromStr for Ends {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let ends = text.split_once(',').and_then(|(low, high)| Some([number(low)?, number(high)?]));
        let ends = ends.filter(|[low, high]| low < high && (high - low).is_finite());
        ends.map(Self).ok_or_else(|| "expected two finite numbers, the lower first: 0.1,10".into())
    }
}
