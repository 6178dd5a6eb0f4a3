//! Gated linear units.

use thalweg_graph::Value;

use super::linear_drawn;
use crate::problem::network::Draw;
use crate::problem::network::net::Net;

/// σ(W h + b) ⊙ (V h + c) with the network's activation σ (Dauphin et al. 2017 with the
/// logistic function; Shazeer 2020, eq. 5 and 6, with others: SwiGLU with `silu`).
///
/// Both matrices are one dense layer of 2 · `outputs`, the gate first.
pub fn gated(net: &mut Net, name: &str, h: Value, outputs: usize, draw: Draw) -> Value {
    let both = linear_drawn(net, name, h, 2 * outputs, draw);
    let last = net.shape(both).len() - 1;
    let gate = net.b.slice_axis(both, last, 0..outputs);
    let values = net.b.slice_axis(both, last, outputs..2 * outputs);
    let gate = net.activate(gate);
    net.b.mul(gate, values)
}
