//! The table of learning problems, and their choice by name.

use std::fmt;
use std::str::FromStr;

pub use super::super::analytic::SpecError;
pub(super) use super::super::analytic::named;
use super::super::analytic::{Known, registry as functions};
use super::{ExampleSum, Logistic, NoisyQuadratic, logistic, noisy_quadratic};
use crate::{Layout, Scalar};

/// One row of the table of learning problems.
pub struct Entry {
    /// What users type, before a colon.
    pub name: &'static str,
    /// How its parameters follow.
    pub usage: &'static str,
    /// Texts that choose it.
    pub examples: &'static [&'static str],
    /// What it is, in a few words.
    pub summary: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// Reads what follows the colon.
    pub(super) build: fn(&str) -> Result<LearningSpec, SpecError>,
}

/// All learning problems. To add one, write its file and add its row here.
pub fn registry() -> &'static [Entry] {
    &[logistic::ENTRY, noisy_quadratic::ENTRY]
}

/// A learning problem that a text chooses; the text is what it displays as.
///
/// ```
/// use thalweg_lab::Objective;
/// use thalweg_lab::problem::learning::LearningSpec;
///
/// let spec: LearningSpec = "logistic:100,5,alpha=0.1".parse()?;
/// let objective = spec.build::<f64>(None)?;
/// assert!((objective.value(&[0.0; 5]) - 2f64.ln()).abs() < 1e-15);
/// # Ok::<(), thalweg_lab::problem::learning::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum LearningSpec {
    /// Logistic regression.
    Logistic(Logistic),
    /// A quadratic with noise.
    NoisyQuadratic(NoisyQuadratic),
}

/// Examples of classes, for problems that are laid on given data.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a> {
    /// N × width numbers.
    pub features: &'a [f32],
    /// Numbers an example.
    pub width: usize,
    /// N labels below `classes`.
    pub labels: &'a [u32],
    /// How many classes there are.
    pub classes: usize,
}

impl LearningSpec {
    /// Whether it is laid on given data, rather than on data that it plants itself.
    pub fn takes_data(&self) -> bool {
        matches!(self, LearningSpec::Logistic(Logistic { planted: None, .. }))
    }

    /// N, where it plants its examples itself.
    pub fn planted(&self) -> Option<usize> {
        match self {
            LearningSpec::Logistic(Logistic { planted, .. }) => planted.map(|(examples, ..)| examples),
            LearningSpec::NoisyQuadratic(spec) => Some(spec.examples()),
        }
    }

    /// Names and shapes of the parameters; of given data with so many `features` an example.
    pub fn layout(&self, features: usize) -> Layout {
        match self {
            LearningSpec::Logistic(spec) => spec.layout(features),
            LearningSpec::NoisyQuadratic(spec) => Layout::flat(spec.dimension),
        }
    }

    /// The customary start: 0 for regressions, 1 in each coordinate for quadratics.
    pub fn start<T: Scalar>(&self, dimension: usize) -> Vec<T> {
        match self {
            LearningSpec::Logistic(_) => vec![T::zero(); dimension],
            LearningSpec::NoisyQuadratic(_) => vec![T::one(); dimension],
        }
    }

    /// Critical points that are known.
    pub fn known(&self) -> Vec<Known> {
        match self {
            LearningSpec::Logistic(_) => Vec::new(),
            LearningSpec::NoisyQuadratic(NoisyQuadratic { dimension, .. }) => vec![Known {
                x: vec![0.0; *dimension],
                value: 0.0,
                index: 0,
                nullity: 0,
                global: true,
                source: "the gradient is linear",
            }],
        }
    }

    /// The objective, on `data` where it [takes](Self::takes_data) any.
    ///
    /// # Errors
    /// If the data are missing, or there is no such class among them.
    pub fn build<T: Scalar>(&self, data: Option<&Examples<'_>>) -> Result<ExampleSum<T>, SpecError> {
        match self {
            LearningSpec::Logistic(spec) => spec.build(data),
            LearningSpec::NoisyQuadratic(spec) => Ok(spec.build()),
        }
    }
}

impl fmt::Display for LearningSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LearningSpec::Logistic(spec) => spec.fmt(f),
            LearningSpec::NoisyQuadratic(spec) => spec.fmt(f),
        }
    }
}

impl FromStr for LearningSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, parameters) = text.split_once(':').unwrap_or((text, ""));
        let entry = registry().iter().find(|entry| entry.name == name).ok_or_else(|| {
            let learning = registry().iter().map(|entry| entry.usage);
            let known: Vec<&str> = learning.chain(functions().iter().map(|entry| entry.usage)).collect();
            SpecError::new(format!("no problem is named {name:?}; there are {}", known.join(", ")))
        })?;
        (entry.build)(parameters)
            .map_err(|reason| SpecError::new(format!("problem {text:?} ({}): {reason}", entry.usage)))
    }
}

/// A name and the items after its colon.
pub(super) fn write(f: &mut fmt::Formatter<'_>, name: &str, items: &[String]) -> fmt::Result {
    match items {
        [] => f.write_str(name),
        items => write!(f, "{name}:{}", items.join(",")),
    }
}

/// Reads a number that is at least 0.
pub(super) fn number(what: &str, text: &str) -> Result<f64, SpecError> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err(SpecError::new(format!("expected a number from 0 on as {what}, found {text:?}"))),
    }
}

