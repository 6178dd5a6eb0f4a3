//! Bringing strided operands into blocks.

use super::Strided;
use super::strided::{Collapsed, Walk, collapse};
use crate::math::run;

/// A strided operand, with as few axes as describe it.
pub(super) struct Source {
    axes: Collapsed,
    offset: isize,
    element: usize,
}

/// Where a [`Source`] is to go on.
pub(super) type Cursor<'a> = Walk<'a>;

/// How elements within a row lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// One after the other, from this position on.
    InOrder(usize),
    /// All of them at this position.
    Same(isize),
}

impl Source {
    pub fn new(view: &Strided) -> Self {
        let axes = collapse(&view.shape, &[&view.strides]);
        Self { axes, offset: view.offset, element: view.dtype.size() }
    }

    /// After how many elements the operand begins again, if it does.
    pub fn period(&self) -> Option<usize> {
        let (&[_, period], &[0, _]) = (&self.axes.sizes[..], &self.axes.strides[0][..]) else { return None };
        Some(period)
    }

    /// Elements along the last axis.
    pub fn run(&self) -> usize {
        *self.axes.sizes.last().unwrap_or(&1)
    }

    /// Begins at element `at`.
    pub fn cursor(&self, at: usize) -> Cursor<'_> {
        Walk::new(&self.axes.sizes, &self.axes.strides[0], self.offset, at)
    }

    /// The next `count` elements where they do not end a row, and the cursor behind them.
    pub fn within_row(&self, cursor: &mut Cursor, count: usize) -> Option<Within> {
        let (position, stride) = (cursor.position, cursor.stride());
        if !(0..=1).contains(&stride) || cursor.left() < count {
            return None;
        }
        cursor.advance(count);
        Some(if stride == 1 { Within::InOrder(position as usize) } else { Within::Same(position) })
    }

    /// Fills `out` with the next elements.
    pub fn load(&self, input: &[u8], cursor: &mut Cursor, out: &mut [u8]) {
        fn typed<T: bytemuck::Pod>(length: usize, input: &[u8], cursor: &mut Cursor, out: &mut [u8]) {
            let (input, out) = (bytemuck::cast_slice::<_, T>(input), bytemuck::cast_slice_mut(out));
            run(Rows { length, input, cursor, out });
        }
        match self.element {
            1 => typed::<u8>(self.run(), input, cursor, out),
            4 => typed::<u32>(self.run(), input, cursor, out),
            _ => typed::<u64>(self.run(), input, cursor, out),
        }
    }
}

/// Rows to be copied, with the widest moves of the machine.
struct Rows<'a, 'c, T> {
    length: usize,
    input: &'a [T],
    cursor: &'a mut Cursor<'c>,
    out: &'a mut [T],
}

impl<T: bytemuck::Pod> pulp::NullaryFnOnce for Rows<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { length: run, input, cursor, out } = self;
        let (rows, group) = cursor.group();
        let mut rest = out;
        while !rest.is_empty() {
            let groups = (rest.len() / (rows * run)).min(cursor.groups());
            let whole = if cursor.inner() == 0 { (rest.len() / run).min(cursor.rows()) } else { 0 };
            let partial = (run - cursor.inner()).min(rest.len());
            let count = match (groups, whole) {
                (0, 0) => partial,
                (0, whole) => whole * run,
                _ => groups * rows * run,
            };
            let (part, tail) = rest.split_at_mut(count);
            rest = tail;
            let length = if groups + whole > 0 { run } else { partial };
            let steps = Steps {
                first: cursor.position,
                rows: if groups > 0 { rows } else { whole.max(1) },
                row: cursor.row_stride(),
                group,
            };
            match cursor.stride() {
                1 => copy(part, input, length, steps),
                0 => fill(part, input, length, steps),
                stride => pick(part, input, length, steps, stride),
            }
            match (groups, whole) {
                (0, 0) => cursor.advance(partial),
                (0, whole) => cursor.advance_rows(whole),
                _ => cursor.advance_groups(groups),
            }
        }
    }
}

/// Where rows of the input begin.
#[derive(Clone, Copy)]
struct Steps {
    first: isize,
    /// Rows of a group, and the distances between rows and between groups.
    rows: usize,
    row: isize,
    group: isize,
}

impl Steps {
    /// Calls `each` with the rows of the result, of length `run`, and where each begins in the input.
    #[inline(always)]
    fn for_each<T>(self, out: &mut [T], run: usize, mut each: impl FnMut(&mut [T], usize)) {
        for (g, group) in out.chunks_exact_mut(self.rows * run).enumerate() {
            let mut at = self.first + g as isize * self.group;
            for row in group.chunks_exact_mut(run) {
                each(row, at as usize);
                at += self.row;
            }
        }
    }
}

#[inline(always)]
fn copy<T: Copy>(out: &mut [T], input: &[T], run: usize, steps: Steps) {
    by_length!(run, |N| copy_rows::<T, N>(out, input, steps), else {
        steps.for_each(out, run, |row, at| row.copy_from_slice(&input[at..at + run]));
    })
}

#[inline(always)]
fn copy_rows<T: Copy, const N: usize>(out: &mut [T], input: &[T], steps: Steps) {
    steps.for_each(out, N, |row, at| {
        let (row, from) = (row.first_chunk_mut::<N>(), input[at..].first_chunk::<N>());
        *row.expect("a row of this length") = *from.expect("the row lies in its buffer");
    });
}

#[inline(always)]
fn fill<T: Copy>(out: &mut [T], input: &[T], run: usize, steps: Steps) {
    by_length!(run, |N| fill_rows::<T, N>(out, input, steps), else {
        steps.for_each(out, run, |row, at| row.fill(input[at]));
    })
}

#[inline(always)]
fn fill_rows<T: Copy, const N: usize>(out: &mut [T], input: &[T], steps: Steps) {
    steps.for_each(out, N, |row, at| {
        *row.first_chunk_mut::<N>().expect("a row of this length") = [input[at]; N]
    });
}

#[inline(always)]
fn pick<T: Copy>(out: &mut [T], input: &[T], run: usize, steps: Steps, step: isize) {
    steps.for_each(out, run, |row, at| {
        for (j, o) in row.iter_mut().enumerate() {
            *o = input[(at as isize + j as isize * step) as usize];
        }
    });
}
