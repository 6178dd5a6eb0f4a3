//! How settings were found.

use thalweg_lab::Scalar;
use thalweg_lab::race::Tuned;
use thalweg_report::model::{Axis, Cell, Column, Figure, Lines, Section, Series, Stroke, Table};

use super::Scene;
use crate::words::counted;

/// What the search for settings found, and how much hangs on the learning rate.
pub fn section<T: Scalar>(
    scene: &Scene<'_, T>,
    id: String,
    [settings, sensitivity]: [String; 2],
) -> Option<Section> {
    let tuned: Vec<(&str, &Tuned, f64)> = scene
        .raced
        .variants
        .iter()
        .filter_map(|v| {
            Some((scene.config.entrants[v.entrant].spec.name(), v.tuned.as_ref()?, v.tuning_cost))
        })
        .collect();
    if tuned.is_empty() {
        return None;
    }
    let table = Table::new([
        Column::text("optimizer"),
        Column::text("settings found"),
        Column::number("score").note("Median over the tuning seeds of the value at the end"),
        Column::number("score of the given settings"),
        Column::text("on the edge")
            .note("Parameters whose best value lies in the outermost 5 % of the range searched"),
        Column::number("cost of the search").unit("gradients"),
    ]);
    let table = tuned.iter().fold(table, |table, (name, tuned, cost)| {
        table.row([
            Cell::from(*name),
            Cell::from(tuned.spec.to_string()),
            Cell::from(tuned.score),
            Cell::from(tuned.candidates.first().map(|candidate| candidate.score)),
            Cell::from(match tuned.edges.is_empty() {
                true => "no".to_owned(),
                false => tuned.edges.join(", "),
            }),
            Cell::from(*cost),
        ])
    });
    let lines =
        Lines::new(Axis::log("learning rate"), Axis::log("value at the end, median over the tuning seeds"));
    let lines = tuned.iter().fold(lines, |lines, (name, tuned, _)| {
        let mut points: Vec<(f64, f64)> = tuned
            .candidates
            .iter()
            .filter_map(|candidate| Some((candidate.spec.learning_rate()?, candidate.score)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|a, b| a.0 == b.0);
        let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        match x.is_empty() {
            true => lines,
            false => lines.with(Series::line(*name, x, y).stroke(Stroke::Dotted)),
        }
    });
    let trials = scene.config.trials;
    let section = Section::new(id, scene.title("How settings were found"))
        .lead(format!(
            "The same for each optimizer: {} from its declared space, quasi-random with the given ones first, each \
             run from {} that are not reported; the lowest median value at the end wins.",
            counted(trials as u64, "setting"),
            counted(scene.config.tuning_seeds, "seed"),
        ))
        .figure(Figure::new(settings, "Settings found", table).caption(
            "Best values on the edge of their range say that the range was too small, and that the tuned row is \
             unfair to that optimizer.",
        ));
    Some(match lines.series.is_empty() {
        true => section,
        false => section.figure(Figure::new(sensitivity, "How much hangs on the learning rate", lines).caption(
            "Every setting that was tried, by its learning rate alone: other parameters vary from point to point. \
             Gaps are runs that blew up.",
        )),
    })
}
