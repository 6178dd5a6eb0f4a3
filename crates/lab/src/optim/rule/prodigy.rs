//! Prodigy.

use super::adam::{self, Adam};
use super::{sum, sweep};
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Prodigy: Adam that estimates its own learning rate from how far it has come.
///
/// With t counted from 1, m = v = s = 0, r = 0, d = d₀ before, x₀ the start and β₃ = √β₂:
///
/// - r ← β₃ r + (η d²/d₀) ⟨g, x₀ − x⟩
/// - m ← β₁ m + (1 − β₁) d g, v ← β₂ v + (1 − β₂) d² g²
/// - s ← β₃ s + (η d²/d₀) g
/// - d′ = max(d, c r / ‖s‖₁)
/// - x ← (1 − λ η d) x − η d m / (√v + d′ ε), then d ← d′
///
/// d grows to an estimate of the distance from x₀ to a solution; η stays 1 or is a schedule below it.
///
/// Source: Mishchenko & Defazio, *Prodigy: an expeditiously adaptive parameter-free
/// learner* (ICML 2024), its Adam version, in the order and with the defaults of the authors'
/// program `prodigyopt` (no bias correction, no safeguard for warm-ups).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prodigy {
    /// Adam's own parameters.
    pub adam: Adam,
    /// λ ≥ 0.
    pub decay: f64,
    /// d₀ > 0.
    pub start: f64,
    /// c > 0.
    pub coefficient: f64,
}

impl<T: Scalar> Method<T> for Prodigy {
    fn name(&self) -> &'static str {
        "prodigy"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square", "sum", "start"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        // d and r.
        Memory { scalars: vec![self.start, 0.0], ..Memory::zeros(n, 4) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, scalars, [mean, square, sums, start]) = memory.parts();
        if *step == 0 {
            start.copy_from_slice(x);
        }
        *step += 1;
        let Adam { beta1, beta2, epsilon } = self.adam;
        let (beta1, beta3) = (rates.momentum.unwrap_or(beta1), beta2.sqrt());
        let [d, progress] = scalars else { unreachable!("Prodigy remembers two numbers") };
        let rate = *d * rates.learning_rate;
        let weight = *d / self.start * rate;
        let (b1, c1) = (T::of(beta1), T::of(*d * (1.0 - beta1)));
        let (b2, c2) = (T::of(beta2), T::of(*d * *d * (1.0 - beta2)));
        let (b3, c3) = (T::of(beta3), T::of(weight));
        let (come, size) = sweep(
            #[inline(always)]
            || {
                let come = sum([gradient, &*start, &*x], |[g, start, x]| g.wide() * (start - x).wide());
                let moments = mean.iter_mut().zip(&mut *square).zip(&mut *sums);
                for (((m, v), s), &g) in moments.zip(gradient) {
                    *m = b1 * *m + c1 * g;
                    *v = b2 * *v + c2 * (g * g);
                    *s = b3 * *s + c3 * g;
                }
                (come, sum([&*sums], |[s]| s.wide().abs()))
            },
        );
        if size == 0.0 {
            return;
        }
        *progress = beta3 * *progress + weight * come;
        *d = d.max(self.coefficient * *progress / size);
        let (kept, rate) = (T::of(1.0 - self.decay * rate), T::of(rate));
        let epsilon = T::of(*d * epsilon);
        sweep(
            #[inline(always)]
            || {
                for ((x, &m), &v) in x.iter_mut().zip(&*mean).zip(&*square) {
                    *x = kept * *x - rate * m / (v.sqrt() + epsilon);
                }
            },
        );
    }
}

pub(in crate::optim) const fn prodigy<T: Scalar>() -> Entry<T> {
    Entry {
        name: "prodigy",
        summary: "Adam that estimates its own learning rate",
        source: "Mishchenko & Defazio 2024, the Adam version",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1.0),
        parameters: const {
            &[
                adam::PARAMETERS[0],
                adam::PARAMETERS[1],
                adam::PARAMETERS[2],
                Parameter::not_negative("decay", 0.0, "weight decay per unit of learning rate, λ"),
                Parameter::positive("start", 1e-6, "first estimate of the distance, d₀"),
                Parameter::positive("coefficient", 1.0, "multiplies the estimate, c"),
            ]
        },
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(Prodigy {
                adam,
                decay: values[3],
                start: values[4],
                coefficient: values[5],
            }))
        },
    }
}
