//! Nesterov's accelerated gradient, begun anew where it oscillates.

use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{displaced, dot};
use crate::{Oracle, Scalar, Stop};

/// x′ = y − t ∇f(y), y′ = x′ + θ(1 − θ)/(θ² + θ′) (x′ − x), where θ′² = (1 − θ′) θ², from θ = 1.
///
/// t is halved until f(x′) ≤ f(y) − t‖∇f(y)‖²/2, and never grows. Where the step goes against
/// the momentum, θ returns to 1 and y′ = x′ (`restarts`): if ∇f(y)ᵀ(x′ − x) > 0, or if
/// f(x′) > f of the last x′. The point of the run is y, at which gradients are taken.
///
/// Cost: one gradient, one value for each t that is tried; n numbers remembered.
/// Source: Nesterov 1983, as Algorithm 1 (q = 0) of O'Donoghue & Candès, *Adaptive restart for
/// accelerated gradient schemes*, Found. Comput. Math. 15 (2015), with their gradient or
/// function scheme of restarts (§3.2); t as in Beck & Teboulle, *FISTA* (2009), §4, with
/// rounding errors of f allowed for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AcceleratedGradient {
    /// t at first.
    pub longest: f64,
    /// When it begins anew.
    pub restart: Restart,
}

/// When an accelerated method begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// If ∇f(y)ᵀ(x′ − x) > 0.
    Gradient,
    /// If f(x′) rises.
    Function,
    /// Not at all.
    Never,
}

// Scalars: t, θ, f(x), how often it began anew. Vector: x.
const STEP: usize = 0;
const THETA: usize = 1;
const VALUE: usize = 2;
const RESTARTS: usize = 3;

impl<T: Scalar> Iteration<T> for AcceleratedGradient {
    fn name(&self) -> &'static str {
        "accelerated"
    }

    fn init(&self, n: usize) -> Memory<T> {
        let mut memory = Memory::zeros(n, 1);
        memory.scalars = vec![self.longest, 1.0, f64::INFINITY, 0.0];
        memory
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        if memory.step == 0 {
            memory.vectors[0].copy_from_slice(&at.x);
            memory.scalars[VALUE] = at.value;
        }
        let Some(value) = self.gradient_step(oracle, &mut memory.scalars[STEP], at, &mut next.x)? else {
            return Ok(None);
        };
        let theta = memory.scalars[THETA];
        let square = theta * theta;
        let next_theta = 0.5 * ((square * square + 4.0 * square).sqrt() - square);
        let moved: Vec<T> = next.x.iter().zip(&memory.vectors[0]).map(|(&new, &old)| new - old).collect();
        let against = match self.restart {
            Restart::Gradient => dot(&at.gradient, &moved) > 0.0,
            Restart::Function => value > memory.scalars[VALUE],
            Restart::Never => false,
        };
        memory.vectors[0].copy_from_slice(&next.x);
        memory.scalars[VALUE] = value;
        memory.step += 1;
        if against {
            memory.scalars[THETA] = 1.0;
            memory.scalars[RESTARTS] += 1.0;
        } else {
            memory.scalars[THETA] = next_theta;
            let momentum = theta * (1.0 - theta) / (square + next_theta);
            displaced(&memory.vectors[0], &[(momentum, &moved)], &mut next.x);
        }
        next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        Ok(Some(memory.scalars[STEP]))
    }

    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        vec![("restarts", memory.scalars[RESTARTS] as u64)]
    }
}

impl AcceleratedGradient {
    /// Writes y − t ∇f(y) with the first t that lowers f enough, and gives f there.
    fn gradient_step<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        step: &mut f64,
        at: &Point<T>,
        x: &mut [T],
    ) -> Result<Option<f64>, Stop> {
        let square = dot(&at.gradient, &at.gradient);
        let rounding = 4.0 * T::epsilon().wide() * at.value.abs();
        loop {
            displaced(&at.x, &[(-*step, &at.gradient)], x);
            if x == &at.x[..] {
                return Ok(None);
            }
            let mut value = [0.0];
            oracle.values(x, &mut value)?;
            if value[0] <= at.value - 0.5 * *step * square + rounding {
                return Ok(Some(value[0]));
            }
            *step *= 0.5;
        }
    }
}

pub(in crate::optim) const fn accelerated<T: Scalar>() -> Entry<T> {
    Entry {
        name: "accelerated",
        summary: "Nesterov's accelerated gradient, begun anew where it oscillates",
        source: "Nesterov 1983; O'Donoghue & Candès 2015",
        family: Family::QuasiNewton,
        cost: "a gradient and a value, and a value for each halving of the step",
        rate: None,
        parameters: const {
            &[
                Parameter::choice("restart", &["gradient", "function", "never"], "what begins it anew"),
                Parameter::positive("longest", 1.0, "step length at first, t"),
            ]
        },
        build: |values, _| {
            let restart = [Restart::Gradient, Restart::Function, Restart::Never][values[0] as usize];
            Optimizer::Iteration(Box::new(AcceleratedGradient { longest: values[1], restart }))
        },
    }
}
