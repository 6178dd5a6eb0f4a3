//! Dropout.

use thalweg_graph::Value;

use crate::problem::network::net::Net;

/// How much is dropped, and by which masks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Share p of the values.
    pub share: f64,
    /// Seed of the masks.
    pub seed: u64,
}

impl Dropout {
    /// Nothing is dropped.
    pub const NONE: Dropout = Dropout { share: 0.0, seed: 0 };
}

pub fn dropout(_net: &mut Net, x: Value, _: &Dropout) -> Value {
    x
}
