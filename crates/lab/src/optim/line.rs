//! Step lengths: how far to go along a direction d from x, by φ(α) = f(x + α d).
//!
//! Armijo's kind of search asks for values alone until it accepts; those that test
//! the slope φ′ too ask for a gradient at each trial. Either way the accepted point
//! is left with its value and gradient. A search that runs out of trials gives the
//! lowest point that it saw with its gradient, if that is below f(x).

mod backtracking;
mod choice;
mod goldstein;
mod guess;
mod hager_zhang;
mod more_thuente;
mod nonmonotone;
mod ray;
mod wolfe;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use backtracking::Backtracking;
pub use goldstein::Goldstein;
pub use guess::Guess;
pub use hager_zhang::HagerZhang;
pub use more_thuente::MoreThuente;
pub use nonmonotone::Nonmonotone;
pub use wolfe::StrongWolfe;

pub(in crate::optim) use choice::{CHOICES, chosen};
pub(in crate::optim) use ray::{Ray, Trial};

use super::minimize::Point;
use crate::vector::displaced;
use crate::{Oracle, Scalar, Stop};

/// How far to go along a direction d from x.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepLength {
    /// Always α d.
    Constant(f64),
    /// The first of α₀, α₀ρ, α₀ρ², … that lowers f enough.
    Backtracking(Backtracking),
    /// Lowers f neither too little nor too much.
    Goldstein(Goldstein),
    /// Lowers f below the highest of the last few values.
    Nonmonotone(Nonmonotone),
    /// Lowers f and flattens its slope, by bracketing and zooming.
    StrongWolfe(StrongWolfe),
    /// Lowers f and flattens its slope, by safeguarded cubic steps.
    MoreThuente(MoreThuente),
    /// Wolfe's conditions or their approximations, by double secant steps.
    HagerZhang(HagerZhang),
}

/// A search along a ray on which f falls at first.
trait Search<T: Scalar> {
    /// Finds a length and leaves its point in the ray; reads and may change what is remembered.
    fn find(&self, ray: &mut Ray<'_, '_, T>, past: &mut [f64]) -> Result<Option<f64>, Stop>;
}

/// Where the numbers that a search remembers stand: the last accepted α, φ′(0) and
/// φ(0) there, then the last few values. Infinite before the first search.
pub(super) const LENGTH: usize = 0;
pub(super) const SLOPE: usize = 1;
pub(super) const VALUE: usize = 2;
pub(super) const VALUES: usize = 3;

impl StepLength {
    /// What a search remembers before the first one.
    pub(super) fn begin(&self) -> Vec<f64> {
        let mut past = vec![f64::INFINITY; VALUES];
        if let StepLength::Nonmonotone(search) = self {
            past.extend(vec![f64::NEG_INFINITY; search.window as usize]);
        }
        past
    }

    /// Finds a length and leaves x + α d in `next`, with its value and gradient;
    /// `None` if there is no such step, as where d does not descend.
    pub(super) fn find<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        at: &Point<T>,
        direction: &[T],
        past: &mut [f64],
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let search: &dyn Search<T> = match self {
            StepLength::Constant(length) => {
                displaced(&at.x, &[(*length, direction)], &mut next.x);
                next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
                return Ok(Some(*length));
            }
            StepLength::Backtracking(search) => search,
            StepLength::Goldstein(search) => search,
            StepLength::Nonmonotone(search) => search,
            StepLength::StrongWolfe(search) => search,
            StepLength::MoreThuente(search) => search,
            StepLength::HagerZhang(search) => search,
        };
        let Some(mut ray) = Ray::new(oracle, at, direction, next) else { return Ok(None) };
        let slope = ray.slope;
        let found = search.find(&mut ray, past)?;
        if let Some(length) = found {
            past[..VALUES].copy_from_slice(&[length, slope, at.value]);
        }
        Ok(found)
    }
}
