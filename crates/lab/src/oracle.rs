//! Counts, budgets and the watch for non-finite numbers.

mod kronecker;
mod least_squares;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::krylov::{Keep, SymmetricOperator, Workers};
use crate::stop::first_non_finite;
use crate::{Curvature, Evaluation, Objective, Scalar, Stop, Terms, Unsupported};

pub use least_squares::{CountedJacobian, Residuals};

/// How much of each kind of work was done. A gradient includes its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Values.
    pub values: u64,
    /// Gradients.
    pub gradients: u64,
    /// Products with a curvature operator, one a vector.
    pub products: u64,
}

/// What values and products cost, in gradients of the whole objective.
///
/// A minibatch's gradient or product costs its share of the examples.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Weights {
    /// Gradients a value.
    pub value: f64,
    /// Gradients a product.
    pub product: f64,
}

impl Default for Weights {
    /// A third and two: where arithmetic is all, a gradient is a pass forward and two passes
    /// of that size back, and the derivative of that along a line is twice as much.
    fn default() -> Self {
        Self { value: 1.0 / 3.0, product: 2.0 }
    }
}

/// Limits on each kind of work; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// Values.
    pub values: Option<u64>,
    /// Gradients.
    pub gradients: Option<u64>,
    /// Products.
    pub products: Option<u64>,
    /// All of them together, in [`Weights`].
    pub cost: Option<f64>,
}

/// An objective that counts what is asked of it, keeps a budget, can be
/// cancelled, and turns a non-finite number into a [`Stop`] with evidence.
pub struct Oracle<'a, T: Scalar> {
    objective: &'a dyn Objective<T>,
    budget: Budget,
    counts: Cell<Counts>,
    weights: Weights,
    cost: Cell<f64>,
    cancel: Option<&'a AtomicBool>,
    watch: Option<&'a dyn Fn(Counts)>,
    keep: Keep<'a>,
}

