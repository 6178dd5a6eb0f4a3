//! Principal components of a few long vectors.

use std::f64::consts::PI;

use super::Centering;
use crate::Scalar;
use crate::krylov::Dense;
use crate::vector::{dot, norm};

/// Coordinates worked on at a time, so that differences need not be held whole.
const CHUNK: usize = 4096;

/// Share of the variance along component k = 1, 2, … of a random walk of `steps`
/// steps (1 ≤ k < steps) in the limit of many dimensions:
/// (1/(4 sin²(πk/2T))) / ((T² − 1)/6), which tends to 6/(πk)².
///
/// What the explained variance of a trajectory is to be compared with. Source:
/// Antognini & Sohl-Dickstein, *PCA of high dimensional random walks with
/// comparison to neural network training* (NeurIPS 2018).
pub fn random_walk_share(k: usize, steps: usize) -> f64 {
    let t = steps as f64;
    let sine = (PI * k as f64 / (2.0 * t)).sin();
    6.0 / (4.0 * sine * sine * (t * t - 1.0))
}

/// Two orthonormal principal directions, and the share of variance along every component.
/// `None` if the second is lost in rounding.
pub(super) fn components<T: Scalar>(
    points: &[&[T]],
    centering: Centering,
) -> Option<([Vec<f64>; 2], Vec<f64>)> {
    let m = points.len();
    let n = points[m - 1].len();
    let mut gram = vec![0.0; m * m];
    differences(points, |_, rows, width| {
        for i in 0..m {
            for j in 0..=i {
                gram[i * m + j] += dot(&rows[i * width..][..width], &rows[j * width..][..width]);
            }
        }
    });
    for i in 0..m {
        for j in 0..i {
            gram[j * m + i] = gram[i * m + j];
        }
    }
    if centering == Centering::Mean {
        centre(&mut gram, m);
    }
    let eigen = Dense { dimension: m, entries: gram, asymmetry: 0.0, products: 0 }.eigen();
    let variances: Vec<f64> = eigen.values.iter().rev().map(|v| v.max(0.0)).collect();
    let total: f64 = variances.iter().sum();
    // Differences of T's numbers are exact to ε times the points' size, their squares to its square.
    let size = points.iter().map(|x| norm(x)).fold(0.0, f64::max);
    let rounding = (m as f64 * f64::EPSILON * variances[0]).max((4.0 * T::epsilon().wide() * size).powi(2));
    if n < 2 || variances[1] <= rounding {
        return None;
    }
    let weights = [1, 2].map(|k| {
        let mut weights = eigen.vector(m - k).to_vec();
        if centering == Centering::Mean {
            // Σᵢ sᵢ (dᵢ − mean) = Σᵢ (sᵢ − mean s) dᵢ.
            let mean = weights.iter().sum::<f64>() / m as f64;
            weights.iter_mut().for_each(|w| *w -= mean);
        }
        weights
    });
    let mut vectors = [vec![0.0; n], vec![0.0; n]];
    differences(points, |start, rows, width| {
        for (vector, weights) in vectors.iter_mut().zip(&weights) {
            for (row, w) in rows.chunks_exact(width).zip(weights) {
                for (v, d) in vector[start..start + width].iter_mut().zip(row) {
                    *v += w * d;
                }
            }
        }
    });
    let [first, second] = &mut vectors;
    normalize(first);
    for _ in 0..2 {
        let along = dot(first, second);
        second.iter_mut().zip(&*first).for_each(|(s, f)| *s -= along * f);
        normalize(second);
    }
    // The last component of centred points, or the last point's own row, is 0 by construction.
    let explained = variances[..m - 1].iter().map(|v| v / total).collect();
    Some((vectors, explained))
}

/// Calls `each(start, rows, width)` with the differences from the last point, a few coordinates at a time.
fn differences<T: Scalar>(points: &[&[T]], mut each: impl FnMut(usize, &[f64], usize)) {
    let last = points[points.len() - 1];
    let mut rows = vec![0.0; points.len() * CHUNK.min(last.len())];
    for start in (0..last.len()).step_by(CHUNK) {
        let width = CHUNK.min(last.len() - start);
        for (row, x) in rows.chunks_exact_mut(width).zip(points) {
            for i in 0..width {
                row[i] = x[start + i].wide() - last[start + i].wide();
            }
        }
        each(start, &rows[..points.len() * width], width);
    }
}

/// G ← (I − 11ᵀ/m) G (I − 11ᵀ/m).
fn centre(gram: &mut [f64], m: usize) {
    let means: Vec<f64> = gram.chunks_exact(m).map(|row| row.iter().sum::<f64>() / m as f64).collect();
    let mean = means.iter().sum::<f64>() / m as f64;
    for i in 0..m {
        for j in 0..m {
            gram[i * m + j] += mean - means[i] - means[j];
        }
    }
}

fn normalize(vector: &mut [f64]) {
    let length = norm(vector);
    vector.iter_mut().for_each(|v| *v /= length);
}
