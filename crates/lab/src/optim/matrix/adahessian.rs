//! AdaHessian.

use std::ops::Range;

use super::curvature_along;
use crate::optim::method::{Memory, Rates, Sample, Stochastic};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::rule::adam::{self, Adam};
use crate::optim::rule::sweep;
use crate::random::Stream;
use crate::{Layout, Scalar, Stop};

/// AdaHessian: Adam with the Hessian's diagonal in the place of the gradient's square.
///
/// With t counted from 1, m = v = 0 before, and one product with signs z a step:
///
/// - D = z ⊙ Hz; in kernels (blocks of three dimensions or more) |D| averaged over the axes behind the second
/// - m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) D²
/// - x ← x − η (m / (1 − β₁ᵗ)) / ((v / (1 − β₂ᵗ))^(k/2) + ε)
///
/// The step has the unit of x. D carries the noise of the off-diagonal entries, Σ_{j≠i} Hᵢⱼ² a sample. As D
/// is squared, directions of negative curvature are not followed but scaled like positive ones.
///
/// Source: Yao, Gholami, Shen, Mustafa, Keutzer & Mahoney, *AdaHessian: an adaptive second
/// order optimizer for machine learning* (AAAI 2021), Algorithm 1, with the spatial average and
/// the defaults of the authors' program. Signs are the stream (seed, "adahessian", step).
#[derive(Clone, Debug, PartialEq)]
pub struct AdaHessian {
    /// Adam's own parameters.
    pub adam: Adam,
    /// k in (0, 1].
    pub power: f64,
    /// Seed of the signs.
    pub seed: u64,
    kernels: Vec<(Range<usize>, usize)>,
}

impl AdaHessian {
    /// For the blocks of a layout.
    pub fn new(adam: Adam, power: f64, seed: u64, layout: &Layout) -> Self {
        let kernels = layout.blocks().iter().filter(|block| block.shape.len() > 2 && !block.range.is_empty());
        let kernels = kernels.map(|block| (block.range.clone(), block.shape[2..].iter().product()));
        Self { adam, power, seed, kernels: kernels.collect() }
    }
}

impl<T: Scalar> Stochastic<T> for AdaHessian {
    fn name(&self) -> &'static str {
        "adahessian"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square_curvature"]
    }

    fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop> {
        let (step, _, [mean, square]) = memory.parts();
        let value = sample.value_grad(x, gradient)?;
        let stream = Stream::new(self.seed, "adahessian", *step);
        let mut curvature = curvature_along(sample, x, stream, true)?;
        *step += 1;
        for (range, size) in &self.kernels {
            for kernel in curvature[range.clone()].chunks_mut(*size) {
                let mean = kernel.iter().map(|d| d.wide().abs()).sum::<f64>() / *size as f64;
                kernel.fill(T::of(mean));
            }
        }
        let Adam { beta1, beta2, epsilon } = self.adam;
        let beta1 = rates.momentum.unwrap_or(beta1);
        let t = *step as f64;
        let rate = T::of(rates.learning_rate / (1.0 - beta1.powf(t)));
        let correction = T::of(1.0 / (1.0 - beta2.powf(t)));
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (b2, c2, epsilon) = (T::of(beta2), T::of(1.0 - beta2), T::of(epsilon));
        let (half, plain) = (T::of(0.5 * self.power), self.power == 1.0);
        sweep(
            #[inline(always)]
            || {
                let moments = mean.iter_mut().zip(square).zip(&curvature);
                for ((x, ((m, v), &d)), &g) in x.iter_mut().zip(moments).zip(&*gradient) {
                    *m = b1 * *m + c1 * g;
                    *v = b2 * *v + c2 * (d * d);
                    let size = *v * correction;
                    let size = if plain { size.sqrt() } else { size.powf(half) };
                    *x = *x - rate * *m / (size + epsilon);
                }
            },
        );
        Ok(value)
    }
}

pub(in crate::optim) const fn adahessian<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adahessian",
        summary: "Adam with the Hessian's diagonal in the place of squared gradients",
        source: "Yao et al. 2021, Algorithm 1",
        family: Family::MatrixAware,
        cost: "a gradient and a Hessian product",
        rate: Some(0.15),
        parameters: const {
            &[
                adam::PARAMETERS[0],
                Parameter::fraction("beta2", 0.999, "decay of the mean of squared curvatures, β₂"),
                Parameter::positive("epsilon", 1e-4, "added to the size of the curvature, ε"),
                Parameter::number("power", 1.0, "power of the curvature, k", "a number in (0, 1]", |power| {
                    power > 0.0 && power <= 1.0
                }),
                Parameter::seed(),
            ]
        },
        build: |values, layout| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Stochastic(Box::new(AdaHessian::new(adam, values[3], values[4] as u64, layout)))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::Everything;
    use crate::{Oracle, samples};

    /// On a diagonal Hessian every probe is exact; the kernel of the block's second half is averaged.
    #[test]
    fn kernels_share_the_mean_of_their_curvature() {
        let f = samples::diagonal(&[1.0, 4.0, 2.0, 6.0]);
        let oracle = Oracle::<f64>::new(&f);
        let adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-4 };
        let layout = Layout::new([("bias", vec![2]), ("kernel", vec![1, 1, 2])]);
        let method = AdaHessian::new(adam, 1.0, 3, &layout);
        let mut memory = Stochastic::<f64>::init(&method, 4);
        let (mut x, mut g) = ([1.0, 1.0, 1.0, 1.0], [0.0; 4]);
        let mut sample = Everything::new(&oracle);
        method.step(&mut sample, &mut memory, &mut x, &mut g, Rates::new(0.1)).unwrap();
        for (x, (slope, curvature)) in x.iter().zip([(1.0, 1.0), (4.0, 4.0), (2.0, 4.0), (6.0, 4.0)]) {
            let expected = 1.0 - 0.1 * slope / (curvature + 1e-4);
            assert!((x - expected).abs() < 1e-12, "{x} against {expected}");
        }
        assert_eq!(oracle.counts().products, 1);
    }
}
