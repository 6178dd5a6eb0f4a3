//! AdamW: Adam with decoupled weight decay.

use super::adam::{self, Adam};
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Adam with weight decay that bypasses the moments: x ← x − η λ x, then [`Adam`]'s step.
///
/// Source: Loshchilov & Hutter, *Decoupled weight decay regularization* (ICLR
/// 2019), Algorithm 2. Their line 12 is x ← x − η_t (α m̂/(√v̂ + ε) + λ x) with a
/// schedule multiplier η_t apart from the learning rate α; here, as in
/// `torch.optim.AdamW`, both are one learning rate η = η_t α, so that this λ is
/// theirs divided by α. All coordinates decay, biases as well.
///
/// The decay is not a part of the objective: the point that AdamW rests at is
/// not a critical point of the loss, and a verdict there will say so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// Adam's own parameters.
    pub adam: Adam,
    /// λ ≥ 0.
    pub decay: f64,
}

impl<T: Scalar> Method<T> for AdamW {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn vectors(&self) -> &'static [&'static str] {
        Method::<T>::vectors(&self.adam)
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        adam::update(&self.adam, self.decay, memory, x, gradient, rates);
    }
}

const PARAMETERS: &[Parameter] = &[
    adam::PARAMETERS[0],
    adam::PARAMETERS[1],
    adam::PARAMETERS[2],
    Parameter::not_negative("decay", 0.01, "weight decay per unit of learning rate, λ"),
];

pub(in crate::optim) const fn adamw<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adamw",
        summary: "Adam with decoupled weight decay",
        source: "Loshchilov & Hutter 2019, Algorithm 2, in PyTorch's scaling",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: PARAMETERS,
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(AdamW { adam, decay: values[3] }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADAM: Adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

    #[test]
    fn without_gradient_the_weights_shrink_geometrically() {
        let method = AdamW { adam: ADAM, decay: 0.5 };
        let mut memory = Method::<f64>::init(&method, 1);
        let mut x = [2.0];
        for t in 1..=10 {
            method.step(&mut memory, &mut x, &[0.0], Rates::new(0.1));
            assert!((x[0] - 2.0 * 0.95f64.powi(t)).abs() < 1e-14);
        }
    }

    #[test]
    fn one_step_is_decay_then_adam() {
        let method = AdamW { adam: ADAM, decay: 0.3 };
        let mut memory = method.init(2);
        let mut x = [1.0, -2.0];
        method.step(&mut memory, &mut x, &[0.4, 0.1], Rates::new(0.1));
        let mut memory = ADAM.init(2);
        let mut y = [1.0 * 0.97, -2.0 * 0.97];
        ADAM.step(&mut memory, &mut y, &[0.4, 0.1], Rates::new(0.1));
        assert!(x.iter().zip(y).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-15));
    }
}
