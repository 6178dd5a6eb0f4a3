//! Residuals and their Jacobian, counted.

use super::Oracle;
use crate::{Evaluation, Jacobian, LeastSquares, Scalar, Stop};

/// The residuals of an objective that is a sum of squares, counted by its [`Oracle`].
///
/// Residuals count as a value; each product with J or Jᵀ counts as a product.
pub struct Residuals<'o, 'a, T: Scalar> {
    squares: &'a dyn LeastSquares<T>,
    oracle: &'o Oracle<'a, T>,
}

impl<'a, T: Scalar> Oracle<'a, T> {
    /// The residuals, where the objective is a sum of squares.
    pub fn least_squares<'o>(&'o self) -> Option<Residuals<'o, 'a, T>> {
        let squares = self.objective.least_squares()?;
        Some(Residuals { squares, oracle: self })
    }
}

impl<'o, 'a, T: Scalar> Residuals<'o, 'a, T> {
    /// m.
    pub fn count(&self) -> usize {
        self.squares.residual_count()
    }

    /// r(x) into `residuals` (m), and f(x) = Σᵢ rᵢ², summed in f64.
    pub fn evaluate(&self, x: &[T], residuals: &mut [T]) -> Result<f64, Stop> {
        let count = self.oracle.charge(Evaluation::Value, 1, 1.0)?;
        self.squares.residuals(x, residuals);
        self.oracle.finite(Evaluation::Value, count, residuals)?;
        let value: f64 = residuals.iter().map(|r| r.wide() * r.wide()).sum();
        self.oracle.finite(Evaluation::Value, count, &[value])?;
        Ok(value)
    }

    /// J at x; its products are counted.
    pub fn jacobian(&self, x: &[T]) -> CountedJacobian<'o, 'a, T> {
        CountedJacobian { jacobian: self.squares.jacobian(x), oracle: self.oracle }
    }
}

/// A Jacobian whose products are counted by an [`Oracle`].
pub struct CountedJacobian<'o, 'a, T: Scalar> {
    jacobian: Box<dyn Jacobian<T> + 'a>,
    oracle: &'o Oracle<'a, T>,
}

impl<T: Scalar> Jacobian<T> for CountedJacobian<'_, '_, T> {
    fn shape(&self) -> (usize, usize) {
        self.jacobian.shape()
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let k = vectors.len() / self.shape().1.max(1);
        let count = self.oracle.charge(Evaluation::Product, k as u64, 1.0)?;
        self.jacobian.apply(vectors, products)?;
        self.oracle.finite(Evaluation::Product, count, products)
    }

    fn apply_transpose(&mut self, covectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let k = covectors.len() / self.shape().0.max(1);
        let count = self.oracle.charge(Evaluation::Product, k as u64, 1.0)?;
        self.jacobian.apply_transpose(covectors, products)?;
        self.oracle.finite(Evaluation::Product, count, products)
    }
}
