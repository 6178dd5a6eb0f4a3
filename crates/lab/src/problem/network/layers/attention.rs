//! Multi-head attention.

use thalweg_graph::primitive::{Direction, DotGeneral};
use thalweg_graph::{Builder, DType, Type, Value};

use super::positions::rotated;
use super::{Dropout, dropout, linear_drawn};
use crate::problem::network::Draw;
use crate::problem::network::net::Net;
use crate::problem::network::softmax::softmax;

/// What there is to choose about attention.
#[derive(Clone, Debug)]
pub struct Attention<'a> {
    /// Number H of heads, which divides the width.
    pub heads: usize,
    /// Whether a position sees itself and those before it alone.
    pub causal: bool,
    /// Whether queries and keys are turned by their position.
    pub rotary: bool,
    /// Of the weights softmax(…), and of the output.
    pub dropout: Dropout,
    /// Names of the dense layers: queries, keys and values in one, and the output.
    pub names: [&'a str; 2],
    /// Where the weights of the two begin.
    pub draws: [Draw; 2],
}

/// softmax(Q Kᵀ/√E) V with queries, keys and values of H heads of E = D/H features, computed
/// from x [b, T, D], and joined by a dense layer (Vaswani et al. 2017, eq. 1 and §3.2.2).
///
/// Parameters: the first layer's `weight` [3 D, D] and `bias` [3 D] with queries, keys and
/// values one after the other, as PyTorch packs them, and the second one's [D, D] and [D].
pub fn attention(net: &mut Net, x: Value, attention: &Attention) -> Value {
    let shape = net.shape(x);
    let [examples, positions, width] = shape[..] else { unreachable!("sequences have three axes") };
    let (heads, features) = (attention.heads, width / attention.heads);
    let [inward, outward] = attention.draws.clone();
    let packed = linear_drawn(net, attention.names[0], x, 3 * width, inward);
    let [queries, keys, values] = [0, 1, 2].map(|part| {
        let rows = net.b.slice_axis(packed, 2, part * width..(part + 1) * width);
        net.b.reshape(rows, &[examples, positions, heads, features])
    });
    let queries = net.b.scale(queries, (features as f64).sqrt().recip());
    let [queries, keys] = match attention.rotary {
        true => [queries, keys].map(|v| rotated(net.b, v)),
        false => [queries, keys],
    };
    let mut scores = headwise(net.b, [queries, keys], [2, 2], [3, 3]);
    if attention.causal {
        let mask = causal(net.b, scores);
        scores = net.b.add(scores, mask);
    }
    let weights = softmax(net.b, scores);
    let weights = dropout(net, weights, &attention.dropout);
    let seen = headwise(net.b, [weights, values], [1, 2], [3, 1]);
    let seen = net.b.transpose(seen, &[0, 2, 1, 3]);
    let seen = net.b.reshape(seen, &shape);
    let out = linear_drawn(net, attention.names[1], seen, width, outward);
    dropout(net, out, &attention.dropout)
}

/// A product for each example (axis 0) and head, [b, H, …]: the arguments stay as they lie.
fn headwise(b: &mut Builder, args: [Value; 2], heads: [usize; 2], contract: [usize; 2]) -> Value {
    let op = DotGeneral {
        lhs_batch: [0, heads[0]].into_iter().collect(),
        rhs_batch: [0, heads[1]].into_iter().collect(),
        lhs_contract: [contract[0]].into_iter().collect(),
        rhs_contract: [contract[1]].into_iter().collect(),
    };
    b.emit(op, &args)
}

/// 0 where position t sees position s ≤ t, else −∞: added, it costs a derivative nothing.
fn causal(b: &mut Builder, scores: Value) -> Value {
    let ty = b.ty(scores).clone();
    let positions = [ty.shape[2], ty.shape[3]];
    let [t, s] = [0, 1].map(|axis| b.iota(Type::new(DType::I32, positions), axis));
    let sees = b.compare(Direction::Ge, t, s);
    let [zero, never] = [0.0, f64::NEG_INFINITY].map(|v| b.full(&Type::new(ty.dtype, positions), v));
    let mask = b.select(sees, zero, never);
    b.broadcast(mask, &ty.shape)
}
