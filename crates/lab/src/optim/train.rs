//! Training: minibatch or full-batch steps under a schedule, resumable bit for bit.

mod config;
mod run;
mod source;

pub use config::{Length, TrainError, Training};
pub use run::{Checkpoint, Run};

use super::marks::Marks;
use super::method::{Memory, Rates, Rule};
use super::schedule::Clock;
use crate::{Oracle, Scalar, Stop};
use source::Source;

/// A [`Training`] bound to an objective; it holds the workspace, a [`Run`] holds the state.
///
/// ```
/// # use thalweg_lab::{krylov::SymmetricOperator, *};
/// # struct Bowl(Layout);
/// # impl Objective<f64> for Bowl {
/// #     fn layout(&self) -> &Layout { &self.0 }
/// #     fn value(&self, x: &[f64]) -> f64 { x[0] * x[0] / 2.0 }
/// #     fn value_grad(&self, x: &[f64], g: &mut [f64]) -> f64 { g[0] = x[0]; self.value(x) }
/// #     fn linearize<'a>(&'a self, _: &[f64], c: Curvature)
/// #         -> Result<Box<dyn SymmetricOperator<f64> + 'a>, Unsupported> { Err(Unsupported::not_a_sum(c)) }
/// # }
/// # let bowl = Bowl(Layout::flat(1));
/// use thalweg_lab::optim::{Length, Trainer, Training};
///
/// let oracle = Oracle::new(&bowl); // f(x) = x²/2
/// let training = Training { length: Length::Steps(20), batch: None, ..Training::new("sgd".parse()?, 0.5) };
/// let mut trainer = Trainer::new(training, &oracle)?;
/// let mut run = trainer.begin(vec![1.0])?;
/// trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(()))?;
/// assert_eq!(run.x, [0.5f64.powi(20)]);
/// assert_eq!(run.losses[..2], [0.5, 0.125]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer<'o, 'a, T: Scalar> {
    training: Training,
    oracle: &'o Oracle<'a, T>,
    rule: Rule<T>,
    source: Source<'a, T>,
    clock: Clock,
    /// An epoch, and how often the rate had dropped before it.
    drops: Option<(u64, u32)>,
    checkpoints: Vec<u64>,
    measurements: Vec<u64>,
}

impl<'o, 'a, T: Scalar> Trainer<'o, 'a, T> {
    /// Checks the configuration against the objective and prepares its evaluators.
    pub fn new(training: Training, oracle: &'o Oracle<'a, T>) -> Result<Self, TrainError> {
        let objective = oracle.objective();
        let (plan, clock) = config::plan(&training, objective.finite_sum().map(|sum| sum.examples()))?;
        let source = match (plan, objective.finite_sum()) {
            (Some(plan), Some(sum)) => Source::minibatches(sum, &plan, training.seed, clock),
            _ => Source::Full,
        };
        let rule = Rule::try_from(training.method.build(objective.layout()))
            .map_err(|other| TrainError::NoTraining { optimizer: other.name() })?;
        let marked = |marks: &Marks| marks.steps(clock.steps);
        Ok(Self {
            rule,
            checkpoints: marked(&training.checkpoints),
            measurements: marked(&training.measurements),
            training,
            oracle,
            source,
            clock,
            drops: None,
        })
    }

    /// The steps of the whole run and of an epoch.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The learning rate and momentum of the run's next step. What the losses say of it is found anew
    /// once an epoch.
    fn rates(&mut self, run: &Run<T>) -> Rates {
        let epoch = run.step / self.clock.steps_per_epoch.max(1);
        if self.drops.is_none_or(|(known, _)| known != epoch) {
            self.drops = Some((epoch, self.training.schedule.drops(&run.losses, self.clock)));
        }
        self.training.rates(run.step, self.clock, self.drops.map_or(0, |(_, drops)| drops))
    }

    /// A run that stands before its first step, at x.
    pub fn begin(&self, x: Vec<T>) -> Result<Run<T>, TrainError> {
        let memory = self.rule.init(x.len());
        let run = Run { step: 0, marked: false, x, memory, checkpoints: Vec::new(), losses: Vec::new() };
        self.accept(&run)?;
        Ok(run)
    }

