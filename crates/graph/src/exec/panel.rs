//! Products of matrices, panel by panel.
//!
//! Some rows of the left operand are brought into panels that stay in the second-level cache, and columns of the
//! right one, a vector or two of them at a time, into a panel that stays in the first. Tiles of the result are
//! summed in registers. Operands come into panels through a [`Source`], so that they need not be matrices.
//!
//! The terms of a sum are taken in blocks of at most 256 (192 in f64): each is summed from its first term to its last, and
//! then added to the sum of those before. Hence an element's bits depend on its line, its column and the machine's
//! instructions alone: not on the size of the product, on threads or on the size of caches. Products in f32 that are
//! large enough are left to a matrix unit (`matrix`) where there is one, which rounds otherwise; which ones are is a
//! matter of their size alone.

mod correlate;
mod dots;
mod machine;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(super) mod matrix;
mod pack;
mod scratch;
mod shared;
mod source;
mod sweep;
mod tile;
mod vector;

use std::ops::Range;
use std::ptr::NonNull;

pub(super) use correlate::{Column, Rows, correlate};
pub(super) use machine::Machine;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(super) use pack::Block;
pub(super) use pack::{copy_block, pack_lines};
pub(super) use scratch::with as with_scratch;
pub(super) use shared::Shared;
pub(super) use source::{Source, Strands};
pub(super) use sweep::{Operands, Panels, Run, sweep};
use tile::{Tile, mode};

use super::Threads;
use crate::Float;

/// Bytes of the left operand's panels.
const BLOCK: usize = 512 << 10;
/// Panels of the right operand that are filled at a time.
const GROUP: usize = 4;
/// Bytes of a right operand that is read in place as well as from a panel.
const NEAR: usize = 32 << 10;
/// Multiplications that are worth a thread of their own.
const SHARE: usize = 1 << 20;

/// `out` (+)= lhs · rhs, where `out` has a row for each line of `lhs`, at distance `row`, and a column for each line
/// of `rhs`.
///
/// # Panics
/// If the operands' lines differ in length, or if the result leaves its slice.
pub(super) fn product<T: Float>(
    machine: &Machine,
    out: &mut [T],
    row: usize,
    lhs: &impl Source<T>,
    rhs: &impl Source<T>,
    accumulate: bool,
    threads: &Threads,
) {
    let ((m, k), (n, depth)) = (lhs.size(), rhs.size());
    assert_eq!(k, depth, "terms of a product");
    if m == 0 || n == 0 {
        return;
    }
    assert!(row >= n && (m - 1) * row + n <= out.len(), "product leaves its buffer");
    if k == 0 {
        if !accumulate {
            (0..m).for_each(|i| out[i * row..i * row + n].fill(T::zero()));
        }
        return;
    }
    let out = Shared::new(out);
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    if machine.matrix
        && matrix::suits(m, n, k)
        && let Some(out) = out.of::<f32>()
        && let (Some(left), Some(right)) = (lhs.place(), rhs.place())
    {
        let lying = |(from, line, step): Place<T>, lines| (from.cast(), (lines, line), (k, step));
        // SAFETY: the numbers lie where their sources say, and the result was checked.
        if unsafe {
            matrix::product(machine, (out, row), [lying(left, m), lying(right, n)], accumulate, threads)
        } {
            return;
        }
    }
    if n == 1 && row == 1 {
        // A column that can be written as a row: vectors run along it.
        return Product { machine, lhs: rhs, rhs: lhs, out, row: m, accumulate }.run(threads);
    }
    Product { machine, lhs, rhs, out, row, accumulate }.run(threads);
}

/// Most terms of a sum that are taken at a time; measured.
const fn deepest<T>() -> usize {
    if size_of::<T>() == 4 { 256 } else { 192 }
}

/// Cuts a range into as few pieces as there can be of at most `most`, alike to within one.
pub(in crate::exec) fn pieces(range: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    let (start, length) = (range.start, range.len());
    let count = length.div_ceil(most);
    (0..count).map(move |i| start + i * length / count..start + (i + 1) * length / count)
}

struct Product<'a, T, A, B> {
    machine: &'a Machine,
    lhs: &'a A,
    rhs: &'a B,
    out: Shared<'a, T>,
    /// Distance between the result's rows.
    row: usize,
    accumulate: bool,
}

/// Where an operand is read: its first number, and the distances between lines and between the terms of one.
type Place<T> = (NonNull<T>, isize, isize);

