//! How sums of ranks and counts of wins are distributed if each sign is a fair coin.

/// P(sum of a random half of the ranks ≤ `at_most`), each rank taken with
/// probability ½ independently; at most 50 ranks.
///
/// ways(s) counts the sets of ranks with sum s; with one rank r more it becomes
/// ways(s) + ways(s − r). Counts stay below 2⁵³, so each is exact in f64.
pub fn signed_ranks(ranks: &[usize], at_most: usize) -> f64 {
    debug_assert!(ranks.len() <= 50);
    let mut ways = vec![0.0; at_most + 1];
    ways[0] = 1.0;
    for &rank in ranks {
        for sum in (rank..=at_most).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    ways.iter().sum::<f64>() / 2f64.powi(ranks.len() as i32)
}

/// P(at most k heads in n tosses), k ≤ n/2.
///
/// Σ_{j ≤ k} C(n, j) / Σ_j C(n, j), all relative to the central coefficient, so
/// that nothing overflows; what underflows is too small to count.
pub fn signs(n: usize, k: usize) -> f64 {
    debug_assert!(2 * k <= n);
    let middle = n / 2;
    let mut coefficient = 1.0;
    let (mut below_middle, mut tail) = (0.0, 0.0);
    for j in (0..=middle).rev() {
        if j <= k {
            tail += coefficient;
        }
        if 2 * j < n {
            below_middle += coefficient;
        }
        coefficient *= j as f64 / (n - j + 1) as f64;
    }
    let central = if n.is_multiple_of(2) { 1.0 } else { 0.0 };
    tail / (2.0 * below_middle + central)
}
