//! Progress and time left, on stderr, and how long work will take.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use thalweg_lab::Counts;

use crate::rates::{Cost, Rates};
use crate::words::{counted, time};

/// Only what takes longer is announced and drawn.
const LONG: f64 = 1.0;

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
    /// Whether its gradients are those of minibatches.
    steps: bool,
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
        let place = Place { finished: 0.0, stage: 0.0, evaluated: 0.0, steps: false, began, over: false };
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
        let sum = |count: fn(&Cost) -> u64| costs.iter().map(count).sum::<u64>();
        let steps = match sum(|cost| cost.steps) {
            0 => String::new(),
            steps => format!("{}, and ", counted(steps, "step")),
        };
        eprintln!(
            "Expected: about {} on {}, for {steps}{}, {} and {} of the full batch.",
            time(Duration::from_secs_f64(seconds)),
            counted(threads as u64, "thread"),
            counted(sum(|c| c.counts.gradients), "gradient"),
            counted(sum(|c| c.counts.products), "curvature product"),
            counted(sum(|c| c.counts.values + c.along), "value"),
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
            place.steps = cost.steps > 0;
        });
        self.bar.set_message(name.to_owned());
    }

    /// The stage has made so many evaluations.
    pub fn moved(&self, counts: Counts) {
        if let Some(rates) = self.rates {
            self.update(|place| {
                let cost = match place.steps {
                    true => Cost {
                        counts: Counts { gradients: 0, ..counts },
                        steps: counts.gradients,
                        ..Cost::default()
                    },
                    false => Cost::of(counts),
                };
                place.evaluated = 1000.0 * rates.seconds(&cost);
            });
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
