//! A program as data: a list of nodes in topological order.

use std::fmt;

use smallvec::SmallVec;

use crate::Type;
use crate::primitive::Op;

/// A value inside one graph: the result of the node with this number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Value(pub(crate) u32);

impl Value {
    /// Its position among the nodes.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Arguments of a node.
pub type Args = SmallVec<[Value; 3]>;

/// A primitive applied to earlier values.
#[derive(Clone, Debug)]
pub struct Node {
    /// The primitive with its attributes.
    pub op: Op,
    /// The values that it is applied to.
    pub args: Args,
    /// Type of the result.
    pub ty: Type,
}

/// A differentiable program with static shapes.
///
/// Nodes stand in topological order, and every one of them is needed for an
/// output or is an input. Made by a [`Builder`](crate::Builder) or by a
/// transformation of another graph.
#[derive(Clone)]
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) inputs: Vec<Value>,
    pub(crate) outputs: Vec<Value>,
}

impl Graph {
    /// The nodes in topological order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node that computes a value.
    pub fn node(&self, value: Value) -> &Node {
        &self.nodes[value.index()]
    }

    /// The inputs, in order.
    pub fn inputs(&self) -> &[Value] {
        &self.inputs
    }

    /// The outputs, in order.
    pub fn outputs(&self) -> &[Value] {
        &self.outputs
    }

    /// Types of the inputs.
    pub fn input_types(&self) -> Vec<Type> {
        self.inputs.iter().map(|&v| self.node(v).ty.clone()).collect()
    }

    /// Types of the outputs.
    pub fn output_types(&self) -> Vec<Type> {
        self.outputs.iter().map(|&v| self.node(v).ty.clone()).collect()
    }

    /// For each node, whether it depends on one of the given inputs.
    pub(crate) fn depends_on(&self, inputs: &[usize]) -> Vec<bool> {
        let mut depends = vec![false; self.nodes.len()];
        for &i in inputs {
            depends[self.inputs[i].index()] = true;
        }
        for (i, node) in self.nodes.iter().enumerate() {
            depends[i] |= node.args.iter().any(|a| depends[a.index()]);
        }
        depends
    }
}

/// Prints the program, one node a line.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, node) in self.nodes.iter().enumerate() {
            let args = node.args.iter().map(|a| format!("%{}", a.0)).collect::<Vec<_>>().join(", ");
            writeln!(f, "%{i}: {} = {:?}({args})", node.ty, node.op)?;
        }
        let outputs = self.outputs.iter().map(|v| format!("%{}", v.0)).collect::<Vec<_>>().join(", ");
        write!(f, "return {outputs}")
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
