//! The pictures of a race.

mod clock;
mod curves;
mod ledger;
mod plane;
mod profiles;
mod table;
mod tuning;

use thalweg_lab::Scalar;
use thalweg_lab::race::statistics::{Clusters, PairVerdict};
use thalweg_lab::race::{Expense, Runs, Standings};
use thalweg_report::model::{Cell, Column, Figure, Section, Table};

use super::Raced;
use super::config::RaceConfig;
use crate::error::Error;
use crate::session::Desk;
use crate::words::short;

/// What the pictures of one problem are made from.
pub struct Scene<'s, T: Scalar> {
    pub config: &'s RaceConfig,
    pub raced: &'s Raced<'s, T>,
    pub standings: &'s Standings,
    pub ends: &'s Clusters,
    pub runs: &'s [Runs<'s>],
}

impl<T: Scalar> Scene<'_, T> {
    /// The heading of a chapter: with the problem's name where there are several.
    fn title(&self, words: &str) -> String {
        match self.config.subjects.len() {
            1 => words.to_owned(),
            _ => format!("{}: {}", self.raced.name, words.to_lowercase()),
        }
    }
}

pub use profiles::profiles;

/// Curves in one figure: more than these, and settings that were only given make room for those that were found.
const CURVES: usize = 10;

/// Words that stay on one line.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// The chapters of one problem.
pub fn sections<T: Scalar>(desk: &Desk<'_, '_, T>, scene: &Scene<'_, T>) -> Result<Vec<Section>, Error> {
    let id = |name: &str| format!("race-{}-{name}", scene.raced.place + 1);
    let mut standings = Section::new(id("standings"), scene.title("Standings"))
        .lead(lead(scene))
        .figure(table::table(scene, id("table")))
        .figure(curves::curves(scene, Expense::Gradients, id("curves")))
        .figure(curves::passages(scene, Expense::Gradients, id("passages")));
    if let Some(figure) = comparisons(scene, id("comparisons")) {
        standings = standings.figure(figure);
    }
    if let Some(figure) = pairs(scene, id("wins")) {
        standings = standings.figure(figure);
    }
    if let Some(figure) = plane::plane(desk, scene, id("plane"))? {
        standings = standings.figure(figure);
    }
    if let Some(figure) = minima(scene, id("minima")) {
        standings = standings.figure(figure);
    }
    let mut sections = vec![standings];
    sections.extend(ledger::section(scene, id("ledger"), id("obstacles")));
    sections.push(clock::section(scene, id("clock")));
    sections.extend(tuning::section(scene, id("tuning"), [id("settings"), id("sensitivity")]));
    Ok(sections)
}

fn lead<T: Scalar>(scene: &Scene<'_, T>) -> String {
    let Standings { least, least_is_known, .. } = scene.standings;
    let known = if *least_is_known { "the known least value" } else { "the least value that any run found" };
    format!(
        "On {}. Every run may spend {} gradients; a value counts as {} of one and a curvature product as {}. The value at \
         the first start is {}, and {known} is {}.",
        scene.raced.name,
        short(scene.config.budget),
        short(scene.config.weights.value),
        short(scene.config.weights.product),
        short(scene.raced.start_value),
        short(*least),
    )
}

/// The variants that are drawn: all, or of each optimizer the better settings.
pub fn drawn<T: Scalar>(scene: &Scene<'_, T>) -> Vec<usize> {
    let variants = &scene.raced.variants;
    let all: Vec<usize> = (0..variants.len()).collect();
    if all.len() <= CURVES {
        return all;
    }
    all.into_iter()
        .filter(|&i| {
            variants[i].tuned.is_some()
                || !variants.iter().any(|v| v.tuned.is_some() && v.entrant == variants[i].entrant)
        })
        .collect()
}

