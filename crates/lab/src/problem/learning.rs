//! Learning problems that are small enough to know everything about.
//!
//! An [`ExampleSum`] is a mean of per-example losses, written as formulas, plus a penalty: a
//! [`FiniteSum`](crate::FiniteSum) with exact curvature and exact moments of its gradients. The [`registry()`] lists
//! those that are known by name; a text such as `logistic:1000,20` chooses one of them, a [`LearningSpec`].

mod example_sum;
mod logistic;
mod noisy_quadratic;
mod registry;

pub use example_sum::ExampleSum;
pub use logistic::{Logistic, logistic, two_clouds};
pub use noisy_quadratic::{NoisyQuadratic, noisy_quadratic};
pub use registry::{Entry, Examples, LearningSpec, SpecError, registry};
