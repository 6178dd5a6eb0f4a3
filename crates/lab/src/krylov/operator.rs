//! The operator that every Krylov method works on.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::krylov::{Alone, Keep, Workers};
use crate::{Scalar, Stop};

/// A symmetric matrix A ∈ Rⁿˣⁿ that is known by its products.
pub trait SymmetricOperator<T: Scalar> {
    /// n.
    fn dimension(&self) -> usize;

    /// Writes A vⱼ for each row vⱼ of `vectors` (k × n, row-major) into the
    /// same row of `products`. Blocks cost no more a vector than single vectors.
    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop>;

    /// Where methods keep a basis of such vectors; in memory unless said otherwise.
    fn keep(&self) -> Keep<'_> {
        Keep::Memory
    }

    /// Who may share a method's own work on vectors; the caller's thread alone unless said otherwise.
    fn workers(&self) -> Arc<dyn Workers> {
        Arc::new(Alone)
    }
}

/// The operator of dimension `n` whose product with one vector `product` writes.
///
/// ```
/// use thalweg_lab::krylov::{SymmetricOperator, from_fn};
///
/// let mut shift = from_fn(2, |v: &[f64], out| out.copy_from_slice(&[v[1], v[0]]));
/// let mut out = [0.0; 4];
/// shift.apply(&[1.0, 2.0, 3.0, 4.0], &mut out).unwrap();
/// assert_eq!(out, [2.0, 1.0, 4.0, 3.0]);
/// ```
pub fn from_fn<T: Scalar, F: FnMut(&[T], &mut [T])>(n: usize, product: F) -> FromFn<T, F> {
    FromFn { n, product, element: PhantomData }
}

/// What [`from_fn`] returns.
#[derive(Clone, Debug)]
pub struct FromFn<T, F> {
    n: usize,
    product: F,
    element: PhantomData<fn(T) -> T>,
}

impl<T: Scalar, F: FnMut(&[T], &mut [T])> SymmetricOperator<T> for FromFn<T, F> {
    fn dimension(&self) -> usize {
        self.n
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let n = self.n.max(1);
        for (v, out) in vectors.chunks_exact(n).zip(products.chunks_exact_mut(n)) {
            (self.product)(v, out);
        }
        Ok(())
    }
}
