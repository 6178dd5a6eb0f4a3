//! Stochastic weight averaging.

use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::rule::sgd::HeavyBall;
use crate::optim::rule::sweep;

/// SWA: momentum that offers the mean of its points at every c-th step from a step s on.
///
/// - v ← μ v + g, x ← x − η v
/// - at the steps s, s + c, s + 2c, …: x̄ ← x̄ + (x − x̄)/k with the k-th of these points
///
/// [`answer`](Method::answer) is x̄, before step s x itself. Meant for a learning rate that stays
/// high or is cyclic: s is where ordinary training would end (three quarters of the run, in the
/// paper), c an epoch or a cycle. Statistics of batch normalization belong to x and not to x̄.
///
/// Source: Izmailov, Podoprikhin, Garipov, Vetrov & Wilson, *Averaging weights leads to wider optima
/// and better generalization* (UAI 2018), Algorithm 1, as `torch.optim.swa_utils.AveragedModel`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swa {
    /// The rule that takes the steps.
    pub base: HeavyBall,
    /// s ≥ 1.
    pub start: u64,
    /// c ≥ 1.
    pub every: u64,
}

impl<T: Scalar> Method<T> for Swa {
    fn name(&self) -> &'static str {
        "swa"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["velocity", "average"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        self.base.step(memory, x, gradient, rates);
        let (step, _, [_, average]) = memory.parts();
        if let Some(past) = step.checked_sub(self.start).filter(|past| past.is_multiple_of(self.every)) {
            let share = T::of(1.0 / (past / self.every + 1) as f64);
            sweep(
                #[inline(always)]
                || {
                    for (mean, &x) in average.iter_mut().zip(&*x) {
                        *mean = *mean + share * (x - *mean);
                    }
                },
            );
        }
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        if memory.step < self.start { x } else { &memory.vectors[1] }
    }
}

pub(in crate::optim) const fn swa<T: Scalar>() -> Entry<T> {
    Entry {
        name: "swa",
        summary: "momentum, of which a mean of late points is the result",
        source: "Izmailov et al. 2018, Algorithm 1",
        family: Family::FlatnessAware,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::fraction("momentum", 0.9, "share of the velocity that is kept, μ"),
                Parameter::count("start", 1000, "step of the first point in the mean, s"),
                Parameter::count("every", 100, "steps from one point in the mean to the next, c"),
            ]
        },
        build: |values, _| {
            let base = HeavyBall { momentum: values[0] };
            Optimizer::Method(Box::new(Swa { base, start: values[1] as u64, every: values[2] as u64 }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_mean_of_every_third_point_from_the_fourth_on() {
        let method = Swa { base: HeavyBall { momentum: 0.9 }, start: 4, every: 3 };
        let mut memory = Method::<f64>::init(&method, 1);
        let mut x = [1.0];
        let mut points = Vec::new();
        for t in 1..=12 {
            let gradient = [2.0 * x[0]];
            method.step(&mut memory, &mut x, &gradient, Rates::new(0.1));
            if [4, 7, 10].contains(&t) {
                points.push(x[0]);
            }
            let mean = points.iter().sum::<f64>() / points.len() as f64;
            let expected = if points.is_empty() { x[0] } else { mean };
            assert!((method.answer(&memory, &x)[0] - expected).abs() < 1e-15, "{t}");
        }
    }
}
