//! The plane of a trajectory.

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::{
    Axis, Centering, Direction, TrajectoryPlane, TrajectoryPoint, random_walk_share,
};

use super::{Summary, chapter, evaluate};
use crate::args::Grid;
use crate::chapter::Chapter;
use crate::chapters::way::Path;
use crate::config::PlanePlan;
use crate::error::Error;
use crate::figures;
use crate::session::Desk;
use crate::words::percent;

/// A trajectory as its plane sees it.
#[derive(Serialize)]
pub struct Seen<'r> {
    /// Share of the variance along each principal component.
    pub explained: &'r [f64],
    /// The shares of a random walk of as many points, for comparison.
    pub random_walk: Vec<f64>,
    pub centering: Centering,
    pub points: &'r [TrajectoryPoint],
}

/// How much wider than the trajectory the picture is, on each side.
const MARGIN: f64 = 0.25;

/// Lays a plane through the trajectory, or takes the coordinate plane where there are two coordinates.
pub fn plane<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    path: &Path<T>,
    name: &str,
) -> Result<Chapter, Error> {
    if path.x.len() == 2 {
        return coordinates(desk, plan, path, name);
    }
    let found = TrajectoryPlane::new(desk.oracle, &path.rows(), Centering::Mean)?;
    let axes = axes(&found.points, plan.grid)?;
    let [first, second] = &found.directions;
    let plane = evaluate(desk, &found.origin, [first, second], axes)?;
    let m = found.points.len();
    let seen = Seen {
        explained: &found.explained,
        random_walk: (1..=found.explained.len().min(10)).map(|k| random_walk_share(k, m)).collect(),
        centering: found.centering,
        points: &found.points,
    };
    let figures = figures::planes::trajectory(name, &plane, &seen);
    let summary = Summary { name, plane: &plane, trajectory: Some(seen) };
    let mut chapter = chapter(&summary, figures)?;
    let share: f64 = found.explained.iter().take(2).sum();
    chapter.say("  variance in the plane", percent(share));
    for (k, direction) in found.directions.iter().enumerate() {
        let values = crate::chapters::way::values(&direction.vector);
        chapter.arrays.push(format!("direction_{}", k + 1), [direction.vector.len()], values)?;
    }
    Ok(chapter)
}

/// The picture of a function of two coordinates.
fn coordinates<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    path: &Path<T>,
    name: &str,
) -> Result<Chapter, Error> {
    let [zero, one] = [T::zero(), T::one()];
    let first = Direction::unit("x[0]", &[one, zero])?;
    let second = Direction::unit("x[1]", &[zero, one])?;
    let mut points = Vec::new();
    for (step, x) in &path.points {
        let mut loss = [0.0];
        desk.oracle.values(x, &mut loss)?;
        let (u, v) = (x[0].wide(), x[1].wide());
        points.push(TrajectoryPoint {
            step: *step,
            u,
            v,
            off_plane: 0.0,
            loss: loss[0],
            plane_loss: loss[0],
        });
    }
    let axes = axes(&points, plan.grid)?;
    let plane = evaluate(desk, &[zero, zero], [&first, &second], axes)?;
    let seen = Seen { explained: &[], random_walk: Vec::new(), centering: Centering::Last, points: &points };
    let figures = figures::planes::trajectory(name, &plane, &seen);
    chapter(&Summary { name, plane: &plane, trajectory: Some(seen) }, figures)
}

/// Axes that hold all points with room around them; neither is much shorter than the other.
fn axes(points: &[TrajectoryPoint], grid: Grid) -> Result<[Axis; 2], Error> {
    let (u, v) = (extent(points.iter().map(|p| p.u)), extent(points.iter().map(|p| p.v)));
    let longest = (u.1 - u.0).max(v.1 - v.0);
    let longest = if longest > 0.0 { longest } else { 1.0 };
    let axis = |(low, high): (f64, f64), count| {
        let margin = (MARGIN * (high - low)).max(0.5 * (0.5 * longest - (high - low)));
        Axis::new(low - margin, high + margin, count)
    };
    Ok([axis(u, grid.columns)?, axis(v, grid.rows)?])
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}
