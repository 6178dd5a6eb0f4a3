//! Logistic regression with a penalty that is not convex.

use std::f64::consts::LN_2;
use std::fmt;

use super::registry::{Entry, Examples, LearningSpec, SpecError, count, fits, number, seed};
use super::{ExampleSum, registry};
use crate::random::Stream;
use crate::{Layout, Scalar};

/// The table's row.
pub(super) const ENTRY: Entry = Entry {
    name: "logistic",
    usage: "logistic[:N,D][,alpha=A,distance=R,seed=S,class=C,no-bias]",
    examples: &["logistic:1000,20", "logistic:class=3,alpha=0.001"],
    summary: "logistic regression with a penalty A Σ θ²/(1 + θ²) (0.01) that is not convex: N points of two planted \
              clouds in D dimensions, 2R apart (R = 1), or class C (the last) of --data against the rest, with a bias",
    source: "Antoniadis, Gijbels & Nikolova 2011 for the penalty",
    build: parse,
};

/// Weight of the penalty, where none is given.
const ALPHA: f64 = 0.01;
/// Distance of a planted cloud from the origin, where none is given.
const DISTANCE: f64 = 1.0;

/// A logistic regression that a text chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// The planted clouds, if they are the data: N, D, their distance from the origin, and the seed.
    pub planted: Option<(usize, usize, f64, u64)>,
    /// Which class of given data is told from the rest; the last one if this is not said.
    pub class: Option<usize>,
    /// α.
    pub alpha: f64,
    /// Whether there is a bias, which has no penalty; planted clouds need none.
    pub bias: bool,
}

/// (1/N) Σᵢ ln(1 + e^(−yᵢ aᵢᵀθ)) + α Σⱼ θⱼ²/(1 + θⱼ²) with labels y = ±1.
///
/// `features` is N × d; θ has d coordinates and there is no bias: give a column of ones for one. The
/// penalty, of the first `penalized` coordinates, is convex near 0 and concave beyond 1/√3, so the sum has directions of
/// negative curvature where the data say little. It is a standard test of methods for non-convex sums (Antoniadis, Gijbels &
/// Nikolova 2011 for the penalty).
///
/// # Panics
/// If there is not one label for each row of features.
pub fn logistic<T: Scalar>(
    layout: Layout,
    features: &[f64],
    labels: &[f64],
    alpha: f64,
    penalized: usize,
) -> ExampleSum<T> {
    let d = layout.dimension();
    assert_eq!(features.len(), d * labels.len(), "one label a row of features");
    // Only the product of label and features matters.
    let rows = features.chunks_exact(d).zip(labels).flat_map(|(a, y)| a.iter().map(move |a| T::of(y * a)));
    ExampleSum::new(layout, rows.collect(), d, |theta, rows| (-(rows.times(theta))).softplus())
        .with_penalty(move |theta| {
            let square = theta.range(0..penalized).square();
            alpha * (square / (1.0 + square)).sum()
        })
        .with_correct_below(LN_2)
}

/// Two clouds of normal points around ±μ with ‖μ‖ = `distance`, as features (N × d) and labels ±1.
///
/// μ is random; half of the points, rounded up, have label 1.
pub fn two_clouds(examples: usize, d: usize, distance: f64, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut center = vec![0.0f64; d];
    Stream::new(seed, "center", 0).fill_normal(&mut center);
    let length = center.iter().map(|v| v * v).sum::<f64>().sqrt();
    let mut features = vec![0.0; examples * d];
    Stream::new(seed, "cloud", 0).fill_normal(&mut features);
    let labels: Vec<f64> = (0..examples).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
    for (row, label) in features.chunks_exact_mut(d).zip(&labels) {
        row.iter_mut().zip(&center).for_each(|(a, c)| *a += label * distance * c / length);
    }
    (features, labels)
}

impl Logistic {
    /// Names and shapes of the parameters, for data of so many features.
    pub(super) fn layout(&self, features: usize) -> Layout {
        match (self.planted, self.bias) {
            (Some((_, d, ..)), _) => Layout::new([("weight", vec![d])]),
            (None, true) => Layout::new([("weight", vec![features]), ("bias", vec![1])]),
            (None, false) => Layout::new([("weight", vec![features])]),
        }
    }

