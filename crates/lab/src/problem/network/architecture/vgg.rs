//! VGG networks for small images.

use std::fmt;

use thalweg_graph::Value;

use super::images::{CLASSES, INPUT};
use super::norm::NORM;
use super::text::{number, size};
use super::{Architecture, Design, Entry, Images, Norm, Text};
use crate::problem::network::layers::{Filter, convolution, global_average, linear, max_pool};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Distribution, Initialization, Input, Scheme};

/// The convolutional part of configurations A, B, D and E of Simonyan & Zisserman 2015
/// (table 1), with batch normalization and a single dense layer, as is customary for CIFAR-10.
///
/// | Stage | Channels | 3×3 convolutions in VGG-11, 13, 16, 19 | Output on 3×32×32 |
/// |---|---|---|---|
/// | 1 | 64 | 1, 2, 2, 2 | 64×16×16 |
/// | 2 | 128 | 1, 2, 2, 2 | 128×8×8 |
/// | 3 | 256 | 2, 2, 3, 4 | 256×4×4 |
/// | 4 | 512 | 2, 2, 3, 4 | 512×2×2 |
/// | 5 | 512 | 2, 2, 3, 4 | 512×1×1 |
/// | mean over positions, `classifier` | | | classes |
///
/// After each convolution come normalization and activation, after each stage 2×2
/// max-pooling. Names are torchvision's: `features.0.weight`, `features.1.weight` …
/// Convolutions that are normalized have no bias, on which nothing would depend;
/// torchvision's have one. Weights begin as in He et al. 2015, with variance 2/in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vgg {
    /// Layers by which it is called: 11, 13, 16 or 19.
    pub layers: usize,
    /// What follows a convolution.
    pub norm: Norm,
    /// Channels of the first stage; the others have 2, 4, 8 and 8 times as many.
    pub channels: usize,
    /// Inputs and classes.
    pub images: Images,
}

/// Channels of the first stage in the paper.
const CHANNELS: usize = 64;

pub(super) const ENTRY: Entry = Entry {
    names: &["vgg11", "vgg13", "vgg16", "vgg19"],
    pattern: "vgg11|13|16|19[,norm=…][,channels=N]",
    summary: "3×3 convolutions in five stages for 32×32 images; 9.2 to 20.0 million parameters",
    source: "Simonyan & Zisserman 2015",
    options: &[NORM, ("channels=N", "channels of the first stage [64]"), INPUT, CLASSES],
    examples: &["vgg11", "vgg16,norm=none", "vgg13,channels=8,classes=100"],
    build,
};

fn build(text: &mut Text) -> Result<Architecture, String> {
    text.no_sizes()?;
    let layers: usize = number(text.name.trim_start_matches("vgg"), 11, 19)?;
    let channels = text.value("channels", size)?.unwrap_or(CHANNELS);
    let norm = Norm::read(text, Norm::Batch)?;
    Ok(Architecture::Vgg(Vgg { layers, norm, channels, images: usual().read(text)? }))
}

fn usual() -> Images {
    Images::of(&[3, 32, 32])
}

impl Vgg {
    /// Convolutions in each stage.
    fn stages(&self) -> [usize; 5] {
        match self.layers {
            11 => [1, 1, 2, 2, 2],
            13 => [2, 2, 2, 2, 2],
            16 => [2, 2, 3, 3, 3],
            _ => [2, 2, 4, 4, 4],
        }
    }
}

impl Design for Vgg {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        let normalized = self.norm != Norm::None;
        let h = net.within("features", |net| {
            let (mut h, mut at) = (x, 0);
            for (stage, convolutions) in self.stages().into_iter().enumerate() {
                for _ in 0..convolutions {
                    let channels = self.channels << stage.min(3);
                    h = convolution(net, &at.to_string(), h, channels, Filter::same(3), !normalized);
                    h = self.norm.write(net, &(at + 1).to_string(), h);
                    h = net.activate(h);
                    // Activation and pooling have numbers of their own.
                    at += 2 + usize::from(normalized);
                }
                h = max_pool(net, h, 2);
                at += 1;
            }
            h
        });
        let h = global_average(net, h);
        linear(net, "classifier", h, self.images.classes)
    }

    fn input(&self) -> Input {
        self.images.input()
    }

    fn activation(&self) -> Activation {
        Activation::Relu
    }

    fn initialization(&self, _: Activation) -> Initialization {
        Initialization { scheme: Scheme::He, distribution: Distribution::Normal }
    }

    fn check(&self) -> Result<(), String> {
        self.images.check(2..=2, 32)
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        self.images.fit(input, outputs, 2..=2)
    }
}

impl fmt::Display for Vgg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vgg{}", self.layers)?;
        self.norm.write_option(f, Norm::Batch)?;
        if self.channels != CHANNELS {
            write!(f, ",channels={}", self.channels)?;
        }
        self.images.write(f, &usual())
    }
}
