//! The normalization of convolutional networks.

use std::fmt;

use thalweg_graph::Value;

use super::Text;
use super::text::choice;
use crate::problem::network::layers::{batch_norm, group_norm};
use crate::problem::network::net::Net;

/// What follows a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Batch normalization (Ioffe & Szegedy 2015).
    Batch,
    /// Group normalization (Wu & He 2018): of C channels gcd(8, C/2) groups, so that 16
    /// channels and more are 8 groups and a group has two channels or more.
    Group,
    /// Layer normalization of channels and positions together (Ba et al. 2016).
    Layer,
    /// Instance normalization, each channel by itself (Ulyanov et al. 2016).
    Instance,
    /// Nothing; convolutions have biases instead. Deep networks without skip connections
    /// and normalization hardly train from the usual initialization, which is kept.
    None,
}

const NORMS: [(&str, Norm); 5] = [
    ("batch", Norm::Batch),
    ("group", Norm::Group),
    ("layer", Norm::Layer),
    ("instance", Norm::Instance),
    ("none", Norm::None),
];

/// The option, in words.
pub(super) const NORM: (&str, &str) =
    ("norm=batch|group|layer|instance|none", "what follows a convolution [batch]");

impl Norm {
    pub(super) fn read(text: &mut Text, usual: Norm) -> Result<Self, String> {
        Ok(text.value("norm", |value| choice(value, &NORMS))?.unwrap_or(usual))
    }

    pub(super) fn write(self, net: &mut Net, name: &str, x: Value) -> Value {
        let channels = net.shape(x)[1];
        let groups = match self {
            Norm::Batch => return batch_norm(net, name, x),
            Norm::None => return x,
            Norm::Group => [8, 4, 2].into_iter().find(|g| (channels / 2).is_multiple_of(*g)).unwrap_or(1),
            Norm::Layer => 1,
            Norm::Instance => channels,
        };
        group_norm(net, name, x, groups)
    }

    /// Writes the option where it is not the usual one.
    pub(super) fn write_option(self, f: &mut fmt::Formatter<'_>, usual: Norm) -> fmt::Result {
        let (name, _) = NORMS.iter().find(|(_, norm)| *norm == self).expect("a row for every normalization");
        if self == usual { Ok(()) } else { write!(f, ",norm={name}") }
    }
}
