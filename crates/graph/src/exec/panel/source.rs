//! Operands of products, and how they come into panels.

use std::ops::Range;
use std::ptr::NonNull;

use super::machine::Machine;
use super::pack::pack_lines;
use crate::Float;

/// Lines of numbers: the rows of a product's left operand, or the columns of its right one.
///
/// # Safety
/// Where [`place`](Self::place) says that the numbers lie, they do: as many lines as [`size`](Self::size) says, of
/// as many numbers.
pub(in crate::exec) unsafe trait Source<T>: Sync {
    /// Number of lines, and of the numbers in each.
    fn size(&self) -> (usize, usize);

    /// Brings lines into panels of `width` of them, one after the other: number `depth.start` + p of line
    /// `lines.start` + i goes to `panel[p · width + i]`. The last panel's surplus columns may become anything.
    fn pack(
        &self,
        machine: &Machine,
        lines: Range<usize>,
        depth: Range<usize>,
        width: usize,
        panel: &mut [T],
    );

    /// Where the numbers lie, if they can be read in place: the first, the distance between lines and the distance
    /// between the numbers of a line.
    fn place(&self) -> Option<(NonNull<T>, isize, isize)>;
}

/// Equally long lines at equal distances in a slice.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec) struct Strands<'a, T> {
    data: &'a [T],
    offset: usize,
    count: usize,
    line: isize,
    depth: usize,
    step: isize,
}

impl<'a, T> Strands<'a, T> {
    /// `count` lines at a distance of `line`, of `depth` numbers at a distance of `step`.
    ///
    /// # Panics
    /// If they leave the slice.
    pub fn new(
        data: &'a [T],
        offset: isize,
        (count, line): (usize, isize),
        (depth, step): (usize, isize),
    ) -> Self {
        if count == 0 || depth == 0 {
            return Self { data, offset: 0, count, line, depth, step };
        }
        for l in [0, (count as isize - 1) * line] {
            for p in [0, (depth as isize - 1) * step] {
                let at = offset + l + p;
                assert!(at >= 0 && (at as usize) < data.len(), "operand leaves its buffer");
            }
        }
        Self { data, offset: offset as usize, count, line, depth, step }
    }

    fn first(&self) -> NonNull<T> {
        // SAFETY: `new` has checked the corners.
        unsafe { NonNull::from(self.data).cast::<T>().add(self.offset) }
    }
}

// SAFETY: `new` has checked the corners, between which all numbers lie.
unsafe impl<T: Float> Source<T> for Strands<'_, T> {
    fn size(&self) -> (usize, usize) {
        (self.count, self.depth)
    }

    fn pack(
        &self,
        machine: &Machine,
        lines: Range<usize>,
        depth: Range<usize>,
        width: usize,
        panel: &mut [T],
    ) {
        assert!(lines.end <= self.count && depth.end <= self.depth);
        let at = lines.start as isize * self.line + depth.start as isize * self.step;
        let from = self.offset as isize + at;
        let sizes = ((lines.len(), self.line), (depth.len(), self.step));
        pack_lines(machine, (self.data, from), sizes, panel, width);
    }

    fn place(&self) -> Option<(NonNull<T>, isize, isize)> {
        Some((self.first(), self.line, self.step))
    }
}