impl<'a, T: Scalar> Oracle<'a, T> {
    /// An oracle without limits.
    pub fn new(objective: &'a dyn Objective<T>) -> Self {
        Self {
            objective,
            budget: Budget::default(),
            counts: Cell::default(),
            weights: Weights::default(),
            cost: Cell::default(),
            cancel: None,
            watch: None,
            keep: Keep::Memory,
        }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Says what values and products cost.
    #[must_use]
    pub fn with_weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    /// Begins with what was done before, to go on with a run.
    #[must_use]
    pub fn with_spent(self, counts: Counts, cost: f64) -> Self {
        self.counts.set(counts);
        self.cost.set(cost);
        self
    }

    /// Stops with [`Stop::Cancelled`] at the next evaluation after the flag is set.
    #[must_use]
    pub fn with_cancel(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// Calls `watch` after every evaluation, for progress displays.
    #[must_use]
    pub fn with_watch(mut self, watch: &'a dyn Fn(Counts)) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Says where methods keep the Krylov bases of its operators; in memory unless said otherwise.
    #[must_use]
    pub fn with_keep(mut self, keep: Keep<'a>) -> Self {
        self.keep = keep;
        self
    }

    /// The objective, for what costs nothing: its layout and dimension.
    pub fn objective(&self) -> &'a dyn Objective<T> {
        self.objective
    }

    /// What was done so far.
    pub fn counts(&self) -> Counts {
        self.counts.get()
    }

    /// What it cost so far, in gradients of the whole objective.
    pub fn cost(&self) -> f64 {
        self.cost.get()
    }

    /// f(x).
    pub fn value(&self, x: &[T]) -> Result<f64, Stop> {
        let count = self.charge(Evaluation::Value, 1, 1.0)?;
        let value = self.objective.value(x);
        self.finite(Evaluation::Value, count, &[value])?;
        Ok(value)
    }

    /// The parts of f(x), counted as one value.
    pub fn terms(&self, x: &[T]) -> Result<Terms, Stop> {
        let count = self.charge(Evaluation::Value, 1, 1.0)?;
        let terms = self.objective.terms(x);
        self.finite(Evaluation::Value, count, &[terms.total()])?;
        Ok(terms)
    }

    /// The same for whoever shows them: numbers that are not finite are returned as they are.
    pub fn seen(&self, x: &[T]) -> Result<Terms, Stop> {
        self.charge(Evaluation::Value, 1, 1.0)?;
        let terms = self.objective.terms(x);
        self.notify();
        Ok(terms)
    }

    /// Each example's loss at x, counted as one value; `None` where the objective has no examples or does not
    /// tell.
    pub fn losses(&self, x: &[T]) -> Result<Option<Vec<f64>>, Stop> {
        let Some(sum) = self.objective.finite_sum() else { return Ok(None) };
        let count = self.charge(Evaluation::Value, 1, 1.0)?;
        let losses = sum.losses(x);
        self.finite(Evaluation::Value, count, losses.as_deref().unwrap_or(&[]))?;
        Ok(losses)
    }

    /// f at each row of `points`; entries that are not finite are returned as
    /// they are, since a landscape shows them.
    pub fn values(&self, points: &[T], values: &mut [f64]) -> Result<(), Stop> {
        self.charge(Evaluation::Value, values.len() as u64, 1.0)?;
        self.objective.values(points, values);
        self.notify();
        Ok(())
    }

    /// f(x + Σⱼ cⱼ dⱼ) for each row c of `coordinates`, each counted as one value; see
    /// [`Objective::values_along`].
    pub fn values_along(
        &self,
        x: &[T],
        directions: &[&[T]],
        coordinates: &[f64],
        values: &mut [f64],
    ) -> Result<(), Stop> {
        self.charge(Evaluation::Value, values.len() as u64, 1.0)?;
        self.objective.values_along(x, directions, coordinates, values);
        self.notify();
        Ok(())
    }

    /// f(x), and ∇f(x) into `gradient`.
    pub fn value_grad(&self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop> {
        let count = self.charge(Evaluation::Gradient, 1, 1.0)?;
        let value = self.objective.value_grad(x, gradient);
        self.finite(Evaluation::Gradient, count, &[value])?;
        self.finite(Evaluation::Gradient, count, gradient)?;
        Ok(value)
    }

    /// f(x), and ∇f(x) into `gradient`, at a point that a search only tries: numbers that
    /// are not finite are returned as they are.
    pub fn trial(&self, x: &[T], gradient: &mut [T]) -> Result<f64, Stop> {
        self.charge(Evaluation::Gradient, 1, 1.0)?;
        let value = self.objective.value_grad(x, gradient);
        self.notify();
        Ok(value)
    }

    /// A minibatch gradient computed by `evaluate`, counted and checked as one gradient that
    /// costs `share` of a whole one.
    pub fn stochastic(
        &self,
        share: f64,
        gradient: &mut [T],
        evaluate: impl FnOnce(&mut [T]) -> f64,
    ) -> Result<f64, Stop> {
        let count = self.charge(Evaluation::Gradient, 1, share)?;
        let value = evaluate(gradient);
        self.finite(Evaluation::Gradient, count, &[value])?;
        self.finite(Evaluation::Gradient, count, gradient)?;
        Ok(value)
    }

    /// A product with a minibatch's curvature matrix, computed by `evaluate`, counted and
    /// checked as one product that costs `share` of a whole one.
    pub fn stochastic_product(
        &self,
        share: f64,
        product: &mut [T],
        evaluate: impl FnOnce(&mut [T]) -> Result<(), Unsupported>,
    ) -> Result<(), Stop> {
        let count = self.charge(Evaluation::Product, 1, share)?;
        evaluate(product)?;
        self.finite(Evaluation::Product, count, product)
    }

    /// A curvature operator at x whose products are counted here.
    pub fn linearize<'o>(&'o self, x: &[T], curvature: Curvature) -> Result<Counted<'o, 'a, T>, Unsupported> {
        Ok(Counted { operator: self.objective.linearize(x, curvature)?, oracle: self })
    }

    fn charge(&self, evaluation: Evaluation, amount: u64, share: f64) -> Result<u64, Stop> {
        if self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Stop::Cancelled);
        }
        let mut counts = self.counts.get();
        let (count, limit, weight) = match evaluation {
            Evaluation::Value => (&mut counts.values, self.budget.values, self.weights.value),
            Evaluation::Gradient => (&mut counts.gradients, self.budget.gradients, 1.0),
            Evaluation::Product => (&mut counts.products, self.budget.products, self.weights.product),
        };
        let cost = self.cost.get() + weight * share * amount as f64;
        *count += amount;
        if let Some(limit) = limit.filter(|&limit| *count > limit) {
            return Err(Stop::Budget { evaluation, limit });
        }
        if let Some(limit) = self.budget.cost.filter(|&limit| cost > limit) {
            return Err(Stop::Cost { limit });
        }
        let count = *count;
        self.cost.set(cost);
        self.counts.set(counts);
        Ok(count)
    }

    fn finite<U: Scalar>(&self, evaluation: Evaluation, count: u64, values: &[U]) -> Result<(), Stop> {
        self.notify();
        match first_non_finite(values) {
            Some((index, found)) => Err(Stop::NonFinite { evaluation, count, index, found }),
            None => Ok(()),
        }
    }

    fn notify(&self) {
        if let Some(watch) = self.watch {
            watch(self.counts.get());
        }
    }
}

/// A curvature operator whose products are counted by an [`Oracle`].
pub struct Counted<'o, 'a, T: Scalar> {
    operator: Box<dyn SymmetricOperator<T> + 'a>,
    oracle: &'o Oracle<'a, T>,
}

impl<T: Scalar> SymmetricOperator<T> for Counted<'_, '_, T> {
    fn dimension(&self) -> usize {
        self.operator.dimension()
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let k = (vectors.len() / self.dimension().max(1)) as u64;
        let count = self.oracle.charge(Evaluation::Product, k, 1.0)?;
        self.operator.apply(vectors, products)?;
        self.oracle.finite(Evaluation::Product, count, products)
    }

    fn keep(&self) -> Keep<'_> {
        self.oracle.keep
    }

    fn workers(&self) -> Arc<dyn Workers> {
        self.operator.workers()
    }
}
