//! Kernels: what the primitives that are neither views nor elementwise compute.

mod arg_max;
mod contraction;
mod convolution;
mod dot;
mod indexed;
mod joined;
mod reduce;

pub(crate) use arg_max::arg_max;
pub(crate) use convolution::convolution;
pub(crate) use dot::dot;
pub(crate) use indexed::{gather, scatter_add};
pub(crate) use joined::{concatenate, pad};
pub(crate) use reduce::reduce;
