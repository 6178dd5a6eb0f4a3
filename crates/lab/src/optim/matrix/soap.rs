//! SOAP.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use super::tensor;
use crate::krylov::Dense;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::rule::adam::{self, Adam};
use crate::{Layout, Scalar};

/// SOAP: Adam in the eigenbasis of Shampoo's matrices.
///
/// For a block with two axes or more, each axis i no longer than `largest` has a matrix Hᵢ and an
/// orthogonal Qᵢ. The first gradient G gives Hᵢ = (1 − β₂) G₍ᵢ₎ G₍ᵢ₎ᵀ and Qᵢ its eigenvectors, and moves nothing.
/// Afterwards, with t counted from 1 and a prime for "turned into the basis", G′ = G ×₁ Q₁ᵀ ×₂ Q₂ᵀ …:
///
/// - M ← β₁ M + (1 − β₁) G, V ← β₂ V + (1 − β₂) G′²
/// - X ← X − η (√(1 − β₂ᵗ)/(1 − β₁ᵗ)) turned back M′/(√V + ε), then X ← (1 − η λ) X
/// - Hᵢ ← β₂ Hᵢ + (1 − β₂) G₍ᵢ₎ G₍ᵢ₎ᵀ
/// - every `every` steps, Qᵢ ← the orthogonal factor of Hᵢ Qᵢ, its columns in the order of
///   diag(Qᵢᵀ Hᵢ Qᵢ), and V in the same order
///
/// Vectors and longer axes have Q = I. Each step costs 4·N·dᵢ operations an axis for a block of N entries, in f64.
///
/// Source: Vyas et al., *SOAP: improving and stabilizing Shampoo using Adam* (ICLR
/// 2025), Algorithm 3, in the order and with the defaults of the authors' program; without
/// merged axes, and in the precision of this crate (the program factors in f32).
#[derive(Clone, Debug, PartialEq)]
pub struct Soap {
    /// Adam's own parameters; β₂ serves the matrices, too.
    pub adam: Adam,
    /// λ ≥ 0.
    pub decay: f64,
    /// Steps from one renewal of the bases to the next.
    pub every: u64,
    /// The longest axis that has a matrix.
    pub largest: usize,
    blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq)]
struct Block {
    range: Range<usize>,
    shape: Vec<usize>,
    /// Each axis that has a matrix, with the place of its numbers.
    axes: Vec<(usize, Range<usize>)>,
}

impl Soap {
    /// For the blocks of a layout.
    pub fn new(adam: Adam, decay: f64, every: u64, largest: usize, layout: &Layout) -> Self {
        let mut place = 0;
        let blocks = layout.blocks().iter().filter(|block| !block.range.is_empty()).map(|block| {
            let turned =
                block.shape.iter().enumerate().filter(|&(_, &d)| block.shape.len() > 1 && d <= largest);
            let axes = turned.map(|(axis, &d)| {
                let numbers = place..place + d * d;
                place = numbers.end;
                (axis, numbers)
            });
            Block { axes: axes.collect(), range: block.range.clone(), shape: block.shape.clone() }
        });
        Self { adam, decay, every, largest, blocks: blocks.collect() }
    }
}

impl<T: Scalar> Method<T> for Soap {
    fn name(&self) -> &'static str {
        "soap"
    }

    /// The last two have the lengths of all axes' matrices.
    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "turned_mean_square", "statistics", "bases"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        let axes = self.blocks.iter().flat_map(|block| &block.axes);
        let numbers = axes.map(|(_, numbers)| numbers.end).max().unwrap_or(0);
        let vectors = [n, n, numbers, numbers].map(|length| vec![T::zero(); length]);
        Memory { vectors: vectors.into(), ..Memory::zeros(0, 0) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [mean, square, statistics, bases]) = memory.parts();
        let t = *step;
        *step += 1;
        for block in &self.blocks {
            let g: Vec<f64> = gradient[block.range.clone()].iter().map(|g| g.wide()).collect();
            let square = &mut square[block.range.clone()];
            if t > 0 {
                let (x, mean) = (&mut x[block.range.clone()], &mut mean[block.range.clone()]);
                self.adam_step(block, x, mean, square, bases, &g, t, rates);
            }
            for (axis, numbers) in &block.axes {
                let d = block.shape[*axis];
                let (h, q) = (&mut statistics[numbers.clone()], &mut bases[numbers.clone()]);
                let mut wide: Vec<f64> = h.iter().map(|h| self.adam.beta2 * h.wide()).collect();
                tensor::add_gram(&g, &block.shape, *axis, 1.0 - self.adam.beta2, &mut wide);
                narrow(&wide, h);
                if t == 0 {
                    narrow(&eigenbasis(wide, d), q);
                } else if t.is_multiple_of(self.every) {
                    let (basis, order) = renewed(&wide, &widened(q), d);
                    narrow(&basis, q);
                    let mut sorted = vec![0.0; g.len()];
                    tensor::reorder(&widened(square), &block.shape, *axis, &order, &mut sorted);
                    narrow(&sorted, square);
                }
            }
        }
    }
}

