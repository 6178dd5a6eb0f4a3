//! What every primitive means, written down once more: plain index arithmetic in doubles.
//!
//! The match over [`Op`] has no default arm: a new primitive does not compile
//! until its meaning stands here too.

pub mod convolution;
mod indexed;
mod order;
mod scalar;
mod window;

use thalweg_graph::DType;
use thalweg_graph::primitive::{DotGeneral, Op, Pad, Reduce, Reducer, Slice};

use crate::array::{Array, flat, indices};

/// The result of a primitive, its shape included.
pub fn reference(op: &Op, args: &[&Array]) -> Array {
    match op {
        Op::Input(_) => unreachable!("inputs are given"),
        Op::Constant(literal) => {
            let data = match literal.ty().dtype {
                DType::F32 => literal.elements::<f32>().iter().map(|&x| f64::from(x)).collect(),
                DType::F64 => literal.elements::<f64>().to_vec(),
                DType::I32 => literal.elements::<i32>().iter().map(|&x| f64::from(x)).collect(),
                DType::Bool => literal.elements::<u8>().iter().map(|&x| f64::from(x)).collect(),
            };
            Array::new(literal.ty(), data)
        }
        Op::Iota(iota) => Array::from_fn(iota.ty.dtype, &iota.ty.shape, |index| index[iota.axis] as f64),
        Op::Unary(f) => {
            let dtype =
                if *f == thalweg_graph::primitive::Unary::IsFinite { DType::Bool } else { args[0].ty.dtype };
            map(dtype, args, |x| match args[0].ty.dtype {
                DType::I32 => f64::from(scalar::negate_or_sign(*f, x[0] as i32)),
                _ => scalar::unary(*f, x[0]),
            })
        }
        Op::Binary(f) => {
            let dtype = args[0].ty.dtype;
            map(dtype, args, |x| match dtype {
                DType::I32 => f64::from(scalar::integer(*f, x[0] as i32, x[1] as i32)),
                _ => scalar::binary(*f, x[0], x[1]),
            })
        }
        Op::Compare(compare) => map(DType::Bool, args, |x| scalar::compare(compare.0, x[0], x[1])),
        Op::Select(_) => map(args[1].ty.dtype, args, |x| if x[0] != 0.0 { x[1] } else { x[2] }),
        Op::Convert(convert) => map(convert.0, args, |x| scalar::convert(convert.0, x[0])),
        Op::BroadcastInDim(op) => Array::from_fn(args[0].ty.dtype, &op.shape, |index| {
            let from: Vec<usize> = op
                .axes
                .iter()
                .zip(args[0].shape())
                .map(|(&axis, &size)| if size == 1 { 0 } else { index[axis] })
                .collect();
            args[0].at(&from)
        }),
        Op::Reshape(op) => Array::new(&args[0].ty.with_shape(op.0.iter().copied()), args[0].data.clone()),
        Op::Transpose(op) => {
            let shape: Vec<usize> = op.0.iter().map(|&a| args[0].shape()[a]).collect();
            Array::from_fn(args[0].ty.dtype, &shape, |index| {
                let mut from = vec![0; index.len()];
                op.0.iter().zip(index).for_each(|(&a, &i)| from[a] = i);
                args[0].at(&from)
            })
        }
        Op::Reverse(op) => Array::from_fn(args[0].ty.dtype, args[0].shape(), |index| {
            let turned = |(a, &i): (usize, &usize)| {
                if op.0.contains(&a) { args[0].shape()[a] - 1 - i } else { i }
            };
            args[0].at(&index.iter().enumerate().map(turned).collect::<Vec<_>>())
        }),
        Op::Slice(op) => slice(op, args[0]),
        Op::Pad(op) => pad(op, args[0], args[1]),
        Op::Concatenate(op) => {
            let mut shape = args[0].shape().to_vec();
            shape[op.axis] = args.iter().map(|a| a.shape()[op.axis]).sum();
            Array::from_fn(args[0].ty.dtype, &shape, |index| {
                let mut index = index.to_vec();
                let mut part = 0;
                while index[op.axis] >= args[part].shape()[op.axis] {
                    index[op.axis] -= args[part].shape()[op.axis];
                    part += 1;
                }
                args[part].at(&index)
            })
        }
        Op::Reduce(op) => reduce(op, args[0]),
        Op::ReduceWindow(op) => window::reduce(op, args[0]),
        Op::WindowArg(op) => window::places(op, args[0]),
        Op::CumSum(op) => order::cumsum(op, args[0]),
        Op::ArgSort(op) => order::arg_sort(op, args[0]),
        Op::Uniform(op) => order::uniform(op, args[0]),
        Op::ArgMax(op) => {
            let mut shape = args[0].shape().to_vec();
            let size = shape.remove(op.axis);
            Array::from_fn(DType::I32, &shape, |index| {
                let line: Vec<f64> = (0..size)
                    .map(|i| {
                        let mut from = index.to_vec();
                        from.insert(op.axis, i);
                        args[0].at(&from)
                    })
                    .collect();
                let nan = line.iter().position(|x| x.is_nan());
                let largest = line.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                nan.or(line.iter().position(|&x| x == largest)).expect("a maximum") as f64
            })
        }
        Op::Gather(op) => indexed::gather(op, args[0], args[1]),
        Op::ScatterAdd(op) => indexed::scatter_add(op, args[0], args[1], args[2]),
        Op::DotGeneral(op) => dot(op, args[0], args[1]),
        Op::Convolution(op) => convolution::convolution(op, args[0], args[1], convolution::Holes::Zeros),
    }
}

