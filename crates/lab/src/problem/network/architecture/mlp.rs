//! Multilayer perceptrons.

use thalweg_graph::Value;

use crate::problem::network::layers::linear;
use crate::problem::network::net::Net;

/// A multilayer perceptron: dense layers with an activation between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mlp {
    /// Sizes of input, hidden layers and output.
    pub widths: Vec<usize>,
}

impl Mlp {
    pub(in crate::problem::network) fn write(&self, net: &mut Net, x: Value) -> Value {
        let layers = self.widths.len() - 1;
        let mut h = x;
        for layer in 0..layers {
            h = linear(net, &format!("fc{layer}"), h, self.widths[layer + 1]);
            if layer + 1 < layers {
                h = net.activate(h);
            }
        }
        h
    }
}
