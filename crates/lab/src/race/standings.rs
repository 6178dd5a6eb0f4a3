//! What the runs on one problem amount to.

use serde::Serialize;

use super::Trial;
use super::statistics::{
    Attempt, Bootstrap, ExpectedRunningTime, Interval, PairVerdict, PairedTest, Quartiles, Wins,
    expected_running_time, holm, quartiles, signed_rank, wilson, wins,
};

/// The runs of one optimizer on one problem.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'r> {
    /// What the optimizer is called.
    pub label: &'r str,
    /// Its runs, one a seed.
    pub trials: &'r [&'r Trial],
}

/// How all optimizers fared on one problem.
#[derive(Clone, Debug, Serialize)]
pub struct Standings {
    /// The least value that targets are measured from.
    pub least: f64,
    /// Whether it is the least value of the problem, and not only the least that these runs found.
    pub least_is_known: bool,
    /// The targets, least + p (start − least) for each precision p.
    pub targets: Vec<f64>,
    /// One row an optimizer, in the order given.
    pub rows: Vec<Standing>,
    /// Every optimizer against the one with the lowest median, where both ran from the same two or more
    /// seeds. Values within 10⁻¹² of the way above the least one count as equal to it.
    pub comparisons: Vec<Comparison>,
    /// How often which ended lower, over the seeds; `None` where the optimizers ran from different ones.
    pub wins: Option<Wins>,
}

/// How one optimizer fared.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// What it is called.
    pub label: String,
    /// Number of runs.
    pub runs: usize,
    /// f at the end; a run that blew up has +∞.
    pub value: Quartiles,
    /// What the runs cost.
    pub cost: Quartiles,
    /// How it fared by target.
    pub targets: Vec<Passage>,
}

/// How one optimizer fared by one target.
#[derive(Clone, Debug, Serialize)]
pub struct Passage {
    /// p.
    pub precision: f64,
    /// How many runs reached it.
    pub successes: u64,
    /// The share that did, as Wilson's interval at 95 %.
    pub rate: Interval,
    /// The expected cost of a success, failures paid for.
    pub expected: ExpectedRunningTime,
    /// The cost at which it was reached; +∞ where it was not.
    pub cost: Quartiles,
}

/// The optimizer with the lowest median and another one, compared by the values at which they ended, seed by seed.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The one with the lowest median.
    pub first: String,
    /// The other.
    pub second: String,
    /// Wilcoxon's two-sided p.
    pub p: f64,
    /// The same after Holm's correction for all of these tests.
    pub adjusted: f64,
    /// Which is better at a level of 5 %, if the data tell.
    pub verdict: PairVerdict,
}

/// The level of the paired tests.
const LEVEL: f64 = 0.05;
/// Values within this share of the way above the least one are equal to it in comparisons.
const RESOLUTION: f64 = 1e-12;

