//! What the clock says of a race: apart from its results, since it differs whenever the race is run.

use serde::Serialize;
use serde_json::{Map, Value};
use thalweg_lab::race::{Expense, Standings};
use thalweg_lab::{Scalar, Weights};
use thalweg_report::json;

use super::jobs::Done;
use super::{Raced, Variant};
use crate::chapter::Chapter;
use crate::error::Error;

/// The file of a run directory that has them.
pub const FILE: &str = "timings.json";

/// What the file says.
#[derive(Serialize)]
struct Timings<'r> {
    /// How many runs went on at a time, each on one thread.
    side_by_side: usize,
    /// What a value and a product took beside a gradient, before the race.
    cost_of: Weights,
    races: Vec<&'r Value>,
}

/// What it says of one problem.
#[derive(Serialize)]
struct Problem<'r> {
    problem: &'r str,
    entrants: Vec<Entrant<'r>>,
}

/// What it says of one optimizer with one choice of settings.
#[derive(Serialize)]
struct Entrant<'r> {
    label: &'r str,
    runs: Vec<Run<'r>>,
}

/// What it says of one run, in seconds.
#[derive(Serialize)]
struct Run<'r> {
    seed: u64,
    seconds: f64,
    /// Of the verdict and the ledger.
    observed: f64,
    /// At the points of the curve.
    curve: &'r [f64],
    /// When each target was reached.
    reached: Vec<Option<f64>>,
}

/// The times of a problem's runs.
pub fn of<T: Scalar>(raced: &Raced<'_, T>, found: &Standings) -> Result<Map<String, Value>, Error> {
    let entrants = raced.variants.iter().map(|variant| entrant(variant, found)).collect();
    let tree = json::tree(&Problem { problem: &raced.name, entrants })?;
    Ok(Map::from_iter([("race".to_owned(), tree)]))
}

fn entrant<'r>(variant: &'r Variant, found: &Standings) -> Entrant<'r> {
    let runs = variant.runs.iter().map(|done| run(done, found));
    Entrant { label: &variant.label, runs: runs.collect() }
}

fn run<'r>(done: &'r Done, found: &Standings) -> Run<'r> {
    let reached = found.targets.iter().map(|target| done.trial.spent_on(Expense::Seconds, *target));
    Run {
        seed: done.trial.seed,
        seconds: done.trial.seconds,
        observed: done.observed,
        curve: &done.trial.curve.seconds,
        reached: reached.collect(),
    }
}

/// The whole file.
pub fn file(side_by_side: usize, cost_of: Weights, chapters: &[Chapter]) -> Result<String, Error> {
    let races = chapters.iter().filter_map(|chapter| chapter.timings.get("race")).collect();
    Ok(json::pretty(&Timings { side_by_side, cost_of, races })?)
}
