//! Training a network, with loss and sharpness followed along the way.

mod measure;
mod state;

use std::time::{Duration, Instant};

use serde::Serialize;
use thalweg_lab::optim::{Length, OptimizerSpec, Trainer, Training};
use thalweg_lab::{Counts, Scalar, Stop};
use thalweg_report::real;

use crate::chapter::Chapter;
use crate::config::TrainingPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::Subject;
use crate::words::{counted, percent, short};

pub use measure::Measured;
use measure::measure;
use state::State;

/// How often the state is saved.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// How long steps go on between two looks at the clock.
const CHUNK: Duration = Duration::from_millis(100);

/// What `results.json` says of a training run.
#[derive(Serialize)]
struct Summary<'r> {
    optimizer: &'r OptimizerSpec,
    learning_rate: f64,
    schedule: String,
    batch: Option<usize>,
    steps: u64,
    steps_per_epoch: u64,
    /// Why it ended before its last step; `null` if it did not.
    stop: Option<&'r Stop>,
    measurements: &'r [Measured],
    #[serde(with = "real::option")]
    last_minibatch_loss: Option<f64>,
}

/// What the training will take.
pub fn cost(plan: &TrainingPlan, examples: usize) -> Cost {
    let steps = steps(&plan.training, examples);
    let measurements = plan.training.measurements.steps(steps).len() as u64;
    let products = plan.sharpness.min(30) * measurements;
    let gradients = if products > 0 { 2 * measurements } else { measurements };
    Cost { steps, ..Cost::of(Counts { values: measurements, gradients, products }) }
}

/// How many steps it will have, if no batch is left out.
pub fn steps(training: &Training, examples: usize) -> u64 {
    let batch = training.batch.unwrap_or(examples).max(1);
    match training.length {
        Length::Steps(steps) => steps,
        Length::Epochs(epochs) => epochs * examples.div_ceil(batch) as u64,
    }
}

/// Trains from `start`.
pub fn train<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &TrainingPlan,
    subject: &Subject<T>,
    start: Vec<T>,
) -> Result<Chapter, Error> {
    let training = &plan.training;
    let mut trainer = Trainer::new(training.clone(), desk.oracle)?;
    let mut state = match State::read(desk)? {
        Some(state) => state,
        None => State::new(trainer.begin(start)?),
    };
    trainer.accept(&state.run).map_err(|error| desk.unreadable("state", error))?;
    let stop = advance(desk, &mut trainer, plan, &mut state, subject)?;
    finish(desk, &trainer, training, state, stop)
}

/// Steps until the end, saving now and then; the reason if a number was not finite.
fn advance<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    trainer: &mut Trainer<'_, '_, T>,
    plan: &TrainingPlan,
    state: &mut State<T>,
    subject: &Subject<T>,
) -> Result<Option<Stop>, Error> {
    let (mut chunk, mut saved) = (64, Instant::now());
    loop {
        let began = Instant::now();
        let State { run, measured, sharpest, .. } = &mut *state;
        let (until, clock) = (run.step + chunk, trainer.clock());
        let outcome = trainer.advance(run, until, &mut |run, answer| {
            let drops = plan.training.schedule.drops(&run.losses, clock);
            let rates = plan.training.rates(run.step, clock, drops);
            measured.push(measure(desk.oracle, run.step, answer, rates, plan, subject, sharpest)?);
            Ok(())
        });
        state.collect();
        desk.account(state.counts());
        match outcome {
            Ok(()) if state.run.step >= trainer.clock().steps => return Ok(None),
            Ok(()) => {}
            Err(Stop::Cancelled) => {
                state.save(desk)?;
                return Err(Error::Interrupted(None));
            }
            Err(stop) => return Ok(Some(stop)),
        }
        if began.elapsed() < CHUNK / 2 {
            chunk *= 2;
        }
        if saved.elapsed() > SAVE_EVERY {
            state.save(desk)?;
            saved = Instant::now();
        }
    }
}

fn finish<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    trainer: &Trainer<'_, '_, T>,
    training: &Training,
    state: State<T>,
    stop: Option<Stop>,
) -> Result<Chapter, Error> {
    let mut chapter = Chapter::new("training");
    let summary = Summary {
        optimizer: &training.method,
        learning_rate: training.learning_rate,
        schedule: training.schedule.to_string(),
        batch: training.batch,
        steps: state.run.step,
        steps_per_epoch: trainer.clock().steps_per_epoch,
        stop: stop.as_ref(),
        measurements: &state.measured,
        last_minibatch_loss: state.run.losses.last().copied(),
    };
    chapter.result("training", &summary)?;
    say(&mut chapter, training, &state);
    if let Some(stop) = &stop {
        let reason = format!("the training ended at step {}: {stop}", state.run.step);
        chapter.say("  ended early", stop.to_string());
        chapter.halt = Some(reason);
    }
    chapter.sections.push(figures::training::section(
        training,
        trainer.clock(),
        &state.measured,
        &state.run.losses,
    ));
    chapter.arrays.push("loss", [state.run.losses.len()], state.run.losses.clone())?;
    desk.account(state.counts());
    let answer = trainer.answer(&state.run).to_vec();
    state.into_path(answer).keep(&mut chapter)?;
    Ok(chapter)
}

fn say<T: Scalar>(chapter: &mut Chapter, training: &Training, state: &State<T>) {
    let batch = training.batch.map_or("full batch".into(), |size| format!("batch {size}"));
    let steps = counted(state.run.step, "step");
    chapter.say(
        "training",
        format!(
            "{} at learning rate {} ({}), {batch}, {steps}",
            training.method,
            short(training.learning_rate),
            training.schedule
        ),
    );
    if let Some(last) = state.measured.last() {
        let accuracy = last.accuracy.map(|a| format!(", accuracy {}", percent(a))).unwrap_or_default();
        chapter.say(format!("  at step {}", last.step), format!("loss {}{accuracy}", short(last.loss)));
        if let (Some(loss), accuracy) = (last.test_loss, last.test_accuracy) {
            let accuracy = accuracy.map(|a| format!(", accuracy {}", percent(a))).unwrap_or_default();
            chapter.say("  on the test set", format!("loss {}{accuracy}", short(loss)));
        }
    }
}
