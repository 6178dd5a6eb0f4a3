//! From options to a subject: defaults are filled in, files are read.

use std::path::Path;
use std::time::Instant;

use thalweg_io::{Dataset, LoadOptions, NamedArrays, expression, load_dataset, read_weights};
use thalweg_lab::problem::analytic::Function;
use thalweg_lab::problem::network::BatchNorm;
use thalweg_report::run::{Input, Record};

use super::{Prepared, Source, loss, model};
use crate::args::{BatchNormName, SubjectOptions};
use crate::config::{DataConfig, NetworkConfig, PointConfig, SubjectConfig};
use crate::error::Error;

/// Name of the weights in a run directory.
pub const WEIGHTS: &str = "weights.safetensors";

/// Reads what the options name. What they leave open is taken from the run that
/// `--weights` names, if it names one, else from the defaults.
pub fn resolve(options: &SubjectOptions, seed: u64) -> Result<Prepared, Error> {
    let (weights, known) = match &options.weights {
        Some(path) => read_point(path)?,
        None => (None, None),
    };
    let mut prepared = resolve_known(options, known, seed)?;
    prepared.point = match (&options.at[..], &weights, &options.weights) {
        ([], Some(arrays), Some(path)) => {
            let (source, sha256) = (path.clone(), arrays.content_hash());
            prepared.inputs.push(Input {
                role: "weights".into(),
                name: source.clone(),
                sha256: sha256.clone(),
            });
            PointConfig::Weights { source, sha256 }
        }
        ([], ..) => PointConfig::Initial,
        ([place], ..) => PointConfig::At { coordinates: place.0.clone() },
        (places, ..) => {
            return Err(Error::Usage(format!("--at: expected one point, found {}", places.len())));
        }
    };
    prepared.weights = weights;
    Ok(prepared)
}

/// Reads what the options name, and leaves the point open. What they leave open is taken from what is known.
pub fn resolve_known(
    options: &SubjectOptions,
    known: Option<SubjectConfig>,
    seed: u64,
) -> Result<Prepared, Error> {
    let began = Instant::now();
    let mut inputs = Vec::new();
    let (source, config) = match (&options.problem, &options.function, known) {
        (Some(text), ..) => match options.dim {
            None => function(text)?,
            Some(dim) => match text.split_once(':') {
                None => function(&format!("{text}:{}", dim.0))?,
                Some((name, rest)) => {
                    return Err(Error::Usage(format!(
                        "--dim {} and what follows the colon of {name}:{rest} say it twice",
                        dim.0
                    )));
                }
            },
        },
        (None, Some(text), _) => formula(text)?,
        (None, None, Some(SubjectConfig::Function { function: text })) if !names_network(options) => {
            function(&text)?
        }
        (None, None, Some(SubjectConfig::Expression { expression: text })) if !names_network(options) => {
            formula(&text)?
        }
        (None, None, Some(SubjectConfig::Network(known))) => network(options, Some(&known), seed)?,
        (None, None, _) => network(options, None, seed)?,
    };
    if let SubjectConfig::Network(network) = &config {
        let DataConfig { source, sha256, .. } = &network.data;
        inputs.push(Input { role: "data".into(), name: source.clone(), sha256: sha256.clone() });
        if let Some(sha256) = &network.model_sha256 {
            inputs.push(Input { role: "model".into(), name: network.model.clone(), sha256: sha256.clone() });
        }
    }
    Ok(Prepared { inputs, ..Prepared::new(began, source, config) })
}

/// A function of the registry, at its customary start.
pub fn function_named(text: &str) -> Result<Prepared, Error> {
    let began = Instant::now();
    let (source, config) = function(text)?;
    Ok(Prepared::new(began, source, config))
}

/// The arrays of a weights file; of a run directory also what the run was about.
pub fn read_point(path: &str) -> Result<(Option<NamedArrays>, Option<SubjectConfig>), Error> {
    if !Path::new(path).is_dir() {
        return Ok((Some(read_weights(path)?), None));
    }
    let record = Record::open(path)?;
    let subject = record.manifest.options.get("subject").cloned();
    let known = subject.and_then(|value| serde_json::from_value(value).ok());
    Ok((Some(read_weights(Path::new(path).join(WEIGHTS))?), known))
}

fn function(text: &str) -> Result<(Source, SubjectConfig), Error> {
    let function: Function = text.parse()?;
    let config = SubjectConfig::Function { function: function.name().to_owned() };
    Ok((Source::Function(function), config))
}

