//! Objectives with known answers, for tests.

mod least_squares;

use crate::krylov::SymmetricOperator;
use crate::vector::dot;
use crate::{Curvature, KroneckerFisher, Layout, NoFactors, Objective, Scalar, Stop, Unsupported};

pub(crate) use least_squares::{LeastSquares, least_squares};

/// A function with its gradient and its Hessian (n × n) written by hand, computed in f64.
pub(crate) struct Function {
    pub layout: Layout,
    /// Whether it is half a sum of squares, or the negative log-likelihood of unit Gaussians, up
    /// to a constant: its Gauss-Newton and Fisher matrices are then its Hessian.
    squares: bool,
    value: Box<dyn Fn(&[f64]) -> f64 + Send + Sync>,
    gradient: Box<dyn Fn(&[f64], &mut [f64]) + Send + Sync>,
    hessian: Box<dyn Fn(&[f64], &mut [f64]) + Send + Sync>,
}

pub(crate) fn function(
    n: usize,
    value: impl Fn(&[f64]) -> f64 + Send + Sync + 'static,
    gradient: impl Fn(&[f64], &mut [f64]) + Send + Sync + 'static,
    hessian: impl Fn(&[f64], &mut [f64]) + Send + Sync + 'static,
) -> Function {
    Function {
        layout: Layout::flat(n),
        squares: false,
        value: Box::new(value),
        gradient: Box::new(gradient),
        hessian: Box::new(hessian),
    }
}

/// ½ Σ λᵢ xᵢ².
pub(crate) fn diagonal(spectrum: &[f64]) -> Function {
    let n = spectrum.len();
    let [a, b, c] = [spectrum.to_vec(), spectrum.to_vec(), spectrum.to_vec()];
    let mut f = function(
        n,
        move |x| 0.5 * x.iter().zip(&a).map(|(x, l)| l * x * x).sum::<f64>(),
        move |x, g| (0..n).for_each(|i| g[i] = b[i] * x[i]),
        move |_, h| {
            h.fill(0.0);
            (0..n).for_each(|i| h[i * n + i] = c[i]);
        },
    );
    f.squares = spectrum.iter().all(|&l| l >= 0.0);
    f
}

/// ½ xᵀ Q Λ Qᵀ x with the reflection Q = I − 2uuᵀ, u along (1, 2, …, n).
pub(crate) fn quadratic(spectrum: &[f64]) -> Function {
    let n = spectrum.len();
    let mut matrix = vec![0.0; n * n];
    let scale: f64 = (1..=n).map(|i| (i * i) as f64).sum();
    let q = |i: usize, j: usize| f64::from(i == j) - 2.0 * ((i + 1) * (j + 1)) as f64 / scale;
    for i in 0..n {
        for j in 0..n {
            matrix[i * n + j] = (0..n).map(|k| q(i, k) * spectrum[k] * q(k, j)).sum();
        }
    }
    let [a, b] = [matrix.clone(), matrix.clone()];
    let product = |a: &[f64], x: &[f64], g: &mut [f64]| {
        for (g, row) in g.iter_mut().zip(a.chunks(x.len())) {
            *g = dot(row, x);
        }
    };
    function(
        n,
        move |x| {
            let mut g = vec![0.0; x.len()];
            product(&a, x, &mut g);
            0.5 * dot(x, &g)
        },
        move |x, g| product(&b, x, g),
        move |_, h| h.copy_from_slice(&matrix),
    )
}

/// Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)².
pub(crate) fn rosenbrock(n: usize) -> Function {
    function(
        n,
        |x| x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum(),
        move |x, g| {
            g.fill(0.0);
            for i in 0..n - 1 {
                let gap = x[i + 1] - x[i] * x[i];
                g[i] += -400.0 * x[i] * gap - 2.0 * (1.0 - x[i]);
                g[i + 1] += 200.0 * gap;
            }
        },
        move |x, h| {
            h.fill(0.0);
            for i in 0..n - 1 {
                h[i * n + i] += 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0;
                h[i * n + i + 1] -= 400.0 * x[i];
                h[(i + 1) * n + i] -= 400.0 * x[i];
                h[(i + 1) * n + i + 1] += 200.0;
            }
        },
    )
}

/// 5x² − y² + y⁴/4: a saddle at the origin between walls, minima at (0, ±√2).
pub(crate) fn walled_saddle() -> Function {
    function(
        2,
        |x| 5.0 * x[0] * x[0] - x[1] * x[1] + x[1].powi(4) / 4.0,
        |x, g| g.copy_from_slice(&[10.0 * x[0], -2.0 * x[1] + x[1].powi(3)]),
        |x, h| h.copy_from_slice(&[10.0, 0.0, 0.0, -2.0 + 3.0 * x[1] * x[1]]),
    )
}

