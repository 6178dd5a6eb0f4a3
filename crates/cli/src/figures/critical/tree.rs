//! The disconnectivity tree.

use thalweg_report::model::{Axis, Figure, Tree};

use crate::chapters::critical::Summary;
use crate::words::short;

/// Minima as ends of branches, joined at the levels of the passes between them.
pub fn figure(what: &str, summary: &Summary) -> Figure {
    let found = &summary.tree;
    let mut tree = Tree::new(Axis::linear(what));
    for (&point, &value) in found.points.iter().zip(&found.tree.leaves) {
        tree = tree.leaf(point.to_string(), value);
    }
    for merge in &found.tree.merges {
        let saddle = summary.passes.iter().find(|pass| pass.level == merge.level).map(|pass| pass.saddle);
        let note =
            saddle.map(|saddle| format!("point {saddle}, at {}", short(merge.level))).unwrap_or_default();
        tree = tree.joint(merge.level, merge.parts, note);
    }
    Figure::new("critical-tree", "Disconnectivity tree", tree).caption(
        "Minima, by their numbers in the table below, end branches; two branches meet at the level of the lowest saddle found \
         between them (Becker & Karplus 1997). True levels may be lower, where a lower saddle was missed.",
    )
}