    pub(super) fn build<T: Scalar>(&self, data: Option<&Examples<'_>>) -> Result<ExampleSum<T>, SpecError> {
        let (layout, features, labels, penalized) = match (self.planted, data) {
            (Some((examples, d, distance, seed)), _) => {
                let (features, labels) = two_clouds(examples, d, distance, seed);
                (self.layout(d), features, labels, d)
            }
            (None, None) => return Err(SpecError::new(format!("{self}: expected examples, found none"))),
            (None, Some(data)) => {
                let chosen = self.class(data.classes)? as u32;
                let rows = data.features.chunks_exact(data.width.max(1));
                let wide = |row: &[f32]| row.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
                let bias = self.bias.then_some(1.0);
                let features = rows.flat_map(|row| wide(row).into_iter().chain(bias)).collect();
                let sign = |label: &u32| if *label == chosen { 1.0 } else { -1.0 };
                (self.layout(data.width), features, data.labels.iter().map(sign).collect(), data.width)
            }
        };
        Ok(logistic(layout, &features, &labels, self.alpha, penalized))
    }

    /// The class that is told from the rest, of so many.
    pub fn class(&self, classes: usize) -> Result<usize, SpecError> {
        match self.class.unwrap_or(classes.saturating_sub(1)) {
            class if class < classes && classes > 1 => Ok(class),
            _ if classes < 2 => {
                Err(SpecError::new(format!("{self}: expected data of two classes or more, found {classes}")))
            }
            class => Err(SpecError::new(format!(
                "{self}: expected a class from 0 to {}, found {class}",
                classes - 1
            ))),
        }
    }
}

/// The text that chooses it.
impl fmt::Display for Logistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items: Vec<String> = Vec::new();
        if let Some((examples, d, distance, seed)) = self.planted {
            items.extend([examples.to_string(), d.to_string()]);
            items.extend((distance != DISTANCE).then(|| format!("distance={distance}")));
            items.extend((seed != 0).then(|| format!("seed={seed}")));
        }
        items.extend(self.class.map(|class| format!("class={class}")));
        items.extend((self.alpha != ALPHA).then(|| format!("alpha={}", self.alpha)));
        items.extend((self.planted.is_none() && !self.bias).then(|| "no-bias".to_owned()));
        registry::write(f, "logistic", &items)
    }
}

/// Reads `1000,20,alpha=0.1` or `class=3,no-bias`.
fn parse(text: &str) -> Result<LearningSpec, SpecError> {
    const NAMES: [&str; 4] = ["alpha", "distance", "seed", "class"];
    let (own, given) = registry::named(text, NAMES)?;
    let bias = !own.contains(&"no-bias");
    let own: Vec<&str> = own.into_iter().filter(|item| !item.is_empty() && *item != "no-bias").collect();
    let alpha = given[0].map_or(Ok(ALPHA), |text| number("alpha", text))?;
    let class = given[3].map(|text| count("class", text)).transpose()?;
    let planted = match own[..] {
        [] if given[1].is_some() || given[2].is_some() => {
            return Err(SpecError::new("distance and seed belong to planted clouds: logistic:N,D".into()));
        }
        [] => None,
        [_, _] if class.is_some() || !bias => {
            return Err(SpecError::new(
                "class and no-bias belong to given data, not to planted clouds".into(),
            ));
        }
        [examples, d] => {
            let (examples, d) = (count("examples", examples)?, count("features", d)?);
            fits(examples, d)?;
            let distance = given[1].map_or(Ok(DISTANCE), |text| number("distance", text))?;
            Some((examples, d, distance, given[2].map_or(Ok(0), seed)?))
        }
        _ => {
            let found = own.join(",");
            return Err(SpecError::new(format!(
                "expected numbers of examples and of features, found {found:?}"
            )));
        }
    };
    Ok(LearningSpec::Logistic(Logistic { bias: bias && planted.is_none(), planted, class, alpha }))
}
