//! Kronecker factors, counted.

use super::Oracle;
use crate::{Evaluation, KroneckerFisher, NoFactors, Scalar, Stop};

impl<T: Scalar> Oracle<'_, T> {
    /// The factors at x over all examples; see [`Objective::kronecker_fisher`](crate::Objective::kronecker_fisher).
    ///
    /// Each pass back through the model counts as a gradient.
    pub fn kronecker_fisher(&self, x: &[T]) -> Result<KroneckerFisher<T>, Stop> {
        self.stochastic_kronecker_fisher(1.0, || self.objective.kronecker_fisher(x))
    }

    /// The factors of a minibatch, computed by `evaluate`, each pass counted as a gradient that
    /// costs `share` of a whole one.
    pub fn stochastic_kronecker_fisher(
        &self,
        share: f64,
        evaluate: impl FnOnce() -> Result<KroneckerFisher<T>, NoFactors>,
    ) -> Result<KroneckerFisher<T>, Stop> {
        let factors = evaluate()?;
        let count = self.charge(Evaluation::Gradient, factors.passes, share)?;
        for layer in &factors.layers {
            self.finite(Evaluation::Gradient, count, &layer.inputs)?;
            self.finite(Evaluation::Gradient, count, &layer.outputs)?;
        }
        Ok(factors)
    }
}
