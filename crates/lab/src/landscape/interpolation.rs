//! The straight line between two points.

use serde::Serialize;

use super::evaluate::{NonFinite, non_finite, values_along};
use super::grid::Axis;
use crate::vector::norm;
use crate::{Oracle, Scalar, Stop};

/// f((1 − α) a + α b) along the line, and what it says about the way from a to b.
///
/// Serialized values that are not finite become `null` in JSON; `non_finite` says what they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interpolation {
    /// The values of α, rising; 0 and 1 are among them.
    pub positions: Vec<f64>,
    /// f at each.
    pub values: Vec<f64>,
    /// f(a) and f(b).
    pub ends: [f64; 2],
    /// ‖b − a‖.
    pub distance: f64,
    /// max over α in [0, 1] of f − ((1 − α) f(a) + α f(b)); 0 at least, since the ends count.
    /// (Frankle et al. 2020, *Linear mode connectivity*, there with the error
    /// and the mean of the ends.) `None` if a value there is not finite.
    pub barrier: Option<f64>,
    /// Where the barrier is highest.
    pub barrier_at: Option<f64>,
    /// The largest rise of f from any α in [0, 1] to a later one: the height of
    /// the largest bump on the way. `None` if a value there is not finite.
    pub largest_rise: Option<f64>,
    /// Whether f never rises from one position in [0, 1] to the next: the
    /// "monotonic" of Goodfellow et al., up to the resolution of the axis.
    pub monotone: Option<bool>,
    /// Values that are not finite.
    pub non_finite: Vec<NonFinite>,
}

/// Evaluates f on the line through a (α = 0) and b (α = 1), one value a position.
///
/// Positions 0 and 1 are evaluated at exactly a and b; they are added where the
/// axis lacks them. Barrier and bumps are those of the positions evaluated: a
/// narrow one between two positions is not seen.
///
/// Source: Goodfellow, Vinyals & Saxe, *Qualitatively characterizing neural
/// network optimization problems* (ICLR 2015), with a the initialization and b
/// the solution.
///
/// # Errors
/// [`Stop`] from the oracle.
///
/// # Panics
/// If a and b differ in length.
pub fn interpolate<T: Scalar>(
    oracle: &Oracle<'_, T>,
    a: &[T],
    b: &[T],
    axis: Axis,
) -> Result<Interpolation, Stop> {
    assert_eq!(a.len(), b.len(), "the ends of the line have one length");
    let positions = with_ends(axis);
    let coordinates: Vec<[f64; 2]> = positions.iter().map(|&alpha| [1.0 - alpha, alpha]).collect();
    let values = values_along(oracle, &vec![T::zero(); a.len()], [a, b], &coordinates)?;
    let way: Vec<(f64, f64)> = positions
        .iter()
        .copied()
        .zip(values.iter().copied())
        .filter(|(t, _)| (0.0..=1.0).contains(t))
        .collect();
    let ends = [way[0].1, way[way.len() - 1].1];
    let finite = way.iter().all(|(_, value)| value.is_finite()).then_some(());
    let over = |&(t, value): &(f64, f64)| (value - ((1.0 - t) * ends[0] + t * ends[1]), t);
    let barrier = finite.map(|()| {
        way.iter().map(over).fold((0.0, 0.0), |best, next| if next.0 > best.0 { next } else { best })
    });
    Ok(Interpolation {
        ends,
        distance: norm(&a.iter().zip(b).map(|(a, b)| b.wide() - a.wide()).collect::<Vec<_>>()),
        barrier: barrier.map(|(height, _)| height),
        barrier_at: barrier.map(|(_, at)| at),
        largest_rise: finite.map(|()| largest_rise(&way)),
        monotone: finite.map(|()| way.windows(2).all(|w| w[1].1 <= w[0].1)),
        non_finite: non_finite(&values),
        positions,
        values,
    })
}

/// The axis's points, with 0 and 1 exactly among them.
fn with_ends(axis: Axis) -> Vec<f64> {
    let mut positions = axis.points();
    let near = 1e-9 * (axis.max() - axis.min()) / (axis.count() - 1) as f64;
    for end in [0.0, 1.0] {
        match positions.iter_mut().find(|p| (**p - end).abs() <= near) {
            Some(position) => *position = end,
            None => positions.push(end),
        }
    }
    positions.sort_by(f64::total_cmp);
    positions
}

