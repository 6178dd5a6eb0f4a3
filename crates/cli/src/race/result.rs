//! From the runs of a race to results, figures and words.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use thalweg_lab::optim::Ending;
use thalweg_lab::race::statistics::{Clusters, Nearness, PairVerdict, Quartiles, Wins, clusters};
use thalweg_lab::race::{
    Comparison, Obstacle, Passage, Phase, Runs, Standing, Standings, Trial, Tuned, standings,
};
use thalweg_lab::{Counts, Scalar, Weights};
use thalweg_report::json;
use thalweg_report::model::{Cell, Headline};

use super::config::RaceConfig;
use super::phased::Phased;
use super::{Raced, Variant, figures, timing};
use crate::chapter::Chapter;
use crate::error::Error;
use crate::session::{Desk, Session};
use crate::words::short;

/// When two ends of runs are one minimum.
const NEARNESS: Nearness = Nearness { distance: 1e-3, value: 1e-4 };
/// Parameters above which ends of runs are not compared with each other.
const COMPARED: usize = 100_000;

/// What `results.json` says of one problem.
#[derive(Serialize)]
struct Problem<'r> {
    problem: &'r str,
    dimension: usize,
    start_value: f64,
    least: f64,
    least_is_known: bool,
    targets: &'r [f64],
    entrants: Vec<Fared<'r>>,
    comparisons: &'r [Comparison],
    wins: &'r Wins,
    minima: Vec<Minimum<'r>>,
}

/// What it says of one optimizer with one choice of settings.
#[derive(Serialize)]
struct Fared<'r> {
    label: &'r str,
    optimizer: String,
    tuning: Option<Tuning<'r>>,
    value: Quartiles,
    cost: Quartiles,
    targets: &'r [Passage],
    verdicts: Vec<Ended<'r>>,
    /// Vectors of n that it remembers; `None` where it does not say.
    memory: Option<f64>,
    runs: Vec<Single<'r>>,
}

/// How many runs ended at one kind of point.
#[derive(Serialize)]
struct Ended<'r> {
    kind: &'r str,
    runs: u64,
}

/// How its settings were found.
#[derive(Serialize)]
struct Tuning<'r> {
    cost: f64,
    edges: &'r [String],
    trials: Vec<Tried>,
}

/// Settings that were tried.
#[derive(Serialize)]
struct Tried {
    optimizer: String,
    score: f64,
}

/// What it says of one run.
#[derive(Serialize)]
struct Single<'r> {
    seed: u64,
    value: f64,
    best: f64,
    grad_norm: f64,
    cost: f64,
    steps: u64,
    oracle: Counts,
    ending: &'r Ending,
    reached: Vec<Option<f64>>,
    verdict: Option<&'r Value>,
    phases: Vec<Phased>,
    /// The place of its end in `minima`.
    minimum: Option<usize>,
}

/// A place where runs ended.
#[derive(Serialize)]
struct Minimum<'r> {
    value: f64,
    verdict: &'r str,
    runs: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    x: Vec<f64>,
}

/// Coordinates that are written of a place.
const WRITTEN: usize = 64;

/// The chapter of one problem.
pub fn chapter<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    config: &RaceConfig,
    raced: &Raced<'_, T>,
) -> Result<Chapter, Error> {
    let trials: Vec<Vec<&Trial>> =
        raced.variants.iter().map(|variant| variant.runs.iter().map(|run| &run.trial).collect()).collect();
    let runs: Vec<Runs<'_>> = raced
        .variants
        .iter()
        .zip(&trials)
        .map(|(variant, trials)| Runs { label: &variant.label, trials, constant: variant.constant })
        .collect();
    let found = standings(&runs, raced.start_value, raced.known, &config.precisions, config.seed);
    let ends = ends(raced);
    let mut chapter = Chapter::new(&format!("race-{}", raced.place + 1));
    chapter.result("races", &[problem(raced, &found, &ends)])?;
    chapter.timings = timing::of(raced, &found)?;
    say(&mut chapter, raced, &found);
    chapter.headline = headline(raced, &found, config);
    let scene = figures::Scene { config, raced, standings: &found, ends: &ends, runs: &runs };
    chapter.sections.extend(figures::sections(desk, &scene)?);
    for (variant, trials) in raced.variants.iter().zip(&trials) {
        for trial in trials {
            let name = format!("{}-{}", variant.label.replace([' ', '(', ')'], ""), trial.seed);
            let curve = [&trial.curve.cost, &trial.curve.value].map(|values| values.iter().copied());
            let rows: Vec<f64> = curve.into_iter().flatten().collect();
            chapter.arrays.push(name, [2, trial.curve.cost.len()], rows)?;
        }
    }
    Ok(chapter)
}

