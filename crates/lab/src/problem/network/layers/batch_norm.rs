//! Batch normalization.

use thalweg_graph::Value;

use super::normalization::moments;
use crate::problem::network::net::Net;
use crate::problem::network::{Draw, Statistics};

const EPSILON: f64 = 1e-5;

/// w ⊙ (x − μ)/√(v + ε) + b for each channel of [b, C, spatial…] (Ioffe & Szegedy 2015, algorithm 1):
/// `name.weight` and `name.bias` [C], the statistics `name.running_mean` and `name.running_var` [C].
///
/// With [`Statistics::Batch`], μ and v are mean and biased variance over the batch and all
/// positions, and derivatives go through them; what is reported for the running
/// statistics is the mean and the unbiased variance, as in PyTorch (the biased one, 0,
/// where there is a single number a channel). With [`Statistics::Fixed`] they are the
/// buffers.
pub fn batch_norm(net: &mut Net, name: &str, x: Value) -> Value {
    net.within(name, |net| {
        let shape = net.shape(x);
        let channels = shape[1];
        let weight = net.parameter("weight", &[channels], Draw::Constant(1.0));
        let bias = net.parameter("bias", &[channels], Draw::Constant(0.0));
        let mean = net.statistic("running_mean", channels, 0.0);
        let variance = net.statistic("running_var", channels, 1.0);
        let axes: Vec<usize> = (0..shape.len()).filter(|&a| a != 1).collect();
        let (centered, variance) = match net.statistics {
            Statistics::Fixed => {
                let mean = net.b.broadcast_in_dim(mean, &shape, &[1]);
                (net.b.sub(x, mean), variance)
            }
            Statistics::Batch => {
                let (moments, _) = moments(net.b, x, &axes);
                let count: usize = axes.iter().map(|&a| shape[a]).product();
                let unbiased = count as f64 / (count as f64 - 1.0).max(1.0);
                let unbiased = net.b.scale(moments.variance, unbiased);
                net.observe(moments.mean);
                net.observe(unbiased);
                (moments.centered, moments.variance)
            }
        };
        let shifted = net.b.offset(variance, EPSILON);
        let scale = net.b.rsqrt(shifted);
        let scale = net.b.mul(scale, weight);
        let [scale, bias] = [scale, bias].map(|v| net.b.broadcast_in_dim(v, &shape, &[1]));
        let y = net.b.mul(centered, scale);
        net.b.add(y, bias)
    })
}
