//! Padding and concatenation: strided copies into parts of the result.

use smallvec::SmallVec;

use crate::exec::strided::{Collapsed, Strides, Walk, collapse};
use crate::exec::{Kernel, Strided, Threads};
use crate::primitive::Pad;
use crate::{DType, Type};

/// Copies part of an argument into part of the result.
struct Copy {
    input: usize,
    from: isize,
    to: isize,
    /// Strides of the argument and of the result.
    axes: Collapsed,
}

struct Joined {
    dtype: DType,
    /// Argument and position of a value that fills the result first.
    fill: Option<(usize, isize)>,
    copies: SmallVec<[Copy; 2]>,
}

pub(crate) fn concatenate(axis: usize, args: &[Strided], out: &Type) -> impl Kernel + use<> {
    let whole = Strided::contiguous(out);
    let mut start = 0;
    let copies = args
        .iter()
        .enumerate()
        .map(|(input, arg)| {
            let to = start * whole.strides[axis];
            start += arg.shape[axis] as isize;
            Copy { input, from: arg.offset, to, axes: collapse(&arg.shape, &[&arg.strides, &whole.strides]) }
        })
        .collect();
    Joined { dtype: out.dtype, fill: None, copies }
}

pub(crate) fn pad(op: &Pad, args: &[Strided], out: &Type) -> impl Kernel + use<> {
    let (arg, whole) = (&args[0], Strided::contiguous(out));
    let (mut from, mut to) = (arg.offset, 0);
    let mut sizes = arg.shape.clone();
    let mut strides = Strides::new();
    for axis in 0..sizes.len() {
        // Elements that cropping removes: those that would land before 0 or behind the end.
        let step = op.interior[axis] as i64 + 1;
        let first = if op.low[axis] < 0 { (-op.low[axis] + step - 1) / step } else { 0 };
        let room = out.shape[axis] as i64 - op.low[axis];
        let end = if room <= 0 { 0 } else { ((room - 1) / step + 1).min(arg.shape[axis] as i64) };
        sizes[axis] = (end - first).max(0) as usize;
        from += first as isize * arg.strides[axis];
        to += (op.low[axis] + first * step) as isize * whole.strides[axis];
        strides.push(step as isize * whole.strides[axis]);
    }
    let mut copies = SmallVec::new();
    if sizes.iter().all(|&s| s > 0) {
        copies.push(Copy { input: 0, from, to, axes: collapse(&sizes, &[&arg.strides, &strides]) });
    }
    Joined { dtype: out.dtype, fill: Some((1, args[1].offset)), copies }
}

impl Kernel for Joined {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        match self.dtype.size() {
            1 => self.copy::<u8>(inputs, out),
            4 => self.copy::<u32>(inputs, out),
            _ => self.copy::<u64>(inputs, out),
        }
    }
}

impl Joined {
    fn copy<T: bytemuck::Pod>(&self, inputs: &[&[u8]], out: &mut [u8]) {
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        if let Some((input, at)) = self.fill {
            out.fill(bytemuck::cast_slice::<u8, T>(inputs[input])[at as usize]);
        }
        for part in &self.copies {
            let from: &[T] = bytemuck::cast_slice(inputs[part.input]);
            let sizes = &part.axes.sizes;
            let count: usize = sizes.iter().product();
            let run = *sizes.last().unwrap_or(&1);
            let last = |i: usize| *part.axes.strides[i].last().unwrap_or(&1);
            let (from_step, to_step) = (last(0), last(1));
            let mut source = Walk::new(sizes, &part.axes.strides[0], part.from, 0);
            let mut target = Walk::new(sizes, &part.axes.strides[1], part.to, 0);
            for _ in 0..count.checked_div(run).unwrap_or(0) {
                let (s, t) = (source.position, target.position);
                if from_step == 1 && to_step == 1 {
                    out[t as usize..t as usize + run].copy_from_slice(&from[s as usize..s as usize + run]);
                } else {
                    for i in 0..run as isize {
                        out[(t + i * to_step) as usize] = from[(s + i * from_step) as usize];
                    }
                }
                source.advance(run);
                target.advance(run);
            }
        }
    }
}
