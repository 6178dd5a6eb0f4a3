//! Rules of training: an update from a gradient and a learning rate, one file each.

pub(in crate::optim) mod adam;
pub(in crate::optim) mod adamw;
pub(in crate::optim) mod sgd;