fn map(dtype: DType, args: &[&Array], f: impl Fn(&[f64]) -> f64) -> Array {
    Array::from_fn(dtype, args[0].shape(), |index| f(&args.iter().map(|a| a.at(index)).collect::<Vec<_>>()))
}

fn slice(op: &Slice, x: &Array) -> Array {
    let line = |axis: usize| (op.start[axis]..op.limit[axis]).step_by(op.stride[axis]);
    let shape: Vec<usize> = (0..op.start.len()).map(|axis| line(axis).count()).collect();
    Array::from_fn(x.ty.dtype, &shape, |index| {
        x.at(&index.iter().enumerate().map(|(a, &i)| op.start[a] + i * op.stride[a]).collect::<Vec<_>>())
    })
}

fn pad(op: &Pad, x: &Array, value: &Array) -> Array {
    let axes = 0..x.shape().len();
    let shape: Vec<usize> = axes
        .clone()
        .map(|a| {
            let spread = (x.shape()[a] + x.shape()[a].saturating_sub(1) * op.interior[a]) as i64;
            usize::try_from(op.low[a] + spread + op.high[a]).expect("a size")
        })
        .collect();
    let mut out = Array::from_fn(x.ty.dtype, &shape, |_| value.data[0]);
    for index in indices(x.shape()) {
        let to: Option<Vec<usize>> = axes
            .clone()
            .map(|a| usize::try_from(op.low[a] + (index[a] * (op.interior[a] + 1)) as i64).ok())
            .collect();
        if let Some(at) = to.and_then(|to| flat(&shape, &to)) {
            out.data[at] = x.at(&index);
        }
    }
    out
}

fn reduce(op: &Reduce, x: &Array) -> Array {
    let kept: Vec<usize> = (0..x.shape().len()).filter(|a| !op.axes.contains(a)).collect();
    let shape: Vec<usize> = kept.iter().map(|&a| x.shape()[a]).collect();
    let start = match op.reducer {
        Reducer::Sum => 0.0,
        Reducer::Max => f64::NEG_INFINITY,
        Reducer::Min => f64::INFINITY,
    };
    let mut out = Array::from_fn(x.ty.dtype, &shape, |_| start);
    for index in indices(x.shape()) {
        let to: Vec<usize> = kept.iter().map(|&a| index[a]).collect();
        let total = &mut out.data[flat(&shape, &to).expect("inside")];
        *total = match op.reducer {
            Reducer::Sum => *total + x.at(&index),
            Reducer::Max => scalar::maximum(*total, x.at(&index)),
            Reducer::Min => -scalar::maximum(-*total, -x.at(&index)),
        };
    }
    Array::new(&out.ty.clone(), out.data)
}

fn dot(op: &DotGeneral, lhs: &Array, rhs: &Array) -> Array {
    let sizes = |x: &Array, axes: &[usize]| axes.iter().map(|&a| x.shape()[a]).collect::<Vec<_>>();
    let free = |x: &Array, batch: &[usize], contract: &[usize]| -> Vec<usize> {
        (0..x.shape().len()).filter(|a| !batch.contains(a) && !contract.contains(a)).collect()
    };
    let lhs_free = free(lhs, &op.lhs_batch, &op.lhs_contract);
    let rhs_free = free(rhs, &op.rhs_batch, &op.rhs_contract);
    let (batch, rows) = (op.lhs_batch.len(), lhs_free.len());
    let shape = [sizes(lhs, &op.lhs_batch), sizes(lhs, &lhs_free), sizes(rhs, &rhs_free)].concat();
    let sums = sizes(lhs, &op.lhs_contract);
    Array::from_fn(lhs.ty.dtype, &shape, |index| {
        let place = |x: &Array, parts: [(&[usize], &[usize]); 3]| {
            let mut at = vec![0; x.shape().len()];
            for (axes, index) in parts {
                axes.iter().zip(index).for_each(|(&a, &i)| at[a] = i);
            }
            x.at(&at)
        };
        indices(&sums)
            .map(|k| {
                let (b, m, n) = (&index[..batch], &index[batch..batch + rows], &index[batch + rows..]);
                place(lhs, [(&op.lhs_batch, b), (&lhs_free, m), (&op.lhs_contract, &k)])
                    * place(rhs, [(&op.rhs_batch, b), (&rhs_free, n), (&op.rhs_contract, &k)])
            })
            .sum()
    })
}
