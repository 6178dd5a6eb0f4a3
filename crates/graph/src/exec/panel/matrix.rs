//! Products of matrices of f32 on a matrix unit that multiplies bf16 (Intel's AMX).
//!
//! Each number is the sum of three of bf16, exactly, and of the nine products of two such sums' parts the six that are
//! not below 2⁻²⁴ of the whole are added up in f32: Henry, Tang and Heinecke, "Leveraging the bfloat16 Artificial
//! Intelligence Datatype For Higher-Precision Computations" (ARITH 2019), with three parts. The error is that of sums
//! in f32; the unit's multiplications are so fast that six of them take less than half the time of one in f32.
//!
//! The unit has no numbers below 2⁻¹²⁶, and infinite ones have no parts: products with such operands are left to
//! vectors. Sums of 32 terms are rounded before they are added to those before.

mod block;
mod field;
mod slide;
mod split;
mod unit;

use std::arch::x86_64::*;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

pub(in crate::exec) use block::STEP;
use block::{Block, multiply};
pub(in crate::exec) use field::{Field, Pairs, TOGETHER, filters, is_finite, pairs};
use split::Operand;
use unit::PRESENT;
pub(in crate::exec) use unit::Tiles;

use super::machine::Machine;
use super::shared::Shared;
use super::{pieces, scratch};
use crate::exec::Threads;

/// Lines of a tile: rows of a left operand's, columns of a right one's and of the result's.
const LINES: usize = 16;
/// Terms of a step.
const TERMS: usize = 32;
/// Bytes of a tile.
const TILE: usize = 1024;
/// Lines of the other operand that are brought into tiles in the first-level cache at a time, and their terms.
const PAIR: usize = 2 * LINES;
const CHUNK: usize = 64;
/// So many terms are brought there together …
const SHORT: usize = 128;
/// … with more lines of the smaller operand in tiles in the second-level cache.
const MANY: usize = 512;
/// Lines that stay there otherwise, and their terms.
const FEW: usize = 256;
const DEPTH: usize = 1024;
/// Multiplications that are worth a thread of their own.
const SHARE: usize = 1 << 20;
/// Lines of either operand, and multiplications, from which on the unit is faster than vectors; measured.
const LEAST: usize = 32;
const WORTH: usize = 1 << 19;

/// Where an operand lies: its first number, its lines and their distance, its terms and theirs.
pub(super) type Lying = (NonNull<f32>, (usize, isize), (usize, isize));

/// Whether this process has a matrix unit, and AVX-512 beside it.
pub(super) fn is_present() -> bool {
    *PRESENT
}

/// Whether a matrix unit is faster than vectors for a product of such a size.
pub(super) fn suits(m: usize, n: usize, k: usize) -> bool {
    m.min(n).min(k) >= LEAST && m * n * k >= WORTH
}

/// `out` (+)= lhs · rhs, if all numbers are finite; otherwise the answer is no, and the result is to be overwritten
/// unless it was to be added to, in which case nothing happened.
///
/// # Safety
/// There is a matrix unit, the operands can be read, and rows of the result, `row` apart, lie in `out`, to which
/// nobody else has access.
pub(super) unsafe fn product(
    machine: &Machine,
    (out, row): (Shared<f32>, usize),
    [lhs, rhs]: [Lying; 2],
    accumulate: bool,
    threads: &Threads,
) -> bool {
    let operand = |(from, lines, terms): Lying| Operand { from, lines, terms };
    let (lhs, rhs) = (operand(lhs), operand(rhs));
    let (m, n) = (lhs.lines.0, rhs.lines.0);
    if !accumulate {
        return Product { machine, lhs, rhs, out, row, finite: AtomicBool::new(true) }.run(threads);
    }
    scratch::with::<f32, _>(m * n, |sums| {
        let product =
            Product { machine, lhs, rhs, out: Shared::new(sums), row: n, finite: AtomicBool::new(true) };
        let finite = product.run(threads);
        for (i, sums) in sums.chunks_exact(n).enumerate().filter(|_| finite) {
            // SAFETY: a row of the result, which is the caller's alone.
            let out = unsafe { NonNull::slice_from_raw_parts(out.data.add(i * row), n).as_mut() };
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
        }
        finite
    })
}

