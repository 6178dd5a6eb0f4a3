//! An objective within an affine subspace.

mod operator;
mod squares;
mod sum;

use super::Projection;
use crate::krylov::SymmetricOperator;
use crate::{Curvature, FiniteSum, Layout, LeastSquares, Objective, Scalar, Terms, Unsupported};

/// z ↦ f(θ₀ + P z): an objective of d coordinates.
///
/// Its gradient is Pᵀ∇f, its curvature matrices are PᵀAP, its residuals those of f with the
/// Jacobian JP, and where f is a mean over examples, so is this, with the same examples.
/// An evaluation costs one of f and one or two products with P; points, gradients and
/// products are rounded to `T` in all D coordinates. There are no Kronecker factors: weights are mixed.
///
/// Source: Li, Farkhoor, Liu & Yosinski, *Measuring the intrinsic dimension of objective landscapes*
/// (ICLR 2018), eq. 2.
///
/// ```
/// use thalweg_lab::Objective;
/// use thalweg_lab::problem::analytic::{Analytic, quadratic};
/// use thalweg_lab::subspace::{Projection, ProjectionKind, Restriction};
///
/// let bowl = Analytic::<f64>::new(quadratic(&[2.0; 100]), Default::default());
/// let plane = Projection::new(ProjectionKind::Dense, 100, 2, 1, usize::MAX);
/// let cut = Restriction::new(&bowl, vec![1.0; 100], plane);
/// let mut gradient = [0.0; 2];
/// assert_eq!(cut.value_grad(&[0.0, 0.0], &mut gradient), 100.0);
/// assert_eq!(cut.lift(&[0.0, 0.0]), [1.0; 100]);
/// ```
pub struct Restriction<'a, T: Scalar> {
    objective: &'a dyn Objective<T>,
    origin: Vec<T>,
    projection: Projection<T>,
    layout: Layout,
}

impl<'a, T: Scalar> Restriction<'a, T> {
    /// The objective on θ₀ + P z, where θ₀ is `origin` (D).
    ///
    /// # Panics
    /// If the objective, the origin and P differ in D.
    pub fn new(objective: &'a dyn Objective<T>, origin: Vec<T>, projection: Projection<T>) -> Self {
        let n = objective.dimension();
        assert_eq!((origin.len(), projection.rows()), (n, n), "dimension of the origin and of P");
        let layout = Layout::new([("z", vec![projection.columns()])]);
        Self { objective, origin, projection, layout }
    }

    /// θ₀ + P z.
    pub fn lift(&self, z: &[T]) -> Vec<T> {
        let mut moved = vec![0.0; self.origin.len()];
        self.projection.apply(z, &mut moved);
        self.origin.iter().zip(moved).map(|(x, moved)| T::of(x.wide() + moved)).collect()
    }

    /// P.
    pub fn projection(&self) -> &Projection<T> {
        &self.projection
    }

    /// P v, rounded.
    fn image(&self, v: &[T]) -> Vec<T> {
        let mut wide = vec![0.0; self.origin.len()];
        self.projection.apply(v, &mut wide);
        wide.into_iter().map(T::of).collect()
    }
}

impl<T: Scalar> Objective<T> for Restriction<'_, T> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[T]) -> f64 {
        self.objective.value(&self.lift(x))
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let mut whole = vec![T::zero(); self.origin.len()];
        let value = self.objective.value_grad(&self.lift(x), &mut whole);
        self.projection.apply_transpose(&whole, gradient);
        value
    }

    fn values_along(&self, x: &[T], directions: &[&[T]], coordinates: &[f64], values: &mut [f64]) {
        let images: Vec<Vec<T>> = directions.iter().map(|direction| self.image(direction)).collect();
        let images: Vec<&[T]> = images.iter().map(Vec::as_slice).collect();
        self.objective.values_along(&self.lift(x), &images, coordinates, values);
    }

    fn linearize<'b>(
        &'b self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'b>, Unsupported> {
        let whole = self.objective.linearize(&self.lift(x), curvature)?;
        Ok(Box::new(operator::Projected::new(whole, &self.projection)))
    }

    fn terms(&self, x: &[T]) -> Terms {
        self.objective.terms(&self.lift(x))
    }

    fn finite_sum(&self) -> Option<&dyn FiniteSum<T>> {
        self.objective.finite_sum().map(|_| self as &dyn FiniteSum<T>)
    }

    fn least_squares(&self) -> Option<&dyn LeastSquares<T>> {
        self.objective.least_squares().map(|_| self as &dyn LeastSquares<T>)
    }
}

#[cfg(test)]
mod tests;
