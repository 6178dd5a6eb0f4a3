//! Deep linear networks.

use std::fmt;

use thalweg_graph::Value;

use super::mlp::{dense_layers, widths};
use super::{Architecture, Design, Entry, enough_outputs, same_size, write_sizes};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Distribution, Initialization, Input, Scheme};

/// A product of matrices, z = W_L ⋯ W₁ x: `fc0.weight` [first hidden, in] to `fcL.weight`, and no biases.
///
/// With squared error all its local minima are global and every other critical point is a
/// strict saddle or a plateau, so theory can be checked on it (Baldi & Hornik 1989;
/// Saxe et al. 2014; Kawaguchi 2016). Weights begin with variance 1/in, as in Saxe et al.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeepLinear {
    /// Sizes of input, hidden layers and output.
    pub widths: Vec<usize>,
}

pub(super) const ENTRY: Entry = Entry {
    names: &["deep-linear"],
    pattern: "deep-linear:IN-HIDDEN-…-OUT",
    summary: "a product of matrices: dense layers without activations and biases",
    source: "Saxe, McClelland & Ganguli 2014",
    options: &[],
    examples: &["deep-linear:8-5-5-3"],
    build: |text| Ok(Architecture::DeepLinear(DeepLinear { widths: widths(text)? })),
};

impl Design for DeepLinear {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        net.bias = false;
        dense_layers(net, x, &self.widths[1..], false)
    }

    fn input(&self) -> Input {
        Input::numbers([self.widths[0]])
    }

    fn activation(&self) -> Activation {
        Activation::Identity
    }

    fn initialization(&self, _: Activation) -> Initialization {
        Initialization { scheme: Scheme::LeCun, distribution: Distribution::Normal }
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        same_size(input, self.widths[0])?;
        enough_outputs(self.widths[self.widths.len() - 1], outputs)
    }
}

impl fmt::Display for DeepLinear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deep-linear:")?;
        write_sizes(f, &self.widths)
    }
}
