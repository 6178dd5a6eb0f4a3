//! How sharp the point is, by every measure.

use serde::Serialize;
use serde_json::{Map, Value};
use thalweg_lab::flatness::{
    Invariance, LearningCoefficient, NoiseOptions, SamplerOptions, Volume, WorstOptions, ball, fisher_rao,
    keskar, learning_coefficient, local_entropy, tolerated_noise, volume,
};
use thalweg_lab::landscape::ExtentOptions;
use thalweg_lab::{Counts, Scalar, Stop};

use crate::chapter::Chapter;
use crate::config::SharpnessPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::{short, with_error};

/// Lines of the volume end here, in lengths of the point.
const REACH: f64 = 1e3;
/// R̂ above which chains are not said to have mixed.
const MIXED: f64 = 1.05;
/// Draws that count, below which a mean of exponentials is not to be trusted.
const FEW: f64 = 10.0;

/// What `results.json` says.
#[derive(Serialize)]
pub struct Panel {
    pub measures: Vec<Measure>,
    pub learning_coefficient: Option<LearningCoefficient>,
    pub volume: Volume,
}

/// One measure.
#[derive(Clone, Serialize)]
pub struct Measure {
    pub name: String,
    pub value: f64,
    /// Standard error or residual; `null` where `low` and `high` say more, or there is none.
    pub error: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// What the error is.
    pub certainty: String,
    pub invariance: Invariance,
    /// How it was defined.
    pub definition: String,
}

impl Measure {
    fn new(name: &str, value: f64, invariance: Invariance, definition: impl Into<String>) -> Self {
        let (name, definition) = (name.to_owned(), definition.into());
        let certainty = "exact up to rounding".into();
        Self { name, value, error: None, low: None, high: None, certainty, invariance, definition }
    }

    /// Whether it is an eigenvalue below the largest.
    pub fn is_lesser_eigenvalue(&self) -> bool {
        self.name.starts_with('λ') && !self.name.starts_with("λ₁ ")
    }

    fn with_error(self, error: f64, certainty: &str) -> Self {
        Self { error: Some(error), certainty: certainty.into(), ..self }
    }

    fn between(self, low: f64, high: f64, certainty: &str) -> Self {
        Self { low: Some(low), high: Some(high), certainty: certainty.into(), ..self }
    }
}

/// What it takes.
pub fn cost(plan: &SharpnessPlan) -> Cost {
    let climbs = 3 * (plan.starts + 1) * 30;
    let share = |s: &SamplerOptions| match (s.batch, s.examples) {
        (Some(batch), Some(examples)) => (batch as f64 / examples).min(1.0),
        _ => 1.0,
    };
    let steps = |s: &SamplerOptions| (s.chains * (s.burn_in + s.draws)) as f64;
    let sampled = plan.sampler.as_ref().map_or(0.0, |s| share(s) * steps(s)) as u64;
    let counts =
        Counts { values: 60 * plan.draws + 60 * plan.lines, gradients: climbs + sampled, products: 1 };
    Cost::of(counts)
}

