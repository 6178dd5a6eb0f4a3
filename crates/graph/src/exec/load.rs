//! Bringing strided operands into blocks.

use super::strided::{Collapsed, Walk, collapse};
use super::{Strided, by_length};

/// A strided operand, with as few axes as describe it.
pub(super) struct Source {
    axes: Collapsed,
    offset: isize,
    element: usize,
}

/// Where a [`Source`] is to go on.
pub(super) type Cursor<'a> = Walk<'a>;

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

    /// Fills `out` with the next elements.
    pub fn load(&self, input: &[u8], cursor: &mut Cursor, out: &mut [u8]) {
        match self.element {
            1 => self.elements::<u8>(input, cursor, out),
            4 => self.elements::<u32>(bytemuck::cast_slice(input), cursor, bytemuck::cast_slice_mut(out)),
            _ => self.elements::<u64>(bytemuck::cast_slice(input), cursor, bytemuck::cast_slice_mut(out)),
        }
    }

    fn elements<T: bytemuck::Pod>(&self, input: &[T], cursor: &mut Cursor, out: &mut [T]) {
        let run = self.run();
        let mut rest = out;
        while !rest.is_empty() {
            let rows = if cursor.inner() == 0 { (rest.len() / run).min(cursor.rows()) } else { 0 };
            let (part, step) = if rows > 0 {
                let (head, tail) = rest.split_at_mut(rows * run);
                rest = tail;
                (head, run)
            } else {
                let count = (run - cursor.inner()).min(rest.len());
                let (head, tail) = rest.split_at_mut(count);
                rest = tail;
                (head, count)
            };
            let from = cursor.position;
            match cursor.stride() {
                1 => copy(part, input, from, cursor.row_stride(), step),
                0 => fill(part, input, from, cursor.row_stride(), step),
                stride => pick(part, input, from, cursor.row_stride(), step, stride),
            }
            if rows > 0 { cursor.advance_rows(rows) } else { cursor.advance(step) }
        }
    }
}

fn copy<T: Copy>(out: &mut [T], input: &[T], from: isize, stride: isize, run: usize) {
    by_length!(run, |N| copy_rows::<T, N>(out, input, from, stride), else {
        for (i, row) in out.chunks_exact_mut(run).enumerate() {
            let at = (from + i as isize * stride) as usize;
            row.copy_from_slice(&input[at..at + run]);
        }
    })
}

fn copy_rows<T: Copy, const N: usize>(out: &mut [T], input: &[T], from: isize, stride: isize) {
    for (i, row) in out.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        let at = (from + i as isize * stride) as usize;
        *row = *input[at..].first_chunk::<N>().expect("the row lies in its buffer");
    }
}

fn fill<T: Copy>(out: &mut [T], input: &[T], from: isize, stride: isize, run: usize) {
    by_length!(run, |N| fill_rows::<T, N>(out, input, from, stride), else {
        for (i, row) in out.chunks_exact_mut(run).enumerate() {
            row.fill(input[(from + i as isize * stride) as usize]);
        }
    })
}

fn fill_rows<T: Copy, const N: usize>(out: &mut [T], input: &[T], from: isize, stride: isize) {
    for (i, row) in out.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        *row = [input[(from + i as isize * stride) as usize]; N];
    }
}

fn pick<T: Copy>(out: &mut [T], input: &[T], from: isize, stride: isize, run: usize, step: isize) {
    for (i, row) in out.chunks_exact_mut(run).enumerate() {
        let first = from + i as isize * stride;
        for (j, o) in row.iter_mut().enumerate() {
            *o = input[(first + j as isize * step) as usize];
        }
    }
}
