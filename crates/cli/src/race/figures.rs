//! The pictures of a race.

mod ledger;
mod plane;
mod tuning;

use thalweg_lab::Scalar;
use thalweg_lab::race::statistics::{Clusters, PairVerdict, Steps, performance_profiles};
use thalweg_lab::race::{Runs, Standings, band};
use thalweg_report::model::{Axis, Cell, Column, Figure, Lines, Section, Series, Stroke, Table};

use super::Raced;
use super::config::RaceConfig;
use super::result::verdict_words;
use crate::error::Error;
use crate::session::Desk;
use crate::words::{percent, short};

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

/// Points of a curve's band.
const POINTS: usize = 80;
/// Curves in one figure: more than these, and settings that were only given make room for those that were found.
const CURVES: usize = 10;

/// The chapters of one problem.
pub fn sections<T: Scalar>(desk: &Desk<'_, '_, T>, scene: &Scene<'_, T>) -> Result<Vec<Section>, Error> {
    let id = |name: &str| format!("race-{}-{name}", scene.raced.place + 1);
    let mut standings = Section::new(id("standings"), scene.title("Standings"))
        .lead(lead(scene))
        .figure(table(scene, id("table")))
        .figure(curves(scene, id("curves")))
        .figure(passages(scene, id("passages")).half());
    if let Some(figure) = comparisons(scene, id("comparisons")) {
        standings = standings.figure(figure.half());
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
    sections.extend(tuning::section(scene, id("tuning"), [id("settings"), id("sensitivity")]));
    Ok(sections)
}

fn lead<T: Scalar>(scene: &Scene<'_, T>) -> String {
    let Standings { least, least_is_known, .. } = scene.standings;
    let known = if *least_is_known { "the known least value" } else { "the least value that any run found" };
    let mut text = format!(
        "On {}. Every run may spend {} gradients; a value counts as {} of one and a curvature product as {}. The value at \
         the first start is {}, and {known} is {}.",
        scene.raced.name,
        short(scene.config.budget),
        short(scene.config.weights.value),
        short(scene.config.weights.product),
        short(scene.raced.start_value),
        short(*least),
    );
    let measured = scene.raced.measured;
    text.push_str(&format!(
        " Measured by the clock here, a value took {} and a product {} of a gradient's time.",
        short(measured.value),
        short(measured.product)
    ));
    text
}

/// Who fared how.
fn table<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Figure {
    let last = scene.standings.rows[0].targets.len().saturating_sub(1);
    let precision = scene.config.precisions.get(last).copied().unwrap_or(f64::NAN);
    let mut table = Table::new([
        Column::text("optimizer"),
        Column::number("runs"),
        Column::number("value at the end").note("Median over the seeds"),
        Column::number("quartiles").note("Of the value at the end, over the seeds"),
        Column::text("ended at").note("The second-order verdict on each end"),
        Column::text(format!("reached {precision:e}")).note(
            "Runs that came within this share of the way down, and Wilson's 95 % interval of that rate",
        ),
        Column::number("expected cost").unit("gradients").note(
            "Expected cost of a success, failures paid for, with its 95 % bootstrap interval on hovering",
        ),
        Column::number("spent").unit("gradients").note("Median"),
        Column::number("time")
            .unit("µs a gradient")
            .note("The clock's time of the first run over what it spent"),
        Column::number("memory").unit("n").note("Vectors of n remembered between steps"),
    ]);
    for (variant, row) in scene.raced.variants.iter().zip(&scene.standings.rows) {
        let passage = row.targets.last();
        let first = variant.runs.first();
        table = table.row([
            Cell::from(variant.label.clone()),
            Cell::from(row.runs),
            Cell::from(row.value.median),
            Cell::from(match row.runs {
                1 => "–".to_owned(),
                _ => format!("{} … {}", short(row.value.lower), short(row.value.upper)),
            }),
            Cell::from(verdict_words(variant)),
            passage.map_or(Cell::Missing, |p| {
                let share = format!("{} of {}", p.successes, row.runs);
                Cell::from(match row.runs {
                    1 => share,
                    _ => format!("{share} ({} – {})", percent(p.rate.low), percent(p.rate.high)),
                })
            }),
            passage.map_or(Cell::Missing, |p| Cell::from(p.expected.cost)),
            Cell::from(row.cost.median),
            first.map_or(Cell::Missing, |run| Cell::from(1e6 * run.seconds / run.trial.cost.max(1e-9))),
            first.map_or(Cell::Missing, |run| Cell::from(run.trial.memory)),
        ]);
    }
    Figure::new(id, "Standings", table).caption(
        "A run that failed counts as infinitely dear and is never dropped. Differences between rows are only \
         as sure as the comparison below says.",
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

fn curves<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Figure {
    let Standings { least, .. } = *scene.standings;
    let budget = scene.config.budget;
    let grid: Vec<f64> =
        (0..=POINTS).map(|i| (budget + 1.0).powf(i as f64 / POINTS as f64).max(1.0)).collect();
    let mut grid = grid;
    grid.dedup();
    let lines = Lines::new(
        Axis::log("gradients of the whole objective"),
        Axis::log(format!("least value so far, above {}", short(least))),
    );
    let lines = drawn(scene).into_iter().fold(lines, |lines, i| {
        let runs = &scene.runs[i];
        let band = band(runs.trials, &grid);
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
    Figure::new(id, "The way down", lines).caption(
        "Median over the seeds of the least value so far; the band holds the middle half of the runs. A run that \
         ended early keeps its value.",
    )
}

fn steps(name: &str, steps: &Steps, end: f64) -> Series {
    let mut x = vec![1.0];
    let mut y = vec![steps.at(1.0)];
    for (at, height) in steps.x.iter().zip(&steps.y).filter(|(at, _)| **at > 1.0 && **at <= end) {
        x.push(*at);
        y.push(*height);
    }
    if x.last().is_some_and(|last| *last < end) {
        y.push(*y.last().expect("it has a first point"));
        x.push(end);
    }
    Series::line(name, x, y).stroke(Stroke::Step)
}

fn passages<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Figure {
    let lines = Lines::new(
        Axis::log("gradients of the whole objective"),
        Axis::linear("share of targets reached, over seeds"),
    );
    let lines = drawn(scene).into_iter().fold(lines, |lines, i| {
        let runs = &scene.runs[i];
        let targets = &scene.standings.targets;
        let costs: Vec<f64> = runs
            .trials
            .iter()
            .flat_map(|trial| targets.iter().map(|t| trial.cost_of(*t).unwrap_or(f64::INFINITY)))
            .collect();
        lines.with(steps(runs.label, &Steps::ecdf(&costs), scene.config.budget))
    });
    let precisions: Vec<String> = scene.config.precisions.iter().map(|p| format!("{p:e}")).collect();
    Figure::new(id, "Targets reached", lines).caption(format!(
        "Targets: within {} of the way from the start's value to the least.",
        precisions.join(", ")
    ))
}

fn comparisons<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Option<Figure> {
    let found = &scene.standings.comparisons;
    let best = &found.first()?.first;
    let place = |label: &str| scene.runs.iter().position(|runs| runs.label == label);
    let table = Table::new([
        Column::text("optimizer"),
        Column::text("ended lower : higher").note("Over the seeds"),
        Column::number("p").note("Wilcoxon's signed-rank test, two-sided, after Holm's correction"),
        Column::text("difference"),
    ]);
    let table = found.iter().fold(table, |table, comparison| {
        let counts = scene.standings.wins.as_ref().and_then(|wins| {
            let (i, j) = (place(&comparison.second)?, place(best)?);
            Some(format!("{} : {}", wins.lower[i][j], wins.lower[j][i]))
        });
        table.row([
            Cell::from(comparison.second.clone()),
            Cell::from(counts),
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
    let wins = scene.standings.wins.as_ref()?;
    let shown = drawn(scene);
    let columns = shown.iter().map(|&j| Column::text(scene.runs[j].label));
    let table = Table::new(std::iter::once(Column::text("")).chain(columns));
    let table = shown.iter().fold(table, |table, &i| {
        let cells = shown.iter().map(|&j| match i == j {
            true => Cell::Missing,
            false => Cell::from(format!("{} : {}", wins.lower[i][j], wins.lower[j][i])),
        });
        table.row(std::iter::once(Cell::from(scene.runs[i].label)).chain(cells))
    });
    Some(Figure::new(id, "Pair by pair", table).caption(
        "Seeds in which the row ended lower than the column, and higher. Those in which both ended alike, or both \
         failed, count for neither.",
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

/// Profiles over all problems.
pub fn profiles(labels: &[String], costs: &[Vec<f64>]) -> Section {
    let ratios = performance_profiles(costs);
    let finite = |steps: &[Steps]| {
        steps.iter().flat_map(|s| s.x.iter().copied()).filter(|x| x.is_finite()).fold(2.0, f64::max)
    };
    let end = finite(&ratios);
    let profile = Lines::new(
        Axis::log("τ: cost over that of the cheapest"),
        Axis::linear("share of cases solved within τ"),
    );
    let profile =
        labels.iter().zip(&ratios).fold(profile, |lines, (label, s)| lines.with(steps(label, s, end)));
    let ecdf: Vec<Steps> = costs.iter().map(|costs| Steps::ecdf(costs)).collect();
    let end = finite(&ecdf);
    let data =
        Lines::new(Axis::log("gradients of the whole objective"), Axis::linear("share of cases solved"));
    let data = labels.iter().zip(&ecdf).fold(data, |lines, (label, s)| lines.with(steps(label, s, end)));
    Section::new("profiles", "All problems together")
        .lead(
            "A case is a problem with a seed and a target. Settings are those that were given; what was tuned for \
             one problem is shown there.",
        )
        .figure(Figure::new("performance-profile", "Performance profile", profile).half().caption(
            "Dolan & Moré 2002: how often each optimizer was within a factor τ of the cheapest. The left end says \
             how often it was the cheapest, the right end how often it got there at all; a profile depends on who \
             takes part.",
        ))
        .figure(Figure::new("data-profile", "Data profile", data).half().caption(
            "Moré & Wild 2009, with a gradient as the unit of cost: the share of cases solved within a budget.",
        ))
}
