//! The straight line from the first point to the last.

use thalweg_lab::landscape::Interpolation;
use thalweg_report::model::{Axis, Figure, Lines, Section, Series};

use crate::words::short;

/// The part on the straight line of the chapter on the landscape.
pub fn section(found: &Interpolation, what: &str) -> Section {
    let lines = Lines::new(Axis::linear("α"), Axis::linear(what))
        .with(Series::line(format!("{what} on the line"), found.positions.clone(), found.values.clone()))
        .mark_x(0.0, "start")
        .mark_x(1.0, "end");
    let words = match (found.monotone, found.largest_rise, found.barrier) {
        (Some(true), ..) => "It falls all the way from start to end.".to_owned(),
        (Some(false), Some(rise), Some(barrier)) => format!(
            "It does not fall all the way: its largest rise is {}, and it reaches {} above the straight line \
             between the ends.",
            short(rise),
            short(barrier)
        ),
        _ => "It is not finite everywhere between them.".to_owned(),
    };
    let caption = format!(
        "The {what} at (1 − α) start + α end (Goodfellow et al. 2015), {} positions over a length of {}. {words} \
         Bumps narrower than the spacing are not seen, and the way here did not take this line.",
        found.positions.len(),
        short(found.distance)
    );
    let figure = Figure::new("interpolation", "The straight line from start to end", lines).caption(caption);
    Section::new("landscape", "The landscape around it").figure(figure)
}
