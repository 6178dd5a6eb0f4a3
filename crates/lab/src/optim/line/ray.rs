//! f along a ray, with every trial kept that may still be wanted.

use crate::optim::minimize::Point;
use crate::vector::{displaced, dot};
use crate::{Oracle, Scalar, Stop};

/// φ(α) = f(x + α d) for α > 0, where φ′(0) < 0.
pub(in crate::optim) struct Ray<'r, 'a, T: Scalar> {
    /// Where it begins.
    pub at: &'r Point<T>,
    /// d (n).
    pub direction: &'r [T],
    /// φ′(0) = ∇f(x)ᵀd.
    pub slope: f64,
    oracle: &'r Oracle<'a, T>,
    /// The kept trial, once there is one.
    next: &'r mut Point<T>,
    kept: Option<f64>,
    /// Room for a trial while another is kept.
    spare: Option<Point<T>>,
}

/// φ and φ′ at a length. Where f or its gradient is not finite, φ = ∞ and φ′ is NaN.
#[derive(Clone, Copy, Debug)]
pub(in crate::optim) struct Trial {
    /// α.
    pub length: f64,
    /// φ(α).
    pub value: f64,
    /// φ′(α).
    pub slope: f64,
}

impl<'r, 'a, T: Scalar> Ray<'r, 'a, T> {
    /// The ray from a point along d; `None` unless f falls along it at first.
    pub fn new(
        oracle: &'r Oracle<'a, T>,
        at: &'r Point<T>,
        direction: &'r [T],
        next: &'r mut Point<T>,
    ) -> Option<Self> {
        let slope = dot(&at.gradient, direction);
        let descends = slope < 0.0 && slope.is_finite();
        descends.then_some(Self { at, direction, slope, oracle, next, kept: None, spare: None })
    }

    /// φ(0) and φ′(0).
    pub fn origin(&self) -> Trial {
        Trial { length: 0.0, value: self.at.value, slope: self.slope }
    }

    /// φ and φ′ at a length: one gradient. The lowest trial below φ(0) is kept.
    /// `None` if x + α d is x in every coordinate.
    pub fn trial(&mut self, length: f64) -> Result<Option<Trial>, Stop> {
        let (oracle, direction, kept) = (self.oracle, self.direction, self.kept);
        let Some(point) = self.moved(length) else { return Ok(None) };
        point.value = oracle.trial(&point.x, &mut point.gradient)?;
        let slope = dot(&point.gradient, direction);
        let value = point.value;
        if !value.is_finite() || !slope.is_finite() {
            return Ok(Some(Trial { length, value: f64::INFINITY, slope: f64::NAN }));
        }
        if value < kept.map_or(self.at.value, |_| self.next.value) {
            self.keep(length);
        }
        Ok(Some(Trial { length, value, slope }))
    }

    /// φ at a length: one value; NaN and −∞ are ∞. `None` if x + α d is x in every coordinate.
    pub fn value(&mut self, length: f64) -> Result<Option<f64>, Stop> {
        let oracle = self.oracle;
        let Some(point) = self.moved(length) else { return Ok(None) };
        let mut value = [0.0];
        oracle.values(&point.x, &mut value)?;
        Ok(Some(if value[0].is_finite() { value[0] } else { f64::INFINITY }))
    }

    /// Makes the last trial the accepted one, whatever was kept: the gradient at its point is
    /// taken if that has not been done.
    pub fn accept(&mut self, length: f64, with_gradient: bool) -> Result<Option<f64>, Stop> {
        if self.kept != Some(length) {
            if !with_gradient {
                let point = self.spare.as_mut().filter(|_| self.kept.is_some()).unwrap_or(self.next);
                point.value = self.oracle.value_grad(&point.x, &mut point.gradient)?;
            }
            self.keep(length);
        }
        Ok(Some(length))
    }

    /// The length of the kept trial: the lowest that was seen with its gradient, if below φ(0).
    pub fn best(&self) -> Option<f64> {
        self.kept
    }

    /// Moves the free point to x + α d.
    fn moved(&mut self, length: f64) -> Option<&mut Point<T>> {
        let free = match self.kept {
            None => &mut *self.next,
            Some(_) => self.spare.get_or_insert_with(|| self.at.clone()),
        };
        displaced(&self.at.x, &[(length, self.direction)], &mut free.x);
        (free.x != self.at.x).then_some(free)
    }

    /// Keeps the trial in the free point.
    fn keep(&mut self, length: f64) {
        if self.kept.is_some()
            && let Some(spare) = &mut self.spare
        {
            std::mem::swap(self.next, spare);
        }
        self.kept = Some(length);
    }
}
