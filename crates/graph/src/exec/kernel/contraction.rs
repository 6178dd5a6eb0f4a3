//! Sums of products over strided operands, as products of matrices.

use std::marker::PhantomData;
use std::ops::Range;

use smallvec::SmallVec;

use crate::exec::panel::{Machine, Rows, Shared, Strands, correlate, pieces, product};
use crate::exec::strided::{Strides, collapse};
use crate::exec::{Kernel, Threads};
use crate::{Float, Shape};

/// Below this many multiplications a product is not shared between threads.
const SHARE: usize = 1 << 18;

/// A loop: its length, and how far lhs, rhs and the result move in a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub size: usize,
    pub step: [isize; 3],
}

impl Loop {
    /// The innermost of some loops, or one of one step, and the others.
    pub fn innermost(loops: &[Self]) -> (Self, &[Self]) {
        let one = Self { size: 1, step: [0; 3] };
        loops.split_last().map_or((one, &[]), |(&inner, outer)| (inner, outer))
    }
}

/// Some loops inside each other, the innermost last.
pub(super) type Loops = SmallVec<[Loop; 4]>;

/// How the result is summed: out[b, l, r] = Σ_s lhs[b, l, s] · rhs[b, r, s].
pub(super) struct Axes {
    /// Loops through all three arrays.
    pub batch: Loops,
    /// Loops through lhs and the result.
    pub left: Loops,
    /// Loops through rhs and the result.
    pub right: Loops,
    /// Loops through lhs and rhs.
    pub sums: Loops,
}

/// A contraction that is planned: loops around products of matrices.
pub(super) struct Contraction<T> {
    /// Where the arrays begin.
    start: [isize; 3],
    /// Loops over independent parts of the result.
    outer: Loops,
    /// Loops over parts of the sum.
    inner: Loops,
    /// Rows, columns and terms of the products: the columns are neighbours in the result.
    rows: Loop,
    columns: Loop,
    terms: Loop,
    /// Whether the rows belong to rhs.
    turned: bool,
    float: PhantomData<T>,
}

impl<T: Float> Contraction<T> {
    /// Plans the contraction of arrays that begin at `start`; the result is contiguous.
    pub fn new(start: [isize; 3], axes: Axes) -> Self {
        let (mut outer, mut inner) = (axes.batch, joined(&axes.sums));
        let (left, right) = (joined(&axes.left), joined(&axes.right));
        let neighbours = |loops: &Loops| loops.iter().any(|l| l.step[2] == 1);
        // A result without columns of rhs has them in lhs.
        let turned = neighbours(&left) && !neighbours(&right);
        let (mut rows, mut columns) = if turned { (right, left) } else { (left, right) };
        let at = columns.iter().position(|l| l.step[2] == 1);
        let unit = Loop { size: 1, step: [0, 0, 1] };
        let columns_loop = at.map_or(unit, |at| columns.remove(at));
        let (rows_loop, terms) = (inmost(&mut rows), inmost(&mut inner));
        outer.extend(rows);
        outer.extend(columns);
        Self {
            start,
            outer,
            inner,
            rows: rows_loop,
            columns: columns_loop,
            terms,
            turned,
            float: PhantomData,
        }
    }

    /// Computes what some of the outer loops lead to from `place`, of a result that begins at place 0.
    fn products(
        &self,
        place: [isize; 3],
        outer: &[Loop],
        inputs: [&[T]; 2],
        out: &mut [T],
        threads: &Threads,
    ) {
        if self.long() {
            out.fill(T::zero());
        }
        for at in 0..count(outer) {
            let place = moved(place, outer, at);
            let out = &mut out[place[2] as usize..];
            for step in 0..count(&self.inner) {
                let from = moved(place, &self.inner, step);
                match self.long() {
                    true => self.sums(from, inputs, out, threads),
                    false => self.product(from, inputs, out, step > 0, threads),
                }
            }
        }
    }

    fn product(
        &self,
        from: [isize; 3],
        inputs: [&[T]; 2],
        out: &mut [T],
        accumulate: bool,
        threads: &Threads,
    ) {
        let (m, n, k) = (self.rows, self.columns, self.terms);
        let row = if m.size == 1 { n.size } else { m.step[2] as usize };
        let side = |array: usize, lines: Loop| {
            let depth = (k.size, k.step[array]);
            Strands::new(inputs[array], from[array], (lines.size, lines.step[array]), depth)
        };
        let (first, second) = if self.turned { (1, 0) } else { (0, 1) };
        let (left, right) = (side(first, m), side(second, n));
        product(Machine::detect(T::DTYPE), out, row, &left, &right, accumulate, threads);
    }

