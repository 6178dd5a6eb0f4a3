//! Sums along long lines of an array and a buffer.

use std::ptr::NonNull;

use super::dots::{COLUMNS, Dots};
use super::machine::Machine;
use super::pieces;
use super::shared::Shared;
use crate::Float;

/// Rows of numbers in an array.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Rows<'a, T> {
    pub data: &'a [T],
    /// Distance between rows, and their number.
    pub line: isize,
    pub count: usize,
}

/// A column of numbers in a buffer: where it begins, but for the segment, and where the sum with the first row goes.
pub(in crate::exec) type Column = [usize; 2];

/// Adds the sums of products of some rows with some columns. The sums run along `segments` of `length` neighbouring
/// numbers, which begin where each says in rows and in columns. Rows of the result are `row` apart.
///
/// # Safety
/// Nobody else has access to those elements of `out` meanwhile.
pub(in crate::exec) unsafe fn correlate<T: Float>(
    machine: &Machine,
    rows: Rows<T>,
    (buffer, columns): (&[T], &[Column]),
    (segments, length): (&[[isize; 2]], usize),
    (out, row): (Shared<T>, usize),
) {
    if segments.is_empty() || columns.is_empty() || rows.count == 0 {
        return;
    }
    let ends = |i: usize| {
        let starts = segments.iter().map(move |s| s[i]);
        (starts.clone().min().unwrap_or(0), starts.max().unwrap_or(0) + length as isize)
    };
    let ((first, end), (low, high)) = (ends(0), ends(1));
    let last = (rows.count as isize - 1) * rows.line;
    assert!(first + last.min(0) >= 0, "a row begins before its array");
    assert!(end + last.max(0) <= rows.data.len() as isize, "a row leaves its array");
    assert!(low >= 0, "a column begins before its buffer");
    for &[from, to] in columns {
        assert!(from + high as usize <= buffer.len(), "a column leaves its buffer");
        assert!(to + (rows.count - 1) * row < out.length, "a sum leaves the result");
    }
    for some in pieces(0..rows.count, machine.dots.0) {
        for columns in pieces(0..columns.len(), machine.dots.1).map(|part| &columns[part]) {
            let mut sums = [T::zero(); 4 * COLUMNS * 16];
            // SAFETY: inside the array, as was checked, once a segment's beginning is added.
            let begin = unsafe {
                let start = some.start as isize * rows.line + first;
                NonNull::from(rows.data).cast::<T>().offset(start).offset(-first)
            };
            let mut firsts = [NonNull::<()>::dangling(); COLUMNS];
            for (at, &[from, _]) in firsts.iter_mut().zip(columns) {
                // SAFETY: inside the buffer, as was checked.
                *at = unsafe { NonNull::from(buffer).cast::<T>().add(from) }.cast();
            }
            let dots = Dots {
                rows: (begin.cast(), rows.line),
                columns: firsts,
                segments: NonNull::from(segments).cast(),
                count: segments.len(),
                length,
                out: NonNull::from(&mut sums).cast(),
            };
            // SAFETY: rows and columns are as long as was checked, and the sums have room.
            unsafe { machine.sums(some.len(), columns.len(), &dots) };
            for (i, sums) in some.clone().zip(sums.chunks_exact(columns.len())) {
                for (&[_, to], &sum) in columns.iter().zip(sums) {
                    // SAFETY: inside the result, as was checked.
                    unsafe {
                        let at = out.data.add(to + i * row).as_mut();
                        *at = *at + sum;
                    }
                }
            }
        }
    }
}
