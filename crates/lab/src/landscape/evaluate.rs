//! Values at many points, with bounded memory.

use serde::Serialize;

use crate::{Oracle, Scalar, Stop};

/// Bytes of parameter vectors that are laid out at once.
pub const BLOCK_BYTES: usize = 32 << 20;

/// A value that is not a finite number, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NonFinite {
    /// Index among the values, row-major.
    pub index: usize,
    /// `NaN`, `inf` or `-inf`.
    pub found: String,
}

/// How many vectors of `n` coordinates are evaluated at once: 1 to 256, so that
/// a cancellation is heard in time.
/// It depends on the sizes alone, so that a resumed picture asks the same questions.
pub(crate) fn block_size<T>(n: usize) -> usize {
    (BLOCK_BYTES / (n * size_of::<T>()).max(1)).clamp(1, 256)
}

/// f(origin + Σⱼ cⱼ dⱼ) for each row c of `coordinates`, a block at a time.
pub(crate) fn values_along<T: Scalar, const D: usize>(
    oracle: &Oracle<'_, T>,
    origin: &[T],
    directions: [&[T]; D],
    coordinates: &[[f64; D]],
) -> Result<Vec<f64>, Stop> {
    let block = block_size::<T>(origin.len());
    let mut values = vec![0.0; coordinates.len()];
    for (coordinates, values) in coordinates.chunks(block).zip(values.chunks_mut(block)) {
        oracle.values_along(origin, &directions, coordinates.as_flattened(), values)?;
    }
    Ok(values)
}

/// The values that are not finite.
pub(crate) fn non_finite(values: &[f64]) -> Vec<NonFinite> {
    let found = values.iter().enumerate().filter(|(_, value)| !value.is_finite());
    found.map(|(index, value)| NonFinite { index, found: value.to_string() }).collect()
}
