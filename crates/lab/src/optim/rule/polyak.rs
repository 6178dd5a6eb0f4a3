//! Polyak's step length.

use crate::optim::method::{Memory, Rates, Sample, Stochastic};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::dot;
use crate::{Scalar, Stop};

/// Gradient steps as long as the distance to a known least value asks for.
///
/// x ← x − η min((f(x) − f*)/‖g‖², c) g
///
/// With η = 1 and no bound (c = ∞, the defaults) this is Polyak's step, which needs no rate but
/// f*; any η in (0, 2) converges on convex functions. Where f(x) ≤ f* it stands still. If
/// f* is less than the least value, steps are too long near the minimum and it is not reached.
///
/// Source: Polyak, *Introduction to optimization* (1987), section 5.3; the bound c is that
/// of Loizou, Vaswani, Laradji & Lacoste-Julien, *Stochastic Polyak step-size for SGD*
/// (AISTATS 2021), eq. SPS_max, and of `optax.polyak_sgd`, whose default is c = 1. On
/// minibatches f is the minibatch's loss and f* a lower bound of it, such as 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polyak {
    /// f*.
    pub least: f64,
    /// c > 0, perhaps ∞.
    pub most: f64,
}

impl<T: Scalar> Stochastic<T> for Polyak {
    fn name(&self) -> &'static str {
        "polyak"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &[]
    }

    fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop> {
        let value = sample.value_grad(x, gradient)?;
        memory.step += 1;
        let square = dot(gradient, gradient);
        if value > self.least && square > 0.0 {
            let length = T::of(rates.learning_rate * ((value - self.least) / square).min(self.most));
            for (x, &g) in x.iter_mut().zip(&*gradient) {
                *x = *x - length * g;
            }
        }
        Ok(value)
    }
}

pub(in crate::optim) const fn polyak<T: Scalar>() -> Entry<T> {
    Entry {
        name: "polyak",
        summary: "gradient steps as long as the distance to a known least value asks for",
        source: "Polyak 1987, section 5.3; Loizou et al. 2021",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1.0),
        parameters: const {
            &[
                Parameter::number(
                    "least",
                    0.0,
                    "the least value of the loss, f*",
                    "a number",
                    f64::is_finite,
                ),
                Parameter::number(
                    "most",
                    f64::INFINITY,
                    "bound on the step length, c",
                    "a number above 0",
                    |c| c > 0.0,
                ),
            ]
        },
        build: |values, _| Optimizer::Stochastic(Box::new(Polyak { least: values[0], most: values[1] })),
    }
}
