//! Muon.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::rule::adam::{self, Adam};
use crate::vector::norm;
use crate::{Layout, Scalar};

/// Muon: momentum with orthogonal matrices for steps; AdamW for what is not a matrix.
///
/// For a block of two dimensions, or more, flattened to m × k = [first, all others]:
///
/// - M ← μ M + (1 − μ) G
/// - U = μ M + (1 − μ) G (Nesterov's; else M)
/// - O ≈ (U Uᵀ)^(−½) U by some steps X ← a X + (b A + c A²) X, A = X Xᵀ, from X = U/‖U‖_F
/// - X ← (1 − η λ) X − η √max(1, m/k) O
///
/// with (a, b, c) = (3.4445, −4.7750, 2.0315), which bring singular values near 1 (to about
/// [0.7, 1.2]), not to it. All other blocks take AdamW's steps (β₁ = 0.9, β₂ = 0.95, ε = 10⁻¹⁰)
/// with the learning rate η times `share`. Costs about 15·2·min(m, k)²·max(m, k) operations a matrix, in f64.
///
/// Source: Jordan et al., *Muon: an optimizer for hidden layers in neural networks*
/// (2024) and its program, in the form of `torch.optim.Muon`, with U/max(‖U‖_F, 10⁻⁷); both
/// work in bf16 there. Jordan advises AdamW for the first and last layers, too, which a layout cannot
/// tell: here every matrix is orthogonalized. Of kernels his program takes the last
/// two axes for m/k; here these are the flattened matrix's.
#[derive(Clone, Debug, PartialEq)]
pub struct Muon {
    /// μ in [0, 1).
    pub momentum: f64,
    /// Whether the gradient is looked at once more.
    pub nesterov: bool,
    /// Steps of the orthogonalization.
    pub iterations: u64,
    /// λ ≥ 0.
    pub decay: f64,
    /// AdamW's learning rate in units of η.
    pub share: f64,
    blocks: Vec<Block>,
}

/// A block with the rows of its matrix, or none.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    range: Range<usize>,
    rows: Option<usize>,
}

const ADAM: Adam = Adam { beta1: 0.9, beta2: 0.95, epsilon: 1e-10 };
const COEFFICIENTS: (f64, f64, f64) = (3.4445, -4.7750, 2.0315);

impl<T: Scalar> Method<T> for Muon {
    fn name(&self) -> &'static str {
        "muon"
    }

    /// The second is shorter than n: it has the coordinates that are in no matrix.
    fn vectors(&self) -> &'static [&'static str] {
        &["momentum", "mean_square"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        let others = self.blocks.iter().filter(|block| block.rows.is_none());
        let others = others.map(|block| block.range.len()).sum();
        let vectors = [n, others].map(|length| vec![T::zero(); length]);
        Memory { vectors: vectors.into(), ..Memory::zeros(0, 0) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [momenta, squares]) = memory.parts();
        *step += 1;
        let mut squares = &mut squares[..];
        let adams = Rates { learning_rate: self.share * rates.learning_rate, momentum: None };
        for Block { range, rows } in &self.blocks {
            let (x, g) = (&mut x[range.clone()], &gradient[range.clone()]);
            let m = &mut momenta[range.clone()];
            match rows {
                Some(rows) => self.matrix(x, m, g, *rows, rates),
                None => {
                    let (square, rest) = std::mem::take(&mut squares).split_at_mut(x.len());
                    squares = rest;
                    adam::coordinates(&ADAM, self.decay, *step, adams, x, m, square, g);
                }
            }
        }
    }
}

impl Muon {
    fn matrix<T: Scalar>(&self, x: &mut [T], m: &mut [T], g: &[T], rows: usize, rates: Rates) {
        let momentum = T::of(rates.momentum.unwrap_or(self.momentum));
        let fresh = T::one() - momentum;
        m.iter_mut().zip(g).for_each(|(m, &g)| *m = momentum * *m + fresh * g);
        let update: Vec<f64> = if self.nesterov {
            m.iter().zip(g).map(|(&m, &g)| (momentum * m + fresh * g).wide()).collect()
        } else {
            m.iter().map(|m| m.wide()).collect()
        };
        let columns = x.len() / rows;
        let step = orthogonal(&update, rows, columns, self.iterations);
        let kept = 1.0 - rates.learning_rate * self.decay;
        let rate = rates.learning_rate * (rows as f64 / columns as f64).max(1.0).sqrt();
        let step = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))).map(|(i, j)| step[(i, j)]);
        for (x, step) in x.iter_mut().zip(step) {
            *x = T::of(kept * x.wide() - rate * step);
        }
    }
}

