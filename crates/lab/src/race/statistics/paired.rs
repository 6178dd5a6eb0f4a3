//! Tests of whether one of two methods is cheaper on the same problems and seeds.
//!
//! Both tests take the costs of two methods, entry by entry from the same
//! problem and seed, and are two-sided. A pair in which both failed says
//! nothing about which is better: it is a tie. A pair in which one failed is a
//! difference above all others, and all such pairs are equally large.

use serde::{Deserialize, Serialize};

use super::normal::upper_tail;
use super::valid;

mod null;

/// The most differences for which the signed-rank test counts all signs.
const EXACT: usize = 50;

/// What a comparison of two methods found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairVerdict {
    /// The first is cheaper.
    First,
    /// The second is cheaper.
    Second,
    /// The data do not tell; that does not say that the methods are equal.
    NoDifferenceDetected,
}

/// The outcome of a test of paired costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedTest {
    /// Sum of the ranks of the pairs in which the first was cheaper; in the
    /// sign test, how many they are.
    pub first: f64,
    /// The same for the second.
    pub second: f64,
    /// How many pairs differ.
    pub used: usize,
    /// How many pairs are tied, those in which both failed among them.
    pub ties: usize,
    /// Whether `p` comes from counting all signs; otherwise from a normal distribution.
    pub exact: bool,
    /// Two-sided p-value: how likely so one-sided an outcome is if both signs
    /// of each difference are equally likely. 1 if no pair differs.
    pub p: f64,
}

impl PairedTest {
    /// The test statistic: the smaller of the two sums.
    pub fn statistic(&self) -> f64 {
        self.first.min(self.second)
    }

    /// The method with the larger sum, if `p`, adjusted for the number of
    /// tests made ([`holm`](super::holm())), is at most `level`.
    pub fn verdict(&self, p: f64, level: f64) -> PairVerdict {
        match self.first.total_cmp(&self.second) {
            std::cmp::Ordering::Greater if p <= level => PairVerdict::First,
            std::cmp::Ordering::Less if p <= level => PairVerdict::Second,
            _ => PairVerdict::NoDifferenceDetected,
        }
    }
}

/// Wilcoxon's signed-rank test of paired costs.
///
/// The sizes |aᵢ − bᵢ| are ranked from 1, equal ones by their average rank, and
/// the ranks of each sign are added up. Tied pairs are ranked first and then
/// left out (Pratt's method), so that adding them cannot create evidence.
/// Sizes are equal if their f64 are.
///
/// Up to 50 differing pairs p is exact, also under equal ranks: all 2ⁿ signs
/// are counted, by dynamic programming over the sums of the ranks that occur.
/// Above, with the smaller sum T, p = 2 P(Z ≥ (|T − μ| − ½)/σ) for a standard
/// normal Z, μ = ½ Σ rᵢ and σ² = ¼ Σ rᵢ² over the ranks used, which contains
/// the corrections for ties and zeros (Cureton 1967); the ½ is that for continuity.
///
/// The test is for a shift of a symmetric distribution of differences, in the
/// costs' own scale: pass logarithms where ratios matter more than differences,
/// as between problems of different difficulty. Cost: O(n²N) for n differing
/// of N pairs up to 50, O(N log N) above.
///
/// # Panics
/// If the lengths differ, or a cost is NaN or −∞.
///
/// Sources: Wilcoxon 1945, "Individual comparisons by ranking methods",
/// Biometrics Bulletin 1; Pratt 1959, "Remarks on zeros and ties in the
/// Wilcoxon signed rank procedures", Journal of the American Statistical
/// Association 54; Cureton 1967, "The normal approximation to the signed-rank
/// sampling distribution when zero differences are present", in the same, 62.
pub fn signed_rank(first: &[f64], second: &[f64]) -> PairedTest {
    let differences = differences(first, second);
    let ranks = twice_average_ranks(&differences);
    let rank_of = |sign: f64| {
        let of_sign = differences.iter().zip(&ranks).filter(move |(d, _)| **d * sign > 0.0);
        of_sign.map(|(_, rank)| *rank)
    };
    let used: Vec<usize> = rank_of(-1.0).chain(rank_of(1.0)).collect();
    let (cheaper_first, cheaper_second) = (rank_of(-1.0).sum::<usize>(), rank_of(1.0).sum::<usize>());
    let smaller = cheaper_first.min(cheaper_second);
    let exact = used.len() <= EXACT;
    let p = if exact { 2.0 * null::signed_ranks(&used, smaller) } else { normal_p(&used, smaller) };
    PairedTest {
        first: cheaper_first as f64 / 2.0,
        second: cheaper_second as f64 / 2.0,
        used: used.len(),
        ties: differences.len() - used.len(),
        exact,
        p: p.min(1.0),
    }
}

/// The sign test of paired costs.
///
/// Of n pairs that differ, k are won by the method with fewer wins;
/// p = min(1, 2 Σ_{j ≤ k} C(n, j)/2ⁿ), exactly for any n. Ties are left out. It
/// asks only which cost is lower, not by how much, so it needs no symmetry and
/// no common scale of costs, and detects less than [`signed_rank`] where that applies.
///
/// # Panics
/// If the lengths differ, or a cost is NaN or −∞.
///
/// Source: Dixon and Mood 1946, "The statistical sign test", Journal of the
/// American Statistical Association 41.
pub fn sign_test(first: &[f64], second: &[f64]) -> PairedTest {
    let differences = differences(first, second);
    let cheaper_first = differences.iter().filter(|d| **d < 0.0).count();
    let cheaper_second = differences.iter().filter(|d| **d > 0.0).count();
    let used = cheaper_first + cheaper_second;
    PairedTest {
        first: cheaper_first as f64,
        second: cheaper_second as f64,
        used,
        ties: differences.len() - used,
        exact: true,
        p: (2.0 * null::signs(used, cheaper_first.min(cheaper_second))).min(1.0),
    }
}

/// First less second, 0 where both are infinite.
#[track_caller]
fn differences(first: &[f64], second: &[f64]) -> Vec<f64> {
    assert_eq!(first.len(), second.len(), "paired costs come in pairs");
    let pairs = valid(first).iter().zip(valid(second));
    pairs.map(|(a, b)| if a == b { 0.0 } else { a - b }).collect()
}

/// Twice the rank of each size, from 2; equal sizes share the average of their ranks.
fn twice_average_ranks(differences: &[f64]) -> Vec<usize> {
    let size = |index: usize| differences[index].abs();
    let mut order: Vec<usize> = (0..differences.len()).collect();
    order.sort_by(|&a, &b| size(a).total_cmp(&size(b)));
    let mut ranks = vec![0; differences.len()];
    let mut before = 0;
    for group in order.chunk_by(|&a, &b| size(a) == size(b)) {
        for &index in group {
            ranks[index] = 2 * before + group.len() + 1;
        }
        before += group.len();
    }
    ranks
}

/// The two-sided p-value of the smaller sum by the normal distribution; all ranks are doubled.
fn normal_p(ranks: &[usize], smaller: usize) -> f64 {
    let total: usize = ranks.iter().sum();
    let deviation = ranks.iter().map(|&rank| (rank as f64 / 2.0).powi(2)).sum::<f64>().sqrt() / 2.0;
    let distance = total as f64 / 4.0 - smaller as f64 / 2.0;
    2.0 * upper_tail((distance - 0.5).max(0.0) / deviation)
}

#[cfg(test)]
mod tests;
