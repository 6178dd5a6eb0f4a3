//! How far lines and planes reach, and what is looked at on them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thalweg_lab::landscape::{Normalization, RefineOptions};

use crate::args::Grid;

/// Lines through the point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SlicesPlan {
    /// Names of directions.
    pub directions: Vec<String>,
    pub range: Reach,
    pub points: usize,
    pub normalization: Normalization,
    /// Whether values have errors over the examples.
    pub errors: bool,
    /// Where points are added between those.
    pub refine: Option<RefineOptions>,
    pub export: Vec<Export>,
}

/// A plane through the point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanePlan {
    /// `trajectory`, or the names of two directions.
    pub directions: Vec<String>,
    pub range: Reach,
    pub grid: Grid,
    pub normalization: Normalization,
    pub study: SurfacePlan,
}

/// What is looked at on a plane, beside the values.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SurfacePlan {
    /// Of several planes of random directions the how-manieth; those after the first are drawn together.
    pub replicate: usize,
    /// Whether values have errors over the examples.
    pub errors: bool,
    /// Features of the surface count from this persistence on; `None` for the usual rule.
    pub persistence: Option<f64>,
    /// Whether minima, saddles and basins have figures of their own.
    pub basins: bool,
    /// How many minima and saddles of the surface are followed and judged in the full space.
    pub follow: usize,
    /// The eigenvalues' map.
    pub map: Option<MapPlan>,
    /// Where points are added between those of the grid.
    pub refine: Option<RefineOptions>,
    /// The ends of the colour scale, if they are fixed.
    pub limits: Option<[f64; 2]>,
    pub export: Vec<Export>,
}

/// A map of the Hessian's extreme eigenvalues.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct MapPlan {
    pub grid: Grid,
    /// Products of each search, at most.
    pub products: u64,
}

/// File formats of other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Export {
    /// Polygons and lines for ParaView
    Vtp,
    /// An unstructured grid for ParaView
    Vtu,
    /// A table
    Csv,
    /// HDF5, as loss-landscape of Li et al. plots it
    Hdf5,
}

/// How far a picture reaches to either side, in units of its directions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// This far.
    Fixed(f64),
    /// To where the mean at the ends is so many times the value at the point.
    Times(f64),
    /// To where the mean at the ends is by so much above the value at the point.
    Above(f64),
}

impl FromStr for Reach {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|v| v.is_finite() && *v > 0.0);
        let found = match text.strip_prefix("auto") {
            None => number(text).map(Self::Fixed),
            Some("") => Some(Self::Times(10.0)),
            Some(rule) => match rule.strip_prefix(':').unwrap_or_default() {
                rise if rise.starts_with('+') => number(&rise[1..]).map(Self::Above),
                times => times.strip_suffix('x').and_then(number).filter(|&v| v > 1.0).map(Self::Times),
            },
        };
        found.ok_or_else(|| {
            "expected a finite number above 0, auto (10 times the value at the point), auto:20x or auto:+0.5".into()
        })
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(reach) => write!(f, "{reach}"),
            Self::Times(times) => write!(f, "auto:{times}x"),
            Self::Above(rise) => write!(f, "auto:+{rise}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reaches_are_numbers_or_rules() {
        for (text, expected) in [
            ("0.5", Reach::Fixed(0.5)),
            ("auto", Reach::Times(10.0)),
            ("auto:2.5x", Reach::Times(2.5)),
            ("auto:+3", Reach::Above(3.0)),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
            assert_eq!(expected.to_string().parse(), Ok(expected));
        }
        for text in ["", "0", "-1", "inf", "auto:", "auto:3", "auto:1x", "auto:+", "auto:+-2", "autox"] {
            assert!(text.parse::<Reach>().is_err(), "{text}");
        }
    }
}
