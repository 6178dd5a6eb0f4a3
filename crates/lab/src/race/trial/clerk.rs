//! The record of a run while it is made.

use super::{Curve, Snapshot, Standing, Trial};
use crate::optim::Ending;
use crate::race::Conditions;
use crate::{Oracle, Scalar};

/// Keeps the record of a run.
pub(super) struct Clerk<'c, T: Scalar> {
    conditions: &'c Conditions,
    curve: Curve,
    reached: Vec<Option<f64>>,
    pub path: Vec<Vec<T>>,
    pub snapshots: Vec<Snapshot<T>>,
    best: f64,
    next_mark: f64,
    next_snapshot: f64,
}

impl<'c, T: Scalar> Clerk<'c, T> {
    pub fn new(conditions: &'c Conditions) -> Self {
        Self {
            conditions,
            curve: Curve::default(),
            reached: vec![None; conditions.targets.len()],
            path: Vec::new(),
            snapshots: Vec::new(),
            best: f64::INFINITY,
            next_mark: 0.0,
            next_snapshot: 0.0,
        }
    }

    pub fn is_due(&self, cost: f64) -> bool {
        cost >= self.next_mark
    }

    /// Notes a value for the targets, and for the curve if that is due.
    pub fn note(&mut self, cost: f64, value: f64, x: &[T]) {
        self.best = self.best.min(value);
        for (reached, target) in self.reached.iter_mut().zip(&self.conditions.targets) {
            if reached.is_none() && self.best <= *target {
                *reached = Some(cost);
            }
        }
        if self.is_due(cost) {
            self.push(cost, value, x);
            let ratio = self.conditions.budget.max(2.0).powf(1.0 / self.conditions.marks.max(1) as f64);
            self.next_mark = (cost * ratio).max(cost + 1e-9);
        }
    }

    /// Notes a value and puts it on the curve whatever is due.
    pub fn last(&mut self, cost: f64, value: f64, x: &[T]) {
        self.note(cost, value, x);
        if self.curve.cost.last() != Some(&cost) {
            self.push(cost, value, x);
        }
    }

    fn push(&mut self, cost: f64, value: f64, x: &[T]) {
        self.curve.cost.push(cost);
        self.curve.value.push(value);
        self.curve.best.push(self.best);
        self.path.push(x.to_vec());
    }

    pub fn snapshot(&mut self, cost: f64, standing: impl FnOnce() -> Standing<T>) {
        let probes = self.conditions.probes;
        if probes > 0 && cost >= self.next_snapshot {
            self.snapshots.push(Snapshot { cost, standing: standing() });
            let ratio = self.conditions.budget.max(2.0).powf(1.0 / probes as f64);
            self.next_snapshot = (cost * ratio).max(1.0);
        }
    }

    pub fn force(&mut self, cost: f64, standing: Standing<T>) {
        if self.conditions.probes > 0 && self.snapshots.last().is_none_or(|last| last.cost < cost) {
            self.snapshots.push(Snapshot { cost, standing });
        }
    }

    pub fn trial(
        &mut self,
        seed: u64,
        ending: Ending,
        steps: u64,
        oracle: &Oracle<'_, T>,
        value: f64,
        gradient_norm: f64,
    ) -> Trial {
        Trial {
            seed,
            curve: std::mem::take(&mut self.curve),
            targets: self.conditions.targets.clone(),
            reached: std::mem::take(&mut self.reached),
            ending,
            steps,
            counts: oracle.counts(),
            cost: oracle.cost(),
            value,
            best: self.best,
            gradient_norm,
            memory: 0.0,
        }
    }
}
