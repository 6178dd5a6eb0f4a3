//! Differentiable programs: primitives, their rules, transformations and the executor.

mod dtype;
pub mod math;

pub use dtype::{DType, Element, Float};