fn formula(text: &str) -> Result<(Source, SubjectConfig), Error> {
    let function = expression(text)?;
    let config = SubjectConfig::Expression { expression: function.name().to_owned() };
    Ok((Source::Function(function), config))
}

fn network(
    options: &SubjectOptions,
    known: Option<&NetworkConfig>,
    seed: u64,
) -> Result<(Source, SubjectConfig), Error> {
    // Another dataset is read in its own way.
    let known_data = known.map(|known| &known.data).filter(|_| options.data.is_none());
    let spec = options.data.clone().or(known_data.map(|d| d.source.clone())).unwrap_or("digits".into());
    let opened = model::open(options, known)?;
    let load = load_options(options, known_data.map(|data| data.options.clone()).unwrap_or_default());
    let load = model::reading(opened.as_ref(), options, load)?;
    let mut all = load_dataset(&spec, &load)?;
    let ignored = options.ignore_index.or(known_data.and(known).and_then(|known| known.ignore_index));
    let fitted = model::fitted(opened, options, known, ignored, &mut all)?;
    let test_share = options.test_share.or(known_data.map(|data| data.test_share)).unwrap_or(0.0);
    let split_seed = known_data.map_or(seed, |data| data.split_seed);
    let sha256 = all.content_hash();
    let (train, test) = split(all, test_share, split_seed)?;

    let [trained, frozen] = model::chosen(options, known);
    let initialization = options.init.or(known.map(|known| known.initialization));
    let config = NetworkConfig {
        model: fitted.name,
        model_sha256: fitted.sha256,
        train: trained,
        freeze: frozen,
        activation: fitted.activation,
        bias: fitted.bias,
        initialization: initialization.unwrap_or(fitted.initialization),
        loss: loss::chosen(options, known, &train, fitted.reconstructs)?,
        ignore_index: ignored,
        batch_norm: batch_norm(options, known)?,
        weight_decay: options.weight_decay.or(known.map(|known| known.weight_decay)).unwrap_or(0.0),
        data: DataConfig {
            source: spec,
            options: load,
            test_share,
            split_seed,
            examples: train.len(),
            sha256,
        },
    };
    let (train, test) = (Box::new(train), test.map(Box::new));
    let (model, reconstructs) = (fitted.model, fitted.reconstructs);
    Ok((Source::Network { model, train, test, reconstructs }, SubjectConfig::Network(Box::new(config))))
}

fn load_options(options: &SubjectOptions, base: LoadOptions) -> LoadOptions {
    LoadOptions {
        part: options.part.map(Into::into).or(base.part),
        scaling: options.scaling.map_or(base.scaling, Into::into),
        target: options.target.map_or(base.target, Into::into),
        limit: options.subset.map(|count| count.0).or(base.limit),
        label_column: options.label_column.clone().or(base.label_column),
        ..base
    }
}

fn split(all: Dataset, share: f64, seed: u64) -> Result<(Dataset, Option<Dataset>), Error> {
    if share == 0.0 {
        return Ok((all, None));
    }
    let (train, test) = all.split(share, seed)?;
    Ok((train, Some(test)))
}

/// A size belongs to batches alone.
fn batch_norm(options: &SubjectOptions, known: Option<&NetworkConfig>) -> Result<BatchNorm, Error> {
    let known = known.map_or(BatchNorm::DEFAULT, |known| known.batch_norm);
    let (name, size) = match known {
        BatchNorm::Batch { size } => (BatchNormName::Batch, Some(size)),
        BatchNorm::Reestimated { size } => (BatchNormName::Reestimated, Some(size)),
        BatchNorm::Frozen => (BatchNormName::Frozen, None),
    };
    let given = options.batch_norm_size.map(|count| count.0);
    let size = given.or(size).unwrap_or(128);
    match options.batch_norm.unwrap_or(name) {
        BatchNormName::Batch => Ok(BatchNorm::Batch { size }),
        BatchNormName::Reestimated => Ok(BatchNorm::Reestimated { size }),
        BatchNormName::Frozen if given.is_some() => Err(Error::Usage(
            "--batch-norm-size belongs to statistics of batches; --batch-norm is frozen".into(),
        )),
        BatchNormName::Frozen => Ok(BatchNorm::Frozen),
    }
}

/// Whether an option was given that only a network has a use for.
fn names_network(options: &SubjectOptions) -> bool {
    options.model.is_some() || options.data.is_some() || options.loss.is_some()
}
