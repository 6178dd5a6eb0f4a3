//! Reductions over sliding windows.

mod place;
mod plan;

use std::marker::PhantomData;

pub(crate) use place::window_arg;
use plan::Plan;

use super::reduce::{Combine, Max, Min, Sum};
use super::scratch::with_scratch;
use crate::exec::{Kernel, Strided, Threads};
use crate::math::run;
use crate::primitive::{PoolWindow, Reducer};
use crate::{DType, Float, Type};

struct Reduced<T> {
    plan: Plan,
    reducer: Reducer,
    float: PhantomData<T>,
}

/// Reduces `input` over windows.
pub(crate) fn reduce_window(
    reducer: Reducer,
    window: &[PoolWindow],
    input: &Strided,
    out: &Type,
) -> Box<dyn Kernel> {
    let plan = Plan::new(window, input, window.len());
    match out.dtype {
        DType::F32 => Box::new(Reduced::<f32> { plan, reducer, float: PhantomData }),
        _ => Box::new(Reduced::<f64> { plan, reducer, float: PhantomData }),
    }
}

impl<T: Float> Kernel for Reduced<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let x: &[T] = bytemuck::cast_slice(inputs[0]);
        self.plan.share(bytemuck::cast_slice_mut(out), threads, |first, out| match self.reducer {
            Reducer::Sum => part::<T, Sum>(&self.plan, x, first, out),
            Reducer::Max => part::<T, Max>(&self.plan, x, first, out),
            Reducer::Min => part::<T, Min>(&self.plan, x, first, out),
        });
    }
}

fn part<T: Float, C: Combine<T>>(plan: &Plan, x: &[T], first: usize, out: &mut [T]) {
    let tile = plan.tile();
    let positions = tile * plan.pitch + plan.slack();
    with_scratch(positions, tile * plan.spacing(), |line, sums| {
        run(Part::<T, C> { plan, x, first, out, line, sums });
    });
}

/// Rows of results from `first` on, to be compiled for each instruction set.
struct Part<'a, T: Float, C: Combine<T>> {
    plan: &'a Plan,
    x: &'a [T],
    first: usize,
    out: &'a mut [T],
    /// Partial results at each position of the rows of a tile.
    line: &'a mut [C::Partial],
    /// Partial results of the windows of a tile.
    sums: &'a mut [C::Partial],
}

impl<T: Float, C: Combine<T>> pulp::NullaryFnOnce for Part<'_, T, C> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { plan, x, first, out, line, sums } = self;
        let (tile, pitch, spacing, w) = (plan.tile(), plan.pitch, plan.spacing(), plan.window);
        for (i, block) in out.chunks_mut(tile * plan.width).enumerate() {
            let rows = block.len() / plan.width;
            line.fill(C::start());
            plan.for_each(first + i * tile, rows, |r, met| {
                let row = &mut line[r * pitch..][plan.elements.first..];
                met.each(|position, _| take::<T, C>(plan, row, x, position));
            });
            let sums = &mut sums[..rows * spacing];
            let partial = if w.size == 1 && w.stride == 1 {
                &line[..rows * spacing]
            } else {
                sums.fill(C::start());
                for j in 0..w.size {
                    let line = &line[j * w.window_dilation..];
                    match w.stride {
                        1 => join::<T, C, 1>(sums, line),
                        2 => join::<T, C, 2>(sums, line),
                        3 => join::<T, C, 3>(sums, line),
                        stride => sums
                            .iter_mut()
                            .zip(line.iter().step_by(stride))
                            .for_each(|(p, &q)| *p = C::join(*p, q)),
                    }
                }
                sums
            };
            for (out, partial) in block.chunks_exact_mut(plan.width).zip(partial.chunks_exact(spacing)) {
                out.iter_mut().zip(partial).for_each(|(o, &p)| *o = C::finish(p));
            }
        }
    }
}

/// Combines a row of the operand with what stands at its elements' positions.
#[inline(always)]
fn take<T: Float, C: Combine<T>>(plan: &Plan, row: &mut [C::Partial], x: &[T], position: isize) {
    let elements = plan.elements;
    let from = position + elements.element as isize * plan.stride;
    if elements.step == 1 && plan.stride == 1 {
        let x = &x[from as usize..][..elements.count];
        row[..elements.count].iter_mut().zip(x).for_each(|(p, &v)| *p = C::take(*p, v));
    } else {
        for (i, p) in row.iter_mut().step_by(elements.step).take(elements.count).enumerate() {
            *p = C::take(*p, x[(from + i as isize * plan.stride) as usize]);
        }
    }
}

/// Combines each partial result with the first of every `STRIDE` others.
#[inline(always)]
fn join<T: Float, C: Combine<T>, const STRIDE: usize>(partial: &mut [C::Partial], line: &[C::Partial]) {
    let Some((last, partial)) = partial.split_last_mut() else { return };
    let end = partial.len() * STRIDE;
    for (p, v) in partial.iter_mut().zip(line[..end].as_chunks::<STRIDE>().0) {
        *p = C::join(*p, v[0]);
    }
    *last = C::join(*last, line[end]);
}
