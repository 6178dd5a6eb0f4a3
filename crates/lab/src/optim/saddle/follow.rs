//! Along negative curvature, to a lower point.

use crate::optim::Point;
use crate::vector::{displaced, dot, norm};
use crate::{Oracle, Scalar, Stop};

/// The share of the model's fall that f must make good.
const SHARE: f64 = 0.1;

/// The distance from which a search along a direction begins, where nothing better is known: the
/// size of a coordinate, max(1, ‖x‖/√n).
pub(crate) fn reach<T: Scalar>(x: &[T]) -> f64 {
    (norm(x) / (x.len().max(1) as f64).sqrt()).max(1.0)
}

/// Searches both ways along a unit direction v with vᵀHv = `curvature` ≤ 0, and leaves the point with
/// its value and gradient in `next`; the signed distance, or `None` if f falls on neither side.
///
/// At distances t = t₀, t₀/2, … both x + tv and x − tv are tried, until at the lower of them f ≤ f(x) −
/// (t |gᵀv| + ½t² |curvature|)/10, strictly below f(x); if the first t will do, t is doubled while that
/// holds and f keeps falling. Two values a trial, and a gradient.
pub(crate) fn follow<T: Scalar>(
    oracle: &Oracle<'_, T>,
    at: &Point<T>,
    direction: &[T],
    curvature: f64,
    first: f64,
    next: &mut Point<T>,
) -> Result<Option<f64>, Stop> {
    let n = at.x.len();
    let slope = dot(&at.gradient, direction).abs();
    let fall = |t: f64| SHARE * (t * slope - 0.5 * t * t * curvature);
    let enough = |t: f64, value: f64| value <= at.value - fall(t) && value < at.value;
    let mut points = vec![T::zero(); 2 * n];
    let mut both = |t: f64| -> Result<Option<(f64, f64)>, Stop> {
        let (plus, minus) = points.split_at_mut(n);
        displaced(&at.x, &[(t, direction)], plus);
        displaced(&at.x, &[(-t, direction)], minus);
        if plus == &at.x[..] && minus == &at.x[..] {
            return Ok(None);
        }
        let mut values = [0.0; 2];
        oracle.values(&points, &mut values)?;
        // A value that is not a number is on no side the lower one.
        let second = values[1] < values[0] || values[0].is_nan();
        Ok(Some(if second { (-t, values[1]) } else { (t, values[0]) }))
    };
    let mut t = first;
    let mut found = loop {
        match both(t)? {
            None => return Ok(None),
            Some((signed, value)) if enough(t, value) => break (signed, value),
            Some(_) => t *= 0.5,
        }
    };
    while t >= first {
        t *= 2.0;
        match both(t)? {
            Some((signed, value)) if enough(t, value) && value < found.1 => found = (signed, value),
            _ => break,
        }
    }
    displaced(&at.x, &[(found.0, direction)], &mut next.x);
    next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
    Ok(Some(found.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn go(f: &samples::Function, x: &[f64], v: &[f64], curvature: f64, first: f64) -> (Option<f64>, f64) {
        let oracle = Oracle::new(f);
        let mut at = Point { x: x.to_vec(), value: 0.0, gradient: vec![0.0; x.len()] };
        at.value = oracle.value_grad(x, &mut at.gradient).unwrap();
        let mut next = at.clone();
        let found = follow(&oracle, &at, v, curvature, first, &mut next).unwrap();
        (found, next.value)
    }

    /// −y² + y⁴/4: the condition −y² + y⁴/4 ≤ −y²/10 is y² ≤ 3.6, and y = 2 gives 0.
    #[test]
    fn the_saddle_is_left_at_a_length_that_pays() {
        let f = samples::walled_saddle();
        assert_eq!(go(&f, &[0.0, 0.0], &[0.0, 1.0], -2.0, 1.0), (Some(1.0), -0.75));
        assert_eq!(go(&f, &[0.0, 0.0], &[0.0, 1.0], -2.0, 8.0), (Some(1.0), -0.75));
        assert_eq!(go(&f, &[0.0, 0.0], &[0.0, 1.0], -2.0, 0.5), (Some(1.0), -0.75));
        // From y = 0.5 downwards along (0, −1): the lower side is the other.
        assert_eq!(go(&f, &[0.0, 0.5], &[0.0, -1.0], -1.25, 1.0).0, Some(-1.0));
    }

    #[test]
    fn nothing_is_found_at_a_minimum() {
        let f = samples::diagonal(&[1.0, 2.0]);
        assert_eq!(go(&f, &[0.0, 0.0], &[0.0, 1.0], 0.0, 1.0).0, None);
    }
}
