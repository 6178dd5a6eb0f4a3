//! Normalization of each example by its own statistics.

use thalweg_graph::{Builder, Value};

use crate::problem::network::Draw;
use crate::problem::network::net::Net;

/// Mean and biased variance over `axes`, and the deviations from the mean.
pub(super) struct Moments {
    /// Means, of the shape without the axes.
    pub mean: Value,
    /// Mean squared deviations, likewise.
    pub variance: Value,
    /// x − mean, of the full shape.
    pub centered: Value,
}

/// Moments over some axes, and the other axes.
pub(super) fn moments(b: &mut Builder, x: Value, axes: &[usize]) -> (Moments, Vec<usize>) {
    let shape = b.shape(x).to_vec();
    let rest: Vec<usize> = (0..shape.len()).filter(|a| !axes.contains(a)).collect();
    let count: usize = axes.iter().map(|&a| shape[a]).product();
    let sum = b.sum(x, axes);
    let mean = b.scale(sum, 1.0 / count as f64);
    let spread = b.broadcast_in_dim(mean, &shape, &rest);
    let centered = b.sub(x, spread);
    let square = b.square(centered);
    let sum = b.sum(square, axes);
    let variance = b.scale(sum, 1.0 / count as f64);
    (Moments { mean, variance, centered }, rest)
}

/// (x − μ)/√(v + ε) over `axes`, with biased variance v.
fn standardized(b: &mut Builder, x: Value, axes: &[usize], epsilon: f64) -> Value {
    let shape = b.shape(x).to_vec();
    let (moments, rest) = moments(b, x, axes);
    let shifted = b.offset(moments.variance, epsilon);
    let scale = b.rsqrt(shifted);
    let scale = b.broadcast_in_dim(scale, &shape, &rest);
    b.mul(moments.centered, scale)
}

/// Layer normalization along the last axis (Ba et al. 2016, eq. 4): `name.weight` and `name.bias` [D].
pub fn layer_norm(net: &mut Net, name: &str, x: Value, epsilon: f64) -> Value {
    net.within(name, |net| {
        let last = net.shape(x).len() - 1;
        let y = standardized(net.b, x, &[last], epsilon);
        let y = scaled(net, y, last);
        shifted(net, y, last)
    })
}

/// w ⊙ x/√(mean x² + ε) along the last axis (Zhang & Sennrich 2019, eq. 4): `name.weight` [D].
pub fn rms_norm(net: &mut Net, name: &str, x: Value, epsilon: f64) -> Value {
    net.within(name, |net| {
        let shape = net.shape(x);
        let last = shape.len() - 1;
        let rest: Vec<usize> = (0..last).collect();
        let square = net.b.square(x);
        let sum = net.b.sum(square, &[last]);
        let mean = net.b.scale(sum, 1.0 / shape[last] as f64);
        let mean = net.b.offset(mean, epsilon);
        let scale = net.b.rsqrt(mean);
        let scale = net.b.broadcast_in_dim(scale, &shape, &rest);
        let y = net.b.mul(x, scale);
        scaled(net, y, last)
    })
}

/// Group normalization of [b, C, spatial…] with ε = 10⁻⁵ (Wu & He 2018, eq. 1 to 6): each run of
/// C/`groups` channels by its own mean and variance; `name.weight` and `name.bias` [C].
///
/// One group is layer normalization of the whole example; as many groups as channels are
/// instance normalization (Ulyanov et al. 2016).
pub fn group_norm(net: &mut Net, name: &str, x: Value, groups: usize) -> Value {
    net.within(name, |net| {
        let shape = net.shape(x);
        let size: usize = shape[1..].iter().product();
        let runs = net.b.reshape(x, &[shape[0], groups, size / groups]);
        let y = standardized(net.b, runs, &[2], 1e-5);
        let y = net.b.reshape(y, &shape);
        let y = scaled(net, y, 1);
        shifted(net, y, 1)
    })
}

/// Times `weight`, an element of which belongs to each place along an axis.
fn scaled(net: &mut Net, x: Value, axis: usize) -> Value {
    let shape = net.shape(x);
    let weight = net.parameter("weight", &[shape[axis]], Draw::Constant(1.0));
    let weight = net.b.broadcast_in_dim(weight, &shape, &[axis]);
    net.b.mul(x, weight)
}

/// Plus `bias`, likewise.
fn shifted(net: &mut Net, x: Value, axis: usize) -> Value {
    let shape = net.shape(x);
    let bias = net.parameter("bias", &[shape[axis]], Draw::Constant(0.0));
    let bias = net.b.broadcast_in_dim(bias, &shape, &[axis]);
    net.b.add(x, bias)
}