/// Where the runs ended, grouped; in the order of variants and runs.
fn ends<T: Scalar>(raced: &Raced<'_, T>) -> Clusters {
    let judged: Vec<_> = raced.variants.iter().flat_map(|v| &v.runs).collect();
    if raced.subject.start.len() > COMPARED {
        return Clusters { of: vec![None; judged.len()], representatives: Vec::new() };
    }
    let points: Vec<&[f64]> =
        judged.iter().map(|run| run.judged.as_ref().map_or(&[][..], |judged| &judged.kept.answer)).collect();
    let values: Vec<f64> = judged.iter().map(|run| run.trial.value).collect();
    clusters(&points, &values, NEARNESS)
}

fn problem<'r, T: Scalar>(raced: &'r Raced<'_, T>, found: &'r Standings, ends: &Clusters) -> Problem<'r> {
    let mut place = 0;
    let entrants = raced.variants.iter().zip(&found.rows).map(|(variant, row)| {
        let first = place;
        place += variant.runs.len();
        Fared {
            label: &variant.label,
            optimizer: variant.spec.to_string(),
            tuning: variant.tuned.as_ref().map(|tuned| tuning(tuned, variant.tuning_cost)),
            value: row.value,
            cost: row.cost,
            targets: &row.targets,
            verdicts: verdicts(variant).into_iter().map(|(kind, runs)| Ended { kind, runs }).collect(),
            memory: remembered(variant),
            runs: (variant.runs.iter().zip(&ends.of[first..place]))
                .map(|(run, end)| Single {
                    seed: run.trial.seed,
                    value: run.trial.value,
                    best: run.trial.best,
                    grad_norm: run.trial.gradient_norm,
                    cost: run.trial.cost,
                    steps: run.trial.steps,
                    oracle: run.trial.counts,
                    ending: &run.trial.ending,
                    reached: found.targets.iter().map(|target| run.trial.cost_of(*target)).collect(),
                    verdict: run.judged.as_ref().map(|judged| &judged.verdict),
                    phases: run.judged.iter().flat_map(|judged| &judged.phases).map(Phased::of).collect(),
                    minimum: *end,
                })
                .collect(),
        }
    });
    let entrants = entrants.collect();
    let all: Vec<_> = raced.variants.iter().flat_map(|v| &v.runs).collect();
    let minima = ends.representatives.iter().enumerate().filter_map(|(i, &run)| {
        let judged = all[run].judged.as_ref()?;
        let short = judged.kept.answer.len() <= WRITTEN;
        Some(Minimum {
            value: all[run].trial.value,
            verdict: judged.kind(),
            runs: ends.of.iter().filter(|of| **of == Some(i)).count(),
            x: if short { judged.kept.answer.clone() } else { Vec::new() },
        })
    });
    Problem {
        problem: &raced.name,
        dimension: raced.subject.start.len(),
        start_value: raced.start_value,
        least: found.least,
        least_is_known: found.least_is_known,
        targets: &found.targets,
        entrants,
        comparisons: &found.comparisons,
        wins: &found.wins,
        minima: minima.collect(),
    }
}

/// Vectors of n that an optimizer remembers, at most, as far as it says.
pub fn remembered(variant: &Variant) -> Option<f64> {
    variant.runs.iter().map(|run| run.trial.memory).reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b)))?
}

fn tuning(tuned: &Tuned, cost: f64) -> Tuning<'_> {
    let trials = tuned
        .candidates
        .iter()
        .map(|candidate| Tried { optimizer: candidate.spec.to_string(), score: candidate.score });
    Tuning { cost, edges: &tuned.edges, trials: trials.collect() }
}

/// How many runs ended at which kind of point.
pub fn verdicts(variant: &Variant) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for judged in variant.runs.iter().filter_map(|run| run.judged.as_ref()) {
        *counts.entry(judged.kind()).or_insert(0) += 1;
    }
    counts
}

