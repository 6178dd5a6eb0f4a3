//! Curves by their control points.

use serde::{Deserialize, Serialize};

use crate::Scalar;
use crate::vector::displaced;

/// How control points become a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurveKind {
    /// Straight from point to point, each piece in the same share of t.
    Chain,
    /// Bézier: Σⱼ C(k, j) tʲ (1 − t)ᵏ⁻ʲ pⱼ, of degree k; with one bend the quadratic curve
    /// (1 − t)² p₀ + 2t(1 − t) p₁ + t² p₂ of Garipov et al. 2018, eq. 4.
    Bezier,
}

/// x(t) = Σⱼ bⱼ(t) pⱼ for t from 0 to 1, which begins at p₀ and ends at p_k.
///
/// It is linear in its control points p₀, …, p_k, and Σⱼ bⱼ = 1.
///
/// ```
/// use thalweg_lab::landscape::{Curve, CurveKind};
/// let curve = Curve::new(CurveKind::Bezier, vec![vec![0.0], vec![3.0], vec![0.0]])?;
/// assert_eq!(curve.at(0.5), [1.5]);
/// let chain = Curve::new(CurveKind::Chain, vec![vec![0.0], vec![3.0], vec![0.0]])?;
/// assert_eq!(chain.at(0.5), [3.0]);
/// # Ok::<(), thalweg_lab::landscape::CurveError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Curve<T: Scalar> {
    kind: CurveKind,
    #[serde(with = "crate::exact::rows")]
    points: Vec<Vec<T>>,
}

/// Why points make no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// Fewer than two.
    #[error("a curve needs two points or more; found {0}")]
    Points(usize),
    /// They do not belong to one space.
    #[error("the points of a curve have one dimension; found {first} and {other}")]
    Dimension {
        /// Of the first point.
        first: usize,
        /// Of another one.
        other: usize,
    },
}

impl CurveKind {
    /// b₀(t), …, b_k(t) for `count` = k + 1 control points.
    pub fn weights(self, t: f64, count: usize) -> Vec<f64> {
        let last = count - 1;
        let mut weights = vec![0.0; count];
        match self {
            CurveKind::Chain => {
                let place = t * last as f64;
                let piece = (place.floor().max(0.0) as usize).min(last.saturating_sub(1));
                let share = place - piece as f64;
                weights[piece] = 1.0 - share;
                weights[(piece + 1).min(last)] += share;
            }
            CurveKind::Bezier => {
                // De Casteljau's scheme on the weights themselves.
                weights[0] = 1.0;
                for degree in 1..=last {
                    for j in (0..=degree).rev() {
                        let before = if j > 0 { weights[j - 1] } else { 0.0 };
                        weights[j] = (1.0 - t) * weights[j] + t * before;
                    }
                }
            }
        }
        weights
    }
}

impl<T: Scalar> Curve<T> {
    /// Checks the control points.
    pub fn new(kind: CurveKind, points: Vec<Vec<T>>) -> Result<Self, CurveError> {
        if points.len() < 2 {
            return Err(CurveError::Points(points.len()));
        }
        let first = points[0].len();
        match points.iter().map(Vec::len).find(|&other| other != first) {
            Some(other) => Err(CurveError::Dimension { first, other }),
            None => Ok(Self { kind, points }),
        }
    }

    /// The straight line from a to b.
    pub fn line(a: &[T], b: &[T]) -> Result<Self, CurveError> {
        Self::new(CurveKind::Chain, vec![a.to_vec(), b.to_vec()])
    }

    /// A curve from a to b whose bends are spread evenly over the straight line: where training begins.
    pub fn straight(kind: CurveKind, a: &[T], b: &[T], bends: usize) -> Result<Self, CurveError> {
        let line = Self::line(a, b)?;
        let points = (0..bends + 2).map(|j| line.at(j as f64 / (bends + 1) as f64));
        Self::new(kind, points.collect())
    }

