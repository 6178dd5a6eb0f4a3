//! The plane through three points.

use crate::Scalar;
use crate::landscape::direction::{Direction, DirectionError};
use crate::vector::dot;

/// A plane through three points, with orthonormal directions from the first of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Corners<T: Scalar> {
    /// û and v̂, both of length 1.
    pub directions: [Direction<T>; 2],
    /// Where the three points lie: p = p₁ + u û + v v̂.
    pub places: [[f64; 2]; 3],
}

/// The plane through three points by Gram-Schmidt: û along p₂ − p₁, v̂ along what p₃ − p₁ has perpendicular to that.
///
/// So p₁ lies at (0, 0), p₂ at (‖p₂ − p₁‖, 0) and p₃ above: distances in the plane are those of the space.
///
/// Source: Garipov et al. 2018, appendix A.2.
///
/// # Errors
/// If two points coincide or all three lie on a line.
pub fn corners<T: Scalar>(points: [&[T]; 3], names: [&str; 2]) -> Result<Corners<T>, DirectionError> {
    let [origin, second, third] = points;
    let first = Direction::between(names[0], origin, second)?;
    let across = Direction::between(names[1], origin, third)?;
    let (length, reach) = (first.norm(), across.norm());
    let u = Direction::unit(names[0], &first.vector)?;
    let mut v = across;
    // Twice, since once leaves what rounding put in.
    for _ in 0..2 {
        let along = dot(&v.vector, &u.vector);
        let rest = v.vector.iter().zip(&u.vector);
        v.vector = rest.map(|(v, u)| T::of(v.wide() - along * u.wide())).collect();
    }
    if v.norm() <= 16.0 * T::epsilon().wide() * reach {
        return Err(DirectionError::Parallel { name: names[1].to_owned(), other: names[0].to_owned() });
    }
    let v = Direction::unit(names[1], &v.vector)?;
    let towards = |d: &Direction<T>| {
        let terms = d.vector.iter().zip(third.iter().zip(origin));
        terms.map(|(d, (b, a))| d.wide() * (b.wide() - a.wide())).sum::<f64>()
    };
    let places = [[0.0, 0.0], [length, 0.0], [towards(&u), towards(&v)]];
    Ok(Corners { directions: [u, v], places })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_keeps_its_sides() {
        let points = [[1.0, 2.0, -1.0, 0.5], [4.0, 2.0, 3.0, 0.5], [0.0, 3.0, 1.0, 7.0]];
        let found = corners([&points[0], &points[1], &points[2]], ["u", "v"]).unwrap();
        let side = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let far = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            assert!((side(found.places[i], found.places[j]) - far(&points[i], &points[j])).abs() < 1e-12);
        }
        assert!(found.directions[0].cosine(&found.directions[1]).abs() < 1e-15);
        for (place, point) in found.places.iter().zip(&points) {
            for k in 0..4 {
                let [u, v] = &found.directions;
                let back = points[0][k] + place[0] * u.vector[k] + place[1] * v.vector[k];
                assert!((back - point[k]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn points_on_a_line_span_no_plane() {
        let line = [[0.0, 1.0], [1.0, 2.0], [3.0, 4.0]];
        let refused = corners([&line[0], &line[1], &line[2]], ["u", "v"]).unwrap_err();
        assert!(matches!(refused, DirectionError::Parallel { .. }));
        assert!(matches!(
            corners([&line[0], &line[0], &line[1]], ["u", "v"]),
            Err(DirectionError::Zero { .. })
        ));
    }
}
