//! One run of one optimizer.

mod clerk;

use serde::{Deserialize, Serialize};

use self::clerk::Clerk;
use super::{Conditions, Course, Watch};
use crate::optim::{
    Ending, Iteration, Length, Limits, Marks, Memory, Optimizer, OptimizerSpec, Run, Solver, State,
    TrainError, Trainer, Training, begin, minimize,
};
use crate::vector::norm;
use crate::{Budget, Counts, Oracle, Scalar, Stop};

/// What one run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The seed of its start, of its examples' order and of its own random numbers.
    pub seed: u64,
    /// f along the way.
    pub curve: Curve,
    /// The conditions' targets.
    #[serde(with = "crate::exact")]
    pub targets: Vec<f64>,
    /// The cost at which each was first passed; `None` where it never was.
    pub reached: Vec<Option<f64>>,
    /// The seconds after which that was.
    pub reached_after: Vec<Option<f64>>,
    /// Why it ended.
    pub ending: Ending,
    /// Steps done.
    pub steps: u64,
    /// Evaluations done.
    pub counts: Counts,
    /// What they cost, in gradients of the whole objective.
    pub cost: f64,
    /// What it took by the watch's clock, the referee's work and the record not counted.
    #[serde(with = "crate::exact::one")]
    pub seconds: f64,
    /// f at the answer of the end; not finite if the run blew up.
    #[serde(with = "crate::exact::one")]
    pub value: f64,
    /// The least f on the curve.
    #[serde(with = "crate::exact::one")]
    pub best: f64,
    /// ‖∇f‖ at the answer.
    #[serde(with = "crate::exact::one")]
    pub gradient_norm: f64,
    /// Numbers that the optimizer remembers between steps at the end, in vectors of n; `None` for methods
    /// that run as a whole and do not say.
    pub memory: Option<f64>,
}

/// f against cost and time; the points are about evenly spaced in the logarithm of the cost, with the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Costs, ascending.
    #[serde(with = "crate::exact")]
    pub cost: Vec<f64>,
    /// Seconds by the watch's clock, ascending.
    #[serde(with = "crate::exact")]
    pub seconds: Vec<f64>,
    /// f at the optimizer's answer after that cost.
    #[serde(with = "crate::exact")]
    pub value: Vec<f64>,
    /// The least of these so far.
    #[serde(with = "crate::exact")]
    pub best: Vec<f64>,
}

/// A trial with what is too large to be kept of all.
pub struct Finished<T: Scalar> {
    /// What it did.
    pub trial: Trial,
    /// The optimizer's answer.
    pub answer: Vec<T>,
    /// Its answers along the way, at the points of the curve; empty unless the conditions say that they are kept.
    pub path: Vec<Vec<T>>,
    /// States from which it can be continued, for the ledger.
    pub(super) snapshots: Vec<Snapshot<T>>,
}

/// Points of a run, in f64, as they are saved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The optimizer's answer (n).
    #[serde(with = "crate::exact")]
    pub answer: Vec<f64>,
    /// Places on the curve …
    pub places: Vec<usize>,
    /// … and its answers there (n each); empty where the way was not kept.
    #[serde(with = "crate::exact::rows")]
    pub path: Vec<Vec<f64>>,
}

impl<T: Scalar> Finished<T> {
    /// The points, those of the way evenly thinned to about `most`, the last one among them.
    pub fn kept(&self, most: usize) -> Kept {
        let widened = |x: &Vec<T>| x.iter().map(|v| v.wide()).collect();
        let stride = self.path.len().div_ceil(most.max(1)).max(1);
        let all = 0..self.path.len();
        let places: Vec<usize> = all.filter(|k| k % stride == 0 || k + 1 == self.path.len()).collect();
        let path = places.iter().map(|&k| widened(&self.path[k])).collect();
        Kept { answer: widened(&self.answer), places, path }
    }
}

/// A run as it stood at some cost.
pub(super) struct Snapshot<T: Scalar> {
    pub cost: f64,
    pub standing: Standing<T>,
}

/// See [`Snapshot`].
pub(super) enum Standing<T: Scalar> {
    Minimizing(State<T>),
    Training(Run<T>),
}

/// Why a run could not begin, or was broken off.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RaceError {
    /// The value or gradient at the start cannot be had.
    #[error("{optimizer} cannot start on {course}: {stop}")]
    Start {
        /// Which optimizer.
        optimizer: String,
        /// Where.
        course: String,
        /// Why.
        stop: Stop,
    },
    /// The training cannot be set up.
    #[error("{0}")]
    Training(#[from] TrainError),
    /// The user asked for an end.
    #[error("cancelled")]
    Cancelled,
}

