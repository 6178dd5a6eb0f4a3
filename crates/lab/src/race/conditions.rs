//! What a race is run on, and under which conditions.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::optim::{Optimizer, OptimizerSpec, Schedule};
use crate::{Objective, Scalar, Weights};

/// A problem to race on.
pub struct Course<'a, T: Scalar> {
    /// What it is called.
    pub name: &'a str,
    /// The objective.
    pub objective: &'a dyn Objective<T>,
}

/// Who watches over a run: may end it, and says what time it is. The lab itself has no clock.
#[derive(Clone, Copy)]
pub struct Watch<'w> {
    /// Set to end the run.
    pub cancel: &'w AtomicBool,
    /// Seconds since some moment.
    pub clock: &'w (dyn Fn() -> f64 + Sync),
}

impl<'w> Watch<'w> {
    /// One whose clock stands still.
    pub fn timeless(cancel: &'w AtomicBool) -> Self {
        Self { cancel, clock: &|| 0.0 }
    }
}

/// What is spent on the way to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expense {
    /// Evaluations, in gradients of the whole objective: the same whenever a run is made.
    Gradients,
    /// The clock's seconds, which are not.
    Seconds,
}

/// The conditions under which all optimizers run alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// All that a run may spend, in gradients of the whole objective.
    pub budget: f64,
    /// What values and products cost.
    pub weights: Weights,
    /// Values of f whose first passage is timed.
    pub targets: Vec<f64>,
    /// A run ends where ‖∇f‖ ≤ this.
    pub gradient: f64,
    /// Examples in a minibatch of those that train; `None` for all.
    pub batch: Option<usize>,
    /// The schedule of those that have a learning rate and train on minibatches.
    pub schedule: Schedule,
    /// Points of a curve, about.
    pub marks: usize,
    /// Points of a run at which its ledger looks for obstacles; 0 for no ledger.
    pub probes: usize,
    /// Whether the points of the curve are kept as points of Rⁿ, too.
    pub ways: bool,
}

impl Conditions {
    /// A budget alone: gradients within 1e-8, batches of 64, 100 marks, no targets, no ledger.
    pub fn new(budget: f64) -> Self {
        Self {
            budget,
            weights: Weights::default(),
            targets: Vec::new(),
            gradient: 1e-8,
            batch: Some(64),
            schedule: Schedule::CONSTANT,
            marks: 100,
            probes: 0,
            ways: false,
        }
    }

    /// Whether two runs of an optimizer from one start may differ by their seed: it draws random numbers of its
    /// own, or takes minibatches.
    pub fn are_random<T: Scalar>(&self, course: &Course<'_, T>, spec: &OptimizerSpec) -> bool {
        spec.value("seed").is_some() || self.trains_on(course, spec).is_some()
    }

    /// The batch size of an optimizer on this course: `None` where it sees exact values and gradients.
    pub fn trains_on<T: Scalar>(&self, course: &Course<'_, T>, spec: &OptimizerSpec) -> Option<usize> {
        match spec.build::<T>(course.objective.layout()) {
            Optimizer::Method(_) | Optimizer::Stochastic(_) => self.batch_on(course),
            Optimizer::Iteration(_) | Optimizer::Solver(_) => None,
        }
    }

    /// The batch size on this course: `None` where all examples are taken, or there are none.
    pub fn batch_on<T: Scalar>(&self, course: &Course<'_, T>) -> Option<usize> {
        let examples = course.objective.finite_sum()?.examples();
        self.batch.filter(|&batch| batch < examples)
    }
}