/// The nearest orthogonal matrix to U (rows × columns), about.
fn orthogonal(update: &[f64], rows: usize, columns: usize, iterations: u64) -> Mat<f64> {
    let size = norm(update).max(1e-7);
    let update = MatRef::from_row_major_slice(update, rows, columns);
    // The Gram matrix is that of the shorter side.
    let wide = rows <= columns;
    let update = if wide { update } else { update.transpose() };
    let (d, length) = (update.nrows(), update.ncols());
    let mut x = Mat::from_fn(d, length, |i, j| update[(i, j)] / size);
    let (mut gram, mut polynomial) = (Mat::<f64>::zeros(d, d), Mat::<f64>::zeros(d, d));
    let mut next = Mat::<f64>::zeros(d, length);
    let (a, b, c) = COEFFICIENTS;
    for _ in 0..iterations {
        matmul(gram.as_mut(), Accum::Replace, x.as_ref(), x.transpose(), 1.0, Par::Seq);
        polynomial.copy_from(&gram);
        polynomial *= faer::Scale(b);
        matmul(polynomial.as_mut(), Accum::Add, gram.as_ref(), gram.as_ref(), c, Par::Seq);
        next.copy_from(&x);
        next *= faer::Scale(a);
        matmul(next.as_mut(), Accum::Add, polynomial.as_ref(), x.as_ref(), 1.0, Par::Seq);
        std::mem::swap(&mut x, &mut next);
    }
    if wide { x } else { x.transpose().to_owned() }
}

pub(in crate::optim) const fn muon<T: Scalar>() -> Entry<T> {
    Entry {
        name: "muon",
        summary: "momentum with orthogonal matrices for steps, AdamW for vectors",
        source: "Jordan et al. 2024, in PyTorch's form",
        family: Family::MatrixAware,
        cost: "a gradient, and 15 products of each matrix with itself",
        rate: Some(0.02),
        parameters: const {
            &[
                Parameter::fraction("momentum", 0.95, "decay of the mean of gradients, μ"),
                Parameter::choice("nesterov", &["yes", "no"], "whether the gradient is looked at once more"),
                Parameter::count("iterations", 5, "steps of the orthogonalization"),
                Parameter::not_negative("decay", 0.0, "weight decay per unit of learning rate, λ"),
                Parameter::positive("share", 0.015, "AdamW's learning rate for vectors, as a share of η"),
            ]
        },
        build: |values, layout| Optimizer::Method(Box::new(Muon::new(values, layout))),
    }
}

impl Muon {
    fn new(values: &[f64], layout: &Layout) -> Self {
        let blocks = layout.blocks().iter().map(|block| Block {
            range: block.range.clone(),
            rows: (block.shape.len() >= 2 && !block.range.is_empty()).then(|| block.shape[0]),
        });
        Self {
            momentum: values[0],
            nesterov: values[1] == 0.0,
            iterations: values[2] as u64,
            decay: values[3],
            share: values[4],
            blocks: blocks.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Singular values come near 1 and singular vectors stay: then Oᵀ U is symmetric with eigenvalues σ′σ > 0.
    #[test]
    fn the_step_has_the_updates_singular_vectors_and_values_near_one() {
        for (rows, columns) in [(4, 7), (7, 4), (5, 5)] {
            let entry = |i: usize| ((i * i) as f64 * 0.37).sin() + 0.3 * f64::from(i == 0);
            let entries: Vec<f64> = (0..rows * columns).map(entry).collect();
            let update = MatRef::from_row_major_slice(&entries, rows, columns);
            let o = orthogonal(&entries, rows, columns, 12);
            let gram = if rows <= columns { &o * o.transpose() } else { o.transpose() * &o };
            let values = gram.self_adjoint_eigenvalues(faer::Side::Lower).unwrap();
            assert!(values.iter().all(|v| (0.45..1.5).contains(v)), "{values:?}");
            let product = if rows <= columns { &o * update.transpose() } else { o.transpose() * update };
            for (i, j) in (0..product.nrows()).flat_map(|i| (0..i).map(move |j| (i, j))) {
                assert!((product[(i, j)] - product[(j, i)]).abs() < 1e-12);
            }
            let values = product.self_adjoint_eigenvalues(faer::Side::Lower).unwrap();
            assert!(values.iter().all(|v| *v > 0.0), "{values:?}");
        }
    }
}
