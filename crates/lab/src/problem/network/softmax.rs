//! The softmax of scores, without overflow.

use thalweg_graph::primitive::Unary;
use thalweg_graph::{Builder, Value};

/// The scores less ⌊max⌋ along the last axis. The floor has no derivative, as befits a shift
/// that the softmax does not feel.
pub(super) fn shifted(b: &mut Builder, x: Value) -> Value {
    let last = b.shape(x).len() - 1;
    let top = b.reduce_max(x, &[last]);
    let top = b.unary(Unary::Floor, top);
    let top = along_last(b, top, x);
    b.sub(x, top)
}

/// exp(xₖ)/Σⱼ exp(xⱼ) along the last axis.
pub(super) fn softmax(b: &mut Builder, x: Value) -> Value {
    let last = b.shape(x).len() - 1;
    let shifted = shifted(b, x);
    let exponentials = b.exp(shifted);
    let sum = b.sum(exponentials, &[last]);
    let share = b.reciprocal(sum);
    let share = along_last(b, share, x);
    b.mul(exponentials, share)
}

/// Repeats an array without the last axis of `like` along it.
pub(super) fn along_last(b: &mut Builder, x: Value, like: Value) -> Value {
    let shape = b.shape(like).to_vec();
    let axes: Vec<usize> = (0..shape.len() - 1).collect();
    b.broadcast_in_dim(x, &shape, &axes)
}
