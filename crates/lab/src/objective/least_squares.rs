//! Sums of squares, for methods that need the residuals.

use crate::{Scalar, Stop};

/// An objective that is a sum of squares, f(x) = Σᵢ rᵢ(x)² over m residuals.
///
/// The convention is that of Moré, Garbow & Hillstrom (1981), without a factor ½: the
/// gradient is 2Jᵀr and [`Curvature::GaussNewton`](crate::Curvature::GaussNewton) is 2JᵀJ,
/// where J = ∂r/∂x (m × n). The step of Gauss and Newton, JᵀJ p = −Jᵀr, does not depend on
/// such a factor. Where a function is ½‖s‖², its residuals are s/√2.
pub trait LeastSquares<T: Scalar>: Send + Sync {
    /// m.
    fn residual_count(&self) -> usize;

    /// r(x) into `residuals` (m). Costs about a value.
    fn residuals(&self, x: &[T], residuals: &mut [T]);

    /// J at x, by its products. The work that depends on x alone is done once, here.
    fn jacobian<'a>(&'a self, x: &[T]) -> Box<dyn Jacobian<T> + 'a>;
}

/// A matrix J ∈ Rᵐˣⁿ that is known by its products with vectors from either side.
pub trait Jacobian<T: Scalar> {
    /// m and n.
    fn shape(&self) -> (usize, usize);

    /// Writes J vⱼ for each row vⱼ of `vectors` (k × n, row-major) into the same row of
    /// `products` (k × m).
    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop>;

    /// Writes Jᵀ uⱼ for each row uⱼ of `covectors` (k × m, row-major) into the same row of
    /// `products` (k × n).
    fn apply_transpose(&mut self, covectors: &[T], products: &mut [T]) -> Result<(), Stop>;
}