impl<T: Float, A: Source<T>, B: Source<T>> Product<'_, T, A, B> {
    /// Computes the result.
    fn run(&self, threads: &Threads) {
        let ((m, k), (n, _)) = (self.lhs.size(), self.rhs.size());
        let count = threads.count().min(m * n * k / SHARE);
        if count <= 1 {
            return self.part(0..m, 0..n);
        }
        // The longer side is cut: what both parts need is brought into panels by each.
        let panel = 2 * self.machine.lanes;
        let parts: Vec<(Range<usize>, Range<usize>)> = if n >= m {
            let panels = n.div_ceil(panel);
            let range = |part: Range<usize>| part.start * panel..(part.end * panel).min(n);
            pieces(0..panels, panels.div_ceil(count)).map(|part| (0..m, range(part))).collect()
        } else {
            pieces(0..m, m.div_ceil(count)).map(|rows| (rows, 0..n)).collect()
        };
        threads.for_each(parts, |(rows, columns)| self.part(rows, columns));
    }

    /// Computes a part of the result.
    fn part(&self, rows: Range<usize>, columns: Range<usize>) {
        let k = self.lhs.size().1;
        let panel = 2 * self.machine.lanes;
        let tiles = rows.len().div_ceil(self.machine.rows);
        let left = self.lhs.place().filter(|_| columns.len() <= 2 * panel);
        let right = self.rhs.place().filter(|&(_, line, step)| {
            let near = step.unsigned_abs() * k * size_of::<T>() <= NEAR;
            line == 1 && (tiles <= 2 || near)
        });
        let height = BLOCK / size_of::<T>() / deepest::<T>();
        let deepest = deepest::<T>().min(k);
        // A panel's lines are at most twice as many as there are, but for a panel.
        let room = height.min(rows.len()).next_multiple_of(self.machine.rows) * deepest;
        let room = if left.is_some() { 0 } else { room.next_multiple_of(64) };
        scratch::with::<T, _>(room + GROUP * panel * deepest, |scratch| {
            let (panels, group) = scratch.split_at_mut(room);
            for rows in pieces(rows, height) {
                let tall = rows.len().div_ceil(rows.len().div_ceil(self.machine.rows));
                for depth in pieces(0..k, deepest) {
                    if left.is_none() {
                        self.lhs.pack(self.machine, rows.clone(), depth.clone(), tall, panels);
                    }
                    for first in columns.clone().step_by(GROUP * panel) {
                        let columns = first..(first + GROUP * panel).min(columns.end);
                        self.group((&rows, tall), columns, &depth, (left, panels), (right, group));
                    }
                }
            }
        });
    }

    /// Adds some terms of a few panels' columns.
    fn group(
        &self,
        (rows, tall): (&Range<usize>, usize),
        columns: Range<usize>,
        depth: &Range<usize>,
        (left, panels): (Option<Place<T>>, &[T]),
        (right, group): (Option<Place<T>>, &mut [T]),
    ) {
        let lanes = self.machine.lanes;
        let panel = 2 * lanes;
        let in_place = |count: usize| right.is_some() && count.is_multiple_of(lanes);
        let whole = columns.len() - columns.len() % panel;
        let rest = columns.start + whole..columns.end;
        if right.is_none() && whole > 0 {
            self.rhs.pack(self.machine, columns.start..rest.start, depth.clone(), panel, group);
        }
        if !rest.is_empty() && !in_place(rest.len()) {
            // The last panel has half the width, if that is enough.
            let (narrow, group) = (rest.len().next_multiple_of(lanes), &mut group[whole * depth.len()..]);
            self.rhs.pack(self.machine, rest, depth.clone(), narrow, group);
        }
        let start = columns.start;
        for first in columns.clone().step_by(panel) {
            let columns = first..(first + panel).min(columns.end);
            let width = columns.len().next_multiple_of(lanes);
            let (rhs, rhs_step) = match right {
                Some((from, _, step)) if in_place(columns.len()) => {
                    let at = first as isize + depth.start as isize * step;
                    // SAFETY: inside the operand.
                    (unsafe { from.offset(at) }, step)
                }
                _ => {
                    let panel = &group[(first - start) * depth.len()..];
                    (NonNull::from(panel).cast::<T>(), width as isize)
                }
            };
            for top in rows.clone().step_by(tall) {
                let count = tall.min(rows.end - top);
                let (lhs, lhs_steps) = match left {
                    Some((from, line, step)) => {
                        let at = top as isize * line + depth.start as isize * step;
                        // SAFETY: inside the operand.
                        (unsafe { from.offset(at) }, (line, step))
                    }
                    None => {
                        let panel = &panels[(top - rows.start) * depth.len()..];
                        (NonNull::from(panel).cast(), (1, tall as isize))
                    }
                };
                // SAFETY: inside the result, and inside a panel or lines that are as long.
                let (out, next) = unsafe { (self.out.data.add(top * self.row + first), rhs.add(lanes)) };
                let tile = Tile {
                    depth: depth.len(),
                    lhs: lhs.cast(),
                    lhs_steps,
                    rhs: [rhs.cast(), next.cast()],
                    rhs_step,
                    terms: NonNull::dangling(),
                    // SAFETY: not behind the result where there is a second vector.
                    out: [out, unsafe { out.add(lanes.min(columns.len())) }].map(NonNull::cast),
                    row: self.row,
                    columns: [columns.len().min(lanes), columns.len().saturating_sub(lanes)],
                    accumulate: self.accumulate || depth.start > 0,
                };
                let scattered = left.is_some() || count < tall;
                let mode = if scattered { mode::SCATTERED } else { mode::PANEL };
                // SAFETY: the operands lie in their panels or where their sources say, and the result in the
                // slice that `product` has checked.
                unsafe { self.machine.tile(count, width / lanes, mode, &tile) };
            }
        }
    }
}

#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;
