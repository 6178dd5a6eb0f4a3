//! One plane for the trajectories of several runs.

use serde::Serialize;

use super::principal;
use super::{Centering, TrajectoryError, TrajectoryPoint, check_points, measure, orient, project};
use crate::landscape::{Direction, Normalization};
use crate::{Oracle, Scalar};

/// The plane of the principal components of all points of several trajectories together.
/// Serialized without its vectors, which belong beside the results as arrays.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(bound = "")]
pub struct SharedPlane<T: Scalar> {
    /// The mean of all points, the origin of the coordinates.
    #[serde(skip)]
    pub origin: Vec<T>,
    /// Two orthonormal directions, with the signs of [`TrajectoryPlane`](super::TrajectoryPlane)'s.
    #[serde(skip)]
    pub directions: [Direction<T>; 2],
    /// Share of the variance of all points along each component, descending; sums to 1.
    pub explained: Vec<f64>,
    /// The trajectories as the plane sees them.
    pub runs: Vec<SharedRun>,
}

/// One of several trajectories on a plane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SharedRun {
    /// The share of its own variance, about its own mean, that lies in the plane; `None` if it does not move.
    ///
    /// Compare it with [`random_walk_share`](super::random_walk_share): what a walk of as many points has in
    /// the two directions that suit it best.
    pub within: Option<f64>,
    /// Its points, in order.
    pub points: Vec<TrajectoryPoint>,
}

/// Lays one plane through the points (step, θ) of several trajectories, with both losses of each.
///
/// With X the matrix of all m points and x̄ their mean, the directions are the first two right
/// singular vectors of X − 1x̄ᵀ, and the plane passes through x̄: of all planes this one
/// leaves the least Σᵢ ‖off-plane‖² over the points of all runs. A point counts once whatever its
/// run, so a run with more points, or one that goes farther, bends the plane towards itself.
/// No run's end need lie in it: see [`TrajectoryPoint::off_plane`] at each.
///
/// Cost: m²n multiplications, two values a point. Source: Li et al. 2018, §7.1, for several runs.
///
/// # Errors
/// Where fewer than 3 points, points of different lengths or ones that are not finite were given, where
/// they all lie on a line, and from the oracle.
pub fn shared_plane<T: Scalar>(
    oracle: &Oracle<'_, T>,
    runs: &[Vec<(u64, &[T])>],
) -> Result<SharedPlane<T>, TrajectoryError> {
    let rows: Vec<(u64, &[T])> = runs.iter().flatten().copied().collect();
    check_points(&rows, 3)?;
    let points: Vec<&[T]> = rows.iter().map(|(_, x)| *x).collect();
    let (vectors, explained) =
        principal::components(&points, Centering::Mean).ok_or(TrajectoryError::Line)?;
    let mut directions = [0, 1].map(|k| Direction {
        name: format!("principal component {}", k + 1),
        vector: vectors[k].iter().map(|&v| T::of(v)).collect(),
        normalization: Normalization::Unit,
    });
    let mean = mean_of(&points).ok_or(TrajectoryError::Points(0))?;
    let origin: Vec<T> = mean.iter().map(|&v| T::of(v)).collect();
    let mut seen: Vec<TrajectoryPoint> =
        rows.iter().map(|(step, x)| project(*step, x, &origin, &directions)).collect();
    orient(&mut directions, &mut seen);
    measure(oracle, &origin, &directions, &points, &mut seen)?;
    let mut seen = seen.into_iter();
    let runs = runs.iter().map(|run| {
        let points: Vec<TrajectoryPoint> = seen.by_ref().take(run.len()).collect();
        SharedRun { within: within(run, &points), points }
    });
    let runs = runs.collect();
    Ok(SharedPlane { origin, directions, explained, runs })
}

/// The share of a run's variance in the plane.
fn within<T: Scalar>(run: &[(u64, &[T])], seen: &[TrajectoryPoint]) -> Option<f64> {
    let points: Vec<&[T]> = run.iter().map(|(_, x)| *x).collect();
    let centre: Vec<f64> = mean_of(&points)?;
    let far = |x: &[T]| x.iter().zip(&centre).map(|(x, c)| (x.wide() - c).powi(2)).sum::<f64>();
    let all: f64 = points.iter().map(|x| far(x)).sum();
    let along = |of: fn(&TrajectoryPoint) -> f64| {
        let mean = seen.iter().map(of).sum::<f64>() / seen.len() as f64;
        seen.iter().map(|p| (of(p) - mean).powi(2)).sum::<f64>()
    };
    (all > 0.0).then(|| ((along(|p| p.u) + along(|p| p.v)) / all).min(1.0))
}

/// The mean of some points in f64; `None` of none.
fn mean_of<T: Scalar>(points: &[&[T]]) -> Option<Vec<f64>> {
    let mut sum = vec![0.0; points.first()?.len()];
    for x in points {
        sum.iter_mut().zip(*x).for_each(|(sum, x)| *sum += x.wide());
    }
    sum.iter_mut().for_each(|sum| *sum /= points.len() as f64);
    Some(sum)
}
