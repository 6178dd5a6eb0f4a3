//! Reductions of strided arrays.

use std::marker::PhantomData;

use crate::exec::strided::{Collapsed, Walk, collapse};
use crate::exec::{Kernel, Strided, Threads};
use crate::math::run;
use crate::primitive::Reducer;
use crate::{DType, Element, Float};

/// Columns that are accumulated together.
const TILE: usize = 64;
/// Accumulators of a run along the reduced axis.
const LANES: usize = 16;

struct Plan<T> {
    reducer: Reducer,
    offset: isize,
    kept: Collapsed,
    reduced: Collapsed,
    float: PhantomData<T>,
}

/// Reduces `input` over `axes`.
pub(crate) fn reduce(reducer: Reducer, axes: &[usize], input: &Strided) -> Box<dyn Kernel> {
    let part = |reduced: bool| {
        let chosen: Vec<usize> = (0..input.shape.len()).filter(|a| axes.contains(a) == reduced).collect();
        let sizes: Vec<usize> = chosen.iter().map(|&a| input.shape[a]).collect();
        let strides: Vec<isize> = chosen.iter().map(|&a| input.strides[a]).collect();
        collapse(&sizes, &[&strides])
    };
    let (kept, reduced, offset) = (part(false), part(true), input.offset);
    match input.dtype {
        DType::F32 => Box::new(Plan::<f32> { reducer, offset, kept, reduced, float: PhantomData }),
        _ => Box::new(Plan::<f64> { reducer, offset, kept, reduced, float: PhantomData }),
    }
}

impl Kernel for Box<dyn Kernel> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        (**self).run(inputs, out, threads);
    }
}

/// How partial results are combined; sums are kept in f64.
pub(super) trait Combine<T: Float>: Copy + Send + Sync {
    type Partial: Element;
    fn start() -> Self::Partial;
    fn take(partial: Self::Partial, x: T) -> Self::Partial;
    fn join(a: Self::Partial, b: Self::Partial) -> Self::Partial;
    fn finish(partial: Self::Partial) -> T;
}

#[derive(Clone, Copy)]
pub(super) struct Sum;
impl<T: Float> Combine<T> for Sum {
    type Partial = f64;
    #[inline(always)]
    fn start() -> f64 {
        0.0
    }
    #[inline(always)]
    fn take(partial: f64, x: T) -> f64 {
        partial + x.wide()
    }
    #[inline(always)]
    fn join(a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn finish(partial: f64) -> T {
        T::of(partial)
    }
}

macro_rules! extremum {
    ($name:ident, $start:expr, $better:tt) => {
        #[derive(Clone, Copy)]
        pub(super) struct $name;
        impl<T: Float> Combine<T> for $name {
            type Partial = T;
            #[inline(always)]
            fn start() -> T {
                $start
            }
            #[inline(always)]
            fn take(partial: T, x: T) -> T {
                Self::join(partial, x)
            }
            #[inline(always)]
            fn join(a: T, b: T) -> T {
                if b $better a || b != b { b } else { a }
            }
            #[inline(always)]
            fn finish(partial: T) -> T {
                partial
            }
        }
    };
}
extremum!(Max, T::neg_infinity(), >);
extremum!(Min, T::infinity(), <);

impl<T: Float> Kernel for Plan<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        let (x, out): (&[T], &mut [T]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice_mut(out));
        match self.reducer {
            Reducer::Sum => run(Job::<T, Sum> { plan: self, x, out, combine: PhantomData }),
            Reducer::Max => run(Job::<T, Max> { plan: self, x, out, combine: PhantomData }),
            Reducer::Min => run(Job::<T, Min> { plan: self, x, out, combine: PhantomData }),
        }
    }
}

/// A reduction, to be compiled for each instruction set.
struct Job<'a, T, C> {
    plan: &'a Plan<T>,
    x: &'a [T],
    out: &'a mut [T],
    combine: PhantomData<C>,
}

impl<T: Float, C: Combine<T>> pulp::NullaryFnOnce for Job<'_, T, C> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.plan.reduce::<C>(self.x, self.out);
    }
}

impl<T: Float> Plan<T> {
    #[inline(always)]
    fn reduce<C: Combine<T>>(&self, x: &[T], out: &mut [T]) {
        let along = self.reduced.strides[0].last().map_or(isize::MAX, |s| s.abs());
        match self.kept.strides[0].last() {
            Some(1) if along != 1 => self.columns::<C>(x, out),
            _ => self.runs::<C>(x, out),
        }
    }

    /// Neighbouring results have neighbouring elements: whole rows are accumulated.
    #[inline(always)]
    fn columns<C: Combine<T>>(&self, x: &[T], out: &mut [T]) {
        let width = *self.kept.sizes.last().expect("a kept axis");
        let mut start = Walk::new(&self.kept.sizes, &self.kept.strides[0], self.offset, 0);
        let rows: usize = self.reduced.sizes.iter().product();
        for line in out.chunks_mut(width.max(1)) {
            for (i, tile) in line.chunks_mut(TILE).enumerate() {
                let first = start.position + (i * TILE) as isize;
                let walk = Walk::new(&self.reduced.sizes, &self.reduced.strides[0], first, 0);
                match tile.as_mut_array::<TILE>() {
                    Some(tile) => whole_tile::<T, C>(x, walk, rows, tile),
                    None => part_of_tile::<T, C>(x, walk, rows, tile),
                }
            }
            start.advance(width);
        }
    }

