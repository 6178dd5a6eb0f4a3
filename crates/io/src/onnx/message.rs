//! The messages of an ONNX file, as far as they have a meaning here.
//!
//! Field numbers are those of <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.
//! Documentation strings, metadata, and the types of intermediate values are passed over.

mod tensor;

pub(super) use tensor::Tensor;

use super::error::Fault;
use super::wire::{Budget, Fields, Part, place, text};

/// `ModelProto`.
#[derive(Default)]
pub(super) struct Model<'a> {
    pub ir_version: i64,
    pub producer: &'a str,
    pub producer_version: &'a str,
    pub opsets: Vec<(&'a str, i64)>,
    pub graph: Option<Graph<'a>>,
    pub functions: Vec<Function<'a>>,
}

/// `GraphProto`.
#[derive(Default)]
pub(super) struct Graph<'a> {
    pub nodes: Vec<Node<'a>>,
    pub initializers: Vec<Tensor<'a>>,
    /// Whether there are initializers in a sparse format.
    pub sparse: bool,
    pub inputs: Vec<ValueInfo<'a>>,
    pub outputs: Vec<ValueInfo<'a>>,
}

/// `FunctionProto`.
#[derive(Default)]
pub(super) struct Function<'a> {
    pub name: &'a str,
    pub domain: &'a str,
    pub overload: &'a str,
    pub inputs: Vec<&'a str>,
    pub outputs: Vec<&'a str>,
    /// Attributes that have a default.
    pub defaults: Vec<Attribute<'a>>,
    pub nodes: Vec<Node<'a>>,
    pub opsets: Vec<(&'a str, i64)>,
}

/// `NodeProto`.
#[derive(Default)]
pub(super) struct Node<'a> {
    pub inputs: Vec<&'a str>,
    pub outputs: Vec<&'a str>,
    pub name: &'a str,
    pub operator: &'a str,
    pub domain: &'a str,
    pub overload: &'a str,
    pub attributes: Vec<Attribute<'a>>,
}

/// `AttributeProto`.
#[derive(Default)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    /// The attribute of the enclosing function whose value this one takes.
    pub reference: &'a str,
    pub kind: i32,
    pub float: f32,
    pub int: i64,
    pub bytes: Part<'a>,
    pub tensor: Option<Box<Tensor<'a>>>,
    pub graph: Option<Box<Graph<'a>>>,
    pub floats: Vec<f32>,
    pub ints: Vec<i64>,
}

/// `ValueInfoProto` of a tensor.
#[derive(Default)]
pub(super) struct ValueInfo<'a> {
    pub name: &'a str,
    /// Element type, 0 where it is not a tensor.
    pub element: i32,
    pub shape: Option<Vec<Dimension<'a>>>,
}

/// `TensorShapeProto.Dimension`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dimension<'a> {
    Fixed(i64),
    Named(&'a str),
    Unknown,
}

/// Decodes a whole file.
pub(super) fn decode(bytes: &[u8]) -> Result<Model<'_>, Fault> {
    let mut budget = Budget::new();
    let mut model = Model::default();
    let mut fields = Fields::new(Part { bytes, offset: 0 });
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => model.ir_version = field.int()?,
            2 => model.producer = field.text()?,
            3 => model.producer_version = field.text()?,
            7 => {
                let part = field.part()?;
                if model.graph.is_some() {
                    return Err(Fault::new(place(part.offset), "one graph", "a second one"));
                }
                model.graph = Some(budget.message(part, |budget| graph(part, budget))?);
            }
            8 => model.opsets.push(opset(field.part()?, &mut budget)?),
            25 => {
                let part = field.part()?;
                model.functions.push(budget.message(part, |budget| function(part, budget))?);
            }
            _ => {}
        }
    }
    Ok(model)
}

fn graph<'a>(part: Part<'a>, budget: &mut Budget) -> Result<Graph<'a>, Fault> {
    let mut graph = Graph::default();
    let mut fields = Fields::new(part);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => graph.nodes.push(node(field.part()?, budget)?),
            5 => graph.initializers.push(tensor::decode(field.part()?, budget)?),
            11 => graph.inputs.push(value_info(field.part()?, budget)?),
            12 => graph.outputs.push(value_info(field.part()?, budget)?),
            15 => graph.sparse = true,
            _ => {}
        }
    }
    Ok(graph)
}

