//! Trial steps: whether f does what a model of it promises, down to rounding errors.

use crate::krylov::{self, Dense};
use crate::optim::Point;
use crate::vector::{displaced, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// Vectors multiplied at a time where a whole matrix is built.
const BLOCK: usize = 8;

/// The ratio (f(x) − f(x + s)) / predicted of a step s, with x + s, its value and gradient in `next`;
/// `None` if x + s = x. One gradient.
///
/// −∞ where f or its gradient is not finite. Where both decreases are within rounding errors of f, 10 ε
/// max(1, |f|) as in Conn, Gould & Toint (2000), §17.4.2, the ratio is 1 if the gradient falls and −∞
/// otherwise, so that methods converge to the gradient's own accuracy and end there.
pub(in crate::optim) fn attempt<T: Scalar>(
    oracle: &Oracle<'_, T>,
    at: &Point<T>,
    step: &[T],
    predicted: f64,
    next: &mut Point<T>,
) -> Result<Option<f64>, Stop> {
    displaced(&at.x, &[(1.0, step)], &mut next.x);
    if next.x == at.x {
        return Ok(None);
    }
    next.value = oracle.trial(&next.x, &mut next.gradient)?;
    Ok(Some(ratio(at, predicted, next)))
}

fn ratio<T: Scalar>(at: &Point<T>, predicted: f64, next: &Point<T>) -> f64 {
    let slope = norm(&next.gradient);
    if !next.value.is_finite() || !slope.is_finite() {
        return f64::NEG_INFINITY;
    }
    let gain = at.value - next.value;
    if gain.abs() <= rounding::<T>(at.value) && predicted.abs() <= rounding::<T>(at.value) {
        return if slope < norm(&at.gradient) { 1.0 } else { f64::NEG_INFINITY };
    }
    gain / predicted
}

/// Rounding errors of f about a value.
pub(in crate::optim) fn rounding<T: Scalar>(value: f64) -> f64 {
    10.0 * T::epsilon().wide() * value.abs().max(1.0)
}

/// The first α of 1, ½, ¼, … with f(x + αd) ≤ f(x) − `fall(α)`; if α = 1 is one and `forward`
/// says so, the last of 1, 2, 4, … up to which all are, and f keeps falling. `None` if there is none
/// before x + αd = x. The point is left in `next`. A gradient, or a value a trial and a gradient.
pub(in crate::optim) fn track<T: Scalar>(
    oracle: &Oracle<'_, T>,
    at: &Point<T>,
    direction: &[T],
    fall: impl Fn(f64) -> f64,
    forward: bool,
    next: &mut Point<T>,
) -> Result<Option<f64>, Stop> {
    let mut length = 1.0;
    match attempt(oracle, at, direction, fall(1.0), next)? {
        None => return Ok(None),
        Some(ratio) if ratio >= 1.0 && !forward => return Ok(Some(1.0)),
        Some(ratio) => {
            let mut value = [next.value];
            let mut trial = next.x.clone();
            if ratio >= 1.0 {
                loop {
                    displaced(&at.x, &[(2.0 * length, direction)], &mut trial);
                    let before = value[0];
                    oracle.values(&trial, &mut value)?;
                    let enough = value[0] <= at.value - fall(2.0 * length) && value[0] < before;
                    if !enough {
                        break;
                    }
                    length *= 2.0;
                }
                if length == 1.0 {
                    return Ok(Some(1.0));
                }
            } else {
                loop {
                    length *= 0.5;
                    displaced(&at.x, &[(length, direction)], &mut trial);
                    if trial == at.x {
                        return Ok(None);
                    }
                    oracle.values(&trial, &mut value)?;
                    if value[0] <= at.value - fall(length) && value[0] < at.value {
                        break;
                    }
                }
            }
        }
    }
    displaced(&at.x, &[(length, direction)], &mut next.x);
    next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
    Ok(Some(length))
}

/// A curvature matrix at x, whole: n products.
pub(in crate::optim) fn whole<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    curvature: Curvature,
) -> Result<Dense, Stop> {
    krylov::dense(&mut oracle.linearize(x, curvature)?, BLOCK)
}

/// A vector in f64.
pub(in crate::optim) fn widened<T: Scalar>(v: &[T]) -> Vec<f64> {
    v.iter().map(|v| v.wide()).collect()
}

/// A vector, rounded.
pub(in crate::optim) fn rounded<T: Scalar>(v: &[f64]) -> Vec<T> {
    v.iter().map(|&v| T::of(v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn at(f: &samples::Function, x: &[f64]) -> Point<f64> {
        let mut at = Point { x: x.to_vec(), value: 0.0, gradient: vec![0.0; x.len()] };
        at.value = Oracle::new(f).value_grad(x, &mut at.gradient).unwrap();
        at
    }

    #[test]
    fn the_ratio_is_that_of_the_decreases() {
        let f = samples::diagonal(&[2.0]);
        let start = at(&f, &[1.0]);
        let mut next = start.clone();
        // f = x²: from 1 to ½ it falls by ¾.
        let ratio = attempt(&Oracle::new(&f), &start, &[-0.5], 1.5, &mut next).unwrap();
        assert_eq!((ratio, next.x[0], next.gradient[0]), (Some(0.5), 0.5, 1.0));
        assert_eq!(attempt(&Oracle::new(&f), &start, &[1e-20], 1.0, &mut next).unwrap(), None);
        let near = at(&f, &[1e-9]);
        assert_eq!(attempt(&Oracle::new(&f), &near, &[-1e-9], 1e-18, &mut next).unwrap(), Some(1.0));
        let worse = attempt(&Oracle::new(&f), &near, &[1e-9], 1e-18, &mut next).unwrap();
        assert_eq!(worse, Some(f64::NEG_INFINITY));
    }

    /// f = x² from 1 along −1: f(1 − α) = (1 − α)², lowest at 1.
    #[test]
    fn lengths_are_halved_and_doubled() {
        let f = samples::diagonal(&[2.0]);
        let start = at(&f, &[1.0]);
        let mut next = start.clone();
        let oracle = Oracle::new(&f);
        let mut go = |d: f64, forward| {
            let fall = |a: f64| 1e-4 * a * 2.0 * d.abs();
            (track(&oracle, &start, &[d], fall, forward, &mut next).unwrap(), next.x[0], next.gradient[0])
        };
        assert_eq!(go(-1.0, true), (Some(1.0), 0.0, 0.0));
        assert_eq!(go(-4.0, false), (Some(0.25), 0.0, 0.0));
        assert_eq!(go(-0.25, true), (Some(4.0), 0.0, 0.0));
        assert_eq!(go(-0.25, false), (Some(1.0), 0.75, 1.5));
        assert_eq!(go(1.0, false).0, None);
    }
}
