//! `dot_general` as a contraction of strided operands.

use std::cmp::Reverse;

use super::contraction::{Axes, Contraction, Loop, Loops};
use crate::exec::{Eval, Strided};
use crate::primitive::DotGeneral;
use crate::{DType, Type};

/// How the product is computed.
pub(crate) fn dot(op: &DotGeneral, args: &[Strided], out: &Type) -> Eval {
    let (start, axes) = axes(op, &args[0], &args[1], out);
    match out.dtype {
        DType::F32 => Eval::kernel(Contraction::<f32>::new(start, axes)),
        _ => Eval::kernel(Contraction::<f64>::new(start, axes)),
    }
}

fn axes(op: &DotGeneral, lhs: &Strided, rhs: &Strided, out: &Type) -> ([isize; 3], Axes) {
    let result = Strided::contiguous(out);
    let batch = op.lhs_batch.len();
    let (lhs_free, rhs_free) = (op.lhs_free(lhs.shape.len()), op.rhs_free(rhs.shape.len()));
    let both =
        |l: usize, r: usize, o: isize| Loop { size: lhs.shape[l], step: [lhs.strides[l], rhs.strides[r], o] };
    let pairs = op.lhs_batch.iter().zip(&op.rhs_batch).zip(&result.strides);
    let left = lhs_free.iter().zip(&result.strides[batch..]);
    let right = rhs_free.iter().zip(&result.strides[batch + lhs_free.len()..]);
    let mut sums: Loops =
        op.lhs_contract.iter().zip(&op.rhs_contract).map(|(&l, &r)| both(l, r, 0)).collect();
    sums.sort_by_key(|l| Reverse((l.step[0].abs(), l.step[1].abs())));
    let axes = Axes {
        batch: pairs.map(|((&l, &r), &o)| both(l, r, o)).collect(),
        left: left.map(|(&a, &o)| Loop { size: lhs.shape[a], step: [lhs.strides[a], 0, o] }).collect(),
        right: right.map(|(&a, &o)| Loop { size: rhs.shape[a], step: [0, rhs.strides[a], o] }).collect(),
        sums,
    };
    ([lhs.offset, rhs.offset, 0], axes)
}
