//! Adam.

use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Adam: steps scaled by running means of the gradient and of its square.
///
/// With t counted from 1 and m = v = 0 before:
///
/// - m ← β₁ m + (1 − β₁) g
/// - v ← β₂ v + (1 − β₂) g²
/// - x ← x − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
///
/// Source: Kingma & Ba, *Adam: a method for stochastic optimization* (ICLR 2015),
/// Algorithm 1, with ε outside the root and after the bias correction, as in
/// `torch.optim.Adam`; not the reordered form of their section 2. Where a
/// schedule moves β₁, the correction uses the β₁ of the present step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// β₁ in [0, 1).
    pub beta1: f64,
    /// β₂ in [0, 1).
    pub beta2: f64,
    /// ε > 0.
    pub epsilon: f64,
}

impl<T: Scalar> Method<T> for Adam {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["mean", "mean_square"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        update(self, 0.0, memory, x, gradient, rates);
    }
}

/// Adam's step after x ← (1 − η λ) x, which for λ = 0 leaves x as it is.
pub(super) fn update<T: Scalar>(
    adam: &Adam,
    decay: f64,
    memory: &mut Memory<T>,
    x: &mut [T],
    gradient: &[T],
    rates: Rates,
) {
    let (step, _, [mean, square]) = memory.parts();
    *step += 1;
    coordinates(adam, decay, *step, rates, x, mean, square, gradient);
}

/// The same as step t on some coordinates, with their moments.
#[expect(clippy::too_many_arguments)]
pub(in crate::optim) fn coordinates<T: Scalar>(
    adam: &Adam,
    decay: f64,
    t: u64,
    rates: Rates,
    x: &mut [T],
    mean: &mut [T],
    square: &mut [T],
    gradient: &[T],
) {
    let beta1 = rates.momentum.unwrap_or(adam.beta1);
    let t = t as f64;
    let kept = T::of(1.0 - rates.learning_rate * decay);
    let rate = T::of(rates.learning_rate / (1.0 - beta1.powf(t)));
    let correction = T::of(1.0 / (1.0 - adam.beta2.powf(t)).sqrt());
    let (b1, c1) = (T::of(beta1), T::of(1.0 - beta1));
    let (b2, c2) = (T::of(adam.beta2), T::of(1.0 - adam.beta2));
    let epsilon = T::of(adam.epsilon);
    sweep(
        #[inline(always)]
        || {
            for (((x, m), v), &g) in x.iter_mut().zip(mean).zip(square).zip(gradient) {
                *m = b1 * *m + c1 * g;
                *v = b2 * *v + c2 * (g * g);
                *x = kept * *x - rate * *m / (v.sqrt() * correction + epsilon);
            }
        },
    );
}

pub(in crate::optim) const PARAMETERS: &[Parameter] = &[
    Parameter::fraction("beta1", 0.9, "decay of the mean of gradients, β₁"),
    Parameter::fraction("beta2", 0.999, "decay of the mean of squares, β₂"),
    Parameter::positive("epsilon", 1e-8, "added to the root of the mean square, ε"),
];

pub(in crate::optim) const fn adam<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adam",
        summary: "steps scaled by running moments of the gradient",
        source: "Kingma & Ba 2015, Algorithm 1",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: PARAMETERS,
        build: |values, _| {
            let adam = Adam { beta1: values[0], beta2: values[1], epsilon: values[2] };
            Optimizer::Method(Box::new(adam))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADAM: Adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

    #[test]
    fn the_first_step_is_the_rate_times_the_sign() {
        let mut memory = Method::<f64>::init(&ADAM, 3);
        let mut x = [1.0, 1.0, 1.0];
        ADAM.step(&mut memory, &mut x, &[1e3, -1e-3, 0.0], Rates::new(0.01));
        assert!((x[0] - 0.99).abs() < 1e-12 && (x[1] - 1.01).abs() < 1e-6 && x[2] == 1.0, "{x:?}");
    }

    /// Sums written out from the definition m_t = (1−β) Σ β^(t−i) g_i.
    #[test]
    fn steps_follow_the_moments_written_as_sums() {
        let gradients = [0.3, -1.2, 0.7, 2.5, -0.1];
        let mut memory = Method::<f64>::init(&ADAM, 1);
        let mut x = [0.5];
        let mut expected = 0.5;
        for t in 1..=gradients.len() {
            ADAM.step(&mut memory, &mut x, &gradients[t - 1..t], Rates::new(0.1));
            let moment = |beta: f64, power: i32| {
                let sum: f64 =
                    (1..=t).map(|i| beta.powi((t - i) as i32) * gradients[i - 1].powi(power)).sum();
                (1.0 - beta) * sum / (1.0 - beta.powi(t as i32))
            };
            expected -= 0.1 * moment(0.9, 1) / (moment(0.999, 2).sqrt() + 1e-8);
            assert!((x[0] - expected).abs() < 1e-12, "step {t}: {} against {expected}", x[0]);
        }
    }

    #[test]
    fn single_precision_follows_double() {
        let run = |curvature: f64| {
            let (mut wide, mut narrow) = (Method::<f64>::init(&ADAM, 1), Method::<f32>::init(&ADAM, 1));
            let (mut x, mut y) = ([1.0f64], [1.0f32]);
            for _ in 0..50 {
                let (g, h) = ([curvature * x[0]], [curvature as f32 * y[0]]);
                ADAM.step(&mut wide, &mut x, &g, Rates::new(0.01));
                ADAM.step(&mut narrow, &mut y, &h, Rates::new(0.01));
            }
            (x[0] - f64::from(y[0])).abs()
        };
        assert!(run(2.0) < 1e-5);
    }
}
