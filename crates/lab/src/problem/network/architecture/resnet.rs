//! Residual networks for small images.

use std::fmt;

use thalweg_graph::{Axes, Value};

use super::images::{CLASSES, INPUT};
use super::norm::NORM;
use super::text::{choice, number, size};
use super::{Architecture, Design, Entry, Images, Norm, Text};
use crate::problem::network::layers::{Filter, convolution, global_average, linear};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Distribution, Initialization, Input, Scheme};

/// The residual networks for CIFAR-10 of He et al. 2016 (§4.2) with 6n + 2 layers: n = 3, 5, 7, 9.
///
/// | Layers | Output on 3×32×32 |
/// |---|---|
/// | `conv1` 3×3, `bn1`, activation | 16×32×32 |
/// | `layer1`: n blocks of two 3×3 convolutions | 16×32×32 |
/// | `layer2`: n blocks, the first with stride 2 | 32×16×16 |
/// | `layer3`: n blocks, the first with stride 2 | 64×8×8 |
/// | mean over positions, `fc` | classes |
///
/// A block computes σ(`bn2`(`conv2`(σ(`bn1`(`conv1`(x))))) + shortcut(x)); its blocks are named
/// `layer2.0.conv1.weight` and so on, as in torchvision, with `bn` whatever the
/// normalization. ResNet-20 has 269,722 parameters for ten classes. Weights begin as in
/// He et al. 2015, normal with variance 2/in. Without shortcuts these are the networks whose
/// surfaces Li et al. 2018 (§5.1) compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resnet {
    /// Blocks in each of the three stages.
    pub blocks: usize,
    /// What is added to a block's output.
    pub shortcut: Shortcut,
    /// What follows a convolution.
    pub norm: Norm,
    /// Channels of the first stage; the others have two and four times as many.
    pub channels: usize,
    /// Inputs and classes.
    pub images: Images,
}

/// What is added to a block's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// Its input; where sizes change every second position, with zero channels on either
    /// side (He et al.'s option A).
    Padded,
    /// Its input; where sizes change a normalized 1×1 convolution of it,
    /// `downsample.0` and `downsample.1` (their option B).
    Projected,
    /// Nothing.
    Absent,
}

const SHORTCUTS: [(&str, Shortcut); 2] = [("a", Shortcut::Padded), ("b", Shortcut::Projected)];
/// Channels of the first stage in the paper.
const CHANNELS: usize = 16;

pub(super) const ENTRY: Entry = Entry {
    names: &["resnet20", "resnet32", "resnet44", "resnet56"],
    pattern: "resnet20|32|44|56[,no-skip][,norm=…][,channels=N]",
    summary: "residual networks for 32×32 images; 269,722 parameters to 853,018",
    source: "He, Zhang, Ren & Sun 2016",
    options: &[
        ("no-skip", "without shortcuts, as in Li et al. 2018"),
        NORM,
        ("channels=N", "channels of the first stage [16]"),
        ("width=K", "the same as channels=16K"),
        ("shortcut=a|b", "zero channels or a 1×1 convolution where sizes change [a]"),
        INPUT,
        CLASSES,
    ],
    examples: &["resnet20", "resnet56,no-skip", "resnet20,shortcut=b,norm=group,channels=8"],
    build,
};

fn build(text: &mut Text) -> Result<Architecture, String> {
    text.no_sizes()?;
    let layers: usize = number(text.name.trim_start_matches("resnet"), 20, 56)?;
    let skips = text.value("shortcut", |value| choice(value, &SHORTCUTS))?;
    let shortcut = match (text.flag("no-skip")?, skips) {
        (true, Some(_)) => return Err("no-skip and shortcut exclude each other".into()),
        (true, None) => Shortcut::Absent,
        (false, shortcut) => shortcut.unwrap_or(Shortcut::Padded),
    };
    let channels = match (text.value("channels", size)?, text.value("width", size)?) {
        (Some(_), Some(_)) => return Err("channels and width exclude each other".into()),
        (channels, width) => channels.unwrap_or(CHANNELS * width.unwrap_or(1)),
    };
    let norm = Norm::read(text, Norm::Batch)?;
    let images = usual().read(text)?;
    Ok(Architecture::Resnet(Resnet { blocks: (layers - 2) / 6, shortcut, norm, channels, images }))
}

fn usual() -> Images {
    Images::of(&[3, 32, 32])
}

impl Resnet {
    fn convolved(&self, net: &mut Net, names: [&str; 2], x: Value, channels: usize, filter: Filter) -> Value {
        let h = convolution(net, names[0], x, channels, filter, self.norm == Norm::None);
        self.norm.write(net, names[1], h)
    }

    fn block(&self, net: &mut Net, x: Value, channels: usize, stride: usize) -> Value {
        let h = self.convolved(net, ["conv1", "bn1"], x, channels, Filter::same(3).stride(stride));
        let h = net.activate(h);
        let h = self.convolved(net, ["conv2", "bn2"], h, channels, Filter::same(3));
        let alike = net.shape(x) == net.shape(h);
        let sum = match self.shortcut {
            Shortcut::Absent => h,
            Shortcut::Projected if !alike => {
                let names = ["downsample.0", "downsample.1"];
                let filter = Filter { size: 1, stride, padding: 0 };
                let shortcut = self.convolved(net, names, x, channels, filter);
                net.b.add(h, shortcut)
            }
            Shortcut::Padded | Shortcut::Projected => {
                let shortcut = padded(net, x, channels, stride);
                net.b.add(h, shortcut)
            }
        };
        net.activate(sum)
    }
}

/// Every `stride`-th position, and zero channels on either side up to `channels`.
fn padded(net: &mut Net, x: Value, channels: usize, stride: usize) -> Value {
    let shape = net.shape(x);
    let h = net.b.slice_strided(x, &[0; 4], &shape, &[1, 1, stride, stride]);
    let more = (channels - shape[1]) as i64;
    let sides = |n: i64| [0, n, 0, 0].into_iter().collect();
    net.b.pad(h, sides(more / 2), sides(more - more / 2), Axes::from_elem(0, 4))
}

impl Design for Resnet {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        let h = self.convolved(net, ["conv1", "bn1"], x, self.channels, Filter::same(3));
        let mut h = net.activate(h);
        for stage in 0..3 {
            for block in 0..self.blocks {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let name = format!("layer{}.{block}", stage + 1);
                h = net.within(name, |net| self.block(net, h, self.channels << stage, stride));
            }
        }
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
        Initialization { scheme: Scheme::He, distribution: Distribution::Normal }
    }

    fn check(&self) -> Result<(), String> {
        self.images.check(2..=2, 4)
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        self.images.fit(input, outputs, 2..=2)
    }
}

impl fmt::Display for Resnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resnet{}", 6 * self.blocks + 2)?;
        match self.shortcut {
            Shortcut::Padded => {}
            Shortcut::Projected => f.write_str(",shortcut=b")?,
            Shortcut::Absent => f.write_str(",no-skip")?,
        }
        self.norm.write_option(f, Norm::Batch)?;
        if self.channels != CHANNELS {
            write!(f, ",channels={}", self.channels)?;
        }
        self.images.write(f, &usual())
    }
}