impl<T: Scalar> Objective<T> for Function {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[T]) -> f64 {
        (self.value)(&widened(x))
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let wide = widened(x);
        let mut g = vec![0.0; x.len()];
        (self.gradient)(&wide, &mut g);
        gradient.iter_mut().zip(g).for_each(|(out, g)| *out = T::of(g));
        (self.value)(&wide)
    }

    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        let has = match curvature {
            Curvature::Hessian => true,
            Curvature::GaussNewton | Curvature::Fisher => self.squares,
            Curvature::EmpiricalFisher => false,
        };
        if !has {
            return Err(Unsupported::not_a_sum(curvature));
        }
        let mut matrix = vec![0.0; x.len() * x.len()];
        (self.hessian)(&widened(x), &mut matrix);
        Ok(Box::new(Dense { n: x.len(), matrix }))
    }

    fn kronecker_fisher(&self, x: &[T]) -> Result<KroneckerFisher<T>, NoFactors> {
        if !self.squares {
            return Err(NoFactors::NO_NETWORK);
        }
        let mut matrix = vec![0.0; x.len() * x.len()];
        (self.hessian)(&widened(x), &mut matrix);
        Ok(KroneckerFisher::linear(matrix.into_iter().map(T::of).collect()))
    }
}

struct Dense {
    n: usize,
    matrix: Vec<f64>,
}

impl<T: Scalar> SymmetricOperator<T> for Dense {
    fn dimension(&self) -> usize {
        self.n
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        for (v, out) in vectors.chunks(self.n).zip(products.chunks_mut(self.n)) {
            let v = widened(v);
            for (out, row) in out.iter_mut().zip(self.matrix.chunks(self.n)) {
                *out = T::of(dot(row, &v));
            }
        }
        Ok(())
    }
}

/// ½‖r(x/u)‖² for residuals with their Jacobian (m × n) written by hand and units u.
pub(crate) struct Residuals {
    layout: Layout,
    count: usize,
    units: Vec<f64>,
    evaluate: Box<dyn Fn(&[f64], &mut [f64], &mut [f64]) + Send + Sync>,
}

/// √2 (10 (y − x²), 1 − x): Rosenbrock's function.
pub(crate) fn rosenbrock_residuals() -> Residuals {
    let root = 2f64.sqrt();
    Residuals::new(2, 2, move |x, r, j| {
        r.copy_from_slice(&[10.0 * root * (x[1] - x[0] * x[0]), root * (1.0 - x[0])]);
        j.copy_from_slice(&[-20.0 * root * x[0], 10.0 * root, -root, 0.0]);
    })
}

/// Bard's fifteen residuals (Moré, Garbow & Hillstrom 1981, problem 8).
pub(crate) fn bard() -> Residuals {
    const Y: [f64; 15] =
        [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];
    Residuals::new(3, 15, |x, r, j| {
        for i in 0..15 {
            let u = (i + 1) as f64;
            let v = 16.0 - u;
            let w = u.min(v);
            let below = v * x[1] + w * x[2];
            r[i] = Y[i] - (x[0] + u / below);
            j[3 * i..][..3].copy_from_slice(&[-1.0, u * v / (below * below), u * w / (below * below)]);
        }
    })
}

impl Residuals {
    fn new(
        n: usize,
        count: usize,
        evaluate: impl Fn(&[f64], &mut [f64], &mut [f64]) + Send + Sync + 'static,
    ) -> Self {
        Self { layout: Layout::flat(n), count, units: vec![1.0; n], evaluate: Box::new(evaluate) }
    }

    /// The same in other units.
    pub fn stretched(mut self, units: Vec<f64>) -> Self {
        self.units = units;
        self
    }

    fn at<T: Scalar>(&self, x: &[T]) -> (Vec<f64>, Vec<f64>) {
        let (mut r, mut j) = (vec![0.0; self.count], vec![0.0; self.count * x.len()]);
        let inner: Vec<f64> = x.iter().zip(&self.units).map(|(x, u)| x.wide() / u).collect();
        (self.evaluate)(&inner, &mut r, &mut j);
        for row in j.chunks_mut(x.len()) {
            row.iter_mut().zip(&self.units).for_each(|(j, u)| *j /= u);
        }
        (r, j)
    }
}

impl<T: Scalar> Objective<T> for Residuals {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[T]) -> f64 {
        let r = self.at(x).0;
        0.5 * dot(&r, &r)
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let (r, j) = self.at(x);
        for (k, g) in gradient.iter_mut().enumerate() {
            *g = T::of((0..self.count).map(|i| r[i] * j[i * x.len() + k]).sum());
        }
        0.5 * dot(&r, &r)
    }

    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        if curvature != Curvature::GaussNewton {
            return Err(Unsupported { curvature, reason: "the sample has its Gauss-Newton matrix alone" });
        }
        let (n, j) = (x.len(), self.at(x).1);
        let mut matrix = vec![0.0; n * n];
        for row in j.chunks(n) {
            (0..n * n).for_each(|t| matrix[t] += row[t / n] * row[t % n]);
        }
        Ok(Box::new(Dense { n, matrix }))
    }
}

fn widened<T: Scalar>(x: &[T]) -> Vec<f64> {
    x.iter().map(|v| v.wide()).collect()
}
