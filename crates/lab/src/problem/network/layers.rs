//! Layers: what architectures are made of.
//!
//! A layer is a function of the network that is being written and of its input. It
//! declares its parameters under a name, with PyTorch's names and shapes for a layer
//! of that kind, and returns its output.

mod attention;
mod batch_norm;
mod convolution;
mod dense;
mod dropout;
mod embedding;
mod gated;
mod normalization;
mod pooling;
mod positions;
mod residual;

pub(super) use attention::{Attention, attention};
pub(super) use batch_norm::batch_norm;
pub(super) use convolution::{Filter, convolution};
pub(super) use dense::{linear, linear_drawn};
pub(super) use dropout::{Dropout, dropout};
pub(super) use embedding::{embedding, unembedding};
pub(super) use gated::gated;
pub(super) use normalization::{group_norm, layer_norm, rms_norm};
pub(super) use pooling::{average_pool, global_average, max_pool};
pub(super) use positions::{learned_positions, sinusoidal_positions};
pub(super) use residual::residual;

#[cfg(test)]
mod tests;
