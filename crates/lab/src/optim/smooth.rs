//! Methods that go by exact gradients and curvature, one file each.

pub(in crate::optim) mod accelerated;
pub(in crate::optim) mod barzilai_borwein;
pub(in crate::optim) mod bfgs;
pub(in crate::optim) mod cholesky;
pub(in crate::optim) mod conjugate_gradients;
pub(in crate::optim) mod gauss_newton;
pub(in crate::optim) mod gradient_descent;
pub(in crate::optim) mod lbfgs;
pub(in crate::optim) mod levenberg_marquardt;
pub(in crate::optim) mod more_sorensen;
pub(in crate::optim) mod natural_gradient;
pub(in crate::optim) mod newton;
pub(in crate::optim) mod newton_cg;
mod pair;
pub(in crate::optim) mod trial;
pub(in crate::optim) mod trust_region;

#[cfg(test)]
mod tests;
