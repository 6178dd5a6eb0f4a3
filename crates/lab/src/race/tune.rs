//! Tuning under a protocol that is declared beforehand.

use serde::{Deserialize, Serialize};

use super::statistics::{halton, median};
use crate::optim::{OptimizerSpec, SpecError};

/// The values among which an optimizer is tuned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// The parameters that are tuned; the others keep their values.
    pub axes: Vec<SearchAxis>,
}

/// The range of one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchAxis {
    /// The parameter, `rate` among them.
    pub parameter: String,
    /// Its least value.
    pub low: f64,
    /// Its largest value.
    pub high: f64,
    /// How it is spread between these.
    pub scale: Spacing,
}

/// How values are spread over a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Evenly.
    Linear,
    /// Evenly in the logarithm.
    Log,
    /// Evenly in the logarithm of the distance from 1, for momenta.
    FromOne,
}

/// What a tuning found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The best settings.
    pub spec: OptimizerSpec,
    /// Their score: the median over the tuning seeds of f at the end.
    #[serde(with = "crate::exact::one")]
    pub score: f64,
    /// Parameters whose best value lies in the outermost 5 % of their range: the true best
    /// may lie beyond.
    pub edges: Vec<String>,
    /// Every candidate with its score, in the order of the trials.
    pub candidates: Vec<Candidate>,
}

/// One of the settings that were tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The settings.
    pub spec: OptimizerSpec,
    /// Its score.
    #[serde(with = "crate::exact::one")]
    pub score: f64,
}

impl Space {
    /// The usual space of an optimizer: its learning rate within a factor of 1,000
    /// of the default, and momentum or β₁ from 0 to 0.99. Empty for those that have neither.
    pub fn of(spec: &OptimizerSpec) -> Self {
        let rate = spec.entry::<f64>().rate.map(|rate| SearchAxis {
            parameter: "rate".to_owned(),
            low: rate / 1e3,
            high: rate * 1e3,
            scale: Spacing::Log,
        });
        let kept = spec.parameters().find(|(parameter, _)| ["momentum", "beta1"].contains(&parameter.name));
        let kept = kept.map(|(parameter, _)| SearchAxis {
            parameter: parameter.name.to_owned(),
            low: 0.0,
            high: 0.99,
            scale: Spacing::FromOne,
        });
        Self { axes: rate.into_iter().chain(kept).collect() }
    }

    /// `count` settings to try: the given ones first, then quasi-random ones that fill the space evenly
    /// (Halton's sequence, shifted by the seed). The given ones alone if there is nothing to tune.
    ///
    /// # Errors
    /// If the optimizer has no such parameter or it does not take a value of the range.
    pub fn candidates(
        &self,
        spec: &OptimizerSpec,
        count: usize,
        seed: u64,
    ) -> Result<Vec<OptimizerSpec>, SpecError> {
        let mut candidates = vec![spec.clone()];
        if self.axes.is_empty() {
            return Ok(candidates);
        }
        for point in halton(self.axes.len(), count.saturating_sub(1), seed) {
            let set = |spec: OptimizerSpec, (axis, at): (&SearchAxis, &f64)| {
                spec.with(&axis.parameter, &axis.at(*at).to_string())
            };
            candidates.push(self.axes.iter().zip(&point).try_fold(spec.clone(), set)?);
        }
        Ok(candidates)
    }

    /// The best of the candidates, by the median of their final values over the
    /// tuning seeds (what is not finite counts as infinite); the first of equals.
    pub fn choose(&self, candidates: &[OptimizerSpec], finals: &[Vec<f64>]) -> Tuned {
        let score = |finals: &Vec<f64>| {
            let bounded: Vec<f64> = finals.iter().map(|f| if f.is_finite() { *f } else { f64::INFINITY }).collect();
            median(&bounded)
        };
        let candidates: Vec<Candidate> = candidates
            .iter()
            .zip(finals)
            .map(|(spec, finals)| Candidate { spec: spec.clone(), score: score(finals) })
            .collect();
        let best = candidates.iter().reduce(|a, b| if b.score < a.score { b } else { a });
        let best = best.expect("there is a candidate").clone();
        let on_edge = |axis: &&SearchAxis| {
            let place = axis.place(best.spec.value(&axis.parameter).unwrap_or(f64::NAN));
            !(0.05..=0.95).contains(&place)
        };
        let edges = self.axes.iter().filter(on_edge).map(|axis| axis.parameter.clone()).collect();
        Tuned { spec: best.spec, score: best.score, edges, candidates }
    }
}