fn function<'a>(part: Part<'a>, budget: &mut Budget) -> Result<Function<'a>, Fault> {
    let mut function = Function::default();
    let mut fields = Fields::new(part);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => function.name = field.text()?,
            4 => function.inputs.push(field.text()?),
            5 => function.outputs.push(field.text()?),
            7 => function.nodes.push(node(field.part()?, budget)?),
            9 => function.opsets.push(opset(field.part()?, budget)?),
            10 => function.domain = field.text()?,
            11 => function.defaults.push(attribute(field.part()?, budget)?),
            13 => function.overload = field.text()?,
            _ => {}
        }
    }
    Ok(function)
}

fn node<'a>(part: Part<'a>, budget: &mut Budget) -> Result<Node<'a>, Fault> {
    budget.message(part, |budget| {
        let mut node = Node::default();
        let mut fields = Fields::new(part);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => node.inputs.push(field.text()?),
                2 => node.outputs.push(field.text()?),
                3 => node.name = field.text()?,
                4 => node.operator = field.text()?,
                5 => node.attributes.push(attribute(field.part()?, budget)?),
                7 => node.domain = field.text()?,
                8 => node.overload = field.text()?,
                _ => {}
            }
        }
        Ok(node)
    })
}

fn attribute<'a>(part: Part<'a>, budget: &mut Budget) -> Result<Attribute<'a>, Fault> {
    budget.message(part, |budget| {
        let mut attribute = Attribute::default();
        let mut fields = Fields::new(part);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => attribute.name = field.text()?,
                2 => attribute.float = field.float()?,
                3 => attribute.int = field.int()?,
                4 => attribute.bytes = field.part()?,
                5 => attribute.tensor = Some(Box::new(tensor::decode(field.part()?, budget)?)),
                6 => {
                    let inner = field.part()?;
                    attribute.graph = Some(Box::new(budget.message(inner, |budget| graph(inner, budget))?));
                }
                7 => field.floats(&mut attribute.floats)?,
                8 => field.ints(&mut attribute.ints)?,
                20 => attribute.kind = field.small()?,
                21 => attribute.reference = field.text()?,
                _ => {}
            }
        }
        Ok(attribute)
    })
}

fn opset<'a>(part: Part<'a>, budget: &mut Budget) -> Result<(&'a str, i64), Fault> {
    budget.message(part, |_| {
        let mut opset = ("", 0);
        let mut fields = Fields::new(part);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => opset.0 = field.text()?,
                2 => opset.1 = field.int()?,
                _ => {}
            }
        }
        Ok(opset)
    })
}

/// The part of a `ValueInfoProto` that says which tensor it is.
fn value_info<'a>(part: Part<'a>, budget: &mut Budget) -> Result<ValueInfo<'a>, Fault> {
    budget.message(part, |budget| {
        let mut info = ValueInfo::default();
        let mut fields = Fields::new(part);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => info.name = field.text()?,
                2 => {
                    let ty = field.part()?;
                    let mut fields = Fields::new(ty);
                    while let Some((number, field)) = fields.next()? {
                        if number == 1 {
                            (info.element, info.shape) = tensor_type(field.part()?, budget)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(info)
    })
}

/// Element type and shape of a `TypeProto.Tensor`.
fn tensor_type<'a>(part: Part<'a>, budget: &mut Budget) -> Result<(i32, Option<Vec<Dimension<'a>>>), Fault> {
    let (mut element, mut shape) = (0, None);
    let mut fields = Fields::new(part);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => element = field.small()?,
            2 => {
                let mut dimensions = Vec::new();
                let mut fields = Fields::new(field.part()?);
                while let Some((number, field)) = fields.next()? {
                    if number == 1 {
                        let part = field.part()?;
                        dimensions.push(budget.message(part, |_| dimension(part))?);
                    }
                }
                shape = Some(dimensions);
            }
            _ => {}
        }
    }
    Ok((element, shape))
}

fn dimension(part: Part) -> Result<Dimension, Fault> {
    let mut dimension = Dimension::Unknown;
    let mut fields = Fields::new(part);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => dimension = Dimension::Fixed(field.int()?),
            2 => dimension = Dimension::Named(text(field.part()?)?),
            _ => {}
        }
    }
    Ok(dimension)
}
