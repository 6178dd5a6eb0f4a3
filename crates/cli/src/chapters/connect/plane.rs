//! The plane that shows the paths: through three points, or the coordinates of a function of two.

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::{Axis, Direction, Plane, corners};
use thalweg_report::model::{Glyph, Landmark, TrajectoryPoint};

use super::Drawn;
use crate::args::PathKind;
use crate::chapter::Chapter;
use crate::chapters::planes;
use crate::config::ConnectPlan;
use crate::error::Error;
use crate::session::Desk;
use crate::subject::{Solution, Subject};

/// Paths that are all drawn; of more, the lowest of each pair.
const FEW: usize = 4;
/// Points of a path that are drawn.
const DRAWN: usize = 60;

/// What `results.json` says of the plane.
#[derive(Serialize)]
struct Shown<'r> {
    name: &'r str,
    #[serde(flatten)]
    plane: &'r Plane,
}

/// A plane with what lies on it.
pub struct Picture {
    pub plane: Plane,
    pub title: String,
    pub caption: String,
    pub landmarks: Vec<Landmark>,
    /// The paths' shadows, with how far off the plane they are.
    pub paths: Vec<(String, Vec<TrajectoryPoint>)>,
}

/// The plane through three solutions; through two of them and the middle of a curve between them; or the
/// whole of a function of two coordinates. `None` where no plane is spanned.
pub fn plane<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &ConnectPlan,
    subject: &Subject<T>,
    solutions: &[Solution<T>],
    drawn: &[Drawn<T>],
    chapter: &mut Chapter,
) -> Result<Option<Picture>, Error> {
    let n = subject.start.len();
    let Some(frame) = frame(n, solutions, drawn)? else { return Ok(None) };
    let [u, v] = &frame.directions;
    let place = |x: &[T]| {
        let offset: Vec<f64> = x.iter().zip(&frame.origin).map(|(x, o)| x.wide() - o.wide()).collect();
        let along = |d: &Direction<T>| d.vector.iter().zip(&offset).map(|(d, x)| d.wide() * x).sum::<f64>();
        let (a, b) = (along(u), along(v));
        let square: f64 = offset.iter().map(|x| x * x).sum();
        ([a, b], (square - a * a - b * b).max(0.0).sqrt())
    };
    let mut landmarks = Vec::new();
    for solution in frame.shown.iter().map(|&i| &solutions[i]) {
        let ([x, y], _) = place(&solution.x);
        landmarks.push(Landmark { label: solution.label.clone(), kind: Glyph::Place, x, y });
    }
    let mut paths = Vec::new();
    for Drawn { pair, curve, path } in drawn.iter().filter(|d| drawn.len() <= FEW || is_lowest(d, drawn)) {
        // The straight line is seen without being drawn, and the aligned copy lies elsewhere.
        let undrawn = path.path == PathKind::Aligned || (path.path == PathKind::Line && n > 2);
        if undrawn || !pair.iter().all(|end| frame.shown.contains(end)) {
            continue;
        }
        let name = match solutions.len() {
            2 => path.path.words().to_owned(),
            _ => format!("{}, {} to {}", path.path.words(), path.ends[0], path.ends[1]),
        };
        let samples = &path.profile.samples;
        let stride = samples.len().div_ceil(DRAWN).max(1);
        let points = samples.iter().step_by(stride).chain(samples.last());
        let points = points.map(|sample| {
            let ([x, y], distance) = place(&curve.at(sample.t));
            let distance = if distance > 1e-6 * path.distance { distance } else { 0.0 };
            TrajectoryPoint { step: sample.t, x, y, loss: sample.value, plane_loss: f64::NAN, distance }
        });
        paths.push((name, points.collect::<Vec<_>>()));
    }
    let shown =
        landmarks.iter().map(|l| [l.x, l.y]).chain(paths.iter().flat_map(|(_, p)| p).map(|p| [p.x, p.y]));
    let axes: [Axis; 2] = planes::axes(shown, plan.grid)?;
    let plane = planes::evaluate(desk, &frame.origin, [u, v], axes)?;
    for (_, points) in &mut paths {
        points.iter_mut().for_each(|point| point.plane_loss = at(&plane, point.x, point.y));
    }
    chapter.result("planes", &[Shown { name: "connections", plane: &plane }])?;
    chapter.arrays.push("u", [plane.u.len()], plane.u.clone())?;
    chapter.arrays.push("v", [plane.v.len()], plane.v.clone())?;
    chapter.arrays.push("values", [plane.v.len(), plane.u.len()], plane.values.clone())?;
    if n > 2 {
        for (k, direction) in frame.directions.iter().enumerate() {
            let vector = crate::chapters::way::values(&direction.vector);
            chapter.arrays.push(format!("direction_{}", k + 1), [n], vector)?;
        }
    }
    Ok(Some(Picture { plane, title: frame.title, caption: frame.caption, landmarks, paths }))
}

