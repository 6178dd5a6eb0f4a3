//! What is asked of measures of sharpness.

use serde::{Deserialize, Serialize};
use thalweg_lab::flatness::SamplerOptions;

/// The panel of measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharpnessPlan {
    /// ε of Keskar's box.
    pub epsilon: f64,
    /// ρ of SAM's ball.
    pub radius: f64,
    /// ρ of ASAM's.
    pub adaptive_radius: f64,
    /// Random starts of each climb.
    pub starts: u64,
    /// How far the value may rise: under noise, and in the low region.
    pub rise: f64,
    /// Draws of noise.
    pub draws: u64,
    /// Lines of the volume.
    pub lines: u64,
    /// The sampler of the learning coefficient; `None` where the number of examples is not known.
    pub sampler: Option<SamplerOptions>,
}
