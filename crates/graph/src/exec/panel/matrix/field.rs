//! Images as planes of pairs of numbers, over which filters slide.

use std::arch::x86_64::*;
use std::ptr::NonNull;

use super::block::STEP;
use super::slide::{Slide, slide};
use super::split::split;
use super::unit::{PRESENT, Tiles};
use super::{LINES, TILE};

/// Where the weights of a step's pairs are, behind the first of a filter; some are missing.
pub(in crate::exec) struct Pairs {
    at: [[i32; LINES]; 2],
    there: [u16; 2],
}

impl Pairs {
    /// None if they are too far apart.
    pub fn new(pair: impl Fn(usize) -> [Option<isize>; 2]) -> Option<Self> {
        let mut pairs = Self { at: [[0; LINES]; 2], there: [0; 2] };
        for i in 0..LINES {
            for (half, at) in pair(i).into_iter().enumerate() {
                let Some(at) = at else { continue };
                pairs.at[half][i] = i32::try_from(at).ok()?;
                pairs.there[half] |= 1 << i;
            }
        }
        Some(pairs)
    }

    /// The first and the last place.
    fn ends(&self) -> (isize, isize) {
        let there = |half: usize| move |i: &usize| self.there[half] >> i & 1 == 1;
        let all =
            (0..2).flat_map(|half| (0..LINES).filter(there(half)).map(move |i| self.at[half][i] as isize));
        all.fold((0, 0), |(low, high), at| (low.min(at), high.max(at)))
    }
}

