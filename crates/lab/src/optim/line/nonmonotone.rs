//! The nonmonotone search of Grippo, Lampariello and Lucidi.

use serde::{Deserialize, Serialize};

use super::{Guess, Ray, Search, VALUES};
use crate::{Scalar, Stop};

/// Backtracking until f(x + α d) ≤ max of the last M values + c α ∇f(x)ᵀd.
///
/// Single steps may go up, which the steps of Barzilai and Borwein need; the highest
/// of M values in a row still falls. A rejected α is replaced by the minimizer of the
/// parabola through φ(0), φ′(0) and φ(α), kept within [0.1 α, 0.5 α].
///
/// Cost: one gradient for the first trial, one value for each further, then one gradient.
/// Source: Grippo, Lampariello & Lucidi, *A nonmonotone line search technique for
/// Newton's method*, SIAM J. Numer. Anal. 23 (1986), eq. 5; constants and interpolation
/// as in Raydan, *The Barzilai and Borwein gradient method for the large scale
/// unconstrained minimization problem*, SIAM J. Optim. 7 (1997), §3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nonmonotone {
    /// Where it begins.
    pub guess: Guess,
    /// M, from 1; 1 is monotone.
    pub window: u32,
    /// c in (0, 1).
    pub decrease: f64,
}

impl Default for Nonmonotone {
    /// From the unit step, M = 10, c = 1e-4.
    fn default() -> Self {
        Self { guess: Guess::Unit, window: 10, decrease: 1e-4 }
    }
}

/// Share of a rejected length within which the next one lies.
const SHORTEST: f64 = 0.1;
const LONGEST: f64 = 0.5;

impl<T: Scalar> Search<T> for Nonmonotone {
    fn find(&self, ray: &mut Ray<'_, '_, T>, past: &mut [f64]) -> Result<Option<f64>, Stop> {
        let mut length = self.guess.on(ray, past)?;
        let start = ray.at.value;
        let values = &mut past[VALUES..];
        values.rotate_right(1);
        values[0] = start;
        let highest = values.iter().copied().fold(start, f64::max);
        for trial in 0.. {
            let value = match trial {
                0 => ray.trial(length)?.map(|trial| trial.value),
                _ => ray.value(length)?,
            };
            let Some(value) = value else { break };
            if value <= highest + self.decrease * length * ray.slope {
                return ray.accept(length, trial == 0);
            }
            let bend = 2.0 * (value - start - ray.slope * length);
            let vertex = -ray.slope * length * length / bend;
            length = vertex.clamp(SHORTEST * length, LONGEST * length);
        }
        Ok(None)
    }
}
