//! Exact p-values are compared with all signs tried one by one, with tables and with SciPy.

use super::*;
use crate::random::Stream;

const INF: f64 = f64::INFINITY;

/// Ranks by definition: one more than the number of smaller sizes, plus half
/// the number of other equal ones.
fn ranks(differences: &[f64]) -> Vec<f64> {
    let count = |test: &dyn Fn(f64) -> bool| differences.iter().filter(|d| test(d.abs())).count() as f64;
    let rank =
        |d: &f64| 1.0 + count(&|other| other < d.abs()) + (count(&|other| other == d.abs()) - 1.0) / 2.0;
    differences.iter().map(rank).collect()
}

/// The share of all signs for which the weights' sums lie at least as far apart.
fn enumerated(weights: &[f64], first: f64, second: f64) -> f64 {
    let total: f64 = weights.iter().sum();
    let signs = 0u32..1 << weights.len();
    let as_far = signs.clone().filter(|set| {
        let sum: f64 = weights.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, w)| w).sum();
        (2.0 * sum - total).abs() >= (first - second).abs()
    });
    as_far.count() as f64 / signs.len() as f64
}

#[test]
fn p_values_are_the_share_of_all_signs() {
    let (mut with_ties, mut detected) = (0, 0);
    for index in 0..60 {
        let n = 1 + index as usize % 12;
        let mut costs = vec![0.0f64; 2 * n];
        Stream::new(4, "paired", index).fill_uniform(0.0, 9.0, &mut costs);
        // Coarse, so that ties and equal sizes abound; the dearest have failed.
        costs.iter_mut().for_each(|c| *c = if *c > 8.0 { INF } else { c.floor() });
        let (first, second) = costs.split_at_mut(n);
        if index % 3 == 0 {
            second.iter_mut().for_each(|c| *c += 5.0);
        }
        let differences: Vec<f64> =
            first.iter().zip(&*second).map(|(a, b)| if a == b { 0.0 } else { a - b }).collect();
        let ranks = ranks(&differences);
        let differing: Vec<usize> = (0..n).filter(|&i| differences[i] != 0.0).collect();
        let sum = |weights: &[f64], sign: f64| -> f64 {
            differing.iter().filter(|&&i| differences[i] * sign > 0.0).map(|&i| weights[i]).sum()
        };
        for (found, weights) in
            [(signed_rank(first, second), ranks), (sign_test(first, second), vec![1.0; n])]
        {
            assert_eq!((found.first, found.second), (sum(&weights, -1.0), sum(&weights, 1.0)));
            assert_eq!((found.used, found.ties, found.exact), (differing.len(), n - differing.len(), true));
            let weights: Vec<f64> = differing.iter().map(|&i| weights[i]).collect();
            let expected = enumerated(&weights, found.first, found.second);
            assert!((found.p - expected).abs() < 1e-14, "{first:?} {second:?}: {found:?} {expected}");
            detected += usize::from(found.p < 0.05);
        }
        with_ties += usize::from(differing.len() < n);
    }
    assert!(with_ties > 10 && detected > 5, "{with_ties} {detected}");
}

/// Darwin's maize, heights of crossed less self-fertilized plants in eighths of
/// an inch (Fisher 1935, The Design of Experiments, §17). T = 24 and p =
/// 0.041259765625 by `scipy.stats.wilcoxon(method="exact")`, SciPy 1.17.1; the
/// binomial test of 2 in 15 is 2·(1 + 15 + 105)/2¹⁵.
#[test]
fn darwins_maize() {
    let differences =
        [6.0, 8.0, 14.0, 16.0, 23.0, 24.0, 28.0, 29.0, 41.0, -48.0, 49.0, 56.0, 60.0, -67.0, 75.0];
    let found = signed_rank(&differences, &[0.0; 15]);
    assert_eq!((found.statistic(), found.first, found.second), (24.0, 24.0, 96.0));
    assert_eq!(found.p, 0.041259765625);
    assert_eq!(found.verdict(found.p, 0.05), PairVerdict::Second);
    assert_eq!(found.verdict(found.p, 0.01), PairVerdict::NoDifferenceDetected);
    assert!((sign_test(&differences, &[0.0; 15]).p - 242.0 / 32768.0).abs() < 1e-16);
    assert_eq!(signed_rank(&[0.0; 15], &differences).verdict(found.p, 0.05), PairVerdict::First);
}

