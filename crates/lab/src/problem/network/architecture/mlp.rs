//! Multilayer perceptrons.

use std::fmt;

use thalweg_graph::Value;

use super::{Architecture, Design, Entry, Text, enough_outputs, same_size, write_sizes};
use crate::problem::network::layers::linear;
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Input};

/// A multilayer perceptron: dense layers with an activation between them.
///
/// | Block | Shape |
/// |---|---|
/// | `fc0.weight`, `fc0.bias` | `[first hidden, in]`, `[first hidden]` |
/// | … | |
/// | `fcL.weight`, `fcL.bias` | `[out, last hidden]`, `[out]` |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mlp {
    /// Sizes of input, hidden layers and output.
    pub widths: Vec<usize>,
}

pub(super) const ENTRY: Entry = Entry {
    names: &["mlp"],
    pattern: "mlp:IN-HIDDEN-…-OUT",
    summary: "a perceptron: dense layers with an activation between them",
    source: "Rumelhart, Hinton & Williams 1986",
    options: &[],
    examples: &["mlp:64-32-10"],
    build: |text| Ok(Architecture::Mlp(Mlp { widths: widths(text)? })),
};

/// Sizes of an input and of at least one layer.
pub(super) fn widths(text: &Text) -> Result<Vec<usize>, String> {
    let widths = text.sizes()?;
    if widths.len() < 2 {
        return Err("expected at least an input and an output size".into());
    }
    Ok(widths)
}

impl Design for Mlp {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        dense_layers(net, x, &self.widths[1..], true)
    }

    fn input(&self) -> Input {
        Input::numbers([self.widths[0]])
    }

    fn activation(&self) -> Activation {
        Activation::Tanh
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        same_size(input, self.widths[0])?;
        enough_outputs(self.widths[self.widths.len() - 1], outputs)
    }
}

/// Dense layers `fc0`, `fc1`, … of these widths, with an activation between them if `bent`.
pub(super) fn dense_layers(net: &mut Net, x: Value, widths: &[usize], bent: bool) -> Value {
    widths.iter().enumerate().fold(x, |h, (layer, &width)| {
        let h = if bent && layer > 0 { net.activate(h) } else { h };
        linear(net, &format!("fc{layer}"), h, width)
    })
}

impl fmt::Display for Mlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mlp:")?;
        write_sizes(f, &self.widths)
    }
}