fn largest_rise(way: &[(f64, f64)]) -> f64 {
    let mut lowest = f64::INFINITY;
    way.iter().fold(0.0, |rise, &(_, value)| {
        lowest = lowest.min(value);
        f64::max(rise, value - lowest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, Function};

    /// ½(w₁w₂ − 1)²: two valleys, w₁w₂ = 1 with both signs.
    fn product() -> Function {
        samples::function(2, |w| 0.5 * (w[0] * w[1] - 1.0).powi(2), |_, _| (), |_, _| ())
    }

    fn line(a: [f64; 2], b: [f64; 2], axis: Axis) -> Interpolation {
        interpolate(&Oracle::new(&product()), &a, &b, axis).unwrap()
    }

    #[test]
    fn between_two_valleys_lies_a_bump_of_one_half() {
        let found = line([1.0, 1.0], [-1.0, -1.0], Axis::new(-0.25, 1.25, 31).unwrap());
        assert_eq!((found.barrier, found.barrier_at, found.largest_rise), (Some(0.5), Some(0.5), Some(0.5)));
        assert_eq!((found.monotone, found.ends), (Some(false), [0.0, 0.0]));
        assert_eq!((found.positions[5], found.positions[25]), (0.0, 1.0));
        assert_eq!(found.distance, 8f64.sqrt());
    }

    /// From (w, w) the line to (1, 1) has f = ½(p² − 1)² with p = w + α(1 − w) rising to 1: monotone,
    /// and below its chord where it is convex, that is for p² > 1/3.
    #[test]
    fn the_way_into_a_valley_is_monotone() {
        let found = line([0.6, 0.6], [1.0, 1.0], Axis::new(0.0, 1.0, 101).unwrap());
        assert_eq!((found.monotone, found.largest_rise, found.barrier), (Some(true), Some(0.0), Some(0.0)));
        let far = line([0.0, 0.0], [1.0, 1.0], Axis::new(0.0, 1.0, 1001).unwrap());
        // ½(α² − 1)² − ½(1 − α) is highest where 2α³ − 2α + ½ = 0, at α = 0.26959….
        let alpha: f64 = 0.269594435;
        let height = 0.5 * (alpha * alpha - 1.0).powi(2) - 0.5 * (1.0 - alpha);
        assert_eq!(far.monotone, Some(true));
        assert!(
            (far.barrier.unwrap() - height).abs() < 1e-6 && (far.barrier_at.unwrap() - alpha).abs() < 1e-3
        );
    }

    /// From three starts to where gradient descent ends: it falls all the way.
    #[test]
    fn lines_to_solutions_of_descent_are_monotone() {
        for start in [[0.1, 0.1], [0.5, -0.4], [-1.5, 0.1]] {
            let mut w = start;
            for _ in 0..20_000 {
                let residual = w[0] * w[1] - 1.0;
                w = [w[0] - 0.05 * residual * w[1], w[1] - 0.05 * residual * w[0]];
            }
            let found = line(start, w, Axis::new(0.0, 1.0, 1001).unwrap());
            assert!(found.ends[1] < 1e-28, "{:?}", found.ends);
            assert_eq!((found.monotone, found.largest_rise), (Some(true), Some(0.0)));
        }
    }

    /// A convex function is convex on every line, so never above the chord.
    #[test]
    fn a_convex_function_has_a_convex_line() {
        let f = samples::quadratic(&[5.0, 1.0, 0.1]);
        let axis = Axis::new(-0.5, 1.5, 41).unwrap();
        let found = interpolate(&Oracle::new(&f), &[3.0, -1.0, 2.0], &[0.1, 0.2, -0.5], axis).unwrap();
        assert_eq!(found.barrier, Some(0.0));
        assert!(found.values.windows(3).all(|w| w[0] - 2.0 * w[1] + w[2] > 0.0));
    }

    #[test]
    fn the_ends_are_added_where_the_axis_lacks_them() {
        let found = line([0.3, 0.1], [1.1, 0.7], Axis::new(-0.3, 0.9, 4).unwrap());
        assert_eq!(found.positions.len(), 6);
        assert_eq!(found.positions[5], 1.0);
        assert_eq!(found.ends, [0.5 * (0.3f64 * 0.1 - 1.0).powi(2), 0.5 * (1.1f64 * 0.7 - 1.0).powi(2)]);
    }

    #[test]
    fn a_line_through_values_that_are_not_finite_has_no_barrier() {
        let f = samples::function(1, |x| x[0].abs().ln(), |_, _| (), |_, _| ());
        let found = interpolate(&Oracle::new(&f), &[-1.0], &[1.0], Axis::new(0.0, 1.0, 11).unwrap()).unwrap();
        assert_eq!(
            (found.barrier, found.barrier_at, found.largest_rise, found.monotone),
            (None, None, None, None)
        );
        assert_eq!(found.non_finite, [NonFinite { index: 5, found: "-inf".into() }]);
        assert_eq!(found.ends, [0.0, 0.0]);
    }
}
