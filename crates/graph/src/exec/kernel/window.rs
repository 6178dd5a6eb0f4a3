//! Reductions over sliding windows, and the places of their extrema.
//!
//! Results are computed row by row along the last axis: for each row of the
//! operand that the windows meet, and each place of the window along the row, one
//! loop over the results.

use std::hint::select_unpredictable as select;
use std::marker::PhantomData;

use smallvec::SmallVec;

use super::reduce::{Combine, Max, Min, Sum};
use crate::exec::strided::{Strides, Walk};
use crate::exec::{Kernel, Strided, Threads};
use crate::math::run;
use crate::primitive::{PoolWindow, Progression, Reducer, WindowArg};
use crate::{DType, Float, Shape, Type};

/// Results that one thread computes at a time, at least.
const SHARE: usize = 1 << 13;

/// An axis between the leading ones and the last.
struct Middle {
    /// For each result the elements in its window.
    windows: Vec<Progression>,
    /// Distance between neighbouring elements in the buffer, and of their places.
    stride: isize,
    place: i32,
}

/// Where the elements of each window are.
struct Plan {
    offset: isize,
    /// Axes of single windows before all others.
    leading: Shape,
    strides: Strides,
    middle: Vec<Middle>,
    /// Results along the last axis; distance between its elements, and of their places.
    width: usize,
    stride: isize,
    place: i32,
    /// For each place of the window along the last axis, the results that have an element there.
    taps: Vec<Progression>,
}

/// An axis of the operand; neighbours with single windows are joined where the strides allow.
struct Axis {
    size: usize,
    stride: isize,
    place: i32,
    window: PoolWindow,
}

impl Plan {
    /// Places are counted from axis `counted` on.
    fn new(window: &[PoolWindow], input: &Strided, counted: usize) -> Self {
        let mut axes: SmallVec<[Axis; 4]> = SmallVec::new();
        let mut place = 1;
        for (i, &window) in window.iter().enumerate().rev() {
            let (size, stride) = (input.shape[i], input.strides[i]);
            match axes.last_mut() {
                Some(next)
                    if window.is_single()
                        && next.window.is_single()
                        && stride == next.stride * next.size as isize
                        && (i >= counted || counted > i + 1) =>
                {
                    next.size *= size;
                }
                _ => axes.push(Axis { size, stride, place: if i < counted { 0 } else { place }, window }),
            }
            place = if i < counted { 0 } else { (place as usize * size) as i32 };
        }
        axes.reverse();
        let last = axes.pop().unwrap_or(Axis { size: 1, stride: 1, place: 0, window: PoolWindow::SINGLE });
        let leading = axes.iter().take_while(|a| a.window.is_single() && a.place == 0).count();
        let count = |axis: &Axis| axis.window.count(axis.size).expect("windows that fit");
        let width = count(&last);
        Self {
            offset: input.offset,
            leading: axes[..leading].iter().map(|a| a.size).collect(),
            strides: axes[..leading].iter().map(|a| a.stride).collect(),
            middle: axes[leading..]
                .iter()
                .map(|axis| Middle {
                    windows: (0..count(axis)).map(|o| axis.window.elements(o, axis.size)).collect(),
                    stride: axis.stride,
                    place: axis.place,
                })
                .collect(),
            width,
            stride: last.stride,
            place: last.place,
            taps: (0..last.window.size)
                .map(|j| last.window.places(j, last.size, width))
                .filter(|tap| tap.count > 0)
                .collect(),
        }
    }

    /// Rows of results for each position along the leading axes.
    fn rows(&self) -> usize {
        self.middle.iter().map(|m| m.windows.len()).product()
    }

    /// Calls `row` for each row of results from the `first` on, with the rows of
    /// the operand that its windows meet: position in the buffer and place.
    #[inline(always)]
    fn for_each<R>(
        &self,
        first: usize,
        rows: impl Iterator<Item = R>,
        mut row: impl FnMut(R, &[(isize, i32)]),
    ) {
        let count = self.rows().max(1);
        let mut lead = Walk::new(&self.leading, &self.strides, self.offset, first / count);
        let mut at = first % count;
        let mut met: SmallVec<[(isize, i32); 16]> = SmallVec::new();
        let mut next: SmallVec<[(isize, i32); 16]> = SmallVec::new();
        for r in rows {
            met.clear();
            met.push((lead.position, 0));
            let mut rest = count;
            for axis in &self.middle {
                rest /= axis.windows.len();
                let elements = axis.windows[at / rest % axis.windows.len()];
                next.clear();
                for &(position, place) in &met {
                    next.extend((0..elements.count).map(|t| {
                        let element = elements.element + t * elements.advance;
                        (position + element as isize * axis.stride, place + element as i32 * axis.place)
                    }));
                }
                std::mem::swap(&mut met, &mut next);
            }
            row(r, &met);
            at += 1;
            if at == count {
                at = 0;
                lead.advance(1);
            }
        }
    }

    /// Cuts the results into whole rows for the threads.
    fn share<O: Send>(&self, out: &mut [O], threads: &Threads, work: impl Fn(usize, &mut [O]) + Sync + Send) {
        if out.is_empty() {
            return;
        }
        let rows = SHARE.div_ceil(self.width);
        let parts = out.chunks_mut(rows * self.width).enumerate().collect();
        threads.for_each(parts, |(i, part)| work(i * rows, part));
    }
}

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
        let plan = &self.plan;
        plan.share(bytemuck::cast_slice_mut(out), threads, |first, out| match self.reducer {
            Reducer::Sum => run(Reduction::<T, Sum> { plan, x, first, out, combine: PhantomData }),
            Reducer::Max => run(Reduction::<T, Max> { plan, x, first, out, combine: PhantomData }),
            Reducer::Min => run(Reduction::<T, Min> { plan, x, first, out, combine: PhantomData }),
        });
    }
}

