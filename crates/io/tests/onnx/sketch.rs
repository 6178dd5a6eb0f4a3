//! Small ONNX files, written by another implementation of the format.

use std::cell::RefCell;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use rten_onnx::protobuf::{EncodeMessage, MessageWriter, ProtobufError, ValueWriter, WriteValue};
use thalweg_io::{NoExternalData, OnnxError, OnnxModel};

/// A model that is being written.
pub struct Sketch {
    pub nodes: Vec<NodeProto>,
    pub arrays: Vec<TensorProto>,
    /// The input's element type and extents; negative ones are open.
    pub input: (DataType, Vec<i64>),
    pub opset: i64,
    pub functions: Vec<Function>,
}

/// A function of the model.
pub struct Function {
    pub name: &'static str,
    pub inputs: Vec<&'static str>,
    pub outputs: Vec<&'static str>,
    pub nodes: Vec<NodeProto>,
    /// A last node, one of whose attributes is the function's.
    pub referring: Option<Referring>,
    pub defaults: Vec<AttributeProto>,
}

/// A node with an attribute that takes the value of the function's attribute.
pub struct Referring {
    pub operator: &'static str,
    pub input: &'static str,
    pub output: &'static str,
    pub attribute: &'static str,
    pub reference: &'static str,
}

/// The domain of functions.
pub const LOCAL: &str = "local";

impl Sketch {
    /// From `x`, floats `[batch, 4]`, to `y`.
    pub fn new(nodes: Vec<NodeProto>) -> Self {
        let input = (DataType::FLOAT, vec![-1, 4]);
        Self { nodes, arrays: Vec::new(), input, opset: 20, functions: Vec::new() }
    }

    pub fn with(mut self, array: TensorProto) -> Self {
        self.arrays.push(array);
        self
    }

    pub fn input(self, element: DataType, extents: &[i64]) -> Self {
        Self { input: (element, extents.to_vec()), ..self }
    }

    pub fn opset(self, opset: i64) -> Self {
        Self { opset, ..self }
    }

    pub fn function(mut self, function: Function) -> Self {
        self.functions.push(function);
        self
    }

    pub fn graph(&self) -> GraphProto {
        let dimension = |&n: &i64| match n {
            n if n < 0 => Dimension { dim_param: Some(format!("n{}", -n)), dim_value: None },
            n => Dimension { dim_value: Some(n), dim_param: None },
        };
        let shape = TensorShapeProto { dim: self.input.1.iter().map(dimension).collect() };
        let tensor = TypeProtoTensor { elem_type: Some(self.input.0), shape: Some(shape) };
        let ty = TypeProto { tensor_type: Some(tensor), ..Default::default() };
        GraphProto {
            node: self.nodes.clone(),
            initializer: self.arrays.clone(),
            input: vec![ValueInfoProto { name: Some("x".to_owned()), r#type: Some(ty) }],
            output: vec![ValueInfoProto { name: Some("y".to_owned()), r#type: None }],
            ..Default::default()
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let opset = |domain: &str, version| OperatorSetIdProto {
            domain: Some(domain.to_owned()),
            version: Some(version),
        };
        let model = ModelProto {
            ir_version: Some(10),
            graph: Some(self.graph()),
            opset_import: vec![opset("", self.opset), opset(LOCAL, 1)],
            ..Default::default()
        };
        let mut bytes = model.write_buf().unwrap();
        for function in &self.functions {
            // Field 25 of the model, of bytes, in a message of its own: messages are joined by appending.
            let mut writer = ValueWriter::new(&mut bytes);
            MessageWriter::new(&mut writer, None).write_message(25, function).unwrap();
        }
        bytes
    }

    pub fn read(&self) -> Result<OnnxModel, OnnxError> {
        OnnxModel::from_bytes("sketch.onnx", &self.bytes(), &NoExternalData)
    }

    /// Why the model is refused.
    pub fn refusal(&self) -> String {
        match self.read() {
            Ok(model) => panic!("{model:?} is not refused"),
            Err(error) => error.to_string(),
        }
    }
}

impl EncodeMessage for Function {
    fn encode_fields<W: WriteValue>(&self, fields: &mut MessageWriter<W>) -> Result<(), ProtobufError> {
        fields.write_string(1, self.name)?;
        fields.write_repeated_string(4, &self.inputs)?;
        fields.write_repeated_string(5, &self.outputs)?;
        fields.write_repeated_message(7, &self.nodes)?;
        fields.write_repeated_message(7, self.referring.as_slice())?;
        let opset = OperatorSetIdProto { domain: Some(String::new()), version: Some(20) };
        fields.write_message(9, &opset)?;
        fields.write_string(10, LOCAL)?;
        fields.write_repeated_message(11, &self.defaults)
    }
}

/// The attribute of a [`Referring`] node.
struct Reference(&'static str, &'static str);

impl EncodeMessage for Referring {
    fn encode_fields<W: WriteValue>(&self, fields: &mut MessageWriter<W>) -> Result<(), ProtobufError> {
        fields.write_string(1, self.input)?;
        fields.write_string(2, self.output)?;
        fields.write_string(4, self.operator)?;
        fields.write_message(5, &Reference(self.attribute, self.reference))
    }
}

impl EncodeMessage for Reference {
    fn encode_fields<W: WriteValue>(&self, fields: &mut MessageWriter<W>) -> Result<(), ProtobufError> {
        fields.write_string(1, self.0)?;
        fields.write_string(21, self.1)
    }
}

pub fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    NodeProto {
        op_type: Some(operator.to_owned()),
        name: Some(format!("the {operator}")),
        input: own(inputs),
        output: own(outputs),
        ..Default::default()
    }
}

pub fn call(function: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto { domain: Some(LOCAL.to_owned()), ..node(function, inputs, outputs) }
}

/// A node with another attribute.
pub trait With {
    fn with(self, attribute: AttributeProto) -> Self;
}

impl With for NodeProto {
    fn with(mut self, attribute: AttributeProto) -> Self {
        self.attribute.push(attribute);
        self
    }
}

pub fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), ..attribute(name, AttributeType::INT) }
}

pub fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), ..attribute(name, AttributeType::INTS) }
}

pub fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), ..attribute(name, AttributeType::FLOAT) }
}

pub fn graph(name: &str, nodes: Vec<NodeProto>, output: &str) -> AttributeProto {
    let output = vec![ValueInfoProto { name: Some(output.to_owned()), r#type: None }];
    let graph = GraphProto { node: nodes, output, ..Default::default() };
    AttributeProto { g: Some(graph), ..attribute(name, AttributeType::GRAPH) }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(kind), ..Default::default() }
}

pub fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    TensorProto { raw_data: Some(RefCell::new(raw)), ..tensor(name, DataType::FLOAT, dims) }
}

/// Integers in the list that is meant for them.
pub fn integers(name: &str, dims: &[i64], values: &[i64]) -> TensorProto {
    TensorProto { int64_data: values.to_vec(), ..tensor(name, DataType::INT64, dims) }
}

pub fn tensor(name: &str, element: DataType, dims: &[i64]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(element),
        ..Default::default()
    }
}
