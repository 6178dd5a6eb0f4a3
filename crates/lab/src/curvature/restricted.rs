//! One block of a curvature matrix.

use std::ops::Range;
use std::sync::Arc;

use crate::krylov::{Keep, SymmetricOperator, Workers};
use crate::{Scalar, Stop};

/// The principal submatrix of A for the coordinates `range`: rows and columns of
/// one block of the layout, such as a layer's.
///
/// A product costs one of A's. Everything in [`krylov`](crate::krylov) works on it.
///
/// # Panics
/// If the range does not lie within A's dimension.
///
/// ```
/// use thalweg_lab::curvature::restrict;
/// use thalweg_lab::krylov::{TraceOptions, diagonal};
/// use thalweg_lab::problem::analytic::{Analytic, quadratic};
/// use thalweg_lab::{Curvature, Objective};
///
/// let objective = Analytic::<f64>::new(quadratic(&[4.0, 1.0, -2.0, 3.0]), Default::default());
/// let mut hessian = objective.linearize(&[0.0; 4], Curvature::Hessian)?;
/// let mut block = restrict(&mut *hessian, 1..3);
/// let found = diagonal(&mut block, &TraceOptions::default()).unwrap();
/// assert_eq!(found.values, [1.0, -2.0]);
/// # Ok::<(), thalweg_lab::Unsupported>(())
/// ```
pub fn restrict<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    range: Range<usize>,
) -> Restricted<'_, T> {
    let whole = operator.dimension();
    assert!(range.start <= range.end && range.end <= whole, "{range:?} does not lie within 0..{whole}");
    Restricted { operator, range, vectors: Vec::new(), products: Vec::new() }
}

/// What [`restrict`] returns.
pub struct Restricted<'a, T: Scalar> {
    operator: &'a mut dyn SymmetricOperator<T>,
    range: Range<usize>,
    /// Vectors of the whole dimension, 0 outside the range.
    vectors: Vec<T>,
    products: Vec<T>,
}

impl<T: Scalar> SymmetricOperator<T> for Restricted<'_, T> {
    fn dimension(&self) -> usize {
        self.range.len()
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let (n, whole) = (self.range.len(), self.operator.dimension());
        if vectors.is_empty() {
            return Ok(());
        }
        let size = vectors.len() / n * whole;
        // What lies outside the range stays 0 from call to call.
        self.vectors.resize(size, T::zero());
        self.products.resize(size, T::zero());
        for (vector, row) in vectors.chunks_exact(n).zip(self.vectors.chunks_exact_mut(whole)) {
            row[self.range.clone()].copy_from_slice(vector);
        }
        self.operator.apply(&self.vectors, &mut self.products)?;
        for (row, product) in self.products.chunks_exact(whole).zip(products.chunks_exact_mut(n)) {
            product.copy_from_slice(&row[self.range.clone()]);
        }
        Ok(())
    }

    fn workers(&self) -> Arc<dyn Workers> {
        self.operator.workers()
    }

    fn keep(&self) -> Keep<'_> {
        self.operator.keep()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::{dense, from_fn};

    #[test]
    fn it_is_the_principal_submatrix() {
        let entry = |i: usize, j: usize| 1.0 / (1.0 + (i + j) as f64) + (i * j % 5) as f64;
        let mut operator = from_fn(9, |v: &[f64], out| {
            for (i, out) in out.iter_mut().enumerate() {
                *out = v.iter().enumerate().map(|(j, v)| entry(i, j) * v).sum();
            }
        });
        for block in [1, 2, 8] {
            let found = dense(&mut restrict(&mut operator, 2..7), block).unwrap();
            for i in 0..5 {
                for j in 0..5 {
                    assert_eq!(found.entries[i * 5 + j], entry(i + 2, j + 2));
                }
            }
        }
        assert_eq!(dense(&mut restrict(&mut operator, 4..4), 3).unwrap().dimension, 0);
    }
}
