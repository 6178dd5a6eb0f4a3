//! Arrangement: broadcast, reshape, transpose, reverse, slice, pad, concatenate.

use thalweg_graph::DType;
use thalweg_graph::primitive::{BroadcastInDim, Concatenate, Pad, Reshape, Reverse, Slice, Transpose};

use super::{Case, Maker};

pub fn cases(of: &Maker) -> Vec<Case> {
    [arranged(of), slices(of), pads(of), concatenations(of)].concat()
}

fn arranged(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    let broadcasts: [(&[usize], &[usize], &[usize]); 14] = [
        (&[], &[], &[]),
        (&[], &[3], &[]),
        (&[], &[2, 0], &[]),
        (&[3], &[3], &[0]),
        (&[3], &[2, 3], &[1]),
        (&[3], &[3, 2], &[0]),
        (&[1], &[4], &[0]),
        (&[1, 3], &[4, 3], &[0, 1]),
        (&[3, 1], &[3, 2, 5], &[0, 1]),
        (&[2, 3], &[2, 4, 3], &[0, 2]),
        (&[1, 1], &[2, 1, 3], &[1, 2]),
        (&[2, 1], &[2, 0], &[0, 1]),
        (&[0, 2], &[3, 0, 2], &[1, 2]),
        (&[2, 2], &[3, 2, 2, 2], &[1, 3]),
    ];
    for (from, to, axes) in broadcasts {
        let op = BroadcastInDim { shape: to.into(), axes: axes.into() };
        cases.push(Case::new(op, [of.real(from)]));
    }
    let reshapes: [(&[usize], &[usize]); 11] = [
        (&[6], &[2, 3]),
        (&[2, 3], &[3, 2]),
        (&[2, 3, 4], &[6, 4]),
        (&[2, 3, 4], &[2, 12]),
        (&[2, 3, 4], &[4, 3, 2]),
        (&[4, 3], &[2, 2, 3, 1]),
        (&[1], &[]),
        (&[], &[1, 1]),
        (&[1, 5, 1], &[5]),
        (&[0, 3], &[2, 0]),
        (&[3], &[3]),
    ];
    for (from, to) in reshapes {
        cases.push(Case::new(Reshape(to.into()), [of.real(from)]));
        cases.push(Case::new(Reshape(to.into()), [of.any(DType::I32, from)]));
    }
    let transposes: [(&[usize], &[usize]); 9] = [
        (&[], &[]),
        (&[3], &[0]),
        (&[2, 3], &[1, 0]),
        (&[2, 3, 4], &[2, 0, 1]),
        (&[2, 3, 4], &[1, 2, 0]),
        (&[2, 3, 4], &[0, 2, 1]),
        (&[2, 1, 3, 2], &[3, 1, 0, 2]),
        (&[0, 3], &[1, 0]),
        (&[2, 3, 4], &[0, 1, 2]),
    ];
    for (shape, permutation) in transposes {
        cases.push(Case::new(Transpose(permutation.into()), [of.real(shape)]));
    }
    let reverses: [(&[usize], &[usize]); 7] = [
        (&[], &[]),
        (&[4], &[0]),
        (&[2, 3], &[1]),
        (&[2, 3], &[1, 0]),
        (&[2, 3, 2], &[0, 2]),
        (&[0, 2], &[0]),
        (&[1, 3], &[0]),
    ];
    for (shape, axes) in reverses {
        cases.push(Case::new(Reverse(axes.into()), [of.real(shape)]));
    }
    cases
}

fn slices(of: &Maker) -> Vec<Case> {
    let slices: [(&[usize], &[usize], &[usize], &[usize]); 11] = [
        (&[], &[], &[], &[]),
        (&[7], &[2], &[5], &[1]),
        (&[7], &[1], &[7], &[2]),
        (&[7], &[0], &[6], &[3]),
        (&[7], &[6], &[7], &[9]),
        (&[7], &[3], &[3], &[1]),
        (&[2], &[0], &[2], &[2]),
        (&[3, 5], &[1, 0], &[3, 5], &[1, 2]),
        (&[3, 5], &[0, 4], &[3, 5], &[2, 1]),
        (&[4, 3, 2], &[1, 0, 1], &[4, 3, 2], &[2, 2, 1]),
        (&[0, 3], &[0, 1], &[0, 3], &[1, 1]),
    ];
    slices
        .into_iter()
        .map(|(shape, start, limit, stride)| {
            let op = Slice { start: start.into(), limit: limit.into(), stride: stride.into() };
            Case::new(op, [of.real(shape)])
        })
        .collect()
}

fn pads(of: &Maker) -> Vec<Case> {
    let pads: [(&[usize], &[i64], &[i64], &[usize]); 18] = [
        (&[], &[], &[], &[]),
        (&[3], &[0], &[0], &[0]),
        (&[3], &[1], &[2], &[0]),
        (&[3], &[0], &[0], &[2]),
        (&[3], &[-1], &[0], &[0]),
        (&[3], &[-1], &[-2], &[0]),
        // As long as the argument, yet not the same.
        (&[2], &[0], &[-1], &[1]),
        (&[3], &[1], &[-1], &[0]),
        // Crops into the gaps between elements.
        (&[4], &[-2], &[-1], &[2]),
        (&[4], &[-1], &[3], &[1]),
        // Nothing but padding is left.
        (&[3], &[4], &[-5], &[0]),
        (&[3], &[-5], &[4], &[0]),
        (&[0], &[2], &[1], &[3]),
        (&[0], &[2], &[-2], &[3]),
        (&[2, 3], &[1, -1], &[0, 2], &[1, 0]),
        (&[2, 3], &[-1, 0], &[2, 1], &[0, 2]),
        (&[2, 0], &[1, 0], &[0, 2], &[1, 0]),
        (&[2, 2, 2], &[0, 1, -1], &[1, 0, 1], &[1, 0, 2]),
    ];
    let mut cases = Vec::new();
    for (shape, low, high, interior) in pads {
        let op = Pad { low: low.into(), high: high.into(), interior: interior.into() };
        cases.push(Case::new(op.clone(), [of.real(shape), of.real(&[])]));
        cases.push(Case::new(op, [of.bools(shape), of.bools(&[])]));
    }
    cases
}

fn concatenations(of: &Maker) -> Vec<Case> {
    let joins: [(usize, &[&[usize]]); 9] = [
        (0, &[&[3]]),
        (0, &[&[3], &[2]]),
        (0, &[&[3], &[0], &[1]]),
        (0, &[&[2, 3], &[1, 3]]),
        (1, &[&[2, 3], &[2, 1]]),
        (1, &[&[2, 1, 3], &[2, 2, 3], &[2, 1, 3]]),
        (2, &[&[2, 1, 3], &[2, 1, 2]]),
        (1, &[&[0, 3], &[0, 2]]),
        (0, &[&[1usize] as &[usize]; 12]),
    ];
    let mut cases = Vec::new();
    for (axis, shapes) in joins {
        cases.push(Case::new(Concatenate { axis }, shapes.iter().map(|s| of.real(s))));
        cases.push(Case::new(Concatenate { axis }, shapes.iter().map(|s| of.any(DType::I32, s))));
    }
    cases
}
