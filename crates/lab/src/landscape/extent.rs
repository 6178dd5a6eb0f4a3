//! How far the low-loss region reaches along a line.

use serde::Serialize;

use super::direction::Direction;
use super::evaluate::values_along;
use crate::{Oracle, Scalar, Stop};

/// What counts as low, and how far it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ExtentOptions {
    /// The region is {f ≤ level}.
    pub level: f64,
    /// The first step away from x, in units of ‖d‖.
    pub first: f64,
    /// Where the search ends, in the same units.
    pub reach: f64,
    /// The bracket (inside, outside] ends with outside − inside ≤ this · outside.
    pub tolerance: f64,
}

/// Where the region ends on one side of x; distances are in units of ‖d‖.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Crossing {
    /// The last point found inside.
    pub inside: f64,
    /// The first point found outside; `None` if the region goes on beyond the reach.
    pub outside: Option<f64>,
}

/// The part of a line through x on which f stays low.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Extent {
    /// The direction's name.
    pub direction: String,
    /// ‖d‖.
    pub norm: f64,
    /// Towards +d.
    pub forward: Crossing,
    /// Towards −d.
    pub backward: Crossing,
}

/// Points that are evaluated together.
const TOGETHER: usize = 8;

/// The extent of the region {f ≤ level} around x along a direction, to both sides.
///
/// From the first step on the distance grows by √2 until a point lies outside, eight points at a time, then
/// the interval is cut into ninths until it is short enough. A value that is not finite lies outside.
/// The region may end and begin again between two points that are both inside, which this does not see:
/// what it finds is a crossing, and nothing was found outside before it. Where x itself is not inside both ends
/// are 0.
///
/// Costs some tens of values a side.
///
/// # Errors
/// [`Stop`] from the oracle.
///
/// # Panics
/// If the direction's length is not that of x, or a number of the options is not above 0.
///
/// ```
/// use thalweg_lab::Oracle;
/// use thalweg_lab::landscape::{Direction, ExtentOptions, extent, quadratic_extent};
/// use thalweg_lab::problem::analytic::{Analytic, quadratic};
///
/// let bowl = Analytic::<f64>::new(quadratic(&[8.0, 1.0]), Default::default());
/// let options = ExtentOptions { level: 1.0, first: 1e-3, reach: 1e3, tolerance: 1e-6 };
/// let steep = Direction::unit("steep", &[1.0, 0.0])?;
/// let found = extent(&Oracle::new(&bowl), &[0.0; 2], &steep, &options).unwrap();
/// assert!((found.forward.inside - 0.5).abs() < 1e-6);
/// assert_eq!(quadratic_extent(1.0, 8.0), Some(0.5));
/// # Ok::<(), thalweg_lab::landscape::DirectionError>(())
/// ```
pub fn extent<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    direction: &Direction<T>,
    options: &ExtentOptions,
) -> Result<Extent, Stop> {
    assert_eq!(direction.vector.len(), x.len(), "the direction belongs to another point");
    assert!(options.first > 0.0 && options.reach > 0.0 && options.tolerance > 0.0, "{options:?}");
    let centre = values_along(oracle, x, [&direction.vector], &[[0.0]])?[0];
    let side = |sign: f64| -> Result<Crossing, Stop> {
        if !is_inside(centre, options.level) {
            return Ok(Crossing { inside: 0.0, outside: Some(0.0) });
        }
        crossing(options, &mut |distances| {
            let coordinates: Vec<[f64; 1]> = distances.iter().map(|t| [sign * t]).collect();
            values_along(oracle, x, [&direction.vector], &coordinates)
        })
    };
    Ok(Extent {
        direction: direction.name.clone(),
        norm: direction.norm(),
        forward: side(1.0)?,
        backward: side(-1.0)?,
    })
}

/// √(2ε/λ): where a quadratic of curvature λ has risen by ε above its minimum; `None` where it does
/// not rise.
pub fn quadratic_extent(rise: f64, curvature: f64) -> Option<f64> {
    (curvature > 0.0 && rise >= 0.0).then(|| (2.0 * rise / curvature).sqrt())
}

fn is_inside(value: f64, level: f64) -> bool {
    value.is_finite() && value <= level
}