/// Verdicts in words: `minimum`, or `9 minimum, 1 saddle`.
pub fn verdict_words(variant: &Variant) -> String {
    let counts = verdicts(variant);
    let name = |kind: &str| kind.replace('_', " ");
    match counts.len() {
        1 => counts.keys().map(|kind| name(kind)).collect(),
        _ => counts
            .iter()
            .map(|(kind, count)| format!("{count} {}", name(kind)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn say<T: Scalar>(chapter: &mut Chapter, raced: &Raced<'_, T>, found: &Standings) {
    chapter.say("problem", format!("{}, value {} at the start", raced.name, short(raced.start_value)));
    let known = if found.least_is_known { "known" } else { "the least that any run found" };
    chapter.say("least value", format!("{} ({known})", short(found.least)));
    for (variant, row) in raced.variants.iter().zip(&found.rows) {
        let mut text = format!("value {}", short(row.value.median));
        if let Some(last) = row.targets.iter().rev().find(|passage| passage.successes > 0) {
            text.push_str(&format!(
                "; {} of {} within {:e} of the way, for {} gradients",
                last.successes,
                row.runs,
                last.precision,
                short(last.expected.cost)
            ));
        }
        text.push_str(&format!("; {}", verdict_words(variant)));
        if let Some(phase) = last_obstacle(variant) {
            text.push_str(&format!("; held up by: {}", phase.obstacle.words()));
        }
        chapter.say(format!("  {}", variant.label), text);
    }
}

/// Who ended lowest, how surely, and who got there most cheaply.
fn headline<T: Scalar>(raced: &Raced<'_, T>, found: &Standings, config: &RaceConfig) -> Vec<Headline> {
    let number = |label: &str, value: f64, note: String| Headline {
        label: label.into(),
        value: Cell::from(value),
        unit: String::new(),
        note,
    };
    let word = |label: &str, value: &str, note: String| Headline {
        label: label.into(),
        value: Cell::from(value.to_owned()),
        unit: String::new(),
        note,
    };
    let mut all = Vec::new();
    let best = found.comparisons.first().map(|comparison| comparison.first.as_str());
    let lowest = found.rows.iter().min_by(|a, b| a.value.median.total_cmp(&b.value.median));
    let lowest = best.or(lowest.map(|row| row.label.as_str())).unwrap_or_default();
    let worse = found.comparisons.iter().filter(|c| c.verdict == PairVerdict::First).count();
    let sure = match found.comparisons.len() {
        0 => String::new(),
        count => format!("told apart from {worse} of {count} others"),
    };
    all.push(word("ended lowest", lowest, sure));
    if let Some(row) = found.rows.iter().find(|row| row.label == lowest) {
        let note = format!("from {}; median of {} runs", short(raced.start_value), row.runs);
        all.push(number("value there", row.value.median, note));
    }
    let place = (0..config.precisions.len())
        .rev()
        .find(|&k| found.rows.iter().any(|row| 2 * row.targets[k].successes as usize >= row.runs));
    if let Some(k) = place {
        let cost = |row: &&Standing| row.targets[k].expected.cost;
        let cheapest = found.rows.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
        all.extend(cheapest.map(|row| {
            let note = format!(
                "within {:e} of the way for {} gradients",
                config.precisions[k],
                short(row.targets[k].expected.cost)
            );
            word("cheapest to the target", &row.label, note)
        }));
    }
    all
}

/// The last obstacle of the first run.
fn last_obstacle(variant: &Variant) -> Option<&Phase> {
    let phases = &variant.runs.first()?.judged.as_ref()?.phases;
    phases.last().filter(|phase| !matches!(phase.obstacle, Obstacle::None | Obstacle::Arrived))
}

/// What every `results.json` of a race begins with.
#[derive(Serialize)]
struct Common<'c> {
    command: &'c str,
    version: &'c str,
    dtype: &'c str,
    seed: u64,
    seeds: u64,
    run_budget: f64,
    cost_of: Weights,
    precisions: &'c [f64],
    trials: usize,
    tuning_seeds: u64,
}

/// All keys.
pub fn results(config: &RaceConfig, session: &Session, chapters: &[Chapter]) -> Result<Value, Error> {
    let common = Common {
        command: config.command,
        version: config.version,
        dtype: config.dtype.name(),
        seed: config.seed,
        seeds: config.seeds,
        run_budget: config.budget,
        cost_of: config.weights,
        precisions: &config.precisions,
        trials: config.trials,
        tuning_seeds: config.tuning_seeds,
    };
    let Value::Object(mut results) = json::tree(&common)? else { unreachable!("a structure has keys") };
    let races: Vec<Value> = chapters
        .iter()
        .flat_map(|chapter: &Chapter| match chapter.results.get("races") {
            Some(Value::Array(races)) => races.clone(),
            _ => Vec::new(),
        })
        .collect();
    results.insert("races".into(), Value::Array(races));
    results.insert("oracle".into(), json::tree(&session.counts())?);
    Ok(Value::Object(Map::from_iter(results)))
}
