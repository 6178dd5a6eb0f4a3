//! What is measured at marked steps of a training run.

use serde::{Deserialize, Serialize};
use thalweg_lab::curvature::{CurvatureError, SharpnessOptions, sharpness};
use thalweg_lab::optim::{Optimizer, Rates};
use thalweg_lab::{Counts, Layout, Oracle, Scalar, Stop};
use thalweg_report::real;

use crate::config::TrainingPlan;
use crate::subject::Subject;

/// The full-batch objective and its sharpness after some step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    pub step: u64,
    /// η of the next step.
    pub learning_rate: f64,
    #[serde(with = "real")]
    pub loss: f64,
    #[serde(with = "real")]
    pub data_loss: f64,
    #[serde(with = "real::option")]
    pub data_loss_stderr: Option<f64>,
    pub accuracy: Option<f64>,
    #[serde(with = "real::option")]
    pub test_loss: Option<f64>,
    pub test_accuracy: Option<f64>,
    #[serde(with = "real")]
    pub grad_norm: f64,
    #[serde(with = "real")]
    pub parameter_norm: f64,
    /// `null` where it was not measured.
    pub sharpness: Option<Sharpness>,
    /// λ at which the optimizer, with full gradients, becomes unstable on a
    /// quadratic: 2/η for plain steps; `null` where no such number is known.
    pub stable_below: Option<f64>,
    /// What the measurement cost.
    pub oracle: Counts,
}

/// λ_max with its residual bound.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Sharpness {
    #[serde(with = "real")]
    pub value: f64,
    #[serde(with = "real")]
    pub residual: f64,
}

/// Measures at x, after so many steps. `sharpest` is the eigenvector that the
/// last measurement found, and becomes this one's.
pub fn measure<T: Scalar>(
    oracle: &Oracle<'_, T>,
    step: u64,
    x: &[T],
    rates: Rates,
    plan: &TrainingPlan,
    subject: &Subject<T>,
    sharpest: &mut Option<Vec<T>>,
) -> Result<Measured, Stop> {
    let before = oracle.counts();
    let mut gradient = vec![T::zero(); x.len()];
    let loss = oracle.value_grad(x, &mut gradient)?;
    let terms = oracle.terms(x)?;
    let sharpness = match plan.sharpness {
        0 => None,
        max_products => {
            let options = SharpnessOptions { max_products, ..SharpnessOptions::default() };
            let top = sharpness(oracle, x, sharpest.as_deref(), &options).map_err(|e| match e {
                CurvatureError::Stopped(stop) => stop,
                CurvatureError::Unsupported(_) => unreachable!("what is trained has a Hessian"),
            })?;
            *sharpest = Some(top.vector.to_vec());
            Some(Sharpness { value: top.value, residual: top.residual })
        }
    };
    let test = subject.test.as_ref().map(|test| test.objective().terms(x));
    let after = oracle.counts();
    Ok(Measured {
        step,
        learning_rate: rates.learning_rate,
        loss,
        data_loss: terms.data,
        data_loss_stderr: terms.data_stderr,
        accuracy: terms.accuracy,
        test_loss: test.map(|test| test.data),
        test_accuracy: test.and_then(|test| test.accuracy),
        grad_norm: norm(&gradient),
        parameter_norm: norm(x),
        sharpness,
        stable_below: match plan.training.method.build::<f64>(&Layout::default()) {
            Optimizer::Method(method) => method.stable_below(rates),
            _ => None,
        },
        oracle: Counts {
            values: after.values - before.values,
            gradients: after.gradients - before.gradients,
            products: after.products - before.products,
        },
    })
}

fn norm<T: Scalar>(vector: &[T]) -> f64 {
    vector.iter().map(|v| v.wide() * v.wide()).sum::<f64>().sqrt()
}