/// Whether no other path between the same solutions has a lower highest point.
fn is_lowest<T: Scalar>(one: &Drawn<T>, drawn: &[Drawn<T>]) -> bool {
    let height = |d: &Drawn<T>| d.path.profile.highest.map_or(f64::INFINITY, |peak| peak.height);
    let others = drawn.iter().filter(|d| d.pair == one.pair);
    let lowest = others.min_by(|a, b| height(a).total_cmp(&height(b)));
    lowest.is_some_and(|lowest| std::ptr::eq(lowest, one))
}

/// What spans the plane.
struct Frame<T: Scalar> {
    origin: Vec<T>,
    directions: [Direction<T>; 2],
    /// The solutions that are drawn.
    shown: Vec<usize>,
    title: String,
    caption: String,
}

fn frame<T: Scalar>(
    n: usize,
    solutions: &[Solution<T>],
    drawn: &[Drawn<T>],
) -> Result<Option<Frame<T>>, Error> {
    if n == 2 {
        let [zero, one] = [T::zero(), T::one()];
        return Ok(Some(Frame {
            origin: vec![zero; 2],
            directions: [Direction::unit("x[0]", &[one, zero])?, Direction::unit("x[1]", &[zero, one])?],
            shown: (0..solutions.len()).collect(),
            title: "The function and the paths".into(),
            caption: "The whole function: it has two coordinates, so the paths lie in the picture.".into(),
        }));
    }
    let (points, shown, title, caption) = if solutions.len() >= 3 {
        let points = [0, 1, 2].map(|i| solutions[i].x.clone());
        let names: Vec<&str> = solutions.iter().take(3).map(|s| s.label.as_str()).collect();
        let title = format!("The plane through {}, {} and {}", names[0], names[1], names[2]);
        let caption = "The plane through three solutions (Garipov et al. 2018): distances in it are those of \
                       the space. Paths leave the plane; what is drawn is their shadow, and each point's own loss \
                       and its distance stand beside it on hovering.";
        (points, vec![0, 1, 2], title, caption)
    } else {
        let bent = drawn.iter().filter(|d| d.path.path > PathKind::Aligned);
        let Some(best) = bent.min_by_key(|d| d.path.path) else { return Ok(None) };
        let [a, b] = best.pair;
        let points = [solutions[a].x.clone(), solutions[b].x.clone(), best.curve.at(0.5)];
        let title = format!("The plane through both solutions and the {}", best.path.path.words());
        let caption = "Orthonormal coordinates: distances in the plane are those of the space. A quadratic Bézier \
                       curve lies in the plane of its three points; other paths leave it: what is drawn is their \
                       shadow, and each point's own loss and its distance stand beside it on hovering.";
        (points, vec![a, b], title, caption)
    };
    let [a, b, c] = &points;
    match corners([a, b, c], ["u", "v"]) {
        Ok(found) => Ok(Some(Frame {
            origin: a.clone(),
            directions: found.directions,
            shown,
            title,
            caption: caption.to_owned(),
        })),
        // A curve that stays straight spans no plane.
        Err(_) => Ok(None),
    }
}

/// The value of the nearest cell.
fn at(plane: &Plane, x: f64, y: f64) -> f64 {
    let nearest = |axis: &[f64], at: f64| {
        let far = |i: &usize| (axis[*i] - at).abs();
        (0..axis.len()).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(0)
    };
    plane.values[nearest(&plane.v, y) * plane.u.len() + nearest(&plane.u, x)]
}
