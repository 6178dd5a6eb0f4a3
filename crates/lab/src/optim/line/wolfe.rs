//! The strong Wolfe conditions, by bracketing and zooming.

use serde::{Deserialize, Serialize};

use super::{Guess, Ray, Search, Trial};
use crate::{Scalar, Stop};

/// A step with φ(α) ≤ φ(0) + c₁ α φ′(0) and |φ′(α)| ≤ c₂ |φ′(0)|.
///
/// Lengths are doubled until an interval must hold such a step; then the minimizer of
/// the cubic through both ends' values and slopes is tried, or the middle where that
/// comes within a tenth of an end. A trial at which f is not finite counts as too far.
///
/// Cost: one gradient a trial. Source: Algorithms 3.5 and 3.6 with eq. 3.59 of Nocedal &
/// Wright, *Numerical Optimization* (2006); doubling and the tenth are our choices there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrongWolfe {
    /// Where it begins.
    pub guess: Guess,
    /// c₁ in (0, c₂).
    pub decrease: f64,
    /// c₂ in (c₁, 1).
    pub curvature: f64,
    /// The longest step tried.
    pub longest: f64,
    /// The most trials.
    pub trials: u32,
}

impl Default for StrongWolfe {
    /// From the unit step, c₁ = 1e-4, c₂ = 0.9, up to 1e10, at most 50 trials.
    fn default() -> Self {
        Self { guess: Guess::Unit, decrease: 1e-4, curvature: 0.9, longest: 1e10, trials: 50 }
    }
}

impl<T: Scalar> Search<T> for StrongWolfe {
    fn find(&self, ray: &mut Ray<'_, '_, T>, past: &mut [f64]) -> Result<Option<f64>, Stop> {
        let mut length = self.guess.on(ray, past)?.min(self.longest);
        let mut before = ray.origin();
        for spent in 1..=self.trials {
            let Some(now) = ray.trial(length)? else { return Ok(ray.best()) };
            if !self.lowers(ray, now) || (spent > 1 && now.value >= before.value) {
                return self.zoom(ray, before, now, spent);
            }
            if self.flattens(ray, now) {
                return ray.accept(length, true);
            }
            if now.slope >= 0.0 {
                return self.zoom(ray, now, before, spent);
            }
            if length >= self.longest {
                break;
            }
            before = now;
            length = (2.0 * length).min(self.longest);
        }
        Ok(ray.best())
    }
}

impl StrongWolfe {
    /// Algorithm 3.6: `low` has the lowest value so far, and f falls from it towards `high`.
    fn zoom<T: Scalar>(
        &self,
        ray: &mut Ray<'_, '_, T>,
        mut low: Trial,
        mut high: Trial,
        spent: u32,
    ) -> Result<Option<f64>, Stop> {
        for _ in spent..self.trials {
            let length = between(low, high);
            if length == low.length || length == high.length {
                break;
            }
            let Some(now) = ray.trial(length)? else { break };
            if !self.lowers(ray, now) || now.value >= low.value {
                high = now;
            } else {
                if self.flattens(ray, now) {
                    return ray.accept(length, true);
                }
                if now.slope * (high.length - low.length) >= 0.0 {
                    high = low;
                }
                low = now;
            }
        }
        Ok(ray.best())
    }

    fn lowers<T: Scalar>(&self, ray: &Ray<'_, '_, T>, now: Trial) -> bool {
        now.value <= ray.at.value + self.decrease * now.length * ray.slope
    }

    fn flattens<T: Scalar>(&self, ray: &Ray<'_, '_, T>, now: Trial) -> bool {
        now.slope.abs() <= -self.curvature * ray.slope
    }
}

/// The minimizer of the cubic through two trials, or their middle.
fn between(a: Trial, b: Trial) -> f64 {
    let width = b.length - a.length;
    let d1 = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.length - b.length);
    let d2 = width.signum() * (d1 * d1 - a.slope * b.slope).sqrt();
    let cubic = b.length - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
    let share = (cubic - a.length) / width;
    if (0.1..=0.9).contains(&share) { cubic } else { a.length + 0.5 * width }
}
