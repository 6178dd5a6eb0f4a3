//! Tuning under a protocol that is declared beforehand.

use serde::{Deserialize, Serialize};

use super::statistics::{Halton, Scale, quantile};
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
    pub scale: Scale,
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

/// Why a space cannot be searched.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpaceError {
    /// A parameter or value that the optimizer does not take.
    #[error("the search space does not fit: {0}")]
    Spec(#[from] SpecError),
    /// A range without values.
    #[error(
        "the search space of {parameter}: expected a range from low to high that a scale of kind {scale:?} can be laid on, found {low} to {high}"
    )]
    Range {
        /// Of which parameter.
        parameter: String,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
        /// The scale.
        scale: Scale,
    },
    /// Too many parameters at a time.
    #[error("a search space has at most {most} parameters, found {0}", most = Halton::MOST)]
    Axes(usize),
}

impl Space {
    /// The usual space of an optimizer: its learning rate within a factor of 1,000
    /// of the default, and momentum or β₁ from 0 to 0.99. Empty for those that have neither.
    pub fn of(spec: &OptimizerSpec) -> Self {
        let rate = spec.entry::<f64>().rate.map(|rate| SearchAxis {
            parameter: "rate".to_owned(),
            low: rate / 1e3,
            high: rate * 1e3,
            scale: Scale::Log,
        });
        let kept = spec.parameters().find(|(parameter, _)| ["momentum", "beta1"].contains(&parameter.name));
        let kept = kept.map(|(parameter, _)| SearchAxis {
            parameter: parameter.name.to_owned(),
            low: 0.0,
            high: 0.99,
            scale: Scale::FromOne,
        });
        Self { axes: rate.into_iter().chain(kept).collect() }
    }

    /// `count` settings to try: the given ones first, then quasi-random ones that fill the space evenly
    /// (Halton's sequence, scrambled by the seed). The given ones alone if there is nothing to tune.
    ///
    /// # Errors
    /// If the optimizer has no such parameter or it does not take a value of the range.
    pub fn candidates(
        &self,
        spec: &OptimizerSpec,
        count: usize,
        seed: u64,
    ) -> Result<Vec<OptimizerSpec>, SpaceError> {
        self.check()?;
        let mut candidates = vec![spec.clone()];
        if self.axes.is_empty() {
            return Ok(candidates);
        }
        let points = Halton::new(self.axes.len(), seed);
        for index in 1..count as u64 {
            let point = points.point(index);
            let set = |spec: OptimizerSpec, (axis, at): (&SearchAxis, &f64)| {
                spec.with(&axis.parameter, &axis.at(*at).to_string())
            };
            candidates.push(self.axes.iter().zip(&point).try_fold(spec.clone(), set)?);
        }
        Ok(candidates)
    }

    fn check(&self) -> Result<(), SpaceError> {
        if self.axes.len() > Halton::MOST {
            return Err(SpaceError::Axes(self.axes.len()));
        }
        for SearchAxis { parameter, low, high, scale } in &self.axes {
            let (least, most) = match scale {
                Scale::Linear => (f64::MIN, f64::MAX),
                Scale::Log => (f64::MIN_POSITIVE, f64::MAX),
                Scale::FromOne => (f64::MIN, 1.0f64.next_down()),
            };
            if !(least <= *low && low < high && *high <= most) {
                let (parameter, low, high) = (parameter.clone(), *low, *high);
                return Err(SpaceError::Range { parameter, low, high, scale: *scale });
            }
        }
        Ok(())
    }

    /// The best of the candidates, by the median of their final values over the
    /// tuning seeds (what is not finite counts as infinite); the first of equals.
    pub fn choose(&self, candidates: &[OptimizerSpec], finals: &[Vec<f64>]) -> Tuned {
        let score = |finals: &Vec<f64>| {
            let bounded: Vec<f64> =
                finals.iter().map(|f| if f.is_finite() { *f } else { f64::INFINITY }).collect();
            quantile(&bounded, 0.5)
        };
        let candidates: Vec<Candidate> = candidates
            .iter()
            .zip(finals)
            .map(|(spec, finals)| Candidate { spec: spec.clone(), score: score(finals) })
            .collect();
        let best = candidates.iter().reduce(|a, b| if b.score < a.score { b } else { a });
        let best = best.expect("there is a candidate").clone();
        let on_edge = |axis: &&SearchAxis| {
            let value = best.spec.value(&axis.parameter);
            value.is_some_and(|value| !(0.05..=0.95).contains(&axis.place(value)))
        };
        let edges = self.axes.iter().filter(on_edge).map(|axis| axis.parameter.clone()).collect();
        Tuned { spec: best.spec, score: best.score, edges, candidates }
    }
}

impl SearchAxis {
    /// The value at a share of the range, in four significant digits.
    fn at(&self, share: f64) -> f64 {
        let value = self.scale.value(share, self.low, self.high);
        format!("{value:.3e}").parse().unwrap_or(value).clamp(self.low, self.high)
    }

    /// The share of the range at which a value lies.
    fn place(&self, value: f64) -> f64 {
        self.scale.share(value, self.low, self.high)
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
        for scale in [Scale::Linear, Scale::Log, Scale::FromOne] {
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
        assert_eq!(Space::default().candidates(&spec, 20, 0).unwrap(), std::slice::from_ref(&spec));
        let alien = Space {
            axes: vec![SearchAxis { parameter: "gamma".into(), low: 0.0, high: 1.0, scale: Scale::Linear }],
        };
        assert!(alien.candidates(&spec, 2, 0).is_err());
    }
}
