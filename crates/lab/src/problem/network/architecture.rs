//! The built-in architectures: one file each, and the table of them.

mod autoencoder;
mod cnn;
mod deep_linear;
mod gpt;
mod images;
mod lenet;
mod mlp;
mod norm;
mod registry;
mod resnet;
mod text;
mod vgg;
mod vit;

use std::fmt;

use thalweg_graph::Value;

use super::net::Net;
use super::{Activation, Distribution, Initialization, Input, Scheme};

pub use autoencoder::Autoencoder;
pub use cnn::Cnn;
pub use deep_linear::DeepLinear;
pub use gpt::{Block, Gpt, Positions};
pub use images::Images;
pub use lenet::{Lenet5, Pooling};
pub use mlp::Mlp;
pub use norm::Norm;
pub use registry::{Entry, registry};
pub use resnet::{Resnet, Shortcut};
pub use vgg::Vgg;
pub use vit::Vit;

pub(super) use registry::read;
use text::Text;

/// A built-in architecture with its sizes.
#[derive(Clone, Debug, PartialEq)]
pub enum Architecture {
    /// `mlp:IN-HIDDEN-…-OUT`.
    Mlp(Mlp),
    /// `deep-linear:IN-…-OUT`.
    DeepLinear(DeepLinear),
    /// `autoencoder:IN-HIDDEN-…-CODE`.
    Autoencoder(Autoencoder),
    /// `lenet5`.
    Lenet5(Lenet5),
    /// `cnn:CHANNELS-…`.
    Cnn(Cnn),
    /// `resnet20`, `resnet32`, `resnet44`, `resnet56`.
    Resnet(Resnet),
    /// `vgg11`, `vgg13`, `vgg16`, `vgg19`.
    Vgg(Vgg),
    /// `vit-tiny`.
    Vit(Vit),
    /// `gpt:LAYERS-WIDTH-HEADS-CONTEXT`.
    Gpt(Gpt),
}

/// What an architecture says of itself. Its text, as [`fmt::Display`] writes it, is the
/// specification that makes it.
pub(super) trait Design: fmt::Display {
    /// Declares the parameters and computes the outputs of x.
    fn write(&self, net: &mut Net, x: Value) -> Value;

    /// One example's input.
    fn input(&self) -> Input;

    /// The usual nonlinearity.
    fn activation(&self) -> Activation;

    /// How weights are usually drawn where the architecture does not say: by the activation.
    fn initialization(&self, activation: Activation) -> Initialization {
        let scheme = if activation.is_rectifier() { Scheme::He } else { Scheme::Xavier };
        Initialization { scheme, distribution: Distribution::Uniform }
    }

    /// Whether the sizes go together, or why not.
    fn check(&self) -> Result<(), String>;

    /// Takes over what the data determine: the shape of an input, and the number of outputs.
    fn fit(&mut self, input: &Input, outputs: usize) -> Result<(), String>;
}

impl Architecture {
    pub(super) fn design(&self) -> &dyn Design {
        match self {
            Architecture::Mlp(design) => design,
            Architecture::DeepLinear(design) => design,
            Architecture::Autoencoder(design) => design,
            Architecture::Lenet5(design) => design,
            Architecture::Cnn(design) => design,
            Architecture::Resnet(design) => design,
            Architecture::Vgg(design) => design,
            Architecture::Vit(design) => design,
            Architecture::Gpt(design) => design,
        }
    }

    pub(super) fn design_mut(&mut self) -> &mut dyn Design {
        match self {
            Architecture::Mlp(design) => design,
            Architecture::DeepLinear(design) => design,
            Architecture::Autoencoder(design) => design,
            Architecture::Lenet5(design) => design,
            Architecture::Cnn(design) => design,
            Architecture::Resnet(design) => design,
            Architecture::Vgg(design) => design,
            Architecture::Vit(design) => design,
            Architecture::Gpt(design) => design,
        }
    }
}

/// Whether inputs of data are as many numbers as a model without a notion of shape takes.
fn same_size(input: &Input, features: usize) -> Result<(), String> {
    numbers(input)?;
    match input.size() {
        size if size == features => Ok(()),
        size => Err(format!("it takes inputs of {features} numbers, the data has {size}")),
    }
}

/// Refuses tokens.
fn numbers(input: &Input) -> Result<(), String> {
    match input.kind {
        super::InputKind::Numbers => Ok(()),
        super::InputKind::Tokens { .. } => Err("it takes numbers, the data has tokens".into()),
    }
}

/// Whether a model has as many outputs as the data asks for.
fn enough_outputs(outputs: usize, wanted: usize) -> Result<(), String> {
    match outputs >= wanted {
        true => Ok(()),
        false => Err(format!("it has {outputs} outputs, the data asks for {wanted}")),
    }
}

/// Writes `sizes` with dashes between them.
fn write_sizes(f: &mut fmt::Formatter<'_>, sizes: &[usize]) -> fmt::Result {
    sizes.iter().enumerate().try_for_each(|(i, size)| write!(f, "{}{size}", if i == 0 { "" } else { "-" }))
}
