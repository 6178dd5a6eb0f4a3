//! The steps between the points of a trajectory: how long, and which way.

use serde::Serialize;

use super::{TrajectoryError, check_points};
use crate::Scalar;
use crate::vector::{dot, norm};

/// The differences dᵢ = θᵢ₊₁ − θᵢ of a trajectory's m points.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Steps {
    /// ‖dᵢ‖ (m − 1).
    pub lengths: Vec<f64>,
    /// ⟨dᵢ, dᵢ₊₁⟩ / (‖dᵢ‖ ‖dᵢ₊₁‖) (m − 2); `None` where one of them is 0.
    pub cosines: Vec<Option<f64>>,
    /// Σᵢ ‖dᵢ‖. The points are all that is known: between them the way may have been longer.
    pub path_length: f64,
    /// ‖θₘ − θ₁‖.
    pub displacement: f64,
}

impl Steps {
    /// Displacement over path length: 1 for a straight line; `None` where nothing moved.
    ///
    /// A random walk of k equal steps in many dimensions has about 1/√k.
    pub fn straightness(&self) -> Option<f64> {
        (self.path_length > 0.0).then(|| self.displacement / self.path_length)
    }
}

/// Measures the steps of a trajectory.
///
/// In n dimensions the cosine of two independent random directions has mean 0 and standard deviation
/// 1/√n: a cosine well above that is drift, one well below is the bouncing between the walls of
/// a valley (Xing, Arpit, Tsirigotis & Bengio 2018, *A walk with SGD*, figures 1 and 2, there for single
/// steps). Steps between points that are far apart average over both.
///
/// Cost: O(mn) operations, no values.
///
/// # Errors
/// Where fewer than 2 points, or points that are not finite or of different lengths were given.
///
/// ```
/// let corner = [[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]];
/// let points: Vec<(u64, &[f64])> = corner.iter().zip(0..).map(|(x, step)| (step, &x[..])).collect();
/// let found = thalweg_lab::landscape::steps(&points)?;
/// assert_eq!((found.path_length, found.displacement), (7.0, 5.0));
/// assert_eq!(found.cosines, [Some(0.0)]);
/// # Ok::<(), thalweg_lab::landscape::TrajectoryError>(())
/// ```
pub fn steps<T: Scalar>(trajectory: &[(u64, &[T])]) -> Result<Steps, TrajectoryError> {
    check_points(trajectory, 2)?;
    let mut lengths: Vec<f64> = Vec::new();
    let mut cosines = Vec::new();
    let mut last: Vec<f64> = Vec::new();
    for pair in trajectory.windows(2) {
        let step = difference(pair[1].1, pair[0].1);
        let length = norm(&step);
        if let Some(before) = lengths.last() {
            let product = before * length;
            cosines.push((product > 0.0).then(|| (dot(&last, &step) / product).clamp(-1.0, 1.0)));
        }
        lengths.push(length);
        last = step;
    }
    let ends = difference(trajectory[trajectory.len() - 1].1, trajectory[0].1);
    Ok(Steps { path_length: lengths.iter().sum(), displacement: norm(&ends), lengths, cosines })
}

/// a − b in f64.
pub(super) fn difference<T: Scalar>(a: &[T], b: &[T]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a.wide() - b.wide()).collect()
}
