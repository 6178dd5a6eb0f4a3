//! Copies of a point that are the same point.

use crate::landscape::symmetry::{WeightOptions, weight_matching};
use crate::symmetry::{Element, Symmetries};
use crate::vector::{displaced, dot, norm};
use crate::{Layout, Oracle, Scalar, Stop};

/// A group of transformations of Rⁿ that leave f as it is.
///
/// Points that it maps onto each other count as one. An implementation says which copy of a point lies
/// nearest to another one; where it only knows a near one (matching the neurons of a network is a search), copies
/// may be listed apart, and no two points are ever taken for one that are not.
pub trait Symmetry<T: Scalar>: Send + Sync {
    /// The copy of `of` (n) that is nearest to `to` (n).
    fn nearest(&self, of: &[T], to: &[T]) -> Vec<T>;

    /// A basis of the directions in which the copies of `x` lie next to it (n each): for this reason the Hessian has as
    /// many null eigenvalues at a critical point. None for a finite group.
    fn tangents(&self, x: &[T]) -> Vec<Vec<T>> {
        let _ = x;
        Vec::new()
    }

    /// The copy of `x` that stands for all of them on a continuous orbit, where a search would drift along it; x itself
    /// unless said otherwise.
    fn normal(&self, x: Vec<T>) -> Vec<T> {
        x
    }

    /// The distance ‖a − g b‖ to the nearest copy of b.
    fn distance(&self, a: &[T], b: &[T]) -> f64 {
        let copy = self.nearest(b, a);
        apart(a, &copy)
    }
}

/// Every point is its only copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoSymmetry;

impl<T: Scalar> Symmetry<T> for NoSymmetry {
    fn nearest(&self, of: &[T], _: &[T]) -> Vec<T> {
        of.to_vec()
    }
}

/// x and t x, t > 0, are the same point: f is a function of the direction of x alone, as functions on a
/// sphere are that were written by normalizing their argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rays;

impl<T: Scalar> Symmetry<T> for Rays {
    /// The projection of `to` onto the ray of `of`; 0 where that is behind.
    fn nearest(&self, of: &[T], to: &[T]) -> Vec<T> {
        let square = dot(of, of);
        let factor = if square > 0.0 { (dot(of, to) / square).max(0.0) } else { 0.0 };
        of.iter().map(|v| T::of(factor * v.wide())).collect()
    }

    fn tangents(&self, x: &[T]) -> Vec<Vec<T>> {
        vec![x.to_vec()]
    }

    /// x at length √n: the gradient falls along the ray as 1/‖x‖, so that nothing else would keep a search from infinity.
    fn normal(&self, x: Vec<T>) -> Vec<T> {
        let factor = (x.len() as f64).sqrt() / norm(&x);
        x.iter().map(|v| T::of(factor * v.wide())).collect()
    }
}

/// Copies by permutations and changes of sign, as a network's units have them.
///
/// The nearest copy is sought by weight matching from the point as it is, so a near one may be taken for it, and two copies
/// of a point may be listed apart.
#[derive(Clone, Debug)]
pub struct Copies<'s> {
    symmetries: &'s Symmetries,
    layout: &'s Layout,
}

impl<'s> Copies<'s> {
    /// By symmetries of points of a layout.
    pub fn new(symmetries: &'s Symmetries, layout: &'s Layout) -> Self {
        Self { symmetries, layout }
    }
}

impl<T: Scalar> Symmetry<T> for Copies<'_> {
    fn nearest(&self, of: &[T], to: &[T]) -> Vec<T> {
        let start = Element::identity(self.symmetries);
        let options = WeightOptions::default();
        let found = weight_matching(self.symmetries, self.layout, to, of, &start, &options);
        found.element.apply(self.symmetries, self.layout, of)
    }
}

/// Whether f(tx) = f(x) for t > 0, by Euler's theorem: xᵀ∇f(x) = 0, tested to rounding at the given points
/// with their values at x/2 and 2x. Three values and a gradient a point. Evidence and not proof.
///
/// # Errors
/// If the oracle stops.
pub fn is_constant_along_rays<T: Scalar>(oracle: &Oracle<'_, T>, points: &[Vec<T>]) -> Result<bool, Stop> {
    for x in points {
        let mut gradient = vec![T::zero(); x.len()];
        let value = oracle.trial(x, &mut gradient)?;
        let (length, slope) = (norm(x), norm(&gradient));
        let rounding = 64.0 * T::epsilon().wide() * (x.len() as f64).sqrt();
        let flat = dot(x, &gradient).abs() <= rounding * (length * slope).max(value.abs());
        if !flat {
            return Ok(false);
        }
        for factor in [0.5, 2.0] {
            let moved: Vec<T> = x.iter().map(|v| T::of(factor * v.wide())).collect();
            let mut other = [0.0];
            oracle.values(&moved, &mut other)?;
            let same = (other[0] - value).abs() <= rounding * value.abs().max(f64::MIN_POSITIVE);
            if !same {
                return Ok(false);
            }
        }
    }
    Ok(!points.is_empty())
}

/// ‖a − b‖.
pub(super) fn apart<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    let mut gap = vec![T::zero(); a.len()];
    displaced(a, &[(-1.0, b)], &mut gap);
    norm(&gap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, function};

    #[test]
    fn points_of_a_ray_are_one() {
        let [a, b] = [[3.0, 4.0], [30.0, 40.0]];
        assert!(Rays.distance(&a, &b) < 1e-14);
        // The ray of (1, 0) is nearest to (3, 4) at (3, 0); that of (−1, 0) at the origin.
        assert_eq!(Rays.distance(&a, &[1.0, 0.0]), 4.0);
        assert_eq!(Rays.distance(&a, &[-1.0, 0.0]), 5.0);
        assert_eq!((Rays.tangents(&a), NoSymmetry.tangents(&a)), (vec![a.to_vec()], vec![]));
        assert_eq!(NoSymmetry.distance(&a, &b), 45.0);
    }

    #[test]
    fn functions_of_the_direction_are_recognised() {
        let points = vec![vec![0.3, -1.2], vec![2.0, 0.7]];
        let angle = function(
            2,
            |x| x[0] * x[1] / (x[0] * x[0] + x[1] * x[1]),
            |x, g| {
                let s = x[0] * x[0] + x[1] * x[1];
                g[0] = x[1] / s - 2.0 * x[0] * x[0] * x[1] / (s * s);
                g[1] = x[0] / s - 2.0 * x[1] * x[0] * x[1] / (s * s);
            },
            |_, _| (),
        );
        assert!(is_constant_along_rays::<f64>(&Oracle::new(&angle), &points).unwrap());
        let bowl = samples::diagonal(&[1.0, 2.0]);
        assert!(!is_constant_along_rays::<f64>(&Oracle::new(&bowl), &points).unwrap());
        assert!(!is_constant_along_rays::<f64>(&Oracle::new(&angle), &[]).unwrap());
    }
}
