//! Where a token stands: learned, sinusoidal and rotary positions.

use thalweg_graph::math::scalar;
use thalweg_graph::{Builder, DType, Literal, Value};

use crate::problem::network::Draw;
use crate::problem::network::net::Net;

/// The longest wavelength of Vaswani et al. and Su et al. is 2π times this.
const BASE: f64 = 10_000.0;

/// x [b, T, D] plus the first T rows of `name.weight` [context, D], drawn from a Gaussian.
pub fn learned_positions(net: &mut Net, name: &str, x: Value, context: usize, deviation: f64) -> Value {
    let shape = net.shape(x);
    let draw = Draw::Normal { deviation };
    let table = net.within(name, |net| net.parameter("weight", &[context, shape[2]], draw));
    let rows = net.b.slice_axis(table, 0, 0..shape[1]);
    let rows = net.b.broadcast(rows, &shape);
    net.b.add(x, rows)
}

/// x [b, T, D] plus sin(t/10000^(2i/D)) at feature 2i and cos(t/10000^(2i/D)) at feature
/// 2i + 1 of position t (Vaswani et al. 2017, §3.5).
pub fn sinusoidal_positions(b: &mut Builder, x: Value) -> Value {
    let ty = b.ty(x).clone();
    let (positions, width) = (ty.shape[1], ty.shape[2]);
    let frequencies = frequencies(width);
    let at = |t: usize, d: usize| {
        let angle = t as f64 * frequencies[d / 2];
        if d.is_multiple_of(2) { scalar::sin(angle) } else { scalar::cos(angle) }
    };
    let table = constant(b, ty.dtype, [positions, width], at);
    let table = b.broadcast(table, &ty.shape);
    b.add(x, table)
}

/// Turns each pair of neighbouring features (2i, 2i + 1) of [b, T, H, E] at position t by the
/// angle t/10000^(2i/E) (Su et al. 2021, eq. 34), so that a product of two such
/// vectors depends on the distance of their positions alone.
///
/// The first halves of the pairs come first in the result: products of vectors that were
/// both turned do not depend on the order of features.
pub(super) fn rotated(b: &mut Builder, x: Value) -> Value {
    let ty = b.ty(x).clone();
    let [examples, positions, heads, width] = ty.shape[..] else { unreachable!("queries have four axes") };
    let half = [examples, positions, heads, width / 2];
    let [even, odd] = [0, 1].map(|first| b.slice_strided(x, &[0, 0, 0, first], &ty.shape, &[1, 1, 1, 2]));
    let frequencies = frequencies(width);
    let [cos, sin] = [scalar::cos::<f64>, scalar::sin::<f64>].map(|f| {
        let table = constant(b, ty.dtype, [positions, width / 2], |t, i| f(t as f64 * frequencies[i]));
        b.broadcast_in_dim(table, &half, &[1, 3])
    });
    let (kept, given) = (b.mul(even, cos), b.mul(odd, sin));
    let first = b.sub(kept, given);
    let (kept, given) = (b.mul(odd, cos), b.mul(even, sin));
    let second = b.add(kept, given);
    b.concatenate(&[first, second], 3)
}

/// 10000^(−2i/D) for every pair i of D features.
fn frequencies(width: usize) -> Vec<f64> {
    let log = scalar::ln(BASE);
    (0..width.div_ceil(2)).map(|i| scalar::exp(-(2.0 * i as f64 / width as f64) * log)).collect()
}

/// A table of constants, rounded from doubles.
fn constant(b: &mut Builder, dtype: DType, shape: [usize; 2], at: impl Fn(usize, usize) -> f64) -> Value {
    let values: Vec<f64> = (0..shape[0] * shape[1]).map(|i| at(i / shape[1], i % shape[1])).collect();
    let literal = match dtype {
        DType::F32 => Literal::new(shape, &values.iter().map(|&v| v as f32).collect::<Vec<_>>()),
        _ => Literal::new(shape, &values),
    };
    b.literal(literal)
}
