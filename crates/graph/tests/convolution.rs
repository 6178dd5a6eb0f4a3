//! Convolutions: against PyTorch and JAX, in blocks of tangents, and in a network.

#[path = "convolution/fixtures.rs"]
mod fixtures;
#[path = "convolution/network.rs"]
mod network;
#[path = "convolution/views.rs"]
mod views;
