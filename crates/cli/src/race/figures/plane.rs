//! All runs on one plane.

use thalweg_lab::landscape::{Axis, Centering, Direction, TrajectoryPlane};
use thalweg_lab::{Oracle, Scalar};
use thalweg_report::model::{Figure, Surface, TrajectoryPoint};

use super::{Scene, drawn};
use crate::args::Grid;
use crate::chapters::planes::{axes, evaluate, landmarks};
use crate::error::Error;
use crate::session::Desk;
use crate::words::percent;

/// Cells along each side.
const SIDE: usize = 51;

/// The first run of each row on a plane that they share: the coordinates' where there are two, else
/// that of the principal components of all their points.
pub fn plane<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    scene: &Scene<'_, T>,
    id: String,
) -> Result<Option<Figure>, Error> {
    let n = scene.raced.subject.start.len();
    let shown = drawn(scene);
    let ways: Vec<(&str, Vec<(f64, Vec<T>)>)> = shown
        .iter()
        .filter_map(|&i| {
            let variant = &scene.raced.variants[i];
            let run = variant.runs.first()?;
            let kept = &run.judged.as_ref()?.kept;
            let points: Vec<(f64, Vec<T>)> = kept
                .places
                .iter()
                .zip(&kept.path)
                .map(|(&k, x)| (run.trial.curve.cost[k], x.iter().map(|v| T::of(*v)).collect::<Vec<T>>()))
                .filter(|(_, x)| x.iter().all(|v| v.is_finite()))
                .collect();
            (points.len() > 1).then_some((variant.label.as_str(), points))
        })
        .collect();
    if n < 2 || ways.is_empty() {
        return Ok(None);
    }
    let observer = Oracle::new(desk.oracle.objective());
    let rows: Vec<(u64, &[T])> = ways
        .iter()
        .flat_map(|(_, points)| points)
        .enumerate()
        .map(|(k, (_, x))| (k as u64, &x[..]))
        .collect();
    let grid = Grid { columns: SIDE, rows: SIDE };
    let (origin, directions, places, caption, labels) = if n == 2 {
        let [zero, one] = [T::zero(), T::one()];
        let directions = [Direction::unit("x[0]", &[one, zero])?, Direction::unit("x[1]", &[zero, one])?];
        let mut places = Vec::new();
        for (_, x) in &rows {
            let value = value(&observer, x)?;
            places.push([x[0].wide(), x[1].wide(), value, value, 0.0]);
        }
        let caption = "The whole function, with the first run of each row of the standings.".to_owned();
        (vec![zero; 2], directions, places, caption, ["x[0]".to_owned(), "x[1]".to_owned()])
    } else {
        let found = match TrajectoryPlane::new(&observer, &rows, Centering::Mean) {
            Ok(found) => found,
            // Ways that lie on a line span no plane.
            Err(_) => return Ok(None),
        };
        let places = found.points.iter().map(|p| [p.u, p.v, p.loss, p.plane_loss, p.off_plane]).collect();
        let share: f64 = found.explained.iter().take(2).sum();
        let caption = format!(
            "The first run of each row of the standings, on the plane of the two principal components of all their \
             points together, which hold {} of the variance. A point's true value and its distance off the plane \
             stand beside the plane's value on hovering.",
            percent(share)
        );
        let label = |k: usize| match found.explained.get(k) {
            Some(share) => format!("principal component {} ({})", k + 1, percent(*share)),
            None => format!("principal component {}", k + 1),
        };
        let labels = [label(0), label(1)];
        let [first, second] = found.directions;
        (found.origin, [first, second], places, caption, labels)
    };
    let marks = if n == 2 { landmarks(scene.raced.subject) } else { Vec::new() };
    let corners = places.iter().map(|p| [p[0], p[1]]).chain(marks.iter().map(|m| [m.x, m.y]));
    let spans: [Axis; 2] = axes(corners, grid)?;
    let [first, second] = &directions;
    let plane = evaluate(desk, &origin, [first, second], spans)?;
    let [x, y] = labels;
    let mut surface = Surface::new(desk.what(), x, y, plane.u.clone(), plane.v.clone(), plane.values.clone());
    surface.landmarks = marks;
    let mut places = places.into_iter();
    for (label, points) in &ways {
        let drawn =
            points.iter().zip(places.by_ref()).map(|((cost, _), [x, y, loss, plane_loss, distance])| {
                TrajectoryPoint { step: *cost, x, y, loss, plane_loss, distance }
            });
        surface = surface.trajectory(*label, drawn.collect());
    }
    Ok(Some(Figure::new(id, "All on one plane", surface).caption(caption)))
}

fn value<T: Scalar>(observer: &Oracle<'_, T>, x: &[T]) -> Result<f64, Error> {
    let mut value = [0.0];
    observer.values(x, &mut value)?;
    Ok(value[0])
}