/// Takes all of them at x. `spectrum` holds what the spectrum's chapter found.
pub fn sharpness<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SharpnessPlan,
    x: &[T],
    spectrum: &Map<String, Value>,
    seed: u64,
) -> Result<Chapter, Error> {
    let oracle = desk.oracle;
    let mut chapter = Chapter::new("sharpness");
    let mut measures = of_spectrum(spectrum);
    measures.extend(worst(desk, plan, x, seed)?);
    match fisher_rao(oracle, x) {
        Ok(value) => {
            measures.push(Measure::new(
                "Fisher-Rao norm",
                value,
                Invariance::Rescaling,
                "√⟨θ, F θ⟩, F exact over targets",
            ));
        }
        Err(Stop::Lacks { cause, .. }) => chapter.notes.push(format!("No Fisher-Rao norm: {cause}.")),
        Err(stop) => return Err(stop.into()),
    }
    let options = NoiseOptions { draws: plan.draws, seed, ..NoiseOptions::default() };
    let even = tolerated_noise(oracle, x, plan.rise, &options)?;
    let relative = tolerated_noise(oracle, x, plan.rise, &NoiseOptions { relative: true, ..options })?;
    for (found, name, invariance, law) in [
        (even, "PAC-Bayes 1/σ²", Invariance::None, "N(0, σ²I)"),
        (relative, "PAC-Bayes 1/σ², relative", Invariance::Rescaling, "N(0, σ² diag(θ²))"),
    ] {
        let inverse = |sigma: f64| sigma.powi(-2);
        let definition = format!("noise {law} that raises the value by {} on average", short(plan.rise));
        measures.push(Measure::new(name, inverse(found.sigma), invariance, definition).between(
            inverse(found.high),
            inverse(found.low),
            "one standard error over draws",
        ));
    }
    if even.sigma.is_finite() && even.sigma > 0.0 {
        let found = local_entropy(oracle, x, even.sigma, &options)?;
        let definition = format!("−ln E exp(−rise) under N(0, σ²I) with σ = {}", short(even.sigma));
        measures.push(
            Measure::new("local entropy lacking", found.value, Invariance::None, definition)
                .with_error(found.stderr, "standard error over draws"),
        );
        if found.effective < FEW {
            chapter.notes.push(format!(
                "Of the draws of the local entropy only about {} count.",
                short(found.effective)
            ));
        }
    }
    let found = low_volume(desk, plan, x, seed)?;
    measures.extend(of_volume(&found, plan));
    if found.effective < FEW {
        chapter.notes.push(format!(
            "The low region's volume rests on about {} of {} lines: a lower bound that grows with their number.",
            short(found.effective),
            found.lines
        ));
    }
    let coefficient = match &plan.sampler {
        Some(sampler) => Some(learning_coefficient(oracle, x, sampler)?),
        None => {
            chapter
                .notes
                .push("No learning coefficient: give the number of examples with --examples.".into());
            None
        }
    };
    if let Some(found) = &coefficient {
        measures.push(
            Measure::new(
                "learning coefficient λ̂",
                found.value,
                Invariance::InTheLimit,
                "nβ (E loss − loss), by SGLD",
            )
            .with_error(
                found.stderr,
                &format!("standard error; R̂ = {:.3}, {} draws' worth", found.r_hat, short(found.effective)),
            ),
        );
        if found.r_hat > MIXED {
            chapter.notes.push(format!(
                "The chains of the learning coefficient have not mixed (R̂ = {:.3}): take a smaller --step, a larger --localization or more --samples.",
                found.r_hat
            ));
        }
        if found.value < 0.0 {
            chapter.notes.push("The learning coefficient is negative: the chains found lower places, so the point is no minimum.".into());
        }
    }
    let panel = Panel { measures, learning_coefficient: coefficient, volume: found };
    chapter.result("sharpness", &panel)?;
    // Eigenvalues and trace are said by the spectrum.
    for measure in
        panel.measures.iter().filter(|measure| !measure.name.starts_with('λ') && measure.name != "trace")
    {
        chapter.say(&measure.name, words(measure));
    }
    chapter.sections.push(figures::sharpness::section(&panel));
    Ok(chapter)
}

/// A value with its error.
fn words(measure: &Measure) -> String {
    match (measure.error, measure.low.zip(measure.high)) {
        (Some(error), _) => with_error(measure.value, error),
        (None, Some((low, high))) => format!("{} ({} to {})", short(measure.value), short(low), short(high)),
        (None, None) => short(measure.value),
    }
}

