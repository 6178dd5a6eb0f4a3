//! Random numbers that depend on a name and an index, not on the order of work.

mod normal;

use rand_philox::{Philox, splitmix64};

use crate::Scalar;

/// Words generated at a time: 256 blocks of four.
const WORDS: usize = 1024;

/// A stream of random numbers that is a function of (seed, name, index) alone.
///
/// The generator is Philox4x32-10 (Salmon et al. 2011, "Parallel random
/// numbers: as easy as 1, 2, 3"): block b of the stream is a keyed bijection of
/// the 128-bit counter index·2⁶⁴ + b, so any place can be reached at once and
/// streams of different indices never overlap. The key is
/// mix(mix(seed + φ) ⊕ FNV-1a(name)) with mix the finalizer of SplitMix64,
/// φ = 0x9e3779b97f4a7c15 and the 64-bit FNV-1a hash of the name's UTF-8 bytes.
///
/// Every method begins at a fresh block of 128 bits and leaves the stream at
/// one. Numbers are the same bits on every machine: logarithm, sine and cosine
/// are computed here, by fixed polynomials, not by the platform's library.
///
/// ```
/// use thalweg_lab::random::Stream;
///
/// let mut probe = [0.0f64; 4];
/// Stream::new(7, "trace", 3).fill_rademacher(&mut probe);
/// let mut again = [0.0f64; 4];
/// Stream::new(7, "trace", 3).fill_rademacher(&mut again);
/// assert_eq!(probe, again);
/// assert!(probe.iter().all(|v| v.abs() == 1.0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    index: u64,
    block: u64,
}

impl Stream {
    /// The stream of the given seed, name and index, at its beginning.
    pub fn new(seed: u64, name: &str, index: u64) -> Self {
        let key = splitmix64(splitmix64(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ fnv1a(name));
        Self { key: [key as u32, (key >> 32) as u32], index, block: 0 }
    }

    /// How many blocks of 128 bits were used up.
    pub fn position(&self) -> u64 {
        self.block
    }

    /// Goes to a place that [`position`](Self::position) gave.
    pub fn seek(&mut self, position: u64) {
        self.block = position;
    }

    /// Independent standard normal numbers, two a block.
    ///
    /// The method is Box & Muller's (1958), √(−2 ln u) (cos 2πv, sin 2πv) with
    /// 52-bit u and v, computed in f64 and rounded to `T`. No value exceeds 8.6
    /// in size.
    pub fn fill_normal<T: Scalar>(&mut self, out: &mut [T]) {
        self.fill(out, 2, |words, out| {
            let mut pairs = [0.0; WORDS / 2];
            normal::fill(words, &mut pairs);
            for (out, &value) in out.iter_mut().zip(&pairs) {
                *out = T::of(value);
            }
        });
    }

    /// Independent uniform numbers of [lo, hi], two a block, with 52 random bits.
    pub fn fill_uniform<T: Scalar>(&mut self, lo: f64, hi: f64, out: &mut [T]) {
        self.fill(out, 2, |words, out| {
            for (out, pair) in out.iter_mut().zip(words.chunks_exact(2)) {
                *out = T::of(lo + (hi - lo) * normal::unit(pair[0], pair[1]));
            }
        });
    }

    /// Independent signs, ±1 with equal probability, 128 a block.
    pub fn fill_rademacher<T: Scalar>(&mut self, out: &mut [T]) {
        self.fill(out, 128, |words, out| {
            for (out, word) in out.chunks_mut(32).zip(words) {
                for (bit, out) in out.iter_mut().enumerate() {
                    *out = if word >> bit & 1 == 0 { T::one() } else { -T::one() };
                }
            }
        });
    }

    /// A uniformly random order of 0..n, by the Fisher-Yates shuffle with
    /// Lemire's (2019) unbiased bounded integers.
    ///
    /// # Panics
    /// If n exceeds 2³²−1.
    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let n = u32::try_from(n).expect("a permutation has fewer than 2³² entries");
        let mut order: Vec<u32> = (0..n).collect();
        let mut words = Words { stream: self, buffer: [0; WORDS / 4], next: WORDS / 4 };
        for last in (1..n).rev() {
            order.swap(last as usize, words.below(last + 1) as usize);
        }
        order
    }

    /// Fills `out` piece by piece with `rule`, which turns four words into `per_block` numbers.
    fn fill<T>(&mut self, out: &mut [T], per_block: usize, mut rule: impl FnMut(&[u32], &mut [T])) {
        let mut words = [0; WORDS];
        for piece in out.chunks_mut(per_block * WORDS / 4) {
            let used = 4 * piece.len().div_ceil(per_block);
            self.words(&mut words[..used]);
            rule(&words[..used], piece);
        }
    }

    /// The words of the next blocks; `out` is a whole number of blocks.
    fn words(&mut self, out: &mut [u32]) {
        debug_assert_eq!(out.len() % 4, 0);
        Philox::new(self.key, u128::from(self.index) << 64 | u128::from(self.block)).fill_u32(out);
        self.block = self.block.wrapping_add(out.len() as u64 / 4);
    }
}

/// Single words of a stream, fetched a buffer at a time.
struct Words<'a> {
    stream: &'a mut Stream,
    buffer: [u32; WORDS / 4],
    next: usize,
}

impl Words<'_> {
    fn word(&mut self) -> u32 {
        if self.next == self.buffer.len() {
            self.stream.words(&mut self.buffer);
            self.next = 0;
        }
        self.next += 1;
        self.buffer[self.next - 1]
    }

    /// A uniform integer of 0..n: the high half of word·n, redrawn where the low
    /// half lies among the 2³² mod n values that would favour some results.
    fn below(&mut self, n: u32) -> u32 {
        loop {
            let product = u64::from(self.word()) * u64::from(n);
            if product as u32 >= n || product as u32 >= n.wrapping_neg() % n {
                return (product >> 32) as u32;
            }
        }
    }
}

/// The 64-bit FNV-1a hash.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
