//! The best element for similarities of units: linear assignments, one inside another.

use std::collections::BTreeMap;

use super::linear::linear_assignment;
use crate::symmetry::{Element, Symmetries};

/// Changes of sign that are all tried; with more, one after the other.
const TRIED: usize = 10;

/// Similarities ⟨aᵤ, bᵥ⟩ of units u of a and v of b (row-major), summed over places whose signs
/// change alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Similarity {
    /// By which changes of sign change the sign.
    pub parts: BTreeMap<Vec<bool>, Vec<f64>>,
}

impl Similarity {
    /// Adds the similarities of some places.
    pub fn add(&mut self, signs: &[bool], values: &[f64]) {
        let part = self.parts.entry(signs.to_vec()).or_insert_with(|| vec![0.0; values.len()]);
        part.iter_mut().zip(values).for_each(|(p, v)| *p += v);
    }

    /// The largest similarity of two units under all changes of sign of the second, and the changes.
    fn best(&self, at: usize, signs: usize) -> (f64, Vec<bool>) {
        let value = |flips: &[bool]| -> f64 {
            self.parts
                .iter()
                .map(|(pattern, values)| {
                    let odd = pattern.iter().zip(flips).fold(false, |odd, (&p, &f)| odd ^ (p && f));
                    if odd { -values[at] } else { values[at] }
                })
                .sum()
        };
        let mut best = (value(&vec![false; signs]), vec![false; signs]);
        if signs <= TRIED {
            for number in 1..1u32 << signs {
                let flips: Vec<bool> = (0..signs).map(|s| number >> s & 1 == 1).collect();
                let found = value(&flips);
                if found > best.0 {
                    best = (found, flips);
                }
            }
            return best;
        }
        // Changes that touch different places are independent, and then one round is enough.
        loop {
            let before = best.0;
            for s in 0..signs {
                let mut flips = best.1.clone();
                flips[s] = !flips[s];
                let found = value(&flips);
                if found > best.0 {
                    best = (found, flips);
                }
            }
            if best.0 <= before {
                return best;
            }
        }
    }
}

/// Sets the moves of a tree of groups so that the sum of similarities is largest, which is exact: units of
/// the root are assigned by what they and the best assignment of the units below them are worth.
pub(super) fn assign(
    symmetries: &Symmetries,
    root: usize,
    similarities: &BTreeMap<usize, Similarity>,
    element: &mut Element,
) {
    let subtree = symmetries.subtree(root);
    let tree = Tree { symmetries, similarities, subtree: &subtree };
    tree.settle(root, 0, 0, element);
}

struct Tree<'a> {
    symmetries: &'a Symmetries,
    similarities: &'a BTreeMap<usize, Similarity>,
    subtree: &'a [usize],
}

impl Tree<'_> {
    fn below(&self, group: usize) -> impl Iterator<Item = usize> {
        self.subtree.iter().copied().filter(move |&g| self.symmetries.groups[g].parent == Some(group))
    }

    /// Similarity of unit u with unit v and all that is below them.
    fn worth(&self, group: usize, u: usize, v: usize) -> f64 {
        let g = &self.symmetries.groups[group];
        let own = self.similarities.get(&group).map_or(0.0, |s| s.best(u * g.units + v, g.signs).0);
        own + self.below(group).map(|child| self.solve(child, u, v).0).sum::<f64>()
    }

    /// The best assignment of the units of a group below unit `above` of a and `source` of b.
    fn solve(&self, group: usize, above: usize, source: usize) -> (f64, Vec<usize>) {
        let k = self.symmetries.groups[group].fiber;
        let worth: Vec<f64> =
            (0..k * k).map(|i| self.worth(group, above * k + i / k, source * k + i % k)).collect();
        // Where similarities are not finite everything stays.
        let columns = linear_assignment(k, &worth).unwrap_or_else(|| (0..k).collect());
        (columns.iter().enumerate().map(|(u, &v)| worth[u * k + v]).sum(), columns)
    }

    fn settle(&self, group: usize, above: usize, source: usize, element: &mut Element) {
        let g = &self.symmetries.groups[group];
        let (_, columns) = self.solve(group, above, source);
        for (u, v) in columns.into_iter().enumerate() {
            let (u, v) = (above * g.fiber + u, source * g.fiber + v);
            element.moves[group].sources[u] = v as u32;
            let flips = self.similarities.get(&group).map(|s| s.best(u * g.units + v, g.signs).1);
            for (s, flip) in flips.into_iter().flatten().enumerate() {
                element.moves[group].flips[s][u] = flip;
            }
            self.below(group).for_each(|child| self.settle(child, u, v, element));
        }
    }
}
