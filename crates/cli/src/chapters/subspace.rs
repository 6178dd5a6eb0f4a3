//! Subspaces: the intrinsic dimension, hyperplanes at a distance, the reach of the low-loss region.

pub mod cuts;
pub mod extents;
pub mod intrinsic;
mod runs;

pub use runs::{Starts, kept_bytes};
