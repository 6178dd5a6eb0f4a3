//! Dropout.

use rand_philox::splitmix64;
use thalweg_graph::primitive::Direction;
use thalweg_graph::{DType, Type, Value};

use crate::problem::network::net::Net;

/// How much is dropped, and by which masks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Share p of the values, from 0 to less than 1.
    pub share: f64,
    /// Seed of the masks.
    pub seed: u64,
}

impl Dropout {
    /// Nothing is dropped.
    pub const NONE: Dropout = Dropout { share: 0.0, seed: 0 };
}

/// x ⊙ m/(1 − p) with a mask m of 0 and 1, each value being dropped with probability p
/// (Srivastava et al. 2014, §4, scaled while training).
///
/// The mask belongs to the objective: it is a function of the seed, of the number of this
/// layer, of the example's number in its data set and of the value's place in x, whatever
/// the precision and the batch, so that the loss has a Hessian. Values whose
/// (example · size + place) agree modulo 2³² share their fate.
pub fn dropout(net: &mut Net, x: Value, dropout: &Dropout) -> Value {
    let layer = net.number_mask();
    if dropout.share == 0.0 {
        return x;
    }
    let shape = net.shape(x);
    let size: usize = shape[1..].iter().product();
    let places = net.b.iota(Type::new(DType::I32, [size]), 0);
    let places = net.b.reshape(places, &shape[1..]);
    let places = net.b.broadcast(places, &shape);
    let first = net.b.scale(net.index, size as f64);
    let first = net.b.broadcast_in_dim(first, &shape, &[0]);
    let counters = net.b.add(first, places);
    let key = splitmix64(splitmix64(dropout.seed).wrapping_add(layer));
    let number = net.b.uniform(counters, key, DType::F32);
    let bound = net.b.full_like(number, dropout.share);
    let kept = net.b.compare(Direction::Ge, number, bound);
    let zero = net.b.zeros_like(x);
    let scaled = net.b.scale(x, 1.0 / (1.0 - dropout.share));
    net.b.select(kept, scaled, zero)
}
