//! Losses of positions, and of the examples that they belong to.

use thalweg_graph::primitive::Direction;
use thalweg_graph::{Builder, DType, Type, Value};

/// Outputs [b, …, C] as [rows, C], one row a position.
pub(super) fn rows(b: &mut Builder, z: Value) -> Value {
    let shape = b.shape(z);
    let (count, classes) = (shape[..shape.len() - 1].iter().product(), shape[shape.len() - 1]);
    b.reshape(z, &[count, classes])
}

/// Targets of the rows: class numbers [rows], or vectors like the rows.
pub(super) fn flat_targets(b: &mut Builder, targets: Value, rows: Vec<usize>) -> Value {
    match b.ty(targets).dtype {
        DType::I32 if b.ty(targets).size() == rows[0] => b.reshape(targets, &rows[..1]),
        // Targets that nobody looks at may have any shape.
        _ if b.ty(targets).size() != rows[0] * rows[1] => targets,
        _ => b.reshape(targets, &rows),
    }
}

/// Means [b] over the positions that count of numbers [rows].
pub(super) fn mean(b: &mut Builder, x: Value, examples: usize, targets: Value) -> Value {
    let count = b.shape(x)[0] / examples.max(1);
    if count == 1 {
        return x;
    }
    let ty = b.ty(x).clone();
    let share = share(b, &ty, examples, targets);
    let shares = b.mul(x, share);
    let shares = b.reshape(shares, &[examples, count]);
    b.sum(shares, &[1])
}

/// What each position [rows] counts for in its example's mean: 1 over the number of those that
/// count, or 0.
pub(super) fn share(b: &mut Builder, ty: &Type, examples: usize, targets: Value) -> Value {
    let (rows, count) = (ty.shape[0], ty.shape[0] / examples.max(1));
    if b.ty(targets).dtype != DType::I32 || b.shape(targets) != [rows] || count == 1 {
        return b.full(ty, 1.0 / count.max(1) as f64);
    }
    let zero = b.zeros_like(targets);
    let counts = b.compare(Direction::Ge, targets, zero);
    let counts = b.convert(counts, ty.dtype);
    let each = b.reshape(counts, &[examples, count]);
    let total = b.sum(each, &[1]);
    let one = b.full_like(total, 1.0);
    let total = b.max(total, one);
    let total = b.broadcast_in_dim(total, &[examples, count], &[0]);
    let share = b.div(each, total);
    b.reshape(share, &[rows])
}