/// λ₁ … λ_k, trace and Frobenius norm as the chapter on the spectrum has them.
fn of_spectrum(spectrum: &Map<String, Value>) -> Vec<Measure> {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let pairs = spectrum.get("eigenvalues").and_then(Value::as_array);
    let mut measures: Vec<Measure> = pairs
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(i, pair)| {
            let name =
                if i == 0 { "λ₁ (sharpness)".to_owned() } else { format!("λ{}", subscript(i + 1)) };
            Measure::new(&name, number(&pair["value"]), Invariance::None, "eigenvalue of the Hessian")
                .with_error(number(&pair["residual"]), "residual")
        })
        .collect();
    for (key, name, definition) in
        [("trace", "trace", "Σ λ of the Hessian"), ("frobenius", "Frobenius norm", "√(Σ λ²)")]
    {
        let Some(found) = spectrum.get(key) else { continue };
        let certainty = if number(&found["stderr"]) == 0.0 {
            "exact up to rounding"
        } else {
            "standard error over probes"
        };
        measures.push(
            Measure::new(name, number(&found["mean"]), Invariance::None, definition)
                .with_error(number(&found["stderr"]), certainty),
        );
    }
    measures
}

fn subscript(number: usize) -> String {
    let digit = |c: char| char::from_u32('₀' as u32 + c.to_digit(10).unwrap_or(0)).unwrap_or(c);
    number.to_string().chars().map(digit).collect()
}

fn worst<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SharpnessPlan,
    x: &[T],
    seed: u64,
) -> Result<Vec<Measure>, Error> {
    let options = WorstOptions { starts: plan.starts, seed, ..WorstOptions::default() };
    let climbed = |climbs: &[f64]| {
        let low = climbs.iter().copied().fold(f64::INFINITY, f64::min);
        format!("a lower bound: {} climbs, the lowest to {}", climbs.len(), short(low))
    };
    let (value, box_worst) = keskar(desk.oracle, x, plan.epsilon, &options)?;
    let box_words = format!("100 (max − f)/(1 + f) over |yᵢ| ≤ {}(|θᵢ| + 1)", short(plan.epsilon));
    let mut measures = vec![Measure {
        certainty: climbed(&box_worst.climbs),
        ..Measure::new("Keskar's ε-sharpness", value, Invariance::None, box_words)
    }];
    for (name, radius, floor, invariance, set) in [
        ("SAM sharpness", plan.radius, None, Invariance::None, "‖e‖"),
        ("ASAM sharpness", plan.adaptive_radius, Some(0.0), Invariance::Rescaling, "‖e/|θ|‖"),
    ] {
        let found = ball(desk.oracle, x, radius, floor, &options)?;
        let definition =
            format!("max rise over {set} ≤ {}; to first order {}", short(radius), short(found.first_order));
        measures.push(Measure {
            certainty: climbed(&found.climbs),
            ..Measure::new(name, found.rise, invariance, definition)
        });
    }
    Ok(measures)
}

fn low_volume<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SharpnessPlan,
    x: &[T],
    seed: u64,
) -> Result<Volume, Error> {
    let level = desk.oracle.value(x)? + plan.rise;
    let length = x.iter().map(|v| v.wide() * v.wide()).sum::<f64>().sqrt().max(1.0);
    let options = ExtentOptions { level, first: 1e-4 * length, reach: REACH * length, tolerance: 1e-3 };
    Ok(volume(desk.oracle, x, plan.lines, &options, seed)?)
}

fn of_volume(found: &Volume, plan: &SharpnessPlan) -> [Measure; 2] {
    let region = format!("of what rises by less than {}", short(plan.rise));
    let certainty = format!("standard error; {} of {} lines' worth", short(found.effective), found.lines);
    [
        Measure::new(
            "ln volume",
            found.log_volume,
            Invariance::None,
            format!("{region}, seen from the point"),
        )
        .with_error(found.stderr, &certainty),
        Measure {
            certainty: "half of the rays end earlier".into(),
            ..Measure::new(
                "median reach",
                found.median,
                Invariance::None,
                format!("{region}, along random directions"),
            )
        },
    ]
}
