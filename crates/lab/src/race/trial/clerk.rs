//! The record of a run while it is made.

use super::{Curve, Snapshot, Standing, Trial};
use crate::optim::Ending;
use crate::race::Conditions;
use crate::{Oracle, Scalar};

/// Keeps the record of a run, with a stop watch for the run itself.
pub(super) struct Clerk<'c, T: Scalar> {
    pub conditions: &'c Conditions,
    pub seed: u64,
    clock: &'c (dyn Fn() -> f64 + Sync),
    /// When the run began.
    began: f64,
    /// Seconds that were not the run's own.
    away: f64,
    /// What the run took, once it is over.
    took: Option<f64>,
    curve: Curve,
    reached: Vec<Option<f64>>,
    reached_after: Vec<Option<f64>>,
    pub path: Vec<Vec<T>>,
    pub snapshots: Vec<Snapshot<T>>,
    best: f64,
    next_mark: f64,
    next_snapshot: f64,
}

impl<'c, T: Scalar> Clerk<'c, T> {
    pub fn new(conditions: &'c Conditions, clock: &'c (dyn Fn() -> f64 + Sync), seed: u64) -> Self {
        Self {
            conditions,
            seed,
            clock,
            began: clock(),
            away: 0.0,
            took: None,
            curve: Curve::default(),
            reached: vec![None; conditions.targets.len()],
            reached_after: vec![None; conditions.targets.len()],
            path: Vec::new(),
            snapshots: Vec::new(),
            best: f64::INFINITY,
            next_mark: 0.0,
            next_snapshot: 0.0,
        }
    }

    /// From now on it is the run's own time.
    pub fn start(&mut self) {
        (self.began, self.away) = ((self.clock)(), 0.0);
    }

    /// From now on it is not.
    pub fn stop(&mut self) {
        self.took = Some(self.now());
    }

    /// Does what is not the run's own work.
    pub fn aside<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let from = (self.clock)();
        let result = work();
        self.away += (self.clock)() - from;
        result
    }

    /// The run's own seconds so far.
    fn now(&self) -> f64 {
        self.took.unwrap_or_else(|| ((self.clock)() - self.began - self.away).max(0.0))
    }

    pub fn is_due(&self, cost: f64) -> bool {
        cost >= self.next_mark
    }

    /// Notes a value for the targets, and for the curve if that is due.
    pub fn note(&mut self, cost: f64, value: f64, x: &[T]) {
        self.best = self.best.min(value);
        for (i, target) in self.conditions.targets.iter().enumerate() {
            if self.reached[i].is_none() && self.best <= *target {
                self.reached[i] = Some(cost);
                self.reached_after[i] = Some(self.now());
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
        self.curve.seconds.push(self.now());
        self.curve.value.push(value);
        self.curve.best.push(self.best);
        if self.conditions.ways {
            let point = self.aside(|| x.to_vec());
            self.path.push(point);
        }
    }

    pub fn snapshot(&mut self, cost: f64, standing: impl FnOnce() -> Standing<T>) {
        let probes = self.conditions.probes;
        if probes > 0 && cost >= self.next_snapshot {
            let standing = self.aside(standing);
            self.snapshots.push(Snapshot { cost, standing });
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
        ending: Ending,
        steps: u64,
        oracle: &Oracle<'_, T>,
        value: f64,
        gradient_norm: f64,
    ) -> Trial {
        Trial {
            seed: self.seed,
            curve: std::mem::take(&mut self.curve),
            targets: self.conditions.targets.clone(),
            reached: std::mem::take(&mut self.reached),
            reached_after: std::mem::take(&mut self.reached_after),
            ending,
            steps,
            counts: oracle.counts(),
            cost: oracle.cost(),
            seconds: self.now(),
            value,
            best: self.best,
            gradient_norm,
            memory: None,
        }
    }
}
