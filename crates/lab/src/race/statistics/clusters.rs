//! Which runs ended at the same minimum.

use serde::{Deserialize, Serialize};

use crate::Scalar;

/// When two end points are taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nearness {
    /// δ in ‖x − y‖ ≤ δ max(1, ‖x‖, ‖y‖).
    pub distance: f64,
    /// ε in |f(x) − f(y)| ≤ ε max(1, |f(x)|, |f(y)|).
    pub value: f64,
}

/// End points, grouped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clusters {
    /// The cluster of each point; none if the point or its value is not finite.
    pub of: Vec<Option<usize>>,
    /// For each cluster the point with the lowest value, the first of them if
    /// several have it. Clusters are numbered by that value, from the lowest.
    pub representatives: Vec<usize>,
}

/// Groups end points of runs by the minimum that they reached.
///
/// Two points are linked if they are near in distance *and* in value
/// ([`Nearness`]); clusters are what is connected by links: single linkage, cut
/// at the tolerance. The result does not depend on the order of the points,
/// except for the numbers of clusters with equal lowest values, which go by the
/// first point.
///
/// Single linkage chains: a valley full of points, each near the next, is one
/// cluster, which is meant, and a tolerance above the distance of two minima
/// joins them, which is not. Points that are the same but for a symmetry of the
/// function (permuted units of a network) are different points here.
/// Cost: O(m² n) for m points of n entries; pairs of values too far apart cost O(1).
///
/// # Panics
/// If there are not as many values as points, the points' lengths differ, or a
/// tolerance is negative or NaN.
///
/// Source: Sneath 1957, "The application of computers to taxonomy", Journal of
/// General Microbiology 17; by union and find, Gower and Ross 1969, "Minimum
/// spanning trees and single linkage cluster analysis", Applied Statistics 18.
pub fn clusters<T: Scalar>(points: &[&[T]], values: &[f64], nearness: Nearness) -> Clusters {
    assert_eq!(points.len(), values.len(), "one value for each point");
    assert!(points.iter().all(|p| p.len() == points[0].len()), "points of different lengths");
    assert!(nearness.distance >= 0.0 && nearness.value >= 0.0, "{nearness:?} must not be negative");
    let norms: Vec<f64> = points.iter().map(|point| norm(point.iter().map(|x| x.wide()))).collect();
    let finite: Vec<usize> =
        (0..points.len()).filter(|&i| norms[i].is_finite() && values[i].is_finite()).collect();
    let mut parents: Vec<usize> = (0..points.len()).collect();
    for (position, &i) in finite.iter().enumerate() {
        for &j in &finite[..position] {
            let (a, b) = (root(&mut parents, i), root(&mut parents, j));
            if a == b {
                continue;
            }
            let scale = values[i].abs().max(values[j].abs()).max(1.0);
            if (values[i] - values[j]).abs() > nearness.value * scale {
                continue;
            }
            let distance = norm(points[i].iter().zip(points[j]).map(|(x, y)| x.wide() - y.wide()));
            if distance <= nearness.distance * norms[i].max(norms[j]).max(1.0) {
                parents[a.max(b)] = a.min(b);
            }
        }
    }
    number(&finite, &mut parents, values)
}

/// Finds each cluster's lowest point and numbers the clusters by it.
fn number(finite: &[usize], parents: &mut [usize], values: &[f64]) -> Clusters {
    let mut by_value = finite.to_vec();
    by_value.sort_by(|&i, &j| values[i].partial_cmp(&values[j]).expect("finite values").then(i.cmp(&j)));
    let mut number_of_root = vec![None; values.len()];
    let mut found = Clusters { of: vec![None; values.len()], representatives: Vec::new() };
    for i in by_value {
        let number = *number_of_root[root(parents, i)].get_or_insert_with(|| {
            found.representatives.push(i);
            found.representatives.len() - 1
        });
        found.of[i] = Some(number);
    }
    found
}

/// The root of i, halving the path to it on the way.
fn root(parents: &mut [usize], mut i: usize) -> usize {
    while parents[i] != i {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    i
}

/// The Euclidean norm, without overflow on the way.
fn norm(entries: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest =
        entries.clone().fold(0.0, |largest: f64, x| if x.is_nan() { x } else { largest.max(x.abs()) });
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * entries.map(|x| (x / largest).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests;
