//! Position of the maximum along an axis.

use std::marker::PhantomData;

use crate::exec::strided::Walk;
use crate::exec::{Kernel, Strided, Threads};
use crate::{DType, Float};

struct ArgMax<T> {
    input: Strided,
    size: usize,
    stride: isize,
    float: PhantomData<T>,
}

pub(crate) fn arg_max(axis: usize, input: &Strided) -> Box<dyn Kernel> {
    let mut kept = input.clone();
    let (size, stride) = (kept.shape.remove(axis), kept.strides.remove(axis));
    match input.dtype {
        DType::F32 => Box::new(ArgMax::<f32> { input: kept, size, stride, float: PhantomData }),
        _ => Box::new(ArgMax::<f64> { input: kept, size, stride, float: PhantomData }),
    }
}

impl<T: Float> Kernel for ArgMax<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        let (x, out): (&[T], &mut [i32]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice_mut(out));
        let mut walk = Walk::new(&self.input.shape, &self.input.strides, self.input.offset, 0);
        for o in out {
            let at = |i: usize| x[(walk.position + i as isize * self.stride) as usize];
            let mut best = 0;
            for i in 1..self.size {
                let (candidate, holder) = (at(i), at(best));
                if candidate > holder || (candidate.is_nan() && !holder.is_nan()) {
                    best = i;
                }
            }
            *o = best as i32;
            walk.advance(1);
        }
    }
}
