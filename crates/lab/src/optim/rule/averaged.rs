//! Averaged stochastic gradient descent.

use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Stochastic gradient descent that offers the mean of its points.
///
/// With t counted from 0:
///
/// - η_t = η / (1 + λ η t)^α
/// - x ← (1 − λ η_t) x − η_t g
/// - x̄ ← x̄ + (x − x̄) / max(1, t − t₀)
///
/// [`answer`](Method::answer) is x̄; gradients are taken at x. λ is a penalty
/// ½λ‖x‖² that is no part of the objective: set `decay` to 0 to leave it and the
/// falling rate out, which is the averaging of Polyak and Ruppert over a schedule's own rates.
///
/// Source: Polyak & Juditsky, *Acceleration of stochastic approximation by
/// averaging* (SIAM J. Control Optim. 1992), with the rates of Bottou's `sgd`, in the
/// form of `torch.optim.ASGD`. PyTorch's t₀ is 10⁶, before which its average is x
/// itself; here t₀ is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AveragedSgd {
    /// λ ≥ 0.
    pub decay: f64,
    /// α ≥ 0.
    pub power: f64,
    /// t₀ ≥ 0.
    pub start: f64,
}

impl<T: Scalar> Method<T> for AveragedSgd {
    fn name(&self) -> &'static str {
        "asgd"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["average"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [average]) = memory.parts();
        let t = *step as f64;
        *step += 1;
        let rate = rates.learning_rate / (1.0 + self.decay * rates.learning_rate * t).powf(self.power);
        let kept = T::of(1.0 - self.decay * rate);
        let share = T::of(1.0 / (t - self.start).max(1.0));
        let rate = T::of(rate);
        sweep(
            #[inline(always)]
            || {
                for ((x, mean), &g) in x.iter_mut().zip(average).zip(gradient) {
                    *x = kept * *x - rate * g;
                    *mean = if share == T::one() { *x } else { *mean + share * (*x - *mean) };
                }
            },
        );
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        if memory.step == 0 { x } else { &memory.vectors[0] }
    }
}

pub(in crate::optim) const fn asgd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "asgd",
        summary: "gradient steps, of which the mean point is the result",
        source: "Polyak & Juditsky 1992, in PyTorch's form",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::not_negative("decay", 1e-4, "weight decay and decay of the rate, λ"),
                Parameter::not_negative("power", 0.75, "power of the falling rate, α"),
                Parameter::not_negative("start", 0.0, "steps before the average begins, t₀"),
            ]
        },
        build: |values, _| {
            Optimizer::Method(Box::new(AveragedSgd { decay: values[0], power: values[1], start: values[2] }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_decay_the_answer_is_the_mean_of_the_points() {
        let method = AveragedSgd { decay: 0.0, power: 0.75, start: 2.0 };
        let mut memory = Method::<f64>::init(&method, 1);
        let mut x = [1.0];
        assert_eq!(method.answer(&memory, &x), [1.0]);
        let mut path = Vec::new();
        for t in 0..12 {
            let gradient = [3.0 * x[0] + f64::from(t % 3)];
            method.step(&mut memory, &mut x, &gradient, Rates::new(0.1));
            path.push(x[0]);
            // Points of the steps t > t₀ are averaged.
            let first = path.len().saturating_sub(1).min(3);
            let mean = path[first..].iter().sum::<f64>() / (path.len() - first) as f64;
            assert!((method.answer(&memory, &x)[0] - mean).abs() < 1e-14, "{t}");
        }
    }
}
