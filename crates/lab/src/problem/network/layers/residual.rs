//! Residual connections.

use thalweg_graph::Value;

use crate::problem::network::net::Net;

/// x + branch(x) (He et al. 2016, eq. 1).
pub fn residual(net: &mut Net, x: Value, branch: impl FnOnce(&mut Net, Value) -> Value) -> Value {
    let change = branch(net, x);
    net.b.add(x, change)
}
