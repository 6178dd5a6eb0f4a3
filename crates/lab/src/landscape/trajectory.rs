//! The plane of a trajectory's principal components, and how far off it the trajectory is.

mod deviation;
mod principal;
mod shared;
mod steps;

use serde::{Deserialize, Serialize};

use super::direction::{Direction, Normalization};
use super::evaluate::values_along;
use crate::vector::{displaced, dot, norm};
use crate::{Oracle, Scalar, Stop};

pub use deviation::{Deviation, DeviationPoint, deviation};
pub use principal::random_walk_share;
pub use shared::{SharedPlane, SharedRun, shared_plane};
pub use steps::{Steps, steps};

/// What the variance of a trajectory is measured from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Centering {
    /// The mean of the points, as principal component analysis is defined and as the
    /// program of Li et al. does it (`sklearn`'s `PCA`). The plane is laid
    /// through the last point all the same, so it may pass the others by.
    #[default]
    Mean,
    /// The last point: the singular vectors of [θ₀ − θₙ; …; θₙ₋₁ − θₙ] as
    /// the matrix stands in the paper. Of all planes through θₙ this one leaves the
    /// least distance, Σᵢ ‖off-plane‖².
    Last,
}

/// A plane through the last point of a trajectory, along its two principal directions.
/// Serialized without its vectors, which belong beside the results as arrays.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(bound = "")]
pub struct TrajectoryPlane<T: Scalar> {
    /// θₙ, the origin of the coordinates.
    #[serde(skip)]
    pub origin: Vec<T>,
    /// Two orthonormal directions; along both the trajectory begins on the negative
    /// side or, if it begins at 0 there, has its farthest point on the positive side.
    pub directions: [Direction<T>; 2],
    /// Share of the variance along each component, all of them, descending; sums to 1.
    pub explained: Vec<f64>,
    /// What the variance is measured from.
    pub centering: Centering,
    /// The points of the trajectory, in order.
    pub points: Vec<TrajectoryPoint>,
}

/// A point of a trajectory, seen from its plane.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrajectoryPoint {
    /// After how many steps.
    pub step: u64,
    /// Coordinate along the first direction.
    pub u: f64,
    /// Coordinate along the second.
    pub v: f64,
    /// Distance from the plane.
    pub off_plane: f64,
    /// f at the point itself.
    pub loss: f64,
    /// f at its projection on the plane: what a picture of the plane shows there.
    pub plane_loss: f64,
}

