//! What alignment changes on the straight way between two solutions.

use serde::Serialize;

use super::Nearness;
use crate::landscape::{Axis, Interpolation, interpolate};
use crate::{Oracle, Scalar, Stop};

/// The straight way from a to b, and how near they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Improvement {
    /// ‖a − b‖ and the cosine.
    pub nearness: Nearness,
    /// Values along the line, and the barrier.
    pub line: Interpolation,
}

/// The line from a to b with `points` values and its barrier.
///
/// # Errors
/// [`Stop`] from the oracle.
///
/// # Panics
/// If there are fewer than two points.
pub fn improvement<T: Scalar>(oracle: &Oracle<'_, T>, a: &[T], b: &[T], points: usize) -> Result<Improvement, Stop> {
    let axis = Axis::new(0.0, 1.0, points).expect("an axis from 0 to 1");
    Ok(Improvement { nearness: Nearness::of(a, b), line: interpolate(oracle, a, b, axis)? })
}
