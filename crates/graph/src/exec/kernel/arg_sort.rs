//! The order of the elements along an axis.

use std::cmp::Ordering;
use std::marker::PhantomData;

use super::scratch::with_scratch;
use crate::exec::strided::Walk;
use crate::exec::{Kernel, Strided, Threads};
use crate::primitive::ArgSort;
use crate::{DType, Float, Type};

struct Sorted<T> {
    descending: bool,
    /// The other axes of the argument and of the result.
    input: Strided,
    output: Strided,
    size: usize,
    stride: isize,
    /// Distance between neighbours in the result.
    step: usize,
    float: PhantomData<T>,
}

/// Positions along an axis of `input` in the order of their elements.
pub(crate) fn arg_sort(op: &ArgSort, input: &Strided, out: &Type) -> Box<dyn Kernel> {
    fn of<T: Float>(op: &ArgSort, input: &Strided, out: &Type) -> Box<dyn Kernel> {
        let (mut input, mut output) = (input.clone(), Strided::contiguous(out));
        let (size, stride) = (input.shape.remove(op.axis), input.strides.remove(op.axis));
        output.shape.remove(op.axis);
        let step = output.strides.remove(op.axis) as usize;
        let descending = op.descending;
        Box::new(Sorted::<T> { descending, input, output, size, stride, step, float: PhantomData })
    }
    match input.dtype {
        DType::F32 => of::<f32>(op, input, out),
        _ => of::<f64>(op, input, out),
    }
}

impl<T: Float> Kernel for Sorted<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        let (x, out): (&[T], &mut [i32]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice_mut(out));
        let Self { input, output, .. } = self;
        let mut from = Walk::new(&input.shape, &input.strides, input.offset, 0);
        let mut to = Walk::new(&output.shape, &output.strides, 0, 0);
        with_scratch(self.size, self.size, |line: &mut [T], order: &mut [i32]| {
            for _ in 0..out.len().checked_div(self.size).unwrap_or(0) {
                for (i, (v, o)) in line.iter_mut().zip(order.iter_mut()).enumerate() {
                    (*v, *o) = (x[(from.position + i as isize * self.stride) as usize], i as i32);
                }
                // No two positions are equal, so that every way of sorting is stable.
                order.sort_unstable_by(|&a, &b| {
                    let ahead = compare(line[a as usize], line[b as usize]);
                    (if self.descending { ahead.reverse() } else { ahead }).then(a.cmp(&b))
                });
                for (i, &o) in order.iter().enumerate() {
                    out[to.position as usize + i * self.step] = o;
                }
                from.advance(1);
                to.advance(1);
            }
        });
    }
}

/// The order of numbers, with NaN behind them.
fn compare<T: Float>(a: T, b: T) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}
