//! Methods that go by exact gradients.

pub(super) mod accelerated;
pub(super) mod barzilai_borwein;
pub(super) mod bfgs;
pub(super) mod conjugate_gradients;
pub(super) mod gradient_descent;
pub(super) mod lbfgs;
mod pair;

#[cfg(test)]
mod tests;
