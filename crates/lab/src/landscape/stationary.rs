//! Stationary points of a plane, followed from a vertex of its grid.

use serde::Serialize;

use super::plane::PlaneSpec;
use super::topology::VertexKind;
use crate::krylov::SymmetricOperator;
use crate::vector::{dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// How a stationary point is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationaryOptions {
    /// The point counts as stationary in the plane when the part of the gradient within it is no
    /// longer than this · max(1, |f|).
    pub tolerance: f64,
    /// Newton steps at most.
    pub steps: usize,
    /// How far from the vertex the point may lie, in u and in v.
    pub reach: [f64; 2],
}

/// A point where f, seen on a plane alone, is stationary, and what the whole gradient says of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stationary {
    /// Where it is in the plane.
    pub u: f64,
    /// Where it is in the plane.
    pub v: f64,
    /// f there.
    pub value: f64,
    /// The length of the gradient's part within the plane: how well it was found.
    pub gradient_in_plane: f64,
    /// ‖∇f‖, over all coordinates.
    pub gradient_norm: f64,
    /// The smaller and the larger curvature within the plane, along unit vectors.
    pub curvatures: [f64; 2],
    /// What it is within the plane by these; a curvature of 0 counts as none of the three.
    pub kind: Option<VertexKind>,
    /// Newton steps taken.
    pub steps: usize,
}

