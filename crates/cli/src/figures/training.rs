//! Curves of a training run.

use thalweg_lab::optim::{Clock, Training};
use thalweg_report::model::{Axis, Figure, Lines, Section, Series, Stroke};

use crate::chapters::training::Measured;
use crate::words::{counted, percent, short};

/// Minibatch losses that are drawn at most.
const DRAWN: usize = 3000;

/// The chapter on the training.
pub fn section(training: &Training, clock: Clock, measured: &[Measured], losses: &[f64]) -> Section {
    let batch = training.batch.map_or("the full batch".into(), |size| format!("minibatches of {size}"));
    let mut lead = format!(
        "{} at learning rate {}, {}, on {batch}.",
        training.method,
        short(training.learning_rate),
        counted(losses.len() as u64, "step"),
    );
    if let Some(last) = measured.last() {
        let accuracy = last.accuracy.map(|a| format!(", accuracy {}", percent(a))).unwrap_or_default();
        lead.push_str(&format!(" It ended at a loss of {}{accuracy}.", short(last.loss)));
    }
    let section =
        Section::new("training", "The way here").lead(lead).figure(loss(training, clock, measured, losses));
    let section = match measured.iter().any(|m| m.sharpness.is_some()) {
        true => section.figure(sharpness(training, measured).half()),
        false => section,
    };
    let section = section.figure(gradient(measured).half());
    match measured.windows(2).all(|m| m[0].learning_rate == m[1].learning_rate) {
        true => section,
        false => section.figure(rate(training, measured)),
    }
}

fn steps(measured: &[Measured]) -> Vec<f64> {
    measured.iter().map(|m| m.step as f64).collect()
}

fn series(name: &str, measured: &[Measured], y: impl Fn(&Measured) -> f64) -> Series {
    Series::line(name, steps(measured), measured.iter().map(y).collect()).stroke(Stroke::Dotted)
}

fn loss(training: &Training, clock: Clock, measured: &[Measured], losses: &[f64]) -> Figure {
    let mut lines = Lines::new(Axis::linear("step"), Axis::log("loss"));
    let mut caption = String::new();
    if training.batch.is_some() {
        let stride = losses.len().div_ceil(DRAWN).max(1);
        let kept: Vec<usize> = (0..losses.len()).step_by(stride).collect();
        let x = kept.iter().map(|&i| i as f64).collect();
        let y = kept.iter().map(|&i| losses[i]).collect();
        lines = lines.with(Series::points("minibatch loss", x, y));
        let every = if stride == 1 { "every step".into() } else { format!("one step in {stride}") };
        caption = format!(
            "Dots: the loss of the minibatch that each step was made from ({every}, {} steps an epoch). ",
            clock.steps_per_epoch
        );
    }
    let spread = |sign: f64| -> Vec<f64> {
        measured.iter().map(|m| m.loss + sign * m.data_loss_stderr.unwrap_or(0.0)).collect()
    };
    lines = lines.with(series("full-batch loss", measured, |m| m.loss).spread(spread(-1.0), spread(1.0)));
    caption.push_str(&format!(
        "Line: the loss over all examples at {} of the steps; its band is one standard error over the examples.",
        measured.len()
    ));
    if measured.iter().any(|m| m.test_loss.is_some()) {
        lines = lines.with(series("test loss", measured, |m| m.test_loss.unwrap_or(f64::NAN)));
        caption.push_str(" The test set was never trained on.");
    }
    if measured.iter().any(|m| m.accuracy.is_some()) {
        lines = lines
            .right(Axis::linear("accuracy"))
            .with(series("accuracy", measured, |m| m.accuracy.unwrap_or(f64::NAN)).right());
        if measured.iter().any(|m| m.test_accuracy.is_some()) {
            let test = series("test accuracy", measured, |m| m.test_accuracy.unwrap_or(f64::NAN));
            lines = lines.with(test.right());
        }
    }
    Figure::new("loss", "Loss and accuracy", lines).caption(caption)
}

fn sharpness(training: &Training, measured: &[Measured]) -> Figure {
    let at = |m: &Measured, sign: f64| m.sharpness.map_or(f64::NAN, |s| s.value + sign * s.residual);
    let lambda = series("sharpness λ_max", measured, |m| at(m, 0.0));
    let end = |sign: f64| -> Vec<f64> { measured.iter().map(|m| at(m, sign)).collect() };
    let mut lines =
        Lines::new(Axis::linear("step"), Axis::linear("λ_max")).with(lambda.spread(end(-1.0), end(1.0)));
    let mut caption = "The largest eigenvalue of the full-batch Hessian, with its residual bound as a band \
                       (mostly too narrow to see). "
        .to_owned();
    if measured.iter().any(|m| m.stable_below.is_some()) {
        let name = limit(training);
        let y = measured.iter().map(|m| m.stable_below.unwrap_or(f64::NAN)).collect();
        lines = lines.with(Series::line(name, steps(measured), y).stroke(Stroke::Dashed));
        caption.push_str(&format!(
            "Dashed: {name}, above which the same steps with full gradients would diverge on a quadratic. A \
             sharpness that rises to it and hovers there is training *at the edge of stability* (Cohen et al. \
             2021); minibatch noise usually keeps it lower.",
        ));
    } else {
        caption.push_str(&format!(
            "No limit is drawn: for {} with its own scale for each coordinate, 2/η is not the limit of stability.",
            training.method.name()
        ));
    }
    let title = match lines.series.len() {
        1 => "Sharpness".to_owned(),
        _ => format!("Sharpness against {}", limit(training)),
    };
    Figure::new("sharpness", title, lines).caption(caption)
}

/// The limit of stability as a formula.
fn limit(training: &Training) -> &'static str {
    match training.method.name() {
        "momentum" => "2(1 + μ)/η",
        "nesterov" => "2(1 + μ)/((1 + 2μ)η)",
        _ => "2/η",
    }
}

fn gradient(measured: &[Measured]) -> Figure {
    let lines = Lines::new(Axis::linear("step"), Axis::log("‖∇f‖"))
        .with(series("gradient norm", measured, |m| m.grad_norm))
        .right(Axis::linear("‖θ‖"))
        .with(series("parameter norm", measured, |m| m.parameter_norm).right());
    Figure::new("gradient", "Gradient and parameters", lines).caption(
        "The norm of the full-batch gradient, exact up to rounding, and that of the parameters. With \
         cross-entropy and no penalty the parameters grow for as long as training goes on.",
    )
}

fn rate(training: &Training, measured: &[Measured]) -> Figure {
    let lines = Lines::new(Axis::linear("step"), Axis::linear("η")).with(
        Series::line("learning rate", steps(measured), measured.iter().map(|m| m.learning_rate).collect())
            .stroke(Stroke::Step),
    );
    Figure::new("learning-rate", "Learning rate", lines)
        .caption(format!("The schedule `{}`, at the measured steps.", training.schedule))
}
