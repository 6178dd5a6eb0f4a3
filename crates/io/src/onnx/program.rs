//! A checked ONNX graph: what an output needs, in order, with names that are all known.

mod convert;
mod order;

use std::collections::HashMap;

use super::array::Array;
use super::error::Fault;
use super::external::ExternalData;
use super::load::{Loader, element_name, element_type};
use super::message::{Dimension, Graph, Model};
use crate::error::excerpt;
use crate::stored::ElementType;
use convert::Converter;

/// The oldest version of the operators that is understood: from here on most
/// operators take axes and sizes as inputs.
pub(super) const OLDEST: i64 = 13;
/// The newest that is.
pub(super) const NEWEST: i64 = 28;

/// A checked model.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// Version of the operators.
    pub opset: i64,
    /// What wrote the file.
    pub producer: String,
    pub input: Declared,
    /// Name of the first output.
    pub output: String,
    /// The arrays of the graph that the output needs, in the file's order.
    pub initializers: Vec<(String, Array)>,
    pub graph: Block,
    pub functions: HashMap<Key, Function>,
}

/// The model's input as the file declares it.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub name: String,
    pub element: ElementType,
    /// Examples that the file was made for, if it is not open.
    pub batch: Option<usize>,
    /// The other axes: sizes, or names where they are open.
    pub example: Vec<Result<usize, String>>,
}

/// Nodes in an order of evaluation.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub nodes: Vec<Node>,
    pub outputs: Vec<String>,
    /// Initializers of a graph inside a node.
    pub constants: Vec<(String, Array)>,
}

/// Domain, name and overload of a function.
pub(super) type Key = (String, String, String);

/// A function that the model defines.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub inputs: Vec<String>,
    pub defaults: Vec<Attribute>,
    pub body: Block,
    pub opset: i64,
}

/// A node.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub operator: String,
    /// Empty for ONNX's own operators.
    pub domain: String,
    pub overload: String,
    pub name: String,
    /// Names of values; empty where an optional one is left out.
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: Vec<Attribute>,
}

/// An attribute of a node.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub name: String,
    pub value: Setting,
}

/// What an attribute is set to.
#[derive(Clone, Debug)]
pub(super) enum Setting {
    Float(f32),
    Int(i64),
    Text(String),
    Array(Array),
    Block(Block),
    Floats(Vec<f32>),
    Ints(Vec<i64>),
    /// A list of texts, which no operator in the table has.
    Texts,
    /// What the enclosing function's attribute of this name is set to.
    Reference(String),
}

impl Node {
    /// Operator and name of the node, or its first output.
    pub fn describe(&self) -> String {
        let operator = match self.domain.as_str() {
            "" => self.operator.clone(),
            domain => format!("{domain}.{}", self.operator),
        };
        node_name(&operator, &self.name, self.outputs.first().map(String::as_str))
    }

    pub fn key(&self) -> Key {
        (self.domain.clone(), self.operator.clone(), self.overload.clone())
    }
}

pub(super) fn node_name(operator: &str, name: &str, output: Option<&str>) -> String {
    let operator = if operator.is_empty() { "a node without operator" } else { operator };
    match (name, output) {
        ("", Some(output)) => format!("{operator} that makes {}", excerpt(output)),
        (name, _) => format!("{operator} {}", excerpt(name)),
    }
}

impl Program {
    /// Checks a decoded file.
    pub fn check(model: &Model, external: &dyn ExternalData) -> Result<Self, Fault> {
        let opset = default_opset(&model.opsets).unwrap_or(1);
        if !(OLDEST..=NEWEST).contains(&opset) {
            let expected =
                format!("operators of version {OLDEST} to {NEWEST} (opset_version when exporting)");
            return Err(Fault::new("opset_import", expected, format!("version {opset}")));
        }
        let Some(graph) = &model.graph else {
            return Err(Fault::new("the file as a whole", "an ONNX model with a graph", "none"));
        };
        let output = graph.outputs.first().filter(|output| !output.name.is_empty());
        let Some(output) = output else {
            return Err(Fault::new("graph.output", "an output with a name", "none"));
        };
        Self::of(model, opset, input(graph)?, &[output.name], external)
    }

