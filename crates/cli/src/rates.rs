//! What work takes on this machine: counted in advance, and measured.

use std::time::Instant;

use thalweg_graph::Threads;
use thalweg_lab::memory::Plan as MemoryPlan;
use thalweg_lab::optim::{Trainer, Training};
use thalweg_lab::problem::network::Network;
use thalweg_lab::{Counts, Oracle, Scalar, Weights};

use crate::config::{Plan, Way};
use crate::interrupt;
use crate::subject::{Problem, Subject};

/// Work that lies ahead.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Evaluations of the objective, without those of the next two.
    pub counts: Counts,
    /// Values on lines and planes.
    pub along: u64,
    /// Steps of the training.
    pub steps: u64,
    /// Arithmetic beside them, in floating-point operations on one thread.
    pub operations: f64,
    /// Numbers of long vectors that are passed over beside them.
    pub passed: f64,
}

/// What one evaluation of each kind takes, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    value: f64,
    along: f64,
    gradient: f64,
    product: f64,
    step: f64,
    /// What programs take to be compiled.
    pub compiling: f64,
}

/// Dense linear algebra on one thread, in operations a second: a cautious figure for the estimate.
const OPERATIONS_PER_SECOND: f64 = 4e10;
/// Numbers of long vectors, likewise.
const PASSED_PER_SECOND: f64 = 1e9;
/// Examples a thread that evaluations are measured on; time is proportional to them.
const EXAMPLES: usize = 128;
/// Points of a plane that are measured together.
const POINTS: usize = 8;
/// What takes longer than this is measured once, compilation included.
const SLOW: f64 = 0.5;

impl Cost {
    /// The cost of evaluations alone.
    pub fn of(counts: Counts) -> Self {
        Self { counts, ..Self::default() }
    }
}

impl Rates {
    /// Before anything is measured: every evaluation takes the same.
    pub const EQUAL: Self =
        Self { value: 1.0, along: 1.0, gradient: 1.0, product: 1.0, step: 1.0, compiling: 0.0 };

    /// Measures one evaluation of each kind that a plan asks for, on as many examples as give every
    /// thread its share.
    pub fn measure<T: Scalar>(subject: &Subject<T>, plan: &Plan, memory: &MemoryPlan) -> Self {
        let (sample, share) = sample(subject, memory);
        let objective = sample.as_ref().map_or(subject.problem.objective(), |network| network);
        let x = &subject.start;
        let mut compiling = 0.0;
        let mut scaled = |work: &mut dyn FnMut()| {
            let (seconds, more) = timed(work);
            compiling += more;
            seconds * share
        };
        let mut gradient = vec![T::zero(); x.len()];
        let value = scaled(&mut || _ = objective.value(x));
        let slope = scaled(&mut || _ = objective.value_grad(x, &mut gradient));
        let draws = !plan.planes.is_empty()
            || plan.slices.is_some()
            || plan.interpolation.is_some()
            || plan.connect.is_some();
        let mut values = [0.0; POINTS];
        let coordinates: Vec<f64> = (0..2 * POINTS).map(|i| 1e-3 * i as f64).collect();
        let directions: [&[T]; 2] = [&gradient, x];
        let along = match draws {
            true => scaled(&mut || objective.values_along(x, &directions, &coordinates, &mut values)),
            false => 0.0,
        };
        let operator = plan.curvature().and_then(|curvature| objective.linearize(x, curvature).ok());
        let product = operator.map_or(0.0, |mut operator| {
            let width = memory.width;
            let vectors: Vec<T> = gradient.iter().copied().cycle().take(width * x.len()).collect();
            let mut products = vec![T::zero(); vectors.len()];
            scaled(&mut || _ = operator.apply(&vectors, &mut products)) / width as f64
        });
        let training = match &plan.way {
            Some(Way::Training(plan)) => Some(&plan.training),
            _ => plan.solutions.iter().flat_map(|plan| &plan.trained).next().map(|plan| &plan.training),
        };
        let step = match training {
            Some(training) if training.batch.is_some() => {
                let (seconds, more) = step(subject, training);
                compiling += more;
                seconds
            }
            _ => slope,
        };
        Self { value, along: along / POINTS as f64, gradient: slope, product, step, compiling }
    }

    /// What a value and a product cost in gradients, in two digits.
    pub fn weights(&self) -> Weights {
        let round = |ratio: f64| format!("{ratio:.1e}").parse().unwrap_or(ratio);
        Weights { value: round(self.value / self.gradient), product: round(self.product / self.gradient) }
    }

    /// What the work takes.
    pub fn seconds(&self, cost: &Cost) -> f64 {
        let Counts { values, gradients, products } = cost.counts;
        self.value * values as f64
            + self.along * cost.along as f64
            + self.gradient * gradients as f64
            + self.product * products as f64
            + self.step * cost.steps as f64
            + cost.operations / OPERATIONS_PER_SECOND
            + cost.passed / PASSED_PER_SECOND
    }
}

/// The network on a part of its examples, where that is enough to learn from, and how many
/// times as long everything takes.
fn sample<T: Scalar>(subject: &Subject<T>, memory: &MemoryPlan) -> (Option<Network<T>>, f64) {
    let Problem::Network(network) = &subject.problem else { return (None, 1.0) };
    let all = network.data().examples();
    let some = EXAMPLES * memory.threads;
    if all <= 2 * some {
        return (None, 1.0);
    }
    let share = all as f64 / some as f64;
    let first: Vec<u32> = (0..some as u32).collect();
    let Ok(sample) = network.with_data(network.data().select(&first)) else { return (None, 1.0) };
    let kept = (memory.kept as f64 / share) as usize;
    (Some(sample.with_limits(Threads::new(memory.threads), kept, memory.width)), share)
}

/// Seconds of a call that comes after others, and what the first one took beside.
fn timed(work: &mut dyn FnMut()) -> (f64, f64) {
    let mut once = || {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    let first = once();
    if first > SLOW {
        return (first, 0.0);
    }
    let again = once().min(once());
    (again, (first - again).max(0.0))
}

/// Seconds of a training step, and what it takes to prepare for the first.
fn step<T: Scalar>(subject: &Subject<T>, training: &Training) -> (f64, f64) {
    let oracle = Oracle::new(subject.problem.objective()).with_cancel(interrupt::flag());
    let start = Instant::now();
    let Ok(mut trainer) = Trainer::new(training.clone(), &oracle) else { return (0.0, 0.0) };
    let Ok(mut run) = trainer.begin(subject.start.clone()) else { return (0.0, 0.0) };
    let mut to = |until: u64| {
        let (from, start) = (run.step, Instant::now());
        // Where a number is not finite, the training itself will say so.
        let _ = trainer.advance(&mut run, until, &mut |_, _| Ok(()));
        (run.step - from, start.elapsed().as_secs_f64())
    };
    let (_, first) = to(1);
    let preparing = start.elapsed().as_secs_f64();
    if first > SLOW {
        return (first, preparing - first);
    }
    let (mut steps, mut seconds, mut count) = (0, 0.0, 1);
    while seconds < 0.05 {
        count *= 2;
        let (more, took) = to(1 + steps + count);
        if more == 0 {
            break;
        }
        (steps, seconds) = (steps + more, seconds + took);
    }
    match steps {
        0 => (first, 0.0),
        steps => (seconds / steps as f64, (preparing - seconds / steps as f64).max(0.0)),
    }
}
