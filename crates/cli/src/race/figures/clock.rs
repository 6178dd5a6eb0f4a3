//! What the clock says.

use thalweg_lab::Scalar;
use thalweg_lab::race::Expense;
use thalweg_lab::race::statistics::quantile;
use thalweg_report::model::{Cell, Column, Figure, Section, Table};

use super::Scene;
use super::curves::{curves, passages};
use crate::race::Variant;
use crate::race::jobs::Done;
use crate::words::short;

/// Everything that was measured in seconds, apart from what can be measured again.
pub fn section<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Section {
    let measured = scene.raced.measured;
    let lead = format!(
        "Seconds on this machine, of each run on one thread beside others. They differ from one run of this race to \
         the next: they are in `timings.json`, and no part of `results.json`, which does not. What the referee, \
         verdicts and the ledger took is not counted, nor what programs took to be compiled. Before the race a value \
         took {} and a product {} of a gradient's time; the race counts them as {} and {}.",
        short(measured.value),
        short(measured.product),
        short(scene.config.weights.value),
        short(scene.config.weights.product),
    );
    Section::new(id.clone(), scene.title("By the clock"))
        .lead(lead)
        .figure(table(scene, format!("{id}-table")))
        .figure(curves(scene, Expense::Seconds, format!("{id}-curves")))
        .figure(passages(scene, Expense::Seconds, format!("{id}-passages")).half())
}

fn table<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Figure {
    let table = Table::new([
        Column::text("optimizer"),
        Column::number("a run").unit("s").note("Median over the seeds"),
        Column::number("a step").unit("µs").note("Median over the seeds"),
        Column::number("a gradient").unit("µs").note(
            "What a run took over what it spent in gradients of the whole objective, median over the seeds: two \
             optimizers that differ here are not told apart by gradients alone",
        ),
        Column::number("steps").note("Median over the seeds"),
    ]);
    let table = scene.raced.variants.iter().fold(table, |table, variant| {
        let per = |units: fn(&Done) -> f64| {
            median(variant, move |run| 1e6 * run.trial.seconds / units(run).max(1e-9))
        };
        table.row([
            Cell::from(variant.label.clone()),
            Cell::from(median(variant, |run| run.trial.seconds)),
            Cell::from(per(|run| run.trial.steps as f64)),
            Cell::from(per(|run| run.trial.cost)),
            Cell::from(median(variant, |run| run.trial.steps as f64)),
        ])
    });
    Figure::new(id, "Seconds", table)
}

fn median(variant: &Variant, number: impl Fn(&Done) -> f64) -> f64 {
    quantile(&variant.runs.iter().map(number).collect::<Vec<_>>(), 0.5)
}
