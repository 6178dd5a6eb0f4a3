//! From nodes to a program: walks a graph and calls the operators' functions.

use std::cell::RefCell;
use std::collections::HashMap;

use super::call::Call;
use super::emitter::{Emitter, Tensor};
use super::limits::{DEPTH, NODES};
use super::operator;
use super::program::{Block, Function, Node, Program, Setting};

/// Why a node cannot be translated.
#[derive(Debug)]
pub(super) struct NodeFault {
    pub node: String,
    pub reason: String,
}

/// Writes the graph's outputs; `values` are its input and its initializers.
pub(super) fn translate<'p>(
    program: &'p Program,
    e: &mut Emitter,
    values: HashMap<&'p str, Tensor>,
) -> Result<Vec<Tensor>, NodeFault> {
    let mut walk = Walk { program, nodes: NODES, depth: DEPTH };
    let mut frame = Frame { scopes: vec![values], settings: HashMap::new(), opset: program.opset };
    walk.block(e, &program.graph, &mut frame)
}

/// What may still be walked through.
struct Walk<'p> {
    program: &'p Program,
    nodes: usize,
    depth: usize,
}

/// The values and attributes that nodes of a graph or function see.
struct Frame<'p> {
    /// Values by name, those of inner graphs last.
    scopes: Vec<HashMap<&'p str, Tensor>>,
    /// The attributes of the function that is called.
    settings: HashMap<&'p str, &'p Setting>,
    opset: i64,
}

impl<'p> Frame<'p> {
    fn get(&self, name: &str) -> Option<&Tensor> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    fn set(&mut self, name: &'p str, value: Tensor) {
        self.scopes.last_mut().expect("a frame has a scope").insert(name, value);
    }
}

impl<'p> Walk<'p> {
    /// Walks through a block and returns its outputs.
    fn block(
        &mut self,
        e: &mut Emitter,
        block: &'p Block,
        frame: &mut Frame<'p>,
    ) -> Result<Vec<Tensor>, NodeFault> {
        for (name, array) in &block.constants {
            frame.set(name, array.clone().into());
        }
        for node in &block.nodes {
            let outputs = self.node(e, node, frame).map_err(|fault| {
                fault.unwrap_or_else(|reason| NodeFault { node: node.describe(), reason })
            })?;
            for (name, output) in node.outputs.iter().zip(outputs).filter(|(name, _)| !name.is_empty()) {
                frame.set(name, output);
            }
        }
        let output = |name: &String| {
            let reason = format!("the output {name:?} has no value");
            frame.get(name).cloned().ok_or(NodeFault { node: "the graph".to_owned(), reason })
        };
        block.outputs.iter().map(output).collect()
    }

    fn node(
        &mut self,
        e: &mut Emitter,
        node: &'p Node,
        frame: &mut Frame<'p>,
    ) -> Result<Vec<Tensor>, NodeError> {
        let Some(left) = self.nodes.checked_sub(1) else {
            return Err(format!("the model has more than {NODES} nodes").into());
        };
        self.nodes = left;
        let inputs = node.inputs.iter().map(|name| match name.as_str() {
            "" => Ok(None),
            name => {
                frame.get(name).cloned().map(Some).ok_or_else(|| format!("the value {name:?} is missing"))
            }
        });
        let inputs = inputs.collect::<Result<Vec<_>, String>>()?;
        let settings = self.settings(node, frame);
        if let Some(function) = self.program.functions.get(&node.key()) {
            return self.call(e, function, inputs, settings);
        }
        if node.domain.is_empty() && node.operator == "If" {
            return self.branch(e, inputs, settings, frame);
        }
        let Some(operator) = operator::find(&node.operator).filter(|_| node.domain.is_empty()) else {
            return Err("this operator is not in the table of docs/onnx.md".to_owned().into());
        };
        let call = Call { node, inputs, settings, opset: frame.opset, asked: RefCell::default() };
        let outputs = (operator.write)(e, &call)?;
        if let Some(name) = call.unread() {
            return Err(format!("the attribute {name} has no meaning that is known here").into());
        }
        match node.outputs.iter().skip(outputs.len()).all(|name| name.is_empty()) {
            true => Ok(outputs),
            false => Err(format!("output {} of this operator cannot be computed", outputs.len()).into()),
        }
    }

    /// A node's attributes, references to those of the enclosing function replaced by what they are.
    fn settings(&self, node: &'p Node, frame: &Frame<'p>) -> Vec<(&'p str, &'p Setting)> {
        let resolved = node.attributes.iter().filter_map(|attribute| match &attribute.value {
            Setting::Reference(name) => Some((attribute.name.as_str(), *frame.settings.get(name.as_str())?)),
            own => Some((attribute.name.as_str(), own)),
        });
        resolved.collect()
    }

    fn call(
        &mut self,
        e: &mut Emitter,
        function: &'p Function,
        inputs: Vec<Option<Tensor>>,
        given: Vec<(&'p str, &'p Setting)>,
    ) -> Result<Vec<Tensor>, NodeError> {
        let defaults = function.defaults.iter().map(|attribute| (attribute.name.as_str(), &attribute.value));
        let settings: HashMap<&str, &Setting> = defaults.chain(given).collect();
        let values = function.inputs.iter().map(String::as_str).zip(inputs);
        let values = values.filter_map(|(name, value)| Some((name, value?))).collect();
        let mut frame = Frame { scopes: vec![values], settings, opset: function.opset };
        self.deeper(|walk| walk.block(e, &function.body, &mut frame))
    }

    /// The branch of an `If` whose condition is known.
    fn branch(
        &mut self,
        e: &mut Emitter,
        inputs: Vec<Option<Tensor>>,
        settings: Vec<(&'p str, &'p Setting)>,
        frame: &mut Frame<'p>,
    ) -> Result<Vec<Tensor>, NodeError> {
        let condition = match inputs.first() {
            Some(Some(Tensor::Known(array))) => array.truths().ok().and_then(|v| v.first().copied()),
            _ => None,
        };
        let Some(condition) = condition else {
            return Err(
                "the condition depends on the data; a graph that is the same for all data is expected"
                    .to_owned()
                    .into(),
            );
        };
        let name = if condition { "then_branch" } else { "else_branch" };
        let block = settings.iter().find_map(|&(own, setting)| match setting {
            Setting::Block(block) if own == name => Some(block),
            _ => None,
        });
        let block = block.ok_or_else(|| format!("it has no {name}"))?;
        frame.scopes.push(HashMap::new());
        let outputs = self.deeper(|walk| walk.block(e, block, frame));
        frame.scopes.pop();
        outputs
    }

    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, NodeFault>) -> Result<T, NodeError> {
        let Some(left) = self.depth.checked_sub(1) else {
            return Err(format!("functions and branches are nested more than {DEPTH} deep").into());
        };
        self.depth = left;
        let result = run(self);
        self.depth = left + 1;
        result.map_err(NodeError::Inner)
    }
}

/// What is wrong with a node, or with one that it stands for.
enum NodeError {
    Own(String),
    Inner(NodeFault),
}

impl NodeError {
    fn unwrap_or_else(self, own: impl FnOnce(String) -> NodeFault) -> NodeFault {
        match self {
            NodeError::Own(reason) => own(reason),
            NodeError::Inner(fault) => fault,
        }
    }
}

impl From<String> for NodeError {
    fn from(reason: String) -> Self {
        NodeError::Own(reason)
    }
}
