//! Goldstein's conditions.

use serde::{Deserialize, Serialize};

use super::{Guess, Ray, Search};
use crate::{Scalar, Stop};

/// A step that lowers f neither too little nor too much:
/// f(x) + (1 − c) α ∇f(x)ᵀd ≤ f(x + α d) ≤ f(x) + c α ∇f(x)ᵀd.
///
/// Steps that are too short are doubled until one is too long; then the interval
/// between is halved. The first condition may shut out every minimizer of φ, as it
/// does where φ is flat and then steep. Where f falls without end, the last trial
/// that is allowed is taken.
///
/// Cost: one value a trial, then one gradient; where the guess is the unit step,
/// its gradient is taken with it.
/// Source: Goldstein, *On steepest descent*, SIAM J. Control 3 (1965), as eq. 3.11 of
/// Nocedal & Wright (2006); doubling and halving are our choice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goldstein {
    /// Where it begins.
    pub guess: Guess,
    /// c in (0, 1/2).
    pub decrease: f64,
    /// The most trials.
    pub trials: u32,
}

impl Default for Goldstein {
    /// From the unit step, c = 1/4, at most 50 trials.
    fn default() -> Self {
        Self { guess: Guess::Unit, decrease: 0.25, trials: 50 }
    }
}

impl<T: Scalar> Search<T> for Goldstein {
    fn find(&self, ray: &mut Ray<'_, '_, T>, past: &mut [f64]) -> Result<Option<f64>, Stop> {
        let mut length = self.guess.on(ray, past)?;
        let (mut short, mut long) = (0.0, f64::INFINITY);
        for trial in 1..=self.trials {
            let with_gradient = trial == 1 && self.guess == Guess::Unit;
            let value = match with_gradient {
                true => ray.trial(length)?.map(|trial| trial.value),
                false => ray.value(length)?,
            };
            let Some(value) = value else { return Ok(None) };
            let change = value - ray.at.value;
            let low_enough = change <= self.decrease * length * ray.slope;
            let far_enough = change >= (1.0 - self.decrease) * length * ray.slope;
            if low_enough && (far_enough || trial == self.trials) {
                return ray.accept(length, with_gradient);
            }
            if low_enough {
                short = length;
            } else {
                long = length;
            }
            length = if long.is_finite() { 0.5 * (short + long) } else { 2.0 * length };
        }
        Ok(ray.best())
    }
}