/// Differences ±1 … ±n with a given sum of the negative ones.
fn with_negative_sum(n: usize, mut sum: usize) -> Vec<f64> {
    let mut differences: Vec<f64> = (1..=n).map(|k| k as f64).collect();
    for k in (1..=n).rev() {
        if k <= sum {
            sum -= k;
            differences[k - 1] = -(k as f64);
        }
    }
    differences
}

/// The two-sided 5 % points 8, 52, 89 and 434 for n = 10, 20, 25 and 50 of
/// Wilcoxon and Wilcox (1964), "Some Rapid Approximate Statistical Procedures";
/// p-values by `scipy.stats.wilcoxon(method="exact")`, SciPy 1.17.1.
#[test]
fn tabulated_points() {
    for (n, sum, p) in [
        (10, 8, 0.048828125),
        (20, 52, 0.04844093322753906),
        (25, 89, 0.04826241731643677),
        (50, 300, 0.0008475708983652908),
        (50, 434, 0.04944640680060175),
        (50, 435, 0.05060520369320898),
    ] {
        let found = signed_rank(&with_negative_sum(n, sum), &vec![0.0; n]);
        assert_eq!((found.statistic(), found.exact), (sum as f64, true));
        assert!((found.p / p - 1.0).abs() < 1e-13, "{n} {sum}: {}", found.p);
    }
}

/// `scipy.stats.wilcoxon(x, y, zero_method="pratt", correction=True,
/// method="asymptotic")` of SciPy 1.17.1 on 80 pairs, 11 of them tied, with
/// many equal sizes.
#[test]
fn the_normal_approximation_is_that_of_scipy() {
    let second: Vec<f64> = (0..80).map(|i| f64::from(i * 17 % 43 + 2 * (i % 3))).collect();
    let first: Vec<f64> =
        (0..80).map(|i| if i % 9 == 0 { second[i] } else { (i * 37 % 41) as f64 }).collect();
    let found = signed_rank(&first, &second);
    assert_eq!((found.statistic(), found.used, found.ties, found.exact), (1299.5, 69, 11, false));
    assert!((found.p - 0.16799255740331098).abs() < 1e-13, "{found:?}");

    let later: Vec<f64> = first.iter().map(|a| a + 7.0).collect();
    let found = signed_rank(&later, &second);
    assert_eq!((found.statistic(), found.used), (1132.0, 79));
    assert!((found.p - 0.019448885263211833).abs() < 1e-13, "{found:?}");
}

/// `scipy.stats.binomtest(k, n).pvalue`, SciPy 1.17.1.
#[test]
fn the_sign_test_is_exact_for_many_pairs() {
    for (k, n, p) in [
        (3, 15, 0.03515625),
        (430, 1000, 1.0709737664959605e-05),
        (2300, 5000, 1.6458781103442848e-08),
        (30, 60, 1.0),
    ] {
        let first: Vec<f64> = (0..n).map(|i| if i < k { 0.0 } else { 2.0 }).collect();
        let found = sign_test(&first, &vec![1.0; n]);
        assert_eq!((found.first, found.second), (k as f64, (n - k) as f64));
        assert!((found.p / p - 1.0).abs() < 1e-10, "{k} of {n}: {}", found.p);
    }
}

#[test]
fn failures_are_the_largest_differences_and_failing_together_is_a_tie() {
    let found = signed_rank(&[1.0, INF, INF, 5.0, INF], &[INF, 2.0, INF, 5.5, 1e300]);
    // Ranks: the tie 1, 0.5 has 2, three infinite ones (3 + 4 + 5)/3 each.
    assert_eq!((found.first, found.second, found.used, found.ties), (6.0, 8.0, 4, 1));
    let none = signed_rank(&[INF, 1.0], &[INF, 1.0]);
    assert_eq!((none.p, none.used, none.ties), (1.0, 0, 2));
    assert_eq!(none.verdict(none.p, 1.0), PairVerdict::NoDifferenceDetected);
    assert_eq!(sign_test(&[], &[]).p, 1.0);
    let all = vec![INF; 60];
    let found = signed_rank(&all, &[1.0; 60]);
    assert!(!found.exact && found.p < 1e-10);
    assert_eq!(found.verdict(found.p, 0.05), PairVerdict::Second);
}

#[test]
#[should_panic(expected = "come in pairs")]
fn lengths_must_agree() {
    sign_test(&[1.0], &[]);
}
