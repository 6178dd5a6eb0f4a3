//! `export`: a built-in network as an ONNX file.

use std::io::Write as _;

use serde::Serialize;
use thalweg_graph::DType;
use thalweg_io::{NamedArrays, export_onnx, from_flat, write_atomic};
use thalweg_lab::problem::network::{Model as _, ModelSpec};
use thalweg_report::json;

use crate::args::{Dtype, ExportArgs};
use crate::config::{NetworkConfig, SubjectConfig};
use crate::error::Error;
use crate::subject::{ModelName, read_point};
use crate::words::counted;

/// What `--json` prints.
#[derive(Serialize)]
struct Summary {
    model: String,
    dimension: usize,
    bytes: usize,
    out: String,
}

/// Runs the command.
pub fn run(options: &ExportArgs) -> Result<(), Error> {
    let out = options.out.display().to_string();
    if !out.ends_with(".onnx") {
        return Err(Error::Usage(format!("{out}: expected a name that ends in .onnx")));
    }
    let (weights, known) = match &options.weights {
        Some(path) => read_point(path)?,
        None => (None, None),
    };
    let known = match known {
        Some(SubjectConfig::Network(known)) => Some(*known),
        _ => None,
    };
    let spec = model(options, known.as_ref())?;
    let arrays = arrays(&spec, options, weights)?;
    let dtype = match options.dtype {
        Dtype::F32 => DType::F32,
        Dtype::F64 => DType::F64,
    };
    let bytes = export_onnx(&spec, &arrays, dtype)?;
    write_atomic(&options.out, &bytes)?;
    let summary =
        Summary { model: spec.to_string(), dimension: spec.layout().dimension(), bytes: bytes.len(), out };
    let text = match (options.json, options.quiet) {
        (true, _) => json::pretty(&summary)?,
        (_, true) => return Ok(()),
        _ => format!(
            "{}, {}\n  written to {}, {}\n",
            summary.model,
            counted(summary.dimension as u64, "parameter"),
            summary.out,
            counted(summary.bytes as u64, "byte"),
        ),
    };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// The network that is named, or that the weights' run was about.
fn model(options: &ExportArgs, known: Option<&NetworkConfig>) -> Result<ModelSpec, Error> {
    let known_name = || known.and_then(|known| known.model.parse().ok());
    let mut spec = match options.model.clone().or_else(known_name) {
        Some(ModelName::Spec(spec)) => spec,
        Some(ModelName::File(file)) => {
            return Err(Error::Usage(format!(
                "{file}: an ONNX file already; --model takes a built-in network"
            )));
        }
        None => {
            return Err(Error::Usage(
                "say which network: --model SPEC, or --weights RUN of a network's run".into(),
            ));
        }
    };
    let of_run = known.filter(|_| options.model.is_none());
    spec.activation =
        options.activation.or(of_run.and_then(|known| known.activation)).unwrap_or(spec.activation);
    spec.bias = !options.no_bias && of_run.is_none_or(|known| known.bias);
    Ok(spec)
}

/// Parameters and buffers: those that are given, or those at the beginning.
fn arrays(
    spec: &ModelSpec,
    options: &ExportArgs,
    weights: Option<NamedArrays>,
) -> Result<NamedArrays, Error> {
    let mut arrays = match weights {
        Some(weights) => weights,
        None => {
            let x: Vec<f64> = spec.initialization().draw(spec, options.seed);
            from_flat(&spec.layout(), &x, "initial weights")
        }
    };
    for buffer in spec.buffers().into_iter().filter(|_| options.weights.is_none()) {
        let ty = buffer.value.ty();
        let values: Vec<f64> = match ty.dtype {
            DType::F32 => buffer.value.elements::<f32>().iter().map(|&x| f64::from(x)).collect(),
            _ => buffer.value.elements::<f64>().to_vec(),
        };
        arrays.push(buffer.name, ty.shape.to_vec(), values)?;
    }
    Ok(arrays)
}