/// The standings of a problem whose first start has the value `start`; `known` is its least value, if it is known.
///
/// # Panics
/// If there is no optimizer, or one without runs.
pub fn standings(
    all: &[Runs<'_>],
    start: f64,
    known: Option<f64>,
    precisions: &[f64],
    seed: u64,
) -> Standings {
    let found = all.iter().flat_map(|runs| runs.trials).map(|trial| trial.best);
    let least = known.unwrap_or_else(|| found.filter(|best| best.is_finite()).fold(start, f64::min));
    let targets: Vec<f64> = precisions.iter().map(|p| least + p * (start - least)).collect();
    let rows: Vec<Standing> = all.iter().map(|runs| standing(runs, &targets, precisions, seed)).collect();
    let floor = least + RESOLUTION * (start - least);
    let ends: Vec<Vec<f64>> =
        all.iter().map(|runs| runs.trials.iter().map(|trial| end(trial).max(floor)).collect()).collect();
    Standings {
        least,
        least_is_known: known.is_some(),
        comparisons: comparisons(all, &ends, &rows),
        wins: all.windows(2).all(|pair| paired(&pair[0], &pair[1])).then(|| wins(&ends)),
        rows,
        targets,
    }
}

fn standing(runs: &Runs<'_>, targets: &[f64], precisions: &[f64], seed: u64) -> Standing {
    let of =
        |number: fn(&Trial) -> f64| -> Vec<f64> { runs.trials.iter().map(|trial| number(trial)).collect() };
    let passage = |(&precision, &target): (&f64, &f64)| {
        let costs: Vec<f64> =
            runs.trials.iter().map(|trial| trial.cost_of(target).unwrap_or(f64::INFINITY)).collect();
        let attempts: Vec<Attempt> = costs
            .iter()
            .zip(runs.trials)
            .map(|(cost, trial)| match cost.is_finite() {
                true => Attempt { cost: *cost, success: true },
                false => Attempt { cost: trial.cost, success: false },
            })
            .collect();
        let successes = attempts.iter().filter(|attempt| attempt.success).count() as u64;
        Passage {
            precision,
            successes,
            rate: wilson(successes, attempts.len() as u64, 0.95),
            expected: expected_running_time(
                &attempts,
                &Bootstrap { seed, resamples: 2000, ..Bootstrap::default() },
            ),
            cost: quartiles(&costs),
        }
    };
    Standing {
        label: runs.label.to_owned(),
        runs: runs.trials.len(),
        value: quartiles(&of(end)),
        cost: quartiles(&of(|trial| trial.cost)),
        targets: precisions.iter().zip(targets).map(passage).collect(),
    }
}

/// f at the end of a run, as a cost.
fn end(trial: &Trial) -> f64 {
    if trial.value.is_finite() { trial.value } else { f64::INFINITY }
}

fn paired(a: &Runs<'_>, b: &Runs<'_>) -> bool {
    a.trials.len() > 1 && a.trials.iter().map(|t| t.seed).eq(b.trials.iter().map(|t| t.seed))
}

/// Each optimizer against the one with the lowest median; of equals, the cheapest to the last target.
fn comparisons(all: &[Runs<'_>], ends: &[Vec<f64>], rows: &[Standing]) -> Vec<Comparison> {
    let key = |i: usize| {
        let cost = rows[i].targets.last().map_or(f64::INFINITY, |passage| passage.expected.cost);
        (quartiles(&ends[i]).median, cost)
    };
    let Some(best) = (0..all.len()).reduce(|a, b| if key(b) < key(a) { b } else { a }) else {
        return Vec::new();
    };
    let others: Vec<usize> = (0..all.len()).filter(|&i| i != best && paired(&all[best], &all[i])).collect();
    let tests: Vec<PairedTest> = others.iter().map(|&i| signed_rank(&ends[best], &ends[i])).collect();
    let adjusted = holm(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    let compared = others.iter().zip(tests).zip(adjusted).map(|((&i, test), adjusted)| Comparison {
        first: all[best].label.to_owned(),
        second: all[i].label.to_owned(),
        p: test.p,
        adjusted,
        verdict: test.verdict(adjusted, LEVEL),
    });
    compared.collect()
}

impl Trial {
    /// The cost at which f first was at most `target`, as far as the curve tells, or exactly
    /// where that was one of the run's targets.
    pub fn cost_of(&self, target: f64) -> Option<f64> {
        let noted = self.targets.iter().position(|noted| *noted == target);
        match noted {
            Some(place) => self.reached[place],
            None => {
                let place = self.curve.best.iter().position(|best| *best <= target)?;
                Some(self.curve.cost[place])
            }
        }
    }

    /// The least value after a cost; `None` before the first point of the curve.
    pub fn best_after(&self, cost: f64) -> Option<f64> {
        let count = self.curve.cost.partition_point(|at| *at <= cost);
        count.checked_sub(1).map(|last| self.curve.best[last])
    }
}

/// The median and quartiles of the least value so far, over runs, at each of `costs`.
pub fn band(trials: &[&Trial], costs: &[f64]) -> Vec<Quartiles> {
    let at = |cost: f64| -> Vec<f64> {
        let bests = trials.iter().map(|trial| trial.best_after(cost).unwrap_or(f64::INFINITY));
        bests.map(|best| if best.is_nan() { f64::INFINITY } else { best }).collect()
    };
    costs.iter().map(|&cost| quartiles(&at(cost))).collect()
}

#[cfg(test)]
mod tests;
