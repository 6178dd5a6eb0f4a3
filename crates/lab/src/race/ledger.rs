//! The obstacle ledger: what held a run up, with the evidence and its counterfactual.

mod evidence;
mod remedy;

use serde::{Deserialize, Serialize};

pub use evidence::Evidence;
pub use remedy::{Counterfactual, Remedy};

use self::evidence::Known;
use super::trial::{Snapshot, Standing};
use super::{Conditions, Course, Finished};
use crate::optim::{Ending, Iteration, Optimizer, OptimizerSpec, Rates};
use crate::{Layout, Scalar, Stop};

/// What holds a run up at some point of its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// Nothing that is named here: it goes on.
    None,
    /// Curvatures of very different size: a step that is short enough for the largest is too
    /// short for the others.
    IllConditioning,
    /// The gradient has nearly vanished, and the Hessian has a negative eigenvalue.
    Saddle,
    /// Gradient and curvature have both nearly vanished.
    Plateau,
    /// The minibatch gradient's noise is larger than the gradient.
    NoiseFloor,
    /// The sharpness is above what the step length is stable for.
    StepTooLarge,
    /// No step along the method's direction was accepted.
    LineSearchFailure,
    /// Pairs of steps and gradient differences without positive curvature were left out.
    BadCurvaturePairs,
    /// The run has arrived: the gradient has vanished and the Hessian has no negative eigenvalue.
    Arrived,
}

impl Obstacle {
    /// Its name, in the words that JSON has with hyphens.
    pub fn words(self) -> &'static str {
        match self {
            Obstacle::None => "none",
            Obstacle::IllConditioning => "ill-conditioning",
            Obstacle::Saddle => "saddle",
            Obstacle::Plateau => "plateau",
            Obstacle::NoiseFloor => "noise floor",
            Obstacle::StepTooLarge => "step too large",
            Obstacle::LineSearchFailure => "line-search failure",
            Obstacle::BadCurvaturePairs => "bad curvature pairs",
            Obstacle::Arrived => "arrived",
        }
    }
}

/// A part of a run under one obstacle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// The obstacle.
    pub obstacle: Obstacle,
    /// The cost at which it was first seen.
    pub from: f64,
    /// The cost at which it was last seen.
    pub to: f64,
    /// What was measured at its last point; at its first where the step is too large.
    pub evidence: Evidence,
    /// What would have happened otherwise, tried from the same point.
    pub counterfactual: Option<Counterfactual>,
}

/// Where the lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lines {
    /// A gradient has nearly vanished when its norm is within this times the largest seen in the run.
    pub small_gradient: f64,
    /// A negative eigenvalue counts when it is below −this · ‖H‖, beyond its residual.
    pub negative: f64,
    /// A Hessian has nearly vanished when its norm is within this times the largest seen in the run.
    pub small_curvature: f64,
    /// Curvatures of different size, λ_max/|q| with q the curvature along the way, count from here on.
    pub condition: f64,
    /// What a counterfactual may cost, as a share of the budget.
    pub share: f64,
}

impl Default for Lines {
    /// 1e-2, 1e-3, 1e-3, 100, and 5 % of the budget.
    fn default() -> Self {
        Self { small_gradient: 1e-2, negative: 1e-3, small_curvature: 1e-3, condition: 100.0, share: 0.05 }
    }
}

