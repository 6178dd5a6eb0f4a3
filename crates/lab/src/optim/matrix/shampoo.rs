//! Shampoo.

use std::ops::Range;

use faer::MatRef;

use super::{spectral, tensor};
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::{Layout, Scalar};

/// Shampoo: AdaGrad with a full matrix for each axis of each block.
///
/// For a block with k axes of lengths d₁ … d_k and gradient G, each axis i has a matrix
/// Hᵢ (dᵢ × dᵢ), εI at first:
///
/// - Hᵢ ← Hᵢ + G₍ᵢ₎ G₍ᵢ₎ᵀ, G₍ᵢ₎ the gradient flattened to dᵢ rows
/// - X ← X − η G ×₁ H₁^(−1/2k) … ×_k H_k^(−1/2k)
///
/// For a matrix this is L^(−¼) G R^(−¼), for a vector full-matrix AdaGrad. Axes longer than `largest`
/// keep the diagonal of Hᵢ alone. Roots come from eigenvalues in f64, every `every` steps: about 10dᵢ³
/// operations and memory of 2dᵢ² an axis.
///
/// Source: Gupta, Koren & Singer, *Shampoo: preconditioned stochastic tensor optimization* (ICML
/// 2018), Algorithms 1 and 2, diagonal axes as in its section on implementation, where 1200 is the limit.
/// ε = 10⁻⁴ is that of the authors' program. Widely used rewritings take the power −1/k.
#[derive(Clone, Debug, PartialEq)]
pub struct Shampoo {
    /// ε > 0.
    pub epsilon: f64,
    /// Steps from one computation of the roots to the next.
    pub every: u64,
    /// The longest axis that has a full matrix.
    pub largest: usize,
    blocks: Vec<(Range<usize>, Vec<usize>)>,
}

impl Shampoo {
    /// For the blocks of a layout.
    pub fn new(epsilon: f64, every: u64, largest: usize, layout: &Layout) -> Self {
        let blocks = layout.blocks().iter().filter(|block| !block.range.is_empty()).map(|block| {
            let shape = if block.shape.is_empty() { vec![1] } else { block.shape.clone() };
            (block.range.clone(), shape)
        });
        Self { epsilon, every, largest, blocks: blocks.collect() }
    }

    /// The numbers that the axes of all blocks have.
    fn room(&self, axis: usize) -> usize {
        if axis <= self.largest { axis * axis } else { axis }
    }
}

impl<T: Scalar> Method<T> for Shampoo {
    fn name(&self) -> &'static str {
        "shampoo"
    }

    /// Their lengths are those of all axes' matrices.
    fn vectors(&self) -> &'static [&'static str] {
        &["statistics", "roots"]
    }

    fn init(&self, _: usize) -> Memory<T> {
        let axes = self.blocks.iter().flat_map(|(_, shape)| shape);
        let mut statistics = Vec::new();
        for &d in axes {
            let start = statistics.len();
            statistics.resize(start + self.room(d), T::zero());
            let stride = if d <= self.largest { d + 1 } else { 1 };
            statistics[start..].iter_mut().step_by(stride).for_each(|h| *h = T::of(self.epsilon));
        }
        let roots = vec![T::zero(); statistics.len()];
        Memory { vectors: vec![statistics, roots], ..Memory::zeros(0, 0) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [statistics, roots]) = memory.parts();
        let renew = *step % self.every == 0;
        *step += 1;
        let mut place = 0;
        for (range, shape) in &self.blocks {
            let g: Vec<f64> = gradient[range.clone()].iter().map(|g| g.wide()).collect();
            let (mut step, mut next) = (g.clone(), vec![0.0; g.len()]);
            let power = -0.5 / shape.len() as f64;
            for (axis, &d) in shape.iter().enumerate() {
                let numbers = place..place + self.room(d);
                place = numbers.end;
                let (statistics, roots) = (&mut statistics[numbers.clone()], &mut roots[numbers]);
                let mut wide: Vec<f64> = statistics.iter().map(|h| h.wide()).collect();
                if d <= self.largest {
                    tensor::add_gram(&g, shape, axis, 1.0, &mut wide);
                } else {
                    tensor::add_squares(&g, shape, axis, &mut wide);
                }
                narrow(&wide, statistics);
                if renew {
                    narrow(&self.root(wide, d, power), roots);
                }
                let root: Vec<f64> = roots.iter().map(|r| r.wide()).collect();
                if d <= self.largest {
                    let root = MatRef::from_row_major_slice(&root, d, d);
                    tensor::along(&step, shape, axis, root, &mut next);
                    std::mem::swap(&mut step, &mut next);
                } else {
                    tensor::scale(&mut step, shape, axis, &root);
                }
            }
            for (x, step) in x[range.clone()].iter_mut().zip(step) {
                *x = T::of(x.wide() - rates.learning_rate * step);
            }
        }
    }
}

