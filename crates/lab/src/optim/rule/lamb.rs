//! LAMB.

use std::ops::Range;

use super::adam::{self, Adam};
use super::{ranges, sum, sweep};
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::norm;

/// LAMB: Adam whose step in each block is as long as η times the block's own norm.
///
/// With [`Adam`]'s direction r = m̂ / (√v̂ + ε) and u = r + λ x, for each block b of the layout:
///
/// x_b ← x_b − η (‖x_b‖ / ‖u_b‖) u_b, and x_b ← x_b − η u_b where one of the norms is 0.
///
/// Source: You et al., *Large batch optimization for deep learning: training BERT in
/// 76 minutes* (ICLR 2020), Algorithm 2 with φ the identity, as in `optax.lamb`. The
/// blocks are the layout's, so that biases have norms of their own. The direction depends
/// on ‖x‖: blocks that should vanish do so only as fast as (1 − η)ᵗ.
#[derive(Clone, Debug, PartialEq)]
pub struct Lamb {
    /// Adam's own parameters.
    pub adam: Adam,
    /// λ ≥ 0.
    pub decay: f64,
    /// The blocks.
    pub blocks: Vec<Range<usize>>,
}

impl<T: Scalar> Method<T> for Lamb {
    fn name(&self) -> &'static str {
        "lamb"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [mean, square]) = memory.parts();
        *step += 1;
        let Adam { beta1, beta2, epsilon } = self.adam;
        let beta1 = rates.momentum.unwrap_or(beta1);
        let t = *step as f64;
        let scale = T::of(1.0 / (1.0 - beta1.powf(t)));
        let correction = T::of(1.0 / (1.0 - beta2.powf(t)).sqrt());
        let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
        let (b2, c2, epsilon) = (T::of(beta2), T::of(1.0 - beta2), T::of(epsilon));
        let decay = T::of(self.decay);
        for block in &self.blocks {
            let (x, g) = (&mut x[block.clone()], &gradient[block.clone()]);
            let (m, v) = (&mut mean[block.clone()], &mut square[block.clone()]);
            let size = norm(x);
            sweep(
                #[inline(always)]
                || {
                    for ((m, v), &g) in m.iter_mut().zip(&mut *v).zip(g) {
                        *m = b1 * *m + c1 * g;
                        *v = b2 * *v + c2 * (g * g);
                    }
                    let step = |x: T, m: T, v: T| scale * m / (v.sqrt() * correction + epsilon) + decay * x;
                    let length = sum([&*x, &*m, &*v], |[x, m, v]| step(x, m, v).wide().powi(2)).sqrt();
                    let trust = if size > 0.0 && length > 0.0 { size / length } else { 1.0 };
                    let rate = T::of(rates.learning_rate * trust);
                    for ((x, &m), &v) in x.iter_mut().zip(&*m).zip(&*v) {
                        *x = *x - rate * step(*x, m, v);
                    }
                },
            );
        }
    }
}

pub(in crate::optim) const fn lamb<T: Scalar>() -> Entry<T> {
    Entry {
        name: "lamb",
        summary: "Adam with steps as long as the learning rate times each block's norm",
        source: "You et al. 2020, Algorithm 2",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: const {
            &[
                adam::PARAMETERS[0],
                adam::PARAMETERS[1],
                adam::PARAMETERS[2].with_default(1e-6),
                Parameter::not_negative("decay", 0.0, "weight decay in the direction, λ"),
            ]
        },
        build: |values, layout| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(Lamb { adam, decay: values[3], blocks: ranges(layout) }))
        },
    }
}
