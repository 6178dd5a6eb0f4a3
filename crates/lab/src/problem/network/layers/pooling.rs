//! Pooling over the spatial axes of [b, C, spatial…].

use thalweg_graph::Value;
use thalweg_graph::primitive::PoolWindow;

use crate::problem::network::net::Net;

/// The largest of each run of `size` neighbours along every spatial axis; what is left over is dropped.
pub fn max_pool(net: &mut Net, x: Value, size: usize) -> Value {
    let windows = windows(net, x, size);
    net.b.max_pool(x, &windows)
}

/// The mean of each run of `size` neighbours along every spatial axis; what is left over is dropped.
pub fn average_pool(net: &mut Net, x: Value, size: usize) -> Value {
    let windows = windows(net, x, size);
    net.b.avg_pool(x, &windows, true)
}

/// Means over all positions, [b, C].
pub fn global_average(net: &mut Net, x: Value) -> Value {
    let shape = net.shape(x);
    let mean = net.b.global_avg_pool(x);
    net.b.reshape(mean, &shape[..2])
}

fn windows(net: &Net, x: Value, size: usize) -> Vec<PoolWindow> {
    vec![PoolWindow::new(size, size); net.shape(x).len() - 2]
}
