//! Counts the products that a method asks for, and refuses those that are not finite.

use std::sync::Arc;

use crate::krylov::basis::Basis;
use crate::krylov::{BasisKind, Keep, SymmetricOperator, Workers};
use crate::stop::first_non_finite;
use crate::{Evaluation, Scalar, Stop};

/// An operator in use by one method.
pub struct Products<'a, T: Scalar> {
    operator: &'a mut dyn SymmetricOperator<T>,
    count: u64,
}

impl<'a, T: Scalar> Products<'a, T> {
    pub fn new(operator: &'a mut dyn SymmetricOperator<T>) -> Self {
        Self { operator, count: 0 }
    }

    pub fn dimension(&self) -> usize {
        self.operator.dimension()
    }

    /// How bases of such vectors are kept.
    pub fn kind(&self) -> BasisKind {
        self.operator.keep().kind()
    }

    /// Those that share work on vectors.
    pub fn workers(&self) -> Arc<dyn Workers> {
        self.operator.workers()
    }

    /// An empty basis with room for so many rows.
    pub fn basis(&self, room: usize) -> Result<Basis<T>, Stop> {
        Ok(Basis::new(self.dimension(), room, self.operator.keep())?.with_workers(self.workers()))
    }

    /// The same for methods that need rows orthonormal to the scalar type's rounding: bf16 will not do.
    pub fn exact_basis(&self, room: usize) -> Result<Basis<T>, Stop> {
        let keep = match self.operator.keep() {
            Keep::Half => Keep::Memory,
            keep => keep,
        };
        Ok(Basis::new(self.dimension(), room, keep)?.with_workers(self.workers()))
    }

    /// Products so far, one a vector.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// A vⱼ for each row of `vectors` into the same row of `products`.
    pub fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        debug_assert_eq!(vectors.len(), products.len());
        if vectors.is_empty() {
            return Ok(());
        }
        self.operator.apply(vectors, products)?;
        self.count += (vectors.len() / self.dimension()) as u64;
        match first_non_finite(products) {
            None => Ok(()),
            Some((index, found)) => self.not_finite(index, found),
        }
    }

    /// A number derived from the last product, if it is finite.
    pub fn finite(&self, value: f64) -> Result<f64, Stop> {
        if value.is_finite() { Ok(value) } else { self.not_finite(0, value.to_string()) }
    }

    fn not_finite<R>(&self, index: usize, found: String) -> Result<R, Stop> {
        Err(Stop::NonFinite { evaluation: Evaluation::Product, count: self.count, index, found })
    }
}
