//! The built-in architectures.

mod mlp;

pub use mlp::Mlp;
