//! Places of the extrema of sliding windows.

use std::hint::select_unpredictable as select;
use std::marker::PhantomData;

use super::plan::Plan;
use crate::exec::kernel::scratch::with_scratch;
use crate::exec::{Kernel, Strided, Threads};
use crate::math::run;
use crate::primitive::{Reducer, WindowArg};
use crate::{DType, Float};

/// The place of no element, behind all others.
const NOWHERE: i32 = i32::MAX;

struct Placed<T> {
    plan: Plan,
    largest: bool,
    float: PhantomData<T>,
}

/// Places of the extrema of windows over `input`.
pub(crate) fn window_arg(op: &WindowArg, input: &Strided) -> Box<dyn Kernel> {
    let plan = Plan::new(&op.window, input, op.leading);
    let largest = op.reducer == Reducer::Max;
    match input.dtype {
        DType::F32 => Box::new(Placed::<f32> { plan, largest, float: PhantomData }),
        _ => Box::new(Placed::<f64> { plan, largest, float: PhantomData }),
    }
}

impl<T: Float> Kernel for Placed<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let x: &[T] = bytemuck::cast_slice(inputs[0]);
        self.plan.share(bytemuck::cast_slice_mut(out), threads, |first, out| match self.largest {
            true => part::<T, true>(&self.plan, x, first, out),
            false => part::<T, false>(&self.plan, x, first, out),
        });
    }
}

fn part<T: Float, const LARGEST: bool>(plan: &Plan, x: &[T], first: usize, out: &mut [i32]) {
    let (positions, windows) = (plan.tile() * plan.pitch + plan.slack(), plan.tile() * plan.spacing());
    with_scratch(positions + windows, positions + windows, |values: &mut [T], places| {
        let (line, windows) = values.split_at_mut(positions);
        let (line_places, window_places) = places.split_at_mut(positions);
        let (line, windows) = ((line, line_places), (windows, window_places));
        run(Part::<T, LARGEST> { plan, x, first, out, line, windows });
    });
}

/// Extrema and their places.
type Holders<'a, T> = (&'a mut [T], &'a mut [i32]);

/// Rows of places from `first` on, to be compiled for each instruction set.
struct Part<'a, T, const LARGEST: bool> {
    plan: &'a Plan,
    x: &'a [T],
    first: usize,
    out: &'a mut [i32],
    /// At each position of the rows of a tile.
    line: Holders<'a, T>,
    /// Of the windows of a tile.
    windows: Holders<'a, T>,
}

impl<T: Float, const LARGEST: bool> pulp::NullaryFnOnce for Part<'_, T, LARGEST> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { plan, x, first, out, line, windows } = self;
        let (tile, pitch, spacing, w) = (plan.tile(), plan.pitch, plan.spacing(), plan.window);
        let worst = if LARGEST { T::neg_infinity() } else { T::infinity() };
        for (i, block) in out.chunks_mut(tile * plan.width).enumerate() {
            let rows = block.len() / plan.width;
            line.0.fill(worst);
            line.1.fill(NOWHERE);
            plan.for_each(first + i * tile, rows, |r, met| {
                let start = r * pitch + plan.elements.first;
                let (values, places) = (&mut line.0[start..], &mut line.1[start..]);
                met.each(|position, place| take::<T, LARGEST>(plan, (values, places), x, position, place));
            });
            let (values, places) = (&mut windows.0[..rows * spacing], &mut windows.1[..rows * spacing]);
            values.fill(worst);
            places.fill(NOWHERE);
            for j in 0..w.size {
                let at = j * w.window_dilation;
                let line = (&line.0[at..], &line.1[at..]);
                match w.stride {
                    1 => join::<T, LARGEST, 1>((values, places), line),
                    2 => join::<T, LARGEST, 2>((values, places), line),
                    3 => join::<T, LARGEST, 3>((values, places), line),
                    stride => {
                        let line = line.0.iter().zip(line.1).step_by(stride);
                        for ((v, p), (&x, &at)) in values.iter_mut().zip(&mut *places).zip(line) {
                            (*v, *p) = better::<T, LARGEST>((*v, *p), (x, at));
                        }
                    }
                }
            }
            for (out, places) in block.chunks_exact_mut(plan.width).zip(places.chunks_exact(spacing)) {
                out.iter_mut().zip(places).for_each(|(o, &p)| *o = select(p == NOWHERE, -1, p));
            }
        }
    }
}

/// Lets a row of the operand challenge what stands at its elements' positions.
#[inline(always)]
fn take<T: Float, const LARGEST: bool>(
    plan: &Plan,
    (values, places): Holders<T>,
    x: &[T],
    position: isize,
    place: i32,
) {
    let elements = plan.elements;
    let from = position + elements.element as isize * plan.stride;
    let first = place + elements.element as i32 * plan.place;
    if elements.step == 1 && plan.stride == 1 {
        let x = &x[from as usize..][..elements.count];
        let holders = values[..elements.count].iter_mut().zip(&mut places[..elements.count]);
        for (i, ((v, p), &x)) in holders.zip(x).enumerate() {
            (*v, *p) = better::<T, LARGEST>((*v, *p), (x, first + i as i32 * plan.place));
        }
    } else {
        let holders = values.iter_mut().zip(places).step_by(elements.step).take(elements.count);
        for (i, (v, p)) in holders.enumerate() {
            let x = x[(from + i as isize * plan.stride) as usize];
            (*v, *p) = better::<T, LARGEST>((*v, *p), (x, first + i as i32 * plan.place));
        }
    }
}

/// Lets the first of every `STRIDE` positions challenge the best of its window so far.
#[inline(always)]
fn join<T: Float, const LARGEST: bool, const STRIDE: usize>(
    (values, places): Holders<T>,
    line: (&[T], &[i32]),
) {
    let last = values.len() - 1;
    let end = last * STRIDE;
    let holders = values[..last].iter_mut().zip(&mut places[..last]);
    let challengers = line.0[..end].as_chunks::<STRIDE>().0.iter().zip(line.1[..end].as_chunks::<STRIDE>().0);
    for ((v, p), (x, at)) in holders.zip(challengers) {
        (*v, *p) = better::<T, LARGEST>((*v, *p), (x[0], at[0]));
    }
    (values[last], places[last]) =
        better::<T, LARGEST>((values[last], places[last]), (line.0[end], line.1[end]));
}

/// The better of two elements: a NaN, the larger (or smaller) one, the one with the lower place.
#[inline(always)]
fn better<T: Float, const LARGEST: bool>(holder: (T, i32), challenger: (T, i32)) -> (T, i32) {
    let (b, v) = (holder.0, challenger.0);
    let ahead = if LARGEST { v > b } else { v < b };
    let (nan, held_nan) = (v.is_nan(), b.is_nan());
    let tied = (v == b) | (nan & held_nan);
    let wins = ahead | (nan & !held_nan) | (tied & (challenger.1 < holder.1));
    (select(wins, v, b), select(wins, challenger.1, holder.1))
}
