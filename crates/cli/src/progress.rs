//! Progress and time left, on stderr, and how long work will take.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use thalweg_lab::{Counts, Curvature, Objective, Scalar, Weights};

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
/// Only what takes longer is announced and drawn.
const LONG: f64 = 1.0;

impl Rates {
    /// Measures one evaluation of each kind at x, products by the block of `width`; the first of each, which compiles, does not count.
    pub fn measure<T: Scalar>(objective: &dyn Objective<T>, x: &[T], width: usize) -> Self {
        let mut gradient = vec![T::zero(); x.len()];
        let value = timed(|| _ = objective.value(x));
        let slope = timed(|| _ = objective.value_grad(x, &mut gradient));
        let product = objective.linearize(x, Curvature::Hessian).map_or(0.0, |mut operator| {
            let vectors: Vec<T> = gradient.iter().copied().cycle().take(width * x.len()).collect();
            let mut products = vec![T::zero(); vectors.len()];
            timed(|| _ = operator.apply(&vectors, &mut products)) / width as f64
        });
        Self { value, gradient: slope, product }
    }

    /// What a value and a product cost in gradients, in two digits.
    pub fn weights(&self) -> Weights {
        let round = |ratio: f64| format!("{ratio:.1e}").parse().unwrap_or(ratio);
        Weights { value: round(self.value / self.gradient), product: round(self.product / self.gradient) }
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
    place: Arc<Mutex<Place>>,
    ticker: Option<JoinHandle<()>>,
}

/// How far the work has come.
struct Place {
    /// Expected milliseconds of the finished stages.
    finished: f64,
    /// And of the one that is being worked on.
    stage: f64,
    /// Milliseconds of it that its evaluations answer for.
    evaluated: f64,
    began: Instant,
    over: bool,
}

impl Place {
    /// Arithmetic between evaluations shows as time that passes; it never
    /// claims a stage that is not finished.
    fn position(&self) -> u64 {
        let passed = 1000.0 * self.began.elapsed().as_secs_f64();
        (self.finished + self.evaluated.max(passed).min(0.98 * self.stage)) as u64
    }
}

impl Progress {
    /// Nothing is shown.
    pub fn hidden() -> Self {
        let began = Instant::now();
        let place = Place { finished: 0.0, stage: 0.0, evaluated: 0.0, began, over: false };
        let place = Arc::new(Mutex::new(place));
        Self { bar: ProgressBar::hidden(), rates: None, place, ticker: None }
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
        let style = ProgressStyle::with_template("{msg:28} {bar:32} {percent:>3} %  {eta} left");
        bar.set_style(style.expect("the template is well formed").progress_chars("━━┄"));
        let ticker = (!bar.is_hidden()).then(|| tick(bar.clone(), Arc::clone(&hidden.place)));
        Self { bar, ticker, ..hidden }
    }

    /// A stage of the given cost begins.
    pub fn begin(&self, name: &str, cost: &Cost) {
        let stage = self.rates.map_or(0.0, |rates| 1000.0 * rates.seconds(cost));
        self.update(|place| {
            (place.stage, place.evaluated, place.began) = (stage, 0.0, Instant::now());
        });
        self.bar.set_message(name.to_owned());
    }

    /// The stage has made so many evaluations.
    pub fn moved(&self, counts: Counts) {
        if let Some(rates) = self.rates {
            let seconds = rates.seconds(&Cost { counts, operations: 0.0 });
            self.update(|place| place.evaluated = 1000.0 * seconds);
        }
    }

    /// The stage is over, whether it was made or found.
    pub fn end(&self) {
        self.update(|place| {
            place.finished += place.stage;
            (place.stage, place.evaluated) = (0.0, 0.0);
        });
    }

    /// Everything is done, or given up.
    pub fn clear(&mut self) {
        self.update(|place| place.over = true);
        if let Some(ticker) = self.ticker.take() {
            // A ticker that failed has nothing to show any more.
            let _ = ticker.join();
        }
        self.bar.finish_and_clear();
    }

    fn update(&self, change: impl FnOnce(&mut Place)) {
        change(&mut self.place.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Moves the bar a few times a second until the work is over.
fn tick(bar: ProgressBar, place: Arc<Mutex<Place>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(125));
            let place = place.lock().unwrap_or_else(PoisonError::into_inner);
            if place.over {
                break;
            }
            bar.set_position(place.position());
        }
    })
}