/// Brings `count` filters at distances of `line`, of which the first begins at `start` of `rhs`, into tiles of steps.
///
/// # Panics
/// If a weight is not in `rhs`, if the tiles have no room, or if there is no matrix unit.
pub(in crate::exec) fn filters(
    (rhs, start): (&[f32], isize),
    (count, line): (usize, isize),
    pairs: &[Pairs],
    tiles: &mut [u8],
) {
    assert!(*PRESENT && count.div_ceil(LINES) * pairs.len() * STEP <= tiles.len(), "tiles for the filters");
    let ends = pairs.iter().map(Pairs::ends).fold((0, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    let last = (count as isize - 1) * line;
    let (low, high) = (start + last.min(0) + ends.0, start + last.max(0) + ends.1);
    assert!(low >= 0 && (high as usize) < rhs.len(), "a filter leaves its array");
    // SAFETY: there is a unit, hence AVX-512; weights and tiles are there, as was just checked.
    unsafe {
        let from = NonNull::from(rhs).cast::<f32>().offset(start);
        gather(from, (count, line), pairs, NonNull::from(tiles).cast());
    }
}

/// # Safety
/// The machine has AVX-512, the weights can be read, and there is room for the tiles.
#[target_feature(enable = "avx512f")]
unsafe fn gather(from: NonNull<f32>, (count, line): (usize, isize), steps: &[Pairs], to: NonNull<u8>) {
    for (step, pairs) in steps.iter().enumerate() {
        for i in 0..count {
            // SAFETY: as the caller vouches; what is not there is not read.
            unsafe {
                let from = from.offset(i as isize * line).as_ptr();
                let half = |half: usize| {
                    let at = _mm512_loadu_si512(pairs.at[half].as_ptr().cast());
                    _mm512_mask_i32gather_ps::<4>(_mm512_setzero_ps(), pairs.there[half], at, from)
                };
                let tile = (i / LINES * steps.len() + step) * STEP;
                split(half(0), half(1), to.add(tile + i % LINES * 64), TILE);
            }
        }
    }
}

/// Writes the pairs of two lines' first `count` numbers to a plane, and the other two parts of the numbers to planes
/// that lie `apart` further on. A plane's last pairs up to a whole tile's may hold anything.
///
/// # Panics
/// If lines or planes are too short for whole tiles, or if there is no matrix unit.
pub(in crate::exec) fn pairs([first, second]: [&[f32]; 2], count: usize, to: &mut [f32], apart: usize) {
    let whole = count.next_multiple_of(LINES);
    assert!(*PRESENT && whole <= first.len().min(second.len()), "{count} numbers of lines");
    assert!(2 * apart + whole <= to.len(), "planes for {count} pairs");
    // SAFETY: there is a unit, hence AVX-512; lines and planes are long enough.
    unsafe {
        interleave(
            [first, second].map(|line| NonNull::from(line).cast()),
            whole,
            NonNull::from(to).cast(),
            apart,
        )
    }
}

/// # Safety
/// The machine has AVX-512, `count` numbers of the lines can be read, and as many of each plane be written.
#[target_feature(enable = "avx512f")]
unsafe fn interleave([first, second]: [NonNull<f32>; 2], count: usize, to: NonNull<f32>, apart: usize) {
    for i in (0..count).step_by(LINES) {
        // SAFETY: as the caller vouches.
        unsafe {
            let (x, y) = (_mm512_loadu_ps(first.add(i).as_ptr()), _mm512_loadu_ps(second.add(i).as_ptr()));
            split(x, y, to.add(i).cast(), 4 * apart);
        }
    }
}

/// Whether all numbers are finite.
///
/// # Panics
/// If there is no matrix unit.
pub(in crate::exec) fn is_finite(numbers: &[f32]) -> bool {
    assert!(*PRESENT, "a matrix unit");
    // SAFETY: the unit comes with AVX-512.
    unsafe { largest(numbers) < f32::INFINITY.to_bits() }
}

/// The largest magnitude, as bits.
#[target_feature(enable = "avx512f")]
fn largest(numbers: &[f32]) -> u32 {
    numbers.iter().fold(0, |largest: u32, x| largest.max(x.to_bits() & 0x7fff_ffff))
}

/// Positions that are computed together divide this.
pub(in crate::exec) const TOGETHER: usize = 6 * LINES;

/// An image as planes of pairs, and what each step meets in it.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Field<'a> {
    /// How many bytes each step's pairs lie behind those of the first position.
    pub terms: &'a [u32],
    /// The planes of all pairs, three times.
    pub planes: &'a [f32],
    /// Numbers of a plane.
    pub plane: usize,
}

impl Field<'_> {
    /// Computes the sums of one or two tiles of filters at `span` positions and, up to a multiple of [`TOGETHER`], what
    /// is behind them; `sums` gets those of one filter after the other.
    ///
    /// # Panics
    /// If filters, image or sums are too short.
    pub fn slide(&self, tiles: &Tiles, (filters, count): (&[u8], usize), span: usize, sums: &mut [f32]) {
        let Self { terms, planes, plane } = *self;
        let (columns, row) =
            (if count == 2 { 2 * LINES } else { 3 * LINES }, span.next_multiple_of(TOGETHER));
        let last = terms.iter().max().map_or(0, |&at| at as usize / 4);
        let part = planes.len() / 3;
        assert!(
            !terms.is_empty() && filters.len() >= count * terms.len() * STEP,
            "filters for {} steps",
            terms.len()
        );
        assert!(last + (LINES - 1) * plane + row <= part, "{row} positions in an image");
        assert!(sums.len() >= count * LINES * row, "{row} sums");
        let left = NonNull::from(filters).cast::<u8>();
        for first in (0..span).step_by(columns) {
            // SAFETY: inside the three slices, as was just checked; one tile of filters needs no second.
            unsafe {
                let of = Slide {
                    left: [left, if count == 2 { left.add(terms.len() * STEP) } else { left }],
                    terms: NonNull::from(terms).cast(),
                    steps: terms.len(),
                    right: NonNull::from(planes).cast::<f32>().add(first).cast(),
                    line: 4 * plane,
                    part: 4 * part,
                    out: NonNull::from(&mut *sums).cast::<f32>().add(first),
                    row,
                };
                slide(tiles, count, &of);
            }
        }
    }
}
