//! Values along a line.

use serde::Serialize;

use super::direction::{Direction, Normalization};
use super::evaluate::{NonFinite, non_finite, values_along};
use super::grid::Axis;
use crate::{Oracle, Scalar, Stop};

/// f(x + t d) for t on an axis.
///
/// Serialized values that are not finite become `null` in JSON; `non_finite` says what they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slice {
    /// The direction's name.
    pub direction: String,
    /// How the direction was scaled.
    pub normalization: Normalization,
    /// ‖d‖: t = 1 is this far from x.
    pub norm: f64,
    /// The values of t.
    pub positions: Vec<f64>,
    /// f(x + t d).
    pub values: Vec<f64>,
    /// f(x).
    pub centre: f64,
    /// Values that are not finite.
    pub non_finite: Vec<NonFinite>,
}

/// Evaluates f along a direction through x. One value a point and one for x itself.
///
/// What it cannot show: a line sees one number vᵀHv of the curvature. At a
/// critical point with p positive and q negative eigenvalues of equal size, a
/// random line sees a minimum with probability P(Beta(p/2, q/2) > 1/2): 0.985
/// for 9 against 1.
///
/// # Errors
/// [`Stop`] from the oracle.
///
/// # Panics
/// If the direction's length is not that of x; see [`Direction::check`].
pub fn slice<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    direction: &Direction<T>,
    axis: Axis,
) -> Result<Slice, Stop> {
    assert_eq!(direction.vector.len(), x.len(), "the direction belongs to another point");
    let positions = axis.points();
    let mut coordinates: Vec<[f64; 1]> = positions.iter().map(|&t| [t]).collect();
    coordinates.push([0.0]);
    let mut values = values_along(oracle, x, [&direction.vector], &coordinates)?;
    let centre = values.pop().unwrap_or(f64::NAN);
    Ok(Slice {
        direction: direction.name.clone(),
        normalization: direction.normalization,
        norm: direction.norm(),
        non_finite: non_finite(&values),
        positions,
        values,
        centre,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_quadratics_slice_is_its_parabola() {
        let f = samples::diagonal(&[2.0, -3.0, 0.5]);
        let x = [1.0, 1.0, -2.0];
        let d = Direction::unit("d", &[3.0, 0.0, 4.0]).unwrap();
        let found = slice(&Oracle::new(&f), &x, &d, Axis::symmetric(3.0, 31).unwrap()).unwrap();
        let (curvature, slope, value) = (2.0 * 0.36 + 0.5 * 0.64, 2.0 * 0.6 - 1.0 * 0.8, 1.0 - 1.5 + 1.0);
        for (t, v) in found.positions.iter().zip(&found.values) {
            assert!((v - (value + slope * t + 0.5 * curvature * t * t)).abs() < 1e-14);
        }
        assert_eq!((found.centre, found.values[15]), (0.5, 0.5));
        assert!((found.norm - 1.0).abs() < 1e-15);
    }

    #[test]
    fn values_that_are_not_finite_are_kept_and_named() {
        let f = samples::function(1, |x| x[0].ln(), |x, g| g[0] = 1.0 / x[0], |_, _| ());
        let d = Direction::unit("d", &[1.0f32]).unwrap();
        let found = slice(&Oracle::new(&f), &[1.0], &d, Axis::symmetric(2.0, 5).unwrap()).unwrap();
        assert!(found.values[0].is_nan() && found.values[1] == f64::NEG_INFINITY && found.values[2] == 0.0);
        let names: Vec<_> = found.non_finite.iter().map(|n| (n.index, n.found.as_str())).collect();
        assert_eq!(names, [(0, "NaN"), (1, "-inf")]);
        assert!(serde_json::to_string(&found).unwrap().contains("\"values\":[null,null,0.0"));
    }

    #[test]
    fn every_point_is_counted() {
        let f = samples::rosenbrock(3);
        let oracle: Oracle<'_, f32> = Oracle::new(&f);
        let d = Direction::unit("d", &[1.0, 0.0, 0.0]).unwrap();
        slice(&oracle, &[0.0; 3], &d, Axis::symmetric(1.0, 11).unwrap()).unwrap();
        assert_eq!(oracle.counts().values, 12);
        assert!(d.check(4).is_err());
    }
}
