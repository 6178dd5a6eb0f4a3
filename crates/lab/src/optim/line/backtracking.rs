//! Armijo's backtracking.

use serde::{Deserialize, Serialize};

use super::{Guess, Ray, Search};
use crate::{Scalar, Stop};

/// Backtracking until f(x + α d) ≤ f(x) + c α ∇f(x)ᵀd.
///
/// The search begins at α₀ = min(`longest`, the guess). A trial at which f is not
/// finite counts as too far. It gives up when ∇f(x)ᵀd ≥ 0 or when x + α d = x in
/// every coordinate.
///
/// Cost: one value a trial, then one gradient; where the guess is the unit step, which
/// will most often do, its gradient is taken with it and its value is not counted apart.
/// Source: Armijo, *Minimization of functions having Lipschitz continuous first partial
/// derivatives* (1966), as Algorithm 3.1 of Nocedal & Wright (2006).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtracking {
    /// Where it begins.
    pub guess: Guess,
    /// The longest step tried.
    pub longest: f64,
    /// ρ in (0, 1).
    pub shrink: f64,
    /// c in (0, 1).
    pub decrease: f64,
}

impl Default for Backtracking {
    /// From 1 or twice the last step, halving, c = 1e-4.
    fn default() -> Self {
        Self { guess: Guess::Last { growth: 2.0 }, longest: 1.0, shrink: 0.5, decrease: 1e-4 }
    }
}

impl<T: Scalar> Search<T> for Backtracking {
    fn find(&self, ray: &mut Ray<'_, '_, T>, past: &mut [f64]) -> Result<Option<f64>, Stop> {
        let mut length = self.guess.on(ray, past)?.min(self.longest);
        let bound = |length, ray: &Ray<'_, '_, T>| ray.at.value + self.decrease * length * ray.slope;
        if self.guess == Guess::Unit {
            match ray.trial(length)? {
                None => return Ok(None),
                Some(trial) if trial.value <= bound(length, ray) => return ray.accept(length, true),
                Some(_) => length *= self.shrink,
            }
        }
        loop {
            match ray.value(length)? {
                None => return Ok(None),
                Some(value) if value <= bound(length, ray) => return ray.accept(length, false),
                Some(_) => length *= self.shrink,
            }
        }
    }
}
