//! Normalization layers, recognised in a program so that each is written as one operator.
//!
//! A reader then knows running statistics from weights.

use std::collections::HashMap;

use rten_onnx::onnx::AttributeProto;
use thalweg_graph::primitive::{Binary, Op, Reducer, Unary};
use thalweg_graph::{DType, Graph, Value};

use super::writer::{float, int};

/// A layer as an operator.
pub(super) struct Layer {
    pub operator: &'static str,
    /// What is normalized.
    pub x: Value,
    /// Scale, shift and statistics.
    pub arrays: Vec<Value>,
    pub attributes: Vec<AttributeProto>,
}

/// The layers of a program by the nodes of their results, and which nodes are still to be written.
pub(super) fn find(graph: &Graph) -> (HashMap<usize, Layer>, Vec<bool>) {
    let pattern = Pattern { graph };
    let count = graph.nodes().len();
    let layer = |at: usize| pattern.batch(at).or_else(|| pattern.layer(at));
    let layers: HashMap<usize, Layer> = (0..count).filter_map(|at| Some((at, layer(at)?))).collect();
    let mut live = vec![false; count];
    graph.outputs().iter().for_each(|output| live[output.index()] = true);
    for at in (0..count).rev() {
        if !live[at] {
            continue;
        }
        match layers.get(&at) {
            Some(layer) => {
                std::iter::once(&layer.x).chain(&layer.arrays).for_each(|value| live[value.index()] = true);
            }
            None => graph.nodes()[at].args.iter().for_each(|arg| live[arg.index()] = true),
        }
    }
    (layers, live)
}

struct Pattern<'g> {
    graph: &'g Graph,
}

impl Pattern<'_> {
    /// (x − μ) (w/√(v + ε)) + b for each channel, with arrays of the model for μ, v, w and b.
    fn batch(&self, at: usize) -> Option<Layer> {
        let (scaled, shift) = self.either(at, Binary::Add, |value| self.array_along(value, &[1]))?;
        let (centered, factor) = self.either(scaled.index(), Binary::Multiply, |v| self.spread(v, &[1]))?;
        let [x, mean] = self.binary(centered, Binary::Subtract)?;
        let mean = self.array_along(mean, &[1])?;
        let (root, scale) = self.either(factor.index(), Binary::Multiply, |v| self.array(v))?;
        let (variance, epsilon) = self.shifted(root)?;
        let variance = self.array(variance)?;
        let attributes = vec![float("epsilon", epsilon)];
        Some(Layer {
            operator: "BatchNormalization",
            x,
            arrays: vec![scale, shift, mean, variance],
            attributes,
        })
    }

    /// (x − μ)/√(v + ε) w + b with mean and variance along the last axis. The operator's moments are in 32 bits
    /// by its definition, so layers in 64 bits stay the arithmetic that they are.
    fn layer(&self, at: usize) -> Option<Layer> {
        let ty = &self.graph.nodes()[at].ty;
        let last = ty.rank().checked_sub(1).filter(|_| ty.dtype == DType::F32)?;
        let others: Vec<usize> = (0..last).collect();
        let (scaled, shift) = self.either(at, Binary::Add, |value| self.array_along(value, &[last]))?;
        let (unit, scale) =
            self.either(scaled.index(), Binary::Multiply, |value| self.array_along(value, &[last]))?;
        let (centered, root) = self.either(unit.index(), Binary::Multiply, |v| self.spread(v, &others))?;
        let (variance, epsilon) = self.shifted(root)?;
        let squares = self.mean(variance, last)?;
        let [x, mean] = self.binary(centered, Binary::Subtract)?;
        let mean = self.spread(mean, &others)?;
        let fits = self.binary(squares, Binary::Multiply)? == [centered; 2] && self.mean(mean, last)? == x;
        let attributes = vec![int("axis", -1), float("epsilon", epsilon)];
        fits.then(|| Layer { operator: "LayerNormalization", x, arrays: vec![scale, shift], attributes })
    }

    /// The arguments of a node of that kind.
    fn binary(&self, value: Value, op: Binary) -> Option<[Value; 2]> {
        let node = self.graph.node(value);
        match (&node.op, node.args.as_slice()) {
            (Op::Binary(found), &[a, b]) if *found == op => Some([a, b]),
            _ => None,
        }
    }

    /// The arguments of a commutative node, of which one is as asked for: the other one, and what that one is.
    fn either<R>(&self, at: usize, op: Binary, asked: impl Fn(Value) -> Option<R>) -> Option<(Value, R)> {
        let node = &self.graph.nodes()[at];
        match (&node.op, node.args.as_slice()) {
            (Op::Binary(found), &[a, b]) if *found == op => match (asked(b), asked(a)) {
                (Some(second), _) => Some((a, second)),
                (None, Some(first)) => Some((b, first)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What is repeated along all axes but these.
    fn spread(&self, value: Value, axes: &[usize]) -> Option<Value> {
        let node = self.graph.node(value);
        match &node.op {
            Op::BroadcastInDim(op) if op.axes.as_slice() == axes => Some(node.args[0]),
            _ => None,
        }
    }

    /// An array of the model.
    fn array(&self, value: Value) -> Option<Value> {
        matches!(self.graph.node(value).op, Op::Input(_)).then_some(value)
    }

    fn array_along(&self, value: Value, axes: &[usize]) -> Option<Value> {
        self.array(self.spread(value, axes)?)
    }

    /// A number, repeated or not.
    fn number(&self, value: Value) -> Option<f64> {
        let node = self.graph.node(value);
        match &node.op {
            Op::Constant(literal) => literal.as_scalar(),
            Op::BroadcastInDim(_) => self.number(node.args[0]),
            _ => None,
        }
    }

    /// v and ε of 1/√(v + ε), where a file's attribute holds ε.
    fn shifted(&self, root: Value) -> Option<(Value, f32)> {
        let node = self.graph.node(root);
        let Op::Unary(Unary::Rsqrt) = node.op else { return None };
        let (variance, epsilon) = self.either(node.args[0].index(), Binary::Add, |v| self.number(v))?;
        let single = epsilon as f32;
        // The shortest decimal is what readers in 64 bits take an attribute for.
        let exact = f64::from(single) == epsilon || single.to_string().parse() == Ok(epsilon);
        exact.then_some((variance, single))
    }

    /// What the mean along an axis is taken of.
    fn mean(&self, value: Value, axis: usize) -> Option<Value> {
        let (sum, share) = self.either(value.index(), Binary::Multiply, |v| self.number(v))?;
        let node = self.graph.node(sum);
        let Op::Reduce(op) = &node.op else { return None };
        let count = self.graph.node(node.args[0]).ty.shape.get(axis).copied()?;
        let along = op.reducer == Reducer::Sum && op.axes.as_slice() == [axis];
        (along && (share * count as f64 - 1.0).abs() < 1e-6).then_some(node.args[0])
    }
}
