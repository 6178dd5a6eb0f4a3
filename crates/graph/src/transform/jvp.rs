//! Forward differentiation.

use crate::graph::{Graph, Value};
use crate::primitive::Op;
use crate::{Builder, Type};

/// A graph inside a builder together with its tangents.
pub(super) struct Tangents {
    /// The builder's value for each node of the graph.
    pub values: Vec<Value>,
    /// The tangent of each node; `None` is a structural zero.
    pub tangents: Vec<Option<Value>>,
}

/// Copies `graph` into `b` and differentiates it along the given input tangents.
pub(super) fn push_forward(
    b: &mut Builder,
    graph: &Graph,
    args: &[Value],
    input_tangents: &[Option<Value>],
) -> Tangents {
    let values = b.copy(graph, args);
    let mut tangents: Vec<Option<Value>> = Vec::with_capacity(values.len());
    for (i, node) in graph.nodes.iter().enumerate() {
        let tangent = match node.op {
            Op::Input(input) => input_tangents[input],
            _ => {
                let arg_tangents: Vec<Option<Value>> =
                    node.args.iter().map(|a| tangents[a.index()]).collect();
                if arg_tangents.iter().any(Option::is_some) {
                    let args: Vec<Value> = node.args.iter().map(|a| values[a.index()]).collect();
                    node.op.rules().jvp(b, &args, values[i], &arg_tangents)
                } else {
                    None
                }
            }
        };
        tangents.push(tangent);
    }
    Tangents { values, tangents }
}

impl Graph {
    /// The directional derivative: J(x) ẋ beside f(x).
    ///
    /// Inputs: this graph's, then a tangent for each input of `wrt`, in that
    /// order. Outputs: this graph's, then the tangent of each float output.
    ///
    /// # Panics
    /// If an input of `wrt` is not a float.
    pub fn jvp(&self, wrt: &[usize]) -> Graph {
        let mut b = Builder::new();
        let args = inputs(&mut b, &self.input_types());
        let mut input_tangents = vec![None; args.len()];
        for &i in wrt {
            let ty = b.ty(args[i]).clone();
            assert!(ty.dtype.is_float(), "input {i} is {ty}: only floats have tangents");
            input_tangents[i] = Some(b.input(ty));
        }
        let forward = push_forward(&mut b, self, &args, &input_tangents);
        let mut outputs: Vec<Value> = self.outputs.iter().map(|v| forward.values[v.index()]).collect();
        for v in &self.outputs {
            let value = forward.values[v.index()];
            if b.ty(value).dtype.is_float() {
                outputs.push(forward.tangents[v.index()].unwrap_or_else(|| b.zeros_like(value)));
            }
        }
        b.finish(&outputs)
    }
}

/// Makes an input of each type.
pub(super) fn inputs(b: &mut Builder, types: &[Type]) -> Vec<Value> {
    types.iter().map(|ty| b.input(ty.clone())).collect()
}