    /// Each result is accumulated along runs of the last reduced axis.
    #[inline(always)]
    fn runs<C: Combine<T>>(&self, x: &[T], out: &mut [T]) {
        let mut start = Walk::new(&self.kept.sizes, &self.kept.strides[0], self.offset, 0);
        let run = *self.reduced.sizes.last().unwrap_or(&1);
        let stride = *self.reduced.strides[0].last().unwrap_or(&1);
        let count: usize = self.reduced.sizes.iter().product();
        if self.reduced.sizes.len() == 1 && (1..2 * LANES).contains(&run) {
            return self.short_runs::<C>(x, out, run, stride);
        }
        for o in out.iter_mut() {
            let mut total = C::start();
            if count > 0 {
                let mut walk = Walk::new(&self.reduced.sizes, &self.reduced.strides[0], start.position, 0);
                for _ in 0..count / run {
                    total = C::join(total, one_run::<T, C>(x, walk.position, stride, run));
                    walk.advance(run);
                }
            }
            *o = C::finish(total);
            start.advance(1);
        }
    }

    /// Several short runs side by side, so that their additions overlap.
    #[inline(always)]
    fn short_runs<C: Combine<T>>(&self, x: &[T], out: &mut [T], run: usize, stride: isize) {
        if stride == 1 && self.kept.sizes.len() == 1 && self.kept.strides[0][0] == run as isize {
            let rows = &x[self.offset as usize..][..out.len() * run];
            return by_length!(run, |N| rows_of::<T, C, N>(rows, out), else {
                for (o, row) in out.iter_mut().zip(rows.chunks_exact(run)) {
                    *o = C::finish(row.iter().fold(C::start(), |p, &v| C::take(p, v)));
                }
            });
        }
        let mut start = Walk::new(&self.kept.sizes, &self.kept.strides[0], self.offset, 0);
        for group in out.chunks_mut(LANES) {
            let mut first = [0isize; LANES];
            for f in &mut first[..group.len()] {
                *f = start.position;
                start.advance(1);
            }
            let mut partial = [C::start(); LANES];
            for i in 0..run as isize {
                for (p, f) in partial.iter_mut().zip(&first[..group.len()]) {
                    *p = C::take(*p, x[(f + i * stride) as usize]);
                }
            }
            for (o, &p) in group.iter_mut().zip(&partial) {
                *o = C::finish(p);
            }
        }
    }
}

/// Accumulates columns of as many rows as the walk visits, in registers.
#[inline(always)]
fn whole_tile<T: Float, C: Combine<T>>(x: &[T], mut walk: Walk, rows: usize, out: &mut [T; TILE]) {
    let mut partial = [C::start(); TILE];
    let mut left = rows;
    while left > 0 {
        let run = walk.left().min(left);
        for i in 0..run as isize {
            let row = x[(walk.position + i * walk.stride()) as usize..].first_chunk::<TILE>();
            let row = row.expect("the row lies in its buffer");
            for j in 0..TILE {
                partial[j] = C::take(partial[j], row[j]);
            }
        }
        walk.advance(run);
        left -= run;
    }
    *out = partial.map(C::finish);
}

#[inline(always)]
fn part_of_tile<T: Float, C: Combine<T>>(x: &[T], mut walk: Walk, rows: usize, out: &mut [T]) {
    let mut partial = [C::start(); TILE];
    for _ in 0..rows {
        let at = walk.position as usize;
        for (p, &v) in partial.iter_mut().zip(&x[at..at + out.len()]) {
            *p = C::take(*p, v);
        }
        walk.advance(1);
    }
    for (o, &p) in out.iter_mut().zip(&partial) {
        *o = C::finish(p);
    }
}

/// Reduces rows of a constant length, each in four chains.
#[inline(always)]
fn rows_of<T: Float, C: Combine<T>, const N: usize>(rows: &[T], out: &mut [T]) {
    for (o, row) in out.iter_mut().zip(rows.as_chunks::<N>().0) {
        let mut chains = [C::start(); 4];
        for i in 0..N {
            chains[i % 4] = C::take(chains[i % 4], row[i]);
        }
        *o = C::finish(C::join(C::join(chains[0], chains[1]), C::join(chains[2], chains[3])));
    }
}

#[inline(always)]
fn one_run<T: Float, C: Combine<T>>(x: &[T], first: isize, stride: isize, run: usize) -> C::Partial {
    if stride != 1 || run < 2 * LANES {
        return (0..run).fold(C::start(), |p, i| C::take(p, x[(first + i as isize * stride) as usize]));
    }
    let x = &x[first as usize..first as usize + run];
    let mut lanes = [C::start(); LANES];
    let chunks = x.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane = C::take(*lane, v);
        }
    }
    let joined = lanes.into_iter().fold(C::start(), C::join);
    rest.iter().fold(joined, |p, &v| C::take(p, v))
}
