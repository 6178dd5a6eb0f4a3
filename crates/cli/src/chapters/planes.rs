//! The loss on planes: given by two directions, or by a trajectory.

mod look;
pub mod resume;
pub mod shape;
pub mod spread;
mod trajectory;

use serde::Serialize;
use thalweg_lab::landscape::{Axis, Direction, Plane, PlaneProgress, PlaneSpec, VertexKind};
use thalweg_lab::{Counts, Scalar};
use thalweg_report::model::Figure;

use super::direction::{self, Makings};
use super::reach;
use super::way::Path;
use crate::args::{DirectionName, Grid};
use crate::chapter::Chapter;
use crate::config::{PlanePlan, Reach};
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::{many, short};

use resume::{plus, resumable};

pub use look::{Look, NO_ERRORS};
pub use trajectory::{Seen, axes, landmarks};

/// What `results.json` says of a plane.
#[derive(Serialize)]
pub struct Summary<'r> {
    /// Under which name its arrays are kept.
    pub name: &'r str,
    /// Of several planes of random directions the how-manieth.
    pub replicate: usize,
    #[serde(flatten)]
    pub look: &'r Look,
    /// The trajectory that it was laid through.
    pub trajectory: Option<Seen<'r>>,
}

/// What a plane takes, with so many points of a trajectory on it.
pub fn cost(plan: &PlanePlan, points: usize) -> Cost {
    let cells = (plan.grid.columns * plan.grid.rows) as u64;
    let study = &plan.study;
    // A refined grid is mostly left as it is; a few of its cells are halved some times.
    let cells = if study.refine.is_some() { 3 * cells } else { cells };
    let follow = study.follow as u64;
    let map = study.map.map_or(0, |map| (map.grid.columns * map.grid.rows) as u64 * map.products);
    let counts = Counts {
        values: points as u64 + if study.errors { cells + 1 } else { 0 },
        gradients: follow * 5,
        products: follow * (shape::PRODUCTS + 10) + map,
    };
    Cost { along: cells + 1 + points as u64, ..Cost::of(counts) }
}

/// The name of a plane's stage and arrays: `plane-trajectory`, `plane-random-0-random-1`.
pub fn name(plan: &PlanePlan) -> String {
    format!("plane-{}", plan.directions.join("-").replace(':', "-"))
}

/// Evaluates a plane, which reaches as far as an earlier one where that is given. In a survey one that cannot be spanned at this point is left out and noted.
pub fn plane<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    makings: &Makings<'_, T>,
    path: &Path<T>,
    reach: Option<f64>,
    lenient: bool,
) -> Result<Chapter, Error> {
    let name = name(plan);
    let made = match plan.directions.as_slice() {
        [way] if way == "trajectory" => trajectory::plane(desk, plan, makings, path, &name),
        [first, second] => between(desk, plan, makings, [first, second], &name, reach),
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
    reach: Option<f64>,
) -> Result<Chapter, Error> {
    let make = |text: &str| {
        let parsed: DirectionName = text.parse().map_err(Error::Usage)?;
        direction::make(desk, parsed, makings)
    };
    let [first, second] = [make(names[0])?, make(names[1])?];
    let Grid { columns, rows } = plan.grid;
    let directions = [&first.direction, &second.direction];
    let reach = match reach {
        Some(reach) => reach,
        None => reach::resolve(desk, plan.range, makings.x, &directions)?,
    };
    let axes = [Axis::symmetric(reach, columns)?, Axis::symmetric(reach, rows)?];
    let look = look::look(desk, plan, makings.x, directions, axes)?;
    let summary = Summary { name, replicate: plan.study.replicate, look: &look, trajectory: None };
    let eigenvalues = [first.eigenvalue, second.eigenvalue];
    let figures = match plan.study.replicate {
        0 => figures::planes::between(name, desk.what(), &look, eigenvalues, plan.normalization),
        _ => Vec::new(),
    };
    let mut chapter = chapter(plan, &summary, figures)?;
    if !matches!(plan.range, Reach::Fixed(_)) {
        chapter.say("  reach", format!("{} ({})", short(reach), plan.range));
    }
    Ok(chapter)
}

/// What every plane leaves behind.
fn chapter(plan: &PlanePlan, summary: &Summary<'_>, figures: Vec<Figure>) -> Result<Chapter, Error> {
    let plane = &summary.look.plane;
    let mut chapter = Chapter::new(summary.name);
    chapter.notes.extend(summary.look.notes.iter().cloned());
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
    summary.look.keep(&mut chapter)?;
    let topology = &summary.look.topology;
    let kept = |kind| topology.points.iter().filter(|point| point.kind == kind).count();
    chapter.say(
        "  of the picture",
        format!(
            "{}, {}, from a persistence of {}",
            many(kept(VertexKind::Minimum), "minimum", "minima"),
            many(kept(VertexKind::Saddle), "saddle", "saddles"),
            short(topology.persistence)
        ),
    );
    if !figures.is_empty() {
        chapter.sections.push(figures::planes::section(figures));
    }
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
    let (plane, earlier) = resumable(desk, "cells", |progress: &mut PlaneProgress, observe| {
        spec.advance(desk.oracle, progress, observe)
    })?;
    desk.account(plus(desk.oracle.counts(), earlier));
    Ok(plane)
}
