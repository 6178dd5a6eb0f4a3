//! Messages become blocks of nodes, as far as they are needed.

use std::collections::{HashMap, HashSet};

use super::order::{describe, order};
use super::{Attribute, Block, Function, Key, Node, Setting, default_opset};
use crate::error::excerpt;
use crate::onnx::array::Array;
use crate::onnx::error::Fault;
use crate::onnx::load::Loader;
use crate::onnx::message::{self, Graph, Model, Tensor};
use crate::onnx::wire;

pub(super) struct Converter<'m, 'a, 'e, 'l> {
    pub loader: &'l mut Loader<'e>,
    pub functions: HashMap<Key, Function>,
    pub opset: i64,
    pub model: &'m Model<'a>,
}

impl<'a> Converter<'_, 'a, '_, '_> {
    /// The part of the main graph that some outputs need, and the initializers that it needs.
    pub fn main(&mut self, outputs: &[&'a str]) -> Result<(Block, Vec<(String, Array)>), Fault> {
        let empty = Graph::default();
        let model = self.model;
        let graph = model.graph.as_ref().unwrap_or(&empty);
        let mut given = initializers(graph)?;
        given.extend(graph.inputs.iter().map(|input| input.name));
        let order = order(&graph.nodes, outputs, &given, |name, reader| {
            let place = reader.map_or_else(|| "graph.output".to_owned(), describe);
            Err(Fault::new(
                place,
                "values that something makes",
                format!("{} is made by nothing", excerpt(name)),
            ))
        })?;
        let nodes = self.nodes(&graph.nodes, &order)?;
        let used = used(&nodes, outputs);
        let mut arrays = Vec::new();
        for tensor in graph.initializers.iter().filter(|t| used.contains(t.name)) {
            arrays.push((tensor.name.to_owned(), self.initializer(tensor)?));
        }
        let mut block = Block {
            nodes,
            outputs: outputs.iter().map(|&name| name.to_owned()).collect(),
            constants: Vec::new(),
        };
        separate(&mut block, &mut arrays);
        Ok((block, arrays))
    }

    fn initializer(&mut self, tensor: &Tensor) -> Result<Array, Fault> {
        self.loader.array(tensor, &format!("initializer {}", excerpt(tensor.name)))
    }

    fn nodes(&mut self, nodes: &[message::Node<'a>], order: &[usize]) -> Result<Vec<Node>, Fault> {
        order.iter().map(|&i| self.node(&nodes[i])).collect()
    }

    fn node(&mut self, node: &message::Node<'a>) -> Result<Node, Fault> {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let attributes = node.attributes.iter().map(|attribute| self.attribute(attribute, &describe(node)));
        let attributes = attributes.collect::<Result<Vec<_>, Fault>>()?;
        let mut names = HashSet::new();
        if let Some(twice) = attributes.iter().find(|attribute| !names.insert(attribute.name.as_str())) {
            let found = format!("{} twice", excerpt(&twice.name));
            return Err(Fault::new(describe(node), "attributes of different names", found));
        }
        let node = Node {
            operator: node.operator.to_owned(),
            domain: if node.domain == "ai.onnx" { String::new() } else { node.domain.to_owned() },
            overload: node.overload.to_owned(),
            name: node.name.to_owned(),
            inputs: own(&node.inputs),
            outputs: own(&node.outputs),
            attributes,
        };
        self.function(&node.key())?;
        Ok(node)
    }

    /// Converts the model's function of this name, if there is one, the first time that it is called.
    fn function(&mut self, key: &Key) -> Result<(), Fault> {
        if self.functions.contains_key(key) {
            return Ok(());
        }
        let named = |f: &&message::Function| (f.domain, f.name, f.overload) == (&key.0, &key.1, &key.2);
        let Some(function) = self.model.functions.iter().find(named) else {
            return Ok(());
        };
        let place = format!("function {}", excerpt(&key.1));
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        // Entered before its body is converted, so that one that calls itself ends here.
        let empty = Function {
            inputs: own(&function.inputs),
            defaults: Vec::new(),
            body: Block::default(),
            opset: default_opset(&function.opsets).unwrap_or(self.opset),
        };
        self.functions.insert(key.clone(), empty);
        let given: HashSet<&str> = function.inputs.iter().copied().collect();
        let order = order(&function.nodes, &function.outputs, &given, |name, _| {
            Err(Fault::new(
                &place,
                "values that something makes",
                format!("{} is made by nothing", excerpt(name)),
            ))
        })?;
        let body = Block {
            nodes: self.nodes(&function.nodes, &order)?,
            outputs: own(&function.outputs),
            constants: Vec::new(),
        };
        let defaults = function.defaults.iter().map(|attribute| self.attribute(attribute, &place));
        let defaults = defaults.collect::<Result<Vec<_>, Fault>>()?;
        let entered = self.functions.get_mut(key).expect("it was entered above");
        (entered.body, entered.defaults) = (body, defaults);
        Ok(())
    }

    fn attribute(&mut self, attribute: &message::Attribute<'a>, place: &str) -> Result<Attribute, Fault> {
        let place = format!("{place}, attribute {}", excerpt(attribute.name));
        let missing = || Fault::new(&place, "a value of the type that is declared", "none");
        let value = match attribute.kind {
            _ if !attribute.reference.is_empty() => Setting::Reference(attribute.reference.to_owned()),
            1 => Setting::Float(attribute.float),
            2 => Setting::Int(attribute.int),
            3 => Setting::Text(wire::text(attribute.bytes)?.to_owned()),
            4 => {
                let tensor = attribute.tensor.as_deref().ok_or_else(missing)?;
                Setting::Array(self.loader.array(tensor, &place)?)
            }
            5 => Setting::Block(self.block(attribute.graph.as_deref().ok_or_else(missing)?)?),
            6 => Setting::Floats(attribute.floats.clone()),
            7 => Setting::Ints(attribute.ints.clone()),
            8 => Setting::Texts,
            other => {
                let expected = "a number, a text, a tensor, a graph, or a list of numbers or texts";
                return Err(Fault::new(place, expected, format!("attribute type {other}")));
            }
        };
        Ok(Attribute { name: attribute.name.to_owned(), value })
    }

    /// A graph inside a node. What it does not make itself comes from outside.
    fn block(&mut self, graph: &Graph<'a>) -> Result<Block, Fault> {
        let mut given = initializers(graph)?;
        given.extend(graph.inputs.iter().map(|input| input.name));
        let outputs: Vec<&str> = graph.outputs.iter().map(|output| output.name).collect();
        let order = order(&graph.nodes, &outputs, &given, |_, _| Ok(()))?;
        let nodes = self.nodes(&graph.nodes, &order)?;
        let constants = graph.initializers.iter();
        let constants = constants.map(|tensor| Ok((tensor.name.to_owned(), self.initializer(tensor)?)));
        let constants = constants.collect::<Result<Vec<_>, Fault>>()?;
        Ok(Block { nodes, outputs: outputs.into_iter().map(str::to_owned).collect(), constants })
    }
}

/// The names of a graph's initializers, which must differ.
fn initializers<'a>(graph: &Graph<'a>) -> Result<HashSet<&'a str>, Fault> {
    let mut names = HashSet::new();
    if graph.sparse {
        return Err(Fault::new("graph.sparse_initializer", "dense initializers", "a sparse one"));
    }
    for tensor in &graph.initializers {
        if !names.insert(tensor.name) {
            let place = format!("initializer {}", excerpt(tensor.name));
            return Err(Fault::new(place, "one initializer of a name", "a second one"));
        }
    }
    Ok(names)
}

