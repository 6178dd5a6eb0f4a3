//! The softmax of scores.

use thalweg_graph::primitive::Unary;
use thalweg_graph::{Builder, Value};

/// exp(xₖ)/Σⱼ exp(xⱼ) along the last axis.
///
/// The largest element's integer part is taken off first, so that exponentials do not
/// overflow; it has no derivative, as befits a shift that the softmax does not feel.
pub fn softmax(b: &mut Builder, x: Value) -> Value {
    let shape = b.shape(x).to_vec();
    let last = shape.len() - 1;
    let rest: Vec<usize> = (0..last).collect();
    let top = b.reduce_max(x, &[last]);
    let top = b.unary(Unary::Floor, top);
    let top = b.broadcast_in_dim(top, &shape, &rest);
    let shifted = b.sub(x, top);
    let exponentials = b.exp(shifted);
    let sum = b.sum(exponentials, &[last]);
    let share = b.reciprocal(sum);
    let share = b.broadcast_in_dim(share, &shape, &rest);
    b.mul(exponentials, share)
}
