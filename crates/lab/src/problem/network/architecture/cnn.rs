//! Plain convolutional networks.

use std::fmt;

use thalweg_graph::Value;

use super::images::CLASSES;
use super::norm::NORM;
use super::{Architecture, Design, Entry, Images, Norm, write_sizes};
use crate::problem::network::layers::{Filter, convolution, global_average, linear, max_pool};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Distribution, Initialization, Input, Scheme};

/// Convolutions of size 3, each with an activation and 2-fold max-pooling, then the mean over
/// all positions and a dense layer (Lin et al. 2014, §3.2), over one to three spatial axes.
///
/// | Layer i | Output | Weights |
/// |---|---|---|
/// | `convI` 3×3, padding 1, activation, max-pooling 2×2 | Cᵢ×H/2×W/2 | `[Cᵢ, Cᵢ₋₁, 3, 3]`, `[Cᵢ]` |
/// | mean over positions, `fc` | classes | `[classes, C]`, `[classes]` |
///
/// With `norm=…`, a normalization `normI` follows each convolution instead of its bias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cnn {
    /// Channels of each convolution.
    pub channels: Vec<usize>,
    /// What follows a convolution.
    pub norm: Norm,
    /// Inputs and classes.
    pub images: Images,
}

pub(super) const ENTRY: Entry = Entry {
    names: &["cnn"],
    pattern: "cnn:CHANNELS-CHANNELS-…[,norm=…]",
    summary: "3×3 convolutions with max-pooling after each, mean over positions, a dense layer",
    source: "Lin, Chen & Yan 2014",
    options: &[
        (NORM.0, "what follows a convolution [none]"),
        ("input=CxHxW", "channels and one to three spatial sizes, where the data does not say"),
        CLASSES,
    ],
    examples: &["cnn:16-32", "cnn:8-8,norm=batch,input=3x32x32"],
    build: |text| {
        let norm = Norm::read(text, Norm::None)?;
        Ok(Architecture::Cnn(Cnn { channels: text.sizes()?, norm, images: usual().read(text)? }))
    },
};

fn usual() -> Images {
    Images::of(&[1, 28, 28])
}

impl Design for Cnn {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        let h = self.channels.iter().enumerate().fold(x, |h, (i, &channels)| {
            let bias = self.norm == Norm::None;
            let h = convolution(net, &format!("conv{i}"), h, channels, Filter::same(3), bias);
            let h = self.norm.write(net, &format!("norm{i}"), h);
            let h = net.activate(h);
            max_pool(net, h, 2)
        });
        let h = global_average(net, h);
        linear(net, "fc", h, self.images.classes)
    }

    fn input(&self) -> Input {
        self.images.input()
    }

    fn activation(&self) -> Activation {
        Activation::Relu
    }

    fn initialization(&self, _: Activation) -> Initialization {
        Initialization { scheme: Scheme::PyTorch, distribution: Distribution::Uniform }
    }

    fn check(&self) -> Result<(), String> {
        let layers = self.channels.len();
        if layers > 24 {
            return Err(format!("{layers} poolings leave nothing of any input"));
        }
        self.images.check(1..=3, 1 << layers)
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        self.images.fit(input, outputs, 1..=3)
    }
}

impl fmt::Display for Cnn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cnn:")?;
        write_sizes(f, &self.channels)?;
        self.norm.write_option(f, Norm::None)?;
        self.images.write(f, &usual())
    }
}
