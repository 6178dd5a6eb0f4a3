//! Models by name, made to fit the data.

use std::str::FromStr;

use thalweg_io::{Dataset, LoadOptions};
use thalweg_lab::problem::network::{Input, InputKind, Model as _, ModelSpec, SpecError};

use crate::args::SubjectOptions;
use crate::config::NetworkConfig;
use crate::error::Error;

/// What `--model` names.
#[derive(Clone, Debug)]
pub enum ModelName {
    /// A built-in architecture.
    Spec(ModelSpec),
}

impl FromStr for ModelName {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        text.parse().map(ModelName::Spec)
    }
}

/// The model that the options name, or else the one that is known.
pub fn named(options: &SubjectOptions, known: Option<&NetworkConfig>) -> Option<ModelName> {
    options.model.clone().or_else(|| known.and_then(|known| known.model.parse().ok()))
}

/// How data must be read for a model: text for one that takes tokens.
pub fn reading(model: Option<&ModelName>, load: LoadOptions) -> LoadOptions {
    let Some(ModelName::Spec(model)) = model else { return load };
    let input = model.input();
    match input.kind {
        InputKind::Tokens { .. } => LoadOptions { context: Some(input.size()), ..load },
        InputKind::Numbers => LoadOptions { context: None, ..load },
    }
}

/// The model for this data.
pub fn fitted(
    model: Option<ModelName>,
    options: &SubjectOptions,
    known: Option<&NetworkConfig>,
    data: &Dataset,
) -> Result<ModelSpec, Error> {
    let mut model = match model {
        Some(ModelName::Spec(model)) => model.fitted(&input(data), data.outputs())?,
        None => ModelSpec::mlp(&[data.features(), 32, data.outputs()]),
    };
    model.activation = options.activation.or(known.map(|known| known.activation)).unwrap_or(model.activation);
    model.bias = !options.no_bias && known.is_none_or(|known| known.bias);
    Ok(model)
}

/// What the data's examples are.
fn input(data: &Dataset) -> Input {
    let kind = match data.vocabulary {
        Some(vocabulary) => InputKind::Tokens { vocabulary },
        None => InputKind::Numbers,
    };
    Input { shape: data.input_shape.clone(), kind }
}
