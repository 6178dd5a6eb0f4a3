//! Time shared out between the parts of a study.

use std::time::Duration;

use crate::words::time;

use super::parts::Piece;

/// A part of a study at every depth that it may have.
pub struct Part {
    pub name: String,
    /// Its share of the time, beside those of the others.
    pub weight: f64,
    /// From the least that is worth making to all that was asked for; each takes longer than those before it.
    rungs: Vec<Rung>,
}

/// A part at one depth.
pub struct Rung {
    pub seconds: f64,
    pub piece: Piece,
}

impl Part {
    /// A part with the given depths, the last of which was asked for. One that takes as long as
    /// a deeper one is dropped.
    pub fn new(name: impl Into<String>, weight: f64, rungs: impl IntoIterator<Item = Rung>) -> Self {
        let mut all: Vec<Rung> = rungs.into_iter().collect();
        let mut kept: Vec<Rung> = Vec::new();
        while let Some(rung) = all.pop() {
            if kept.last().is_none_or(|deeper| rung.seconds < deeper.seconds) {
                kept.push(rung);
            }
        }
        kept.reverse();
        Self { name: name.into(), weight, rungs: kept }
    }

    /// The part at one of its depths.
    pub fn at(&self, rung: usize) -> &Rung {
        &self.rungs[rung]
    }

    /// Seconds of the least depth.
    pub fn least(&self) -> f64 {
        self.at(0).seconds
    }

    /// What the least depth takes, if it takes a tenth of a second.
    pub fn in_words(&self) -> Option<String> {
        let seconds = self.least();
        (seconds >= 0.1).then(|| format!("{} {}", self.name, time(Duration::from_secs_f64(seconds))))
    }

    /// The deepest that takes no longer, or else the least.
    fn within(&self, seconds: f64) -> usize {
        self.rungs.iter().rposition(|rung| rung.seconds <= seconds).unwrap_or(0)
    }
}

/// A depth for each part, all of them together within the time; `None` if the least ones are not.
///
/// Each part is given time in proportion to its weight, but no less than its least depth takes and
/// no more than it can use; what that leaves over goes to the others in the same way. The rest
/// that depths are too coarse for goes to the parts one by one, the weightiest first.
pub fn fill(parts: &[Part], seconds: f64) -> Option<Vec<usize>> {
    let total = |rungs: &[usize]| -> f64 { parts.iter().zip(rungs).map(|(p, &r)| p.at(r).seconds).sum() };
    let chosen = |level: f64| -> Vec<usize> { parts.iter().map(|p| p.within(level * p.weight)).collect() };
    let (mut low, mut high) = (0.0, 0.0f64);
    for part in parts {
        high = high.max(part.rungs.last().map_or(0.0, |rung| rung.seconds / part.weight));
    }
    // A hair more, so that rounding takes the last depth from nobody.
    high *= 1.0 + 1e-9;
    let mut best = vec![0; parts.len()];
    if total(&best) > seconds {
        return None;
    }
    if total(&chosen(high)) <= seconds {
        return Some(chosen(high));
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        let rungs = chosen(middle);
        match total(&rungs) <= seconds {
            true => (low, best) = (middle, rungs),
            false => high = middle,
        }
    }
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| parts[b].weight.total_cmp(&parts[a].weight));
    for i in order {
        let free = seconds - total(&best);
        best[i] = best[i].max(parts[i].within(parts[i].at(best[i]).seconds + free));
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(weight: f64, seconds: &[f64]) -> Part {
        Part::new("part", weight, seconds.iter().map(|&seconds| Rung { seconds, piece: Piece::Line(None) }))
    }

    fn seconds(parts: &[Part], total: f64) -> Option<Vec<f64>> {
        fill(parts, total).map(|rungs| parts.iter().zip(rungs).map(|(p, r)| p.at(r).seconds).collect())
    }

    #[test]
    fn time_goes_by_weight_within_the_bounds_of_each() {
        let fine: Vec<f64> = (1..=1000).map(f64::from).collect();
        let parts = [part(3.0, &fine), part(1.0, &fine), part(1.0, &[0.0, 50.0])];
        assert_eq!(seconds(&parts, 2050.0), Some(vec![1000.0, 1000.0, 50.0]));
        // 50 seconds are all that the last one can use; the others share the rest as 3 to 1.
        assert_eq!(seconds(&parts, 450.0), Some(vec![300.0, 100.0, 50.0]));
        // It is too coarse for less than 50; the others share to the second.
        let given = seconds(&parts, 200.0).unwrap();
        assert!((given[0] - 150.0).abs() <= 1.0 && (given[1] - 50.0).abs() <= 1.0, "{given:?}");
        assert_eq!((given[2], given.iter().sum()), (0.0, 200.0));
        assert_eq!(seconds(&parts, 2.0), Some(vec![1.0, 1.0, 0.0]));
        assert_eq!(seconds(&parts, 1.9), None);
    }

    #[test]
    fn all_is_given_where_all_fits_and_never_more() {
        let parts = [part(5.0, &[1.0, 7.3, 22.1]), part(0.3, &[0.1, 9.0]), part(2.0, &[4.0])];
        for tenth in 51..400 {
            let total = 0.1 * f64::from(tenth);
            let given = seconds(&parts, total).unwrap();
            assert!(given.iter().sum::<f64>() <= total, "{given:?} of {total}");
        }
        assert_eq!(seconds(&parts, 35.2), Some(vec![22.1, 9.0, 4.0]));
        assert_eq!(seconds(&[], 0.0), Some(vec![]));
    }

    #[test]
    fn a_depth_that_costs_as_much_as_a_deeper_one_is_dropped() {
        let part = part(1.0, &[3.0, 2.0, 5.0, 5.0, 4.0, 6.0]);
        let kept: Vec<f64> = part.rungs.iter().map(|rung| rung.seconds).collect();
        assert_eq!(kept, [2.0, 4.0, 6.0]);
    }
}
