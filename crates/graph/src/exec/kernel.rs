//! Kernels: what the primitives that are neither views nor elementwise compute.

mod arg_max;
mod arg_sort;
mod convolution;
mod cumsum;
mod dot;
mod indexed;
mod joined;
mod reduce;
mod scratch;
mod window;

pub(crate) use arg_max::arg_max;
pub(crate) use arg_sort::arg_sort;
pub(crate) use convolution::convolution;
pub(crate) use cumsum::cumsum;
pub(crate) use dot::dot;
pub(crate) use indexed::{gather, scatter_add};
pub(crate) use joined::{concatenate, pad};
pub(crate) use reduce::reduce;
pub(crate) use window::{reduce_window, window_arg};
