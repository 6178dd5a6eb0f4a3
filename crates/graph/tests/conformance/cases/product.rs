//! Reductions and products.

use thalweg_graph::primitive::{ArgMax, DotGeneral, Reduce, Reducer};

use super::{Case, Maker};

pub fn cases(of: &Maker) -> Vec<Case> {
    [reductions(of), products(of)].concat()
}

fn reductions(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    let shapes: [(&[usize], &[&[usize]]); 9] = [
        (&[], &[&[]]),
        (&[5], &[&[], &[0]]),
        (&[1], &[&[0]]),
        (&[0], &[&[0]]),
        (&[2, 3], &[&[0], &[1], &[0, 1]]),
        (&[3, 0], &[&[0], &[1], &[0, 1]]),
        (&[2, 3, 4], &[&[0], &[1], &[2], &[0, 2], &[1, 2], &[0, 1], &[0, 1, 2]]),
        // Longer than a run of lanes, wider than a tile of columns.
        (&[3, 77], &[&[0], &[1], &[0, 1]]),
        (&[37, 2, 66], &[&[0], &[1], &[2], &[0, 1], &[0, 2]]),
    ];
    for (shape, choices) in shapes {
        for axes in choices {
            for reducer in [Reducer::Sum, Reducer::Max, Reducer::Min] {
                cases.push(Case::new(Reduce { reducer, axes: (*axes).into() }, [of.real(shape)]));
            }
        }
    }
    for shape in [&[4][..], &[1], &[2, 3], &[3, 1, 2], &[2, 3, 4], &[3, 40]] {
        for axis in 0..shape.len() {
            cases.push(Case::new(ArgMax { axis }, [of.real(shape)]));
            cases.push(Case::new(ArgMax { axis }, [of.tied(shape)]));
        }
    }
    cases.push(Case::new(ArgMax { axis: 1 }, [of.real(&[0, 3])]));
    cases
}

/// Batch axes of both arguments, then contracting axes of both.
type Axes4 = [&'static [usize]; 4];

fn products(of: &Maker) -> Vec<Case> {
    let products: [(&[usize], &[usize], Axes4); 31] = [
        (&[], &[], [&[], &[], &[], &[]]),
        (&[], &[3], [&[], &[], &[], &[]]),
        (&[4], &[4], [&[], &[], &[0], &[0]]),
        (&[2], &[3], [&[], &[], &[], &[]]),
        (&[3], &[3], [&[0], &[0], &[], &[]]),
        (&[3, 4], &[4], [&[], &[], &[1], &[0]]),
        (&[3], &[3, 2], [&[], &[], &[0], &[0]]),
        (&[2, 3], &[3, 4], [&[], &[], &[1], &[0]]),
        (&[2, 3], &[4, 3], [&[], &[], &[1], &[1]]),
        (&[3, 2], &[3, 4], [&[], &[], &[0], &[0]]),
        (&[3, 2], &[4, 3], [&[], &[], &[0], &[1]]),
        (&[1, 3], &[3, 1], [&[], &[], &[1], &[0]]),
        (&[2, 1], &[1, 3], [&[], &[], &[1], &[0]]),
        (&[2, 3], &[2, 3], [&[], &[], &[0, 1], &[0, 1]]),
        (&[2, 3], &[3, 2], [&[], &[], &[0, 1], &[1, 0]]),
        (&[3, 2, 2], &[2, 3], [&[], &[], &[1], &[0]]),
        (&[2, 2, 3], &[3, 2, 2], [&[], &[], &[2], &[0]]),
        (&[2, 3, 2], &[2, 2, 3], [&[], &[], &[1], &[2]]),
        (&[2, 3, 4], &[2, 4, 2], [&[0], &[0], &[2], &[1]]),
        (&[3, 2, 4], &[4, 2, 2], [&[1], &[2], &[2], &[0]]),
        (&[2, 3], &[3, 2], [&[0, 1], &[1, 0], &[], &[]]),
        // Two batch and two contracting axes, all permuted.
        (&[2, 3, 2, 2, 2], &[2, 2, 2, 3, 2], [&[0, 2], &[4, 1], &[3, 1], &[0, 3]]),
        (&[2, 3, 1, 2], &[3, 2, 2, 1], [&[3], &[2], &[1, 2], &[0, 3]]),
        (&[0, 3], &[3, 2], [&[], &[], &[1], &[0]]),
        (&[2, 0], &[0, 3], [&[], &[], &[1], &[0]]),
        (&[2, 0, 3], &[0, 3, 2], [&[], &[], &[1, 2], &[0, 1]]),
        (&[0, 2], &[0, 2], [&[0], &[0], &[1], &[1]]),
        // More than the registers of a kernel hold.
        (&[70, 33], &[33, 65], [&[], &[], &[1], &[0]]),
        (&[3, 20, 9], &[9, 3, 17], [&[0], &[1], &[2], &[0]]),
        (&[9, 40, 3], &[40, 9, 7], [&[0], &[1], &[1], &[0]]),
        (&[5, 3, 40], &[40, 2, 11], [&[], &[], &[2], &[0]]),
    ];
    products
        .into_iter()
        .map(|(lhs, rhs, [lhs_batch, rhs_batch, lhs_contract, rhs_contract])| {
            let op = DotGeneral {
                lhs_batch: lhs_batch.into(),
                rhs_batch: rhs_batch.into(),
                lhs_contract: lhs_contract.into(),
                rhs_contract: rhs_contract.into(),
            };
            Case::new(op, [of.real(lhs), of.real(rhs)])
        })
        .collect()
}