/// Runs an optimizer from x until its budget is spent, its gradient vanishes or it fails.
///
/// Optimizers that train take minibatches where the conditions say so and the
/// objective has examples; everything else sees exact values and gradients. The values
/// on the curve of an exact iteration are its own; those of a training, and of rules whose answer is not
/// the point at which they take gradients, are measured by a referee that costs
/// the run nothing, at the marks of the curve, so that their first passages are known only to within two marks.
/// The watch's clock stands still while the referee works and points are kept.
///
/// # Errors
/// If the run cannot begin, or is cancelled.
pub fn run<T: Scalar>(
    course: &Course<'_, T>,
    spec: &OptimizerSpec,
    seed: u64,
    x: Vec<T>,
    conditions: &Conditions,
    watch: &Watch<'_>,
) -> Result<Finished<T>, RaceError> {
    let objective = course.objective;
    let budget = Budget { cost: Some(conditions.budget), ..Budget::default() };
    let oracle =
        Oracle::new(objective).with_budget(budget).with_weights(conditions.weights).with_cancel(watch.cancel);
    let spec = seeded(spec, seed);
    let clerk = Clerk::new(conditions, watch.clock, seed);
    if let Some(batch) = conditions.trains_on(course, &spec) {
        return training(course, &oracle, &spec, batch, x, clerk);
    }
    match spec.build::<T>(objective.layout()) {
        Optimizer::Solver(solver) => solving(course, &oracle, &spec, &*solver, x, clerk),
        optimizer => {
            let iteration = optimizer.into_iteration(spec.learning_rate().unwrap_or(f64::NAN));
            minimizing(course, &oracle, &spec, &*iteration, x, clerk)
        }
    }
}

/// The same optimizer with its own random numbers from this seed, where it has any.
pub(super) fn seeded(spec: &OptimizerSpec, seed: u64) -> OptimizerSpec {
    spec.clone().with("seed", &seed.to_string()).unwrap_or_else(|_| spec.clone())
}

fn minimizing<T: Scalar>(
    course: &Course<'_, T>,
    oracle: &Oracle<'_, T>,
    spec: &OptimizerSpec,
    iteration: &dyn Iteration<T>,
    x: Vec<T>,
    mut clerk: Clerk<'_, T>,
) -> Result<Finished<T>, RaceError> {
    let referee = Oracle::new(course.objective);
    let gradient_absolute = clerk.conditions.gradient;
    clerk.start();
    let mut state = begin(oracle, iteration, x).map_err(|stop| refused(course, spec, stop))?;
    let limits = Limits { gradient_absolute, iterations: u64::MAX, ..Limits::default() };
    let outcome = minimize(oracle, iteration, &limits, &mut state, &mut |state| {
        let cost = oracle.cost();
        let answer = iteration.answer(&state.memory, &state.point.x);
        if same(answer, &state.point.x) {
            clerk.note(cost, state.point.value, answer);
        } else if clerk.is_due(cost) {
            let value = clerk.aside(|| measured(&referee, answer));
            clerk.note(cost, value, answer);
        }
        clerk.snapshot(cost, || Standing::Minimizing(state.clone()));
    });
    if outcome.ending == Ending::Stopped(Stop::Cancelled) {
        return Err(RaceError::Cancelled);
    }
    clerk.stop();
    let answer = iteration.answer(&state.memory, &state.point.x);
    let (value, gradient_norm) = if same(answer, &state.point.x) {
        (outcome.value, outcome.gradient_norm)
    } else {
        slope(&referee, answer)
    };
    clerk.last(oracle.cost(), value, answer);
    clerk.force(oracle.cost(), Standing::Minimizing(state.clone()));
    let trial = Trial {
        memory: Some(vectors(&state.memory, answer.len())),
        ..clerk.trial(outcome.ending, outcome.iterations, oracle, value, gradient_norm)
    };
    Ok(Finished { trial, answer: answer.to_vec(), path: clerk.path, snapshots: clerk.snapshots })
}

/// The curve of a method that runs as a whole is that of the lowest point evaluated.
fn solving<T: Scalar>(
    course: &Course<'_, T>,
    oracle: &Oracle<'_, T>,
    spec: &OptimizerSpec,
    solver: &dyn Solver<T>,
    x: Vec<T>,
    mut clerk: Clerk<'_, T>,
) -> Result<Finished<T>, RaceError> {
    let referee = Oracle::new(course.objective);
    let standing = |x: &[T]| {
        let optimizer = spec.build::<T>(course.objective.layout()).into_iteration(f64::NAN);
        begin(&referee, &*optimizer, x.to_vec()).map_err(|stop| refused(course, spec, stop))
    };
    let start = standing(&x)?;
    clerk.start();
    clerk.note(0.0, start.point.value, &x);
    clerk.force(0.0, Standing::Minimizing(start));
    let gradient_absolute = clerk.conditions.gradient;
    let limits = Limits { gradient_absolute, iterations: u64::MAX, ..Limits::default() };
    let solved = solver.solve(oracle, x, &limits, &mut |x, value| clerk.note(oracle.cost(), value, x));
    let (answer, outcome) = solved.map_err(|stop| refused(course, spec, stop))?;
    if outcome.ending == Ending::Stopped(Stop::Cancelled) {
        return Err(RaceError::Cancelled);
    }
    clerk.stop();
    let (value, gradient_norm) = slope(&referee, &answer);
    clerk.last(oracle.cost(), value, &answer);
    clerk.force(oracle.cost(), Standing::Minimizing(standing(&answer)?));
    let trial = clerk.trial(outcome.ending, outcome.iterations, oracle, value, gradient_norm);
    Ok(Finished { trial, answer, path: clerk.path, snapshots: clerk.snapshots })
}

