//! Quasi-random points, and the intervals on which they are placed.

use serde::{Deserialize, Serialize};

use crate::random::Stream;

const PRIMES: [u32; 16] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];

/// Halton's points of [0, 1)ᵈ with scrambled digits.
///
/// Coordinate j of point i is Σₖ πⱼₖ(aₖ) bⱼ⁻ᵏ⁻¹, with bⱼ the j-th prime,
/// i = Σₖ aₖ bⱼᵏ, and for each coordinate and digit a random permutation πⱼₖ of
/// 0 … bⱼ − 1, which is the same for all points. All digits are scrambled,
/// leading zeros too, down to the last with bⱼᵏ⁺¹ ≤ 2⁵³.
///
/// Each point is uniform in the cube over the seeds, up to that grid, and any
/// bⱼᵏ consecutive points have one coordinate j in each of bⱼᵏ equal parts of
/// [0, 1): the first points of a sequence are spread out, so it may be cut or
/// continued anywhere. Points are functions of seed, dimension and index, and
/// the first coordinates do not depend on the dimension.
///
/// Sources: Halton 1960, "On the efficiency of certain quasi-random sequences
/// of points in evaluating multi-dimensional integrals", Numerische Mathematik
/// 2; the scrambling as in Owen 2017, "A randomized Halton algorithm in R",
/// arXiv 1706.02808.
///
/// ```
/// use thalweg_lab::race::statistics::Halton;
///
/// let points = Halton::new(2, 7);
/// let left = (0..2).filter(|&i| points.point(i)[0] < 0.5).count();
/// assert_eq!(left, 1, "two points, one in each half");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halton {
    /// For each coordinate a permutation for each digit.
    permutations: Vec<Vec<Vec<u32>>>,
}

impl Halton {
    /// The greatest dimension.
    pub const MOST: usize = PRIMES.len();

    /// The points of the given dimension and seed.
    ///
    /// # Panics
    /// If the dimension is above [`MOST`](Self::MOST).
    pub fn new(dimension: usize, seed: u64) -> Self {
        assert!(dimension <= Self::MOST, "Halton points have at most {} coordinates", Self::MOST);
        let scrambling = |(index, &base): (usize, &u32)| {
            let mut stream = Stream::new(seed, "halton", index as u64);
            (0..digits(base)).map(|_| stream.permutation(base as usize)).collect()
        };
        Self { permutations: PRIMES[..dimension].iter().enumerate().map(scrambling).collect() }
    }

    /// The point of that index, from 0.
    pub fn point(&self, index: u64) -> Vec<f64> {
        self.permutations.iter().map(|digits| radical_inverse(index, digits)).collect()
    }
}

/// How parameters are spread over an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Their logarithms evenly.
    Log,
    /// The logarithms of their distances from 1 evenly, for momenta and other shares that are kept.
    FromOne,
}

impl Scale {
    /// The value at the given share of the way from `low` to `high`:
    /// low + u (high − low), low (high/low)ᵘ, or 1 − (1 − low) ((1 − high)/(1 − low))ᵘ. It never leaves the interval,
    /// and its ends are met exactly at 0 and 1.
    ///
    /// # Panics
    /// If `share` is not in [0, 1], or not low ≤ high, both finite, and positive for
    /// [`Scale::Log`], below 1 for [`Scale::FromOne`].
    pub fn value(self, share: f64, low: f64, high: f64) -> f64 {
        assert!((0.0..=1.0).contains(&share), "a share lies between 0 and 1, not {share}");
        self.check(low, high);
        let inside = match self {
            Scale::Linear => (1.0 - share) * low + share * high,
            Scale::Log => ((1.0 - share) * low.ln() + share * high.ln()).exp(),
            Scale::FromOne => 1.0 - ((1.0 - share) * (-low).ln_1p() + share * (-high).ln_1p()).exp(),
        };
        match share {
            0.0 => low,
            1.0 => high,
            _ => inside.clamp(low, high),
        }
    }

    /// The share of the way from `low` to `high` at which a value lies: the
    /// inverse of [`value`](Self::value). Outside the interval it is below 0 or
    /// above 1; in one of no length it is 0.
    ///
    /// # Panics
    /// As [`value`](Self::value), and if the value is NaN, or not positive for
    /// [`Scale::Log`], not below 1 for [`Scale::FromOne`].
    pub fn share(self, value: f64, low: f64, high: f64) -> f64 {
        self.check(low, high);
        self.check(value, if self == Scale::FromOne { value } else { f64::MAX });
        let (value, low, high) = match self {
            Scale::Linear => (value, low, high),
            Scale::Log => (value.ln(), low.ln(), high.ln()),
            Scale::FromOne => (-(-value).ln_1p(), -(-low).ln_1p(), -(-high).ln_1p()),
        };
        if low == high { 0.0 } else { (value - low) / (high - low) }
    }

    #[track_caller]
    fn check(self, low: f64, high: f64) {
        let least = if self == Scale::Log { f64::MIN_POSITIVE } else { f64::MIN };
        let most = if self == Scale::FromOne { 1.0f64.next_down() } else { f64::MAX };
        assert!(least <= low && low <= high && high <= most, "no {self:?} interval from {low} to {high}");
    }
}

/// How many digits of that base fit into 53 bits.
fn digits(base: u32) -> u32 {
    (1u64 << 53).ilog(u64::from(base))
}

/// The digits of the index, permuted, behind the point; exact until the one
/// division, since numerator and denominator are whole numbers up to 2⁵³.
fn radical_inverse(index: u64, permutations: &[Vec<u32>]) -> f64 {
    let (mut rest, mut numerator, mut denominator) = (index, 0, 1);
    for permutation in permutations {
        let base = permutation.len() as u64;
        numerator = numerator * base + u64::from(permutation[(rest % base) as usize]);
        denominator *= base;
        rest /= base;
    }
    numerator as f64 / denominator as f64
}

#[cfg(test)]
mod tests;
