//! Activation matching.

use std::collections::BTreeMap;

use super::assignment::{Similarity, assign};
use super::weight::products;
use crate::symmetry::{Activity, Element, Symmetries};

/// The element that, applied to b, gives units of b to those units of a whose activations they
/// correlate with most: for each group max Σᵤ corr(aᵤ, bᵥ₍ᵤ₎), over all values where the group shows.
///
/// Li et al., *Convergent Learning* (ICLR 2016, bipartite matching), and §3.1 of Ainsworth et al.
/// 2023, who take ⟨aᵤ, bᵥ⟩ instead of the correlation; Tatro et al. 2020 take correlations as
/// here. Signs are chosen by the correlations' signs. A unit that is constant on the data
/// correlates with nothing. The activations of a and b are those of the same examples, in the same
/// order. Groups whose units show in no value stay as they are.
///
/// # Panics
/// If the activities do not come from the same symmetries and examples.
pub fn activation_matching(symmetries: &Symmetries, a: &[Activity], b: &[Activity]) -> Element {
    assert_eq!(a.len(), b.len(), "activities of the same values");
    let mut similarities: BTreeMap<usize, Similarity> = BTreeMap::new();
    for (x, y) in a.iter().zip(b) {
        assert_eq!((x.group, x.rows.len()), (y.group, y.rows.len()), "activities of the same values");
        let units = symmetries.groups[x.group].units;
        let [left, right] = [x, y].map(|t| standardized(&t.rows, units));
        similarities.entry(x.group).or_default().add(&x.signs, &products(&left, &right, units));
    }
    let mut element = Element::identity(symmetries);
    for root in symmetries.roots() {
        assign(symmetries, root, &similarities, &mut element);
    }
    element
}

/// One row a unit, with mean 0 and norm 1.
fn standardized(rows: &[f64], units: usize) -> Vec<f64> {
    let count = rows.len() / units;
    let mut out = Vec::with_capacity(rows.len());
    for unit in 0..units {
        let column: Vec<f64> = rows.iter().skip(unit).step_by(units).copied().collect();
        let mean = column.iter().sum::<f64>() / count as f64;
        let norm = column.iter().map(|v| (v - mean).powi(2)).sum::<f64>().sqrt();
        let scale = if norm > 0.0 { norm.recip() } else { 0.0 };
        out.extend(column.iter().map(|v| (v - mean) * scale));
    }
    out
}
