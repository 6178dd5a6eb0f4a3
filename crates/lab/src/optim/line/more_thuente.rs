//! The search of Moré and Thuente.

mod step;

use serde::{Deserialize, Serialize};

use self::step::Bracket;
use super::{Guess, Ray, Search};
use crate::{Scalar, Stop};

/// A step with φ(α) ≤ φ(0) + μ α φ′(0) and |φ′(α)| ≤ η |φ′(0)|, by safeguarded cubic and
/// quadratic steps in an interval that is sure to hold one.
///
/// Until the first trial that satisfies the first condition with φ′ ≥ 0, the interval is
/// updated by ψ(α) = φ(α) − φ(0) − μ α φ′(0), then by φ itself; it is halved whenever two
/// steps did not make it shorter by a third. While nothing brackets a minimizer, a trial goes
/// at most four times as far again as the last one went. A trial at which f is not finite
/// is too far: the next is half way back, and none goes farther.
///
/// Cost: one gradient a trial. Source: Moré & Thuente, *Line search algorithms with
/// guaranteed sufficient decrease*, ACM Trans. Math. Softw. 20 (1994), with the
/// constants of MINPACK-2's `dcsrch`; the treatment of non-finite trials is an addition.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoreThuente {
    /// Where it begins.
    pub guess: Guess,
    /// μ in (0, 1).
    pub decrease: f64,
    /// η in (μ, 1).
    pub curvature: f64,
    /// The longest step tried.
    pub longest: f64,
    /// Ends when the interval is shorter than this share of its upper end.
    pub width: f64,
    /// The most trials.
    pub trials: u32,
}

impl Default for MoreThuente {
    /// From the unit step, μ = 1e-4, η = 0.9, up to 1e10, at most 30 trials.
    fn default() -> Self {
        Self { guess: Guess::Unit, decrease: 1e-4, curvature: 0.9, longest: 1e10, width: 1e-14, trials: 30 }
    }
}

/// While nothing is bracketed, the next trial goes between these shares of the last
/// advance beyond the last trial.
const EXTRAPOLATE: [f64; 2] = [1.1, 4.0];
/// What two steps must shorten the interval by.
const SHORTEN: f64 = 0.66;

impl<T: Scalar> Search<T> for MoreThuente {
    fn find(&self, ray: &mut Ray<'_, '_, T>, past: &mut [f64]) -> Result<Option<f64>, Stop> {
        let origin = ray.origin();
        let test = self.decrease * origin.slope;
        let mut bracket = Bracket::new(origin);
        let mut longest = self.longest;
        let mut widths = [2.0 * longest, longest];
        let mut length = self.guess.on(ray, past)?.min(longest);
        let mut bounds = [0.0, length + EXTRAPOLATE[1] * length];
        let mut first_stage = true;
        for _ in 0..self.trials {
            let Some(now) = ray.trial(length)? else { break };
            if !now.value.is_finite() {
                longest = length;
                length = 0.5 * (bracket.best.length + length);
                bounds = bounds.map(|bound| bound.min(longest));
                continue;
            }
            let armijo = origin.value + length * test;
            if now.value <= armijo && now.slope.abs() <= -self.curvature * origin.slope {
                return ray.accept(length, true);
            }
            first_stage &= !(now.value <= armijo && now.slope >= 0.0);
            let at_end = length >= longest && now.value <= armijo && now.slope <= test;
            if at_end || (bracket.closed && self.narrow(bounds)) {
                break;
            }
            length = if first_stage && now.value <= bracket.best.value && now.value > armijo {
                bracket.advance_tilted(now, -test, bounds)
            } else {
                bracket.advance(now, bounds)
            };
            let [best, other] = [bracket.best.length, bracket.other.length];
            if bracket.closed {
                let width = (other - best).abs();
                if width >= SHORTEN * widths[0] {
                    length = best + 0.5 * (other - best);
                }
                widths = [widths[1], width];
                bounds = [best.min(other), best.max(other)];
            } else {
                bounds = EXTRAPOLATE.map(|share| length + share * (length - best));
            }
            length = length.clamp(0.0, longest);
            if bracket.closed && (length <= bounds[0] || length >= bounds[1] || self.narrow(bounds)) {
                break;
            }
        }
        Ok(ray.best())
    }
}

impl MoreThuente {
    fn narrow(&self, [low, high]: [f64; 2]) -> bool {
        high - low <= self.width * high
    }
}
