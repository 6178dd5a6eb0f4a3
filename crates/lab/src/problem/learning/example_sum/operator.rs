//! The Hessian of a mean over examples as an operator.

use thalweg_graph::Point;

use super::sums::widened;
use crate::krylov::SymmetricOperator;
use crate::memory::WIDTH;
use crate::{Scalar, Stop};

/// ∇²f at one point.
pub(super) struct Operator<'a> {
    /// The Hessian of Σ ℓ.
    pub point: Point<'a>,
    /// The Hessian of the penalty.
    pub penalty: Option<Point<'a>>,
    pub n: usize,
    pub examples: usize,
}

impl<T: Scalar> SymmetricOperator<T> for Operator<'_> {
    fn dimension(&self) -> usize {
        self.n
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        // As many at a time whatever the memory: fewer would be summed in another order.
        let size = self.n * WIDTH;
        for (vectors, products) in vectors.chunks(size).zip(products.chunks_mut(size)) {
            self.block(vectors, products);
        }
        Ok(())
    }
}

impl Operator<'_> {
    fn block<T: Scalar>(&self, vectors: &[T], products: &mut [T]) {
        let wide = widened(vectors);
        let sum = applied(&self.point, self.n, &wide);
        let share = 1.0 / self.examples as f64;
        match &self.penalty {
            None => products.iter_mut().zip(sum).for_each(|(out, v)| *out = T::of(share * v)),
            Some(penalty) => {
                let more = applied(penalty, self.n, &wide);
                let terms = sum.into_iter().zip(more);
                products.iter_mut().zip(terms).for_each(|(out, (v, more))| *out = T::of(share * v + more));
            }
        }
    }
}

/// The products with vectors (k × n).
pub(super) fn applied(point: &Point<'_>, n: usize, vectors: &[f64]) -> Vec<f64> {
    let mut products = vec![0.0f64; vectors.len()];
    let outputs: &mut [&mut [u8]] = &mut [bytemuck::cast_slice_mut(&mut products)];
    point.apply(&[bytemuck::cast_slice(vectors)], vectors.len() / n, outputs);
    products
}
