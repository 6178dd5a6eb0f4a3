//! Gradient steps without momentum, with heavy-ball and with Nesterov momentum.
//!
//! "Stochastic" says where the gradient comes from, not what is done with it:
//! with a full-batch gradient, `sgd` is gradient descent. Weight decay belongs
//! to the objective here (its penalty), so these rules have none.

use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// Plain gradient steps: x ← x − η g.
///
/// Source: Robbins & Monro, *A stochastic approximation method* (1951), for noisy g.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd;

impl<T: Scalar> Method<T> for Sgd {
    fn name(&self) -> &'static str {
        "sgd"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &[]
    }

    fn stable_below(&self, rates: Rates) -> Option<f64> {
        Some(2.0 / rates.learning_rate)
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let rate = T::of(rates.learning_rate);
        for (x, &g) in x.iter_mut().zip(gradient) {
            *x = *x - rate * g;
        }
        memory.step += 1;
    }
}

/// Heavy-ball momentum: v ← μ v + g, then x ← x − η v, from v = 0.
///
/// With a constant η this is Polyak's x′ = x − η g + μ (x − x₋) (*Some methods
/// of speeding up the convergence of iteration methods*, 1964, eq. 9). Where η
/// varies the two differ: here, as in `torch.optim.SGD` (dampening 0), a change
/// of η acts at once on the whole velocity, in Polyak's form only on new gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeavyBall {
    /// μ in [0, 1).
    pub momentum: f64,
}

impl<T: Scalar> Method<T> for HeavyBall {
    fn name(&self) -> &'static str {
        "momentum"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["velocity"]
    }

    fn stable_below(&self, rates: Rates) -> Option<f64> {
        let momentum = rates.momentum.unwrap_or(self.momentum);
        Some(2.0 * (1.0 + momentum) / rates.learning_rate)
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let rate = T::of(rates.learning_rate);
        let momentum = T::of(rates.momentum.unwrap_or(self.momentum));
        let velocity = &mut memory.vectors[0];
        for ((x, v), &g) in x.iter_mut().zip(velocity).zip(gradient) {
            *v = momentum * *v + g;
            *x = *x - rate * *v;
        }
        memory.step += 1;
    }
}

/// Nesterov momentum: v ← μ v + g, then x ← x − η (g + μ v), from v = 0.
///
/// Sutskever, Martens, Dahl & Hinton (*On the importance of initialization and
/// momentum in deep learning*, ICML 2013, eqs. 3–4) write v̂′ = μ v̂ − η ∇f(θ + μ v̂),
/// θ′ = θ + v̂′. With v̂ = −η v, and x standing for the point θ + μ v̂ at which the
/// gradient is taken, constant η and μ turn that into the form above, which is
/// the one of `torch.optim.SGD(nesterov=True)`. So x is the look-ahead point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nesterov {
    /// μ in [0, 1).
    pub momentum: f64,
}

impl<T: Scalar> Method<T> for Nesterov {
    fn name(&self) -> &'static str {
        "nesterov"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["velocity"]
    }

    fn stable_below(&self, rates: Rates) -> Option<f64> {
        let momentum = rates.momentum.unwrap_or(self.momentum);
        Some(2.0 * (1.0 + momentum) / ((1.0 + 2.0 * momentum) * rates.learning_rate))
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let rate = T::of(rates.learning_rate);
        let momentum = T::of(rates.momentum.unwrap_or(self.momentum));
        let velocity = &mut memory.vectors[0];
        for ((x, v), &g) in x.iter_mut().zip(velocity).zip(gradient) {
            *v = momentum * *v + g;
            *x = *x - rate * (g + momentum * *v);
        }
        memory.step += 1;
    }
}

const MOMENTUM: &[Parameter] =
    &[Parameter::fraction("momentum", 0.9, "share of the velocity that is kept, μ")];

pub(in crate::optim) const fn sgd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "sgd",
        summary: "plain gradient steps",
        source: "Robbins & Monro 1951",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: &[],
        build: |_, _| Optimizer::Method(Box::new(Sgd)),
    }
}

