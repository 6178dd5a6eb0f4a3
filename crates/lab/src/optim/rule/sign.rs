//! Steps by the sign of the gradient.

use super::sweep;
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};

/// signSGD: x ← x − η sign(m) with m ← μ m + (1 − μ) g, where sign 0 = 0.
///
/// Without momentum (μ = 0, the default) the direction is the gradient's sign itself;
/// with it this is the same paper's Signum. It comes no closer to a minimum than about η.
///
/// Source: Bernstein, Wang, Azizzadenesheli & Anandkumar, *signSGD: compressed
/// optimisation for non-convex problems* (ICML 2018), Algorithms 1 and 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignSgd {
    /// μ in [0, 1).
    pub momentum: f64,
}

impl<T: Scalar> Method<T> for SignSgd {
    fn name(&self) -> &'static str {
        "signsgd"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["momentum"]
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [velocity]) = memory.parts();
        *step += 1;
        let momentum = rates.momentum.unwrap_or(self.momentum);
        let (rate, kept, fresh) = (T::of(rates.learning_rate), T::of(momentum), T::of(1.0 - momentum));
        sweep(
            #[inline(always)]
            || {
                for ((x, m), &g) in x.iter_mut().zip(velocity).zip(gradient) {
                    *m = kept * *m + fresh * g;
                    *x = *x - rate * sign(*m);
                }
            },
        );
    }
}

/// −1, 0 or 1; the sign of NaN is 0.
#[inline(always)]
pub(in crate::optim) fn sign<T: Scalar>(value: T) -> T {
    let one = |holds: bool| if holds { T::one() } else { T::zero() };
    one(value > T::zero()) - one(value < T::zero())
}

pub(in crate::optim) const fn signsgd<T: Scalar>() -> Entry<T> {
    Entry {
        name: "signsgd",
        summary: "steps by the gradient's sign",
        source: "Bernstein et al. 2018, Algorithms 1 and 2",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1e-3),
        parameters: const { &[Parameter::fraction("momentum", 0.0, "decay of the mean of gradients, μ")] },
        build: |values, _| Optimizer::Method(Box::new(SignSgd { momentum: values[0] })),
    }
}