impl Shampoo {
    /// H^power; eigenvalues that rounding took below ε are ε.
    fn root(&self, statistics: Vec<f64>, d: usize, power: f64) -> Vec<f64> {
        let scaled = |value: f64| value.max(self.epsilon).powf(power);
        if d > self.largest {
            return statistics.into_iter().map(scaled).collect();
        }
        spectral(statistics, d, scaled)
    }
}

fn narrow<T: Scalar>(wide: &[f64], out: &mut [T]) {
    out.iter_mut().zip(wide).for_each(|(out, &value)| *out = T::of(value));
}

pub(in crate::optim) const fn shampoo<T: Scalar>() -> Entry<T> {
    Entry {
        name: "shampoo",
        summary: "AdaGrad with a full matrix for each axis of each block",
        source: "Gupta, Koren & Singer 2018, Algorithms 1 and 2",
        family: Family::MatrixAware,
        cost: "a gradient, and the eigenvalues of a matrix for each axis",
        rate: Some(0.1),
        parameters: const {
            &[
                Parameter::positive("epsilon", 1e-4, "the matrices' first diagonal, ε"),
                Parameter::count("every", 1, "steps from one computation of the roots to the next"),
                Parameter::count("largest", 1200, "the longest axis that has a full matrix"),
            ]
        },
        build: |values, layout| {
            let (every, largest) = (values[1] as u64, values[2] as usize);
            Optimizer::Method(Box::new(Shampoo::new(values[0], every, largest, layout)))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With one long axis and no other, the diagonal variant is AdaGrad.
    #[test]
    fn long_vectors_take_adagrads_steps() {
        let method = Shampoo::new(1e-4, 1, 2, &Layout::flat(3));
        let mut memory = Method::<f64>::init(&method, 3);
        let (mut x, mut expected, mut sums) = ([1.0, -2.0, 0.5], [1.0, -2.0, 0.5], [1e-4; 3]);
        for t in 0..5 {
            let g = [x[0] + 1.0, 2.0 * x[1], f64::from(t)];
            method.step(&mut memory, &mut x, &g, Rates::new(0.1));
            for i in 0..3 {
                sums[i] += g[i] * g[i];
                expected[i] -= 0.1 * g[i] / f64::sqrt(sums[i]);
                assert!((x[i] - expected[i]).abs() < 1e-14);
            }
        }
    }

    /// A diagonal gradient keeps both matrices diagonal: G / ((ε + Σ G²)^¼)².
    #[test]
    fn diagonal_matrices_are_divided_by_two_fourth_roots() {
        let method = Shampoo::new(1e-4, 1, 1200, &Layout::new([("w", vec![2, 2])]));
        let mut memory = Method::<f64>::init(&method, 4);
        let mut x = [0.0; 4];
        method.step(&mut memory, &mut x, &[3.0, 0.0, 0.0, -0.5], Rates::new(1.0));
        for (x, g) in [(x[0], 3.0f64), (x[3], -0.5)] {
            assert!((x + g / (g * g + 1e-4).sqrt()).abs() < 1e-13, "{x}");
        }
        assert!(x[1].abs() < 1e-15 && x[2].abs() < 1e-15);
    }

    #[test]
    fn roots_are_kept_between_renewals() {
        let run = |every| {
            let method = Shampoo::new(1e-4, every, 1200, &Layout::new([("w", vec![2, 3])]));
            let mut memory = Method::<f64>::init(&method, 6);
            let mut x = [0.0; 6];
            for t in 0..4 {
                let g: Vec<f64> = (0..6).map(|i| f64::from(i * t + 1).sin()).collect();
                method.step(&mut memory, &mut x, &g, Rates::new(0.1));
            }
            memory
        };
        assert_eq!(run(4).vectors[0], run(1).vectors[0]);
        assert_ne!(run(4).vectors[1], run(1).vectors[1]);
        assert_eq!(run(3).vectors[1], run(1).vectors[1]);
    }
}
