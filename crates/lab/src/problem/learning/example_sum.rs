//! Means over examples, from formulas.

mod batch;
mod memory;
mod operator;
mod sums;

use thalweg_graph::Threads;

use self::batch::Batch;
use self::operator::Operator;
use self::sums::{Formulas, Penalty, Sums, widened};
use super::super::analytic::Term;
use crate::krylov::SymmetricOperator;
use crate::{Curvature, FiniteSum, Layout, Minibatch, Objective, Scalar, Terms, Unsupported};

/// f(θ) = (1/N) Σᵢ ℓ(θ; rowᵢ) + penalty(θ), compiled for the scalar type `T`.
///
/// Each example is a row of d numbers: features, targets, noise. Values and gradients of all or some examples are
/// programs, and so are Hessian products; formulas are evaluated and sums are kept in f64, whatever `T`. Examples are cut
/// into shards by their number and d alone, and shards are added up in an order that their number alone decides: results do
/// not depend on the number of threads. There is no Gauss-Newton or Fisher matrix.
///
/// ```
/// use thalweg_lab::problem::learning::ExampleSum;
/// use thalweg_lab::{Layout, Objective};
///
/// // The mean of (θ − a)² over three numbers a.
/// let rows = vec![1.0, 2.0, 6.0];
/// let sum = ExampleSum::<f64>::new(Layout::flat(1), rows, 1, |theta, rows| {
///     (rows.reshape(&[rows.len()]) - theta.at(0)).square()
/// });
/// let mut gradient = [0.0];
/// assert!((sum.value_grad(&[3.0], &mut gradient) - 14.0 / 3.0).abs() < 1e-15);
/// assert_eq!(gradient, [0.0]);
/// ```
pub struct ExampleSum<T: Scalar> {
    layout: Layout,
    formulas: Formulas,
    penalty: Option<Penalty>,
    rows: Vec<T>,
    threads: Threads,
    /// Bytes for what products need again.
    kept: usize,
    sums: Sums,
}

impl<T: Scalar> ExampleSum<T> {
    /// Compiles the sum over `rows` (N × `width`) for θ of the given layout, without a penalty and on one thread.
    ///
    /// `losses` is given θ (n) and the rows of some k examples (k × width) and returns their losses (k).
    ///
    /// # Panics
    /// If there are no examples, or no whole number of them, or the formula does not fit its types.
    pub fn new(
        layout: Layout,
        rows: Vec<T>,
        width: usize,
        losses: impl for<'s> Fn(Term<'s>, Term<'s>) -> Term<'s> + Send + Sync + 'static,
    ) -> Self {
        assert!(!rows.is_empty() && rows.len().is_multiple_of(width), "whole rows of {width}");
        let formulas = Formulas::new::<T>(layout.dimension(), width, Box::new(losses));
        let count = rows.len() / width;
        Self {
            sums: Sums::new(&formulas, count, formulas.shard()),
            layout,
            formulas,
            penalty: None,
            rows,
            threads: Threads::default(),
            kept: usize::MAX,
        }
    }

    /// The same with a penalty: a scalar by θ (n).
    ///
    /// # Panics
    /// If the formula does not fit its types.
    #[must_use]
    pub fn with_penalty(
        mut self,
        penalty: impl for<'s> Fn(Term<'s>) -> Term<'s> + Send + Sync + 'static,
    ) -> Self {
        self.penalty = Some(Penalty::new(self.layout.dimension(), &penalty));
        self
    }

    /// The same for a classifier, whose example is classified correctly where its loss is below `limit`: ln 2 for the
    /// logistic loss of two classes. The objective's terms have an accuracy then.
    #[must_use]
    pub fn with_correct_below(mut self, limit: f64) -> Self {
        self.formulas.correct_below = Some(limit);
        self.sums = Sums::new(&self.formulas, self.count(), self.formulas.shard());
        self
    }

    /// The same on these threads, which keeps at most `kept` bytes for products.
    #[must_use]
    pub fn with_limits(mut self, threads: Threads, kept: usize) -> Self {
        (self.threads, self.kept) = (threads, kept);
        self
    }

    fn count(&self) -> usize {
        self.rows.len() / self.formulas.width
    }

    fn terms_on(&self, x: &[T], threads: &Threads) -> Terms {
        let theta = widened(x);
        let [sum, squares, correct] = self.sums.terms(&theta, &self.rows, threads);
        let count = self.count() as f64;
        let mean = sum / count;
        let variance = (squares - count * mean * mean).max(0.0) / (count - 1.0);
        Terms {
            data: mean,
            data_stderr: (count > 1.0).then(|| (variance / count).sqrt()),
            penalty: self.penalty.as_ref().map_or(0.0, |penalty| penalty.value(&theta)),
            accuracy: self.formulas.correct_below.map(|_| correct / count),
        }
    }
}

impl<T: Scalar> Objective<T> for ExampleSum<T> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[T]) -> f64 {
        self.terms_on(x, &self.threads).total()
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        self.sums.value_grad(self.penalty.as_ref(), x, &self.rows, gradient, &self.threads)
    }

    fn values(&self, points: &[T], values: &mut [f64]) {
        let items: Vec<(&[T], &mut f64)> = points.chunks_exact(self.layout.dimension()).zip(values).collect();
        // Points are shared between threads; within a point the order of sums is the same as in `value`.
        self.threads.for_each(items, |(x, value)| *value = self.terms_on(x, &Threads::default()).total());
    }

    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        if curvature != Curvature::Hessian {
            return Err(Unsupported { curvature, reason: FORMULAS });
        }
        let point = self.sums.linearize(&self.formulas, x, &self.rows, self.kept, &self.threads);
        let penalty = self.penalty.as_ref().map(|penalty| penalty.linearize(x));
        Ok(Box::new(Operator { point, penalty, n: x.len(), examples: self.count() }))
    }

    fn terms(&self, x: &[T]) -> Terms {
        self.terms_on(x, &self.threads)
    }

    fn finite_sum(&self) -> Option<&dyn FiniteSum<T>> {
        Some(self)
    }
}

/// Why there are no other matrices.
const FORMULAS: &str = "losses that are formulas of the parameters have their Hessian alone";

impl<T: Scalar> FiniteSum<T> for ExampleSum<T> {
    fn examples(&self) -> usize {
        self.count()
    }

    fn gradient_moments(&self, x: &[T], gradient: &mut [T]) -> f64 {
        self.sums.value_grad(None, x, &self.rows, gradient, &self.threads);
        self.sums.squares(&self.formulas, x, &self.rows, &self.threads) / self.count() as f64
    }

    fn losses(&self, x: &[T]) -> Option<Vec<f64>> {
        Some(self.sums.losses(&self.formulas, x, &self.rows, &self.threads))
    }

    fn minibatch<'a>(&'a self, size: usize) -> Box<dyn Minibatch<T> + 'a> {
        Box::new(Batch::new(self, size))
    }
}

#[cfg(test)]
mod tests;
