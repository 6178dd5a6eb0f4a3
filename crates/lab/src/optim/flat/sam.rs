//! Sharpness-aware minimization.

use crate::optim::method::{Memory, Method, Rates, Sample, Stochastic};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::rule::sgd::HeavyBall;
use crate::optim::rule::{sum, sweep};
use crate::{Scalar, Stop};

/// SAM and ASAM: momentum with the gradient at the worst point nearby.
///
/// - e = ρ g(x) / ‖g(x)‖ (SAM), or e = ρ T² g(x) / ‖T g(x)‖ with T = diag(|x| + τ) (ASAM)
/// - v ← μ v + g(x + e), x ← x − η v
///
/// Both gradients are of the same minibatch. ASAM's neighbourhood does not depend on the scales
/// of neurons. The point that SAM rests at is not a critical point of the loss
/// but one where the gradient at x + e vanishes; where g(x) = 0, e is 0.
///
/// Source: Foret, Kleiner, Mobahi & Neyshabur, *Sharpness-aware minimization for efficiently
/// improving generalization* (ICLR 2021), Algorithm 1 with p = 2 and ρ = 0.05; Kwon, Kim, Park &
/// Choi, *ASAM* (ICML 2021), Algorithm 1 with ρ = 0.5 and τ (their η) = 0.01, for which all
/// coordinates are scaled; their program leaves out biases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sam {
    /// ρ ≥ 0.
    pub radius: f64,
    /// τ for ASAM; `None` for SAM.
    pub adaptive: Option<f64>,
    /// The rule that takes the step.
    pub base: HeavyBall,
}

impl<T: Scalar> Stochastic<T> for Sam {
    fn name(&self) -> &'static str {
        if self.adaptive.is_some() { "asam" } else { "sam" }
    }

    fn vectors(&self) -> &'static [&'static str] {
        Method::<T>::vectors(&self.base)
    }

    fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop> {
        let value = sample.value_grad(x, gradient)?;
        let mut worst = x.to_vec();
        let scale = |x: T| self.adaptive.map_or(T::one(), |floor| x.abs() + T::of(floor));
        sweep(
            #[inline(always)]
            || {
                let square = sum([&*x, &*gradient], |[x, g]| (scale(x) * g).wide().powi(2));
                if square > 0.0 {
                    let length = T::of(self.radius / square.sqrt());
                    for ((worst, &x), &g) in worst.iter_mut().zip(&*x).zip(&*gradient) {
                        *worst = x + length * scale(x) * scale(x) * g;
                    }
                }
            },
        );
        sample.value_grad(&worst, gradient)?;
        self.base.step(memory, x, gradient, rates);
        Ok(value)
    }
}

pub(in crate::optim) const fn sam<T: Scalar>() -> Entry<T> {
    Entry {
        name: "sam",
        summary: "momentum with the gradient at the worst point nearby",
        source: "Foret et al. 2021, Algorithm 1",
        family: Family::FlatnessAware,
        cost: "2 gradients",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::not_negative("radius", 0.05, "distance of the worst point, ρ"),
                Parameter::fraction("momentum", 0.9, "share of the velocity that is kept, μ"),
            ]
        },
        build: |values, _| {
            let base = HeavyBall { momentum: values[1] };
            Optimizer::Stochastic(Box::new(Sam { radius: values[0], adaptive: None, base }))
        },
    }
}

pub(in crate::optim) const fn asam<T: Scalar>() -> Entry<T> {
    Entry {
        name: "asam",
        summary: "the same in a neighbourhood that scales with the parameters",
        source: "Kwon et al. 2021, Algorithm 1",
        family: Family::FlatnessAware,
        cost: "2 gradients",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::not_negative("radius", 0.5, "scaled distance of the worst point, ρ"),
                Parameter::fraction("momentum", 0.9, "share of the velocity that is kept, μ"),
                Parameter::not_negative("floor", 0.01, "added to the size of each parameter, τ"),
            ]
        },
        build: |values, _| {
            let base = HeavyBall { momentum: values[1] };
            Optimizer::Stochastic(Box::new(Sam { radius: values[0], adaptive: Some(values[2]), base }))
        },
    }
}
