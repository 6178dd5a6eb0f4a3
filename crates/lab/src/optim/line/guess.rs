//! Where a search begins.

use serde::{Deserialize, Serialize};

use super::{LENGTH, Ray, SLOPE, VALUE};
use crate::vector::norm;
use crate::{Scalar, Stop};

/// The first trial α₀ of a search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guess {
    /// α₀ = 1, for directions whose length means something: Newton's and their kin.
    Unit,
    /// α₀ = growth · the last accepted α; without one, 1.
    Last {
        /// How much longer than the last step a search may begin; at least 1.
        growth: f64,
    },
    /// α₀ = α₋ φ₋′(0)/φ′(0): the first-order change is to be that of the last step;
    /// without one, min(1, 1/‖d‖). Source: Nocedal & Wright (2006), §3.5, p. 59.
    SlopeRatio,
    /// α₀ = min(1, 1.01 · 2 (f(x) − f(x₋))/φ′(0)): the minimizer of the parabola that
    /// falls by what the last step did; without one, as if f had fallen by ‖∇f(x)‖/2.
    /// Source: Nocedal & Wright (2006), eq. 3.60; the first fall is SciPy's.
    Quadratic,
    /// ψ₀‖x‖∞/‖d‖∞ at first (ψ₀|f|/‖d‖² if x = 0, 1 if f = 0 too); then the minimizer of
    /// the parabola through φ(0), φ′(0) and φ(ψ₁α₋), if φ(ψ₁α₋) ≤ φ(0) and it has one, else
    /// ψ₂α₋. Costs one value. ψ₀ = 0.01, ψ₁ = 0.1, ψ₂ = 2. Source: Hager & Zhang, *A new
    /// conjugate gradient method with guaranteed descent and an efficient line search*, SIAM
    /// J. Optim. 16 (2005), procedure *initial*, I0–I2, there with d = −∇f at first.
    HagerZhang,
}

const FIRST: f64 = 0.01;
const PROBE: f64 = 0.1;
const GROWTH: f64 = 2.0;

impl Guess {
    /// α₀ on a ray, after the searches that are remembered.
    pub(super) fn on<T: Scalar>(&self, ray: &mut Ray<'_, '_, T>, past: &[f64]) -> Result<f64, Stop> {
        let (last, slope, value) = (past[LENGTH], past[SLOPE], past[VALUE]);
        let known = last.is_finite() && last > 0.0;
        let guess = match self {
            Guess::Unit => 1.0,
            Guess::Last { growth } if known => growth * last,
            Guess::Last { .. } => 1.0,
            Guess::SlopeRatio if known => last * slope / ray.slope,
            Guess::SlopeRatio => (1.0 / norm(ray.direction)).min(1.0),
            Guess::Quadratic => {
                let fall = if known { value - ray.at.value } else { 0.5 * norm(&ray.at.gradient) };
                (-1.01 * 2.0 * fall / ray.slope).min(1.0)
            }
            Guess::HagerZhang if known => parabola(ray, PROBE * last)?.unwrap_or(GROWTH * last),
            Guess::HagerZhang => first(ray),
        };
        // Where numbers overflow on the way, the unit step is as good as any.
        Ok(if guess.is_finite() && guess > 0.0 { guess } else { 1.0 })
    }
}

/// I0.
fn first<T: Scalar>(ray: &Ray<'_, '_, T>) -> f64 {
    let largest = |v: &[T]| v.iter().map(|v| v.wide().abs()).fold(0.0, f64::max);
    let x = largest(&ray.at.x);
    if x > 0.0 {
        FIRST * x / largest(ray.direction)
    } else if ray.at.value != 0.0 {
        FIRST * ray.at.value.abs() / norm(ray.direction).powi(2)
    } else {
        1.0
    }
}

/// I1: the minimizer of the parabola through φ(0), φ′(0) and φ(probe).
fn parabola<T: Scalar>(ray: &mut Ray<'_, '_, T>, probe: f64) -> Result<Option<f64>, Stop> {
    let start = ray.at.value;
    let Some(value) = ray.value(probe)?.filter(|&value| value <= start) else { return Ok(None) };
    let bend = (value - start - ray.slope * probe) / (probe * probe);
    Ok((bend > 0.0).then(|| -ray.slope / (2.0 * bend)))
}