impl Soap {
    #[expect(clippy::too_many_arguments)]
    fn adam_step<T: Scalar>(
        &self,
        block: &Block,
        x: &mut [T],
        mean: &mut [T],
        square: &mut [T],
        bases: &[T],
        g: &[f64],
        t: u64,
        rates: Rates,
    ) {
        let Adam { beta1, beta2, epsilon } = self.adam;
        let beta1 = rates.momentum.unwrap_or(beta1);
        let turned = turn(block, bases, g.to_vec(), true);
        for ((m, v), (&g, turned)) in mean.iter_mut().zip(&mut *square).zip(g.iter().zip(turned)) {
            *m = T::of(beta1 * m.wide() + (1.0 - beta1) * g);
            *v = T::of(beta2 * v.wide() + (1.0 - beta2) * turned * turned);
        }
        let mut step = turn(block, bases, widened(mean), true);
        step.iter_mut().zip(&*square).for_each(|(m, v)| *m /= v.wide().sqrt() + epsilon);
        let step = turn(block, bases, step, false);
        let correction = (1.0 - beta2.powf(t as f64)).sqrt() / (1.0 - beta1.powf(t as f64));
        let (rate, kept) = (rates.learning_rate * correction, 1.0 - rates.learning_rate * self.decay);
        for (x, step) in x.iter_mut().zip(step) {
            *x = T::of(kept * (x.wide() - rate * step));
        }
    }
}

/// The tensor in the bases, or back from them.
fn turn<T: Scalar>(block: &Block, bases: &[T], mut tensor: Vec<f64>, into: bool) -> Vec<f64> {
    let mut next = vec![0.0; tensor.len()];
    for (axis, numbers) in &block.axes {
        let d = block.shape[*axis];
        let basis = widened(&bases[numbers.clone()]);
        let basis = MatRef::from_row_major_slice(&basis, d, d);
        let basis = if into { basis.transpose() } else { basis };
        tensor::along(&tensor, &block.shape, *axis, basis, &mut next);
        std::mem::swap(&mut tensor, &mut next);
    }
    tensor
}

/// The eigenvectors as columns, by falling eigenvalues.
fn eigenbasis(matrix: Vec<f64>, d: usize) -> Vec<f64> {
    let eigen = Dense { dimension: d, entries: matrix, asymmetry: 0.0, products: 0 }.eigen();
    (0..d * d).map(|place| eigen.vector(d - 1 - place % d)[place / d]).collect()
}

/// One step of orthogonal iteration on H from Q, and the order into which the columns were put.
fn renewed(matrix: &[f64], basis: &[f64], d: usize) -> (Vec<f64>, Vec<usize>) {
    let (h, q) = (MatRef::from_row_major_slice(matrix, d, d), MatRef::from_row_major_slice(basis, d, d));
    let mut product = Mat::<f64>::zeros(d, d);
    matmul(product.as_mut(), Accum::Replace, h, q, 1.0, Par::Seq);
    let estimate: Vec<f64> = (0..d).map(|j| (0..d).map(|i| q[(i, j)] * product[(i, j)]).sum()).collect();
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|&a, &b| estimate[b].total_cmp(&estimate[a]));
    let sorted = Mat::from_fn(d, d, |i, j| product[(i, order[j])]);
    let factor = sorted.qr().compute_Q();
    ((0..d * d).map(|place| factor[(place / d, place % d)]).collect(), order)
}

fn widened<T: Scalar>(values: &[T]) -> Vec<f64> {
    values.iter().map(|v| v.wide()).collect()
}

fn narrow<T: Scalar>(wide: &[f64], out: &mut [T]) {
    out.iter_mut().zip(wide).for_each(|(out, &value)| *out = T::of(value));
}

pub(in crate::optim) const fn soap<T: Scalar>() -> Entry<T> {
    Entry {
        name: "soap",
        summary: "Adam in the eigenbasis of Shampoo's matrices",
        source: "Vyas et al. 2025, Algorithm 3",
        family: Family::MatrixAware,
        cost: "a gradient, and products with a matrix for each axis",
        rate: Some(3e-3),
        parameters: const {
            &[
                adam::PARAMETERS[0].with_default(0.95),
                adam::PARAMETERS[1].with_default(0.95),
                adam::PARAMETERS[2],
                Parameter::not_negative("decay", 0.01, "weight decay per unit of learning rate, λ"),
                Parameter::count("every", 10, "steps from one renewal of the bases to the next"),
                Parameter::count("largest", 10_000, "the longest axis that has a matrix"),
            ]
        },
        build: |values, layout| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            let (every, largest) = (values[4] as u64, values[5] as usize);
            Optimizer::Method(Box::new(Soap::new(adam, values[3], every, largest, layout)))
        },
    }
}