/// Rows of results from `first` on, to be compiled for each instruction set.
struct Reduction<'a, T, C> {
    plan: &'a Plan,
    x: &'a [T],
    first: usize,
    out: &'a mut [T],
    combine: PhantomData<C>,
}

impl<T: Float, C: Combine<T>> pulp::NullaryFnOnce for Reduction<'_, T, C> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let plan = self.plan;
        let mut partial = vec![C::start(); plan.width];
        plan.for_each(self.first, self.out.chunks_exact_mut(plan.width), |out, met| {
            partial.fill(C::start());
            for &(row, _) in met {
                for tap in &plan.taps {
                    let from = row + tap.element as isize * plan.stride;
                    let step = tap.advance as isize * plan.stride;
                    match (tap.step, step) {
                        (1, 1) => {
                            along::<T, C, 1>(&mut partial[tap.first..][..tap.count], &self.x[from as usize..])
                        }
                        (1, 2) => {
                            along::<T, C, 2>(&mut partial[tap.first..][..tap.count], &self.x[from as usize..])
                        }
                        _ => {
                            for i in 0..tap.count {
                                let p = &mut partial[tap.first + i * tap.step];
                                *p = C::take(*p, self.x[(from + i as isize * step) as usize]);
                            }
                        }
                    }
                }
            }
            for (o, &p) in out.iter_mut().zip(&partial) {
                *o = C::finish(p);
            }
        });
    }
}

/// Combines each partial result with the next of every `STEP`-th element.
#[inline(always)]
fn along<T: Float, C: Combine<T>, const STEP: usize>(partial: &mut [C::Partial], x: &[T]) {
    let Some((last, partial)) = partial.split_last_mut() else { return };
    let end = partial.len() * STEP;
    for (p, v) in partial.iter_mut().zip(x[..end].as_chunks::<STEP>().0) {
        *p = C::take(*p, v[0]);
    }
    *last = C::take(*last, x[end]);
}

struct Placed<T> {
    plan: Plan,
    largest: bool,
    float: PhantomData<T>,
}

/// Places of the extrema of windows over `input`.
pub(crate) fn window_arg(op: &WindowArg, input: &Strided, _: &Type) -> Box<dyn Kernel> {
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
        let plan = &self.plan;
        plan.share(bytemuck::cast_slice_mut(out), threads, |first, out| match self.largest {
            true => run(Places::<T, true> { plan, x, first, out }),
            false => run(Places::<T, false> { plan, x, first, out }),
        });
    }
}

/// Rows of places from `first` on, to be compiled for each instruction set.
struct Places<'a, T, const LARGEST: bool> {
    plan: &'a Plan,
    x: &'a [T],
    first: usize,
    out: &'a mut [i32],
}

impl<T: Float, const LARGEST: bool> pulp::NullaryFnOnce for Places<'_, T, LARGEST> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let plan = self.plan;
        let mut best = vec![T::zero(); plan.width];
        plan.for_each(self.first, self.out.chunks_exact_mut(plan.width), |places, met| {
            places.fill(-1);
            for &(row, place) in met {
                for tap in &plan.taps {
                    let from = row + tap.element as isize * plan.stride;
                    let step = tap.advance as isize * plan.stride;
                    let place = place + tap.element as i32 * plan.place;
                    let advance = tap.advance as i32 * plan.place;
                    let (best, places) = (&mut best[tap.first..], &mut places[tap.first..]);
                    match (tap.step, step) {
                        (1, 1) => challenge::<T, LARGEST, 1>(
                            best,
                            places,
                            tap.count,
                            &self.x[from as usize..],
                            place,
                            advance,
                        ),
                        (1, 2) => challenge::<T, LARGEST, 2>(
                            best,
                            places,
                            tap.count,
                            &self.x[from as usize..],
                            place,
                            advance,
                        ),
                        _ => {
                            for i in 0..tap.count {
                                let at = i * tap.step;
                                let x = self.x[(from + i as isize * step) as usize];
                                let place = place + i as i32 * advance;
                                (best[at], places[at]) =
                                    better::<T, LARGEST>((best[at], places[at]), (x, place));
                            }
                        }
                    }
                }
            }
        });
    }
}

/// Lets every `STEP`-th element challenge the best of its window so far.
#[inline(always)]
fn challenge<T: Float, const LARGEST: bool, const STEP: usize>(
    best: &mut [T],
    places: &mut [i32],
    count: usize,
    x: &[T],
    place: i32,
    advance: i32,
) {
    let end = (count - 1) * STEP;
    let holders = best[..count - 1].iter_mut().zip(&mut places[..count - 1]);
    for (i, ((b, p), v)) in holders.zip(x[..end].as_chunks::<STEP>().0).enumerate() {
        (*b, *p) = better::<T, LARGEST>((*b, *p), (v[0], place + i as i32 * advance));
    }
    let at = count - 1;
    (best[at], places[at]) =
        better::<T, LARGEST>((best[at], places[at]), (x[end], place + at as i32 * advance));
}

/// The challenger if it is better, or the holder is none; the first NaN stays.
#[inline(always)]
fn better<T: Float, const LARGEST: bool>(holder: (T, i32), challenger: (T, i32)) -> (T, i32) {
    let (b, v) = (holder.0, challenger.0);
    let ahead = if LARGEST { v > b } else { v < b };
    let wins = (holder.1 < 0) | ahead | (v.is_nan() & !b.is_nan());
    (select(wins, v, b), select(wins, challenger.1, holder.1))
}
