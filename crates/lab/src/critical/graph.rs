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

/// Joins the saddle at `at` of the catalogue to the points where its two ways down end; minima that were not known are
/// filed. The ways themselves come with it.
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
) -> Result<(Pass, [Flow<T>; 2]), Stop> {
    let level = catalogue.found()[at].value();
    let ways = descend_both_sides(oracle, &catalogue.found()[at], options)?;
    let mut ends = [None; 2];
    for (end, way) in ends.iter_mut().zip(&ways) {
        if way.arrived {
            catalogue.file(oracle, way.end().to_vec(), symmetry, search)?;
            *end = catalogue.locate(way.end(), symmetry);
        }
    }
    Ok((Pass { saddle: at, ends, level }, ways))
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
