//! Models by name, made to fit the data.

use std::str::FromStr;
use std::sync::Arc;

use glob::Pattern;
use thalweg_io::{Dataset, IGNORED, LoadOptions, OnnxModel, Targets};
use thalweg_lab::problem::network::{
    Activation, Distribution, Initialization, Input, InputKind, Model, ModelSpec, Scheme, SpecError,
};

use crate::args::SubjectOptions;
use crate::config::NetworkConfig;
use crate::error::Error;

/// What `--model` names.
#[derive(Clone, Debug)]
pub enum ModelName {
    /// A built-in architecture.
    Spec(ModelSpec),
    /// An ONNX file.
    File(String),
}

impl FromStr for ModelName {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        match text.ends_with(".onnx") {
            true => Ok(ModelName::File(text.to_owned())),
            false => text.parse().map(ModelName::Spec),
        }
    }
}

/// A model that was read, before the data is.
pub enum Opened {
    Spec(ModelSpec),
    File(OnnxModel),
}

/// A model for the data, and how it was chosen.
pub struct Fitted {
    pub model: Arc<dyn Model>,
    /// By what name it is found again.
    pub name: String,
    pub activation: Option<Activation>,
    pub bias: bool,
    /// Whether inputs are their own targets.
    pub reconstructs: bool,
    /// How it is usually initialized; a file's model begins with the file's values.
    pub initialization: Initialization,
    /// Hash of the arrays of a file.
    pub sha256: Option<String>,
}

/// Opens the model that the options name, or else the one that is known.
pub fn open(options: &SubjectOptions, known: Option<&NetworkConfig>) -> Result<Option<Opened>, Error> {
    let [train, freeze] = chosen(options, known);
    let chooses = !(train.is_empty() && freeze.is_empty());
    let choice = Choice { train: patterns(&train)?, freeze: patterns(&freeze)? };
    let known = || known.and_then(|known| known.model.parse().ok());
    match options.model.clone().or_else(known) {
        Some(ModelName::File(file)) => {
            let model = OnnxModel::read(&file)?;
            choice.check(&model)?;
            Ok(Some(Opened::File(model.train(|name| choice.trains(name)))))
        }
        _ if chooses => {
            Err(Error::Usage("--train and --freeze choose among the weights of an ONNX model".into()))
        }
        Some(ModelName::Spec(model)) => Ok(Some(Opened::Spec(model))),
        None => Ok(None),
    }
}

/// The patterns of `--train` and `--freeze`; those that are known belong to the known model.
pub fn chosen(options: &SubjectOptions, known: Option<&NetworkConfig>) -> [Vec<String>; 2] {
    let given = !(options.train.is_empty() && options.freeze.is_empty()) || options.model.is_some();
    match known.filter(|_| !given) {
        Some(known) => [known.train.clone(), known.freeze.clone()],
        None => [options.train.clone(), options.freeze.clone()],
    }
}

/// Which weights are trained: those that some pattern of `train` fits, or all, without
/// those that some pattern of `freeze` fits.
struct Choice {
    train: Vec<Pattern>,
    freeze: Vec<Pattern>,
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>, Error> {
    let pattern = |text: &String| Pattern::new(text).map_err(|e| Error::Usage(format!("{text:?}: {e}")));
    texts.iter().map(pattern).collect()
}

impl Choice {
    fn trains(&self, name: &str) -> bool {
        let fits = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        (self.train.is_empty() || fits(&self.train)) && !fits(&self.freeze)
    }

