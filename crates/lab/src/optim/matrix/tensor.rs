//! Products of a tensor with matrices along its axes, in f64 on one thread.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// A row-major tensor as blocks × (axis × inner): its slices across one axis.
struct Slices {
    count: usize,
    axis: usize,
    inner: usize,
}

impl Slices {
    fn across(shape: &[usize], axis: usize) -> Self {
        Self {
            count: shape[..axis].iter().product(),
            axis: shape[axis],
            inner: shape[axis + 1..].iter().product(),
        }
    }
}

/// The tensor with entries Σ_b M_ab T…b… along one axis, into `out`; M is d × d.
pub(super) fn along(tensor: &[f64], shape: &[usize], axis: usize, matrix: MatRef<'_, f64>, out: &mut [f64]) {
    let slices = Slices::across(shape, axis);
    if slices.inner == 1 {
        let rows = MatRef::from_row_major_slice(tensor, slices.count, slices.axis);
        let out = MatMut::from_row_major_slice_mut(out, slices.count, slices.axis);
        matmul(out, Accum::Replace, rows, matrix.transpose(), 1.0, Par::Seq);
        return;
    }
    let size = slices.axis * slices.inner;
    for (slice, out) in tensor.chunks_exact(size).zip(out.chunks_exact_mut(size)) {
        let slice = MatRef::from_row_major_slice(slice, slices.axis, slices.inner);
        let out = MatMut::from_row_major_slice_mut(out, slices.axis, slices.inner);
        matmul(out, Accum::Replace, matrix, slice, 1.0, Par::Seq);
    }
}

/// Adds `weight` Σ T…a… T…b… over all other axes to `gram` (d × d).
pub(super) fn add_gram(tensor: &[f64], shape: &[usize], axis: usize, weight: f64, gram: &mut [f64]) {
    let slices = Slices::across(shape, axis);
    let mut gram = MatMut::from_row_major_slice_mut(gram, slices.axis, slices.axis);
    if slices.inner == 1 {
        let rows = MatRef::from_row_major_slice(tensor, slices.count, slices.axis);
        matmul(gram, Accum::Add, rows.transpose(), rows, weight, Par::Seq);
        return;
    }
    for slice in tensor.chunks_exact(slices.axis * slices.inner) {
        let slice = MatRef::from_row_major_slice(slice, slices.axis, slices.inner);
        matmul(gram.as_mut(), Accum::Add, slice, slice.transpose(), weight, Par::Seq);
    }
}

/// Adds Σ T…a…² over all other axes to `squares` (d).
pub(super) fn add_squares(tensor: &[f64], shape: &[usize], axis: usize, squares: &mut [f64]) {
    let slices = Slices::across(shape, axis);
    for (i, row) in tensor.chunks_exact(slices.inner).enumerate() {
        squares[i % slices.axis] += row.iter().map(|v| v * v).sum::<f64>();
    }
}

/// Multiplies entries by the factor of their place on one axis.
pub(super) fn scale(tensor: &mut [f64], shape: &[usize], axis: usize, factors: &[f64]) {
    let slices = Slices::across(shape, axis);
    for (i, row) in tensor.chunks_exact_mut(slices.inner).enumerate() {
        row.iter_mut().for_each(|v| *v *= factors[i % slices.axis]);
    }
}

/// Puts place `order[i]` of one axis at place i, through `out`.
pub(super) fn reorder(tensor: &[f64], shape: &[usize], axis: usize, order: &[usize], out: &mut [f64]) {
    let slices = Slices::across(shape, axis);
    for (i, row) in out.chunks_exact_mut(slices.inner).enumerate() {
        let (slice, place) = (i / slices.axis, i % slices.axis);
        let from = slice * slices.axis + order[place];
        row.copy_from_slice(&tensor[from * slices.inner..][..slices.inner]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [2, 3, 4];

    fn at(tensor: &[f64], i: usize, j: usize, k: usize) -> f64 {
        tensor[(i * SHAPE[1] + j) * SHAPE[2] + k]
    }

    fn place(axis: usize, a: usize, others: [usize; 2]) -> [usize; 3] {
        match axis {
            0 => [a, others[0], others[1]],
            1 => [others[0], a, others[1]],
            _ => [others[0], others[1], a],
        }
    }

    #[test]
    fn products_along_each_axis_are_the_sums_that_define_them() {
        let tensor: Vec<f64> = (0..24).map(|i| f64::from(i * i % 11) - 4.0).collect();
        for axis in 0..3 {
            let d = SHAPE[axis];
            let others: Vec<usize> = (0..3).filter(|&a| a != axis).map(|a| SHAPE[a]).collect();
            let entries: Vec<f64> = (0..d * d).map(|i| (i as f64 * 0.7).sin()).collect();
            let matrix = MatRef::from_row_major_slice(&entries, d, d);
            let mut out = vec![0.0; 24];
            along(&tensor, &SHAPE, axis, matrix, &mut out);
            let (mut gram, mut squares) = (vec![1.0; d * d], vec![0.0; d]);
            add_gram(&tensor, &SHAPE, axis, 0.5, &mut gram);
            add_squares(&tensor, &SHAPE, axis, &mut squares);
            let mut scaled = tensor.clone();
            let factors: Vec<f64> = (0..d).map(|i| i as f64 + 0.5).collect();
            scale(&mut scaled, &SHAPE, axis, &factors);
            let order: Vec<usize> = (0..d).rev().collect();
            let mut turned = vec![0.0; 24];
            reorder(&tensor, &SHAPE, axis, &order, &mut turned);
            let value = |t: &[f64], a, p, q| {
                let [i, j, k] = place(axis, a, [p, q]);
                at(t, i, j, k)
            };
            for a in 0..d {
                for (p, q) in (0..others[0]).flat_map(|p| (0..others[1]).map(move |q| (p, q))) {
                    let expected: f64 = (0..d).map(|b| entries[a * d + b] * value(&tensor, b, p, q)).sum();
                    assert!((value(&out, a, p, q) - expected).abs() < 1e-12);
                    assert_eq!(value(&scaled, a, p, q), factors[a] * value(&tensor, a, p, q));
                    assert_eq!(value(&turned, a, p, q), value(&tensor, d - 1 - a, p, q));
                }
                for b in 0..d {
                    let pairs = (0..others[0]).flat_map(|p| (0..others[1]).map(move |q| (p, q)));
                    let sum: f64 =
                        pairs.map(|(p, q)| value(&tensor, a, p, q) * value(&tensor, b, p, q)).sum();
                    assert!((gram[a * d + b] - 1.0 - 0.5 * sum).abs() < 1e-12);
                    assert!(a != b || (squares[a] - sum).abs() < 1e-12);
                }
            }
        }
    }
}
