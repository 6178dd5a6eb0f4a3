//! Aligning solutions: which of the copies of b under the symmetries lies nearest to a.

mod activation;
mod assignment;
mod invariance;
mod linear;
mod straight_through;
mod weight;

use serde::Serialize;

use crate::Scalar;
use crate::symmetry::{Element, Symmetries};
use crate::vector::dot;

pub use activation::activation_matching;
pub use invariance::{Invariance, invariance};
pub use straight_through::{StraightThrough, StraightThroughOptions, straight_through_matching};
pub use weight::{WeightMatching, WeightOptions, weight_matching};

/// How near two points are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Nearness {
    /// ‖a − b‖.
    pub distance: f64,
    /// ⟨a, b⟩/(‖a‖ ‖b‖).
    pub cosine: f64,
}

impl Nearness {
    /// Of two points.
    pub fn of<T: Scalar>(a: &[T], b: &[T]) -> Self {
        let distance = a.iter().zip(b).map(|(a, b)| (a.wide() - b.wide()).powi(2)).sum::<f64>().sqrt();
        Self { distance, cosine: dot(a, b) / (dot(a, a) * dot(b, b)).sqrt() }
    }
}

/// How much of an element does something, by group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// The group's name.
    pub group: String,
    /// Number of units.
    pub units: usize,
    /// Units that got another unit's weights.
    pub moved: usize,
    /// Units that changed signs.
    pub flipped: usize,
}

/// What an element does to each group.
pub fn moved(symmetries: &Symmetries, element: &Element) -> Vec<Moved> {
    symmetries
        .groups
        .iter()
        .zip(&element.moves)
        .map(|(g, m)| Moved { group: g.name.clone(), units: g.units, moved: m.moved(), flipped: m.flipped() })
        .collect()
}
