//! Helpers for batching rules: moving and adding batch axes.

use smallvec::SmallVec;

use crate::{Builder, Value};

/// Moves axis `from` to position `to`.
pub(super) fn move_axis(b: &mut Builder, x: Value, from: usize, to: usize) -> Value {
    let mut permutation: SmallVec<[usize; 4]> = (0..b.ty(x).rank()).filter(|&a| a != from).collect();
    permutation.insert(to, from);
    b.transpose(x, &permutation)
}

/// Repeats a value along a new axis at `to`.
pub(super) fn add_axis(b: &mut Builder, x: Value, size: usize, to: usize) -> Value {
    let mut shape = b.ty(x).shape.clone();
    let axes: SmallVec<[usize; 4]> = (0..shape.len()).map(|a| a + usize::from(a >= to)).collect();
    shape.insert(to, size);
    b.broadcast_in_dim(x, &shape, &axes)
}

/// The value with its batch axis at `to`, repeated there if it has none.
pub(super) fn with_axis(b: &mut Builder, x: Value, axis: Option<usize>, size: usize, to: usize) -> Value {
    match axis {
        Some(axis) => move_axis(b, x, axis, to),
        None => add_axis(b, x, size, to),
    }
}

/// Size of the batch.
pub(super) fn batch_size(b: &Builder, args: &[Value], axes: &[Option<usize>]) -> usize {
    let (arg, axis) =
        args.iter().zip(axes).find_map(|(&x, &a)| a.map(|a| (x, a))).expect("a batched argument");
    b.shape(arg)[axis]
}

/// All arguments of equal shape with the batch axis at one place: where the
/// first batched argument has it.
pub(super) fn align(
    b: &mut Builder,
    args: &[Value],
    axes: &[Option<usize>],
) -> (SmallVec<[Value; 3]>, usize) {
    let size = batch_size(b, args, axes);
    let to = axes.iter().flatten().copied().next().expect("a batched argument");
    let args = args.iter().zip(axes).map(|(&x, &axis)| with_axis(b, x, axis, size, to)).collect();
    (args, to)
}

/// Axis numbers of one example as axis numbers of the batch.
pub(super) fn shifted<'a>(axes: &'a [usize], batch: usize) -> impl Iterator<Item = usize> + 'a {
    axes.iter().map(move |&a| a + usize::from(a >= batch))
}
