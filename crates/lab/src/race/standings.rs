//! What the runs on one problem amount to.

use std::collections::BTreeSet;

use serde::Serialize;

use super::statistics::{
    Attempt, Bootstrap, ExpectedRunningTime, Interval, PairVerdict, PairedTest, Quartiles, Wins,
    expected_running_time, holm, quartiles, signed_rank, wilson, wins,
};
use super::{Curve, Expense, Trial};

/// The runs of one optimizer on one problem.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'r> {
    /// What the optimizer is called.
    pub label: &'r str,
    /// Its runs, one a seed.
    pub trials: &'r [&'r Trial],
    /// Whether its one run is that of every seed: start and optimizer depend on none.
    pub constant: bool,
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
    /// Every optimizer against the one with the lowest median, over the seeds that both have, where these are two or
    /// more. Values within 10⁻¹² of the way above the least one count as equal to it.
    pub comparisons: Vec<Comparison>,
    /// How often which ended lower, over the seeds that both have.
    pub wins: Wins,
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
    /// Over how many seeds.
    pub seeds: usize,
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
    let ends = ends(all, floor);
    Standings {
        least,
        least_is_known: known.is_some(),
        comparisons: comparisons(all, &ends, &rows),
        wins: wins(&ends),
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

/// The values at the end by seed, over all seeds that any has; `None` where an optimizer has none of that seed.
fn ends(all: &[Runs<'_>], floor: f64) -> Vec<Vec<Option<f64>>> {
    let seeds: BTreeSet<u64> = all.iter().flat_map(|runs| runs.trials).map(|trial| trial.seed).collect();
    let of = |runs: &Runs<'_>, seed: &u64| {
        let found = runs.trials.iter().find(|trial| runs.constant || trial.seed == *seed);
        found.map(|trial| end(trial).max(floor))
    };
    all.iter().map(|runs| seeds.iter().map(|seed| of(runs, seed)).collect()).collect()
}

/// Each optimizer against the one with the lowest median; of equals, the cheapest to the last target.
fn comparisons(all: &[Runs<'_>], ends: &[Vec<Option<f64>>], rows: &[Standing]) -> Vec<Comparison> {
    let key = |i: usize| {
        let cost = rows[i].targets.last().map_or(f64::INFINITY, |passage| passage.expected.cost);
        let own: Vec<f64> = ends[i].iter().flatten().copied().collect();
        (quartiles(&own).median, cost)
    };
    let Some(best) = (0..all.len()).reduce(|a, b| if key(b) < key(a) { b } else { a }) else {
        return Vec::new();
    };
    // A test needs seeds that differ.
    let others = (0..all.len()).filter(|&i| i != best && !(all[best].constant && all[i].constant));
    let pairs = others.map(|i| {
        let both: Vec<(f64, f64)> =
            ends[best].iter().zip(&ends[i]).filter_map(|(a, b)| (*a).zip(*b)).collect();
        (i, both)
    });
    let pairs: Vec<(usize, Vec<(f64, f64)>)> = pairs.filter(|(_, both)| both.len() > 1).collect();
    let tests: Vec<PairedTest> = pairs
        .iter()
        .map(|(_, both)| {
            let (first, second): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
            signed_rank(&first, &second)
        })
        .collect();
    let adjusted = holm(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    let compared = pairs.iter().zip(tests).zip(adjusted).map(|(((i, both), test), adjusted)| Comparison {
        first: all[best].label.to_owned(),
        second: all[*i].label.to_owned(),
        seeds: both.len(),
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
        self.spent_on(Expense::Gradients, target)
    }

    /// The same by either expense.
    pub fn spent_on(&self, expense: Expense, target: f64) -> Option<f64> {
        if let Some(place) = self.targets.iter().position(|noted| *noted == target) {
            return match expense {
                Expense::Gradients => self.reached[place],
                Expense::Seconds => self.reached_after[place],
            };
        }
        let place = self.curve.best.iter().position(|best| *best <= target)?;
        Some(self.curve.spent(expense)[place])
    }

    /// The least value after that expense; `None` before the first point of the curve.
    pub fn best_after(&self, expense: Expense, spent: f64) -> Option<f64> {
        let count = self.curve.spent(expense).partition_point(|at| *at <= spent);
        count.checked_sub(1).map(|last| self.curve.best[last])
    }
}

impl Curve {
    /// Costs or seconds, ascending.
    pub fn spent(&self, expense: Expense) -> &[f64] {
        match expense {
            Expense::Gradients => &self.cost,
            Expense::Seconds => &self.seconds,
        }
    }
}

/// The median and quartiles of the least value so far, over runs, after each of these expenses.
pub fn band(trials: &[&Trial], expense: Expense, spent: &[f64]) -> Vec<Quartiles> {
    let at = |spent: f64| -> Vec<f64> {
        let bests = trials.iter().map(|trial| trial.best_after(expense, spent).unwrap_or(f64::INFINITY));
        bests.map(|best| if best.is_nan() { f64::INFINITY } else { best }).collect()
    };
    spent.iter().map(|&spent| quartiles(&at(spent))).collect()
}

#[cfg(test)]
mod tests;