/// Reads a whole number; a class may be 0.
pub(super) fn count(what: &str, text: &str) -> Result<usize, SpecError> {
    let least = usize::from(what != "class");
    match text.parse::<usize>() {
        Ok(value) if value >= least => Ok(value),
        _ => {
            Err(SpecError::new(format!("expected a whole number from {least} on as {what}, found {text:?}")))
        }
    }
}

/// Reads a seed.
pub(super) fn seed(text: &str) -> Result<u64, SpecError> {
    text.parse().map_err(|_| SpecError::new(format!("expected a whole number as seed, found {text:?}")))
}

/// Whether so many planted rows of so many numbers can be held.
pub(super) fn fits(examples: usize, width: usize) -> Result<(), SpecError> {
    const LARGEST: usize = 1 << 27;
    match examples.checked_mul(width) {
        Some(numbers) if numbers <= LARGEST => Ok(()),
        _ => Err(SpecError::new(format!(
            "expected at most {LARGEST} planted numbers, found {examples} × {width}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Objective;
    use crate::vector::norm;

    /// Every example of the table is found again by its own text, and what is known of it is so.
    #[test]
    fn texts_choose_what_they_say() {
        let (features, labels) = ([0.5f32, 1.0, -1.0, 2.0, 0.0, 3.0], [3u32, 0, 1]);
        let data = Examples { features: &features, width: 2, labels: &labels, classes: 4 };
        for entry in registry() {
            assert!(entry.usage.starts_with(entry.name));
            for text in entry.examples {
                let spec: LearningSpec = text.parse().unwrap();
                assert_eq!(spec.to_string(), *text);
                let objective = spec.build::<f64>(Some(&data)).unwrap();
                assert_eq!(spec.takes_data(), spec.planted().is_none());
                let n = objective.dimension();
                assert_eq!(spec.layout(2).dimension(), n, "{text}");
                assert_eq!(objective.layout(), &spec.layout(2));
                let examples = objective.finite_sum().unwrap().examples();
                assert_eq!(examples, spec.planted().unwrap_or(3));
                let mut gradient = vec![0.0; n];
                assert!(objective.value_grad(&spec.start(n), &mut gradient).is_finite());
                for known in spec.known() {
                    assert!((objective.value_grad(&known.x, &mut gradient) - known.value).abs() < 1e-14);
                    assert!(norm(&gradient) < 1e-14);
                }
            }
        }
    }

    /// ln(1 + e^(−y(aᵀw + b))) + α Σ w²/(1 + w²) by hand: a class against the rest, the bias without penalty.
    #[test]
    fn given_data_are_one_class_against_the_rest() {
        let (features, labels) = ([0.5f32, 1.0, -1.0, 2.0, 0.0, 3.0], [2u32, 0, 1]);
        let data = Examples { features: &features, width: 2, labels: &labels, classes: 3 };
        let theta = [0.3, -0.7, 0.2];
        for (text, positive) in [("logistic", 2), ("logistic:class=1,alpha=0.5", 1)] {
            let spec: LearningSpec = text.parse().unwrap();
            let alpha = if positive == 1 { 0.5 } else { 0.01 };
            let mut expected: f64 = theta[..2].iter().map(|w| alpha * w * w / (1.0 + w * w)).sum();
            for (a, label) in features.chunks(2).zip(labels) {
                let y = if label == positive { 1.0 } else { -1.0 };
                let score = f64::from(a[0]) * theta[0] + f64::from(a[1]) * theta[1] + theta[2];
                expected += (-y * score).exp().ln_1p() / 3.0;
            }
            let found = spec.build::<f64>(Some(&data)).unwrap().value(&theta);
            assert!((found - expected).abs() < 1e-14, "{text}: {found} {expected}");
        }
        let plain: LearningSpec = "logistic:no-bias".parse().unwrap();
        assert_eq!(plain.layout(2).dimension(), 2);
    }

    #[test]
    fn mistakes_are_told() {
        for (text, part) in [
            ("logistik", "no problem is named"),
            ("logistic:5", "numbers of examples and of features"),
            ("logistic:5,0", "expected a whole number from 1 on as features"),
            ("logistic:5,2,class=1", "belong to given data"),
            ("logistic:seed=3", "belong to planted clouds"),
            ("logistic:5,2,alpha=-1", "from 0 on as alpha"),
            ("logistic:5,2,beta=1", "beta"),
            ("noisy-quadratic", "coordinates"),
            ("noisy-quadratic:100000", "planted numbers"),
            ("noisy-quadratic:3,noise=much", "noise"),
        ] {
            let error = text.parse::<LearningSpec>().expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        let (features, labels) = ([0.5f32, 1.0], [0u32, 0]);
        let data = |classes| Examples { features: &features, width: 1, labels: &labels, classes };
        let spec: LearningSpec = "logistic:class=4".parse().unwrap();
        assert!(spec.build::<f64>(None).is_err());
        assert!(spec.build::<f64>(Some(&data(3))).err().unwrap().to_string().contains("from 0 to 2"));
        assert!(spec.build::<f64>(Some(&data(1))).err().unwrap().to_string().contains("two classes"));
    }
}
