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
        let product = Product { machine, lhs, rhs, out: Shared::new(sums), row: n, finite: AtomicBool::new(true) };
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
            let finite = done.is_none_or(|(out, rows, columns)| unsafe { self.write(out, rows, columns, start > 0) });
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
                let out = unsafe { places.sums.add(if few == steps { line / PAIR % 2 } else { line / PAIR } * BLOCK) };
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
    unsafe fn write(&self, sums: NonNull<f32>, rows: (usize, usize), columns: (usize, usize), add: bool) -> bool {
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
mod speed {
    use super::*;
    #[test]
    #[ignore = "measures"]
    fn blocks() {
        let tiles = Tiles::new();
        #[repr(align(64))]
        struct A([u8; 1 << 20]);
        let mut data = Box::new(A([0u8; 1 << 20]));
        let base = NonNull::from(&mut data.0[..]).cast::<u8>();
        for (name, steps, count, accumulate, stride, same) in [
            ("2 steps, 4 blocks, acc", 2usize, 4usize, true, 32usize, true),
            ("2 steps, 4 blocks, zero", 2, 4, false, 32, true),
            ("2 steps, 1 block, zero", 2, 1, false, 32, true),
            ("2 steps, 4 blocks, acc, distinct left", 2, 4, true, 32, false),
            ("4 steps, 4 blocks, acc", 4, 4, true, 32, true),
            ("4 steps, 4 blocks, zero", 4, 4, false, 32, true),
            ("8 steps, 4 blocks, zero", 8, 4, false, 32, true),
            ("8 steps, 4 blocks, zero, distinct", 8, 4, false, 32, false),
            ("4 steps, 4 blocks, acc, row 512", 4, 4, true, 512, true),
            ("4 steps, 4 blocks, acc, row 528", 4, 4, true, 528, true),
            ("8 steps, 4 blocks, acc, row 528", 8, 4, true, 528, true),
        ] {
            let mut best = f64::INFINITY;
            for _ in 0..300 {
                let t = std::time::Instant::now();
                for _ in 0..10 {
                    for b in 0..count {
                        unsafe {
                            let tile = |i: usize| base.add(i * steps * STEP);
                            let left = if same { [tile(0), tile(1)] } else { [tile(4 + 2 * b), tile(5 + 2 * b)] };
                            let out = base.add((1 << 19) + b * 4096 * stride / 32).cast::<f32>();
                            multiply(&tiles, (2, 2), &Block { left, right: [tile(2), tile(3)], steps, out, row: stride, accumulate });
                        }
                    }
                }
                best = best.min(t.elapsed().as_secs_f64() / 10.0);
            }
            println!("{name:40} {:.0} cycles a step", best * 3.2e9 / (steps * count) as f64);
        }
    }

    #[test]
    #[ignore = "measures"]
    fn chunks() {
        let machine = Machine::detect(crate::DType::F32);
        let mut out = vec![0u8; 100000];
        let to = NonNull::from(&mut out[..]).cast::<u8>();
        let to = unsafe { to.add(64 - to.as_ptr() as usize % 64) };
        for (lines, terms, row) in [(512usize, 512usize, 512usize), (512,512,528),(128,128,128), (512,128,512), (1024,1024,1024)] {
            let data = vec![1.5f32; lines.max(terms) * row];
            let from = NonNull::from(&data[..]).cast::<f32>();
            for (name, op, rows) in [
                ("columns natural", Operand { from, lines: (lines, 1), terms: (terms, row as isize) }, false),
                ("rows natural", Operand { from, lines: (lines, row as isize), terms: (terms, 1) }, true),
                ("columns turned", Operand { from, lines: (lines, row as isize), terms: (terms, 1) }, false),
                ("rows turned", Operand { from, lines: (lines, 1), terms: (terms, row as isize) }, true),
            ] {
              for chunk in [64, 128] {
                let mut best = f64::INFINITY;
                for _ in 0..100 {
                    let t = std::time::Instant::now();
                    for l in (0..lines).step_by(32) { for p in (0..terms).step_by(chunk) {
                        let op = op.part((l, 32), (p, chunk));
                        unsafe { if rows { op.rows(machine, to) } else { op.columns(machine, to) } }
                    }}
                    best = best.min(t.elapsed().as_secs_f64());
                }
                println!("{name:16} {lines}×{terms} row {row} by {chunk}: {:.3} cycles a number at 3.2 GHz", best * 3.2e9 / (lines * terms) as f64);
              }
            }
        }
    }

    #[test]
    #[ignore = "measures"]
    fn combined() {
        let machine = Machine::detect(crate::DType::F32);
        let tiles = Tiles::new();
        let data = vec![1.5f32; 512 * 512];
        let from = NonNull::from(&data[..]).cast::<f32>();
        let op = Operand { from, lines: (512, 1), terms: (512, 512) };
        let mut out = vec![0u8; 1 << 20];
        let to = NonNull::from(&mut out[..]).cast::<u8>();
        let to = unsafe { to.add(4096 - to.as_ptr() as usize % 4096) };
        for (name, pack, multiply_, chunk, left_l1, far) in [
            ("pack", true, false, 64usize, true, false), ("multiply", false, true, 64, true, false), ("both", true, true, 64, true, false), ("both, left in L2", true, true, 64, false, false),
            ("multiply, left in L2", false, true, 64, false, false),
            ("both, alternate", true, true, 64, true, true),
            ("both 128", true, true, 128, true, false),
            ("both 128 L2", true, true, 128, false, false),
        ] {
            let steps = chunk / 32;
            let mut best = f64::INFINITY;
            for _ in 0..100 {
                let t = std::time::Instant::now();
                let mut n = 0;
                for l in (0..512).step_by(32) {
                    for p in (0..512).step_by(chunk) {
                        n += 1;
                        let to2 = unsafe { if far { to.add(n % 2 * 16384) } else { to } };
                        if pack { unsafe { op.part((l, 32), (p, chunk)).columns(machine, to2) } }
                        if multiply_ {
                            let from = unsafe { if far { to.add((n + 1) % 2 * 16384) } else { to } };
                            for b in 0..4 {
                                unsafe {
                                    let at = if left_l1 { 1 << 15 } else { (1 << 15) + (p / 32 + b * 32) * STEP };
                                    let left = [to.add(at), to.add(at + if left_l1 { steps * STEP } else { 16 * STEP })];
                                    let right = [from, from.add(steps * STEP)];
                                    let out = to.add((1 << 19) + b * 4096).cast::<f32>();
                                    multiply(&tiles, (2, 2), &Block { left, right, steps, out, row: 32, accumulate: p > 0 });
                                }
                            }
                        }
                    }
                }
                best = best.min(t.elapsed().as_secs_f64() / n as f64);
            }
            println!("{name:40} {:.0} cycles a chunk, {:.0} a step", best * 3.2e9, best * 3.2e9 / (4 * steps) as f64);
        }
    }

    #[test]
    #[ignore = "measures"]
    fn whole() {
        let machine = Machine::detect(crate::DType::F32);
        let (m, n, k) = (128usize, 512usize, 512usize);
        let (a, b) = (vec![1.5f32; m * k], vec![1.5f32; n * k]);
        let mut c = vec![0f32; m * n];
        let t = std::time::Instant::now();
        let mut best = f64::INFINITY;
        while t.elapsed().as_secs_f64() < 3.0 {
            let t = std::time::Instant::now();
            unsafe { product(machine, (Shared::new(&mut c), n), [(NonNull::from(&a[..]).cast(), (m, k as isize), (k, 1)), (NonNull::from(&b[..]).cast(), (n, 1), (k, n as isize))], false, &Threads::default()) };
            best = best.min(t.elapsed().as_secs_f64());
        }
        println!("{} cycles", best * 3.2e9);
    }

    #[test]
    #[ignore = "measures"]
    fn beside_vectors() {
        use super::super::Strands;
        let machines: Vec<_> = Machine::all_f32().take(2).collect();
        for (name, turned) in [("x·W", (false, false)), ("x·Wᵀ", (false, true)), ("dᵀ·x", (true, false))] {
            for (m, n, k) in [(64usize, 64usize, 32usize), (64, 32, 64), (128, 32, 64), (32, 64, 128), (32,32,128), (128,64,32), (1024, 128, 128), (1024, 384, 128), (1024, 96, 128), (1024, 512, 128), (1024, 128, 512), (128, 512, 1024), (384, 128, 1024), (256, 32, 64), (1797,32,64), (24, 512, 256), (32, 512, 256), (48, 512, 256), (48, 48, 256), (64,64,64), (64,64,256)] {
                let (a, b, mut c) = (vec![1.5f32; m * k], vec![1.5f32; n * k], vec![0f32; m * n]);
                let left = if turned.0 { (1, m as isize) } else { (k as isize, 1) };
                let right = if turned.1 { (k as isize, 1) } else { (1, n as isize) };
                let mut best = [f64::INFINITY; 2];
                for _ in 0..20 {
                    for (machine, best) in machines.iter().zip(&mut best) {
                        for _ in 0..(20_000_000 / (m * n * k)).clamp(5, 200) {
                            let t = std::time::Instant::now();
                            let lhs = Strands::new(&a, 0, (m, left.0), (k, left.1));
                            let rhs = Strands::new(&b, 0, (n, right.0), (k, right.1));
                            super::super::product(machine, &mut c, n, &lhs, &rhs, false, &Threads::default());
                            *best = best.min(t.elapsed().as_secs_f64());
                        }
                    }
                }
                let rate = |s: f64| 2e-9 * (m * n * k) as f64 / s;
                println!("{name:6} {m}×{n}×{k}: {:.0} {:.0} {:.2}", rate(best[0]), rate(best[1]), best[1] / best[0]);
            }
        }
    }

    #[test]
    #[ignore = "measures"]
    fn slides() {
        let tiles = Tiles::new();
        let filters = vec![0u8; 1 << 20];
        let mut sums = vec![0f32; 32 * 6 * 96];
        for (name, plane, terms, span, count) in [
            ("aligned, one place", 128usize, vec![0u32; 9], 32usize, 2usize),
            ("aligned, near", 400, (0..9).map(|i| 64 * i).collect(), 32, 2),
            ("shifted, one place", 128, vec![4u32; 9], 32, 2),
            ("shifted, near", 400, (0..9).map(|i| 64 * i + 4).collect(), 32, 2),
            ("shifted, near, 288", 400, (0..9).map(|i| (i / 3) * 72 + i % 3 * 4).collect(), 288, 2),
            ("aligned, near, 288", 400, (0..9).map(|i| (i / 3) * 64).collect(), 288, 2),
            ("aligned, near, 96", 400, (0..9).map(|i| (i / 3) * 64).collect(), 96, 2),
            ("3 shifted, near, 288", 400, (0..9).map(|i| (i / 3) * 72 + i % 3 * 4).collect(), 288, 1),
            ("3 aligned, near, 288", 400, (0..9).map(|i| (i / 3) * 64).collect(), 288, 1),
        ] {
            let mut planes = vec![0f32; 3 * 16 * plane + 16];
            let at = planes.as_ptr().align_offset(64);
            let planes = &mut planes[at..at + 3 * 16 * plane];
            let mut filters = &filters[..];
            filters = &filters[filters.as_ptr().align_offset(64)..];
            let field = Field { terms: &terms, planes, plane };
            let mut best = f64::INFINITY;
            for _ in 0..300 {
                let t = std::time::Instant::now();
                for _ in 0..10 { field.slide(&tiles, (filters, count), span, &mut sums); }
                best = best.min(t.elapsed().as_secs_f64() / 10.0);
            }
            println!("{name:40} {:.0} cycles a tdp", best * 3.2e9 / (terms.len() * span.div_ceil(if count == 2 { 32 } else { 48 }) * if count == 2 { 24 } else { 18 }) as f64);
        }
    }

    #[test]
    #[ignore = "measures"]
    fn packing() {
        let machine = Machine::detect(crate::DType::F32);
        for (lines, terms, row) in [(512usize, 256usize, 512usize), (64, 256, 64), (64, 256, 512), (512, 64, 512), (64,256,528), (32,32,32)] {
            let data = vec![1.5f32; (lines.max(terms)) * row.max(terms)*2];
            let mut out = vec![0u8; lines * terms * 6 + 100000];
            let to = NonNull::from(&mut out[..]).cast::<u8>();
            let from = NonNull::from(&data[..]).cast::<f32>();
            for (name, op, rows) in [
                ("columns natural", Operand { from, lines: (lines, 1), terms: (terms, row as isize) }, false),
                ("rows natural", Operand { from, lines: (lines, row.max(terms) as isize), terms: (terms, 1) }, true),
                ("columns turned", Operand { from, lines: (lines, row.max(terms) as isize), terms: (terms, 1) }, false),
                ("rows turned", Operand { from, lines: (lines, 1), terms: (terms, row as isize) }, true),
            ] {
                let mut best = f64::INFINITY;
                for _ in 0..200 {
                    let t = std::time::Instant::now();
                    for _ in 0..5 { unsafe { if rows { op.rows(machine, to) } else { op.columns(machine, to) } } }
                    best = best.min(t.elapsed().as_secs_f64() / 5.0);
                }
                println!("{name:16} {lines}×{terms} row {row}: {:.3} cycles a number at 3.2 GHz", best * 3.2e9 / (lines * terms) as f64);
            }
        }
    }
}
