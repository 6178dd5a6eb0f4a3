//! Gradient descent from a point.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thalweg_lab::optim::{
    Backtracking, Checkpoint, Ending, Limits, LineSearch, Outcome, State, SteepestDescent, StepLength, begin,
    minimize,
};
use thalweg_lab::{Counts, Scalar, Stop};
use thalweg_report::real;

use super::way::Path;
use crate::chapter::Chapter;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::{counted, short};

/// How often the state is saved.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// Iterations between two looks at the clock.
const CHUNK: u64 = 50;
/// Points of the trajectory that are kept at most; then every second one goes.
const KEPT: usize = 200;

/// Value and gradient after some iteration.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Passed {
    pub iteration: u64,
    #[serde(with = "real")]
    pub loss: f64,
    #[serde(with = "real")]
    pub grad_norm: f64,
}

/// What `results.json` says of a descent.
#[derive(Serialize)]
struct Summary<'r> {
    method: &'static str,
    line_search: Backtracking,
    #[serde(flatten)]
    outcome: &'r Outcome,
    start_loss: f64,
    passed: &'r [Passed],
}

/// A descent as it is saved.
#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
struct Saved<T: Scalar> {
    state: State<T>,
    trail: Trail<T>,
    counts: Counts,
    seconds: f64,
}

/// The kept points of the way, ever sparser.
#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
struct Trail<T: Scalar> {
    stride: u64,
    points: Vec<Checkpoint<T>>,
    passed: Vec<Passed>,
}

/// What a descent takes at most.
pub fn cost(iterations: u64) -> Cost {
    Cost::of(Counts { values: iterations, gradients: iterations, products: 0 })
}

/// Goes down from `start` by steepest descent with Armijo backtracking, until the gradient vanishes.
pub fn descend<T: Scalar>(desk: &Desk<'_, '_, T>, start: Vec<T>, iterations: u64) -> Result<Chapter, Error> {
    let search = Backtracking::default();
    let iteration = LineSearch { descent: SteepestDescent, length: StepLength::Backtracking(search) };
    let Saved { mut state, mut trail, counts: before, .. } = match read(desk)? {
        Some(saved) => saved,
        None => {
            let state = begin(desk.oracle, &iteration, start)?;
            Saved { state, trail: Trail::new(), counts: Counts::default(), seconds: 0.0 }
        }
    };
    let mut saved = Instant::now();
    let outcome = loop {
        let until = iterations.min(state.iteration + CHUNK);
        let limits = Limits { iterations: until, ..Limits::default() };
        let outcome = minimize(desk.oracle, &iteration, &limits, &mut state, &mut |state| trail.pass(state));
        desk.account(sum(before, desk.oracle.counts()));
        match outcome.ending {
            Ending::Stopped(Stop::Cancelled) => return Err(Error::Interrupted(None)),
            Ending::Iterations { .. } if state.iteration < iterations => {}
            _ => break outcome,
        }
        if saved.elapsed() > SAVE_EVERY {
            let (counts, seconds) = desk.so_far();
            let text =
                serde_json::to_vec(&Saved { state: state.clone(), trail: trail.clone(), counts, seconds });
            desk.save_part("state", &text.map_err(|error| desk.unreadable("state", error))?)?;
            saved = Instant::now();
        }
    };
    let outcome = Outcome { counts: desk.so_far().0, ..outcome };
    finish(&state, &trail, &outcome, search)
}

fn read<T: Scalar>(desk: &Desk<'_, '_, T>) -> Result<Option<Saved<T>>, Error> {
    let Some(bytes) = desk.part("state")? else { return Ok(None) };
    let saved: Saved<T> = serde_json::from_slice(&bytes).map_err(|error| desk.unreadable("state", error))?;
    desk.resumed(saved.seconds);
    Ok(Some(saved))
}

fn finish<T: Scalar>(
    state: &State<T>,
    trail: &Trail<T>,
    outcome: &Outcome,
    line_search: Backtracking,
) -> Result<Chapter, Error> {
    let mut chapter = Chapter::new("descent");
    let passed = trail.with_last(state);
    let summary = Summary {
        method: "gradient descent",
        line_search,
        outcome,
        start_loss: state.start_value,
        passed: &passed,
    };
    chapter.result("descent", &summary)?;
    chapter.say(
        "gradient descent",
        format!(
            "{}, value {} → {}; {}",
            counted(outcome.iterations, "iteration"),
            short(state.start_value),
            short(outcome.value),
            outcome.ending
        ),
    );
    chapter.sections.push(figures::descent::section(&passed, outcome));
    let mut points: Vec<(u64, Vec<T>)> = trail.points.iter().map(|c| (c.step, c.x.clone())).collect();
    if points.last().is_none_or(|(step, _)| *step != state.iteration) {
        points.push((state.iteration, state.point.x.clone()));
    }
    Path { x: state.point.x.clone(), points }.keep(&mut chapter)?;
    Ok(chapter)
}

impl<T: Scalar> Clone for Trail<T> {
    fn clone(&self) -> Self {
        Self { stride: self.stride, points: self.points.clone(), passed: self.passed.clone() }
    }
}

impl<T: Scalar> Trail<T> {
    fn new() -> Self {
        Self { stride: 1, points: Vec::new(), passed: Vec::new() }
    }

    fn pass(&mut self, state: &State<T>) {
        let known = self.points.last().is_some_and(|last| last.step >= state.iteration);
        if known || !state.iteration.is_multiple_of(self.stride) {
            return;
        }
        self.points.push(Checkpoint { step: state.iteration, x: state.point.x.clone() });
        self.passed.push(passed(state));
        if self.points.len() > KEPT {
            self.stride *= 2;
            let stride = self.stride;
            self.points.retain(|point| point.step.is_multiple_of(stride));
            self.passed.retain(|passed| passed.iteration.is_multiple_of(stride));
        }
    }

    fn with_last(&self, state: &State<T>) -> Vec<Passed> {
        let mut all = self.passed.clone();
        if all.last().is_none_or(|last| last.iteration != state.iteration) {
            all.push(passed(state));
        }
        all
    }
}

fn passed<T: Scalar>(state: &State<T>) -> Passed {
    let square = state.point.gradient.iter().map(|v| v.wide() * v.wide()).sum::<f64>();
    Passed { iteration: state.iteration, loss: state.point.value, grad_norm: square.sqrt() }
}

fn sum(a: Counts, b: Counts) -> Counts {
    Counts {
        values: a.values + b.values,
        gradients: a.gradients + b.gradients,
        products: a.products + b.products,
    }
}
