//! Convolutions over one to three spatial axes.

use thalweg_graph::Value;
use thalweg_graph::primitive::Window;

use crate::problem::network::Draw;
use crate::problem::network::net::Net;

/// The window of a convolution, alike along all spatial axes.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Elements along each axis.
    pub size: usize,
    /// Distance between neighbouring positions.
    pub stride: usize,
    /// Zeros around the input.
    pub padding: usize,
}

impl Filter {
    /// An odd size that keeps the number of positions.
    pub const fn same(size: usize) -> Self {
        Self { size, stride: 1, padding: size / 2 }
    }

    /// With another distance between positions.
    pub const fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }
}

/// A convolution of x [b, C, spatial…] into [b, `outputs`, spatial…]: `name.weight`
/// [outputs, C, window…], and `name.bias` [outputs] if it is to have one and layers do.
pub fn convolution(net: &mut Net, name: &str, x: Value, outputs: usize, filter: Filter, bias: bool) -> Value {
    net.within(name, |net| {
        let shape = net.shape(x);
        let spatial = shape.len() - 2;
        let positions = filter.size.pow(spatial as u32);
        let mut of = vec![outputs, shape[1]];
        of.resize(spatial + 2, filter.size);
        let draw = Draw::Weight { inputs: shape[1] * positions, outputs: outputs * positions };
        let begins = draw.of_bias();
        let weight = net.parameter("weight", &of, draw);
        let padding = filter.padding as isize;
        let window = vec![Window::new().stride(filter.stride).padding(padding, padding); spatial];
        let z = net.b.convolution(x, weight, &window, 1);
        if !(bias && net.bias) {
            return z;
        }
        let bias = net.parameter("bias", &[outputs], begins);
        let shape = net.shape(z);
        let bias = net.b.broadcast_in_dim(bias, &shape, &[1]);
        net.b.add(z, bias)
    })
}
