//! Running sums along an axis.

use std::marker::PhantomData;

use crate::exec::strided::{Strides, Walk};
use crate::exec::{Kernel, Strided, Threads};
use crate::primitive::CumSum;
use crate::{DType, Element, Shape};

/// Lines that are summed side by side.
const TILE: usize = 64;

struct Running<T> {
    op: CumSum,
    /// Axes before the summed one, and after it.
    outer: (Shape, Strides),
    inner: (Shape, Strides),
    offset: isize,
    size: usize,
    stride: isize,
    number: PhantomData<T>,
}

/// Running sums of `input`.
pub(crate) fn cumsum(op: &CumSum, input: &Strided) -> Box<dyn Kernel> {
    fn of<T: Sums>(op: CumSum, input: &Strided) -> Box<dyn Kernel> {
        let part = |from: usize, to: usize| (input.shape[from..to].into(), input.strides[from..to].into());
        Box::new(Running::<T> {
            op,
            outer: part(0, op.axis),
            inner: part(op.axis + 1, input.shape.len()),
            offset: input.offset,
            size: input.shape[op.axis],
            stride: input.strides[op.axis],
            number: PhantomData,
        })
    }
    match input.dtype {
        DType::F32 => of::<f32>(*op, input),
        DType::F64 => of::<f64>(*op, input),
        _ => of::<i32>(*op, input),
    }
}

/// Numbers with the type that their sums are kept in.
trait Sums: Element {
    type Sum: Element + Default;
    fn plus(sum: Self::Sum, x: Self) -> Self::Sum;
    fn finish(sum: Self::Sum) -> Self;
}

impl Sums for f32 {
    type Sum = f64;
    fn plus(sum: f64, x: f32) -> f64 {
        sum + f64::from(x)
    }
    fn finish(sum: f64) -> f32 {
        sum as f32
    }
}

impl Sums for f64 {
    type Sum = f64;
    fn plus(sum: f64, x: f64) -> f64 {
        sum + x
    }
    fn finish(sum: f64) -> f64 {
        sum
    }
}

impl Sums for i32 {
    type Sum = i32;
    fn plus(sum: i32, x: i32) -> i32 {
        sum.wrapping_add(x)
    }
    fn finish(sum: i32) -> i32 {
        sum
    }
}

impl<T: Sums> Kernel for Running<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        let (x, out): (&[T], &mut [T]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice_mut(out));
        if out.is_empty() {
            return;
        }
        let width: usize = self.inner.0.iter().product();
        let mut outer = Walk::new(&self.outer.0, &self.outer.1, self.offset, 0);
        for block in out.chunks_exact_mut(self.size * width) {
            let mut inner = Walk::new(&self.inner.0, &self.inner.1, outer.position, 0);
            for first in (0..width).step_by(TILE) {
                let lines = TILE.min(width - first);
                let mut starts = [0; TILE];
                for start in &mut starts[..lines] {
                    *start = inner.position;
                    inner.advance(1);
                }
                self.tile(x, &starts[..lines], &mut block[first..], width);
            }
            outer.advance(1);
        }
    }
}

impl<T: Sums> Running<T> {
    /// Lines of `x` that begin at `starts`, into neighbouring columns of `out`, which has rows of `width`.
    fn tile(&self, x: &[T], starts: &[isize], out: &mut [T], width: usize) {
        let mut sums = [T::Sum::default(); TILE];
        for step in 0..self.size {
            let i = if self.op.reverse { self.size - 1 - step } else { step };
            let out = &mut out[i * width..][..starts.len()];
            for ((o, sum), start) in out.iter_mut().zip(&mut sums).zip(starts) {
                let next = T::plus(*sum, x[(start + i as isize * self.stride) as usize]);
                *o = T::finish(if self.op.exclusive { *sum } else { next });
                *sum = next;
            }
        }
    }
}
