//! The deterministic loop: iterate, test, stop with evidence.

mod ending;
mod limits;

use serde::{Deserialize, Serialize};

pub use ending::Ending;
pub use limits::{Limits, Stall, Tests, Tolerance};

pub(in crate::optim) use limits::Standing;

use super::method::{Everything, Memory, Rates, Rule};
use crate::vector::norm;
use crate::{Counts, Oracle, Scalar, Stop};

/// One iteration of a deterministic method: it moves from a point to the next.
///
/// A method that chooses a direction and then a length is a
/// [`Descent`](super::Descent) inside a [`LineSearch`](super::LineSearch); one
/// that does not separate the two (a trust region, momentum) implements this.
pub trait Iteration<T: Scalar>: Send + Sync {
    /// The method's name.
    fn name(&self) -> &'static str;

    /// The memory before the first iteration, for n coordinates; nothing but the number of steps unless
    /// the method says otherwise.
    fn init(&self, n: usize) -> Memory<T> {
        let _ = n;
        Memory::zeros(0, 0)
    }

    /// Writes the next point, with its value and gradient, into `next` and
    /// returns the length of the step as the method counts it. `None` says that
    /// no acceptable step was found; `next` is then not used. When this fails, the
    /// loop goes back to the memory as it was before.
    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop>;

    /// Whether the method is content to end at a point that passes the limits' tests of
    /// convergence, where alone it is asked. Methods made to leave saddles look at the
    /// curvature there, and go on while it is negative.
    ///
    /// # Errors
    /// If the oracle stops.
    fn settled(&self, oracle: &Oracle<'_, T>, memory: &Memory<T>, at: &Point<T>) -> Result<bool, Stop> {
        let _ = (oracle, memory, at);
        Ok(true)
    }

    /// The point (n) that the method offers as its result; see [`Rule::answer`].
    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        let _ = memory;
        x
    }

    /// What the method has counted so far of what went against it, by name: pairs of bad
    /// curvature that it left out, searches that found nothing.
    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        let _ = memory;
        Vec::new()
    }
}

/// A point with its value and gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Point<T: Scalar> {
    /// x (n).
    #[serde(with = "crate::exact")]
    pub x: Vec<T>,
    /// f(x).
    #[serde(with = "crate::exact::one")]
    pub value: f64,
    /// ∇f(x) (n).
    #[serde(with = "crate::exact")]
    pub gradient: Vec<T>,
}

/// The state of a minimization: clone it to fork, write it with serde to resume bit for bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct State<T: Scalar> {
    /// Number of iterations done.
    pub iteration: u64,
    /// Where it stands.
    pub point: Point<T>,
    /// What the method remembers.
    pub memory: Memory<T>,
    /// f(x₀).
    #[serde(with = "crate::exact::one")]
    pub start_value: f64,
    /// ‖∇f(x₀)‖.
    #[serde(with = "crate::exact::one")]
    pub start_gradient_norm: f64,
    /// The least value so far.
    #[serde(with = "crate::exact::one")]
    pub best_value: f64,
    /// The least value when the present window of [`Stall`] began.
    #[serde(with = "crate::exact::one")]
    pub window_value: f64,
    /// The iteration at which it began.
    pub window_start: u64,
    /// What the last iteration changed, where the limits ask.
    pub change: Option<Change>,
}

/// What an iteration changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// f(x_k) − f(x_{k−1}).
    #[serde(with = "crate::exact::one")]
    pub value: f64,
    /// ‖x_k − x_{k−1}‖.
    #[serde(with = "crate::exact::one")]
    pub step: f64,
}

/// How a minimization ended, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it ended.
    pub ending: Ending,
    /// Iterations done in all.
    pub iterations: u64,
    /// f at the last point.
    pub value: f64,
    /// ‖∇f‖ at the last point.
    pub gradient_norm: f64,
    /// What the oracle has counted.
    pub counts: Counts,
}

