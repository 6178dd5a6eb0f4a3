//! The straight line from the first point of the way to its last.

use thalweg_lab::Scalar;
use thalweg_lab::landscape::{Axis, interpolate};

use super::way::Path;
use crate::chapter::Chapter;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::short;

/// What the line takes.
pub fn cost(points: usize) -> Cost {
    Cost { along: points as u64 + 2, ..Cost::default() }
}

/// Evaluates the loss from α = −0.25 to 1.25.
pub fn line<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    first: &[T],
    path: &Path<T>,
    points: usize,
) -> Result<Chapter, Error> {
    let found = interpolate(desk.oracle, first, &path.x, Axis::new(-0.25, 1.25, points)?)?;
    let mut chapter = Chapter::new("interpolation");
    chapter.result("interpolation", &found)?;
    let words = match (found.monotone, found.largest_rise) {
        (Some(true), _) => "falls all the way".to_owned(),
        (Some(false), Some(rise)) => format!("largest rise {}", short(rise)),
        _ => "not finite everywhere".to_owned(),
    };
    chapter.say("straight line to it", format!("length {}, {words}", short(found.distance)));
    chapter.arrays.push("positions", [found.positions.len()], found.positions.clone())?;
    chapter.arrays.push("values", [found.values.len()], found.values.clone())?;
    chapter.sections.push(figures::line::section(&found, desk.what()));
    Ok(chapter)
}
