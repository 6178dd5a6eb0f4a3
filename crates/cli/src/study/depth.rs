//! How a study is made to fit a stated time: how deep each of its parts goes, decided before it
//! starts, from what evaluations were measured to take. The time decides nothing after that: the
//! plan holds numbers, and another run of the same plan has the same results.

mod fill;
mod ladders;
mod parts;
mod words;

use std::path::Path;
use std::time::{Duration, Instant};

use thalweg_lab::Scalar;
use thalweg_report::{json, run};

use crate::args::{self, RunOptions};
use crate::config::{Budget, Plan, Way};
use crate::error::Error;
use crate::rates::Rates;
use crate::study::budget;
use crate::subject::Subject;
use crate::words::time;

pub use words::shallower;

/// The share of the stated time that is given away: measurements of a moment are not the whole truth.
const GIVEN: f64 = 0.9;
/// Seconds for the report and all that is written.
const WRITING: f64 = 0.5;

/// What was settled, and by which measurements, if any were made.
pub struct Settled<T: Scalar> {
    pub subject: Subject<T>,
    pub plan: Plan,
    pub budget: Option<Budget>,
    pub rates: Option<Rates>,
}

/// The plan within what `--budget` states, and the budget as the configuration keeps it. A run
/// that is resumed, or named by the option, has decided already.
pub fn settle<T: Scalar>(
    options: &RunOptions,
    path: &Path,
    subject: Subject<T>,
    asked: Plan,
    began: Instant,
) -> Result<Settled<T>, Error> {
    match &options.budget {
        None => Ok(Settled { subject, plan: asked, budget: None, rates: None }),
        Some(args::Budget::Run(other)) => {
            let (plan, budget) = taken(other, asked, options.machine.seed)?;
            Ok(Settled { subject, plan, budget: Some(budget), rates: None })
        }
        Some(args::Budget::Seconds(seconds)) => {
            let seconds = *seconds;
            match decided(path)?.filter(|_| options.resume) {
                Some((plan, _)) => {
                    Ok(Settled { subject, plan, budget: Some(Budget { seconds, asked }), rates: None })
                }
                None => cut(options, subject, asked, seconds, began),
            }
        }
    }
}

/// The plan and the budget of the run in a folder, if there is one.
fn decided(path: &Path) -> Result<Option<(Plan, Option<Budget>)>, Error> {
    let Some(config) = run::configuration(path)? else { return Ok(None) };
    let unreadable = |error: serde_json::Error| Error::Stage {
        path: path.to_owned(),
        stage: "configuration".into(),
        reason: error.to_string(),
    };
    let plan = serde_json::from_value(config["plan"].clone()).map_err(unreadable)?;
    let budget = serde_json::from_value(config["budget"].clone()).map_err(unreadable)?;
    Ok(Some((plan, budget)))
}

/// The depths of another run, if the same was asked of that one; its seed may be another.
fn taken(other: &Path, asked: Plan, seed: u64) -> Result<(Plan, Budget), Error> {
    let usage = |what: &str| Error::Usage(format!("--budget {}: {what}", other.display()));
    let Some((mut plan, Some(mut budget))) = decided(other)? else {
        return Err(usage("expected a run that had a budget of its own"));
    };
    for plan in [&mut plan, &mut budget.asked] {
        if let Some(Way::Training(plan)) = &mut plan.way {
            plan.training.seed = seed;
        }
    }
    match json::tree(&budget.asked)? == json::tree(&asked)? {
        true => Ok((plan, budget)),
        false => Err(usage("other options were asked for there; give the same ones, or a time")),
    }
}

/// Cuts a plan to the time that is left of the stated one.
fn cut<T: Scalar>(
    options: &RunOptions,
    subject: Subject<T>,
    asked: Plan,
    seconds: u64,
    began: Instant,
) -> Result<Settled<T>, Error> {
    let memory = match budget::plan(&subject, &asked, &options.machine) {
        Ok(memory) => memory,
        // The depths will be others; the least ones tell whether anything fits.
        Err(_) => budget::plan(&subject, &parts::least(&asked, &subject), &options.machine)?,
    };
    let subject = subject.with_limits(&memory);
    let rates = Rates::measure(&subject, &asked, &memory);
    let parts = parts::parts(&asked, &subject, &rates);
    // What was compiled to be measured is compiled once more for the study.
    let spent = began.elapsed().as_secs_f64() + rates.compiling + WRITING;
    let left = GIVEN * seconds as f64 - spent;
    match fill::fill(&parts, left) {
        Some(rungs) => {
            let plan = parts::plan(&asked, &parts, &rungs);
            Ok(Settled { subject, plan, budget: Some(Budget { seconds, asked }), rates: Some(rates) })
        }
        None => {
            let least: f64 = parts.iter().map(fill::Part::least).sum();
            let needed = Duration::from_secs_f64(((least + spent) / GIVEN).ceil());
            let parts: Vec<String> = parts.iter().filter_map(fill::Part::in_words).collect();
            let parts = parts.join(", ");
            Err(Error::Budget { asked: time(Duration::from_secs(seconds)), needed: time(needed), parts })
        }
    }
}

/// Says on standard error what was decided.
pub fn announce(plan: &Plan, budget: &Budget) {
    let within = time(Duration::from_secs(budget.seconds));
    match shallower(plan, &budget.asked).as_slice() {
        [] => eprintln!("Time: all that was asked for fits into {within}."),
        cut => eprintln!("Time: made shallower to fit into {within}:\n  {}", cut.join("\n  ")),
    }
}

/// The same for the report, where something was made shallower.
pub fn note(plan: &Plan, budget: &Budget) -> Option<String> {
    let cut = shallower(plan, &budget.asked);
    let within = time(Duration::from_secs(budget.seconds));
    (!cut.is_empty()).then(|| format!("Made shallower to fit into {within}: {}.", cut.join("; ")))
}
