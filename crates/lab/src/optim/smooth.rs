//! Methods that go by exact gradients and curvature, one file each.

pub(in crate::optim) mod cholesky;
pub(in crate::optim) mod gauss_newton;
pub(in crate::optim) mod levenberg_marquardt;
pub(in crate::optim) mod more_sorensen;
pub(in crate::optim) mod natural_gradient;
pub(in crate::optim) mod newton;
pub(in crate::optim) mod newton_cg;
pub(in crate::optim) mod trial;
pub(in crate::optim) mod trust_region;
