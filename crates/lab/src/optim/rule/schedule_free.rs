//! Schedule-free training: averages in the place of schedules.

use super::adam::{self, Adam};
use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Gradient steps taken between the last point and the mean of all, which is the result.
///
/// With z = x̄ = x before the first step and w the square of the greatest η so far:
///
/// - z ← z − η (g + λ x), the gradient taken at x
/// - x̄ ← (1 − c) x̄ + c z with c = w / Σ w
/// - x ← (1 − β) z + β x̄
///
/// [`answer`](Method::answer) is x̄. There is no falling schedule; a warm-up is of use, and weights
/// its steps less. β takes the place of momentum.
///
/// Source: Defazio et al., *The road less scheduled* (NeurIPS 2024), eqs. 3–5, with the
/// weights and defaults of the authors' program `schedulefree.SGDScheduleFree`, whose rate
/// is 1.0: ten to fifty times that of momentum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScheduleFreeSgd {
    /// β in [0, 1).
    pub momentum: f64,
    /// λ ≥ 0.
    pub decay: f64,
}

/// AdamW's steps, taken between the last point and the mean of all, which is the result.
///
/// As [`ScheduleFreeSgd`], with g replaced by g / (√(v / (1 − β₂ᵗ)) + ε), v ← β₂ v + (1 − β₂) g²,
/// and β₁ for β.
///
/// Source: Defazio et al., *The road less scheduled* (NeurIPS 2024), Algorithm 1,
/// as in the authors' program `schedulefree.AdamWScheduleFree`: the step is not multiplied by
/// √(1 − β₂ᵗ), v is corrected instead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScheduleFreeAdamW {
    /// Adam's own parameters.
    pub adam: Adam,
    /// λ ≥ 0.
    pub decay: f64,
}

impl<T: Scalar> Method<T> for ScheduleFreeSgd {
    fn name(&self) -> &'static str {
        "schedule-free-sgd"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["last", "average"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        Memory { scalars: vec![0.0; 2], ..Memory::zeros(n, 2) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, scalars, [last, average]) = memory.parts();
        let Weights { share, beta } = begin(step, scalars, x, last, average, rates, self.momentum);
        let (rate, decay) = (T::of(rates.learning_rate), T::of(self.decay));
        sweep(
            #[inline(always)]
            || {
                for (((x, z), mean), &g) in x.iter_mut().zip(last).zip(average).zip(gradient) {
                    *z = *z - rate * (g + decay * *x);
                    *mean = *mean + share * (*z - *mean);
                    *x = *z + beta * (*mean - *z);
                }
            },
        );
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        if memory.step == 0 { x } else { &memory.vectors[1] }
    }
}

impl<T: Scalar> Method<T> for ScheduleFreeAdamW {
    fn name(&self) -> &'static str {
        "schedule-free-adamw"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["last", "average", "mean_square"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        Memory { scalars: vec![0.0; 2], ..Memory::zeros(n, 3) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, scalars, [last, average, square]) = memory.parts();
        let Adam { beta1, beta2, epsilon } = self.adam;
        let Weights { share, beta } = begin(step, scalars, x, last, average, rates, beta1);
        let correction = T::of(1.0 / (1.0 - beta2.powf(*step as f64)).sqrt());
        let (b2, c2, epsilon) = (T::of(beta2), T::of(1.0 - beta2), T::of(epsilon));
        let (rate, decay) = (T::of(rates.learning_rate), T::of(self.decay));
        sweep(
            #[inline(always)]
            || {
                let points = last.iter_mut().zip(average).zip(square);
                for ((x, ((z, mean), v)), &g) in x.iter_mut().zip(points).zip(gradient) {
                    *v = b2 * *v + c2 * (g * g);
                    *z = *z - rate * (g / (v.sqrt() * correction + epsilon) + decay * *x);
                    *mean = *mean + share * (*z - *mean);
                    *x = *z + beta * (*mean - *z);
                }
            },
        );
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        if memory.step == 0 { x } else { &memory.vectors[1] }
    }
}

struct Weights<T> {
    /// c.
    share: T,
    /// β.
    beta: T,
}

/// Counts the step, puts z and x̄ in their place before the first, and weighs this step.
fn begin<T: Scalar>(
    step: &mut u64,
    scalars: &mut [f64],
    x: &[T],
    last: &mut [T],
    average: &mut [T],
    rates: Rates,
    momentum: f64,
) -> Weights<T> {
    if *step == 0 {
        last.copy_from_slice(x);
        average.copy_from_slice(x);
    }
    *step += 1;
    let [greatest, total] = scalars else { unreachable!("schedule-free rules remember two numbers") };
    *greatest = greatest.max(rates.learning_rate);
    let weight = *greatest * *greatest;
    *total += weight;
    let share = if *total > 0.0 { weight / *total } else { 0.0 };
    Weights { share: T::of(share), beta: T::of(rates.momentum.unwrap_or(momentum)) }
}

const DECAY: Parameter = Parameter::not_negative("decay", 0.0, "weight decay at the gradient's point, λ");

pub(in crate::optim) const fn schedule_free_sgd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "schedule-free-sgd",
        summary: "gradient steps with averages in the place of a schedule",
        source: "Defazio et al. 2024, eqs. 3-5",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1.0),
        parameters: const {
            &[Parameter::fraction("momentum", 0.9, "the mean's share in the next point, β"), DECAY]
        },
        build: |values, _| {
            Optimizer::Method(Box::new(ScheduleFreeSgd { momentum: values[0], decay: values[1] }))
        },
    }
}

pub(in crate::optim) const fn schedule_free_adamw<T: Scalar>() -> Entry<T> {
    Entry {
        name: "schedule-free-adamw",
        summary: "AdamW with averages in the place of a schedule",
        source: "Defazio et al. 2024, Algorithm 1",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(2.5e-3),
        parameters: const {
            &[
                Parameter::fraction("beta1", 0.9, "the mean's share in the next point, β₁"),
                adam::PARAMETERS[1],
                adam::PARAMETERS[2],
                DECAY,
            ]
        },
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(ScheduleFreeAdamW { adam, decay: values[3] }))
        },
    }
}
