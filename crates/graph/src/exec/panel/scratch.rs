//! Memory for panels and buffers, kept by each thread from one call to the next.

use std::cell::RefCell;

use bytemuck::Pod;

use crate::exec::memory::{LINE, Line};

/// Calls `work` with `length` elements, which may hold anything and begin at a cache line.
pub(in crate::exec) fn with<T: Pod, R>(length: usize, work: impl FnOnce(&mut [T]) -> R) -> R {
    thread_local! {
        static IDLE: RefCell<Vec<Vec<Line>>> = const { RefCell::new(Vec::new()) };
    }
    // Calls may be inside each other, also where a thread takes up other work while it waits.
    let mut lines = IDLE.with_borrow_mut(Vec::pop).unwrap_or_default();
    let needed = (length * size_of::<T>()).div_ceil(LINE);
    if lines.len() < needed {
        lines.resize(needed, Line::ZERO);
    }
    let result = work(&mut bytemuck::cast_slice_mut(&mut lines)[..length]);
    IDLE.with_borrow_mut(|idle| idle.push(lines));
    result
}