fn comparisons<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Option<Figure> {
    let found = &scene.standings.comparisons;
    let best = &found.first()?.first;
    let place = |label: &str| scene.runs.iter().position(|runs| runs.label == label);
    let table = Table::new([
        Column::text("optimizer"),
        Column::text("ended lower : higher").note("Over the seeds that both have"),
        Column::number("seeds").note("That both have; a run that is the same from every seed has all"),
        Column::number("p").note("Wilcoxon's signed-rank test, two-sided, after Holm's correction"),
        Column::text("difference"),
    ]);
    let table = found.iter().fold(table, |table, comparison| {
        let wins = &scene.standings.wins;
        let counts = place(&comparison.second)
            .zip(place(best))
            .map(|(i, j)| format!("{} : {}", wins.lower[i][j], wins.lower[j][i]));
        table.row([
            Cell::from(comparison.second.clone()),
            Cell::from(counts),
            Cell::from(comparison.seeds),
            Cell::from(comparison.adjusted),
            Cell::from(match comparison.verdict {
                PairVerdict::NoDifferenceDetected => "none detected",
                PairVerdict::First => "ended higher",
                PairVerdict::Second => "ended lower",
            }),
        ])
    });
    Some(Figure::new(id, format!("Against {best}"), table).caption(format!(
        "Each row against {best}, which has the lowest median: values at the end, seed by seed, at a level of 5 % for \
         all tests together. *None detected* is not to say that there is none.",
    )))
}

/// How often which ended lower than which.
fn pairs<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Option<Figure> {
    let wins = &scene.standings.wins;
    let shown = drawn(scene);
    let most = wins.cases.iter().flatten().copied().max().unwrap_or(0);
    if most < 2 {
        return None;
    }
    // One row an optimizer is drawn where there are many: its name is enough above a column.
    let all = shown.len() == scene.runs.len();
    let name = |j: usize| match all {
        true => scene.runs[j].label,
        false => scene.config.entrants[scene.raced.variants[j].entrant].spec.name(),
    };
    let columns = shown.iter().map(|&j| Column::text(name(j)));
    let table = Table::new(std::iter::once(Column::text("")).chain(columns));
    let table = shown.iter().fold(table, |table, &i| {
        let cells = shown.iter().map(|&j| match wins.cases[i][j] {
            _ if i == j => Cell::Missing,
            0 => Cell::from("no seed in common"),
            cases if cases == most => Cell::from(format!("{} : {}", wins.lower[i][j], wins.lower[j][i])),
            cases => Cell::from(format!("{} : {} of {cases}", wins.lower[i][j], wins.lower[j][i])),
        });
        table.row(std::iter::once(Cell::from(scene.runs[i].label)).chain(cells))
    });
    Some(Figure::new(id, "Pair by pair", table).caption(
        format!(
            "Seeds in which the row ended lower than the column, and higher, of {most} that both have unless another \
             number is said. Those in which both ended alike, or both failed, count for neither."
        ),
    ))
}

fn minima<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Option<Figure> {
    let Clusters { of, representatives } = scene.ends;
    if representatives.is_empty() || representatives.len() > 40 {
        return None;
    }
    let all: Vec<_> = scene
        .raced
        .variants
        .iter()
        .flat_map(|variant| variant.runs.iter().map(move |run| (variant, run)))
        .collect();
    let table = Table::new([
        Column::number("value"),
        Column::text("what it is"),
        Column::number("runs").bar(),
        Column::text("who ended here"),
        Column::text("where"),
    ]);
    let table = representatives.iter().enumerate().fold(table, |table, (i, &best)| {
        let mut who: Vec<(&str, usize)> = Vec::new();
        for ((variant, _), _) in all.iter().zip(of).filter(|(_, of)| **of == Some(i)) {
            match who.last_mut() {
                Some((label, count)) if *label == variant.label => *count += 1,
                _ => who.push((&variant.label, 1)),
            }
        }
        let runs: usize = who.iter().map(|(_, count)| count).sum();
        let names: Vec<String> = who
            .iter()
            .map(
                |(label, count)| {
                    if *count == 1 { (*label).to_owned() } else { format!("{label} × {count}") }
                },
            )
            .collect();
        let judged = all[best].1.judged.as_ref();
        let place = judged.map_or(String::new(), |judged| {
            let x = &judged.kept.answer;
            let shown: Vec<String> = x.iter().take(4).map(|v| short(*v)).collect();
            format!("({}{})", shown.join(", "), if x.len() > 4 { ", …" } else { "" })
        });
        table.row([
            Cell::from(all[best].1.trial.value),
            Cell::from(judged.map_or("–".to_owned(), |judged| judged.words.clone())),
            Cell::from(runs),
            Cell::from(names.join(", ")),
            Cell::from(place),
        ])
    });
    Some(Figure::new(id, "Where the runs ended", table).caption(
        "Ends whose values and coordinates agree within 10^{-4} and 10^{-3} of their size are one row; the lowest \
         of them stands for all.",
    ))
}