    /// Whether a run, perhaps read from a file, fits this trainer.
    pub fn accept(&self, run: &Run<T>) -> Result<(), TrainError> {
        let n = self.oracle.objective().dimension();
        if run.x.len() != n || run.checkpoints.iter().any(|c| c.x.len() != n) {
            let found = std::iter::once(&run.x).chain(run.checkpoints.iter().map(|c| &c.x)).map(Vec::len);
            let found = found.into_iter().find(|&len| len != n).unwrap_or(n);
            return Err(TrainError::Dimension { expected: n, found });
        }
        if !self.rule.accepts(&run.memory, n) {
            return Err(TrainError::Memory { method: self.training.method.name() });
        }
        if run.step > self.clock.steps || run.losses.len() as u64 != run.step {
            return Err(TrainError::Step {
                steps: self.clock.steps,
                found: run.step,
                losses: run.losses.len(),
            });
        }
        Ok(())
    }

    /// Advances the run to step `until` or to its end, whichever comes first.
    ///
    /// At every step of [`Training::measurements`], step 0 before the first
    /// update among them, `observe` is called with the run as it stands there and its answer,
    /// its checkpoint (of the [answer](Self::answer)) taken: whoever wants the full-batch loss or the sharpness
    /// measures it with an oracle of their own, so that counts stay apart. An
    /// error of `observe` ends the run before that step, and it is called again on
    /// resumption.
    ///
    /// After a stop the run is as it was after its last complete step: it can be
    /// saved, inspected and continued. In particular, after
    /// [`Stop::NonFinite`] `run.x` is the point whose gradient or loss is not finite.
    ///
    /// # Panics
    /// If the run is not one that [`accept`](Self::accept) accepts.
    pub fn advance(
        &mut self,
        run: &mut Run<T>,
        until: u64,
        observe: &mut dyn FnMut(&Run<T>, &[T]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        assert_eq!(self.accept(run), Ok(()), "the run belongs to another training");
        let mut gradient = vec![T::zero(); run.x.len()];
        let (mut memory, mut x) = (Memory::zeros(0, 0), Vec::new());
        self.drops = None;
        self.mark(run, observe)?;
        while run.step < until.min(self.clock.steps) {
            let rates = self.rates(run);
            let mut sample = self.source.sample(self.oracle, run.step);
            let loss = match &self.rule {
                // It fails before anything is changed.
                rule @ Rule::Method(_) => {
                    rule.step(&mut sample, &mut run.memory, &mut run.x, &mut gradient, rates)?
                }
                rule @ Rule::Stochastic(_) => {
                    memory.clone_from(&run.memory);
                    x.clone_from(&run.x);
                    let loss = rule.step(&mut sample, &mut memory, &mut x, &mut gradient, rates)?;
                    std::mem::swap(&mut run.memory, &mut memory);
                    std::mem::swap(&mut run.x, &mut x);
                    loss
                }
            };
            run.losses.push(loss);
            run.step += 1;
            run.marked = false;
            self.mark(run, observe)?;
        }
        Ok(())
    }

    /// The point that the optimizer offers as its result as the run stands; see [`Rule::answer`].
    pub fn answer<'r>(&self, run: &'r Run<T>) -> &'r [T] {
        self.rule.answer(&run.memory, &run.x)
    }

    fn mark(
        &self,
        run: &mut Run<T>,
        observe: &mut dyn FnMut(&Run<T>, &[T]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if run.marked {
            return Ok(());
        }
        let kept = self.checkpoints.binary_search(&run.step).is_ok();
        if kept {
            let x = self.answer(run).to_vec();
            run.checkpoints.push(Checkpoint { step: run.step, x });
        }
        run.marked = true;
        if self.measurements.binary_search(&run.step).is_ok()
            && let Err(stop) = observe(run, self.answer(run))
        {
            run.marked = false;
            if kept {
                run.checkpoints.pop();
            }
            return Err(stop);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
