//! Running sums, orders, and random numbers by the crate `rand_philox`.

use std::cmp::Ordering;

use rand_philox::philox4x32_10;
use thalweg_graph::DType;
use thalweg_graph::primitive::{ArgSort, CumSum, Uniform};

use crate::array::Array;

/// The line along an axis through an index.
fn line(x: &Array, axis: usize, index: &[usize]) -> Vec<f64> {
    let mut index = index.to_vec();
    (0..x.shape()[axis])
        .map(|i| {
            index[axis] = i;
            x.at(&index)
        })
        .collect()
}

pub fn cumsum(op: &CumSum, x: &Array) -> Array {
    Array::from_fn(x.ty.dtype, x.shape(), |index| {
        let i = index[op.axis];
        let line = line(x, op.axis, index);
        let (before, after) = (&line[..i], &line[i + 1..]);
        let others: f64 = if op.reverse { after.iter().rev().sum() } else { before.iter().sum() };
        let sum = if op.exclusive { others } else { others + line[i] };
        // Integers wrap around; their sums are exact in doubles.
        if x.ty.dtype == DType::I32 { f64::from(sum as i64 as i32) } else { sum }
    })
}

pub fn arg_sort(op: &ArgSort, x: &Array) -> Array {
    Array::from_fn(DType::I32, x.shape(), |index| {
        let line = line(x, op.axis, index);
        let mut order: Vec<usize> = (0..line.len()).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (line[a], line[b]);
            let (a, b) = if op.descending { (b, a) } else { (a, b) };
            match (a.is_nan(), b.is_nan()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                _ => a.partial_cmp(&b).expect("numbers"),
            }
        });
        order[index[op.axis]] as f64
    })
}

pub fn uniform(op: &Uniform, counters: &Array) -> Array {
    Array::from_fn(op.dtype, counters.shape(), |index| {
        let words = philox4x32_10(
            [counters.at(index) as i32 as u32, 0, 0, 0],
            [op.seed as u32, (op.seed >> 32) as u32],
        );
        match op.dtype {
            DType::F32 => f64::from(words[0] >> 8) / 2f64.powi(24),
            _ => (f64::from(words[0]) * 2f64.powi(21) + f64::from(words[1] >> 11)) / 2f64.powi(53),
        }
    })
}
