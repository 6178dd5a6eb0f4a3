//! NAdam.

use super::adam::{self, Adam};
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Adam with Nesterov's momentum, which is warmed up.
///
/// With t counted from 1, m = v = 0 before and μ_t = β₁ (1 − ½·0.96^(tψ)):
///
/// - m ← β₁ m + (1 − β₁) g
/// - v ← β₂ v + (1 − β₂) g²
/// - m̂ = μ_{t+1} m / (1 − Π_{i≤t+1} μᵢ) + (1 − μ_t) g / (1 − Π_{i≤t} μᵢ)
/// - x ← x − η m̂ / (√(v / (1 − β₂ᵗ)) + ε)
///
/// Source: Dozat, *Incorporating Nesterov momentum into Adam* (2016), Algorithm 2
/// with the warm-up of its section on schedules, in the form and with the defaults of
/// `torch.optim.NAdam`: m decays by β₁ and not by μ_t as in the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NAdam {
    /// Adam's own parameters.
    pub adam: Adam,
    /// ψ ≥ 0.
    pub warm_up: f64,
}

impl<T: Scalar> Method<T> for NAdam {
    fn name(&self) -> &'static str {
        "nadam"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        // The product of all μ so far.
        Memory { scalars: vec![1.0], ..Memory::zeros(n, 2) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, scalars, [mean, square]) = memory.parts();
        *step += 1;
        let Adam { beta1, beta2, epsilon } = self.adam;
        let beta1 = rates.momentum.unwrap_or(beta1);
        let t = *step as f64;
        let momentum = |t: f64| beta1 * (1.0 - 0.5 * 0.96f64.powf(t * self.warm_up));
        let (now, next) = (momentum(t), momentum(t + 1.0));
        scalars[0] *= now;
        let fresh = T::of(rates.learning_rate * (1.0 - now) / (1.0 - scalars[0]));
        let kept = T::of(rates.learning_rate * next / (1.0 - scalars[0] * next));
        let correction = T::of(1.0 / (1.0 - beta2.powf(t)).sqrt());
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (b2, c2, epsilon) = (T::of(beta2), T::of(1.0 - beta2), T::of(epsilon));
        sweep(
            #[inline(always)]
            || {
                for (((x, m), v), &g) in x.iter_mut().zip(mean).zip(square).zip(gradient) {
                    *m = b1 * *m + c1 * g;
                    *v = b2 * *v + c2 * (g * g);
                    *x = *x - (fresh * g + kept * *m) / (v.sqrt() * correction + epsilon);
                }
            },
        );
    }
}

pub(in crate::optim) const fn nadam<T: Scalar>() -> Entry<T> {
    Entry {
        name: "nadam",
        summary: "Adam with Nesterov's momentum",
        source: "Dozat 2016, Algorithm 2, in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(2e-3),
        parameters: const {
            &[
                adam::PARAMETERS[0],
                adam::PARAMETERS[1],
                adam::PARAMETERS[2],
                Parameter::not_negative("warmup", 4e-3, "how fast the momentum reaches β₁, ψ"),
            ]
        },
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(NAdam { adam, warm_up: values[3] }))
        },
    }
}