/// Why a trajectory has no plane.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrajectoryError {
    /// Too few points for a plane.
    #[error("a trajectory's plane needs 3 points or more; found {0}")]
    Points(usize),
    /// Too few points for anything.
    #[error("a trajectory needs 2 points or more; found {0}")]
    Few(usize),
    /// Points of different lengths.
    #[error("the point of step {step} has {found} coordinates; the last one has {expected}")]
    Dimension {
        /// Where.
        step: u64,
        /// n.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A point that is not finite.
    #[error("the point of step {step} is not finite")]
    NonFinite {
        /// Where.
        step: u64,
    },
    /// The points lie on a line, or are all the same.
    #[error("the trajectory lies on a line within rounding: it spans no plane")]
    Line,
    /// The solution is where the trajectory begins.
    #[error("the trajectory ends where it began: there is no line between its ends")]
    Still,
    /// The oracle stopped.
    #[error(transparent)]
    Stopped(#[from] Stop),
}

impl<T: Scalar> TrajectoryPlane<T> {
    /// Finds the plane of a trajectory's points (step, θ) and both losses of each.
    ///
    /// With D the matrix of differences θᵢ − θₙ, the principal components come from
    /// the eigenvectors of the small matrix D Dᵀ, doubly centred for
    /// [`Centering::Mean`]; component k is along Dᵀ(centred) sₖ.
    ///
    /// A smooth curve in such a plane proves nothing: a pure random walk in many
    /// dimensions has 61 % and 15 % of its variance along its first two
    /// components, and its projections are cosines ([`random_walk_share`];
    /// Antognini & Sohl-Dickstein 2018). Compare `explained` with that.
    ///
    /// Cost: m²n multiplications for m points, two values a point. Source: Li et
    /// al. 2018, §7.1, to which the distances and the losses are added.
    pub fn new(
        oracle: &Oracle<'_, T>,
        trajectory: &[(u64, &[T])],
        centering: Centering,
    ) -> Result<Self, TrajectoryError> {
        check_points(trajectory, 3)?;
        let points: Vec<&[T]> = trajectory.iter().map(|(_, x)| *x).collect();
        let origin = points[points.len() - 1].to_vec();
        let (vectors, explained) = principal::components(&points, centering).ok_or(TrajectoryError::Line)?;
        let mut directions = [0, 1].map(|k| Direction {
            name: format!("principal component {}", k + 1),
            vector: vectors[k].iter().map(|&v| T::of(v)).collect(),
            normalization: Normalization::Unit,
        });
        let mut seen: Vec<TrajectoryPoint> =
            trajectory.iter().map(|(step, x)| project(*step, x, &origin, &directions)).collect();
        orient(&mut directions, &mut seen);
        measure(oracle, &origin, &directions, &points, &mut seen)?;
        Ok(Self { origin, directions, explained, centering, points: seen })
    }

    /// The point of the plane with these coordinates.
    pub fn at(&self, u: f64, v: f64) -> Vec<T> {
        let mut x = vec![T::zero(); self.origin.len()];
        let [first, second] = &self.directions;
        displaced(&self.origin, &[(u, &first.vector), (v, &second.vector)], &mut x);
        x
    }
}

/// Whether there are enough points, of one length and finite.
fn check_points<T: Scalar>(trajectory: &[(u64, &[T])], least: usize) -> Result<(), TrajectoryError> {
    let expected = match trajectory.last() {
        Some((_, last)) if trajectory.len() >= least => last.len(),
        _ if least > 2 => return Err(TrajectoryError::Points(trajectory.len())),
        _ => return Err(TrajectoryError::Few(trajectory.len())),
    };
    for &(step, x) in trajectory {
        if x.len() != expected {
            return Err(TrajectoryError::Dimension { step, expected, found: x.len() });
        }
        if !x.iter().all(|v| v.is_finite()) {
            return Err(TrajectoryError::NonFinite { step });
        }
    }
    Ok(())
}

/// Coordinates and distance of a point by least squares in the two directions
/// as they are, rounded, so that they fit the plane that is drawn.
fn project<T: Scalar>(step: u64, x: &[T], origin: &[T], directions: &[Direction<T>; 2]) -> TrajectoryPoint {
    let difference: Vec<f64> = x.iter().zip(origin).map(|(x, o)| x.wide() - o.wide()).collect();
    let wide = |d: &Direction<T>| d.vector.iter().map(|v| v.wide()).collect::<Vec<_>>();
    let [a, b] = [wide(&directions[0]), wide(&directions[1])];
    let (aa, ab, bb) = (dot(&a, &a), dot(&a, &b), dot(&b, &b));
    let (ax, bx) = (dot(&a, &difference), dot(&b, &difference));
    let determinant = aa * bb - ab * ab;
    let (u, v) = ((bb * ax - ab * bx) / determinant, (aa * bx - ab * ax) / determinant);
    let rest: Vec<f64> = (0..a.len()).map(|i| difference[i] - u * a[i] - v * b[i]).collect();
    TrajectoryPoint { step, u, v, off_plane: norm(&rest), loss: f64::NAN, plane_loss: f64::NAN }
}

/// Evaluates f at the points and at their projections.
fn measure<T: Scalar>(
    oracle: &Oracle<'_, T>,
    origin: &[T],
    directions: &[Direction<T>; 2],
    points: &[&[T]],
    seen: &mut [TrajectoryPoint],
) -> Result<(), TrajectoryError> {
    let coordinates: Vec<[f64; 2]> = seen.iter().map(|p| [p.u, p.v]).collect();
    let vectors = [&directions[0].vector[..], &directions[1].vector[..]];
    let on_plane = values_along(oracle, origin, vectors, &coordinates)?;
    for (point, (x, plane_loss)) in seen.iter_mut().zip(points.iter().zip(on_plane)) {
        let mut loss = [0.0];
        oracle.values(x, &mut loss)?;
        point.loss = loss[0];
        point.plane_loss = plane_loss;
    }
    Ok(())
}

/// Settles the signs, which principal components leave open.
fn orient<T: Scalar>(directions: &mut [Direction<T>; 2], points: &mut [TrajectoryPoint]) {
    for (k, direction) in directions.iter_mut().enumerate() {
        let along = |p: &TrajectoryPoint| if k == 0 { p.u } else { p.v };
        let farthest =
            points.iter().map(along).fold(0.0f64, |far, c| if c.abs() > far.abs() { c } else { far });
        let first = along(&points[0]);
        let flip = if first.abs() > 1e-9 * farthest.abs() { first > 0.0 } else { farthest < 0.0 };
        if flip {
            direction.vector.iter_mut().for_each(|v| *v = -*v);
            for p in points.iter_mut() {
                let c = if k == 0 { &mut p.u } else { &mut p.v };
                *c = 0.0 - *c;
            }
        }
    }
}

#[cfg(test)]
mod tests;
