//! A restriction as a mean over examples.

use super::Restriction;
use crate::vector::dot;
use crate::{Curvature, FiniteSum, Minibatch, Scalar, Unsupported};

impl<T: Scalar> Restriction<'_, T> {
    fn sum(&self) -> &dyn FiniteSum<T> {
        self.objective.finite_sum().expect("it is handed out where there are examples")
    }
}

/// Costs a gradient an example for the moments: squared lengths of gᵢ say nothing of those of Pᵀgᵢ.
impl<T: Scalar> FiniteSum<T> for Restriction<'_, T> {
    fn examples(&self) -> usize {
        self.sum().examples()
    }

    fn gradient_moments(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let theta = self.lift(x);
        let (n, d) = (self.origin.len(), self.projection.columns());
        let (mut mean, mut whole) = (vec![T::zero(); n], vec![T::zero(); n]);
        self.sum().gradient_moments(&theta, &mut mean);
        self.projection.apply_transpose(&mean, gradient);
        // What a minibatch adds to the loss's gradient, the penalty, is the same for all.
        self.objective.value_grad(&theta, &mut whole);
        let penalty: Vec<T> =
            whole.iter().zip(&mean).map(|(all, mean)| T::of(all.wide() - mean.wide())).collect();
        let mut one = self.sum().minibatch(1);
        let mut projected = vec![T::zero(); d];
        let mut square = 0.0;
        for i in 0..self.examples() {
            one.value_grad(&theta, &[i as u32], &mut whole);
            whole.iter_mut().zip(&penalty).for_each(|(g, p)| *g = T::of(g.wide() - p.wide()));
            self.projection.apply_transpose(&whole, &mut projected);
            square += dot(&projected, &projected);
        }
        square / self.examples() as f64
    }

    fn is_separable(&self) -> bool {
        self.sum().is_separable()
    }

    fn minibatch<'b>(&'b self, size: usize) -> Box<dyn Minibatch<T> + 'b> {
        let whole = vec![T::zero(); self.origin.len()];
        Box::new(Batch { restriction: self, batch: self.sum().minibatch(size), whole })
    }
}

/// Minibatches of a restriction.
struct Batch<'b, 'a, T: Scalar> {
    restriction: &'b Restriction<'a, T>,
    batch: Box<dyn Minibatch<T> + 'b>,
    /// A gradient or product in all D coordinates.
    whole: Vec<T>,
}

impl<T: Scalar> Minibatch<T> for Batch<'_, '_, T> {
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        let theta = self.restriction.lift(x);
        let value = self.batch.value_grad(&theta, indices, &mut self.whole);
        self.restriction.projection.apply_transpose(&self.whole, gradient);
        value
    }

    fn product(
        &mut self,
        x: &[T],
        indices: &[u32],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Unsupported> {
        let theta = self.restriction.lift(x);
        let image = self.restriction.image(vector);
        self.batch.product(&theta, indices, curvature, &image, &mut self.whole)?;
        self.restriction.projection.apply_transpose(&self.whole, product);
        Ok(())
    }
}