    /// A pattern that fits nothing is a mistake, and so is a choice of nothing.
    fn check(&self, model: &OnnxModel) -> Result<(), Error> {
        let names: Vec<&str> = model.parameters().map(|array| array.name.as_str()).collect();
        let listed = || names.iter().take(12).copied().collect::<Vec<_>>().join(", ");
        for pattern in self.train.iter().chain(&self.freeze) {
            if !names.iter().any(|name| pattern.matches(name)) {
                return Err(Error::Usage(format!(
                    "{pattern}: no weight has such a name; there are {}",
                    listed()
                )));
            }
        }
        if !names.iter().any(|name| self.trains(name)) {
            return Err(Error::Usage(format!("no weight is left to be trained; there are {}", listed())));
        }
        Ok(())
    }
}

impl Opened {
    /// What an example is, as far as the model says.
    fn tokens(&self) -> Option<Option<usize>> {
        match self {
            Opened::Spec(model) => {
                let input = model.input();
                matches!(input.kind, InputKind::Tokens { .. }).then(|| Some(input.size()))
            }
            Opened::File(model) => {
                let input = model.input();
                let shape: Option<usize> = input.shape.iter().copied().product();
                input.tokens.then_some(shape)
            }
        }
    }
}

/// How data must be read for a model: text for one that takes tokens.
pub fn reading(
    model: Option<&Opened>,
    options: &SubjectOptions,
    load: LoadOptions,
) -> Result<LoadOptions, Error> {
    let context = options.context.map(|count| count.0);
    match model.map(Opened::tokens) {
        Some(Some(length)) => match context.or(length) {
            Some(length) => Ok(LoadOptions { context: Some(length), ..load }),
            None => {
                Err(Error::Usage("the model takes sequences of any length: choose one by --context".into()))
            }
        },
        _ if context.is_some() => Err(Error::Usage("--context is for models that take text".into())),
        _ => Ok(LoadOptions { context: None, ..load }),
    }
}

/// The model for this data.
pub fn fitted(
    model: Option<Opened>,
    options: &SubjectOptions,
    known: Option<&NetworkConfig>,
    ignored: Option<i64>,
    data: &mut Dataset,
) -> Result<Fitted, Error> {
    if model.as_ref().is_some_and(|model| model.tokens().is_some()) {
        tokenize(data, ignored);
    }
    check_ignored(&data.targets, ignored)?;
    let mut spec = match model {
        Some(Opened::File(model)) => return file(model, options, data),
        Some(Opened::Spec(model)) => model.fitted(&input(data), data.outputs())?,
        None => ModelSpec::mlp(&[data.features(), 32, data.outputs()]),
    };
    spec.activation =
        options.activation.or(known.and_then(|known| known.activation)).unwrap_or(spec.activation);
    spec.bias = !options.no_bias && known.is_none_or(|known| known.bias);
    Ok(Fitted {
        name: spec.to_string(),
        activation: Some(spec.activation),
        bias: spec.bias,
        reconstructs: spec.is_autoencoder(),
        initialization: spec.initialization(),
        sha256: None,
        model: spec.into(),
    })
}

fn file(model: OnnxModel, options: &SubjectOptions, data: &Dataset) -> Result<Fitted, Error> {
    for (given, option) in [
        (options.activation.is_some(), "--activation"),
        (options.no_bias, "--no-bias"),
        (options.init.is_some(), "--init"),
    ] {
        if given {
            return Err(Error::Usage(format!(
                "{option} is for built-in architectures; {} has its own",
                model.file()
            )));
        }
    }
    let model = if model.output().is_some() { model } else { model.bind(&data.input_shape)? };
    Ok(Fitted {
        name: model.file().to_owned(),
        activation: None,
        bias: true,
        reconstructs: false,
        initialization: Initialization { scheme: Scheme::Xavier, distribution: Distribution::Uniform },
        sha256: Some(model.values().content_hash()),
        model: Arc::new(model),
    })
}

/// Some positions are left when those with the label do not count.
fn check_ignored(targets: &Targets, ignored: Option<i64>) -> Result<(), Error> {
    let Some(label) = ignored else { return Ok(()) };
    match targets {
        Targets::Sequence { labels, .. } if labels.iter().any(|&label| label != IGNORED) => Ok(()),
        Targets::Sequence { .. } => {
            Err(Error::Usage(format!("--ignore-index {label}: no position has another label")))
        }
        _ => Err(Error::Usage(format!(
            "--ignore-index {label}: the data has no labels of positions; leave out examples that do not count"
        ))),
    }
}

/// Whole numbers become tokens, and rows of whole numbers their classes at each position; those that are
/// ignored have none.
fn tokenize(data: &mut Dataset, ignored: Option<i64>) {
    let whole = |values: &[f32]| values.iter().all(|&v| v >= 0.0 && v.fract() == 0.0 && v < 1e7);
    let count = |values: &[f32]| values.iter().fold(0.0f32, |most, &v| most.max(v)) as usize + 1;
    if data.vocabulary.is_none() && whole(&data.inputs) {
        data.vocabulary = Some(count(&data.inputs));
    }
    let positions = data.features();
    if let (Some(vocabulary), Targets::Values { values, width }) = (&mut data.vocabulary, &data.targets)
        && *width == positions
    {
        let is_ignored = |v: f32| ignored.is_some_and(|label| v == label as f32);
        let counting: Vec<f32> = values.iter().copied().filter(|&v| !is_ignored(v)).collect();
        if whole(&counting) {
            *vocabulary = (*vocabulary).max(count(&counting));
            let label = |&v: &f32| if is_ignored(v) { IGNORED } else { v as u32 };
            let labels = values.iter().map(label).collect();
            data.targets = Targets::Sequence { labels, count: *vocabulary, positions: *width };
        }
    } else if let Targets::Sequence { labels, .. } = &mut data.targets {
        let matching = |label: &&mut u32| ignored == Some(i64::from(**label));
        labels.iter_mut().filter(matching).for_each(|label| *label = IGNORED);
    }
}

/// What the data's examples are.
fn input(data: &Dataset) -> Input {
    let kind = match data.vocabulary {
        Some(vocabulary) => InputKind::Tokens { vocabulary },
        None => InputKind::Numbers,
    };
    Input { shape: data.input_shape.clone(), kind }
}
