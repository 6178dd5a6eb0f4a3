//! Rules of training: an update from a gradient and a learning rate, one file each.

pub(in crate::optim) mod adabelief;
pub(in crate::optim) mod adadelta;
pub(in crate::optim) mod adafactor;
pub(in crate::optim) mod adagrad;
pub(in crate::optim) mod adam;
pub(in crate::optim) mod adamax;
pub(in crate::optim) mod adamw;
pub(in crate::optim) mod amsgrad;
pub(in crate::optim) mod averaged;
pub(in crate::optim) mod dog;
pub(in crate::optim) mod lamb;
pub(in crate::optim) mod lion;
pub(in crate::optim) mod lookahead;
pub(in crate::optim) mod nadam;
pub(in crate::optim) mod polyak;
pub(in crate::optim) mod prodigy;
pub(in crate::optim) mod radam;
pub(in crate::optim) mod rmsprop;
pub(in crate::optim) mod schedule_free;
pub(in crate::optim) mod sgd;
pub(in crate::optim) mod sign;
pub(in crate::optim) mod svrg;
pub(in crate::optim) mod yogi;

use std::ops::Range;

use crate::{Layout, Scalar};

/// Runs a loop over coordinates, compiled for the widest vectors of the machine: roots and
/// divisions gain most from them. The bits are the same on all machines.
#[inline(always)]
pub(in crate::optim) fn sweep<R>(body: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(body)
}

/// Σ f over the entries of vectors of one length, in an order that never changes.
#[inline(always)]
pub(in crate::optim) fn sum<T: Scalar, const K: usize>(vectors: [&[T]; K], f: impl Fn([T; K]) -> f64) -> f64 {
    const LANES: usize = 8;
    let cut = vectors.map(|vector| vector.as_chunks::<LANES>());
    let count = cut.iter().map(|(whole, _)| whole.len()).min().unwrap_or(0);
    let whole = cut.map(|(whole, _)| &whole[..count]);
    let mut lanes = [0.0; LANES];
    for chunk in 0..count {
        let entries = whole.map(|vector| &vector[chunk]);
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += f(entries.map(|entries| entries[lane]));
        }
    }
    let rest = cut.iter().map(|(_, rest)| rest.len()).min().unwrap_or(0);
    let tail: f64 = (0..rest).map(|i| f(cut.map(|(_, rest)| rest[i]))).sum();
    lanes.iter().sum::<f64>() + tail
}

/// Where the blocks of a layout lie.
fn ranges(layout: &Layout) -> Vec<Range<usize>> {
    layout.blocks().iter().map(|block| block.range.clone()).collect()
}
