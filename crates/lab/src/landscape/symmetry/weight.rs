//! Weight matching.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::assignment::{Similarity, assign};
use crate::random::Stream;
use crate::symmetry::{Element, Symmetries};
use crate::vector::dot;
use crate::{Layout, Scalar};

/// How to match weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightOptions {
    /// Most rounds over all groups.
    pub rounds: usize,
    /// Seed of the order of groups in each round.
    pub seed: u64,
}

impl Default for WeightOptions {
    /// 100 rounds, which matching hardly ever needs.
    fn default() -> Self {
        Self { rounds: 100, seed: 0 }
    }
}

/// The element found, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightMatching {
    /// Applied to b, it brings b near a.
    pub element: Element,
    /// Rounds over all groups, the last of which changed nothing if it converged.
    pub rounds: usize,
    /// Whether a round changed nothing.
    pub converged: bool,
    /// ⟨a, b⟩ before, and after each round.
    pub products: Vec<f64>,
}

/// An element π that makes ⟨a, π b⟩ large, and so ‖a − π b‖ small: coordinate ascent over groups, each
/// of which is solved exactly, as a linear assignment, with the others held.
///
/// Algorithm 1 of Ainsworth, Hayase & Srinivasa, *Git Re-Basin* (ICLR 2023), beginning with `start`,
/// in a random order of the groups in each round. It differs from theirs in that the groups
/// are those of the graph, that units below others (in heads) are assigned within the
/// assignment of those above them, that signs are chosen along with permutations, and that a step is taken
/// only where ⟨a, π b⟩ grows: where a group acts on two axes of one block, its problem
/// is linear only with one of them held.
///
/// The result is a local maximum, in general not the nearest copy: the problem is NP-hard for two hidden
/// layers and more. Costs for each group and round the products of its units' weights, k² · n/k, and
/// assignments of O(k³).
///
/// # Panics
/// If the points or the symmetries belong to another layout.
pub fn weight_matching<T: Scalar>(
    symmetries: &Symmetries,
    layout: &Layout,
    a: &[T],
    b: &[T],
    start: &Element,
    options: &WeightOptions,
) -> WeightMatching {
    let mut element = start.clone();
    let product = |element: &Element| dot(a, &element.apply(symmetries, layout, b));
    let mut products = vec![product(&element)];
    let roots = symmetries.roots();
    for round in 0..options.rounds {
        let mut changed = false;
        let order = Stream::new(options.seed, "weight matching", round as u64).permutation(roots.len());
        for root in order.into_iter().map(|i| roots[i as usize]) {
            let similarities = similarities(symmetries, layout, a, b, root, &element);
            let mut next = element.clone();
            assign(symmetries, root, &similarities, &mut next);
            if next == element {
                continue;
            }
            let before = products[products.len() - 1];
            let after = product(&next);
            if after > before + 1e-12 * before.abs() {
                (element, changed) = (next, true);
                let last = products.len() - 1;
                match products.len() == round + 1 {
                    true => products.push(after),
                    false => products[last] = after,
                }
            }
        }
        if !changed {
            return WeightMatching { element, rounds: round + 1, converged: true, products };
        }
    }
    WeightMatching { element, rounds: options.rounds, converged: false, products }
}

/// For each group of a tree the similarities of a's units with b's, where everything but the tree
/// has moved as the element says.
fn similarities<T: Scalar>(
    symmetries: &Symmetries,
    layout: &Layout,
    a: &[T],
    b: &[T],
    root: usize,
    element: &Element,
) -> BTreeMap<usize, Similarity> {
    let mut found: BTreeMap<usize, Similarity> = BTreeMap::new();
    let mut turned: BTreeMap<(usize, usize), Vec<T>> = BTreeMap::new();
    let mut scratch = vec![T::zero(); layout.dimension()];
    for group in symmetries.subtree(root) {
        let g = &symmetries.groups[group];
        for o in &g.occurrences {
            let block = &layout.blocks()[o.block];
            let other = turned.entry((o.block, o.axis)).or_insert_with(|| {
                element.apply_to_block(symmetries, layout, o.block, Some(o.axis), b, &mut scratch);
                scratch[block.range.clone()].to_vec()
            });
            let own = &a[block.range.clone()];
            let [left, right] = [own, &other[..]].map(|x| units(x, &block.shape, o.axis, &o.positions));
            found.entry(group).or_default().add(&o.signs, &products(&left, &right, g.units));
        }
    }
    found
}

/// The weights at places along an axis, one row a unit.
fn units<T: Scalar>(x: &[T], shape: &[usize], axis: usize, positions: &[usize]) -> Vec<T> {
    let inner: usize = shape[axis + 1..].iter().product();
    let run = inner * shape[axis];
    let rows =
        positions.iter().flat_map(|p| x.chunks_exact(run).map(move |outer| &outer[p * inner..][..inner]));
    rows.flatten().copied().collect()
}

/// ⟨rowᵤ, rowᵥ⟩ for all pairs of rows.
pub(super) fn products<T: Scalar>(left: &[T], right: &[T], units: usize) -> Vec<f64> {
    let width = left.len() / units;
    let mut out = Vec::with_capacity(units * units);
    for u in left.chunks_exact(width.max(1)) {
        out.extend(right.chunks_exact(width.max(1)).map(|v| dot(u, v)));
    }
    out
}

#[cfg(test)]
mod tests;
