//! Dense layers.

use thalweg_graph::Value;

use crate::problem::network::Draw;
use crate::problem::network::net::Net;

/// z = W h + b along the last axis: `name.weight` [out, in], and `name.bias` [out] where layers have biases.
pub fn linear(net: &mut Net, name: &str, h: Value, outputs: usize) -> Value {
    let inputs = net.shape(h).last().copied().unwrap_or(1);
    linear_drawn(net, name, h, outputs, Draw::Weight { inputs, outputs })
}

/// A dense layer whose weights begin otherwise.
pub fn linear_drawn(net: &mut Net, name: &str, h: Value, outputs: usize, draw: Draw) -> Value {
    net.within(name, |net| {
        let mut shape = net.shape(h);
        let last = shape.len() - 1;
        let inputs = std::mem::replace(&mut shape[last], outputs);
        let bias = draw.of_bias();
        let weight = net.parameter("weight", &[outputs, inputs], draw);
        let z = net.b.dot(h, last, weight, 1);
        if !net.bias {
            return z;
        }
        let bias = net.parameter("bias", &[outputs], bias);
        let bias = net.b.broadcast(bias, &shape);
        net.b.add(z, bias)
    })
}
