//! The straight line from each way's first point to its last.

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::{Axis, Interpolation, interpolate};
use thalweg_report::real;

use super::Side;
use crate::chapter::Chapter;
use crate::config::TrajectoryPlan;
use crate::error::Error;
use crate::figures;
use crate::session::Desk;
use crate::words::short;

/// What `results.json` says of a line.
#[derive(Serialize)]
pub struct Line<'s> {
    pub name: &'s str,
    positions: Vec<f64>,
    #[serde(with = "real::vec")]
    values: Vec<f64>,
    distance: f64,
    barrier: Option<f64>,
    barrier_at: Option<f64>,
    largest_rise: Option<f64>,
    monotone: Option<bool>,
    non_finite: usize,
    #[serde(skip)]
    pub found: Interpolation,
}

/// Evaluates each line from α = −0.25 to 1.25.
pub fn lines<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &TrajectoryPlan,
    sides: &[Side<'_, T>],
) -> Result<Chapter, Error> {
    let axis = Axis::new(-0.25, 1.25, plan.line)?;
    let mut chapter = Chapter::new("trajectory-lines");
    let mut lines: Vec<Line<'_>> = Vec::new();
    for side in sides {
        let [(_, first), .., (_, last)] = side.rows.as_slice() else { continue };
        let found = interpolate(desk.oracle, first, last, axis)?;
        let words = match (found.monotone, found.largest_rise) {
            (Some(true), _) => "falls all the way".to_owned(),
            (Some(false), Some(rise)) => format!("largest rise {}", short(rise)),
            _ => "not finite everywhere".to_owned(),
        };
        chapter.say(format!("straight line of {}", side.name), words);
        lines.push(Line::new(side.name, found));
    }
    chapter.result("trajectory_lines", &lines)?;
    chapter.sections.push(figures::trajectory::lines(&lines, desk.what()));
    Ok(chapter)
}

impl<'s> Line<'s> {
    fn new(name: &'s str, found: Interpolation) -> Self {
        Self {
            name,
            positions: found.positions.clone(),
            values: found.values.clone(),
            distance: found.distance,
            barrier: found.barrier,
            barrier_at: found.barrier_at,
            largest_rise: found.largest_rise,
            monotone: found.monotone,
            non_finite: found.non_finite.len(),
            found,
        }
    }
}
