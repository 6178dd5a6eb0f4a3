//! The way down, by either expense.

use thalweg_lab::Scalar;
use thalweg_lab::race::statistics::Steps;
use thalweg_lab::race::{Expense, Standings, band};
use thalweg_report::model::{Axis, Figure, Lines, Series, Stroke};

use super::{Scene, drawn};
use crate::words::short;

/// Points of a curve's band.
const POINTS: usize = 80;

/// Where an axis of expenses begins and ends, and what it is called.
struct Span {
    from: f64,
    to: f64,
    label: &'static str,
}

fn span<T: Scalar>(scene: &Scene<'_, T>, expense: Expense) -> Span {
    match expense {
        Expense::Gradients => {
            Span { from: 1.0, to: scene.config.budget.max(2.0), label: "gradients of the whole objective" }
        }
        Expense::Seconds => {
            let trials = || scene.runs.iter().flat_map(|runs| runs.trials);
            let longest = trials().map(|trial| trial.seconds).fold(0.0, f64::max);
            let to = if longest > 0.0 { longest } else { 1.0 };
            // The first point of the curves that is not the start, but no more than four powers of ten.
            let seconds = trials().flat_map(|trial| &trial.curve.seconds).copied().filter(|s| *s > 0.0);
            let from = seconds.fold(to, f64::min).max(1e-4 * to).min(0.5 * to);
            Span { from, to, label: "seconds of a run on one thread" }
        }
    }
}

/// The least value so far, over what was spent.
pub fn curves<T: Scalar>(scene: &Scene<'_, T>, expense: Expense, id: String) -> Figure {
    let Standings { least, .. } = *scene.standings;
    let Span { from, to, label } = span(scene, expense);
    let mut grid: Vec<f64> =
        (0..=POINTS).map(|i| from * (to / from).powf(i as f64 / POINTS as f64)).collect();
    grid.dedup();
    let lines =
        Lines::new(Axis::log(label), Axis::log(format!("least value so far, above {}", short(least))));
    let lines = drawn(scene).into_iter().fold(lines, |lines, i| {
        let runs = &scene.runs[i];
        let band = band(runs.trials, expense, &grid);
        // What is reached to the last digit stays on the logarithmic axis.
        let floor = 1e-16 * scene.raced.start_value.abs().max(least.abs()).max(f64::MIN_POSITIVE);
        let above = |value: f64| (value - least).max(floor);
        let series = Series::line(runs.label, grid.clone(), band.iter().map(|q| above(q.median)).collect());
        lines.with(match runs.trials.len() {
            1 => series,
            _ => series.spread(
                band.iter().map(|q| above(q.lower)).collect(),
                band.iter().map(|q| above(q.upper)).collect(),
            ),
        })
    });
    let title = match expense {
        Expense::Gradients => "The way down",
        Expense::Seconds => "The way down, by the clock",
    };
    Figure::new(id, title, lines).caption(
        "Median over the seeds of the least value so far; the band holds the middle half of the runs. A run that \
         ended early keeps its value.",
    )
}

/// The share of targets reached, over what was spent.
pub fn passages<T: Scalar>(scene: &Scene<'_, T>, expense: Expense, id: String) -> Figure {
    let Span { from, to, label } = span(scene, expense);
    let lines = Lines::new(Axis::log(label), Axis::linear("share of targets reached, over seeds"));
    let lines = drawn(scene).into_iter().fold(lines, |lines, i| {
        let runs = &scene.runs[i];
        let targets = &scene.standings.targets;
        let spent: Vec<f64> = runs
            .trials
            .iter()
            .flat_map(|trial| targets.iter().map(|t| trial.spent_on(expense, *t).unwrap_or(f64::INFINITY)))
            .collect();
        lines.with(steps(runs.label, &Steps::ecdf(&spent), from, to))
    });
    let precisions: Vec<String> = scene.config.precisions.iter().map(|p| format!("{p:e}")).collect();
    let title = match expense {
        Expense::Gradients => "Targets reached",
        Expense::Seconds => "Targets reached, by the clock",
    };
    Figure::new(id, title, lines).caption(format!(
        "Targets: within {} of the way from the start's value to the least.",
        precisions.join(", ")
    ))
}

/// A step function from one place to another.
pub fn steps(name: &str, steps: &Steps, from: f64, to: f64) -> Series {
    let mut x = vec![from];
    let mut y = vec![steps.at(from)];
    for (at, height) in steps.x.iter().zip(&steps.y).filter(|(at, _)| **at > from && **at <= to) {
        x.push(*at);
        y.push(*height);
    }
    if x.last().is_some_and(|last| *last < to) {
        y.push(*y.last().expect("it has a first point"));
        x.push(to);
    }
    Series::line(name, x, y).stroke(Stroke::Step)
}
