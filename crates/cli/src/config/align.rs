//! Solutions and their symmetric copies.

use serde::{Deserialize, Serialize};
use thalweg_lab::landscape::ProfileOptions;
use thalweg_lab::landscape::symmetry::{StraightThroughOptions, WeightOptions};

use crate::args::MatchName;

/// Solutions aligned with the first of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AlignPlan {
    /// How units are matched.
    pub methods: Vec<MatchName>,
    /// Examples whose activations are compared.
    pub examples: usize,
    pub matching: WeightOptions,
    pub straight_through: StraightThroughOptions,
    pub profile: ProfileOptions,
    /// Scalings are by numbers up to this, and its inverse.
    pub rescale: f64,
}