    /// Whether the product is that of a matrix and a vector whose terms are neighbours in both.
    fn long(&self) -> bool {
        let even = |array: usize| self.terms.step[array] == 1;
        even(0) && even(1) && (self.rows.size == 1 || self.columns.size == 1)
    }

    /// Adds the product of a matrix and a vector: vectors of the machine run along the terms.
    fn sums(&self, from: [isize; 3], inputs: [&[T]; 2], out: &mut [T], threads: &Threads) {
        let (first, second) = if self.turned { (1, 0) } else { (0, 1) };
        let (lines, matrix) =
            if self.columns.size == 1 { (self.rows, first) } else { (self.columns, second) };
        let (data, vector) = (inputs[matrix], inputs[1 - matrix]);
        let start = [from[matrix], from[1 - matrix]];
        let out = Shared::new(out);
        let share = (SHARE / self.terms.size).max(1);
        let part = |some: Range<usize>| {
            let segment = [start[0] + some.start as isize * lines.step[matrix], start[1]];
            let rows = Rows { data, line: lines.step[matrix], count: some.len() };
            let row = lines.step[2] as usize;
            let columns = [[0, some.start * row]];
            let machine = Machine::detect(T::DTYPE);
            // SAFETY: each thread writes the sums of its own lines.
            unsafe {
                correlate(machine, rows, (vector, &columns), (&[segment], self.terms.size), (out, row))
            };
        };
        if threads.count() == 1 || lines.size <= share {
            return part(0..lines.size);
        }
        threads.for_each(pieces(0..lines.size, share).collect(), part);
    }
}

impl<T: Float> Kernel for Contraction<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let inputs: [&[T]; 2] = [bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1])];
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        if out.is_empty() {
            return;
        }
        if count(&self.inner) * self.terms.size == 0 {
            return out.fill(T::zero());
        }
        let one = self.rows.size * self.columns.size * self.terms.size * count(&self.inner);
        let alone = Threads::default();
        if threads.count() == 1 || one * count(&self.outer) < SHARE {
            return self.products(self.start, &self.outer, inputs, out, &alone);
        }
        match self.outer.split_first() {
            // Parts of the result that lie one behind the other.
            Some((first, rest)) if first.size * first.step[2] as usize == out.len() && first.size > 1 => {
                let each = first.step[2] as usize;
                let some = (SHARE / (one * count(rest))).clamp(1, first.size.div_ceil(threads.count()));
                let chunks = out.chunks_mut(some * each).enumerate();
                threads.for_each(chunks.collect(), |(i, out)| {
                    for (j, out) in out.chunks_mut(each).enumerate() {
                        let mut place = moved(self.start, &[*first], i * some + j);
                        place[2] = 0;
                        self.products(place, rest, inputs, out, &alone);
                    }
                });
            }
            _ => threads.install(|| self.products(self.start, &self.outer, inputs, out, threads)),
        }
    }
}

/// Iterations of some loops.
pub(super) fn count(loops: &[Loop]) -> usize {
    loops.iter().map(|l| l.size).product()
}

/// Where iteration `at` of some loops is in the arrays.
pub(super) fn moved(mut place: [isize; 3], loops: &[Loop], mut at: usize) -> [isize; 3] {
    for l in loops.iter().rev() {
        let index = (at % l.size) as isize;
        at /= l.size;
        for (place, step) in place.iter_mut().zip(l.step) {
            *place += index * step;
        }
    }
    place
}

/// Joins neighbouring loops that all arrays walk through alike.
pub(super) fn joined(loops: &[Loop]) -> Loops {
    let sizes: Shape = loops.iter().map(|l| l.size).collect();
    let steps = [0, 1, 2].map(|i| loops.iter().map(|l| l.step[i]).collect::<Strides>());
    let flat = collapse(&sizes, &[&steps[0], &steps[1], &steps[2]]);
    (0..flat.sizes.len())
        .map(|i| Loop { size: flat.sizes[i], step: [0, 1, 2].map(|array| flat.strides[array][i]) })
        .collect()
}

/// Takes the loop for a product's rows or terms out of some (the last, unless
/// another is far longer).
fn inmost(loops: &mut Loops) -> Loop {
    let Some(last) = loops.len().checked_sub(1) else { return Loop { size: 1, step: [0, 0, 1] } };
    let longest = (0..=last).max_by_key(|&i| loops[i].size).expect("a loop");
    loops.remove(if loops[longest].size > 4 * loops[last].size { longest } else { last })
}
