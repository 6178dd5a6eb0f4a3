//! Quantiles of costs, of which some may be infinite.

use serde::{Deserialize, Serialize};

use super::valid;

/// The median and the quartiles about it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartiles {
    /// The quantile of ¼.
    pub lower: f64,
    /// The quantile of ½.
    pub median: f64,
    /// The quantile of ¾.
    pub upper: f64,
}

/// The quantile of `share` of values that are finite or +∞.
///
/// With the values in order x₀ ≤ … ≤ xₙ₋₁ and h = (n − 1)·share it is
/// x_⌊h⌋ + (h − ⌊h⌋)(x_⌊h⌋₊₁ − x_⌊h⌋): type 7 of Hyndman and Fan (1996), the
/// default of R and NumPy. Where x_⌊h⌋ is finite and x_⌊h⌋₊₁ is not, it is
/// x_⌊h⌋ if h is whole and +∞ otherwise: the limit as the cost of the failed
/// run grows. So the median of an even number of runs of which half failed is +∞.
///
/// # Panics
/// If there are no values, one is NaN or −∞, or `share` is not in [0, 1].
///
/// Source: Hyndman and Fan 1996, "Sample quantiles in statistical packages",
/// The American Statistician 50.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    of_sorted(&sorted(values), share)
}

/// The three quartiles, each as in [`quantile`].
///
/// # Panics
/// If there are no values, or one is NaN or −∞.
pub fn quartiles(values: &[f64]) -> Quartiles {
    let sorted = sorted(values);
    Quartiles {
        lower: of_sorted(&sorted, 0.25),
        median: of_sorted(&sorted, 0.5),
        upper: of_sorted(&sorted, 0.75),
    }
}

#[track_caller]
fn sorted(values: &[f64]) -> Vec<f64> {
    assert!(!values.is_empty(), "no values, no quantile");
    let mut sorted = valid(values).to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[track_caller]
fn of_sorted(sorted: &[f64], share: f64) -> f64 {
    assert!((0.0..=1.0).contains(&share), "a share lies between 0 and 1, not {share}");
    let place = (sorted.len() - 1) as f64 * share;
    let (below, part) = (sorted[place as usize], place.fract());
    if part == 0.0 || below.is_infinite() {
        return below;
    }
    let above = sorted[place as usize + 1];
    // Weighted rather than by the difference, which may overflow.
    if above.is_infinite() { above } else { (1.0 - part) * below + part * above }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    /// Hyndman and Fan's definition of type 7, p(k) = (k − 1)/(n − 1): values are
    /// met at those shares, and between them the quantile is a straight line.
    #[test]
    fn values_lie_at_their_places_and_lines_between_them() {
        let values = [7.0, -3.0, 12.5, 0.25, 0.25, 90.0];
        let order = [-3.0, 0.25, 0.25, 7.0, 12.5, 90.0];
        for k in 0..6 {
            assert!((quantile(&values, k as f64 / 5.0) - order[k]).abs() < 1e-12);
        }
        for k in 0..5 {
            for part in [0.1, 0.5, 0.8] {
                let line = order[k] + part * (order[k + 1] - order[k]);
                assert!((quantile(&values, (k as f64 + part) / 5.0) - line).abs() < 1e-12);
            }
        }
        assert_eq!(quantile(&[4.0], 0.3), 4.0);
    }

    /// `numpy.percentile([1, 2, 4, 8, 16, 32, 64, 128], [25, 50, 75])`.
    #[test]
    fn figures_of_numpy() {
        let values: Vec<f64> = (0..8).rev().map(|k| f64::from(1 << k)).collect();
        assert_eq!(quartiles(&values), Quartiles { lower: 3.5, median: 12.0, upper: 40.0 });
    }

    #[test]
    fn infinite_values_are_the_limit_of_large_ones() {
        for failed in 0..=9 {
            let with = |cost: f64| {
                let mut values: Vec<f64> = (1..=9).map(f64::from).collect();
                values[9 - failed..].fill(cost);
                values
            };
            for share in [0.0, 0.2, 0.25, 0.5, 0.625, 0.7, 0.75, 1.0] {
                let (found, large) = (quantile(&with(INF), share), quantile(&with(1e9), share));
                if large > 1e6 {
                    assert_eq!(found, INF, "{failed} failed, {share}");
                } else {
                    assert_eq!(found, large, "{failed} failed, {share}");
                }
            }
        }
        let half = quartiles(&[1.0, INF, 2.0, INF]);
        assert_eq!(half, Quartiles { lower: 1.75, median: INF, upper: INF });
        assert_eq!(quantile(&[1.0, 2.0, INF], 0.5), 2.0);
        assert_eq!(quantile(&[f64::MAX, -f64::MAX], 0.5), 0.0);
    }

    #[test]
    #[should_panic(expected = "NaN is no cost")]
    fn nan_is_refused() {
        quantile(&[1.0, f64::NAN], 0.5);
    }
}
