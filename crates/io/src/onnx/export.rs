//! Built-in networks as ONNX files.
//!
//! A network is written down for two numbers of examples. What differs between the two programs is the number of
//! examples; everything else is constant. Each primitive then becomes an operator of ONNX, and normalization by running
//! statistics or along the last axis becomes the operator for that layer.

mod layers;
mod operators;
mod writer;

use rten_onnx::onnx::{GraphProto, ModelProto, OperatorSetIdProto};
use rten_onnx::protobuf::{EncodeMessage, MessageWriter, ProtobufError, ValueWriter, WriteValue};
use thalweg_graph::{Builder, DType, Graph, Type, Value};
use thalweg_lab::Layout;
use thalweg_lab::problem::network::{Call, InputKind, Model, Statistics};

use self::operators::write;
use self::writer::Writer;
use crate::{NamedArrays, Values};

/// The version of the operators that files are written with, and of the format: those of ONNX 1.13 (2022).
const OPSET: i64 = 18;
const FORMAT: i64 = 8;

/// Why a model cannot be written as an ONNX file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Something in the network that the format has no operator for, or that this writer does not translate.
    #[error("{model} cannot be written as ONNX: {reason}")]
    Unsupported {
        /// The model's name.
        model: String,
        /// What it is.
        reason: String,
    },
    /// An array that the model has is missing, or has another shape.
    #[error("{model}, array {name}: expected {expected}, found {found}")]
    Array {
        /// The model's name.
        model: String,
        /// The array's name.
        name: String,
        /// What the model has.
        expected: String,
        /// What was given.
        found: String,
    },
}

/// The ONNX file of a network with these parameters and buffers, for any number of examples.
///
/// Inputs are called `x` and outputs `z`; initializers have the names of `arrays`. Normalization uses the statistics
/// among the buffers. Numbers are of `dtype`, f32 or f64. Operators are those of version 18.
///
/// # Errors
/// If an array is missing or has another shape, or if the network draws random numbers, as dropout does.
pub fn export_onnx(model: &dyn Model, arrays: &NamedArrays, dtype: DType) -> Result<Vec<u8>, ExportError> {
    let [two, three] = [2, 3].map(|examples| program(model, dtype, examples));
    let unsupported = |reason| ExportError::Unsupported { model: model.name(), reason };
    let mut writer = Writer::new(&two, &three);
    let layout = model.layout();
    let buffers: Vec<(String, Vec<usize>)> =
        model.buffers().iter().map(|b| (b.name.clone(), b.value.ty().shape.to_vec())).collect();
    let named = layout.blocks().iter().map(|b| (b.name.clone(), b.shape.clone())).chain(buffers);
    for ((name, shape), &input) in named.zip(two.inputs()) {
        let array = arrays.get(&name).filter(|array| array.shape == shape);
        let array = array.ok_or_else(|| ExportError::Array {
            model: model.name(),
            name: name.clone(),
            expected: format!("the shape {shape:?}"),
            found: arrays.get(&name).map_or("none of that name".into(), |a| format!("{:?}", a.shape)),
        })?;
        writer.initializer(input, &name, &shape, &bytes(&array.values, dtype));
    }
    writer.input(two.inputs()[two.inputs().len() - 2], "x");
    let (layers, live) = layers::find(&two);
    for at in (0..two.nodes().len()).filter(|&at| live[at]) {
        match layers.get(&at) {
            Some(layer) => {
                let x = writer.whole(layer.x);
                let arrays = layer.arrays.iter().map(|&array| writer.loose(array));
                let inputs = std::iter::once(x).chain(arrays).collect();
                let name = writer.emit(layer.operator, inputs, layer.attributes.clone());
                writer.set(at, name, None);
            }
            None => write(&mut writer, at).map_err(unsupported)?,
        }
    }
    let graph = Named { graph: writer.finish("z"), name: model.name() };
    let mut bytes = Vec::new();
    File(graph).encode(ValueWriter::new(&mut bytes)).map_err(|error| unsupported(error.to_string()))?;
    Ok(bytes)
}

/// A model file.
struct File(Named);

/// A graph with its name, which the format asks for.
struct Named {
    graph: GraphProto,
    name: String,
}

impl EncodeMessage for File {
    fn encode_fields<W: WriteValue>(&self, fields: &mut MessageWriter<W>) -> Result<(), ProtobufError> {
        let model = ModelProto {
            ir_version: Some(FORMAT),
            producer_name: Some("thalweg".into()),
            producer_version: Some(env!("CARGO_PKG_VERSION").into()),
            opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(OPSET) }],
            ..ModelProto::default()
        };
        model.encode_fields(fields)?;
        fields.write_message(7, &self.0)
    }
}

impl EncodeMessage for Named {
    fn encode_fields<W: WriteValue>(&self, fields: &mut MessageWriter<W>) -> Result<(), ProtobufError> {
        fields.write_string(2, &self.name)?;
        self.graph.encode_fields(fields)
    }
}

/// The outputs of so many examples: parameters, buffers, inputs and the examples' numbers go in.
fn program(model: &dyn Model, dtype: DType, examples: usize) -> Graph {
    let mut b = Builder::new();
    let layout: Layout = model.layout();
    let parameters: Vec<Value> =
        layout.blocks().iter().map(|block| b.input(Type::new(dtype, block.shape.iter().copied()))).collect();
    let buffers: Vec<Value> =
        model.buffers().iter().map(|buffer| b.input(buffer.value.ty().with_dtype(dtype))).collect();
    let input = model.input();
    let kind = match input.kind {
        InputKind::Numbers => dtype,
        InputKind::Tokens { .. } => DType::I32,
    };
    let x = b.input(Type::new(kind, [&[examples][..], &input.shape].concat()));
    let index = b.input(Type::new(DType::I32, [examples]));
    let call = Call { parameters: &parameters, buffers: &buffers, x, index, statistics: Statistics::Fixed };
    let z = model.outputs(&mut b, &call).z;
    let args = [parameters, buffers, vec![x, index]].concat();
    b.finish_with(&args, &[z])
}

/// An array's numbers, as the file holds them.
fn bytes(values: &Values, dtype: DType) -> Vec<u8> {
    let wide: Vec<f64> = match values {
        Values::F32(x) => x.iter().map(|&x| f64::from(x)).collect(),
        Values::F64(x) => x.clone(),
        Values::I64(x) => x.iter().map(|&x| x as f64).collect(),
    };
    match dtype {
        DType::F32 => wide.iter().flat_map(|&x| (x as f32).to_le_bytes()).collect(),
        _ => wide.iter().flat_map(|&x| x.to_le_bytes()).collect(),
    }
}
