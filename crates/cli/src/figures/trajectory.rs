//! Ways beside each other: their plane, their lines, their steps, and the Hessian along them.

pub mod course;
pub mod curvature;
pub mod plane;

use thalweg_report::model::{Axis, Figure, Lines, Section, Series};

use crate::chapters::trajectory::Line;
use crate::words::short;

/// The chapter on the ways, as yet without figures.
fn chapter() -> Section {
    Section::new("trajectory", "The way")
}

/// The straight lines from the first points to the last.
pub fn lines(lines: &[Line<'_>], what: &str) -> Section {
    let drawn = Lines::new(Axis::linear("α"), Axis::linear(what)).mark_x(0.0, "start").mark_x(1.0, "end");
    let drawn = lines.iter().fold(drawn, |drawn, line| {
        drawn.with(Series::line(line.name, line.found.positions.clone(), line.found.values.clone()))
    });
    let words: Vec<String> = lines.iter().map(|line| said(line)).collect();
    let count = lines.first().map_or(0, |line| line.found.positions.len());
    let caption = format!(
        "The {what} at (1 − α) start + α end (Goodfellow et al. 2015), at {count} positions. {} Bumps narrower than \
         the spacing are not seen. A line that falls all the way is what a convex function has, and what many \
         networks have too; no way here took its line, and it says nothing of what lies beside it.",
        words.join(" ")
    );
    chapter().figure(
        Figure::new("trajectory-lines", "The straight line from start to end", drawn).caption(caption),
    )
}

fn said(line: &Line<'_>) -> String {
    let name = line.name;
    match (line.found.monotone, line.found.largest_rise) {
        (Some(true), _) => {
            format!("*{name}* falls all the way, over a length of {}.", short(line.found.distance))
        }
        (Some(false), Some(rise)) => {
            format!(
                "*{name}* rises by {} at most, over a length of {}.",
                short(rise),
                short(line.found.distance)
            )
        }
        _ => format!("*{name}* is not finite everywhere on its line."),
    }
}
