//! How sure one can be of a success rate.

use serde::{Deserialize, Serialize};

use super::normal::exceeded_with;

/// A closed interval; its ends may be infinite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, not below the lower one.
    pub high: f64,
}

/// Wilson's score interval for the probability of success.
///
/// All p that the score test would not reject, |p̂ − p| ≤ z √(p(1 − p)/n) with
/// p̂ = k/n, k successes in n trials, and z the normal quantile of (1 + c)/2:
/// (k + z²/2 ± z √(k(1 − p̂) + z²/4)) / (n + z²).
///
/// It never leaves [0, 1] and has a positive length at p̂ = 0 and 1, whose
/// lower and upper end are then exactly 0 and 1. Without trials it is [0, 1].
/// The coverage is `confidence` on average over p, not for each p. There is no
/// continuity correction.
///
/// # Panics
/// If there are more successes than trials, or `confidence` is not in (0, 1).
///
/// Source: Wilson 1927, "Probable inference, the law of succession, and
/// statistical inference", Journal of the American Statistical Association 22.
///
/// ```
/// use thalweg_lab::race::statistics::wilson;
///
/// let rate = wilson(10, 10, 0.95);
/// assert!((rate.low - 0.7225).abs() < 1e-4 && rate.high == 1.0);
/// ```
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Interval {
    assert!(successes <= trials, "{successes} successes in {trials} trials");
    let z = exceeded_with(both_tails(confidence) / 2.0);
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (k, n) = (successes as f64, trials as f64);
    let half = z * (k * ((n - k) / n) + z * z / 4.0).sqrt();
    let end = |sign: f64| (k + z * z / 2.0 + sign * half) / (n + z * z);
    Interval {
        low: if successes == 0 { 0.0 } else { end(-1.0) },
        high: if successes == trials { 1.0 } else { end(1.0) },
    }
}

/// The probability outside an interval of that confidence.
#[track_caller]
pub(super) fn both_tails(confidence: f64) -> f64 {
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence lies between 0 and 1, not {confidence}");
    1.0 - confidence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Interval, low: f64, high: f64, error: f64) {
        assert!((found.low - low).abs() <= error && (found.high - high).abs() <= error, "{found:?}");
    }

    /// Newcombe 1998, "Two-sided confidence intervals for the single
    /// proportion", Statistics in Medicine 17, Table I, method 3.
    #[test]
    fn published_examples() {
        close(wilson(81, 263, 0.95), 0.2553, 0.3662, 5e-5);
        close(wilson(15, 148, 0.95), 0.0624, 0.1605, 5e-5);
        close(wilson(0, 20, 0.95), 0.0, 0.1611, 5e-5);
        close(wilson(1, 29, 0.95), 0.0061, 0.1718, 5e-5);
    }

    /// `scipy.stats.binomtest(k, n).proportion_ci(c, method="wilson")`, SciPy 1.17.1.
    #[test]
    fn figures_of_scipy() {
        close(wilson(81, 263, 0.99), 0.24013690268760768, 0.3852825023182298, 1e-14);
        close(wilson(1, 29, 0.95), 0.006113214292762667, 0.17175521879320282, 1e-14);
        close(wilson(29, 29, 0.99), 0.813809012123496, 1.0, 1e-14);
        close(wilson(5, 10, 0.95), 0.236593090512564, 0.7634069094874361, 1e-14);
    }

    #[test]
    fn ends_are_where_the_score_test_begins_to_reject() {
        let z = 1.6448536269514729;
        for n in [1, 2, 7, 100] {
            for k in 0..=n {
                let Interval { low, high } = wilson(k, n, 0.9);
                let rate = k as f64 / n as f64;
                for p in [low, high] {
                    let (left, right) = ((rate - p).abs(), z * (p * (1.0 - p) / n as f64).sqrt());
                    assert!((left - right).abs() < 1e-14, "{k} of {n}: {p}");
                }
                assert!(low <= rate && rate <= high && low < high);
                assert_eq!((low == 0.0, high == 1.0), (k == 0, k == n));
            }
        }
        assert_eq!(wilson(0, 0, 0.9), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    #[should_panic(expected = "a confidence lies between 0 and 1")]
    fn percentages_are_refused() {
        wilson(1, 2, 95.0);
    }
}
