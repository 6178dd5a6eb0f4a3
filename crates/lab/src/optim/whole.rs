//! Methods of the crate [`basin`](https://docs.rs/basin), which run as a whole from a point to
//! their own end: derivative-free and global ones, which are not ours to write, and some that ours
//! are compared with.
//!
//! They compute in f64 whatever the objective does. All that they evaluate is counted by our
//! oracle, and ends them when its budget is spent.

pub(super) mod basin_hopping;
pub(super) mod cma_es;
pub(super) mod differential_evolution;
mod evaluations;
pub(super) mod lbfgs;
pub(super) mod nelder_mead;
pub(super) mod trust_region;

#[cfg(test)]
mod tests;

use basin::{OptimizationResult, State, Termination};

use self::evaluations::{Evaluations, Halt, Record};
use super::method::Memory;
use super::minimize::{Ending, Iteration, Limits, Outcome, Point};
use crate::{Oracle, Scalar, Stop};

/// A method that runs as a whole, from a point to its own end.
pub trait Solver<T: Scalar>: Send + Sync {
    /// The name in the [registry](crate::optim::registry).
    fn name(&self) -> &'static str;

    /// Goes from x (n) until the method is content, or an evaluated point reaches the target or
    /// has a gradient within the limits, or their iterations are done, or the oracle stops.
    ///
    /// Gives the lowest point that was evaluated; `observe` sees each that is lower than those
    /// before, with its value. In the outcome, the norm of the gradient is NaN where the method
    /// does not ask for gradients. Blow-up and stalling are not looked for, and tests of the change of the
    /// value and of the step are never passed: what is evaluated is no sequence of iterates.
    ///
    /// # Errors
    /// If the oracle stops before any point had a finite value.
    fn solve(
        &self,
        oracle: &Oracle<'_, T>,
        x: Vec<T>,
        limits: &Limits,
        observe: &mut dyn FnMut(&[T], f64),
    ) -> Result<(Vec<T>, Outcome), Stop>;
}

/// How a method of the crate ended by itself: the iterations that it did, and why.
struct Ended {
    iterations: u64,
    termination: Termination<f64>,
}

/// One method of the crate, as it is called.
trait Foreign: Send + Sync {
    fn name(&self) -> &'static str;

    /// The most iterations that the method is made for.
    fn most(&self) -> Option<u64> {
        None
    }

    /// Runs from x (n) for so many iterations at most.
    fn run<T: Scalar>(
        &self,
        problem: Evaluations<'_, '_, '_, T>,
        x: Vec<f64>,
        iterations: u64,
    ) -> Result<Ended, Halt>;
}

impl<T: Scalar, F: Foreign> Solver<T> for F {
    fn name(&self) -> &'static str {
        Foreign::name(self)
    }

    fn solve(
        &self,
        oracle: &Oracle<'_, T>,
        x: Vec<T>,
        limits: &Limits,
        observe: &mut dyn FnMut(&[T], f64),
    ) -> Result<(Vec<T>, Outcome), Stop> {
        let most = self.most().unwrap_or(u64::MAX).min(limits.iterations);
        let start: Vec<f64> = x.iter().map(|x| x.wide()).collect();
        let record = Record::new(limits, observe);
        let result = self.run(Evaluations::new(oracle, &record), start, most);
        let (best, completed) = record.finish();
        let Some(best) = best else {
            return Err(match result {
                Err(Halt::Stop(stop)) => stop,
                _ => Stop::NonFinite {
                    evaluation: crate::Evaluation::Value,
                    count: oracle.counts().values + oracle.counts().gradients,
                    index: 0,
                    found: f64::NAN.to_string(),
                },
            });
        };
        let gradient_norm = best.gradient_norm;
        let (ending, iterations) = match result {
            Err(Halt::Stop(stop)) => (Ending::Stopped(stop), completed),
            Err(Halt::Ended(ending)) => (ending, completed),
            Ok(Ended { iterations, termination: Termination::Limit(_) }) if most == limits.iterations => {
                (Ending::Iterations { limit: limits.iterations, gradient_norm }, iterations)
            }
            Ok(Ended { iterations, termination }) => {
                (Ending::Content { test: words(&termination).to_owned() }, iterations)
            }
        };
        let counts = oracle.counts();
        Ok((best.x, Outcome { ending, iterations, value: best.value, gradient_norm, counts }))
    }
}

/// What a termination of the crate means.
fn words(termination: &Termination<f64>) -> &'static str {
    match termination {
        Termination::Converged(_) => "it has converged as it measures that",
        Termination::Limit(_) => "its iterations are done",
        Termination::Stalled(_) => "it makes no more progress",
        Termination::Failed(_) => "its arithmetic failed",
        _ => "it gave up",
    }
}

/// What the crate says of a run.
fn ended<S: State<Float = f64>, E: Into<Halt>>(
    result: Result<OptimizationResult<S>, E>,
) -> Result<Ended, Halt> {
    let result = result.map_err(Into::into)?;
    Ok(Ended { iterations: result.iter(), termination: result.report.termination })
}

/// A whole run as one iteration, which the next one repeats from where it ended, until a run
/// finds nothing lower. One gradient more than the method asks for itself.
pub(super) struct Whole<T: Scalar>(pub Box<dyn Solver<T>>);

impl<T: Scalar> Iteration<T> for Whole<T> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn init(&self, _: usize) -> Memory<T> {
        Memory::zeros(0, 0)
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let limits = Limits { gradient_absolute: 0.0, ..Limits::default() };
        let (x, outcome) = self.0.solve(oracle, at.x.clone(), &limits, &mut |_, _| ())?;
        if let Ending::Stopped(stop) = outcome.ending {
            return Err(stop);
        }
        if outcome.value >= at.value {
            return Ok(None);
        }
        memory.step += 1;
        next.x = x;
        next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        Ok(Some(1.0))
    }
}
