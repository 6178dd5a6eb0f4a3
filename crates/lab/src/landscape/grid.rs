//! The points of an axis.

use serde::{Deserialize, Serialize};

/// `count` ≥ 2 equally spaced numbers from `min` to `max`, both ends exactly among them.
///
/// Number i is ((count − 1 − i) min + i max) / (count − 1): symmetric limits give
/// exactly opposite numbers, and an odd count exactly 0 in the middle.
///
/// ```
/// use thalweg_lab::landscape::Axis;
/// let axis = Axis::new(-1.0, 1.0, 5)?;
/// assert_eq!(axis.points(), [-1.0, -0.5, 0.0, 0.5, 1.0]);
/// assert!(Axis::new(0.0, 1.0, 0).is_err());
/// # Ok::<(), thalweg_lab::landscape::GridError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    min: f64,
    max: f64,
    count: usize,
}

/// Why there is no such grid.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GridError {
    /// Fewer than two points.
    #[error("an axis needs 2 points or more; found {0}")]
    Count(usize),
    /// Limits that are not finite or not in order.
    #[error("an axis needs finite limits, the lower one first; found {min} and {max}")]
    Range {
        /// The lower limit.
        min: f64,
        /// The upper limit.
        max: f64,
    },
}

impl Axis {
    /// Checks the limits and the count.
    pub fn new(min: f64, max: f64, count: usize) -> Result<Self, GridError> {
        if count < 2 {
            return Err(GridError::Count(count));
        }
        if !((max - min).is_finite() && max > min) {
            return Err(GridError::Range { min, max });
        }
        Ok(Self { min, max, count })
    }

    /// From −radius to radius.
    pub fn symmetric(radius: f64, count: usize) -> Result<Self, GridError> {
        Self::new(-radius, radius, count)
    }

    /// The lower limit.
    pub fn min(&self) -> f64 {
        self.min
    }

    /// The upper limit.
    pub fn max(&self) -> f64 {
        self.max
    }

    /// How many points; never fewer than 2.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Point i.
    pub fn point(&self, i: usize) -> f64 {
        let last = self.count - 1;
        let share = |weight: usize| weight as f64 / last as f64;
        match i {
            0 => self.min,
            _ if i == last => self.max,
            _ => share(last - i) * self.min + share(i) * self.max,
        }
    }

    /// All points in order.
    pub fn points(&self) -> Vec<f64> {
        (0..self.count).map(|i| self.point(i)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn impossible_axes_are_refused() {
        for count in [0, 1] {
            assert_eq!(Axis::new(0.0, 1.0, count), Err(GridError::Count(count)));
        }
        for (min, max) in
            [(1.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (-f64::MAX, f64::MAX)]
        {
            assert!(matches!(Axis::new(min, max, 3), Err(GridError::Range { .. })), "{min} {max}");
        }
    }

    proptest! {
        #[test]
        fn points_rise_from_end_to_end(min in -1e6..1e6f64, width in 1e-3..1e6f64, count in 2..200usize) {
            let axis = Axis::new(min, min + width, count).unwrap();
            let points = axis.points();
            prop_assert!(points.windows(2).all(|w| w[0] < w[1]));
            prop_assert_eq!((points[0], points[count - 1]), (min, min + width));
        }

        #[test]
        fn symmetric_axes_are_symmetric(radius in 1e-3..1e6f64, count in 2..200usize) {
            let points = Axis::symmetric(radius, count).unwrap().points();
            prop_assert!(points.iter().zip(points.iter().rev()).all(|(a, b)| *a == -*b));
        }
    }
}