/// The ledger of a run that was made with [`Conditions::probes`].
///
/// At each probe the point is looked at by an observer whose work costs the run
/// nothing ([`Evidence`]): the gradient, the Hessian's largest eigenvalue and, where the gradient is small, its smallest one,
/// the curvature along the gradient and along the way since the last probe, the
/// noise of the minibatch. The first line that applies names the obstacle:
/// *arrived* (‖g‖ within the conditions' tolerance, no negative eigenvalue),
/// *step too large* (λ_max > 2/η, or the rule's own limit, or a run that blew up),
/// *noise floor* (B ‖g‖² < tr Σ for batches of B, McCandlish et al. 2018), *saddle*, *plateau*,
/// a failed line search at the end, *bad pairs* (left out since the last probe),
/// *ill-conditioning*, each as [`Lines`] says. Neighbouring probes with one obstacle make a phase.
///
/// Each phase then has its counterfactual tried from the probe of its evidence, beside the
/// run's own continuation at the same cost: see [`Remedy`].
pub fn ledger<T: Scalar>(
    course: &Course<'_, T>,
    spec: &OptimizerSpec,
    finished: &Finished<T>,
    conditions: &Conditions,
    lines: &Lines,
) -> Result<Vec<Phase>, Stop> {
    let stable_below = stable_below(spec);
    let batch = conditions.trains_on(course, spec);
    let layout = course.objective.layout();
    let optimizer = spec.build::<T>(layout).into_iteration(spec.learning_rate().unwrap_or(f64::NAN));
    let mut left_out_before = 0;
    let mut probes: Vec<(&Snapshot<T>, Evidence)> = Vec::new();
    let (mut steepest, mut hardest) = (0.0f64, 0.0f64);
    let mut found: Vec<(Obstacle, usize)> = Vec::new();
    for (i, snapshot) in finished.snapshots.iter().enumerate() {
        let known = Known {
            before: probes.last().map(|(snapshot, _)| snapshot.place()),
            batch,
            stable_below,
            small: conditions.gradient,
            share: lines.small_gradient,
            steepest,
        };
        let mut evidence = evidence::measure(course, snapshot.place(), known)?;
        let left_out = left_out(&*optimizer, snapshot);
        evidence.pairs_left_out = left_out.map(|count| count - left_out_before);
        left_out_before = left_out.unwrap_or(0);
        steepest = steepest.max(evidence.gradient_norm);
        hardest = hardest.max(evidence.size());
        let scales = Scales { steepest, hardest };
        let last = i + 1 == finished.snapshots.len();
        let ending = last.then_some(&finished.trial.ending);
        found.push((name(&evidence, &scales, ending, conditions, lines), i));
        probes.push((snapshot, evidence));
    }
    let mut phases: Vec<Phase> = Vec::new();
    for run in found.chunk_by(|a, b| a.0 == b.0) {
        let (first, last) = (run[0].1, run[run.len() - 1].1);
        // What blows up is best looked at before it has.
        let at = if run[0].0 == Obstacle::StepTooLarge { first } else { last };
        let (obstacle, (snapshot, evidence)) = (run[0].0, &probes[at]);
        let counterfactual = remedy::tried(course, spec, finished, snapshot, obstacle, conditions, lines)?;
        phases.push(Phase {
            obstacle,
            from: probes[first].0.cost,
            to: probes[last].0.cost,
            evidence: evidence.clone(),
            counterfactual,
        });
    }
    Ok(phases)
}

/// The largest gradient and Hessian seen so far.
struct Scales {
    steepest: f64,
    hardest: f64,
}

fn name(
    evidence: &Evidence,
    scales: &Scales,
    ending: Option<&Ending>,
    conditions: &Conditions,
    lines: &Lines,
) -> Obstacle {
    let e = evidence;
    let negative = e.smallest.is_some_and(|(value, residual)| value + residual < -lines.negative * e.size());
    let small = e.gradient_norm <= lines.small_gradient * scales.steepest;
    let blown = matches!(ending, Some(Ending::Diverged { .. } | Ending::Stopped(Stop::NonFinite { .. })));
    let unstable = e.stable_below.is_some_and(|limit| e.largest.is_some_and(|(value, _)| value > limit));
    let plain = e.largest.is_some() && e.size() <= lines.small_curvature * scales.hardest;
    if blown || !e.gradient_norm.is_finite() {
        Obstacle::StepTooLarge
    } else if e.gradient_norm <= conditions.gradient && !negative && e.smallest.is_some() {
        Obstacle::Arrived
    } else if unstable {
        Obstacle::StepTooLarge
    } else if e.signal_to_noise.is_some_and(|ratio| ratio < 1.0) {
        Obstacle::NoiseFloor
    } else if small && negative {
        Obstacle::Saddle
    } else if small && plain {
        Obstacle::Plateau
    } else if matches!(ending, Some(Ending::NoStep { .. })) {
        Obstacle::LineSearchFailure
    } else if e.pairs_left_out.is_some_and(|count| count > 0) {
        Obstacle::BadCurvaturePairs
    } else if e.condition().is_some_and(|condition| condition >= lines.condition) {
        Obstacle::IllConditioning
    } else {
        Obstacle::None
    }
}

/// Pairs that a quasi-Newton method has left out so far.
fn left_out<T: Scalar>(optimizer: &dyn Iteration<T>, snapshot: &Snapshot<T>) -> Option<u64> {
    let Standing::Minimizing(state) = &snapshot.standing else { return None };
    let tally = optimizer.tally(&state.memory);
    tally.iter().find(|(name, _)| *name == "pairs_left_out").map(|(_, count)| *count)
}

/// The curvature above which the rule does not contract at its learning rate.
fn stable_below(spec: &OptimizerSpec) -> Option<f64> {
    match spec.build::<f64>(&Layout::default()) {
        Optimizer::Method(method) => method.stable_below(Rates::new(spec.learning_rate()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
