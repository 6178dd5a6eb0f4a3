//! Running sums, sorting and random numbers.

use crate::primitive::{ArgSort, CumSum, Gather, GatherDims, Uniform};
use crate::{Axes, Builder, DType, Value};

/// Every method panics, as [`Builder::emit`] does, if the types do not fit.
impl Builder {
    /// [`CumSum`] from the first element on, each in its own sum.
    #[track_caller]
    pub fn cumsum(&mut self, x: Value, axis: usize) -> Value {
        self.emit(CumSum { axis, reverse: false, exclusive: false }, &[x])
    }

    /// The elements of x at positions along an axis: `indices` has x's shape but for that axis.
    ///
    /// Element i of a line of the result is element `indices`ᵢ of the same line of x.
    #[track_caller]
    pub fn take_along_axis(&mut self, x: Value, indices: Value, axis: usize) -> Value {
        let rank = self.ty(x).rank();
        let others: Axes = (0..rank).filter(|&a| a != axis).collect();
        let dims = GatherDims {
            offset: Axes::new(),
            collapsed: Axes::from_slice(&[axis]),
            operand_batching: others.clone(),
            indices_batching: others,
            start_index_map: Axes::from_slice(&[axis]),
            index_vector: rank,
        };
        self.emit(Gather { dims, slice_sizes: Axes::from_elem(1, rank) }, &[x, indices])
    }

    /// The elements along an axis in the order of [`ArgSort`]; each takes its derivative with it.
    #[track_caller]
    pub fn sort(&mut self, x: Value, axis: usize, descending: bool) -> Value {
        let order = self.emit(ArgSort { axis, descending }, &[x]);
        self.take_along_axis(x, order, axis)
    }

    /// The k largest elements along an axis, the largest first, and their positions (i32).
    ///
    /// Of equal elements those in front are taken; NaN counts as larger than every number.
    #[track_caller]
    pub fn top_k(&mut self, x: Value, k: usize, axis: usize) -> (Value, Value) {
        let order = self.emit(ArgSort { axis, descending: true }, &[x]);
        let first = self.slice_axis(order, axis, 0..k);
        (self.take_along_axis(x, first, axis), first)
    }

    /// [`Uniform`] numbers in [0, 1) of the given type, one for each of the i32 `counters`.
    #[track_caller]
    pub fn uniform(&mut self, counters: Value, seed: u64, dtype: DType) -> Value {
        self.emit(Uniform { seed, dtype }, &[counters])
    }
}
