//! The loss on planes: given by two directions, or by a trajectory.

mod trajectory;

use std::time::{Duration, Instant};

use serde::Serialize;
use thalweg_lab::landscape::{Axis, Direction, Plane, PlaneProgress, PlaneSpec};
use thalweg_lab::{Counts, Scalar, Stop};
use thalweg_report::model::Figure;

use super::direction::{self, Makings};
use super::way::Path;
use crate::args::{DirectionName, Grid};
use crate::chapter::Chapter;
use crate::config::PlanePlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::short;

pub use trajectory::{Seen, axes, landmarks};

/// How often finished rows are saved.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// What `results.json` says of a plane.
#[derive(Serialize)]
pub struct Summary<'r> {
    /// Under which name its arrays are kept.
    pub name: &'r str,
    #[serde(flatten)]
    pub plane: &'r Plane,
    /// The trajectory that it was laid through.
    pub trajectory: Option<Seen<'r>>,
}

/// What a plane takes, with so many points of a trajectory on it.
pub fn cost(plan: &PlanePlan, points: usize) -> Cost {
    let along = (plan.grid.columns * plan.grid.rows + 1 + points) as u64;
    Cost { along, ..Cost::of(Counts { values: points as u64, ..Counts::default() }) }
}

/// The name of a plane's stage and arrays: `plane-trajectory`, `plane-random-0-random-1`.
pub fn name(plan: &PlanePlan) -> String {
    format!("plane-{}", plan.directions.join("-").replace(':', "-"))
}

/// Evaluates a plane. In a survey one that cannot be spanned at this point is left out and noted.
pub fn plane<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    makings: &Makings<'_, T>,
    path: &Path<T>,
    lenient: bool,
) -> Result<Chapter, Error> {
    let name = name(plan);
    let made = match plan.directions.as_slice() {
        [way] if way == "trajectory" => trajectory::plane(desk, plan, makings, path, &name),
        [first, second] => between(desk, plan, makings, [first, second], &name),
        other => unreachable!("a plane has two directions, not {other:?}"),
    };
    match made {
        Err(error) if lenient && (direction::is_void(&error) || matches!(error, Error::Trajectory(_))) => {
            let mut chapter = Chapter::new(&name);
            chapter.notes.push(format!("No plane along {}: {error}.", plan.directions.join(" and ")));
            Ok(chapter)
        }
        made => made,
    }
}

fn between<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    makings: &Makings<'_, T>,
    names: [&String; 2],
    name: &str,
) -> Result<Chapter, Error> {
    let make = |text: &str| {
        let parsed: DirectionName = text.parse().map_err(Error::Usage)?;
        direction::make(desk, parsed, makings)
    };
    let [first, second] = [make(names[0])?, make(names[1])?];
    let Grid { columns, rows } = plan.grid;
    let axes = [Axis::symmetric(plan.range, columns)?, Axis::symmetric(plan.range, rows)?];
    let plane = evaluate(desk, makings.x, [&first.direction, &second.direction], axes)?;
    let summary = Summary { name, plane: &plane, trajectory: None };
    let eigenvalues = [first.eigenvalue, second.eigenvalue];
    chapter(
        plan,
        &summary,
        figures::planes::between(name, desk.what(), &plane, eigenvalues, plan.normalization),
    )
}

/// What every plane leaves behind.
fn chapter(plan: &PlanePlan, summary: &Summary<'_>, figures: Vec<Figure>) -> Result<Chapter, Error> {
    let plane = summary.plane;
    let mut chapter = Chapter::new(summary.name);
    chapter.result("planes", &[summary])?;
    let low = plane.values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = plane.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    chapter.say(
        format!("plane {}", plan.directions.join(" × ")),
        format!("{} to {} around {}", short(low), short(high), short(plane.centre)),
    );
    if !plane.non_finite.is_empty() {
        chapter.notes.push(format!(
            "{} of {} cells of the plane {} are not finite; they are shown as holes.",
            plane.non_finite.len(),
            plane.values.len(),
            summary.name
        ));
    }
    chapter.arrays.push("u", [plane.u.len()], plane.u.clone())?;
    chapter.arrays.push("v", [plane.v.len()], plane.v.clone())?;
    chapter.arrays.push("values", [plane.v.len(), plane.u.len()], plane.values.clone())?;
    chapter.sections.push(figures::planes::section(figures));
    Ok(chapter)
}

/// Evaluates the cells, saving finished rows now and then.
pub fn evaluate<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    origin: &[T],
    directions: [&Direction<T>; 2],
    axes: [Axis; 2],
) -> Result<Plane, Error> {
    let spec = PlaneSpec::new(origin, directions, axes)?;
    let unreadable = |error| desk.unreadable("cells", error);
    let mut progress = match desk.part("cells")? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(unreadable)?,
        None => PlaneProgress::default(),
    };
    // What was found is charged as if it had been evaluated here.
    let found = progress.values.len() as u64;
    let mut failure = None;
    let mut saved = Instant::now();
    let outcome = spec.advance(desk.oracle, &mut progress, &mut |progress| {
        if saved.elapsed() > SAVE_EVERY {
            saved = Instant::now();
            let text = serde_json::to_vec(progress).map_err(unreadable);
            if let Err(error) = text.and_then(|text| desk.save_part("cells", &text)) {
                failure = Some(error);
                return Err(Stop::Cancelled);
            }
        }
        Ok(())
    });
    if let Some(error) = failure {
        return Err(error);
    }
    if outcome == Err(Stop::Cancelled) {
        desk.save_part("cells", &serde_json::to_vec(&progress).map_err(unreadable)?)?;
    }
    let plane = outcome?;
    let mut counts = desk.oracle.counts();
    counts.values += found;
    desk.account(counts);
    Ok(plane)
}