fn training<T: Scalar>(
    course: &Course<'_, T>,
    oracle: &Oracle<'_, T>,
    spec: &OptimizerSpec,
    batch: usize,
    x: Vec<T>,
    mut clerk: Clerk<'_, T>,
) -> Result<Finished<T>, RaceError> {
    let conditions = clerk.conditions;
    let examples = course.objective.finite_sum().map_or(1, |sum| sum.examples());
    let steps = (conditions.budget * examples as f64 / batch as f64).ceil().max(1.0) as u64;
    let training = plan(spec, batch, steps, clerk.seed, conditions);
    let referee = Oracle::new(course.objective);
    let mut trainer = Trainer::new(training, oracle)?;
    let mut run = trainer.begin(x)?;
    let start = measured(&referee, &run.x);
    if !start.is_finite() {
        let found = start.to_string();
        let stop = Stop::NonFinite { evaluation: crate::Evaluation::Value, count: 1, index: 0, found };
        return Err(refused(course, spec, stop));
    }
    // What programs took to be compiled is not the optimizer's.
    clerk.start();
    clerk.note(0.0, start, &run.x);
    clerk.force(0.0, Standing::Training(run.clone()));
    let mut value = start;
    let blow_up = Limits::default().blow_up;
    let mut broken = None;
    for mark in marks(steps, conditions.marks) {
        let outcome = trainer.advance(&mut run, mark, &mut |_, _| Ok(()));
        if outcome == Err(Stop::Cancelled) {
            return Err(RaceError::Cancelled);
        }
        let answer = trainer.answer(&run);
        value = clerk.aside(|| measured(&referee, answer));
        clerk.last(oracle.cost(), value, answer);
        clerk.snapshot(oracle.cost(), || Standing::Training(run.clone()));
        broken = match outcome {
            Err(stop) => Some(Ending::Stopped(stop)),
            Ok(()) if value - start > blow_up * start.abs().max(1.0) => {
                Some(Ending::Diverged { value, start })
            }
            Ok(()) => None,
        };
        if broken.is_some() {
            break;
        }
    }
    clerk.stop();
    clerk.force(oracle.cost(), Standing::Training(run.clone()));
    let answer = trainer.answer(&run).to_vec();
    let (_, slope_norm) = slope(&referee, &answer);
    let ending = broken.unwrap_or(Ending::Iterations { limit: steps, gradient_norm: slope_norm });
    let trial = Trial {
        memory: Some(vectors(&run.memory, answer.len())),
        ..clerk.trial(ending, run.step, oracle, value, slope_norm)
    };
    Ok(Finished { trial, answer, path: clerk.path, snapshots: clerk.snapshots })
}

/// Numbers that are remembered, in vectors of n.
fn vectors<T: Scalar>(memory: &Memory<T>, n: usize) -> f64 {
    memory.vectors.iter().map(Vec::len).sum::<usize>() as f64 / n.max(1) as f64
}

/// The training that a race asks for.
pub(super) fn plan(
    spec: &OptimizerSpec,
    batch: usize,
    steps: u64,
    seed: u64,
    conditions: &Conditions,
) -> Training {
    Training {
        length: Length::Steps(steps),
        batch: Some(batch),
        seed,
        schedule: conditions.schedule,
        checkpoints: Marks::None,
        measurements: Marks::None,
        ..Training::new(spec.clone(), spec.learning_rate().unwrap_or(f64::NAN))
    }
}

/// Half of the steps at equal distances, half at equal ratios.
fn marks(steps: u64, count: usize) -> Vec<u64> {
    let half = (count / 2).max(1);
    let mut marks: Vec<u64> = (1..=half)
        .flat_map(|i| {
            let share = i as f64 / half as f64;
            [(steps as f64 * share).round() as u64, (steps as f64).powf(share).round() as u64]
        })
        .chain([1, steps])
        .filter(|&mark| mark > 0)
        .collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

fn refused<T: Scalar>(course: &Course<'_, T>, spec: &OptimizerSpec, stop: Stop) -> RaceError {
    match stop {
        Stop::Cancelled => RaceError::Cancelled,
        stop => RaceError::Start { optimizer: spec.to_string(), course: course.name.to_owned(), stop },
    }
}

fn same<T>(a: &[T], b: &[T]) -> bool {
    std::ptr::eq(a.as_ptr(), b.as_ptr())
}

/// f(x), finite or not.
pub(super) fn measured<T: Scalar>(referee: &Oracle<'_, T>, x: &[T]) -> f64 {
    let mut value = [f64::NAN];
    // An oracle without limits does not stop.
    let _ = referee.values(x, &mut value);
    value[0]
}

/// f(x) and ‖∇f(x)‖, finite or not.
fn slope<T: Scalar>(referee: &Oracle<'_, T>, x: &[T]) -> (f64, f64) {
    let mut gradient = vec![T::zero(); x.len()];
    let value = referee.trial(x, &mut gradient).unwrap_or(f64::NAN);
    (value, norm(&gradient))
}
