//! Progress and time left, on stderr, and how long work will take.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use thalweg_lab::{Counts, Curvature, Objective, Scalar};

use crate::words::{counted, time};

/// Work that lies ahead.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Evaluations of the objective.
    pub counts: Counts,
    /// Arithmetic beside them, in floating-point operations on one thread.
    pub operations: f64,
}

/// What one evaluation of each kind takes, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    value: f64,
    gradient: f64,
    product: f64,
}

/// Dense linear algebra on one thread, in operations a second: a cautious figure for the estimate.
const OPERATIONS_PER_SECOND: f64 = 4e10;
/// Vectors in a block, as the curvature methods multiply them.
const BLOCK: usize = 8;
/// Only what takes longer is announced and drawn.
const LONG: f64 = 1.0;

impl Rates {
    /// Measures one evaluation of each kind at x; the first of each, which compiles, does not count.
    pub fn measure<T: Scalar>(objective: &dyn Objective<T>, x: &[T]) -> Self {
        let mut gradient = vec![T::zero(); x.len()];
        let value = timed(|| _ = objective.value(x));
        let slope = timed(|| _ = objective.value_grad(x, &mut gradient));
        let product = objective.linearize(x, Curvature::Hessian).map_or(0.0, |mut operator| {
            let vectors: Vec<T> = gradient.iter().copied().cycle().take(BLOCK * x.len()).collect();
            let mut products = vec![T::zero(); vectors.len()];
            timed(|| _ = operator.apply(&vectors, &mut products)) / BLOCK as f64
        });
        Self { value, gradient: slope, product }
    }

    fn seconds(&self, cost: &Cost) -> f64 {
        let Counts { values, gradients, products } = cost.counts;
        self.value * values as f64
            + self.gradient * gradients as f64
            + self.product * products as f64
            + cost.operations / OPERATIONS_PER_SECOND
    }
}

/// The faster of two calls after a first.
fn timed(mut work: impl FnMut()) -> f64 {
    work();
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    once(&mut work).min(once(&mut work))
}

/// A bar over all the stages of a run, in milliseconds of expected work.
pub struct Progress {
    bar: ProgressBar,
    rates: Option<Rates>,
    finished: Cell<f64>,
    stage: Cell<f64>,
}

impl Progress {
    /// Nothing is shown.
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), rates: None, finished: Cell::default(), stage: Cell::default() }
    }

    /// Announces the stages that lie ahead, if they take long, and shows a bar
    /// where stderr is a terminal.
    pub fn announce(rates: Rates, costs: &[Cost], threads: usize) -> Self {
        let seconds: f64 = costs.iter().map(|cost| rates.seconds(cost)).sum();
        let hidden = Self { rates: Some(rates), ..Self::hidden() };
        if seconds < LONG {
            return hidden;
        }
        let sum = |count: fn(&Counts) -> u64| costs.iter().map(|cost| count(&cost.counts)).sum::<u64>();
        eprintln!(
            "Expected: about {} on {}, for {}, {} and {} of the full batch.",
            time(Duration::from_secs_f64(seconds)),
            counted(threads as u64, "thread"),
            counted(sum(|c| c.gradients), "gradient"),
            counted(sum(|c| c.products), "curvature product"),
            counted(sum(|c| c.values), "value"),
        );
        let target = ProgressDrawTarget::stderr_with_hz(8);
        let bar = ProgressBar::with_draw_target(Some((1000.0 * seconds) as u64), target);
        let style = ProgressStyle::with_template("{msg:24} {bar:32} {percent:>3} %  {eta} left");
        bar.set_style(style.expect("the template is well formed").progress_chars("━━┄"));
        Self { bar, ..hidden }
    }

    /// A stage of the given cost begins.
    pub fn begin(&self, name: &str, cost: &Cost) {
        self.stage.set(self.rates.map_or(0.0, |rates| 1000.0 * rates.seconds(cost)));
        self.bar.set_message(name.to_owned());
    }

    /// The stage has made so many evaluations.
    pub fn moved(&self, counts: Counts) {
        let done = self.rates.map_or(0.0, |rates| 1000.0 * rates.seconds(&Cost { counts, operations: 0.0 }));
        self.bar.set_position((self.finished.get() + done.min(self.stage.get())) as u64);
    }

    /// The stage is over, whether it was done or found.
    pub fn end(&self) {
        self.finished.set(self.finished.get() + self.stage.replace(0.0));
        self.bar.set_position(self.finished.get() as u64);
    }

    /// Everything is done, or given up.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
