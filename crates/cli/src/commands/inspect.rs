//! `inspect`: what a file, a run directory or a model holds.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use thalweg_io::{DIGITS, describe};
use thalweg_lab::problem::network::{Model as _, ModelSpec};
use thalweg_report::json;
use thalweg_report::run::{Manifest, Record};

use crate::args::InspectArgs;
use crate::error::Error;
use crate::words::{counted, time};

/// Runs the command.
pub fn run(options: &InspectArgs) -> Result<(), Error> {
    match (&options.model, &options.path) {
        (Some(model), _) => {
            let model = Model::new(model);
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

/// A model's parameters.
#[derive(Serialize)]
struct Model {
    model: String,
    dimension: usize,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
    name: String,
    shape: Vec<usize>,
    parameters: usize,
}

impl Model {
    fn new(model: &ModelSpec) -> Self {
        let layout = model.layout();
        let block = |block: &thalweg_lab::Block| Block {
            name: block.name.clone(),
            shape: block.shape.clone(),
            parameters: block.range.len(),
        };
        Self {
            model: model.to_string(),
            dimension: layout.dimension(),
            blocks: layout.blocks().iter().map(block).collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{}: {}\n", self.model, counted(self.dimension as u64, "parameter"));
        let width = self.blocks.iter().map(|block| block.name.len()).max().unwrap_or(0);
        for block in &self.blocks {
            let shape = format!("{:?}", block.shape);
            let count = counted(block.parameters as u64, "parameter");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {:width$}  {shape:14}  {count}", block.name);
        }
        text
    }
}
