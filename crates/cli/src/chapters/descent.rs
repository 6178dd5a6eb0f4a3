//! A way down by exact values and gradients.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thalweg_lab::optim::{
    Checkpoint, Doubt, Ending, Iteration, Kind, Limits, OptimizerSpec, Outcome, State, Verdict,
    VerdictOptions, begin, escape, minimize, resume, verdict,
};
use thalweg_lab::{Counts, Oracle, Scalar, Stop};
use thalweg_report::{json, real};

use super::way::Path;
use crate::chapter::Chapter;
use crate::config::DescentPlan;
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
pub const KEPT: usize = 200;

/// Value and gradient after some iteration.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Passed {
    pub iteration: u64,
    #[serde(with = "real")]
    pub loss: f64,
    #[serde(with = "real")]
    pub grad_norm: f64,
}

/// A critical point that was left along its escape direction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Left {
    pub iteration: u64,
    #[serde(with = "real")]
    pub loss: f64,
    /// The verdict's kind.
    pub kind: String,
    /// The most negative curvature along the direction.
    #[serde(with = "real")]
    pub curvature: f64,
    /// How far along it, with its sign.
    #[serde(with = "real")]
    pub distance: f64,
}

impl Left {
    fn behind(judged: &Verdict, distance: f64, iteration: u64) -> Result<Self, Error> {
        let kind = json::tree(judged)?["kind"].as_str().unwrap_or_default().to_owned();
        let curvature = judged.escape.as_ref().map_or(f64::NAN, |way| way.curvature);
        Ok(Self { iteration, loss: judged.value, kind, curvature, distance })
    }
}

/// What `results.json` says of a descent.
#[derive(Serialize)]
struct Summary<'r> {
    optimizer: &'r OptimizerSpec,
    /// Critical points that were left.
    escapes: &'r [Left],
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
    left: Vec<Left>,
    counts: Counts,
    cost: f64,
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

/// Goes down from `start` until one of the plan's limits; where it comes to rest at no minimum and the plan
/// says so, follows the escape direction and goes on.
pub fn descend<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    start: Vec<T>,
    plan: &DescentPlan,
) -> Result<Chapter, Error> {
    let layout = desk.oracle.objective().layout();
    let rate = plan.optimizer.learning_rate().unwrap_or(f64::NAN);
    let iteration = plan.optimizer.build::<T>(layout).into_iteration(rate);
    let found = read(desk)?;
    let (before, cost) = found.as_ref().map_or_else(Default::default, |saved| (saved.counts, saved.cost));
    let stopping = &plan.stopping;
    let clock = || Duration::from_secs_f64(desk.so_far().1);
    let mut oracle = desk.oracle.anew().with_budget(stopping.budget).with_spent(before, cost);
    if let Some(seconds) = stopping.seconds {
        oracle = oracle.with_time_limit(&clock, Duration::from_secs(seconds));
    }
    let Saved { mut state, mut trail, mut left, .. } = match found {
        Some(saved) => saved,
        None => {
            let state = begin(&oracle, &*iteration, start)?;
            Saved { state, trail: Trail::new(), left: Vec::new(), counts: before, cost, seconds: 0.0 }
        }
    };
    let mut saved = Instant::now();
    let outcome = loop {
        let until = stopping.limits.iterations.min(state.iteration + CHUNK);
        let limits = Limits { iterations: until, ..stopping.limits };
        let mut outcome = minimize(&oracle, &*iteration, &limits, &mut state, &mut |state| trail.pass(state));
        let on = match &outcome.ending {
            Ending::Iterations { .. } => state.iteration < stopping.limits.iterations,
            rest if rest.is_rest() && left.len() < plan.escapes => {
                match leave(&oracle, &*iteration, &mut state) {
                    Ok(Some((judged, distance))) => {
                        left.push(Left::behind(&judged, distance, state.iteration)?);
                        true
                    }
                    Ok(None) => false,
                    Err(stop) => {
                        outcome.ending = Ending::Stopped(stop);
                        false
                    }
                }
            }
            _ => false,
        };
        desk.account(oracle.counts());
        if outcome.ending == Ending::Stopped(Stop::Cancelled) {
            return Err(Error::Interrupted(None));
        }
        if !on {
            break outcome;
        }
        if saved.elapsed() > SAVE_EVERY {
            let (counts, seconds) = desk.so_far();
            let (state, trail, left) = (state.clone(), trail.clone(), left.clone());
            let text =
                serde_json::to_vec(&Saved { state, trail, left, counts, cost: oracle.cost(), seconds });
            desk.save_part("state", &text.map_err(|error| desk.unreadable("state", error))?)?;
            saved = Instant::now();
        }
    };
    let outcome = Outcome { counts: oracle.counts(), ..outcome };
    let answer = iteration.answer(&state.memory, &state.point.x).to_vec();
    finish(&state, answer, &trail, &outcome, plan, &left)
}

/// Leaves a critical point along its escape direction, by how far; `None` where it has none.
fn leave<T: Scalar>(
    oracle: &Oracle<'_, T>,
    iteration: &dyn Iteration<T>,
    state: &mut State<T>,
) -> Result<Option<(Verdict, f64)>, Stop> {
    let x = iteration.answer(&state.memory, &state.point.x).to_vec();
    let judged = verdict(oracle, &x, &VerdictOptions::default());
    if let Kind::Undecided { doubt: Doubt::Stopped(stop) } = &judged.kind
        && stop.is_limit()
    {
        return Err(stop.clone());
    }
    if judged.gradient_norm > judged.gradient_threshold {
        return Ok(None);
    }
    let Some((point, distance)) = escape(oracle, &x, &judged)? else { return Ok(None) };
    resume(iteration, point, state);
    Ok(Some((judged, distance)))
}

fn read<T: Scalar>(desk: &Desk<'_, '_, T>) -> Result<Option<Saved<T>>, Error> {
    let Some(bytes) = desk.part("state")? else { return Ok(None) };
    let saved: Saved<T> = serde_json::from_slice(&bytes).map_err(|error| desk.unreadable("state", error))?;
    desk.resumed(saved.seconds);
    Ok(Some(saved))
}

fn finish<T: Scalar>(
    state: &State<T>,
    answer: Vec<T>,
    trail: &Trail<T>,
    outcome: &Outcome,
    plan: &DescentPlan,
    left: &[Left],
) -> Result<Chapter, Error> {
    let mut chapter = Chapter::new("descent");
    let passed = trail.with_last(state);
    let start_loss = state.start_value;
    let summary = Summary { optimizer: &plan.optimizer, escapes: left, outcome, start_loss, passed: &passed };
    chapter.result("descent", &summary)?;
    chapter.say(
        plan.words(),
        format!(
            "{}, value {} → {}; {}",
            counted(outcome.iterations, "iteration"),
            short(start_loss),
            short(outcome.value),
            outcome.ending
        ),
    );
    for Left { iteration, loss, kind, curvature, distance } in left {
        chapter.say(
            format!("  left a {kind}"),
            format!(
                "after {}, at value {}: {} along a direction of curvature {}",
                counted(*iteration, "iteration"),
                short(*loss),
                short(*distance),
                short(*curvature)
            ),
        );
    }
    chapter.sections.push(figures::descent::section(&passed, outcome, plan, left));
    let mut points: Vec<(u64, Vec<T>)> = trail.points.iter().map(|c| (c.step, c.x.clone())).collect();
    if points.last().is_none_or(|(step, _)| *step != state.iteration) {
        points.push((state.iteration, answer.clone()));
    }
    Path { x: answer, points }.keep(&mut chapter)?;
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
