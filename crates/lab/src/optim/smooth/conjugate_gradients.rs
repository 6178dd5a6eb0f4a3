//! Nonlinear conjugate gradients.

use crate::optim::descent::{Descent, LineSearch};
use crate::optim::line::{CHOICES, Guess, chosen};
use crate::optim::method::Memory;
use crate::optim::minimize::Point;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{dot, norm};
use crate::{Oracle, Scalar, Stop};

/// The direction d = −g + β d₋, with g = ∇f(x) and y = g − g₋.
///
/// It starts again at −g, counted as `restarts`: where d would not descend (gᵀd ≥ 0); with
/// [`FletcherReeves`](Beta::FletcherReeves) and [`DaiYuan`](Beta::DaiYuan), which do not
/// recover from a bad direction by themselves, where |gᵀg₋| ≥ 0.1 gᵀg (Powell 1977; eq. 5.52 of
/// Nocedal & Wright 2006); and after a search that found nothing.
///
/// The theory of `FletcherReeves` and `PolakRibiere` wants strong Wolfe conditions with
/// c₂ < 1/2, that of `DaiYuan` Wolfe's, that of `HagerZhang` either.
///
/// Cost: 2n numbers remembered, 4n multiplications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConjugateGradients {
    /// The formula for β.
    pub beta: Beta,
}

/// Formulas for β.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beta {
    /// (y − 2 d₋ yᵀy/d₋ᵀy)ᵀg/d₋ᵀy, not below −1/(‖d₋‖ min(0.01, ‖g₋‖)): Hager & Zhang, *A new
    /// conjugate gradient method with guaranteed descent*, SIAM J. Optim. 16 (2005), eqs. 1.3–1.6.
    HagerZhang,
    /// max(0, gᵀy/g₋ᵀg₋): Polak & Ribière 1969, Polyak 1969, as Powell 1984 and Gilbert &
    /// Nocedal 1992 (PR+).
    PolakRibiere,
    /// gᵀg/g₋ᵀg₋: Fletcher & Reeves 1964.
    FletcherReeves,
    /// gᵀy/d₋ᵀy: Hestenes & Stiefel 1952.
    HestenesStiefel,
    /// gᵀg/d₋ᵀy: Dai & Yuan 1999.
    DaiYuan,
}

const FORMULAS: [Beta; 5] =
    [Beta::HagerZhang, Beta::PolakRibiere, Beta::FletcherReeves, Beta::HestenesStiefel, Beta::DaiYuan];
/// Their names, in the same order.
const NAMES: &[&str] = &["hz", "pr+", "fr", "hs", "dy"];
/// η of Hager and Zhang's bound.
const BOUND: f64 = 0.01;
/// ν of Powell's restarts.
const POWELL: f64 = 0.1;

// Scalars: what d₋ was, how often it began again. Vectors: d₋, g₋.
const KIND: usize = 0;
const RESTARTS: usize = 1;
const UNKNOWN: f64 = 0.0;
const STEEPEST: f64 = 1.0;
const CONJUGATE: f64 = 2.0;

impl<T: Scalar> Descent<T> for ConjugateGradients {
    fn name(&self) -> &'static str {
        "cg"
    }

    fn init(&self, n: usize) -> Memory<T> {
        let mut memory = Memory::zeros(n, 2);
        memory.scalars = vec![UNKNOWN, 0.0];
        memory
    }

    fn direction(
        &self,
        _: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop> {
        let g = &at.gradient;
        let mut beta = 0.0;
        if memory.scalars[KIND] != UNKNOWN {
            beta = self.beta.of(&memory.vectors[0], &memory.vectors[1], g);
            let slope = -dot(g, g) + beta * dot(g, &memory.vectors[0]);
            if beta.is_nan() || slope >= 0.0 || self.beta.stuck(&memory.vectors[1], g) {
                memory.scalars[RESTARTS] += 1.0;
                beta = 0.0;
            }
        }
        let before = &memory.vectors[0];
        for (i, d) in direction.iter_mut().enumerate() {
            // Without β, d₋ may hold anything.
            let kept = if beta == 0.0 { 0.0 } else { beta * before[i].wide() };
            *d = T::of(kept - g[i].wide());
        }
        memory.vectors[0].copy_from_slice(direction);
        memory.vectors[1].copy_from_slice(g);
        memory.scalars[KIND] = if beta == 0.0 { STEEPEST } else { CONJUGATE };
        memory.step += 1;
        Ok(())
    }

    fn forget(&self, memory: &mut Memory<T>) -> bool {
        let conjugate = std::mem::replace(&mut memory.scalars[KIND], UNKNOWN) == CONJUGATE;
        memory.scalars[RESTARTS] += f64::from(conjugate);
        conjugate
    }

    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        vec![("restarts", memory.scalars[RESTARTS] as u64)]
    }
}

impl Beta {
    /// β from the last direction, the last gradient and this one; NaN if it is not defined.
    fn of<T: Scalar>(self, before: &[T], old: &[T], g: &[T]) -> f64 {
        let y: Vec<T> = g.iter().zip(old).map(|(&g, &old)| g - old).collect();
        match self {
            Beta::PolakRibiere => (dot(g, &y) / dot(old, old)).max(0.0),
            Beta::FletcherReeves => dot(g, g) / dot(old, old),
            Beta::HestenesStiefel => dot(g, &y) / dot(before, &y),
            Beta::DaiYuan => dot(g, g) / dot(before, &y),
            Beta::HagerZhang => {
                let dy = dot(before, &y);
                let beta = (dot(&y, g) - 2.0 * dot(before, g) * dot(&y, &y) / dy) / dy;
                let least = -1.0 / (norm(before) * BOUND.min(norm(old)));
                if beta.is_nan() { beta } else { beta.max(least) }
            }
        }
    }

    /// Powell's test, for the formulas that need it.
    fn stuck<T: Scalar>(self, old: &[T], g: &[T]) -> bool {
        matches!(self, Beta::FletcherReeves | Beta::DaiYuan) && dot(g, old).abs() >= POWELL * dot(g, g)
    }
}

pub(in crate::optim) const fn cg<T: Scalar>() -> Entry<T> {
    Entry {
        name: "cg",
        summary: "nonlinear conjugate gradients",
        source: "Hager & Zhang 2005; Polak & Ribière 1969; Fletcher & Reeves 1964; Hestenes & Stiefel 1952; \
                 Dai & Yuan 1999",
        family: Family::QuasiNewton,
        cost: "a gradient a trial, mostly one or two, and a value a step with Hager and Zhang's search",
        rate: None,
        parameters: const {
            &[
                Parameter::choice("beta", NAMES, "formula for β"),
                // CG_DESCENT's.
                Parameter::choice("line", CHOICES, "step length").with_default(5.0),
            ]
        },
        build: |values, _| {
            let descent = ConjugateGradients { beta: FORMULAS[values[0] as usize] };
            let search = CHOICES[values[1] as usize];
            let own = search == "hager-zhang";
            let guess = match search {
                "hager-zhang" => Guess::HagerZhang,
                "strong-wolfe" | "more-thuente" => Guess::SlopeRatio,
                // Those that do not see slopes never go beyond a guess that is too short.
                _ => Guess::Last { growth: 2.0 },
            };
            let curvature = if own && descent.beta == Beta::HagerZhang { 0.9 } else { 0.1 };
            let length = chosen(values[1], guess, curvature);
            Optimizer::Iteration(Box::new(LineSearch { descent, length }))
        },
    }
}
