//! The loss along lines through the point.

use serde::Serialize;
use thalweg_lab::landscape::{Axis, Errors, ErrorsProgress, Slice, errors, refined_slice, slice};
use thalweg_lab::{Counts, Scalar};

use super::direction::{self, Made, Makings};
use super::planes::NO_ERRORS;
use super::reach;
use crate::args::DirectionName;
use crate::chapter::Chapter;
use crate::config::{Reach, SlicesPlan};
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::short;

/// One line, and the curvature along it where that is known.
#[derive(Serialize)]
pub struct Line {
    #[serde(flatten)]
    pub slice: Slice,
    /// λ of an eigenvector.
    pub eigenvalue: Option<f64>,
    /// Standard errors over the examples.
    pub errors: Option<Errors>,
    /// Where points were added between those asked for.
    pub refinement: Option<Refined>,
}

/// How far straight pieces between the points of a line may be trusted.
#[derive(Serialize)]
pub struct Refined {
    pub tolerance: f64,
    /// The largest error of interpolation that was let be.
    pub error: f64,
    /// The largest at the finest level, where that is beyond the tolerance.
    pub unresolved_error: f64,
    /// Values taken.
    pub evaluated: usize,
}

/// How much lines along random directions differ.
#[derive(Serialize)]
pub struct Spread {
    /// How many there are.
    pub lines: usize,
    pub positions: Vec<f64>,
    pub mean: Vec<f64>,
    /// Standard deviation over the directions.
    pub standard_deviation: Vec<f64>,
    pub lowest: Vec<f64>,
    pub highest: Vec<f64>,
}

/// What the lines take.
pub fn cost(plan: &SlicesPlan) -> Cost {
    let points = if plan.refine.is_some() { 2 * plan.points } else { plan.points };
    let along = (plan.directions.len() * (points + 1)) as u64;
    let values = if plan.errors { along } else { 0 };
    Cost { along, ..Cost::of(Counts { gradients: 1, values, ..Counts::default() }) }
}

/// Evaluates the lines. In a survey a direction that vanishes at this point is
/// left out and noted; asked for by itself it is an error.
pub fn slices<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SlicesPlan,
    makings: &Makings<'_, T>,
    lenient: bool,
) -> Result<Chapter, Error> {
    let mut chapter = Chapter::new("slices");
    let mut made: Vec<Made<T>> = Vec::new();
    for name in &plan.directions {
        let parsed: DirectionName = name.parse().map_err(Error::Usage)?;
        match direction::make(desk, parsed, makings) {
            Ok(one) => made.push(one),
            Err(error) if lenient && direction::is_void(&error) => {
                chapter.notes.push(format!("No slice along {name}: {error}."));
            }
            Err(error) => return Err(error),
        }
    }
    let directions: Vec<_> = made.iter().map(|made| &made.direction).collect();
    let reach = reach::resolve(desk, plan.range, makings.x, &directions)?;
    if !matches!(plan.range, Reach::Fixed(_)) {
        chapter.say("reach", format!("{} ({})", short(reach), plan.range));
    }
    let axis = Axis::symmetric(reach, plan.points)?;
    let lines: Vec<Line> =
        made.iter().map(|made| line(desk, plan, makings.x, made, axis)).collect::<Result<_, _>>()?;
    chapter.result("slices", &lines)?;
    if !lenient {
        for line in &lines {
            let low = line.slice.values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = line.slice.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let range = format!("{} to {} around {}", short(low), short(high), short(line.slice.centre));
            chapter.say(format!("slice {}", line.slice.direction), range);
        }
    }
    if plan.errors && lines.iter().any(|line| line.errors.is_none()) {
        chapter.notes.push(NO_ERRORS.to_owned());
    }
    for (i, line) in lines.iter().enumerate() {
        let slice = &line.slice;
        let shape = [slice.values.len()];
        chapter.arrays.push(format!("positions_{i}"), shape, slice.positions.clone())?;
        chapter.arrays.push(format!("slice_{i}"), shape, slice.values.clone())?;
        if let Some(errors) = &line.errors {
            chapter.arrays.push(format!("errors_own_{i}"), shape, errors.own.clone())?;
            chapter.arrays.push(format!("errors_paired_{i}"), shape, errors.paired.clone())?;
        }
    }
    let spread = spread(&lines);
    if let Some(spread) = &spread {
        chapter.result("slice_seeds", spread)?;
    }
    if !lines.is_empty() {
        let section = figures::slices::section(&lines, spread.as_ref(), desk.what(), plan.normalization);
        chapter.sections.push(section);
    }
    Ok(chapter)
}

fn line<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SlicesPlan,
    x: &[T],
    made: &Made<T>,
    axis: Axis,
) -> Result<Line, Error> {
    let direction = &made.direction;
    let (slice, refinement) = match &plan.refine {
        None => (slice(desk.oracle, x, direction, axis)?, None),
        Some(options) => {
            let (slice, [error, unresolved_error]) = refined_slice(desk.oracle, x, direction, axis, options)?;
            let (tolerance, evaluated) = (options.tolerance, slice.values.len());
            (slice, Some(Refined { tolerance, error, unresolved_error, evaluated }))
        }
    };
    let errors = match plan.errors {
        false => None,
        true => {
            let places: Vec<[f64; 1]> = slice.positions.iter().map(|&t| [t]).collect();
            let mut progress = ErrorsProgress::default();
            errors(desk.oracle, x, [&direction.vector], &places, &mut progress, &mut |_| Ok(()))?
        }
    };
    Ok(Line { slice, eigenvalue: made.eigenvalue, errors, refinement })
}

/// Over lines along random directions, where there are several at the same positions.
fn spread(lines: &[Line]) -> Option<Spread> {
    let random: Vec<&Slice> =
        lines.iter().map(|line| &line.slice).filter(|s| s.direction.starts_with("random")).collect();
    let positions = random.first()?.positions.clone();
    if random.len() < 4 || random.iter().any(|slice| slice.positions != positions) {
        return None;
    }
    let count = random.len() as f64;
    let over = |i: usize| random.iter().map(move |slice| slice.values[i]);
    let points = 0..positions.len();
    let mean: Vec<f64> = points.clone().map(|i| over(i).sum::<f64>() / count).collect();
    let deviation = |i: usize| (over(i).map(|v| (v - mean[i]).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    Some(Spread {
        lines: random.len(),
        standard_deviation: points.clone().map(deviation).collect(),
        lowest: points.clone().map(|i| over(i).fold(f64::INFINITY, f64::min)).collect(),
        highest: points.map(|i| over(i).fold(f64::NEG_INFINITY, f64::max)).collect(),
        mean,
        positions,
    })
}