struct Product<'a> {
    machine: &'a Machine,
    lhs: Operand,
    rhs: Operand,
    out: Shared<'a, f32>,
    /// Distance between the result's rows.
    row: usize,
    /// Whether all results so far are; with an operand that is not, none of its line is.
    finite: AtomicBool,
}

impl Product<'_> {
    /// Computes the result, and returns whether it is finite.
    fn run(&self, threads: &Threads) -> bool {
        let ((m, k), n) = ((self.lhs.lines.0, self.lhs.terms.0), self.rhs.lines.0);
        let count = threads.count().min(m * n * k / SHARE);
        if count <= 1 {
            self.part(0..m, 0..n);
        } else {
            let cut = |size: usize| -> Vec<Range<usize>> {
                let pairs = size.div_ceil(PAIR);
                let part = |some: Range<usize>| some.start * PAIR..(some.end * PAIR).min(size);
                pieces(0..pairs, pairs.div_ceil(count)).map(part).collect()
            };
            // The longer side is cut: what both parts need is brought into tiles by each.
            let parts: Vec<_> = match n >= m {
                true => cut(n).into_iter().map(|columns| (0..m, columns)).collect(),
                false => cut(m).into_iter().map(|rows| (rows, 0..n)).collect(),
            };
            threads.for_each(parts, |(rows, columns)| self.part(rows, columns));
        }
        self.finite.load(Ordering::Relaxed)
    }

    /// Computes a part of the result.
    fn part(&self, rows: Range<usize>, columns: Range<usize>) {
        let turned = columns.len() < rows.len();
        let (resident, moving) = if turned { (columns, rows) } else { (rows, columns) };
        let k = self.lhs.terms.0;
        let (most, chunk) = if k <= SHORT { (MANY, k) } else { (FEW, CHUNK) };
        let room = resident.len().min(most).div_ceil(LINES) * DEPTH.min(k).div_ceil(TERMS) * STEP;
        let pair = PAIR / LINES * chunk.div_ceil(TERMS) * STEP;
        let tiles = Tiles::new();
        scratch::with::<u8, _>(room + pair + FEW.div_ceil(PAIR) * BLOCK * size_of::<f32>(), |scratch| {
            let (kept, rest) = scratch.split_at_mut(room);
            let (moved, sums) = rest.split_at_mut(pair);
            let places = Places {
                turned,
                chunk,
                kept: NonNull::from(kept).cast(),
                moved: NonNull::from(moved).cast(),
                sums: NonNull::from(sums).cast(),
            };
            for first in resident.clone().step_by(most) {
                let lines = (first, most.min(resident.end - first));
                for start in (0..k).step_by(DEPTH) {
                    let depth = (start, DEPTH.min(k - start));
                    self.bring(turned, lines, depth, places.kept);
                    for first in moving.clone().step_by(PAIR) {
                        let pair = (first, PAIR.min(moving.end - first));
                        self.pair(&tiles, &places, lines, pair, depth);
                    }
                }
            }
        });
    }

    /// Brings a part of the left operand into tiles, or of the right one.
    fn bring(&self, right: bool, lines: (usize, usize), terms: (usize, usize), to: NonNull<u8>) {
        // SAFETY: the unit comes with AVX-512, and there is room for as many tiles.
        unsafe {
            match right {
                true => self.rhs.part(lines, terms).columns(self.machine, to),
                false => self.lhs.part(lines, terms).rows(self.machine, to),
            }
        }
    }

    /// Computes the products of the lines that stay with two tiles of the others, some terms of them.
    fn pair(
        &self,
        tiles: &Tiles,
        places: &Places,
        (first, lines): (usize, usize),
        pair: (usize, usize),
        (start, depth): (usize, usize),
    ) {
        let steps = depth.div_ceil(TERMS);
        let size = |lines: usize| lines.div_ceil(LINES).min(2);
        let finish = |done: Option<(NonNull<f32>, (usize, usize), (usize, usize))>| {
            // SAFETY: the unit comes with AVX-512, and the sums are there.
            let finite =
                done.is_none_or(|(out, rows, columns)| unsafe { self.write(out, rows, columns, start > 0) });
            if !finite {
                self.finite.store(false, Ordering::Relaxed);
            }
        };
        let mut done = None;
        for from in (0..depth).step_by(places.chunk) {
            let terms = places.chunk.min(depth - from);
            self.bring(!places.turned, pair, (start + from, terms), places.moved);
            let few = terms.div_ceil(TERMS);
            for line in (0..lines).step_by(PAIR) {
                // SAFETY: tiles that are there, or, unused, one behind the last.
                let (kept, moved) = unsafe {
                    let tile = |t: usize| places.kept.add(((line / LINES + t) * steps + from / TERMS) * STEP);
                    ([tile(0), tile(1)], [places.moved, places.moved.add(few * STEP)])
                };
                let (left, right) = if places.turned { (moved, kept) } else { (kept, moved) };
                // SAFETY: there are at least two blocks, and one for every two tiles that stay where the sums go on.
                let out = unsafe {
                    places.sums.add(if few == steps { line / PAIR % 2 } else { line / PAIR } * BLOCK)
                };
                let block = Block { left, right, steps: few, out, row: PAIR, accumulate: from > 0 };
                let (kept, moved) = (size(lines - line), size(pair.1));
                let sizes = if places.turned { (moved, kept) } else { (kept, moved) };
                // SAFETY: the tiles are there, and the sums are the thread's own.
                unsafe { multiply(tiles, sizes, &block) };
                if from + terms == depth {
                    let kept = (first + line, PAIR.min(lines - line));
                    let (rows, columns) = if places.turned { (pair, kept) } else { (kept, pair) };
                    // One block later, so that it need not wait for the sums.
                    finish(done.replace((out, rows, columns)));
                }
            }
        }
        finish(done);
    }

    /// Writes a block of sums into the result, or adds them, and returns whether they are finite.
    ///
    /// # Safety
    /// The machine has AVX-512, and the sums can be read.
    #[target_feature(enable = "avx512f")]
    unsafe fn write(
        &self,
        sums: NonNull<f32>,
        rows: (usize, usize),
        columns: (usize, usize),
        add: bool,
    ) -> bool {
        let magnitude = _mm512_set1_epi32(i32::MAX);
        let mut largest = _mm512_setzero_si512();
        for i in 0..rows.1 {
            for j in (0..columns.1).step_by(LINES) {
                let some = (u32::MAX >> (32 - (columns.1 - j).min(LINES))) as __mmask16;
                // SAFETY: a row of the block, and one of the result, which is the caller's alone.
                unsafe {
                    let mut x = _mm512_maskz_loadu_ps(some, sums.add(i * PAIR + j).as_ptr());
                    let to = self.out.data.add((rows.0 + i) * self.row + columns.0 + j).as_ptr();
                    if add {
                        x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(some, to));
                    }
                    largest = _mm512_max_epi32(largest, _mm512_and_si512(_mm512_castps_si512(x), magnitude));
                    _mm512_mask_storeu_ps(to, some, x);
                }
            }
        }
        _mm512_reduce_max_epi32(largest) < f32::INFINITY.to_bits().cast_signed()
    }
}

/// Numbers of a block of two by two tiles of sums.
const BLOCK: usize = PAIR * PAIR;

/// Where a part's tiles and sums are.
struct Places {
    /// Whether it is the columns that stay.
    turned: bool,
    /// Terms of the other lines that are there at a time.
    chunk: usize,
    kept: NonNull<u8>,
    moved: NonNull<u8>,
    sums: NonNull<f32>,
}

#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;
