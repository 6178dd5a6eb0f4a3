//! Memory for panels, kept by each thread from one product to the next.

use std::cell::Cell;

use crate::Float;
use crate::exec::memory::{LINE, Line};

/// Calls `work` with `length` numbers, which may hold anything and begin at a cache line.
pub(in crate::exec) fn with<T: Float, R>(length: usize, work: impl FnOnce(&mut [T]) -> R) -> R {
    thread_local! {
        static LINES: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
    }
    // Taken, not borrowed: while this thread waits for others, it may do another product.
    let mut lines = LINES.take();
    let needed = (length * size_of::<T>()).div_ceil(LINE);
    if lines.len() < needed {
        lines.resize(needed, Line::ZERO);
    }
    let result = work(&mut bytemuck::cast_slice_mut(&mut lines)[..length]);
    LINES.set(lines);
    result
}
