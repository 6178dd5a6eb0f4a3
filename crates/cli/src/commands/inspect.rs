//! `inspect`: what a file, a run directory or a model holds.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use thalweg_io::{DIGITS, OnnxModel, describe};
use thalweg_lab::problem::network::{Model as _, ModelSpec};
use thalweg_report::json;
use thalweg_report::run::{Manifest, Record};

use crate::args::InspectArgs;
use crate::error::Error;
use crate::subject::ModelName;
use crate::words::{counted, time};

/// Runs the command.
pub fn run(options: &InspectArgs) -> Result<(), Error> {
    match (&options.model, &options.path) {
        (Some(model), _) => {
            let model = Model::of_name(model)?;
            print(&model, options.json, || model.text())
        }
        (None, Some(path)) if path.ends_with(".onnx") => {
            let model = Model::of_file(&OnnxModel::read(path)?);
            print(&model, options.json, || model.text())
        }
        (None, Some(path)) if is_run(path) => {
            let record = Record::open(path)?;
            let contents = Contents { manifest: &record.manifest, results: &record.results };
            print(&contents, options.json, || run_text(path, &record.manifest))
        }
        (None, path) => {
            let description = describe(path.as_deref().unwrap_or(DIGITS))?;
            print(&description, options.json, || description.to_string())
        }
    }
}

fn print<V: Serialize>(value: &V, as_json: bool, text: impl FnOnce() -> String) -> Result<(), Error> {
    let text = if as_json { json::pretty(value)? } else { text() };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// Run directories are recognised by their manifest or their stages; other folders hold data.
fn is_run(path: &str) -> bool {
    let path = Path::new(path);
    path.join("manifest.json").exists() || path.join(".thalweg").exists()
}

#[derive(Serialize)]
struct Contents<'r> {
    manifest: &'r Manifest,
    results: &'r serde_json::Value,
}

fn run_text(path: &str, manifest: &Manifest) -> String {
    let mut text = format!("{path}: a run of Thalweg {}\n", manifest.version);
    let command = manifest.command.iter().skip(1).map(String::as_str).collect::<Vec<_>>().join(" ");
    let counts = manifest.oracle;
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  command   thalweg {command}");
    for input in &manifest.inputs {
        let _ = writeln!(text, "  {:8}  {}, SHA-256 {}", input.role, input.name, &input.sha256);
    }
    let _ = writeln!(text, "  seed      {}, {}", manifest.seed, manifest.dtype);
    let _ = writeln!(
        text,
        "  work      {}, {}, {} in {}",
        counted(counts.values, "value"),
        counted(counts.gradients, "gradient"),
        counted(counts.products, "product"),
        time(std::time::Duration::from_secs_f64(manifest.wall_seconds.max(0.0))),
    );
    for (name, file) in &manifest.files {
        let _ = writeln!(text, "  file      {name}, {}", counted(file.bytes, "byte"));
    }
    text
}

/// A model's parameters and other arrays.
#[derive(Serialize)]
struct Model {
    model: String,
    /// What wrote a file, and which operators it consists of.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<ModelFile>,
    dimension: usize,
    blocks: Vec<Block>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    buffers: Vec<Block>,
}

#[derive(Serialize)]
struct ModelFile {
    producer: String,
    opset: i64,
    input: String,
    /// One example's input; none where the file leaves an axis open.
    input_shape: Vec<Option<usize>>,
    output: String,
    operators: Vec<(String, usize)>,
}

#[derive(Serialize)]
struct Block {
    name: String,
    shape: Vec<usize>,
    parameters: usize,
}

impl Model {
    fn of_name(name: &ModelName) -> Result<Self, Error> {
        match name {
            ModelName::Spec(spec) => Ok(Self::of_spec(spec)),
            ModelName::File(file) => Ok(Self::of_file(&OnnxModel::read(file)?)),
        }
    }

    fn of_spec(model: &ModelSpec) -> Self {
        let layout = model.layout();
        let buffers = model.buffers();
        Self {
            model: model.to_string(),
            file: None,
            dimension: layout.dimension(),
            blocks: layout.blocks().iter().map(|block| Block::new(&block.name, &block.shape)).collect(),
            buffers: buffers
                .iter()
                .map(|buffer| Block::new(&buffer.name, &buffer.value.ty().shape))
                .collect(),
        }
    }

    fn of_file(model: &OnnxModel) -> Self {
        let blocks: Vec<Block> =
            model.parameters().map(|array| Block::new(&array.name, &array.shape)).collect();
        let others = model.arrays().iter().filter(|array| !array.trained);
        let input = model.input();
        Self {
            model: model.file().to_owned(),
            file: Some(ModelFile {
                producer: model.producer().to_owned(),
                opset: model.opset(),
                input: input.name.clone(),
                input_shape: input.shape.clone(),
                output: model.output_name().to_owned(),
                operators: model.operators(),
            }),
            dimension: blocks.iter().map(|block| block.parameters).sum(),
            blocks,
            buffers: others.map(|array| Block::new(&array.name, &array.shape)).collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{}: {}\n", self.model, counted(self.dimension as u64, "parameter"));
        if let Some(file) = &self.file {
            let open = |extent: &Option<usize>| extent.map_or("?".to_owned(), |n| n.to_string());
            let shape = file.input_shape.iter().map(open).collect::<Vec<_>>().join(", ");
            let operators = file.operators.iter().map(|(name, count)| format!("{name} {count}"));
            let operators = operators.collect::<Vec<_>>().join(", ");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  ONNX opset {}, by {}", file.opset, file.producer);
            let _ = writeln!(text, "  input {} [{shape}], output {}", file.input, file.output);
            let _ = writeln!(text, "  operators: {operators}");
        }
        let all = || self.blocks.iter().chain(&self.buffers);
        let width = all().map(|block| block.name.len()).max().unwrap_or(0);
        for (blocks, what) in [(&self.blocks, "parameter"), (&self.buffers, "number")] {
            for block in blocks {
                let shape = format!("{:?}", block.shape);
                let count = counted(block.parameters as u64, what);
                let _ = writeln!(text, "  {:width$}  {shape:14}  {count}", block.name);
            }
        }
        if !self.buffers.is_empty() {
            text.push_str("Numbers are statistics of normalization, which are no parameters.\n");
        }
        text
    }
}

impl Block {
    fn new(name: &str, shape: &[usize]) -> Self {
        Self { name: name.to_owned(), shape: shape.to_vec(), parameters: shape.iter().product() }
    }
}
