//! Products whose right operand is a buffer with a table: each term of a column is a run of neighbours somewhere in it.

use std::ptr::NonNull;

use super::machine::Machine;
use super::pieces;
use super::shared::Shared;
use super::tile::{Tile, mode};
use crate::Float;

/// Most terms of a sum that are taken at a time.
const DEPTH: usize = 1024;

/// The left operand in panels of at most `tall` rows, one after the other: number p of row i at p · height + i.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Panels<'a, T> {
    pub data: &'a [T],
    pub rows: usize,
    pub tall: usize,
}

impl<T> Panels<'_, T> {
    /// Height of panels for so many rows.
    pub fn tall(machine: &Machine, rows: usize) -> usize {
        rows.div_ceil(rows.div_ceil(machine.rows).max(1)).max(1)
    }
}

/// At most a vector of neighbouring columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exec) struct Run {
    /// Where the first column's numbers begin in the buffer.
    pub from: usize,
    /// Where the first row of the first column goes.
    pub to: usize,
    /// Number of columns.
    pub count: usize,
}

/// Writes the products of some rows with some columns: term p of a column lies `terms[p]` behind its beginning. Rows of
/// the result are `row` apart, and neighbouring columns `step`.
///
/// # Safety
/// Nobody else has access to those elements of `out` meanwhile.
pub(in crate::exec) unsafe fn sweep<T: Float>(
    machine: &Machine,
    panels: Panels<T>,
    terms: &[u32],
    buffer: &[T],
    runs: impl Iterator<Item = Run>,
    (out, row, step): (Shared<T>, usize, usize),
) {
    let Some(&last) = terms.iter().max() else { return };
    let Panels { data, rows, tall } = panels;
    assert!(
        rows > 0 && data.len() >= rows * terms.len() && tall <= machine.rows,
        "panels of {} numbers",
        data.len()
    );
    // Where columns are not neighbours, tiles come by here.
    let mut aside = [[T::zero(); 64]; 16];
    let mut runs = runs.inspect(|run| {
        assert!(run.count <= machine.lanes, "a run of {} columns", run.count);
        assert!(run.from + last as usize + machine.lanes <= buffer.len(), "a run leaves its buffer");
        assert!(
            run.to + (rows - 1) * row + run.count.saturating_sub(1) * step < out.length,
            "a run leaves the result"
        );
    });
    while let Some(first) = runs.next() {
        let second = runs.next();
        let both = [first, second.unwrap_or(Run { count: 0, ..first })];
        // SAFETY: inside the buffer, as was checked.
        let rhs = both.map(|run| unsafe { NonNull::from(buffer).cast::<T>().add(run.from) }.cast());
        for top in (0..rows).step_by(tall) {
            let count = tall.min(rows - top);
            // SAFETY: inside the result, as was checked.
            let direct = both.map(|run| unsafe { out.data.add(run.to + top * row) });
            let beside = {
                let (left, right) = aside.as_flattened_mut().split_at_mut(32);
                [NonNull::from(left).cast::<T>(), NonNull::from(right).cast::<T>()]
            };
            let to = if step == 1 { direct } else { beside };
            for depth in pieces(0..terms.len(), DEPTH) {
                let tile = Tile {
                    depth: depth.len(),
                    lhs: NonNull::from(&data[top * terms.len() + depth.start * count..]).cast(),
                    lhs_steps: (1, count as isize),
                    rhs,
                    rhs_step: 0,
                    terms: NonNull::from(&terms[depth.clone()]).cast(),
                    out: to.map(NonNull::cast),
                    row: if step == 1 { row } else { 64 },
                    columns: both.map(|run| run.count),
                    accumulate: depth.start > 0,
                };
                // SAFETY: panels, buffer and result are as long as was checked.
                unsafe { machine.tile(count, 1 + usize::from(second.is_some()), mode::TABLE, &tile) };
            }
            if step == 1 {
                continue;
            }
            for (v, run) in both.iter().enumerate() {
                for (i, j) in (0..count).flat_map(|i| (0..run.count).map(move |j| (i, j))) {
                    // SAFETY: inside the result, as was checked.
                    unsafe { *direct[v].add(i * row + j * step).as_mut() = aside[i][v * 32 + j] };
                }
            }
        }
    }
}
