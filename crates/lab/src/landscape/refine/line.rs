//! The same along a line.

use super::RefineOptions;
use crate::landscape::direction::Direction;
use crate::landscape::evaluate::{non_finite, values_along};
use crate::landscape::grid::Axis;
use crate::landscape::slice::Slice;
use crate::{Oracle, Scalar, Stop};

/// f along a direction through x at the points of an axis with an odd count, and between them wherever
/// straight pieces are off by more than the tolerance; beside the slice, the largest error of interpolation that was
/// let be, and that at the finest level.
///
/// From pairs of intervals on, f in the middle of an interval is compared with the mean of its ends; where the
/// difference is beyond the tolerance, both halves are looked at in the same way, `levels` times at most.
/// All values are evaluated, none is interpolated. An interval between a finite value and another kind is always halved.
///
/// Cost: a value for each point, and one for x itself.
///
/// # Errors
/// [`Stop`] from the oracle.
///
/// # Panics
/// If the count is even, or the direction's length is not that of x.
pub fn refined_slice<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    direction: &Direction<T>,
    axis: Axis,
    options: &RefineOptions,
) -> Result<(Slice, [f64; 2]), Stop> {
    assert!(axis.count() % 2 == 1, "an odd number of points");
    assert_eq!(direction.vector.len(), x.len(), "the direction belongs to another point");
    let evaluate = |places: &[f64]| {
        let coordinates: Vec<[f64; 1]> = places.iter().map(|&t| [t]).collect();
        values_along(oracle, x, [&direction.vector], &coordinates)
    };
    let first = axis.points();
    let values = evaluate(&first)?;
    let mut points: Vec<[f64; 2]> = first.iter().zip(&values).map(|(&t, &f)| [t, f]).collect();
    // Ends and middle of the pieces that are looked at.
    let mut active: Vec<[[f64; 2]; 3]> =
        (0..points.len() - 2).step_by(2).map(|i| [points[i], points[i + 1], points[i + 2]]).collect();
    let [mut error, mut unresolved] = [0.0f64; 2];
    for level in 0..=options.levels {
        let mut halves = Vec::new();
        for [a, b, c] in active {
            let surplus = match [a, b, c].iter().filter(|p| p[1].is_finite()).count() {
                3 => (b[1] - 0.5 * (a[1] + c[1])).abs(),
                0 => 0.0,
                _ => f64::INFINITY,
            };
            match surplus > options.tolerance {
                true if level < options.levels => halves.extend([[a, b], [b, c]]),
                true => unresolved = unresolved.max(surplus),
                false => error = error.max(surplus),
            }
        }
        let middles: Vec<f64> = halves.iter().map(|[a, b]| 0.5 * (a[0] + b[0])).collect();
        let values = evaluate(&middles)?;
        points.extend(middles.iter().zip(&values).map(|(&t, &f)| [t, f]));
        let middles = middles.iter().zip(&values);
        active = halves.iter().zip(middles).map(|(&[a, b], (&t, &f))| [a, [t, f], b]).collect();
    }
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let centre = evaluate(&[0.0])?[0];
    let values: Vec<f64> = points.iter().map(|p| p[1]).collect();
    let slice = Slice {
        direction: direction.name.clone(),
        normalization: direction.normalization,
        norm: direction.norm(),
        positions: points.iter().map(|p| p[0]).collect(),
        non_finite: non_finite(&values),
        values,
        centre,
    };
    Ok((slice, [error, unresolved]))
}
