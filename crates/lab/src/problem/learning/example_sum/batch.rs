//! Minibatches.

use thalweg_graph::Threads;

use super::operator::Operator;
use super::sums::Sums;
use super::{ExampleSum, FORMULAS};
use crate::krylov::SymmetricOperator;
use crate::{Curvature, Minibatch, Scalar, Unsupported};

/// Programs compiled for minibatches of one size, and a place to gather them.
pub(super) struct Batch<'a, T: Scalar> {
    whole: &'a ExampleSum<T>,
    size: usize,
    sums: Sums,
    rows: Vec<T>,
}

impl<'a, T: Scalar> Batch<'a, T> {
    /// A minibatch is too small to be cut or shared out.
    pub fn new(whole: &'a ExampleSum<T>, size: usize) -> Self {
        let sums = Sums::new(&whole.formulas, size, size);
        Self { whole, size, sums, rows: vec![T::zero(); size * whole.formulas.width] }
    }

    fn gather(&mut self, indices: &[u32]) {
        let width = self.whole.formulas.width;
        for (to, &i) in self.rows.chunks_exact_mut(width).zip(indices) {
            to.copy_from_slice(&self.whole.rows[i as usize * width..][..width]);
        }
    }
}

impl<T: Scalar> Minibatch<T> for Batch<'_, T> {
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        self.gather(indices);
        self.sums.value_grad(self.whole.penalty.as_ref(), x, &self.rows, gradient, &Threads::default())
    }

    fn product(
        &mut self,
        x: &[T],
        indices: &[u32],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Unsupported> {
        if curvature != Curvature::Hessian {
            return Err(Unsupported { curvature, reason: FORMULAS });
        }
        self.gather(indices);
        let whole = self.whole;
        let point = self.sums.linearize(&whole.formulas, x, &self.rows, usize::MAX, &Threads::default());
        let penalty = whole.penalty.as_ref().map(|penalty| penalty.linearize(x));
        let mut operator = Operator { point, penalty, n: x.len(), examples: self.size };
        operator.apply(vector, product).expect("a product of formulas does not stop");
        Ok(())
    }
}
