//! LeNet-5.

use std::fmt;

use thalweg_graph::Value;

use super::images::{CLASSES, INPUT};
use super::text::choice;
use super::{Architecture, Design, Entry, Images};
use crate::problem::network::layers::{Filter, average_pool, convolution, linear, max_pool};
use crate::problem::network::net::Net;
use crate::problem::network::{Activation, Distribution, Initialization, Input, Scheme};

/// LeNet-5 as it is built today: rectifiers, dense connections between its maps and a
/// softmax, where LeCun et al. 1998 (§II.B) had tanh, a sparse table and radial basis functions.
///
/// | Layer | Output on 1×28×28 | Parameters |
/// |---|---|---|
/// | `conv1` 5×5, padding 2, activation | 6×28×28 | 156 |
/// | pooling 2×2 | 6×14×14 | |
/// | `conv2` 5×5, activation | 16×10×10 | 2,416 |
/// | pooling 2×2 | 16×5×5 | |
/// | `fc1`, activation | 120 | 48,120 |
/// | `fc2`, activation | 84 | 10,164 |
/// | `fc3` | 10 | 850 |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lenet5 {
    /// Inputs and classes.
    pub images: Images,
    /// What becomes of 2×2 neighbours.
    pub pooling: Pooling,
}

/// What becomes of neighbours in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Their largest.
    Max,
    /// Their mean.
    Average,
}

const POOLING: [(&str, Pooling); 2] = [("max", Pooling::Max), ("average", Pooling::Average)];

pub(super) const ENTRY: Entry = Entry {
    names: &["lenet5"],
    pattern: "lenet5[,pool=max|average]",
    summary: "two 5×5 convolutions with pooling, three dense layers; 61,706 parameters on 1×28×28",
    source: "LeCun, Bottou, Bengio & Haffner 1998",
    options: &[("pool=max|average", "what becomes of 2×2 neighbours [max]"), INPUT, CLASSES],
    examples: &["lenet5", "lenet5,pool=average,input=3x32x32,classes=100"],
    build: |text| {
        text.no_sizes()?;
        let pooling = text.value("pool", |value| choice(value, &POOLING))?.unwrap_or(Pooling::Max);
        Ok(Architecture::Lenet5(Lenet5 { images: usual().read(text)?, pooling }))
    },
};

fn usual() -> Images {
    Images::of(&[1, 28, 28])
}

impl Design for Lenet5 {
    fn write(&self, net: &mut Net, x: Value) -> Value {
        let pool = match self.pooling {
            Pooling::Max => max_pool,
            Pooling::Average => average_pool,
        };
        let h = convolution(net, "conv1", x, 6, Filter::same(5), true);
        let h = net.activate(h);
        let h = pool(net, h, 2);
        let h = convolution(net, "conv2", h, 16, Filter { padding: 0, ..Filter::same(5) }, true);
        let h = net.activate(h);
        let h = pool(net, h, 2);
        let shape = net.shape(h);
        let h = net.b.reshape(h, &[shape[0], shape[1..].iter().product()]);
        let h = linear(net, "fc1", h, 120);
        let h = net.activate(h);
        let h = linear(net, "fc2", h, 84);
        let h = net.activate(h);
        linear(net, "fc3", h, self.images.classes)
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
        self.images.check(2..=2, 12)
    }

    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String> {
        self.images.fit(input, outputs, 2..=2)
    }
}

impl fmt::Display for Lenet5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lenet5")?;
        if self.pooling == Pooling::Average {
            f.write_str(",pool=average")?;
        }
        self.images.write(f, &usual())
    }
}
