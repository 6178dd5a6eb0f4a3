//! Numbers as sums of three of bf16, and operands brought into tiles of them.

use std::arch::x86_64::*;
use std::ptr::NonNull;

use super::super::machine::Machine;
use super::super::pack::Lines;
use super::block::STEP;
use super::{LINES, TERMS, TILE};

/// Equally long lines at equal distances.
#[derive(Clone, Copy)]
pub(super) struct Operand {
    pub from: NonNull<f32>,
    /// Number of lines, and the distance between them.
    pub lines: (usize, isize),
    /// Number of terms, and the distance between them.
    pub terms: (usize, isize),
}

// SAFETY: it is read as a slice is, for as long as those live that lent it.
unsafe impl Sync for Operand {}

impl Operand {
    /// A part of the lines, and of their terms.
    pub fn part(&self, (first, lines): (usize, usize), (start, terms): (usize, usize)) -> Self {
        debug_assert!(first + lines <= self.lines.0 && start + terms <= self.terms.0);
        let at = first as isize * self.lines.1 + start as isize * self.terms.1;
        // SAFETY: inside the operand.
        let from = unsafe { self.from.offset(at) };
        Self { from, lines: (lines, self.lines.1), terms: (terms, self.terms.1) }
    }

    /// Brings the operand into tiles of the result's rows: for each of [`LINES`] lines and each step of [`TERMS`]
    /// terms, and for each part of the numbers, the pairs of a line one behind the other.
    ///
    /// # Safety
    /// The machine has AVX-512, the numbers can be read, and there is room behind `to`.
    #[target_feature(enable = "avx512f")]
    pub unsafe fn rows(&self, machine: &Machine, to: NonNull<u8>) {
        let mut stage = Stage([0.0; LINES * TERMS]);
        // SAFETY: as the caller vouches.
        unsafe {
            self.each(to, |some, to| {
                let whole = some.terms == (TERMS, 1);
                let (from, line) =
                    if whole { (some.from, some.lines.1) } else { (stage.rows(machine, some), 32) };
                for i in 0..some.lines.0 {
                    let from = from.offset(i as isize * line);
                    let (x, y) =
                        (_mm512_loadu_ps(from.as_ptr()), _mm512_loadu_ps(from.add(TERMS / 2).as_ptr()));
                    split(x, y, to.add(i * 64), TILE);
                }
            });
        }
    }

    /// Brings the operand into tiles of the result's columns: for each pair, the lines one behind the other.
    ///
    /// # Safety
    /// As [`rows`](Self::rows).
    #[target_feature(enable = "avx512f")]
    pub unsafe fn columns(&self, machine: &Machine, to: NonNull<u8>) {
        let mut stage = Stage([0.0; LINES * TERMS]);
        // SAFETY: as the caller vouches.
        unsafe {
            self.each(to, |some, to| {
                let whole = some.lines == (LINES, 1) && some.terms.0 == TERMS;
                let (from, step) =
                    if whole { (some.from, some.terms.1) } else { (stage.columns(machine, some), 16) };
                for j in 0..TERMS / 2 {
                    let from = from.offset(j as isize * step);
                    let below = from.offset(TERMS as isize / 2 * step);
                    split(
                        _mm512_loadu_ps(from.as_ptr()),
                        _mm512_loadu_ps(below.as_ptr()),
                        to.add(j * 64),
                        TILE,
                    );
                }
            });
        }
    }

    /// The operand in parts of a tile's lines and a step's terms, each with its place behind `to`.
    ///
    /// # Safety
    /// There is room behind `to`.
    #[inline(always)]
    unsafe fn each(&self, to: NonNull<u8>, mut work: impl FnMut(Self, NonNull<u8>)) {
        let steps = self.terms.0.div_ceil(TERMS);
        for s in 0..steps {
            for t in 0..self.lines.0.div_ceil(LINES) {
                let (first, start) = (t * LINES, s * TERMS);
                let some = self
                    .part((first, LINES.min(self.lines.0 - first)), (start, TERMS.min(self.terms.0 - start)));
                // SAFETY: as the caller vouches.
                work(some, unsafe { to.add((t * steps + s) * STEP) });
            }
        }
    }
}

/// A tile's lines of a step's terms, as they come from anywhere.
#[repr(align(64))]
struct Stage([f32; LINES * TERMS]);

impl Stage {
    /// Line by line; missing terms become zeros.
    fn rows(&mut self, machine: &Machine, some: Operand) -> NonNull<f32> {
        self.pack(machine, some.terms, some.lines, some.from, TERMS);
        for line in self.0.chunks_exact_mut(TERMS) {
            line[some.terms.0..].fill(0.0);
        }
        NonNull::from(&self.0).cast()
    }

    /// Term by term; missing terms become zeros.
    fn columns(&mut self, machine: &Machine, some: Operand) -> NonNull<f32> {
        self.pack(machine, some.lines, some.terms, some.from, LINES);
        self.0[some.terms.0 * LINES..].fill(0.0);
        NonNull::from(&self.0).cast()
    }

    fn pack(
        &mut self,
        machine: &Machine,
        (count, line): (usize, isize),
        (depth, step): (usize, isize),
        from: NonNull<f32>,
        width: usize,
    ) {
        let to = NonNull::from(&mut self.0).cast();
        let lines = Lines { from: from.cast(), line, step, count, depth, to, width };
        debug_assert!(count <= width && depth * width <= self.0.len());
        // SAFETY: the lines can be read as the operand can, and the stage has room.
        unsafe { machine.pack(&lines) };
    }
}

/// Writes the pairs of two vectors' numbers, part by part, to rows that are `apart` bytes apart: x = x₁ + x₂ + x₃, where
/// x₁ is x rounded to bf16's eight digits, x₂ the rest rounded, and x₃ what is left, which has no more digits.
///
/// # Safety
/// The machine has AVX-512, and the rows can be written.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn split(mut x: __m512, mut y: __m512, to: NonNull<u8>, apart: usize) {
    for part in 0..3 {
        let (u, v) = if part < 2 { (rounded(x), rounded(y)) } else { (x, y) };
        let pairs = _mm512_or_si512(_mm512_srli_epi32::<16>(_mm512_castps_si512(u)), _mm512_castps_si512(v));
        // SAFETY: as the caller vouches.
        unsafe { _mm512_storeu_si512(to.add(part * apart).as_ptr().cast(), pairs) };
        (x, y) = (_mm512_sub_ps(x, u), _mm512_sub_ps(y, v));
    }
}

/// Rounds to eight binary digits, halves away from zero.
#[inline]
#[target_feature(enable = "avx512f")]
fn rounded(x: __m512) -> __m512 {
    let x = _mm512_add_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(0x8000));
    _mm512_castsi512_ps(_mm512_and_si512(x, _mm512_set1_epi32(0xffff_0000_u32.cast_signed())))
}
