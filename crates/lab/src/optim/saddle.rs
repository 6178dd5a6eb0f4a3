//! Methods made to leave saddles, one file each.

pub(in crate::optim) mod capped_newton;
pub(in crate::optim) mod cubic;
pub(in crate::optim) mod follow;
pub(in crate::optim) mod lowest;
pub(in crate::optim) mod negative_curvature;
pub(in crate::optim) mod neon2;
pub(in crate::optim) mod newton_mr;
pub(in crate::optim) mod noisy;
pub(in crate::optim) mod perturbed;
pub(in crate::optim) mod perturbed_accelerated;
pub(in crate::optim) mod saddle_free;
mod secular;