/// The state before the first iteration, at x. One gradient.
///
/// # Errors
/// If f or its gradient cannot be had or is not finite at x.
pub fn begin<T: Scalar>(
    oracle: &Oracle<'_, T>,
    iteration: &dyn Iteration<T>,
    x: Vec<T>,
) -> Result<State<T>, Stop> {
    let n = x.len();
    let mut point = Point { x, value: 0.0, gradient: vec![T::zero(); n] };
    point.value = oracle.value_grad(&point.x, &mut point.gradient)?;
    let value = point.value;
    Ok(State {
        iteration: 0,
        start_value: value,
        start_gradient_norm: norm(&point.gradient),
        best_value: value,
        window_value: value,
        window_start: 0,
        change: None,
        memory: iteration.init(n),
        point,
    })
}

/// Iterates until one of the limits is reached.
///
/// A test of convergence ends the loop if the iteration is [settled](Iteration::settled), a target at
/// once; what kind of point that is, a minimum or a
/// saddle, is not known until [`verdict`](super::verdict) has been asked.
/// `observe` sees the state before the first and after every iteration.
///
/// After every ending the state is that of the last complete iteration, and a
/// further call with wider limits continues from it.
pub fn minimize<T: Scalar>(
    oracle: &Oracle<'_, T>,
    iteration: &dyn Iteration<T>,
    limits: &Limits,
    state: &mut State<T>,
    observe: &mut dyn FnMut(&State<T>),
) -> Outcome {
    let mut next = state.point.clone();
    let mut memory = state.memory.clone();
    observe(state);
    let ending = loop {
        let gradient_norm = norm(&state.point.gradient);
        let standing = Standing {
            x: &state.point.x,
            value: state.point.value,
            gradient_norm,
            start_gradient_norm: state.start_gradient_norm,
            change: state.change,
        };
        match limits.converged(&standing) {
            None => {}
            Some(ending @ Ending::Target { .. }) => break ending,
            Some(ending) => match iteration.settled(oracle, &state.memory, &state.point) {
                Ok(true) => break ending,
                Ok(false) => {}
                Err(stop) => break Ending::Stopped(stop),
            },
        }
        if let Some(ending) = limits.reached(state, gradient_norm) {
            break ending;
        }
        // An iteration that fails leaves what it had changed behind.
        memory.clone_from(&state.memory);
        match iteration.advance(oracle, &mut memory, &state.point, &mut next) {
            Ok(Some(_)) => {
                std::mem::swap(&mut state.memory, &mut memory);
                std::mem::swap(&mut state.point, &mut next);
                state.iteration += 1;
                state.best_value = state.best_value.min(state.point.value);
                state.change = limits.look_at_changes().then(|| change(&next, &state.point));
                observe(state);
            }
            Ok(None) => break Ending::NoStep { gradient_norm },
            Err(stop) => break Ending::Stopped(stop),
        }
    };
    Outcome {
        ending,
        iterations: state.iteration,
        value: state.point.value,
        gradient_norm: norm(&state.point.gradient),
        counts: oracle.counts(),
    }
}

/// What changed from one point to the next.
fn change<T: Scalar>(before: &Point<T>, after: &Point<T>) -> Change {
    let step: Vec<f64> = before.x.iter().zip(&after.x).map(|(a, b)| b.wide() - a.wide()).collect();
    Change { value: after.value - before.value, step: norm(&step) }
}

/// A rule of training as a deterministic iteration: full gradients, one learning rate.
pub struct FixedRate<T: Scalar> {
    /// The rule.
    pub rule: Rule<T>,
    /// η.
    pub learning_rate: f64,
}

impl<T: Scalar> Iteration<T> for FixedRate<T> {
    fn name(&self) -> &'static str {
        self.rule.name()
    }

    fn init(&self, n: usize) -> Memory<T> {
        self.rule.init(n)
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        next.x.copy_from_slice(&at.x);
        let mut everything = Everything::new(oracle).knowing(&at.x, at.value, &at.gradient);
        let rates = Rates::new(self.learning_rate);
        self.rule.step(&mut everything, memory, &mut next.x, &mut next.gradient, rates)?;
        next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        Ok(Some(self.learning_rate))
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        self.rule.answer(memory, x)
    }
}

#[cfg(test)]
mod tests;
