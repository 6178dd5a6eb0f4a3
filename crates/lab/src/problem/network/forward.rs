//! A model's outputs as a program.

use thalweg_graph::{Builder, Value};

use super::ModelSpec;

/// Outputs [b, C] of the model for inputs `x` [b, features]; `parameters` in the order of the layout.
pub(super) fn outputs(model: &ModelSpec, b: &mut Builder, parameters: &[Value], x: Value) -> Value {
    let mut parameters = parameters.iter().copied();
    let mut next = || parameters.next().expect("a block for each weight and bias");
    let layers = model.widths.len() - 1;
    let mut h = x;
    for layer in 0..layers {
        h = b.dot(h, 1, next(), 1);
        if model.bias {
            let shape = b.ty(h).shape.clone();
            let bias = b.broadcast(next(), &shape);
            h = b.add(h, bias);
        }
        if layer + 1 < layers {
            h = model.activation.apply(b, h);
        }
    }
    h
}
