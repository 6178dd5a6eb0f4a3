//! What a search for critical points was asked to do.

use serde::{Deserialize, Serialize};
use thalweg_lab::critical::SearchMethod;

use crate::args::Grid;

/// A search for critical points.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CriticalPlan {
    /// How many starts.
    pub starts: u64,
    /// Where they are.
    pub from: StartsPlan,
    pub method: SearchMethod,
    /// Searches with known points deflated, from each start at most.
    pub deflations: usize,
    /// Iterations of a search.
    pub iterations: u64,
    /// Products of a Newton step.
    pub products: u64,
    /// The gradient's norm that counts as 0.
    pub tolerance: f64,
    /// Up to this dimension all eigenvalues are computed.
    pub exact_up_to: usize,
    /// Saddles of index 1 that are joined to their minima, the lowest first, at most.
    pub passes: usize,
    /// The picture of a function of two coordinates.
    pub grid: Grid,
}

/// Where searches begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StartsPlan {
    /// In a box.
    Box {
        /// An interval for each coordinate.
        bounds: Vec<(f64, f64)>,
    },
    /// Around the point.
    Noise {
        /// Standard deviation of each coordinate.
        deviation: f64,
    },
    /// At points of the way.
    Trajectory {
        /// Standard deviation of what is added to each coordinate.
        deviation: f64,
    },
}

impl StartsPlan {
    /// Where, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Box { .. } => "in a box".to_owned(),
            Self::Noise { deviation } => format!("around it, with noise of deviation {deviation}"),
            Self::Trajectory { deviation: 0.0 } => "on the way to it".to_owned(),
            Self::Trajectory { deviation } => {
                format!("on the way to it, with noise of deviation {deviation}")
            }
        }
    }
}
