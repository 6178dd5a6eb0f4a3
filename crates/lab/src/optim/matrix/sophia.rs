//! Sophia-H.

use super::curvature_along;
use crate::optim::method::{Memory, Rates, Sample, Stochastic};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::rule::sweep;
use crate::random::Stream;
use crate::{Scalar, Stop};

/// Sophia-H: momentum over an estimate of the Hessian's diagonal, each coordinate clipped.
///
/// With m = h = 0 before the first step:
///
/// - m ← β₁ m + (1 − β₁) g
/// - every k steps, the first among them: h ← β₂ h + (1 − β₂) z ⊙ Hz with a random z
/// - x ← (1 − η λ) x − η clip(m / max(γ h, ε), 1), clipped to [−1, 1]
///
/// Where the curvature is negative or small the step is η sign(m). γ decides how many coordinates are
/// clipped; the authors want half to nine tenths.
///
/// Source: Liu, Li, Hall, Liang & Ma, *Sophia: a scalable stochastic second-order optimizer for
/// language model pre-training* (ICLR 2024), Algorithm 3 with Algorithm 1 (Hutchinson's estimator
/// with normal z; `probe=signs` has less variance). Rate and decay are those of the authors' program for Sophia-G. Probes
/// are the stream (seed, "sophia", step).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SophiaH {
    /// β₁ in [0, 1).
    pub beta1: f64,
    /// β₂ in [0, 1).
    pub beta2: f64,
    /// γ > 0.
    pub gamma: f64,
    /// ε > 0.
    pub epsilon: f64,
    /// λ ≥ 0.
    pub decay: f64,
    /// k.
    pub every: u64,
    /// Whether probes are signs rather than normal.
    pub signs: bool,
    /// Seed of the probes.
    pub seed: u64,
}

impl<T: Scalar> Stochastic<T> for SophiaH {
    fn name(&self) -> &'static str {
        "sophia-h"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_curvature"]
    }

    fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop> {
        let (step, _, [mean, curvature]) = memory.parts();
        let value = sample.value_grad(x, gradient)?;
        if *step % self.every == 0 {
            let stream = Stream::new(self.seed, "sophia", *step);
            let fresh = curvature_along(sample, x, stream, self.signs)?;
            let (b2, c2) = (T::of(self.beta2), T::of(1.0 - self.beta2));
            curvature.iter_mut().zip(fresh).for_each(|(h, d)| *h = b2 * *h + c2 * d);
        }
        *step += 1;
        let beta1 = rates.momentum.unwrap_or(self.beta1);
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (gamma, epsilon) = (T::of(self.gamma), T::of(self.epsilon));
        let (rate, kept) = (T::of(rates.learning_rate), T::of(1.0 - rates.learning_rate * self.decay));
        sweep(
            #[inline(always)]
            || {
                let moments = mean.iter_mut().zip(&*curvature);
                for ((x, (m, &h)), &g) in x.iter_mut().zip(moments).zip(&*gradient) {
                    *m = b1 * *m + c1 * g;
                    let ratio = *m / (gamma * h).max(epsilon);
                    *x = kept * *x - rate * ratio.max(-T::one()).min(T::one());
                }
            },
        );
        Ok(value)
    }
}

pub(in crate::optim) const fn sophia<T: Scalar>() -> Entry<T> {
    Entry {
        name: "sophia-h",
        summary: "momentum over an estimate of the Hessian's diagonal, clipped",
        source: "Liu et al. 2024, Algorithms 1 and 3",
        family: Family::MatrixAware,
        cost: "a gradient, and a Hessian product every tenth step",
        rate: Some(1e-4),
        parameters: const {
            &[
                Parameter::fraction("beta1", 0.96, "decay of the mean of gradients, β₁"),
                Parameter::fraction("beta2", 0.99, "decay of the mean of curvatures, β₂"),
                Parameter::positive("gamma", 0.01, "scale of the curvature, γ"),
                Parameter::positive("epsilon", 1e-12, "least scaled curvature, ε"),
                Parameter::not_negative("decay", 0.1, "weight decay per unit of learning rate, λ"),
                Parameter::count("every", 10, "steps from one Hessian product to the next, k"),
                Parameter::choice("probe", &["normal", "signs"], "distribution of the probes"),
                Parameter::seed(),
            ]
        },
        build: |values, _| {
            Optimizer::Stochastic(Box::new(SophiaH {
                beta1: values[0],
                beta2: values[1],
                gamma: values[2],
                epsilon: values[3],
                decay: values[4],
                every: values[5] as u64,
                signs: values[6] == 1.0,
                seed: values[7] as u64,
            }))
        },
    }
}
