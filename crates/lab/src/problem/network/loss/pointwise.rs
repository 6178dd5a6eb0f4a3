//! Losses of single positions: outputs [rows, C], targets [rows] or [rows, C].

use thalweg_graph::primitive::Direction;
use thalweg_graph::{Builder, DType, Literal, Value};

use super::one_hot;
use crate::problem::network::softmax::shifted;

/// −Σ_c w_c t_c log softmax(z)_c, with class numbers and label smoothing s.
pub(super) fn cross_entropy(
    b: &mut Builder,
    z: Value,
    labels: Value,
    smoothing: f64,
    weights: &[f64],
) -> Value {
    let ty = b.ty(z).clone();
    let classes = ty.shape[1] as f64;
    let shifted = shifted(b, z);
    let exponentials = b.exp(shifted);
    let sum = b.sum(exponentials, &[1]);
    let log = b.log(sum);
    let target = one_hot(b, &ty, labels);
    let zero = b.zeros_like(shifted);
    let picked = b.select(target, shifted, zero);
    let picked = b.sum(picked, &[1]);
    let mut hard = b.sub(log, picked);
    if !weights.is_empty() {
        let table = b.literal(Literal::new([weights.len()], weights));
        let table = b.convert(table, ty.dtype);
        let own = b.take_rows(table, labels);
        hard = b.mul(hard, own);
    }
    if smoothing == 0.0 {
        return hard;
    }
    // Σ_c w_c (log Σ exp z − z_c).
    let (total, all) = match weights.is_empty() {
        true => (classes, b.sum(shifted, &[1])),
        false => {
            let table = b.literal(Literal::new([weights.len()], weights));
            let table = b.convert(table, ty.dtype);
            (weights.iter().sum(), b.dot(shifted, 1, table, 0))
        }
    };
    let log = b.scale(log, total);
    let even = b.sub(log, all);
    let hard = b.scale(hard, 1.0 - smoothing);
    let even = b.scale(even, smoothing / classes);
    b.add(hard, even)
}

/// Σ_c log(1 + exp z_c) − y_c z_c.
pub(super) fn binary_cross_entropy(b: &mut Builder, z: Value, targets: Value) -> Value {
    let wanted = match (b.ty(targets).dtype, b.shape(z)) {
        (DType::I32, &[rows, 1]) => {
            let dtype = b.ty(z).dtype;
            let yes = b.reshape(targets, &[rows, 1]);
            b.convert(yes, dtype)
        }
        _ => numbers(b, z, targets),
    };
    let plus = b.softplus(z);
    let product = b.mul(z, wanted);
    let each = b.sub(plus, product);
    b.sum(each, &[1])
}

/// ½ ‖z − y‖².
pub(super) fn squared_error(b: &mut Builder, z: Value, targets: Value) -> Value {
    let wanted = numbers(b, z, targets);
    let difference = b.sub(z, wanted);
    let square = b.square(difference);
    let sum = b.sum(square, &[1]);
    b.scale(sum, 0.5)
}

/// Σ_c h(z_c − y_c).
pub(super) fn huber(b: &mut Builder, z: Value, targets: Value, delta: f64) -> Value {
    let wanted = numbers(b, z, targets);
    let difference = b.sub(z, wanted);
    let size = b.abs(difference);
    let bound = b.full_like(size, delta);
    let near = b.compare(Direction::Le, size, bound);
    let square = b.square(difference);
    let quadratic = b.scale(square, 0.5);
    let linear = b.offset(size, -0.5 * delta);
    let linear = b.scale(linear, delta);
    let each = b.select(near, quadratic, linear);
    b.sum(each, &[1])
}

/// The vectors that outputs are compared with.
fn numbers(b: &mut Builder, z: Value, targets: Value) -> Value {
    match b.ty(targets).dtype {
        DType::I32 => {
            let ty = b.ty(z).clone();
            let hit = one_hot(b, &ty, targets);
            b.convert(hit, ty.dtype)
        }
        _ => targets,
    }
}
