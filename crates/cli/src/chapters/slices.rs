//! The loss along lines through the point.

use thalweg_lab::landscape::{Axis, Slice, slice};
use thalweg_lab::{Counts, Scalar};

use super::direction::{self, Makings};
use crate::args::DirectionName;
use crate::chapter::Chapter;
use crate::config::SlicesPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::short;

/// One line, and the curvature along it where that is known.
pub struct Line {
    pub slice: Slice,
    pub eigenvalue: Option<f64>,
}

/// What the lines take.
pub fn cost(plan: &SlicesPlan) -> Cost {
    let along = (plan.directions.len() * (plan.points + 1)) as u64;
    Cost { along, ..Cost::of(Counts { gradients: 1, ..Counts::default() }) }
}

/// Evaluates the lines. In a survey a direction that vanishes at this point is
/// left out and noted; asked for by itself it is an error.
pub fn slices<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SlicesPlan,
    makings: &Makings<'_, T>,
    lenient: bool,
) -> Result<Chapter, Error> {
    let axis = Axis::symmetric(plan.range, plan.points)?;
    let mut chapter = Chapter::new("slices");
    let mut lines: Vec<Line> = Vec::new();
    for name in &plan.directions {
        let parsed: DirectionName = name.parse().map_err(Error::Usage)?;
        match direction::make(desk, parsed, makings) {
            Ok(made) => {
                let slice = slice(desk.oracle, makings.x, &made.direction, axis)?;
                lines.push(Line { slice, eigenvalue: made.eigenvalue });
            }
            Err(error) if lenient && direction::is_void(&error) => {
                chapter.notes.push(format!("No slice along {name}: {error}."));
            }
            Err(error) => return Err(error),
        }
    }
    let slices: Vec<&Slice> = lines.iter().map(|line| &line.slice).collect();
    chapter.result("slices", &slices)?;
    for (line, name) in lines.iter().zip(&plan.directions) {
        let low = line.slice.values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = line.slice.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !lenient {
            let range = format!("{} to {} around {}", short(low), short(high), short(line.slice.centre));
            chapter.say(format!("slice {name}"), range);
        }
    }
    for (i, line) in lines.iter().enumerate() {
        chapter.arrays.push(format!("slice_{i}"), [line.slice.values.len()], line.slice.values.clone())?;
    }
    if let Some(first) = lines.first() {
        let positions = first.slice.positions.clone();
        chapter.arrays.push("positions", [positions.len()], positions)?;
        chapter.sections.push(figures::slices::section(&lines, desk.what(), plan.normalization));
    }
    Ok(chapter)
}