fn crossing(
    options: &ExtentOptions,
    values: &mut dyn FnMut(&[f64]) -> Result<Vec<f64>, Stop>,
) -> Result<Crossing, Stop> {
    let ExtentOptions { level, first, reach, tolerance } = *options;
    let mut inside = 0.0;
    let mut next = first.min(reach);
    let mut outside = loop {
        let mut distances = vec![next];
        while distances.len() < TOGETHER && distances[distances.len() - 1] < reach {
            distances.push((distances[distances.len() - 1] * std::f64::consts::SQRT_2).min(reach));
        }
        match cut(&distances, &values(&distances)?, level, &mut inside) {
            Some(outside) => break outside,
            None if inside >= reach => return Ok(Crossing { inside, outside: None }),
            None => next = (inside * std::f64::consts::SQRT_2).min(reach),
        }
    };
    while outside - inside > tolerance * outside && outside > f64::MIN_POSITIVE {
        let ninth = (outside - inside) / (TOGETHER + 1) as f64;
        let distances: Vec<f64> = (1..=TOGETHER).map(|i| inside + i as f64 * ninth).collect();
        let before = (inside, outside);
        if let Some(nearer) = cut(&distances, &values(&distances)?, level, &mut inside) {
            outside = nearer;
        }
        if before == (inside, outside) {
            break;
        }
    }
    Ok(Crossing { inside, outside: Some(outside) })
}

/// The first of the distances that lies outside; `inside` becomes the last one before it.
fn cut(distances: &[f64], values: &[f64], level: f64, inside: &mut f64) -> Option<f64> {
    for (distance, value) in distances.iter().zip(values) {
        if !is_inside(*value, level) {
            return Some(*distance);
        }
        *inside = *distance;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{diagonal, function, walled_saddle};

    fn options(level: f64) -> ExtentOptions {
        ExtentOptions { level, first: 1e-3, reach: 100.0, tolerance: 1e-9 }
    }

    fn along(f: &crate::samples::Function, x: &[f64], d: &[f64], options: &ExtentOptions) -> Extent {
        extent(&Oracle::<f64>::new(f), x, &Direction::unit("d", d).unwrap(), options).unwrap()
    }

    #[test]
    fn quadratics_end_where_the_formula_says() {
        let spectrum = [100.0, 1.0, 1e-4, 0.0, -1.0];
        let f = diagonal(&spectrum);
        for (i, curvature) in spectrum.iter().enumerate() {
            let mut d = [0.0; 5];
            d[i] = 3.0;
            let found = along(&f, &[0.0; 5], &d, &options(0.02));
            assert_eq!(found.forward, found.backward);
            match quadratic_extent(0.02, *curvature) {
                Some(expected) if expected <= 100.0 => {
                    let Crossing { inside, outside: Some(outside) } = found.forward else { panic!() };
                    assert!(inside <= expected && expected <= outside, "{found:?}");
                    assert!(outside - inside <= 1e-9 * outside, "{found:?}");
                }
                _ => assert_eq!(found.forward, Crossing { inside: 100.0, outside: None }),
            }
        }
    }

    /// Along y from the minimum (0, √2), −y² + y⁴/4 = −1 + ε where y² = 2 ± 2√ε; beyond the saddle is the other well.
    #[test]
    fn sides_may_differ() {
        let rise: f64 = 0.25;
        let minimum = [0.0, 2f64.sqrt()];
        let found = along(&walled_saddle(), &minimum, &[0.0, 1.0], &options(rise - 1.0));
        let ends = [1.0, -1.0].map(|sign| (2.0 + sign * 2.0 * rise.sqrt()).sqrt() - minimum[1]);
        assert!((found.forward.inside - ends[0]).abs() < 1e-8, "{found:?}");
        assert!((found.backward.inside + ends[1]).abs() < 1e-8, "{found:?}");
        // Above the saddle the region reaches through both wells.
        let wide = along(&walled_saddle(), &minimum, &[0.0, 1.0], &options(0.1));
        let end = (2.0 + 2.0 * 1.1f64.sqrt()).sqrt() + minimum[1];
        assert!((wide.backward.inside - end).abs() < 1e-7, "{wide:?}");
    }

    #[test]
    fn edges_are_found_from_any_first_step() {
        let f = diagonal(&[2.0]);
        for first in [1e-9, 0.3, 1.0, 50.0, 1e4] {
            let found = along(&f, &[0.0], &[1.0], &ExtentOptions { first, ..options(1.0) });
            assert!((found.forward.inside - 1.0).abs() < 1e-8, "{first}: {found:?}");
        }
        let outside = along(&f, &[2.0], &[1.0], &options(1.0));
        assert_eq!(outside.forward, Crossing { inside: 0.0, outside: Some(0.0) });
        assert_eq!(quadratic_extent(1.0, 0.0), None);
    }

    #[test]
    fn what_is_not_finite_lies_outside() {
        let cliff = |x: &[f64]| if x[0] > 0.5 { f64::NAN } else { 0.0 };
        let f = function(1, cliff, |_, g| g.fill(0.0), |_, h| h.fill(0.0));
        let found = along(&f, &[0.0], &[1.0], &options(1.0));
        assert!((found.forward.inside - 0.5).abs() < 1e-8, "{found:?}");
        assert_eq!(found.backward, Crossing { inside: 100.0, outside: None });
    }
}
