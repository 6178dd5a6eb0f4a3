//! A restriction as a sum of squares.

use super::Restriction;
use crate::subspace::Projection;
use crate::{Jacobian, LeastSquares, Scalar, Stop};

impl<T: Scalar> Restriction<'_, T> {
    fn squares(&self) -> &dyn LeastSquares<T> {
        self.objective.least_squares().expect("it is handed out where there are residuals")
    }
}

impl<T: Scalar> LeastSquares<T> for Restriction<'_, T> {
    fn residual_count(&self) -> usize {
        self.squares().residual_count()
    }

    fn residuals(&self, x: &[T], residuals: &mut [T]) {
        self.squares().residuals(&self.lift(x), residuals);
    }

    fn jacobian<'b>(&'b self, x: &[T]) -> Box<dyn Jacobian<T> + 'b> {
        let whole = self.squares().jacobian(&self.lift(x));
        Box::new(Projected { whole, projection: &self.projection })
    }
}

/// JP.
struct Projected<'b, T: Scalar> {
    whole: Box<dyn Jacobian<T> + 'b>,
    projection: &'b Projection<T>,
}

impl<T: Scalar> Jacobian<T> for Projected<'_, T> {
    fn shape(&self) -> (usize, usize) {
        (self.whole.shape().0, self.projection.columns())
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let (rows, columns) = (self.projection.rows(), self.projection.columns());
        let mut wide = vec![0.0; rows];
        let mut images = Vec::with_capacity(vectors.len() / columns * rows);
        for vector in vectors.chunks_exact(columns) {
            self.projection.apply(vector, &mut wide);
            images.extend(wide.iter().map(|v| T::of(*v)));
        }
        self.whole.apply(&images, products)
    }

    fn apply_transpose(&mut self, covectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let (rows, columns) = (self.projection.rows(), self.projection.columns());
        let mut whole = vec![T::zero(); products.len() / columns * rows];
        self.whole.apply_transpose(covectors, &mut whole)?;
        for (image, product) in whole.chunks_exact(rows).zip(products.chunks_exact_mut(columns)) {
            self.projection.apply_transpose(image, product);
        }
        Ok(())
    }
}
