//! The runs of a race, side by side on all threads, each saved when it is done.

use std::sync::atomic::Ordering;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thalweg_lab::krylov::ExtremalOptions;
use thalweg_lab::optim::{OptimizerSpec, VerdictOptions, verdict};
use thalweg_lab::race::{Conditions, Course, Kept, Lines, Phase, RaceError, Trial, Watch, ledger, run};
use thalweg_lab::{Counts, Oracle, Scalar};
use thalweg_report::json;

use crate::error::Error;
use crate::interrupt;
use crate::session::Desk;
use crate::side_by_side;

/// Points of a way that are kept, about.
pub const WAY: usize = 60;

/// Points of a curve of which only the end is asked for: enough to see that it blows up.
const TRIED: usize = 10;

/// One run.
#[derive(Clone, Debug)]
pub struct Job {
    pub spec: OptimizerSpec,
    pub seed: u64,
    /// Whether its end is judged, its obstacles looked for and its points kept.
    pub reported: bool,
    /// Whether its way is kept as well.
    pub path: bool,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    pub trial: Trial,
    /// Seconds that were spent on looking at it: the verdict and the ledger.
    pub observed: f64,
    pub judged: Option<Judged>,
}

/// What was found out about a reported run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// The verdict as in `results.json`.
    pub verdict: Value,
    pub words: String,
    pub phases: Vec<Phase>,
    pub kept: Kept,
}

impl Judged {
    /// `minimum`, `saddle` …
    pub fn kind(&self) -> &str {
        self.verdict["kind"].as_str().unwrap_or("undecided")
    }
}

/// Where and how the runs of one problem are done.
pub struct Track<'t, T: Scalar> {
    pub course: Course<'t, T>,
    pub start: &'t (dyn Fn(u64) -> Vec<T> + Sync),
    pub conditions: Conditions,
    pub lines: Lines,
    pub threads: usize,
}

/// Does all runs that no earlier process has done; in the order of the jobs.
/// `spent` is what all runs before these have cost, for the progress bar.
pub fn perform<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    track: &Track<'_, T>,
    name: &str,
    jobs: &[Job],
    spent: &mut f64,
) -> Result<Vec<Done>, Error> {
    side_by_side::make(
        desk,
        jobs,
        track.threads,
        &|i, _| format!("{name}-{i}"),
        &|job| track.make(job),
        &mut |done: &Done| {
            *spent += done.trial.cost;
            desk.moved(Counts { gradients: *spent as u64, ..Counts::default() });
        },
    )
}

impl<T: Scalar> Track<'_, T> {
    fn make(&self, job: &Job) -> Result<Done, Error> {
        let conditions = Conditions {
            probes: if job.reported { self.conditions.probes } else { 0 },
            ways: job.path,
            marks: if job.reported { self.conditions.marks } else { TRIED },
            ..self.conditions.clone()
        };
        let began = Instant::now();
        let watch = Watch { cancel: interrupt::flag(), clock: &move || began.elapsed().as_secs_f64() };
        let start = (self.start)(job.seed);
        let finished = run(&self.course, &job.spec, job.seed, start, &conditions, &watch);
        let finished = finished.map_err(|error| match error {
            RaceError::Cancelled => Error::Interrupted(None),
            error => Error::Race(error),
        })?;
        let ended = Instant::now();
        let judged = match job.reported {
            false => None,
            true => {
                let observer = Oracle::new(self.course.objective).with_cancel(interrupt::flag());
                let options = looked_at(&finished.trial);
                let verdict = verdict(&observer, &finished.answer, &options);
                let phases = ledger(&self.course, &job.spec, &finished, &conditions, &self.lines)?;
                if interrupt::flag().load(Ordering::Relaxed) {
                    return Err(Error::Interrupted(None));
                }
                let words = verdict.words();
                Some(Judged { verdict: json::tree(&verdict)?, words, phases, kept: finished.kept(WAY) })
            }
        };
        Ok(Done { trial: finished.trial, observed: ended.elapsed().as_secs_f64(), judged })
    }
}

/// How closely an end is looked at: the kind of a point whose gradient is not small does not depend on the
/// spectrum, whose ends are then shown to three digits.
fn looked_at(trial: &Trial) -> VerdictOptions {
    let options = VerdictOptions::default();
    // A margin for what rounding makes of gradients that are 0.
    if trial.gradient_norm <= 1e3 * options.gradient * trial.value.abs().max(1.0) {
        return options;
    }
    let ends = ExtremalOptions { tolerance: 1e-3, max_products: 200, confirm: false, ..options.ends };
    VerdictOptions { ends, ..options }
}
