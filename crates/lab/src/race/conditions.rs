//! What a race is run on, and under which conditions.

use serde::{Deserialize, Serialize};

use crate::optim::Schedule;
use crate::{Objective, Scalar, Weights};

/// A problem to race on.
pub struct Course<'a, T: Scalar> {
    /// What it is called.
    pub name: &'a str,
    /// The objective.
    pub objective: &'a dyn Objective<T>,
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
        }
    }

    /// The batch size on this course: `None` where all examples are taken, or there are none.
    pub fn batch_on<T: Scalar>(&self, course: &Course<'_, T>) -> Option<usize> {
        let examples = course.objective.finite_sum()?.examples();
        self.batch.filter(|&batch| batch < examples)
    }
}
