//! Memory that kernels use while they run, kept from one run to the next.

use std::cell::RefCell;

use crate::Element;
use crate::exec::memory::Line;

/// Calls `work` with scratch arrays of the given lengths, which hold anything;
/// not to be called by `work`.
pub(super) fn with_scratch<A: Element, B: Element>(
    a: usize,
    b: usize,
    work: impl FnOnce(&mut [A], &mut [B]),
) {
    thread_local! {
        static SCRATCH: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
    }
    let lines = |bytes: usize| bytes.div_ceil(size_of::<Line>());
    let (first, second) = (lines(a * size_of::<A>()), lines(b * size_of::<B>()));
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < first + second {
            scratch.resize(first + second, Line::ZERO);
        }
        let (left, right) = scratch[..first + second].split_at_mut(first);
        work(&mut bytemuck::cast_slice_mut(left)[..a], &mut bytemuck::cast_slice_mut(right)[..b]);
    });
}
