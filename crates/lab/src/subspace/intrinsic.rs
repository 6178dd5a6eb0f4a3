//! The least dimension that suffices.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use crate::race::statistics::{Interval, wilson};

/// What counts as success, and how it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// A run succeeds if its performance is not below this, but for a 10⁻⁹th part that is left to rounding.
    pub threshold: f64,
    /// A dimension suffices if at least this share of its runs succeed.
    pub required: f64,
    /// The first dimension that is tried.
    pub first: usize,
    /// The largest one.
    pub most: usize,
    /// The search ends when the bracket (l, u] has u − l ≤ max(1, this · u).
    pub precision: f64,
    /// Confidence of the intervals.
    pub confidence: f64,
}

/// Performances of the runs at each dimension that was tried: what several searches share.
pub type Ladder = BTreeMap<usize, Vec<f64>>;

/// One dimension that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// d.
    pub dimension: usize,
    /// Best performance of each run, in the order of seeds.
    pub performances: Vec<f64>,
    /// How many runs succeed.
    pub successes: u64,
    /// Wilson's interval for the probability of success.
    pub interval: Interval,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// What was looked for.
    pub criterion: Criterion,
    /// The least dimension that was found to suffice; `None` if not even the largest one does.
    pub dimension: Option<usize>,
    /// The largest dimension below it that was found not to suffice (0 if none was tried), and
    /// that dimension; the largest one tried twice where none suffices.
    pub bracket: [usize; 2],
    /// The largest dimension whose interval lies below the required share, and the least one above it whose
    /// interval lies above: where the number of seeds leaves no doubt.
    pub beyond_doubt: [Option<usize>; 2],
    /// All that was tried, ascending.
    pub levels: Vec<Level>,
}

impl Criterion {
    /// The usual one: half of the runs, from dimension `first` on, to the last digit, 95 %.
    pub fn new(threshold: f64, first: usize, most: usize) -> Self {
        Self { threshold, required: 0.5, first, most, precision: 0.0, confidence: 0.95 }
    }

    fn succeeds(&self, performance: f64) -> bool {
        performance >= self.threshold - 1e-9 * self.threshold.abs()
    }

    /// What runs of one dimension amount to.
    pub fn judge(&self, dimension: usize, performances: &[f64]) -> Level {
        let successes = performances.iter().filter(|p| self.succeeds(**p)).count() as u64;
        let interval = wilson(successes, performances.len() as u64, self.confidence);
        Level { dimension, performances: performances.to_vec(), successes, interval }
    }

    fn suffices(&self, performances: &[f64]) -> bool {
        let successes = performances.iter().filter(|p| self.succeeds(**p)).count();
        successes as f64 >= self.required * performances.len() as f64
    }
}

/// The intrinsic dimension: the least d whose runs reach the threshold.
///
/// From [`first`](Criterion::first) the dimension doubles until it suffices or [`most`](Criterion::most) is reached,
/// then the bracket between the largest one that does not and the least one that does is halved. `measure` makes the
/// runs of a dimension, one performance a seed, and is not asked for what `ladder` holds already.
/// With the threshold at 0.9 of the performance in the full space this is d_int90, at the whole of it
/// d_int100 (Li et al. 2018, §2).
///
/// The bracket is what is known: success is random, a dimension above it may fail and one below it
/// may succeed. [`Found::beyond_doubt`] says how far the seeds carry. d_int100 hangs on the
/// last digit of a baseline that is random itself.
///
/// # Errors
/// Those of `measure`.
///
/// # Panics
/// If `first` is 0 or above `most`.
///
/// ```
/// use thalweg_lab::subspace::{Criterion, Ladder, search};
///
/// let mut runs = |d: usize| Ok::<_, ()>(vec![if d >= 37 { 1.0 } else { 0.1 }; 3]);
/// let found = search(&Criterion::new(0.9, 4, 1000), &mut Ladder::new(), &mut runs).unwrap();
/// assert_eq!((found.dimension, found.bracket), (Some(37), [36, 37]));
/// ```
pub fn search<E>(
    criterion: &Criterion,
    ladder: &mut Ladder,
    measure: &mut dyn FnMut(usize) -> Result<Vec<f64>, E>,
) -> Result<Found, E> {
    let Criterion { first, most, precision, .. } = *criterion;
    assert!(first > 0 && first <= most, "a search from {first} to {most}");
    let mut suffices = |d: usize| -> Result<bool, E> {
        let performances = match ladder.entry(d) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(measure(d)?),
        };
        Ok(criterion.suffices(performances))
    };
    let (mut low, mut high) = (0, first);
    let dimension = loop {
        if suffices(high)? {
            break Some(high);
        }
        low = high;
        if high == most {
            break None;
        }
        high = high.saturating_mul(2).min(most);
    };
    while dimension.is_some() && high - low > 1 && (high - low) as f64 > precision * high as f64 {
        let middle = low + (high - low) / 2;
        if suffices(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    let levels: Vec<Level> = ladder.iter().map(|(&d, runs)| criterion.judge(d, runs)).collect();
    let below = levels.iter().rfind(|level| level.interval.high < criterion.required);
    let below = below.map(|level| level.dimension);
    let above = levels
        .iter()
        .filter(|level| below.is_none_or(|below| level.dimension > below))
        .find(|level| level.interval.low > criterion.required);
    Ok(Found {
        criterion: *criterion,
        dimension: dimension.map(|_| high),
        bracket: [low, high],
        beyond_doubt: [below, above.map(|level| level.dimension)],
        levels,
    })
}

#[cfg(test)]
mod tests;
