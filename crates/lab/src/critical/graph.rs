//! Saddles and the minima beside them.

use serde::Serialize;

use super::catalogue::{Catalogue, Found};
use super::flow::{Flow, FlowOptions, descend};
use super::options::SearchOptions;
use super::symmetry::Symmetry;
use crate::landscape::Tree;
use crate::{Oracle, Scalar, Stop, vector};

/// A transition state and the minima on its two sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pass {
    /// Which point of the catalogue the saddle is.
    pub saddle: usize,
    /// Which points the ways down along −v and +v end at; `None` where no critical point was reached.
    pub ends: [Option<usize>; 2],
    /// f at the saddle.
    pub level: f64,
}

/// The two ways down from a saddle.
#[derive(Clone, Debug, PartialEq)]
pub struct Ways<T> {
    /// The saddle (n).
    pub saddle: Vec<T>,
    /// Along −v and along +v.
    pub sides: [Flow<T>; 2],
}

/// Whether a point has exactly one negative eigenvalue, as far as its certificate knows.
pub fn is_transition<T: Scalar>(found: &Found<T>) -> bool {
    found.certificate.index.is(1) && !found.certificate.lowest.is_empty()
}

/// Down the gradient flow on both sides of a saddle: from x − δv and x + δv, where v is the unit eigenvector of the smallest
/// eigenvalue, its largest component positive, and δ the flow's first step or, where f does not fall yet, twice that and so on.
///
/// # Errors
/// If the oracle stops.
pub fn descend_both_sides<T: Scalar>(
    oracle: &Oracle<'_, T>,
    saddle: &Found<T>,
    options: &FlowOptions,
) -> Result<[Flow<T>; 2], Stop> {
    let v = &saddle.certificate.lowest;
    let largest = v.iter().fold(0.0f64, |best, v| if v.wide().abs() > best.abs() { v.wide() } else { best });
    let side = |sign: f64| -> Result<Flow<T>, Stop> {
        let mut start = saddle.x.clone();
        let mut far = options.first;
        loop {
            vector::displaced(&saddle.x, &[(sign * largest.signum() * far, v)], &mut start);
            let falls = oracle.value(&start)? < saddle.value();
            if falls || far >= options.reach {
                return descend(oracle, start, options);
            }
            far *= 2.0;
        }
    };
    Ok([side(-1.0)?, side(1.0)?])
}

/// Goes down on both sides of the saddle at `at` of the catalogue, and files where that ends.
///
/// # Errors
/// If the oracle stops.
pub fn join<T: Scalar>(
    oracle: &Oracle<'_, T>,
    catalogue: &mut Catalogue<T>,
    at: usize,
    symmetry: &dyn Symmetry<T>,
    search: &SearchOptions,
    options: &FlowOptions,
) -> Result<Ways<T>, Stop> {
    let saddle = catalogue.found()[at].x.clone();
    let sides = descend_both_sides(oracle, &catalogue.found()[at], options)?;
    for way in sides.iter().filter(|way| way.arrived) {
        catalogue.file(oracle, way.end().to_vec(), symmetry, search)?;
    }
    Ok(Ways { saddle, sides })
}

impl<T: Scalar> Ways<T> {
    /// Which points of the catalogue they join; `None` if the saddle is in it no more.
    pub fn pass(&self, catalogue: &Catalogue<T>, symmetry: &dyn Symmetry<T>) -> Option<Pass> {
        let saddle = catalogue.locate(&self.saddle, symmetry)?;
        let end = |way: &Flow<T>| way.arrived.then(|| catalogue.locate(way.end(), symmetry)).flatten();
        let [left, right] = &self.sides;
        Some(Pass { saddle, ends: [end(left), end(right)], level: catalogue.found()[saddle].value() })
    }
}

/// The disconnectivity tree of the minima that passes join: which point of the catalogue each leaf is, and the tree.
///
/// Leaves are the points without negative eigenvalues; passes with an end elsewhere, or nowhere, join nothing. Levels are
/// upper bounds of the true ones, since a lower pass may have been missed (Becker & Karplus 1997; Wales, Miller & Walsh 1998).
pub fn tree<T: Scalar>(catalogue: &Catalogue<T>, passes: &[Pass]) -> (Vec<usize>, Tree) {
    let found = catalogue.found();
    let minima: Vec<usize> = (0..found.len()).filter(|&i| found[i].certificate.index.is(0)).collect();
    let leaf = |point: Option<usize>| minima.iter().position(|&i| Some(i) == point);
    let edges: Vec<(usize, usize, f64)> = passes
        .iter()
        .filter_map(|pass| Some((leaf(pass.ends[0])?, leaf(pass.ends[1])?, pass.level)))
        .collect();
    let tree = Tree::new(minima.iter().map(|&i| found[i].value()).collect(), &edges);
    (minima, tree)
}
