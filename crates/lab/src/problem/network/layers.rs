//! Layers: what architectures are made of.

mod dense;

pub(super) use dense::linear;
