//! From options to a subject: defaults are filled in, files are read.

use std::path::Path;

use thalweg_io::{Dataset, LoadOptions, NamedArrays, Targets, load_dataset, read_weights};
use thalweg_lab::problem::analytic::Function;
use thalweg_lab::problem::network::{BatchNorm, Loss, ModelSpec};
use thalweg_report::run::{Input, Record};

use super::{Prepared, Source};
use crate::args::SubjectOptions;
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
    let mut inputs = Vec::new();
    let (source, config) = match (&options.problem, known) {
        (Some(text), _) => function(text)?,
        (None, Some(SubjectConfig::Function { function: text })) if !names_network(options) => {
            function(&text)?
        }
        (None, Some(SubjectConfig::Network(known))) => network(options, Some(&known), seed)?,
        (None, _) => network(options, None, seed)?,
    };
    if let SubjectConfig::Network(network) = &config {
        let DataConfig { source, sha256, .. } = &network.data;
        inputs.push(Input { role: "data".into(), name: source.clone(), sha256: sha256.clone() });
    }
    let point = match (&options.at, &weights, &options.weights) {
        (Some(place), ..) => PointConfig::At { coordinates: place.0.clone() },
        (None, Some(arrays), Some(path)) => {
            let sha256 = arrays.content_hash();
            inputs.push(Input { role: "weights".into(), name: path.clone(), sha256: sha256.clone() });
            PointConfig::Weights { source: path.clone(), sha256 }
        }
        _ => PointConfig::Initial,
    };
    Ok(Prepared { config, point, source, weights, inputs })
}

/// The arrays of a weights file; of a run directory also what the run was about.
fn read_point(path: &str) -> Result<(Option<NamedArrays>, Option<SubjectConfig>), Error> {
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

fn network(
    options: &SubjectOptions,
    known: Option<&NetworkConfig>,
    seed: u64,
) -> Result<(Source, SubjectConfig), Error> {
    // Another dataset is read in its own way.
    let known_data = known.map(|known| &known.data).filter(|_| options.data.is_none());
    let spec = options.data.clone().or(known_data.map(|d| d.source.clone())).unwrap_or("digits".into());
    let load = load_options(options, known_data.map(|data| data.options.clone()).unwrap_or_default());
    let all = load_dataset(&spec, &load)?;
    let test_share = options.test_share.or(known_data.map(|data| data.test_share)).unwrap_or(0.0);
    let split_seed = known_data.map_or(seed, |data| data.split_seed);
    let sha256 = all.content_hash();
    let (train, test) = split(all, test_share, split_seed)?;

    let model = model(options, known, &train)?;
    let initialization = options.init.or(known.map(|known| known.initialization));
    let config = NetworkConfig {
        model: model.to_string(),
        activation: model.activation,
        bias: model.bias,
        initialization: initialization.unwrap_or_else(|| model.initialization()),
        loss: loss(options, known, &train)?,
        batch_norm: known.map_or(BatchNorm::DEFAULT, |known| known.batch_norm),
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
    Ok((Source::Network { model, train, test }, SubjectConfig::Network(config)))
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

fn model(
    options: &SubjectOptions,
    known: Option<&NetworkConfig>,
    data: &Dataset,
) -> Result<ModelSpec, Error> {
    let known_model = known.and_then(|known| known.model.parse::<ModelSpec>().ok());
    let mut model = match options.model.clone().or(known_model) {
        Some(model) => model,
        None => ModelSpec::mlp(&[data.features(), 32, data.outputs()]),
    };
    model.activation = options.activation.or(known.map(|known| known.activation)).unwrap_or(model.activation);
    model.bias = !options.no_bias && known.is_none_or(|known| known.bias);
    Ok(model)
}

fn loss(options: &SubjectOptions, known: Option<&NetworkConfig>, data: &Dataset) -> Result<Loss, Error> {
    let by_targets = match data.targets {
        Targets::Classes { .. } => Loss::CROSS_ENTROPY,
        Targets::Values { .. } => Loss::SquaredError,
    };
    let known = known.map(|known| known.loss.clone());
    let loss = options.loss.clone().or(known).unwrap_or(by_targets);
    match (loss, options.label_smoothing) {
        (Loss::CrossEntropy { class_weights, .. }, Some(label_smoothing)) => {
            Ok(Loss::CrossEntropy { label_smoothing, class_weights })
        }
        (loss, Some(_)) => {
            Err(Error::Usage(format!("--label-smoothing belongs to the cross-entropy; the loss is {loss}")))
        }
        (loss, None) => Ok(loss),
    }
}

/// Whether an option was given that only a network has a use for.
fn names_network(options: &SubjectOptions) -> bool {
    options.model.is_some() || options.data.is_some() || options.loss.is_some()
}
