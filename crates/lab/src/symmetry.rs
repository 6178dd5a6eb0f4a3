//! Symmetries of an objective in its parameters, as plain data.
//!
//! Whoever knows the program behind an objective derives them (see
//! [`Network::symmetries`](crate::problem::network::Network::symmetries)); what is done with
//! them needs the layout alone.

mod element;
mod scaling;

use serde::Serialize;

use crate::Layout;

pub use element::{Element, Move};
pub use scaling::Factor;

/// Groups that act on the parameters independently of each other, and scalings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Symmetries {
    /// Groups of interchangeable units; a parent comes before its children.
    pub groups: Vec<Group>,
    /// Scalings of whole blocks that no scalings of units add up to.
    pub scalings: Vec<Scaling>,
}

/// Units of which any two below the same unit of the parent may change places, and each of which
/// may change the signs of its weights in some ways.
///
/// A unit is a neuron, a channel, a head of an attention, a feature of the residual stream:
/// whatever the program does not tell apart. A permutation of a parent's units takes along the
/// units below them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The blocks and axes where the units lie, the first ones by name.
    pub name: String,
    /// The group whose units these are parts of.
    pub parent: Option<usize>,
    /// Units below each unit of the parent; all of them where there is none.
    pub fiber: usize,
    /// Number of units; `fiber` consecutive ones belong to each unit of the parent.
    pub units: usize,
    /// Where the units lie.
    pub occurrences: Vec<Occurrence>,
    /// Independent changes of sign of each unit.
    pub signs: usize,
    /// For each independent scaling of a unit by α > 0 whether it is exact, or holds but for
    /// the small constant under the root of a normalization.
    pub scales: Vec<bool>,
}

/// Places along an axis of a block that belong to units of a group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Occurrence {
    /// Which block of the layout.
    pub block: usize,
    /// The axis of the block.
    pub axis: usize,
    /// The place of each unit along it.
    pub positions: Vec<usize>,
    /// Which changes of sign change the sign here.
    pub signs: Vec<bool>,
    /// The power of α that each scaling multiplies by here.
    pub scales: Vec<f64>,
}

/// A scaling of whole blocks by powers of a number α > 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scaling {
    /// The power for each block of the layout; 0 for those that stay.
    pub powers: Vec<f64>,
    /// Whether it is exact, or holds but for the small constant under the root of a normalization.
    pub exact: bool,
}

/// Activations of a group's units: what they compute on data.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// The group.
    pub group: usize,
    /// One row an example and position, one column a unit.
    pub rows: Vec<f64>,
    /// Which changes of sign change the sign of these numbers.
    pub signs: Vec<bool>,
}

impl Symmetries {
    /// ln of the number of exact permutations and changes of sign, Σ over groups of
    /// (units/fiber) ln(fiber!) + units · signs · ln 2: the number of points of an orbit, where no
    /// two units are equal and none is zero (else its stabilizer divides it).
    ///
    /// 2^k k! for k tanh neurons (Sussmann 1992; Chen, Lu & Hecht-Nielsen 1993), k! for rectifiers.
    pub fn ln_count(&self) -> f64 {
        let of = |g: &Group| {
            let permutations: f64 = (2..=g.fiber).map(|k| (k as f64).ln()).sum();
            (g.units / g.fiber) as f64 * permutations + (g.units * g.signs) as f64 * std::f64::consts::LN_2
        };
        self.groups.iter().map(of).sum()
    }

    /// The number itself, where it is below 2¹²⁸.
    pub fn count(&self) -> Option<u128> {
        let mut count: u128 = 1;
        for g in &self.groups {
            for _ in 0..g.units / g.fiber {
                count = (2..=g.fiber as u128).try_fold(count, u128::checked_mul)?;
            }
            count = (0..g.units * g.signs).try_fold(count, |c, _| c.checked_mul(2))?;
        }
        Some(count)
    }

    /// Number of independent continuous scalings: those of units, and those of blocks; exact
    /// ones, and all.
    pub fn scale_dimensions(&self) -> [usize; 2] {
        let groups = self.groups.iter().flat_map(|g| g.scales.iter().map(|&exact| (g.units, exact)));
        let all: Vec<(usize, bool)> = groups.chain(self.scalings.iter().map(|s| (1, s.exact))).collect();
        let sum = |only: bool| all.iter().filter(|(_, exact)| *exact || !only).map(|(n, _)| n).sum();
        [sum(true), sum(false)]
    }

    /// Groups without parents.
    pub(crate) fn roots(&self) -> Vec<usize> {
        (0..self.groups.len()).filter(|&g| self.groups[g].parent.is_none()).collect()
    }

    /// The group and all that are below it.
    pub(crate) fn subtree(&self, root: usize) -> Vec<usize> {
        let mut all = vec![root];
        for g in root + 1..self.groups.len() {
            if self.groups[g].parent.is_some_and(|p| all.contains(&p)) {
                all.push(g);
            }
        }
        all
    }
}

/// A name from the blocks that units lie in.
pub(crate) fn name(layout: &Layout, occurrences: &[Occurrence]) -> String {
    let mut names: Vec<String> = Vec::new();
    for o in occurrences {
        let name = format!("{}[{}]", layout.blocks()[o.block].name, o.axis);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => "no block of its own".to_owned(),
        1..=3 => names.join(", "),
        n => format!("{}, … ({n} axes)", names[..2].join(", ")),
    }
}

#[cfg(test)]
mod tests;
