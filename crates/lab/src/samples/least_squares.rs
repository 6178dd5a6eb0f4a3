//! A linear model under squared error.

use super::{Dense, widened};
use crate::krylov::SymmetricOperator;
use crate::vector::dot;
use crate::{
    Curvature, FiniteSum, KroneckerFisher, Layout, Minibatch, NoFactors, Objective, Scalar, Unsupported,
};

/// (1/2N) Σᵢ (aᵢᵀx − bᵢ)² with deterministic aᵢ, and bᵢ = aᵢᵀ(1, 1, …) plus a small disturbance.
pub(crate) struct LeastSquares {
    layout: Layout,
    rows: Vec<Vec<f64>>,
    targets: Vec<f64>,
    hessian: bool,
}

/// Without products over all examples, which not every objective has.
pub(crate) fn least_squares(examples: usize, n: usize) -> LeastSquares {
    let entry = |i: usize, j: usize| (((i * 37 + j * 101 + i * j * 13) % 97) as f64 / 48.0) - 1.0;
    let rows: Vec<Vec<f64>> = (0..examples).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
    let targets = rows.iter().enumerate().map(|(i, a)| a.iter().sum::<f64>() + 0.1 * entry(i, 7)).collect();
    LeastSquares { layout: Layout::flat(n), rows, targets, hessian: false }
}

impl LeastSquares {
    /// The same with products over all examples.
    pub fn with_hessian(self) -> Self {
        Self { hessian: true, ..self }
    }

    /// Loss and gradient over some examples.
    pub fn over<T: Scalar>(
        &self,
        x: &[T],
        examples: impl ExactSizeIterator<Item = usize>,
        g: &mut [T],
    ) -> f64 {
        let (x, count) = (widened(x), examples.len() as f64);
        let (mut value, mut gradient) = (0.0, vec![0.0; x.len()]);
        for i in examples {
            let error = dot(&self.rows[i], &x) - self.targets[i];
            value += 0.5 * error * error / count;
            gradient.iter_mut().zip(&self.rows[i]).for_each(|(g, a)| *g += error * a / count);
        }
        g.iter_mut().zip(gradient).for_each(|(out, g)| *out = T::of(g));
        value
    }

    /// The mean of aᵢaᵢᵀ over some examples.
    fn gram(&self, examples: impl ExactSizeIterator<Item = usize>) -> Vec<f64> {
        let (n, count) = (self.layout.dimension(), examples.len() as f64);
        let mut matrix = vec![0.0; n * n];
        for row in examples.map(|i| &self.rows[i]) {
            for (i, out) in matrix.iter_mut().enumerate() {
                *out += row[i / n] * row[i % n] / count;
            }
        }
        matrix
    }

    fn factors<T: Scalar>(&self, examples: impl ExactSizeIterator<Item = usize>) -> KroneckerFisher<T> {
        KroneckerFisher::linear(self.gram(examples).into_iter().map(T::of).collect())
    }
}

impl<T: Scalar> Objective<T> for LeastSquares {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[T]) -> f64 {
        self.over(x, 0..self.rows.len(), &mut vec![T::zero(); x.len()])
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        self.over(x, 0..self.rows.len(), gradient)
    }

    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        if curvature != Curvature::Hessian || !self.hessian {
            return Err(Unsupported::not_a_sum(curvature));
        }
        Ok(Box::new(Dense { n: x.len(), matrix: self.gram(0..self.rows.len()) }))
    }

    fn kronecker_fisher(&self, _: &[T]) -> Result<KroneckerFisher<T>, NoFactors> {
        Ok(self.factors(0..self.rows.len()))
    }

    fn finite_sum(&self) -> Option<&dyn FiniteSum<T>> {
        Some(self)
    }
}

impl<T: Scalar> FiniteSum<T> for LeastSquares {
    fn examples(&self) -> usize {
        self.rows.len()
    }

    fn gradient_moments(&self, x: &[T], gradient: &mut [T]) -> f64 {
        self.over(x, 0..self.rows.len(), gradient);
        let mut single = vec![T::zero(); x.len()];
        let squares = (0..self.rows.len()).map(|i| {
            self.over(x, std::iter::once(i), &mut single);
            dot(&single, &single)
        });
        squares.sum::<f64>() / self.rows.len() as f64
    }

    fn losses(&self, x: &[T]) -> Option<Vec<f64>> {
        let mut single = vec![T::zero(); x.len()];
        Some((0..self.rows.len()).map(|i| self.over(x, std::iter::once(i), &mut single)).collect())
    }

    fn minibatch<'a>(&'a self, size: usize) -> Box<dyn Minibatch<T> + 'a> {
        Box::new(Examples { sum: self, size })
    }
}

struct Examples<'a> {
    sum: &'a LeastSquares,
    size: usize,
}

impl<T: Scalar> Minibatch<T> for Examples<'_> {
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        assert_eq!(indices.len(), self.size, "a minibatch has the size that it was made for");
        self.sum.over(x, indices.iter().map(|&i| i as usize), gradient)
    }

    fn product(
        &mut self,
        _: &[T],
        indices: &[u32],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Unsupported> {
        if curvature != Curvature::Hessian {
            return Err(Unsupported::not_a_sum(curvature));
        }
        let (v, mut sums) = (widened(vector), vec![0.0; vector.len()]);
        for row in indices.iter().map(|&i| &self.sum.rows[i as usize]) {
            let slope = dot(row, &v) / indices.len() as f64;
            sums.iter_mut().zip(row).for_each(|(sum, a)| *sum += slope * a);
        }
        product.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::of(sum));
        Ok(())
    }

    fn kronecker_fisher(&mut self, _: &[T], indices: &[u32]) -> Result<KroneckerFisher<T>, NoFactors> {
        Ok(self.sum.factors(indices.iter().map(|&i| i as usize)))
    }
}
