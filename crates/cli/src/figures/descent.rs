//! Curves of a way down.

use thalweg_lab::optim::Outcome;
use thalweg_report::model::{Axis, Figure, Lines, Section, Series, Stroke};

use crate::chapters::descent::{Left, Passed};
use crate::config::DescentPlan;
use crate::words::counted;

/// The chapter on the descent.
pub fn section(passed: &[Passed], outcome: &Outcome, plan: &DescentPlan, left: &[Left]) -> Section {
    let method = match plan.optimizer.name() {
        "gd" => "Gradient descent with backtracking".to_owned(),
        _ => format!("By {}", plan.optimizer),
    };
    let escapes = match left.len() {
        0 => String::new(),
        count => format!(" {} followed on the way.", counted(count as u64, "escape direction")),
    };
    let lead =
        format!("{method}. After {}: {}.{escapes}", counted(outcome.iterations, "iteration"), outcome.ending);
    let x = || passed.iter().map(|p| p.iteration as f64).collect::<Vec<f64>>();
    let lines = Lines::new(Axis::linear("iteration"), Axis::linear("value"))
        .with(Series::line("value", x(), passed.iter().map(|p| p.loss).collect()).stroke(Stroke::Dotted))
        .right(Axis::log("‖∇f‖"))
        .with(Series::line("gradient norm", x(), passed.iter().map(|p| p.grad_norm).collect()).right());
    let lines = left.iter().fold(lines, |lines, escape| {
        lines.mark_x(escape.iteration as f64, format!("left a {}", escape.kind))
    });
    let figure = Figure::new("descent", "Value and gradient", lines).caption(
        "Exact up to rounding. A vanishing gradient says that the descent has ended, not that it ended at a \
         minimum: that is for the verdict to say.",
    );
    Section::new("training", "The way here").lead(lead).figure(figure)
}
