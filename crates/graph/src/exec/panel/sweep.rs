//! Products whose right operand is a buffer with a table: each term of a column is a run of neighbours somewhere in it.

use std::ptr::NonNull;

use super::machine::Machine;
use super::shared::Shared;
use super::tile::{Tile, mode};
use super::{pieces, scratch};
use crate::Float;

/// Most terms of a sum that are taken at a time.
const DEPTH: usize = 256;

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

/// What [`sweep`] multiplies.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Operands<'a, T> {
    pub panels: Panels<'a, T>,
    /// How far each term of a column lies behind its beginning.
    pub terms: &'a [u32],
    pub buffer: &'a [T],
}

/// Writes the products of some rows with some columns, or adds them to what is there. Rows of the result are `row`
/// apart, and neighbouring columns `step`; what is added to has neighbours.
///
/// # Safety
/// Nobody else has access to those elements of `out` meanwhile.
pub(in crate::exec) unsafe fn sweep<T: Float>(
    machine: &Machine,
    operands: Operands<T>,
    runs: impl Iterator<Item = Run>,
    (out, row, step): (Shared<T>, usize, usize),
    accumulate: bool,
) {
    let Operands { panels: Panels { data, rows, tall }, terms, buffer } = operands;
    let Some(&last) = terms.iter().max() else { return };
    assert!(rows > 0 && data.len() >= rows * terms.len(), "panels of {} numbers", data.len());
    assert!(
        (1..=machine.rows).contains(&tall) && (step == 1 || !accumulate),
        "{tall} rows, columns {step} apart"
    );
    let mut runs = runs.inspect(|run| {
        let end = run.to + (rows - 1) * row + run.count.saturating_sub(1) * step;
        assert!(run.count <= machine.lanes && end < out.length, "a run leaves the result");
        assert!(run.from + last as usize + machine.lanes <= buffer.len(), "a run leaves its buffer");
    });
    // Where columns are not neighbours, tiles come by here.
    let aside = if step == 1 { 0 } else { rows * 2 * machine.lanes };
    scratch::with::<T, _>(aside, |aside| {
        while let Some(first) = runs.next() {
            let second = runs.next();
            let both = [first, second.unwrap_or(Run { count: 0, ..first })];
            // SAFETY: inside buffer and result, as was checked.
            let rhs = both.map(|run| unsafe { NonNull::from(buffer).cast::<T>().add(run.from) }.cast());
            // SAFETY: as above.
            let direct = both.map(|run| unsafe { out.data.add(run.to) });
            let (targets, target_row) = match step {
                1 => (direct, row),
                _ => {
                    let (left, right) = aside.split_at_mut(machine.lanes);
                    ([NonNull::from(left).cast::<T>(), NonNull::from(right).cast::<T>()], 2 * machine.lanes)
                }
            };
            for depth in pieces(0..terms.len(), DEPTH) {
                for top in (0..rows).step_by(tall) {
                    let count = tall.min(rows - top);
                    let tile = Tile {
                        depth: depth.len(),
                        lhs: NonNull::from(&data[top * terms.len() + depth.start * count..]).cast(),
                        lhs_steps: (1, count as isize),
                        rhs,
                        rhs_step: 0,
                        terms: NonNull::from(&terms[depth.clone()]).cast(),
                        // SAFETY: rows inside the result, as was checked, or inside `aside`.
                        out: targets.map(|to| unsafe { to.add(top * target_row) }.cast()),
                        row: target_row,
                        columns: both.map(|run| run.count),
                        accumulate: accumulate || depth.start > 0,
                    };
                    // SAFETY: panels, buffer and result are as long as was checked.
                    unsafe { machine.tile(count, 1 + usize::from(second.is_some()), mode::TABLE, &tile) };
                }
            }
            if step == 1 {
                continue;
            }
            for (i, sums) in aside.chunks_exact(2 * machine.lanes).enumerate() {
                for ((run, sums), to) in both.iter().zip(sums.chunks_exact(machine.lanes)).zip(direct) {
                    for (j, &sum) in sums[..run.count].iter().enumerate() {
                        // SAFETY: inside the result, as was checked.
                        unsafe { *to.add(i * row + j * step).as_mut() = sum };
                    }
                }
            }
        }
    });
}
