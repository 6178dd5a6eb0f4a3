//! The plane of a trajectory.

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::{
    Axis, Centering, Direction, TrajectoryPlane, TrajectoryPoint, random_walk_share,
};
use thalweg_lab::problem::analytic::{Known, Nature};
use thalweg_report::model::{Glyph, Landmark};

use super::{Summary, chapter, look};
use crate::args::Grid;
use crate::chapter::Chapter;
use crate::chapters::direction::Makings;
use crate::chapters::way::Path;
use crate::config::PlanePlan;
use crate::error::Error;
use crate::figures;
use crate::session::Desk;
use crate::subject::Subject;
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
const MARGIN: f64 = 0.3;
/// The shorter side of the picture, at least, as a share of the trajectory's longer side.
const SQUARENESS: f64 = 0.9;

/// Lays a plane through the trajectory, or takes the coordinate plane where there are two coordinates.
pub fn plane<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    makings: &Makings<'_, T>,
    path: &Path<T>,
    name: &str,
) -> Result<Chapter, Error> {
    if path.x.len() == 2 {
        return coordinates(desk, plan, makings, path, name);
    }
    let found = TrajectoryPlane::new(desk.oracle, &path.rows(), Centering::Mean)?;
    let axes = axes(found.points.iter().map(|p| [p.u, p.v]), plan.grid)?;
    let [first, second] = &found.directions;
    let look = look::look(desk, plan, &found.origin, [first, second], axes)?;
    let m = found.points.len();
    let seen = Seen {
        explained: &found.explained,
        random_walk: (1..=found.explained.len().min(10)).map(|k| random_walk_share(k, m)).collect(),
        centering: found.centering,
        points: &found.points,
    };
    let figures = figures::planes::trajectory(name, desk.what(), &look, &seen, &[]);
    let summary = Summary { name, replicate: 0, look: &look, trajectory: Some(seen) };
    let mut chapter = chapter(plan, &summary, figures)?;
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
    makings: &Makings<'_, T>,
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
    let known: Vec<Landmark> = makings.known.iter().map(landmark).collect();
    let shown = points.iter().map(|p| [p.u, p.v]).chain(known.iter().map(|k| [k.x, k.y]));
    let axes = axes(shown, plan.grid)?;
    let mut look = look::look(desk, plan, &[zero, zero], [&first, &second], axes)?;
    // The coordinates begin at 0; the point is where the way ends.
    look.plane.centre = points.last().map_or(look.plane.centre, |last| last.loss);
    let seen = Seen { explained: &[], random_walk: Vec::new(), centering: Centering::Last, points: &points };
    let figures = figures::planes::trajectory(name, desk.what(), &look, &seen, &known);
    chapter(plan, &Summary { name, replicate: 0, look: &look, trajectory: Some(seen) }, figures)
}

/// Axes that hold all points with room around them; neither is much shorter than the other.
pub fn axes(points: impl Iterator<Item = [f64; 2]>, grid: Grid) -> Result<[Axis; 2], Error> {
    let points: Vec<[f64; 2]> = points.collect();
    let (u, v) = (extent(points.iter().map(|p| p[0])), extent(points.iter().map(|p| p[1])));
    let longest = (u.1 - u.0).max(v.1 - v.0);
    let longest = if longest > 0.0 { longest } else { 1.0 };
    let axis = |(low, high): (f64, f64), count| {
        let margin = (MARGIN * (high - low)).max(0.5 * (SQUARENESS * longest - (high - low)));
        Axis::new(low - margin, high + margin, count)
    };
    Ok([axis(u, grid.columns)?, axis(v, grid.rows)?])
}

/// The critical points that are known of a subject of two coordinates.
pub fn landmarks<T: Scalar>(subject: &Subject<T>) -> Vec<Landmark> {
    subject.problem.known().iter().map(landmark).collect()
}

/// A critical point that is known of a function.
fn landmark(known: &Known) -> Landmark {
    let label = match known.nature() {
        Nature::Minimum => "minimum",
        Nature::Saddle => "saddle",
        Nature::Maximum => "maximum",
        Nature::Degenerate => "degenerate point",
    };
    Landmark { label: label.to_owned(), kind: Glyph::Place, x: known.x[0], y: known.x[1] }
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}
