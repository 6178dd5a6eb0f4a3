//! What a race was asked to be, as plain data: all that its results depend on.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use thalweg_lab::Weights;
use thalweg_lab::optim::{OptimizerSpec, Schedule};
use thalweg_lab::race::{Lines, Space};

use crate::args::{Costs, Dtype, RaceOptions};
use crate::config::{PointConfig, SubjectConfig};
use crate::error::Error;
use crate::session::Identity;

/// Everything that the results of a race depend on.
#[derive(Clone, Debug, Serialize)]
pub struct RaceConfig {
    pub command: &'static str,
    pub version: &'static str,
    pub seed: u64,
    pub dtype: Dtype,
    pub subjects: Vec<SubjectConfig>,
    pub point: PointConfig,
    pub entrants: Vec<Entrant>,
    pub seeds: u64,
    /// In gradients of the whole objective.
    pub budget: f64,
    pub precisions: Vec<f64>,
    /// Settings tried for each optimizer, the given ones among them.
    pub trials: usize,
    pub tuning_seeds: u64,
    pub batch: Option<usize>,
    pub schedule: Schedule,
    pub spread: f64,
    pub tolerance: f64,
    pub weights: Weights,
    pub probes: usize,
    pub lines: Lines,
}

/// Who races, and how it is tuned.
#[derive(Clone, Debug, Serialize)]
pub struct Entrant {
    pub spec: OptimizerSpec,
    pub space: Space,
}

/// A race as a file describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RaceFile {
    pub problems: Option<Vec<String>>,
    pub optimizers: Option<Vec<OptimizerSpec>>,
    pub seeds: Option<u64>,
    pub budget: Option<f64>,
    pub precisions: Option<Vec<f64>>,
    pub trials: Option<usize>,
    pub tuning_seeds: Option<u64>,
    pub batch: Option<usize>,
    pub schedule: Option<Schedule>,
    pub spread: Option<f64>,
    pub tolerance: Option<f64>,
    pub costs: Option<Weights>,
    pub probes: Option<usize>,
    /// Search spaces by the optimizer's name.
    #[serde(default)]
    pub spaces: BTreeMap<String, Space>,
}

/// Optimizers that race if none are named.
const FUNCTIONS: &str = "gd,momentum,adam,cg,lbfgs,newton-cg,saddle-free-newton,arc";
const LEARNING: &str = "sgd,momentum,adam,svrg,lbfgs,newton-cg,saddle-free-newton,arc";
const NETWORKS: &str = "sgd,momentum,nesterov,adagrad,rmsprop,adam,adamw,lion";

impl RaceFile {
    /// Reads a race.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Usage(format!("{}: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        toml::from_str(&text).map_err(|error| unusable(error.to_string()))
    }
}

/// The costs of values and products that the race in a folder began with, if there is one.
pub fn kept_weights(path: &Path) -> Result<Option<Weights>, Error> {
    let stored = thalweg_report::run::configuration(path)?;
    Ok(stored.and_then(|config| serde_json::from_value(config["weights"].clone()).ok()))
}

/// What the options and the file ask for. Costs that are to be measured have their usual values.
pub fn config(
    options: &RaceOptions,
    file: RaceFile,
    identity: Identity,
    subjects: Vec<SubjectConfig>,
    point: PointConfig,
) -> Result<RaceConfig, Error> {
    let networks = subjects.iter().any(|subject| matches!(subject, SubjectConfig::Network(_)));
    let sums = subjects.iter().any(SubjectConfig::is_a_sum);
    let usual = match (networks, sums) {
        (true, _) => NETWORKS,
        (false, true) => LEARNING,
        (false, false) => FUNCTIONS,
    };
    let entrants = match (&options.optimizers, file.optimizers) {
        (Some(given), _) => given.0.clone(),
        (None, Some(given)) => given,
        (None, None) => usual.split(',').map(|name| name.parse().expect("it is in the registry")).collect(),
    };
    for (i, spec) in entrants.iter().enumerate() {
        if entrants[..i].contains(spec) {
            return Err(Error::Usage(format!("the optimizer {spec} is named twice")));
        }
    }
    if let Some(unknown) = file.spaces.keys().find(|name| entrants.iter().all(|spec| spec.name() != **name)) {
        return Err(Error::Usage(format!("there is a search space for {unknown}, which does not race")));
    }
    let space =
        |spec: &OptimizerSpec| file.spaces.get(spec.name()).cloned().unwrap_or_else(|| Space::of(spec));
    let weights = match (options.costs, file.costs) {
        (Some(Costs::Given { value, product }), _) => Weights { value, product },
        (None, Some(given)) => given,
        (Some(Costs::Measured), _) | (None, None) => Weights::default(),
    };
    let mut precisions = match options.precisions.is_empty() {
        // Where no least value is known, the best run's stands for it: nobody else comes arbitrarily close.
        true if sums => file.precisions.unwrap_or_else(|| vec![1e-1, 1e-2, 1e-3]),
        true => file.precisions.unwrap_or_else(|| vec![1e-1, 1e-2, 1e-4, 1e-7]),
        false => options.precisions.clone(),
    };
    precisions.sort_by(|a, b| b.total_cmp(a));
    let config = RaceConfig {
        command: "race",
        version: identity.version,
        seed: identity.seed,
        dtype: identity.dtype,
        entrants: entrants.into_iter().map(|spec| Entrant { space: space(&spec), spec }).collect(),
        seeds: options.seeds.map(|count| count.0 as u64).or(file.seeds).unwrap_or(10),
        budget: options.budget.or(file.budget).unwrap_or(if sums { 100.0 } else { 1000.0 }),
        precisions,
        trials: options.trials.map(|count| count.0).or(file.trials).unwrap_or(if sums { 16 } else { 1 }),
        tuning_seeds: options.tuning_seeds.map(|count| count.0 as u64).or(file.tuning_seeds).unwrap_or(3),
        batch: options.batch.map_or(file.batch.or(Some(64)), |batch| batch.0),
        schedule: options.schedule.or(file.schedule).unwrap_or(Schedule::CONSTANT),
        spread: options.spread.or(file.spread).unwrap_or(0.0),
        tolerance: options.tolerance.or(file.tolerance).unwrap_or(1e-8),
        weights,
        probes: options.probes.or(file.probes).unwrap_or(12),
        lines: Lines::default(),
        subjects,
        point,
    };
    check(&config)?;
    Ok(config)
}

fn check(config: &RaceConfig) -> Result<(), Error> {
    let wrong = |what: &str, expected: &str, found: String| {
        Err(Error::Usage(format!("{what}: expected {expected}, found {found}")))
    };
    let positive = |value: f64| value.is_finite() && value > 0.0;
    if !positive(config.budget) {
        return wrong("budget", "a number above 0", config.budget.to_string());
    }
    if !positive(config.tolerance) {
        return wrong("tolerance", "a number above 0", config.tolerance.to_string());
    }
    if let Some(bad) = config.precisions.iter().find(|&&p| !(p > 0.0 && p < 1.0)) {
        return wrong("precisions", "numbers between 0 and 1", bad.to_string());
    }
    for (what, count) in
        [("seeds", config.seeds), ("tuning-seeds", config.tuning_seeds), ("trials", config.trials as u64)]
    {
        if count == 0 {
            return wrong(what, "a whole number from 1", "0".into());
        }
    }
    if config.entrants.is_empty() {
        return wrong("optimizers", "at least one", "none".into());
    }
    // A space that no candidate can be made of is told before anything runs.
    for Entrant { spec, space } in &config.entrants {
        space.candidates(spec, config.trials.max(2), config.seed)?;
    }
    Ok(())
}
