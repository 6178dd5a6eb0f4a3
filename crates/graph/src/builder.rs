//! Builds graphs: equal nodes are made once, and what the algebra allows is
//! simplified as it is written down.

mod convolution;
mod ops;
mod order;
mod pool;

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::graph::{Args, Graph, Node, Value};
use crate::primitive::Op;
use crate::{DType, Literal, Type, TypeError};

/// Builds a [`Graph`] node by node.
///
/// A node that was made before is found again instead of made twice (common
/// subexpressions), constants are folded, and identities such as x + 0 or a
/// transpose of a transpose are removed.
///
/// ```
/// use thalweg_graph::{Builder, DType, Type, evaluate};
/// let mut b = Builder::new();
/// let x = b.input(Type::new(DType::F64, [3]));
/// let y = b.mul(x, x);
/// let sum = b.sum(y, &[0]);
/// let square_norm = b.finish(&[sum]);
/// let gradient = square_norm.grad(&[0]);
/// let outputs = evaluate::<f64>(&gradient, &[&[1.0, 2.0, 3.0]]);
/// assert_eq!(outputs, [vec![14.0], vec![2.0, 4.0, 6.0]]);
/// ```
#[derive(Clone, Default)]
pub struct Builder {
    nodes: Vec<Node>,
    inputs: Vec<Value>,
    known: HashMap<(Op, Args), Value>,
}

impl Builder {
    /// An empty program.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next input.
    pub fn input(&mut self, ty: Type) -> Value {
        let value = self.push(Op::Input(self.inputs.len()), Args::new(), ty);
        self.inputs.push(value);
        value
    }

    /// Stands for a tangent like `like` until it is transposed away; not one of the inputs.
    pub(crate) fn placeholder(&mut self, like: Value) -> Value {
        let ty = self.ty(like).clone();
        assert!(ty.dtype.is_float(), "{ty}: only floats have tangents");
        self.push(Op::Input(usize::MAX), Args::new(), ty)
    }

    /// Type of a value.
    pub fn ty(&self, value: Value) -> &Type {
        &self.nodes[value.index()].ty
    }

    /// Shape of a value.
    pub fn shape(&self, value: Value) -> &[usize] {
        &self.nodes[value.index()].ty.shape
    }

    pub(crate) fn node(&self, value: Value) -> &Node {
        &self.nodes[value.index()]
    }

    /// A constant array.
    pub fn literal(&mut self, literal: Literal) -> Value {
        let ty = literal.ty().clone();
        self.intern(Op::Constant(literal), Args::new(), ty)
    }

    /// Applies a primitive.
    ///
    /// # Panics
    /// If the arguments' types do not fit the primitive; see
    /// [`try_emit`](Self::try_emit) for programs that come from outside.
    #[track_caller]
    pub fn emit(&mut self, op: impl Into<Op>, args: &[Value]) -> Value {
        match self.try_emit(op, args) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// Applies a primitive, or says why it does not fit its arguments.
    pub fn try_emit(&mut self, op: impl Into<Op>, args: &[Value]) -> Result<Value, TypeError> {
        let op = op.into();
        let ty = {
            let types: SmallVec<[&Type; 4]> = args.iter().map(|&a| self.ty(a)).collect();
            op.rules().infer(&types).map_err(|reason| TypeError {
                primitive: op.rules().name(),
                arguments: types.iter().map(|&t| t.clone()).collect(),
                reason,
            })?
        };
        if let Some(value) = crate::simplify::rewrite(self, &op, args, &ty) {
            debug_assert_eq!(self.ty(value), &ty, "rewriting {op:?} changed its type");
            return Ok(value);
        }
        let mut args = Args::from_slice(args);
        if op.is_commutative() {
            args.sort();
        }
        Ok(self.intern(op, args, ty))
    }

    /// Copies a whole graph into this one, its inputs replaced by `args`; returns its outputs.
    pub fn call(&mut self, graph: &Graph, args: &[Value]) -> Vec<Value> {
        let map = self.copy(graph, args);
        graph.outputs.iter().map(|v| map[v.index()]).collect()
    }

    /// Like [`call`](Self::call), but returns the new value of every node.
    pub(crate) fn copy(&mut self, graph: &Graph, args: &[Value]) -> Vec<Value> {
        assert_eq!(graph.inputs.len(), args.len(), "a graph of {} inputs was called", graph.inputs.len());
        let mut map: Vec<Value> = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            let value = match node.op {
                Op::Input(i) => {
                    assert_eq!(self.ty(args[i]), &node.ty, "type of input {i}");
                    args[i]
                }
                _ => self.copy_node(node, &map),
            };
            map.push(value);
        }
        map
    }

