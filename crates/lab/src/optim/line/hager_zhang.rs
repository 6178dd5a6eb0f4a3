//! The search of Hager and Zhang.

use serde::{Deserialize, Serialize};

use super::{Guess, Ray, Search, Trial};
use crate::{Scalar, Stop};

/// A step with Wolfe's conditions φ(α) ≤ φ(0) + δ α φ′(0), φ′(α) ≥ σ φ′(0), or with their
/// approximation (2δ − 1) φ′(0) ≥ φ′(α) ≥ σ φ′(0) where φ(α) ≤ φ(0) + ε |φ(0)|.
///
/// The approximation is the first condition for a parabola, written with slopes alone:
/// near a minimizer, where differences of values are rounding errors, it can still be
/// tested. So f may rise by ε|f|. A trial at which f is not finite counts as too far.
///
/// Cost: one gradient a trial, and one value where the guess is the paper's own.
/// Source: Hager & Zhang, *A new conjugate gradient method with guaranteed descent and an
/// efficient line search*, SIAM J. Optim. 16 (2005), §4: line search L0–L3 with T1 or T2,
/// *bracket*, *update* and *secant²*, θ = 1/2, γ = 0.66, ρ = 5. Without Algorithm 851's
/// switch (ω), which came later.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HagerZhang {
    /// Where it begins.
    pub guess: Guess,
    /// δ in (0, 1/2).
    pub decrease: f64,
    /// σ in [δ, 1).
    pub curvature: f64,
    /// ε: the share of |f| by which a step may rise.
    pub slack: f64,
    /// The most trials.
    pub trials: u32,
}

impl Default for HagerZhang {
    /// The paper's: its own guess, δ = 0.1, σ = 0.9, ε = 1e-6; at most 50 trials.
    fn default() -> Self {
        Self { guess: Guess::HagerZhang, decrease: 0.1, curvature: 0.9, slack: 1e-6, trials: 50 }
    }
}

/// γ: what a double secant step must shorten the interval by.
const SHORTEN: f64 = 0.66;
/// ρ: how fast a bracket grows.
const EXPAND: f64 = 5.0;

/// How a search goes on.
enum Way<S> {
    /// With this.
    On(S),
    /// Not at all: this length is accepted, or none.
    Done(Option<f64>),
}

/// An interval whose lower end falls below φ(0) + ε|φ(0)| and whose upper end rises.
#[derive(Clone, Copy)]
struct Interval {
    low: Trial,
    high: Trial,
}

impl<T: Scalar> Search<T> for HagerZhang {
    fn find(&self, ray: &mut Ray<'_, '_, T>, past: &mut [f64]) -> Result<Option<f64>, Stop> {
        let first = self.guess.on(ray, past)?;
        let bound = ray.at.value + self.slack * ray.at.value.abs();
        let mut work = Work { search: self, ray, bound, left: self.trials };
        let mut interval = match work.bracket(first)? {
            Way::On(interval) => interval,
            Way::Done(found) => return Ok(found),
        };
        loop {
            let shorter = match work.double_secant(interval)? {
                Way::On(shorter) => shorter,
                Way::Done(found) => return Ok(found),
            };
            let mut next = shorter;
            if shorter.width() > SHORTEN * interval.width() {
                match work.update(shorter, 0.5 * (shorter.low.length + shorter.high.length))? {
                    Way::On(half) => next = half,
                    Way::Done(found) => return Ok(found),
                }
            }
            // Between neighbouring numbers there is nothing to try.
            if next.width() >= interval.width() {
                return Ok(work.ray.best());
            }
            interval = next;
        }
    }
}

impl Interval {
    fn width(&self) -> f64 {
        self.high.length - self.low.length
    }
}

struct Work<'s, 'w, 'r, 'a, T: Scalar> {
    search: &'s HagerZhang,
    ray: &'w mut Ray<'r, 'a, T>,
    /// φ(0) + ε |φ(0)|.
    bound: f64,
    left: u32,
}

impl<T: Scalar> Work<'_, '_, '_, '_, T> {
    /// Evaluates at a length; done if that is acceptable or nothing is left to try.
    fn trial(&mut self, length: f64) -> Result<Way<Trial>, Stop> {
        if self.left == 0 {
            return Ok(Way::Done(self.ray.best()));
        }
        self.left -= 1;
        let Some(now) = self.ray.trial(length)? else { return Ok(Way::Done(self.ray.best())) };
        let HagerZhang { decrease, curvature, .. } = *self.search;
        let slope = self.ray.slope;
        let wolfe = now.value <= self.ray.at.value + decrease * length * slope;
        let approximate = now.value <= self.bound && now.slope <= (2.0 * decrease - 1.0) * slope;
        if now.slope >= curvature * slope && (wolfe || approximate) {
            return Ok(Way::Done(self.ray.accept(length, true)?));
        }
        Ok(Way::On(now))
    }

    /// B0–B3: the first interval, from the first length on.
    fn bracket(&mut self, first: f64) -> Result<Way<Interval>, Stop> {
        let origin = self.ray.origin();
        let (mut low, mut length) = (origin, first);
        loop {
            let now = match self.trial(length)? {
                Way::On(now) => now,
                Way::Done(found) => return Ok(Way::Done(found)),
            };
            if now.slope >= 0.0 {
                return Ok(Way::On(Interval { low, high: now }));
            }
            if now.value > self.bound {
                return self.bisect(origin, now);
            }
            low = now;
            length *= EXPAND;
        }
    }

    /// U3: halves between a low end and one that is too high yet still falls.
    fn bisect(&mut self, mut low: Trial, mut high: Trial) -> Result<Way<Interval>, Stop> {
        loop {
            let length = 0.5 * (low.length + high.length);
            if length == low.length || length == high.length {
                return Ok(Way::Done(self.ray.best()));
            }
            match self.trial(length)? {
                Way::Done(found) => return Ok(Way::Done(found)),
                Way::On(now) if now.slope >= 0.0 => return Ok(Way::On(Interval { low, high: now })),
                Way::On(now) if now.value <= self.bound => low = now,
                Way::On(now) => high = now,
            }
        }
    }

    /// U0–U3: the interval after a trial at a length.
    fn update(&mut self, interval: Interval, length: f64) -> Result<Way<Interval>, Stop> {
        let Interval { low, high } = interval;
        // A secant that is no number lies nowhere.
        if !(low.length < length && length < high.length) {
            return Ok(Way::On(interval));
        }
        match self.trial(length)? {
            Way::Done(found) => Ok(Way::Done(found)),
            Way::On(now) if now.slope >= 0.0 => Ok(Way::On(Interval { low, high: now })),
            Way::On(now) if now.value <= self.bound => Ok(Way::On(Interval { low: now, high })),
            Way::On(now) => self.bisect(low, now),
        }
    }

    /// S1–S4.
    fn double_secant(&mut self, old: Interval) -> Result<Way<Interval>, Stop> {
        let first = secant(old.low, old.high);
        let new = match self.update(old, first)? {
            Way::On(new) => new,
            done => return Ok(done),
        };
        if first == new.high.length {
            self.update(new, secant(old.high, new.high))
        } else if first == new.low.length {
            self.update(new, secant(old.low, new.low))
        } else {
            Ok(Way::On(new))
        }
    }
}

/// Where the line through two slopes is zero.
fn secant(a: Trial, b: Trial) -> f64 {
    (a.length * b.slope - b.length * a.slope) / (b.slope - a.slope)
}
