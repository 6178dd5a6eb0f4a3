//! Which minima are joined from which level on.

use crate::real;
use serde::{Deserialize, Serialize};

use super::Axis;

/// A disconnectivity tree: minima as ends of branches, joined at the levels of the passes between them.
///
/// Nodes are numbered: first the leaves, then the joints in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// The axis of levels.
    pub y: Axis,
    /// The minima.
    pub leaves: Vec<Leaf>,
    /// Where branches are joined; each comes after the nodes that it joins.
    pub joints: Vec<Joint>,
}

/// A minimum in a [`Tree`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaf {
    /// Label under it.
    pub label: String,
    /// Its value.
    #[serde(with = "real")]
    pub value: f64,
}

/// Two branches of a [`Tree`] that are joined from a level on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Joint {
    /// The level.
    #[serde(with = "real")]
    pub level: f64,
    /// Which nodes; no node is joined twice.
    pub parts: [usize; 2],
    /// What joins them, shown on hovering; may be empty.
    pub note: String,
}

impl Tree {
    /// A tree without leaves.
    pub fn new(y: Axis) -> Self {
        Self { y, leaves: Vec::new(), joints: Vec::new() }
    }

    /// Adds a minimum.
    pub fn leaf(mut self, label: impl Into<String>, value: f64) -> Self {
        self.leaves.push(Leaf { label: label.into(), value });
        self
    }

    /// Joins two nodes.
    pub fn joint(mut self, level: f64, parts: [usize; 2], note: impl Into<String>) -> Self {
        self.joints.push(Joint { level, parts, note: note.into() });
        self
    }
}
