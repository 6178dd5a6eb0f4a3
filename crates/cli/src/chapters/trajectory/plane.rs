//! One plane for all ways, and how far off it each of their points is.

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::{
    Axis, Direction, Plane, SharedPlane, SharedRun, TrajectoryError, TrajectoryPoint, random_walk_share,
    shared_plane,
};
use thalweg_report::model::Landmark;

use super::Side;
use crate::chapter::Chapter;
use crate::chapters::planes::{axes, evaluate, landmarks};
use crate::chapters::way::values;
use crate::config::TrajectoryPlan;
use crate::error::Error;
use crate::figures;
use crate::session::Desk;
use crate::subject::Subject;
use crate::words::{counted, percent, short};

/// Points of a way that count for the plane, at most.
const POINTS: usize = 100;
/// Components whose null shares are given.
const COMPONENTS: usize = 10;

/// What `results.json` says of the plane.
#[derive(Serialize)]
pub struct Drawn<'s> {
    pub directions: [String; 2],
    /// Share of the variance of all points along each component; empty for a function of two coordinates.
    pub explained: Vec<f64>,
    /// The shares of a random walk of as many points, where there is one way.
    pub random_walk: Vec<f64>,
    pub lowest: Option<f64>,
    pub highest: Option<f64>,
    pub non_finite: usize,
    pub ways: Vec<Seen<'s>>,
    #[serde(skip)]
    pub plane: Plane,
    #[serde(skip)]
    pub known: Vec<Landmark>,
    /// Whether ways have more points than were taken.
    #[serde(skip)]
    pub thinned: bool,
}

/// A way on the plane.
#[derive(Serialize)]
pub struct Seen<'s> {
    pub name: &'s str,
    /// Share of its own variance in the plane.
    pub within: Option<f64>,
    /// What a random walk of as many points has in the plane that suits it best.
    pub random_walk: Option<f64>,
    pub farthest: f64,
    pub points: Vec<TrajectoryPoint>,
}

/// Lays the plane and evaluates it; where there is none, says so.
pub fn plane<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &TrajectoryPlan,
    subject: &Subject<T>,
    sides: &[Side<'_, T>],
) -> Result<Chapter, Error> {
    let mut chapter = Chapter::new("trajectory-plane");
    let n = subject.start.len();
    // Where no components are sought, no point is too many.
    let most = if n == 2 { usize::MAX } else { POINTS };
    let rows: Vec<Vec<(u64, &[T])>> = sides.iter().map(|side| thinned(side, most)).collect();
    let (laid, known) = match n {
        2 => (coordinates(desk, &rows)?, landmarks(subject)),
        _ => match shared_plane(desk.oracle, &rows) {
            Ok(found) => (found, Vec::new()),
            Err(TrajectoryError::Stopped(stop)) => return Err(stop.into()),
            Err(error) => {
                chapter.notes.push(format!("No plane: {error}."));
                return Ok(chapter);
            }
        },
    };
    let places = laid.runs.iter().flat_map(|run| &run.points).map(|p| [p.u, p.v]);
    let spans: [Axis; 2] = axes(places.chain(known.iter().map(|k| [k.x, k.y])), plan.grid)?;
    let [first, second] = &laid.directions;
    let plane = evaluate(desk, &laid.origin, [first, second], spans)?;
    let m: usize = rows.iter().map(Vec::len).sum();
    let components = laid.explained.len().min(COMPONENTS);
    let random_walk = match rows.len() {
        1 => (1..=components).map(|k| random_walk_share(k, m)).collect(),
        _ => Vec::new(),
    };
    let finite = || plane.values.iter().copied().filter(|v| v.is_finite());
    let seen = sides.iter().zip(laid.runs).map(|(side, run)| Seen {
        name: side.name,
        within: run.within,
        random_walk: best_of_walk(run.points.len()),
        farthest: run.points.iter().map(|p| p.off_plane).fold(0.0, f64::max),
        points: run.points,
    });
    let drawn = Drawn {
        directions: plane.directions.clone(),
        explained: laid.explained,
        random_walk,
        lowest: finite().min_by(f64::total_cmp),
        highest: finite().max_by(f64::total_cmp),
        non_finite: plane.non_finite.len(),
        ways: seen.collect(),
        known,
        thinned: rows.iter().zip(sides).any(|(rows, side)| rows.len() < side.rows.len()),
        plane,
    };
    say(&mut chapter, &drawn);
    chapter.result("trajectory_plane", &drawn)?;
    let Plane { u, v, values: cells, .. } = &drawn.plane;
    chapter.arrays.push("u", [u.len()], u.clone())?;
    chapter.arrays.push("v", [v.len()], v.clone())?;
    chapter.arrays.push("values", [v.len(), u.len()], cells.clone())?;
    chapter.arrays.push("origin", [n], values(&laid.origin))?;
    for (k, direction) in laid.directions.iter().enumerate() {
        chapter.arrays.push(format!("direction_{}", k + 1), [n], values(&direction.vector))?;
    }
    chapter.sections.push(figures::trajectory::plane::section(&drawn, desk.what()));
    Ok(chapter)
}

/// The plane of a function of two coordinates.
fn coordinates<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    rows: &[Vec<(u64, &[T])>],
) -> Result<SharedPlane<T>, Error> {
    let [zero, one] = [T::zero(), T::one()];
    let directions = [Direction::unit("x[0]", &[one, zero])?, Direction::unit("x[1]", &[zero, one])?];
    let mut runs = Vec::new();
    for way in rows {
        let mut points = Vec::new();
        for (step, x) in way {
            let mut loss = [0.0];
            desk.oracle.values(x, &mut loss)?;
            let (u, v) = (x[0].wide(), x[1].wide());
            let [loss] = loss;
            points.push(TrajectoryPoint { step: *step, u, v, off_plane: 0.0, loss, plane_loss: loss });
        }
        runs.push(SharedRun { within: Some(1.0), points });
    }
    Ok(SharedPlane { origin: vec![zero; 2], directions, explained: Vec::new(), runs })
}

/// The first two shares of a random walk of m points.
fn best_of_walk(m: usize) -> Option<f64> {
    (m > 2).then(|| (random_walk_share(1, m) + random_walk_share(2, m)).min(1.0))
}

/// Points spread evenly over a way, the first and the last among them.
fn thinned<'s, T: Scalar>(side: &Side<'s, T>, most: usize) -> Vec<(u64, &'s [T])> {
    let m = side.rows.len();
    let count = m.min(most);
    (0..count).map(|i| side.rows[(i * (m - 1) + (count - 1) / 2) / (count - 1).max(1)]).collect()
}

fn say(chapter: &mut Chapter, drawn: &Drawn<'_>) {
    if drawn.explained.is_empty() {
        return;
    }
    let share: f64 = drawn.explained.iter().take(2).sum();
    let walk: f64 = drawn.random_walk.iter().take(2).sum();
    let null = if walk > 0.0 { format!("; a random walk has {}", percent(walk)) } else { String::new() };
    chapter.say("variance in the plane", format!("{}{null}", percent(share)));
    for way in &drawn.ways {
        let own = way.within.map(|share| format!(", {} of its own variance in it", percent(share)));
        let words = format!("at most {} off the plane{}", short(way.farthest), own.unwrap_or_default());
        chapter.say(format!("  {}", way.name), words);
    }
    if drawn.non_finite > 0 {
        let cells = counted(drawn.plane.values.len() as u64, "cell");
        chapter
            .notes
            .push(format!("{} of {cells} of the plane are not finite; they are holes.", drawn.non_finite));
    }
}
