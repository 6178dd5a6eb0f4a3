//! Many tests at once.

/// Holm's adjusted p-values, in the order of `p`.
///
/// With the m values in order p₍₁₎ ≤ … ≤ p₍ₘ₎ the i-th becomes
/// max over j ≤ i of min(1, (m − j + 1) p₍ⱼ₎). Rejecting those at most α keeps
/// the probability of any false rejection at most α, whatever the dependence
/// between the tests.
///
/// # Panics
/// If a value is not in [0, 1].
///
/// Source: Holm 1979, "A simple sequentially rejective multiple test
/// procedure", Scandinavian Journal of Statistics 6; as adjusted values, Wright
/// 1992, "Adjusted p-values for simultaneous inference", Biometrics 48.
///
/// ```
/// use thalweg_lab::race::statistics::holm;
///
/// assert_eq!(holm(&[0.25, 0.0625, 0.5]), [0.5, 0.1875, 0.5]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    for value in p {
        assert!((0.0..=1.0).contains(value), "a p-value lies between 0 and 1, not {value}");
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0f64;
    for (position, &index) in order.iter().enumerate() {
        largest = largest.max((p.len() - position) as f64 * p[index]).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// Holm's procedure is Bonferroni's test of every set of hypotheses, closed
    /// (Marcus, Peritz and Gabriel 1976): the adjusted value of one is the
    /// largest that any set with it gets.
    #[test]
    fn equals_the_closed_test_over_all_sets() {
        for index in 0..40 {
            let mut p = [0.0f64; 7];
            Stream::new(1, "p-values", index).fill_uniform(0.0, 1.0, &mut p);
            // Small ones, ties and the ends.
            p.iter_mut().for_each(|p| *p = (*p * *p * 12.0).floor() / 12.0);
            p[6] = p[index as usize % 6];
            let expected = (0..7).map(|i| {
                let sets = (1u32..128).filter(|set| set >> i & 1 == 1);
                let bonferroni = sets.map(|set| {
                    let least = (0..7).filter(|j| set >> j & 1 == 1).map(|j| p[j]).fold(1.0, f64::min);
                    (f64::from(set.count_ones()) * least).min(1.0)
                });
                bonferroni.fold(0.0, f64::max)
            });
            assert_eq!(holm(&p), expected.collect::<Vec<_>>(), "{p:?}");
        }
    }

    /// `p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.2), "holm")` of R by hand:
    /// 0.005·5, 0.01·4, 0.03·3, then 0.04·2 = 0.08 raised to 0.09, 0.2.
    #[test]
    fn a_worked_example() {
        let found = holm(&[0.01, 0.04, 0.03, 0.005, 0.2]);
        for (found, expected) in found.iter().zip([0.04, 0.09, 0.09, 0.025, 0.2]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[0.3]), [0.3]);
    }
}