    /// Emits a node of another graph, its arguments translated by `map`.
    pub(crate) fn copy_node(&mut self, node: &Node, map: &[Value]) -> Value {
        match &node.op {
            Op::Constant(literal) => self.literal(literal.clone()),
            op => {
                let args: Args = node.args.iter().map(|a| map[a.index()]).collect();
                self.emit(op.clone(), &args)
            }
        }
    }

    /// The graph that computes `outputs`; what they do not need is dropped, inputs excepted.
    pub fn finish(&self, outputs: &[Value]) -> Graph {
        self.finish_with(&self.inputs, outputs)
    }

    /// The graph from some of the inputs, in the given order, to `outputs`.
    ///
    /// # Panics
    /// If `outputs` depend on other inputs.
    pub fn finish_with(&self, inputs: &[Value], outputs: &[Value]) -> Graph {
        let mut needed = vec![false; self.nodes.len()];
        for v in inputs.iter().chain(outputs) {
            needed[v.index()] = true;
        }
        for i in (0..self.nodes.len()).rev() {
            if needed[i] {
                self.nodes[i].args.iter().for_each(|a| needed[a.index()] = true);
            }
        }
        let mut map = vec![Value(u32::MAX); self.nodes.len()];
        let mut nodes = Vec::new();
        for (i, node) in self.nodes.iter().enumerate().filter(|&(i, _)| needed[i]) {
            map[i] = Value(nodes.len() as u32);
            let args = node.args.iter().map(|a| map[a.index()]).collect();
            let op = match node.op {
                Op::Input(_) => {
                    let position = inputs.iter().position(|v| v.index() == i);
                    Op::Input(position.expect("the outputs depend on a given input alone"))
                }
                ref op => op.clone(),
            };
            nodes.push(Node { op, args, ty: node.ty.clone() });
        }
        let translate = |values: &[Value]| values.iter().map(|v| map[v.index()]).collect();
        Graph { inputs: translate(inputs), outputs: translate(outputs), nodes }
    }

    /// The value that every element has, if it is a known constant.
    pub(crate) fn splat(&self, value: Value) -> Option<f64> {
        let node = self.node(value);
        match &node.op {
            Op::Constant(literal) => literal.as_scalar(),
            Op::BroadcastInDim(_) | Op::Reshape(_) => self.splat(node.args[0]),
            _ => None,
        }
    }

    /// An array of one repeated value.
    pub fn full(&mut self, ty: &Type, value: f64) -> Value {
        let scalar = self.literal(Literal::scalar(ty.dtype, value));
        self.broadcast_in_dim(scalar, &ty.shape, &[])
    }

    /// A scalar constant.
    pub fn scalar(&mut self, dtype: DType, value: f64) -> Value {
        self.literal(Literal::scalar(dtype, value))
    }

    fn intern(&mut self, op: Op, args: Args, ty: Type) -> Value {
        let key = (op, args);
        if let Some(&value) = self.known.get(&key) {
            return value;
        }
        let value = self.push(key.0.clone(), key.1.clone(), ty);
        self.known.insert(key, value);
        value
    }

    fn push(&mut self, op: Op, args: Args, ty: Type) -> Value {
        let value = Value(u32::try_from(self.nodes.len()).expect("a graph holds fewer than 2^32 nodes"));
        self.nodes.push(Node { op, args, ty });
        value
    }
}
