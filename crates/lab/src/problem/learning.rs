//! Learning problems that are small enough to know everything about.
//!
//! An [`ExampleSum`] is a mean of per-example losses, written as formulas, plus a penalty: a
//! [`FiniteSum`](crate::FiniteSum) with exact curvature and exact moments of its gradients.

mod example_sum;
mod logistic;
mod noisy_quadratic;

pub use example_sum::ExampleSum;
pub use logistic::{logistic, two_clouds};
pub use noisy_quadratic::noisy_quadratic;
