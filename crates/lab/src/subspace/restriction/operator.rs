//! PᵀAP.

use std::sync::Arc;

use crate::krylov::{Keep, SymmetricOperator, Workers};
use crate::subspace::Projection;
use crate::{Scalar, Stop};

/// The operator PᵀAP (d × d) of an operator A (D × D).
pub(super) struct Projected<'a, T: Scalar> {
    whole: Box<dyn SymmetricOperator<T> + 'a>,
    projection: &'a Projection<T>,
    wide: Vec<f64>,
    vectors: Vec<T>,
    products: Vec<T>,
}

impl<'a, T: Scalar> Projected<'a, T> {
    pub fn new(whole: Box<dyn SymmetricOperator<T> + 'a>, projection: &'a Projection<T>) -> Self {
        let wide = vec![0.0; projection.rows()];
        Self { whole, projection, wide, vectors: Vec::new(), products: Vec::new() }
    }
}

impl<T: Scalar> SymmetricOperator<T> for Projected<'_, T> {
    fn dimension(&self) -> usize {
        self.projection.columns()
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let (n, whole) = (self.projection.columns(), self.projection.rows());
        let size = vectors.len() / n * whole;
        self.vectors.resize(size, T::zero());
        self.products.resize(size, T::zero());
        for (vector, image) in vectors.chunks_exact(n).zip(self.vectors.chunks_exact_mut(whole)) {
            self.projection.apply(vector, &mut self.wide);
            image.iter_mut().zip(&self.wide).for_each(|(image, wide)| *image = T::of(*wide));
        }
        self.whole.apply(&self.vectors, &mut self.products)?;
        for (image, product) in self.products.chunks_exact(whole).zip(products.chunks_exact_mut(n)) {
            self.projection.apply_transpose(image, product);
        }
        Ok(())
    }

    fn keep(&self) -> Keep<'_> {
        self.whole.keep()
    }

    fn workers(&self) -> Arc<dyn Workers> {
        self.whole.workers()
    }
}