impl SearchAxis {
    /// The value at a share in [0, 1] of the range, in four significant digits.
    fn at(&self, share: f64) -> f64 {
        let (low, high) = (self.scale.bend(self.low), self.scale.bend(self.high));
        let value = self.scale.unbend(low + share * (high - low)).clamp(self.low, self.high);
        format!("{value:.3e}").parse().unwrap_or(value)
    }

    /// The inverse of [`at`](Self::at).
    fn place(&self, value: f64) -> f64 {
        let (low, high) = (self.scale.bend(self.low), self.scale.bend(self.high));
        (self.scale.bend(value) - low) / (high - low)
    }
}

impl Spacing {
    fn bend(self, value: f64) -> f64 {
        match self {
            Spacing::Linear => value,
            Spacing::Log => value.ln(),
            Spacing::FromOne => -(1.0 - value).ln(),
        }
    }

    fn unbend(self, value: f64) -> f64 {
        match self {
            Spacing::Linear => value,
            Spacing::Log => value.exp(),
            Spacing::FromOne => 1.0 - (-value).exp(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adam() -> OptimizerSpec {
        "adam".parse().unwrap()
    }

    #[test]
    fn candidates_fill_the_declared_space() {
        let space = Space::of(&adam());
        assert_eq!(space.axes.iter().map(|a| a.parameter.as_str()).collect::<Vec<_>>(), ["rate", "beta1"]);
        let candidates = space.candidates(&adam(), 65, 7).unwrap();
        assert_eq!((candidates.len(), &candidates[0]), (65, &adam()));
        assert_eq!(candidates, space.candidates(&adam(), 65, 7).unwrap());
        // Each eighth of the range of rates holds its share.
        let mut counts = [0; 8];
        for spec in &candidates[1..] {
            let rate = spec.value("rate").unwrap();
            assert!((1e-6..=1.0).contains(&rate));
            let place = space.axes[0].place(rate);
            counts[((8.0 * place) as usize).min(7)] += 1;
        }
        assert!(counts.iter().all(|&count| (6..=10).contains(&count)), "{counts:?}");
    }

    #[test]
    fn values_and_places_are_inverse() {
        for scale in [Spacing::Linear, Spacing::Log, Spacing::FromOne] {
            let axis = SearchAxis { parameter: "rate".into(), low: 0.01, high: 0.9, scale };
            for share in [0.0, 0.2, 0.7, 1.0] {
                assert!((axis.place(axis.at(share)) - share).abs() < 2e-3, "{scale:?}");
            }
        }
    }

    /// The score is a median, failures are infinitely bad, and a best value near the end of its range is flagged.
    #[test]
    fn the_best_median_wins_and_edges_are_flagged() {
        let space = Space::of(&adam());
        let rate = |rate: f64| adam().with_learning_rate(rate);
        let candidates = [rate(1e-3), rate(0.9), rate(1e-2)];
        let finals = [vec![1.0, 1.0, 1.0], vec![0.1, 0.2, 9.0], vec![0.0, f64::NAN, f64::INFINITY]];
        let tuned = space.choose(&candidates, &finals);
        assert_eq!((&tuned.spec, tuned.score), (&candidates[1], 0.2));
        assert_eq!(tuned.edges, ["rate"]);
        assert_eq!(tuned.candidates[2].score, f64::INFINITY);
    }

    #[test]
    fn what_has_nothing_to_tune_is_tried_once() {
        let spec = adam();
        assert_eq!(Space::default().candidates(&spec, 20, 0).unwrap(), [spec.clone()]);
        let alien = Space { axes: vec![SearchAxis { parameter: "gamma".into(), low: 0.0, high: 1.0, scale: Spacing::Linear }] };
        assert!(alien.candidates(&spec, 2, 0).is_err());
    }
}
