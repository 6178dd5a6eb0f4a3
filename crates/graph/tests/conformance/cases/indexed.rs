//! Gather and scatter.

use thalweg_graph::DType;
use thalweg_graph::primitive::{Gather, GatherDims, ScatterAdd};

use super::{Case, Maker};

/// How a gather is written down: dimensions, slice sizes, operand, indices, and the result's shape.
struct Row {
    dims: GatherDims,
    sizes: &'static [usize],
    operand: &'static [usize],
    indices: &'static [usize],
    result: &'static [usize],
}

pub fn cases(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    for Row { dims, sizes, operand, indices, result } in rows() {
        // From below the first to above the last position: a gather clamps, a scatter skips.
        let starts = of.integers(indices, -2, 5);
        let gather = Gather { dims: dims.clone(), slice_sizes: sizes.into() };
        for dtype in [of.float, DType::I32, DType::Bool] {
            cases.push(Case::new(gather.clone(), [of.any(dtype, operand), starts.clone()]));
        }
        cases.push(Case::new(ScatterAdd { dims }, [of.real(operand), starts, of.real(result)]));
    }
    cases
}

fn rows() -> Vec<Row> {
    let dims = |offset: &[usize],
                collapsed: &[usize],
                [operand_batching, indices_batching]: [&[usize]; 2],
                start_index_map: &[usize],
                index_vector| GatherDims {
        offset: offset.into(),
        collapsed: collapsed.into(),
        operand_batching: operand_batching.into(),
        indices_batching: indices_batching.into(),
        start_index_map: start_index_map.into(),
        index_vector,
    };
    let none: [&[usize]; 2] = [&[], &[]];
    let row = |dims, sizes, operand, indices, result| Row { dims, sizes, operand, indices, result };
    vec![
        row(GatherDims::rows(1, 0), &[1], &[4], &[], &[]),
        row(GatherDims::rows(1, 1), &[1], &[4], &[6], &[6]),
        row(GatherDims::rows(2, 1), &[1, 3], &[4, 3], &[5], &[5, 3]),
        row(GatherDims::rows(2, 2), &[1, 3], &[4, 3], &[2, 2], &[2, 2, 3]),
        row(GatherDims::rows(3, 1), &[1, 2, 2], &[3, 2, 2], &[4], &[4, 2, 2]),
        row(GatherDims::rows(2, 1), &[1, 3], &[4, 3], &[0], &[0, 3]),
        row(GatherDims::rows(2, 1), &[1, 0], &[4, 0], &[3], &[3, 0]),
        // Single elements by pairs of positions, in either order of components.
        row(dims(&[], &[0, 1], none, &[0, 1], 1), &[1, 1], &[4, 3], &[5, 2], &[5]),
        row(dims(&[], &[0, 1], none, &[1, 0], 1), &[1, 1], &[4, 3], &[5, 2], &[5]),
        // The index vectors run along the first axis.
        row(dims(&[], &[0, 1], none, &[0, 1], 0), &[1, 1], &[4, 3], &[2, 5], &[5]),
        // Windows of more than one element, that keep their axes.
        row(dims(&[1], &[], none, &[0], 1), &[2], &[5], &[4], &[4, 2]),
        row(dims(&[0, 2], &[], none, &[0, 1], 1), &[2, 2], &[4, 3], &[3, 2], &[2, 3, 2]),
        row(dims(&[1, 2], &[], none, &[1], 1), &[2, 2], &[2, 4], &[3, 1], &[3, 2, 2]),
        row(dims(&[0, 1], &[1], none, &[1], 1), &[3, 1, 2], &[3, 4, 2], &[3, 1], &[3, 2, 3]),
        // The offset axis stands between batch axes.
        row(dims(&[1], &[0], none, &[0], 2), &[1, 3], &[4, 3], &[2, 2], &[2, 3, 2]),
        // No component: every slice lies at the start.
        row(dims(&[1], &[], none, &[], 1), &[2], &[5], &[3, 0], &[3, 2]),
        // Axes of the operand matched with axes of the indices.
        row(dims(&[], &[1], [&[0], &[0]], &[1], 1), &[1, 1], &[3, 4], &[3], &[3]),
        row(dims(&[2], &[1], [&[0], &[1]], &[1], 2), &[1, 1, 2], &[3, 4, 2], &[2, 3], &[2, 3, 2]),
        row(dims(&[1], &[0], [&[2], &[1]], &[0], 0), &[1, 2, 1], &[4, 2, 3], &[1, 3], &[3, 2]),
        row(dims(&[], &[1], [&[2, 0], &[0, 2]], &[1], 1), &[1, 1, 1], &[2, 4, 3], &[3, 1, 2], &[3, 2]),
    ]
}
