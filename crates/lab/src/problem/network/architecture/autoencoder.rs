//! Autoencoders.

use std::fmt;

use thalweg_graph::Value;

use super::mlp::{dense_layers, widths};
use super::{Architecture, Design, Entry, same_size, write_sizes};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Input};

/// A perceptron that narrows to a code and mirrors itself back to the input's size
/// (Hinton & Salakhutdinov 2006): the target of an example is its input.
///
/// | Block | Shape |
/// |---|---|
/// | `encoder.fc0.weight`, `.bias` | `[first hidden, in]`, `[first hidden]` |
/// | … to the code | |
/// | `decoder.fc0.weight`, `.bias` | `[last hidden, code]`, `[last hidden]` |
/// | … to the output | `[in, first hidden]`, `[in]` |
///
/// Code and output have no activation. Theirs had logistic hidden units and a logistic
/// output; here the hidden ones are tanh unless chosen otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoencoder {
    /// Sizes of input, hidden layers and code.
    pub widths: Vec<usize>,
}

pub(super) const ENTRY: Entry = Entry {
    names: &["autoencoder"],
    pattern: "autoencoder:IN-HIDDEN-…-CODE",
    summary: "dense layers down to a code and mirrored back; inputs are their own targets",
    source: "Hinton & Salakhutdinov 2006",
    options: &[],
    examples: &["autoencoder:64-32-8"],
    build: |text| Ok(Architecture::Autoencoder(Autoencoder { widths: widths(text)? })),
};

impl Design for Autoencoder {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        let code = net.within("encoder", |net| dense_layers(net, x, &self.widths[1..], true));
        let back: Vec<usize> = self.widths.iter().rev().skip(1).copied().collect();
        net.within("decoder", |net| dense_layers(net, code, &back, true))
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

    fn fit(&mut self, input: &Input, _: usize) -> Result<(), String> {
        same_size(input, self.widths[0])
    }
}

impl fmt::Display for Autoencoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("autoencoder:")?;
        write_sizes(f, &self.widths)
    }
}