/// Every name that nodes read, in graphs inside them too.
fn used<'n>(nodes: &'n [Node], outputs: &[&'n str]) -> HashSet<&'n str> {
    let mut names: HashSet<&str> = outputs.iter().copied().collect();
    let mut blocks = vec![nodes];
    while let Some(nodes) = blocks.pop() {
        for node in nodes {
            names.extend(node.inputs.iter().map(String::as_str));
            for attribute in &node.attributes {
                if let Setting::Block(block) = &attribute.value {
                    names.extend(block.outputs.iter().map(String::as_str));
                    blocks.push(&block.nodes);
                }
            }
        }
    }
    names
}

/// Gives arrays that exporters merged because they were equal their own names back.
///
/// The exporter of TorchScript keeps equal parameters once and lets `Identity` give
/// them their other names. Before training this befalls all scales (ones) and shifts
/// (zeros) of normalization layers, which then would be one parameter; an array whose
/// elements are all equal is therefore separated.
fn separate(block: &mut Block, arrays: &mut Vec<(String, Array)>) {
    let known: HashMap<String, Array> = arrays
        .iter()
        .filter(|(_, array)| array.len() > 1 && array.splat().is_some())
        .map(|(name, array)| (name.clone(), array.clone()))
        .collect();
    block.nodes.retain(|node| {
        let (true, [input], [output]) =
            (node.operator == "Identity" && node.domain.is_empty(), &node.inputs[..], &node.outputs[..])
        else {
            return true;
        };
        match known.get(input) {
            Some(array) if !block.outputs.contains(output) => {
                arrays.push((output.clone(), array.clone()));
                false
            }
            _ => true,
        }
    });
}