    /// Converts what some outputs need.
    pub fn of<'a>(
        model: &Model<'a>,
        opset: i64,
        input: Declared,
        outputs: &[&'a str],
        external: &dyn ExternalData,
    ) -> Result<Self, Fault> {
        let mut loader = Loader::new(external);
        let mut converter = Converter { loader: &mut loader, functions: HashMap::new(), opset, model };
        let (graph, initializers) = converter.main(outputs)?;
        Ok(Self {
            opset,
            producer: [model.producer, model.producer_version].join(" ").trim().to_owned(),
            input,
            output: outputs[0].to_owned(),
            initializers,
            graph,
            functions: converter.functions,
        })
    }

    /// Every node, those of functions and of graphs inside nodes included.
    pub fn nodes(&self) -> Vec<&Node> {
        let mut all = Vec::new();
        let mut blocks = vec![&self.graph];
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by_key(|(key, _)| *key);
        blocks.extend(functions.iter().map(|(_, function)| &function.body));
        while let Some(block) = blocks.pop() {
            for node in &block.nodes {
                all.push(node);
                blocks.extend(node.attributes.iter().filter_map(|attribute| match &attribute.value {
                    Setting::Block(block) => Some(block),
                    _ => None,
                }));
            }
        }
        all
    }
}

/// The version of ONNX's own operators among those that are imported.
fn default_opset(opsets: &[(&str, i64)]) -> Option<i64> {
    opsets.iter().find(|(domain, _)| matches!(*domain, "" | "ai.onnx")).map(|&(_, version)| version)
}

/// The one input that is no initializer.
fn input(graph: &Graph) -> Result<Declared, Fault> {
    let stored: std::collections::HashSet<&str> = graph.initializers.iter().map(|t| t.name).collect();
    let free: Vec<_> = graph.inputs.iter().filter(|input| !stored.contains(input.name)).collect();
    let [input] = free[..] else {
        let names: Vec<_> = free.iter().take(8).map(|input| excerpt(input.name)).collect();
        let found = format!("{}: {}", free.len(), names.join(", "));
        return Err(Fault::new("graph.input", "one input beside the weights", found));
    };
    let place = format!("input {}", excerpt(input.name));
    let fault = |expected: &str, found: String| Fault::new(&place, expected, found);
    let element = element_type(input.element).filter(|&element| element != ElementType::Bool);
    let element =
        element.ok_or_else(|| fault("floats, or integers as tokens", element_name(input.element)))?;
    let (batch, example) = match input.shape.as_deref() {
        Some([batch, example @ ..]) => (*batch, example),
        _ => return Err(fault("a shape whose first axis is the batch", "none".to_owned())),
    };
    let size = |n: i64| {
        usize::try_from(n).ok().filter(|&n| n > 0).ok_or_else(|| fault("positive extents", n.to_string()))
    };
    let batch = match batch {
        Dimension::Fixed(n) => Some(size(n)?),
        _ => None,
    };
    let example = example.iter().map(|&dimension| match dimension {
        Dimension::Fixed(n) => size(n).map(Ok),
        Dimension::Named(name) => Ok(Err(name.to_owned())),
        Dimension::Unknown => Ok(Err("?".to_owned())),
    });
    let example = example.collect::<Result<Vec<_>, Fault>>()?;
    let fixed = example.iter().filter_map(|extent| extent.as_ref().ok());
    let sizes: Vec<usize> = fixed.chain(&batch).copied().collect();
    super::limits::elements(&sizes).map_err(|found| fault("a shape", found))?;
    Ok(Declared { name: input.name.to_owned(), element, batch, example })
}
