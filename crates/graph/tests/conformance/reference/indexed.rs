//! Gather and scatter as StableHLO's specification spells them out.

use thalweg_graph::primitive::{Gather, GatherDims, ScatterAdd};

use crate::array::{Array, flat, indices};

/// For an index of the gather's result (the scatter's updates): where the
/// slice starts, unclamped, and how far inside the slice the element is.
fn locate(dims: &GatherDims, rank: usize, starts: &Array, index: &[usize]) -> (Vec<i64>, Vec<usize>) {
    let batch: Vec<usize> = (0..index.len()).filter(|a| !dims.offset.contains(a)).map(|a| index[a]).collect();
    let mut start = vec![0i64; rank];
    for (component, &axis) in dims.start_index_map.iter().enumerate() {
        let mut at = batch.clone();
        if dims.index_vector < starts.shape().len() {
            at.insert(dims.index_vector, component);
        }
        start[axis] = starts.at(&at) as i64;
    }
    let mut inside = vec![0; rank];
    for (&axis, &matched) in dims.operand_batching.iter().zip(&dims.indices_batching) {
        inside[axis] = batch[matched - usize::from(matched > dims.index_vector)];
    }
    let windows = (0..rank).filter(|a| !dims.collapsed.contains(a) && !dims.operand_batching.contains(a));
    for (axis, &offset) in windows.zip(&dims.offset) {
        inside[axis] = index[offset];
    }
    (start, inside)
}

pub fn gather(op: &Gather, operand: &Array, starts: &Array) -> Array {
    let rank = operand.shape().len();
    let mut window = (0..rank)
        .filter(|a| !op.dims.collapsed.contains(a) && !op.dims.operand_batching.contains(a))
        .map(|a| op.slice_sizes[a]);
    let mut batch =
        (0..starts.shape().len()).filter(|&a| a != op.dims.index_vector).map(|a| starts.shape()[a]);
    let count = window.clone().count() + batch.clone().count();
    let shape: Vec<usize> = (0..count)
        .map(|a| if op.dims.offset.contains(&a) { window.next() } else { batch.next() })
        .map(|size| size.expect("an axis"))
        .collect();
    Array::from_fn(operand.ty.dtype, &shape, |index| {
        let (start, inside) = locate(&op.dims, rank, starts, index);
        let at: Vec<usize> = (0..rank)
            .map(|a| {
                let last = (operand.shape()[a] - op.slice_sizes[a]) as i64;
                let start = if op.dims.start_index_map.contains(&a) { start[a].clamp(0, last) } else { 0 };
                start as usize + inside[a]
            })
            .collect();
        operand.at(&at)
    })
}

pub fn scatter_add(op: &ScatterAdd, operand: &Array, starts: &Array, updates: &Array) -> Array {
    let rank = operand.shape().len();
    let windows =
        (0..rank).filter(|a| !op.dims.collapsed.contains(a) && !op.dims.operand_batching.contains(a));
    let mut sizes = vec![1; rank];
    for (axis, &offset) in windows.zip(&op.dims.offset) {
        sizes[axis] = updates.shape()[offset];
    }
    let mut out = operand.clone();
    for index in indices(updates.shape()) {
        let (start, inside) = locate(&op.dims, rank, starts, &index);
        let fits = op
            .dims
            .start_index_map
            .iter()
            .all(|&a| start[a] >= 0 && start[a] + sizes[a] as i64 <= operand.shape()[a] as i64);
        if fits {
            let at: Vec<usize> = (0..rank).map(|a| start[a] as usize + inside[a]).collect();
            out.data[flat(operand.shape(), &at).expect("inside")] += updates.at(&index);
        }
    }
    Array::new(&operand.ty, out.data)
}
