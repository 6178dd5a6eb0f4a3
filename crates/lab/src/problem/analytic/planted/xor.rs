//! The smallest network that learns XOR.

use super::super::registry::{Entry, nothing};
use super::{Function, Known, lowest};
use crate::Layout;

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "xor",
    usage: "xor",
    examples: &["xor"],
    summary: "a 2-2-1 network with tanh on the four cases of XOR: nine weights, a manifold of minima",
    source: "Rumelhart, Hinton & Williams 1986; Hamey 1998",
    build: |text| nothing(text).map(|()| xor()),
};

/// Σ (y − v·tanh(Wx + b) − c)² over the four cases x ∈ {0, 1}², y = x₁ ⊕ x₂.
///
/// With both hidden units at w(x₁ + x₂) and thresholds at ½ and 3/2 of it, the outputs are exact for any w:
/// the minima form a manifold of dimension 5. Where all weights but the output's bias vanish there is a plateau
/// with f = 1.
pub fn xor() -> Function {
    let function = Function::squares("xor", 9, |x| {
        let cases = x.array(&[4, 2], &[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
        let weights = x.range(0..4).reshape(&[2, 2]);
        let bias = x.range(4..6).broadcast(&[4, 2]);
        let hidden = (cases.times(weights.transpose()) + bias).tanh();
        let output = hidden.times(x.range(6..8)) + x.at(8);
        x.vector(&[0.0, 1.0, 1.0, 0.0]) - output
    });
    // w = 2: the hidden units' values are ±tanh 1 and ±tanh 3.
    let (one, three) = (1f64.tanh(), 3f64.tanh());
    let v = 1.0 / (3.0 * one - three);
    let solution = vec![2.0, 2.0, 2.0, 2.0, -1.0, -3.0, v, -v, v * (one - three)];
    let mut flat = vec![0.0; 9];
    flat[8] = 0.5;
    let start = vec![0.5, -0.4, 0.3, 0.6, 0.1, -0.2, 0.4, -0.3, 0.2];
    function
        .with_start(start)
        .with_layout(Layout::new([
            ("hidden.weight", vec![2, 2]),
            ("hidden.bias", vec![2]),
            ("output.weight", vec![1, 2]),
            ("output.bias", vec![1]),
        ]))
        .with_known(lowest(solution, 0.0, 5, "both thresholds lie between the sums"))
        .with_known(Known {
            value: 1.0,
            nullity: 8,
            global: false,
            ..lowest(flat, 0.0, 8, "the cases cancel each other")
        })
}
