//! A trajectory seen from the straight line between its beginning and a solution.

use serde::Serialize;

use super::steps::difference;
use super::{TrajectoryError, check_points};
use crate::Scalar;
use crate::vector::{dot, norm};

/// A trajectory by its projection on the line to a solution, and what is left of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deviation {
    /// ‖θ* − θ₀‖, the unit of the rest.
    pub distance: f64,
    /// The points, in order.
    pub points: Vec<DeviationPoint>,
}

/// A point of a trajectory, seen from the line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DeviationPoint {
    /// After how many steps.
    pub step: u64,
    /// a = ⟨θ − θ₀, θ* − θ₀⟩ / ‖θ* − θ₀‖²: 0 at the beginning, 1 at the solution.
    pub along: f64,
    /// b = ‖θ − θ₀ − a (θ* − θ₀)‖ / ‖θ* − θ₀‖, the distance from the line.
    pub aside: f64,
}

impl Deviation {
    /// The greatest distance from the line, in units of its length.
    pub fn largest(&self) -> f64 {
        self.points.iter().map(|point| point.aside).fold(0.0, f64::max)
    }
}

/// Projects a trajectory on the straight line from its first point to a solution θ*.
///
/// The picture of b against a is figure 3 and 4 of Goodfellow, Vinyals & Saxe, *Qualitatively characterizing
/// neural network optimization problems* (ICLR 2015), here in units of the line's length. A curve proves
/// little by itself: compare it with that of a random walk, which is a semicircle
/// ([`random_walk_deviation`](super::super::random_walk_deviation)), and with those of descent on a
/// quadratic, whose axes and rates alone decide it ([`quadratic_descent`](super::super::quadratic_descent)).
///
/// Cost: O(mn) operations, no values.
///
/// # Errors
/// Where fewer than 2 points, points that are not finite or of another length than θ* were given, or θ* is the
/// first of them.
pub fn deviation<T: Scalar>(
    trajectory: &[(u64, &[T])],
    solution: &[T],
) -> Result<Deviation, TrajectoryError> {
    check_points(trajectory, 2)?;
    let (step, start) = trajectory[0];
    if solution.len() != start.len() {
        let (expected, found) = (solution.len(), start.len());
        return Err(TrajectoryError::Dimension { step, expected, found });
    }
    let line = difference(solution, start);
    let distance = norm(&line);
    if !(distance.is_finite() && distance > 0.0) {
        return Err(TrajectoryError::Still);
    }
    let unit: Vec<f64> = line.iter().map(|v| v / distance).collect();
    let points = trajectory.iter().map(|&(step, x)| {
        let way = difference(x, start);
        let along = dot(&way, &unit);
        let rest: Vec<f64> = way.iter().zip(&unit).map(|(w, u)| w - along * u).collect();
        DeviationPoint { step, along: along / distance, aside: norm(&rest) / distance }
    });
    Ok(Deviation { distance, points: points.collect() })
}
