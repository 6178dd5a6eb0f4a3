//! The operator that every Krylov method works on.

use crate::{Scalar, Stop};

/// A symmetric matrix A ∈ Rⁿˣⁿ that is known by its products.
pub trait SymmetricOperator<T: Scalar> {
    /// n.
    fn dimension(&self) -> usize;

    /// Writes A vⱼ for each row vⱼ of `vectors` (k × n, row-major) into the
    /// same row of `products`. Blocks cost less a vector than single vectors.
    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop>;
}