    /// How control points become the curve.
    pub fn kind(&self) -> CurveKind {
        self.kind
    }

    /// The control points, both ends among them.
    pub fn points(&self) -> &[Vec<T>] {
        &self.points
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.points[0].len()
    }

    /// x(t); the ends are exact.
    pub fn at(&self, t: f64) -> Vec<T> {
        let mut x = vec![T::zero(); self.dimension()];
        self.write(t, &mut x);
        x
    }

    /// x(t) into `x` (n).
    pub fn write(&self, t: f64, x: &mut [T]) {
        let weights = self.kind.weights(t, self.points.len());
        let count = weights.iter().filter(|w| **w != 0.0).count();
        if let (Some(only), 1) = (weights.iter().position(|w| *w == 1.0), count) {
            x.copy_from_slice(&self.points[only]);
            return;
        }
        // From the first point on: points that coincide stay where they are.
        let origin = &self.points[0];
        let terms: Vec<(f64, Vec<T>)> = weights
            .iter()
            .zip(&self.points)
            .skip(1)
            .filter(|(weight, _)| **weight != 0.0)
            .map(|(weight, point)| {
                (*weight, point.iter().zip(origin).map(|(p, o)| T::of(p.wide() - o.wide())).collect())
            })
            .collect();
        let terms: Vec<(f64, &[T])> = terms.iter().map(|(weight, d)| (*weight, &d[..])).collect();
        displaced(origin, &terms, x);
    }

    /// The length of the polygon through `pieces` + 1 of its points, t evenly spread: from below the
    /// length of the curve, and that length exactly where all corners are among them.
    pub fn length(&self, pieces: usize) -> f64 {
        let points: Vec<Vec<T>> = (0..=pieces).map(|i| self.at(i as f64 / pieces as f64)).collect();
        points.windows(2).map(|w| distance(&w[0], &w[1])).sum()
    }
}

/// ‖a − b‖.
pub(super) fn distance<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a.wide() - b.wide()).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_textbook() {
        for t in [0.0, 0.125, 0.5, 0.75, 1.0] {
            let s = 1.0 - t;
            let quadratic = CurveKind::Bezier.weights(t, 3);
            let cubic = CurveKind::Bezier.weights(t, 4);
            let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
            assert!(near(&quadratic, &[s * s, 2.0 * t * s, t * t]));
            assert!(near(&cubic, &[s * s * s, 3.0 * t * s * s, 3.0 * t * t * s, t * t * t]));
        }
        assert_eq!(CurveKind::Chain.weights(0.25, 3), [0.5, 0.5, 0.0]);
        assert_eq!(CurveKind::Chain.weights(0.75, 3), [0.0, 0.5, 0.5]);
        assert_eq!(CurveKind::Chain.weights(1.0, 3), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn ends_are_exact_and_lengths_are_lengths() {
        let (a, b) = (vec![0.1f32, -0.7], vec![0.3, 9.9]);
        for kind in [CurveKind::Chain, CurveKind::Bezier] {
            let curve = Curve::straight(kind, &a, &b, 3).unwrap();
            assert_eq!((curve.at(0.0), curve.at(1.0)), (a.clone(), b.clone()));
            assert!((curve.length(8) - distance(&a, &b)).abs() < 1e-5);
        }
        let corner = Curve::new(CurveKind::Chain, vec![vec![0.0, 0.0], vec![3.0, 0.0], vec![3.0, 4.0]]);
        assert_eq!(corner.unwrap().length(2), 7.0);
    }

    #[test]
    fn points_of_several_spaces_are_refused() {
        let one = |points: Vec<Vec<f64>>| Curve::new(CurveKind::Chain, points).unwrap_err();
        assert_eq!(one(vec![vec![1.0]]), CurveError::Points(1));
        assert_eq!(one(vec![vec![1.0], vec![1.0, 2.0]]), CurveError::Dimension { first: 1, other: 2 });
    }
}