impl<T: Scalar> PlaneSpec<'_, T> {
    /// Follows a critical vertex at (u, v) to the stationary point of the plane beside it.
    ///
    /// Newton's method on the two coordinates: with an orthonormal basis Q of the plane, the step
    /// solves (QᵀHQ) s = −Qᵀ∇f; steps longer than the reach are cut to it. `None` where it
    /// leaves the reach, finds no stationary point, or meets numbers that are not finite: the
    /// vertex may be an artefact of the grid, or a kink of a function that is not smooth.
    ///
    /// Cost: a gradient and two Hessian products a step, of which there are seldom more than five.
    ///
    /// A minimum found here is one of the plane. It is a critical point of f only if
    /// [`Stationary::gradient_norm`] vanishes too.
    ///
    /// # Errors
    /// [`Stop`] where the oracle stops for another reason than a number that is not finite, or
    /// there is no Hessian.
    pub fn stationary(
        &self,
        oracle: &Oracle<'_, T>,
        vertex: [f64; 2],
        options: &StationaryOptions,
    ) -> Result<Option<Stationary>, Stop> {
        match self.follow(oracle, vertex, options) {
            Err(Stop::NonFinite { .. }) => Ok(None),
            other => other,
        }
    }

    fn follow(
        &self,
        oracle: &Oracle<'_, T>,
        vertex: [f64; 2],
        options: &StationaryOptions,
    ) -> Result<Option<Stationary>, Stop> {
        let basis = Basis::new(self.directions().map(|d| &d.vector[..]));
        let n = self.origin().len();
        let mut gradient = vec![T::zero(); n];
        let mut products = vec![T::zero(); 2 * n];
        let [mut u, mut v] = vertex;
        for steps in 0..=options.steps {
            let x = self.point([u, v]);
            let value = oracle.value_grad(&x, &mut gradient)?;
            let slope = basis.q.each_ref().map(|q| dot(q, &gradient));
            let inside = slope[0].hypot(slope[1]);
            oracle.linearize(&x, Curvature::Hessian)?.apply(&basis.q.concat(), &mut products)?;
            let [first, second] = [&products[..n], &products[n..]];
            let off = 0.5 * (dot(&basis.q[0], second) + dot(&basis.q[1], first));
            let matrix = [dot(&basis.q[0], first), off, dot(&basis.q[1], second)];
            if inside <= options.tolerance * value.abs().max(1.0) {
                let curvatures = eigenvalues(matrix);
                return Ok(Some(Stationary {
                    u,
                    v,
                    value,
                    gradient_in_plane: inside,
                    gradient_norm: norm(&gradient),
                    kind: kind(curvatures),
                    curvatures,
                    steps,
                }));
            }
            let [du, dv] = basis.coordinates(newton(matrix, slope));
            let long = (du.abs() / options.reach[0]).max(dv.abs() / options.reach[1]).max(1.0);
            (u, v) = (u + du / long, v + dv / long);
            let away =
                ((u - vertex[0]).abs() / options.reach[0]).max((v - vertex[1]).abs() / options.reach[1]);
            if !(u.is_finite() && v.is_finite()) || away > 1.0 + 1e-9 {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

/// An orthonormal basis of the plane of d₁ and d₂, with d₁ = r₁₁ q₁ and d₂ = r₁₂ q₁ + r₂₂ q₂.
struct Basis<T> {
    q: [Vec<T>; 2],
    r: [f64; 3],
}

impl<T: Scalar> Basis<T> {
    fn new([first, second]: [&[T]; 2]) -> Self {
        let scaled = |d: &[f64], by: f64| -> Vec<T> { d.iter().map(|v| T::of(v / by)).collect() };
        let wide = |d: &[T]| -> Vec<f64> { d.iter().map(|v| v.wide()).collect() };
        let (first, mut rest) = (wide(first), wide(second));
        let r11 = norm(&first);
        let mut r12 = 0.0;
        // Twice, for directions that are nearly parallel.
        for _ in 0..2 {
            let along = dot(&first, &rest) / r11;
            r12 += along;
            rest.iter_mut().zip(&first).for_each(|(r, f)| *r -= along * f / r11);
        }
        let r22 = norm(&rest);
        Self { q: [scaled(&first, r11), scaled(&rest, r22)], r: [r11, r12, r22] }
    }

    /// (u, v) of a step that is given along q₁ and q₂.
    fn coordinates(&self, [s, t]: [f64; 2]) -> [f64; 2] {
        let [r11, r12, r22] = self.r;
        let v = t / r22;
        [(s - r12 * v) / r11, v]
    }
}

/// The solution of M s = −g for the symmetric matrix [a, b; b, c].
fn newton([a, b, c]: [f64; 3], [g, h]: [f64; 2]) -> [f64; 2] {
    let determinant = a * c - b * b;
    [(b * h - c * g) / determinant, (b * g - a * h) / determinant]
}

fn eigenvalues([a, b, c]: [f64; 3]) -> [f64; 2] {
    let (middle, half) = (0.5 * (a + c), (0.5 * (a - c)).hypot(b));
    [middle - half, middle + half]
}

fn kind([low, high]: [f64; 2]) -> Option<VertexKind> {
    match (low, high) {
        _ if low > 0.0 => Some(VertexKind::Minimum),
        _ if high < 0.0 => Some(VertexKind::Maximum),
        _ if low < 0.0 && high > 0.0 => Some(VertexKind::Saddle),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::{Axis, Direction};
    use crate::samples;

    const OPTIONS: StationaryOptions = StationaryOptions { tolerance: 1e-9, steps: 20, reach: [0.3, 0.3] };

    /// ½ (x₁² + 4 x₂² − 9 x₃²) + 2 x₃: at x₃ = 1 a plane across x₁ and x₂ has a minimum, where the
    /// whole gradient is −9 + 2.
    #[test]
    fn a_minimum_of_the_plane_is_told_from_one_of_the_function() {
        let f = samples::function(
            3,
            |x| 0.5 * (x[0] * x[0] + 4.0 * x[1] * x[1] - 9.0 * x[2] * x[2]) + 2.0 * x[2],
            |x, g| g.copy_from_slice(&[x[0], 4.0 * x[1], 2.0 - 9.0 * x[2]]),
            |_, h| h.copy_from_slice(&[1.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, -9.0]),
        );
        // Skew directions of different lengths.
        let first = Direction::between("d", &[0.0; 3], &[2.0, 0.0, 0.0]).unwrap();
        let second = Direction::between("e", &[0.0; 3], &[1.0, 0.5, 0.0]).unwrap();
        let axes = [Axis::symmetric(1.0, 5).unwrap(); 2];
        let x = [0.2, 0.1, 1.0];
        let spec = PlaneSpec::new(&x, [&first, &second], axes).unwrap();
        let oracle = Oracle::new(&f);
        let found = spec.stationary(&oracle, [0.1, -0.1], &OPTIONS).unwrap().unwrap();
        // x + u d + v e = (0, 0, 1) where v = −0.2 and u = 0.
        assert!((found.u).abs() < 1e-12 && (found.v + 0.2).abs() < 1e-12, "{found:?}");
        assert_eq!((found.kind, found.steps), (Some(VertexKind::Minimum), 1));
        assert!((found.curvatures[0] - 1.0).abs() < 1e-12 && (found.curvatures[1] - 4.0).abs() < 1e-12);
        assert!(found.gradient_in_plane < 1e-12 && (found.gradient_norm - 7.0).abs() < 1e-12);
        assert_eq!(oracle.counts().products, 4);
        // Too far away, or across a wall of numbers that are not finite.
        assert_eq!(spec.stationary(&oracle, [0.9, 0.9], &OPTIONS).unwrap(), None);
    }

    #[test]
    fn saddles_are_followed_too_and_holes_end_the_search() {
        let f = samples::walled_saddle();
        let (first, second) =
            (Direction::unit("x", &[1.0, 0.0]).unwrap(), Direction::unit("y", &[0.0, 1.0]).unwrap());
        let axes = [Axis::symmetric(1.0, 5).unwrap(); 2];
        let spec = PlaneSpec::new(&[0.0, 0.0], [&first, &second], axes).unwrap();
        let found = spec.stationary(&Oracle::new(&f), [0.1, -0.1], &OPTIONS).unwrap().unwrap();
        assert_eq!(found.kind, Some(VertexKind::Saddle));
        assert!(found.gradient_norm < 1e-9 && (found.curvatures[0] + 2.0).abs() < 1e-6);
        let hole = samples::function(2, |_| f64::NAN, |_, g| g.fill(f64::NAN), |_, h| h.fill(f64::NAN));
        assert_eq!(spec.stationary(&Oracle::new(&hole), [0.0, 0.0], &OPTIONS).unwrap(), None);
    }
}
