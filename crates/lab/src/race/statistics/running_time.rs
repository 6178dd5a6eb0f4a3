//! What a success costs when failures have to be paid for.

use serde::{Deserialize, Serialize};

use super::Interval;
use super::wilson::both_tails;
use crate::random::Stream;

/// One run towards a target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// What it spent: until it reached the target, or in all if it did not. Finite.
    pub cost: f64,
    /// Whether it reached the target.
    pub success: bool,
}

/// How a bootstrap interval is made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// How many times the runs are drawn again.
    pub resamples: usize,
    /// The wanted coverage, between 0 and 1.
    pub confidence: f64,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 9_999, confidence: 0.95, seed: 0 }
    }
}

/// The expected running time, with a bootstrap interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedRunningTime {
    /// The estimate, in units of the cost; infinite if no run succeeded.
    pub cost: f64,
    /// Its percentile interval; the ends may be infinite.
    pub interval: Interval,
    /// How many runs succeeded.
    pub successes: usize,
    /// How many runs there are.
    pub runs: usize,
}

/// The expected cost until a first success if failed runs are started again.
///
/// ERT = (Σ costs of all runs, failed ones with all they spent) / (number of
/// successes), in units of the cost; +∞ without a success.
///
/// The interval is Efron's percentile interval over runs: as many runs are
/// drawn with replacement B times, and with α = (1 − confidence)/2 and
/// k = ⌊(B + 1)α⌋ it goes from the k-th smallest to the k-th largest of their
/// ERT. A draw without a success counts as +∞. The interval is short where
/// there are few runs: one run gives a point. Cost: B draws of all runs.
///
/// # Panics
/// If there are no runs, a cost is negative or not finite, the confidence is
/// not in (0, 1), or there are too few resamples for k ≥ 1.
///
/// Sources: Hansen, Auger, Brockhoff, Tušar and Tušar 2016, "COCO: performance
/// assessment", arXiv 1605.03560, section "Averaging Runtime"; Efron
/// and Tibshirani 1993, "An Introduction to the Bootstrap", §13.3, with the
/// order statistics of §12.5.
pub fn expected_running_time(runs: &[Attempt], bootstrap: &Bootstrap) -> ExpectedRunningTime {
    assert!(!runs.is_empty(), "no runs, no running time");
    for Attempt { cost, .. } in runs {
        assert!((0.0..f64::INFINITY).contains(cost), "a run spends a finite cost, not {cost}");
    }
    let tail = both_tails(bootstrap.confidence) / 2.0;
    // 1 − 0.95 exceeds 0.05 and others fall short; k must not depend on that.
    let k = ((bootstrap.resamples + 1) as f64 * tail * (1.0 + 1e-12)) as usize;
    assert!(k >= 1, "{} resamples are too few for {}", bootstrap.resamples, bootstrap.confidence);

    let mut stream = Stream::new(bootstrap.seed, "expected running time", 0);
    let mut draws = vec![0.0; runs.len()];
    let mut drawn: Vec<f64> = (0..bootstrap.resamples)
        .map(|_| {
            stream.fill_uniform(0.0, runs.len() as f64, &mut draws);
            ratio(draws.iter().map(|&place| runs[(place as usize).min(runs.len() - 1)]))
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    ExpectedRunningTime {
        cost: ratio(runs.iter().copied()),
        interval: Interval { low: drawn[k - 1], high: drawn[drawn.len() - k] },
        successes: runs.iter().filter(|run| run.success).count(),
        runs: runs.len(),
    }
}

fn ratio(runs: impl Iterator<Item = Attempt>) -> f64 {
    let (mut spent, mut successes) = (0.0, 0.0);
    for run in runs {
        spent += run.cost;
        successes += f64::from(u8::from(run.success));
    }
    // 0/0 is a failure too, even if it was free.
    if successes == 0.0 { f64::INFINITY } else { spent / successes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(runs: &[(f64, bool)]) -> Vec<Attempt> {
        runs.iter().map(|&(cost, success)| Attempt { cost, success }).collect()
    }

    /// COCO's other form: with p the success rate, (1 − p)/p·(mean cost of a
    /// failure) + (mean cost of a success).
    #[test]
    fn failures_are_paid_for() {
        let runs = attempts(&[(10.0, true), (100.0, false), (30.0, true), (100.0, false), (35.0, true)]);
        let found = expected_running_time(&runs, &Bootstrap::default());
        let p = 3.0 / 5.0;
        assert!((found.cost - ((1.0 - p) / p * 100.0 + 25.0)).abs() < 1e-12);
        assert_eq!((found.successes, found.runs), (3, 5));
        assert!(found.interval.low < found.cost && found.cost < found.interval.high);
    }

    /// All nⁿ draws are tried: the share of them below an end of the interval
    /// must be that asked for, up to the noise of sampling.
    #[test]
    fn interval_ends_are_percentiles_of_all_draws() {
        let runs = attempts(&[(3.0, true), (8.0, false), (4.0, true), (9.5, true), (8.0, false)]);
        let n = runs.len();
        let all: Vec<f64> = (0..n.pow(n as u32))
            .map(|code| {
                let drawn = (0..n as u32).map(|digit| runs[code / n.pow(digit) % n]);
                let (cost, wins) =
                    drawn.fold((0.0, 0.0), |(c, w), r| (c + r.cost, w + f64::from(r.success as u8)));
                cost / wins
            })
            .collect();
        let share =
            |test: &dyn Fn(f64) -> bool| all.iter().filter(|v| test(**v)).count() as f64 / all.len() as f64;
        for (confidence, seed) in [(0.5, 1), (0.8, 2), (0.9, 3), (0.95, 4)] {
            let bootstrap = Bootstrap { resamples: 39_999, confidence, seed };
            let Interval { low, high } = expected_running_time(&runs, &bootstrap).interval;
            let alpha = (1.0 - confidence) / 2.0;
            // Four standard deviations of a share of 40,000 draws.
            let noise = 4.0 * (alpha * (1.0 - alpha) / 4e4f64).sqrt();
            assert!(share(&|v| v < low) < alpha + noise && share(&|v| v <= low) > alpha - noise, "{low}");
            assert!(share(&|v| v > high) < alpha + noise && share(&|v| v >= high) > alpha - noise, "{high}");
        }
    }

    #[test]
    fn ends_are_infinite_where_success_is_rare() {
        let rare = attempts(&[(1.0, true), (5.0, false), (5.0, false), (5.0, false)]);
        // A draw misses the only success with probability (3/4)⁴ = 0.32.
        let found = expected_running_time(&rare, &Bootstrap::default());
        assert_eq!((found.cost, found.interval.high), (16.0, f64::INFINITY));
        assert!(found.interval.low.is_finite());
        let never = expected_running_time(&attempts(&[(5.0, false), (0.0, false)]), &Bootstrap::default());
        assert_eq!((never.cost, never.successes), (f64::INFINITY, 0));
        assert_eq!(never.interval, Interval { low: f64::INFINITY, high: f64::INFINITY });
        let one = expected_running_time(&attempts(&[(7.0, true)]), &Bootstrap::default());
        assert_eq!(one.interval, Interval { low: 7.0, high: 7.0 });
    }

    #[test]
    fn the_seed_decides() {
        let runs =
            attempts(&[(3.0, true), (8.5, false), (4.25, true), (9.5, true), (7.125, true), (1.0, true)]);
        let with = |seed| expected_running_time(&runs, &Bootstrap { resamples: 199, confidence: 0.9, seed });
        assert_eq!(with(1), with(1));
        assert!((2..10).any(|seed| with(seed).interval != with(1).interval));
    }

    #[test]
    #[should_panic(expected = "20 resamples are too few for 0.95")]
    fn too_few_resamples_are_refused() {
        let bootstrap = Bootstrap { resamples: 20, confidence: 0.95, seed: 0 };
        expected_running_time(&attempts(&[(1.0, true)]), &bootstrap);
    }
}