pub(in crate::optim) const fn heavy_ball<T: Scalar>() -> Entry<T> {
    Entry {
        name: "momentum",
        summary: "heavy-ball momentum, in PyTorch's form",
        source: "Polyak 1964",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: MOMENTUM,
        build: |values, _| Optimizer::Method(Box::new(HeavyBall { momentum: values[0] })),
    }
}

pub(in crate::optim) const fn nesterov<T: Scalar>() -> Entry<T> {
    Entry {
        name: "nesterov",
        summary: "Nesterov momentum, in PyTorch's form",
        source: "Nesterov 1983; Sutskever, Martens, Dahl & Hinton 2013",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: MOMENTUM,
        build: |values, _| Optimizer::Method(Box::new(Nesterov { momentum: values[0] })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f(x) = λ x²/2 from x = 1.
    fn descend(method: &dyn Method<f64>, curvature: f64, rate: f64, steps: usize) -> Vec<f64> {
        let mut memory = method.init(1);
        let mut x = [1.0];
        let mut path = vec![x[0]];
        for _ in 0..steps {
            let gradient = [curvature * x[0]];
            method.step(&mut memory, &mut x, &gradient, Rates::new(rate));
            path.push(x[0]);
        }
        assert_eq!(memory.step, steps as u64);
        path
    }

    #[test]
    fn plain_steps_contract_by_one_minus_rate_times_curvature() {
        for (t, x) in descend(&Sgd, 3.0, 0.1, 20).iter().enumerate() {
            assert!((x - 0.7f64.powi(t as i32)).abs() < 1e-15);
        }
    }

    #[test]
    fn heavy_ball_is_polyaks_recursion_at_a_constant_rate() {
        let path = descend(&HeavyBall { momentum: 0.8 }, 3.0, 0.1, 30);
        assert!((path[1] - 0.7).abs() < 1e-15);
        for w in path.windows(3) {
            let expected = w[1] - 0.1 * 3.0 * w[1] + 0.8 * (w[1] - w[0]);
            assert!((w[2] - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn nesterov_follows_sutskevers_look_ahead_point() {
        let (curvature, rate, momentum) = (3.0, 0.1, 0.8);
        let path = descend(&Nesterov { momentum }, curvature, rate, 30);
        let (mut theta, mut v) = (1.0, 0.0);
        for x in path {
            assert!((x - (theta + momentum * v)).abs() < 1e-14);
            v = momentum * v - rate * curvature * (theta + momentum * v);
            theta += v;
        }
    }

    #[test]
    fn a_schedule_may_replace_the_momentum() {
        let run = |momentum, given| {
            let method = HeavyBall { momentum };
            let mut memory = Method::<f32>::init(&method, 1);
            let mut x = [1.0f32];
            for _ in 0..3 {
                method.step(&mut memory, &mut x, &[0.5], Rates { learning_rate: 0.1, momentum: given });
            }
            x[0]
        };
        assert_eq!(run(0.9, Some(0.5)), run(0.5, None));
        assert_ne!(run(0.9, None), run(0.5, None));
    }

    #[test]
    fn rules_contract_below_their_limit_and_not_above() {
        let rate = 0.3;
        let methods: [&dyn Method<f64>; 5] = [
            &Sgd,
            &HeavyBall { momentum: 0.5 },
            &HeavyBall { momentum: 0.9 },
            &Nesterov { momentum: 0.5 },
            &Nesterov { momentum: 0.9 },
        ];
        for method in methods {
            let limit = method.stable_below(Rates::new(rate)).unwrap();
            let far = |curvature: f64| descend(method, curvature, rate, 4000)[4000].abs();
            assert!(far(0.98 * limit) < 1e-3, "{} below", method.name());
            // What overflows ends as ∞ − ∞.
            let above = far(1.02 * limit);
            assert!(above > 1e3 || above.is_nan(), "{} above: {above}", method.name());
        }
    }
}
