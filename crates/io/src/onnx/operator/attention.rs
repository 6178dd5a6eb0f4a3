//! Scaled dot-product attention (Vaswani et al. 2017), with the variants of ONNX's operator.

use thalweg_graph::primitive::Direction;

use super::matrix::product;
use super::softmax::masked;
use crate::onnx::array::{Array, Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor};

/// softmax(Q Kᵀ/√d + mask) V for each head. A query that may see no key gives zeros.
pub fn attention(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["softmax_precision", "qk_matmul_output_mode"]);
    if (4..7).any(|i| call.optional(i).is_some()) {
        return Err(
            "keys and values of earlier calls (past_key, nonpad_kv_seqlen) are not supported".to_owned()
        );
    }
    let flat = e.rank(call.arg(0)?) == 3;
    let q = heads(e, call, 0, "q_num_heads")?;
    let k = heads(e, call, 1, "kv_num_heads")?;
    let v = heads(e, call, 2, "kv_num_heads")?;
    let (query, key) = (e.shape(&q), e.shape(&k));
    let groups = match query[1].checked_div(key[1]) {
        Some(groups) if groups * key[1] == query[1] => groups,
        _ => return Err(format!("{} query heads for {} of keys", query[1], key[1])),
    };
    let [k, v] = [repeated(e, &k, groups)?, repeated(e, &v, groups)?];
    let scale = call.float("scale")?.filter(|&s| s != 0.0).unwrap_or(1.0 / (query[3] as f64).sqrt());
    let turned = e.transpose(&k, &[0, 1, 3, 2])?;
    let q = e.scale(&q, scale)?;
    let mut scores = product(e, &q, &turned)?;
    let cap = call.float_or("softcap", 0.0)?;
    if cap != 0.0 {
        let small = e.scale(&scores, 1.0 / cap)?;
        let bent = e.tanh(&small)?;
        scores = e.scale(&bent, cap)?;
    }
    let (rows, columns) = (query[2], key[2]);
    if let Some(visible) = visible(e, call, rows, columns)? {
        scores = e.select(&visible, &scores, &Tensor::scalar(f64::NEG_INFINITY))?;
    }
    if let Some(mask) = call.optional(3) {
        let mask = lengthened(e, mask, columns)?;
        scores = match e.kind(&mask) {
            Kind::Bool => e.select(&mask, &scores, &Tensor::scalar(f64::NEG_INFINITY))?,
            _ => e.add(&scores, &mask)?,
        };
    }
    let weights = masked(e, &scores, 3)?;
    let mut y = product(e, &weights, &v)?;
    if flat {
        let shape = e.shape(&y);
        let turned = e.transpose(&y, &[0, 2, 1, 3])?;
        y = e.reshape(&turned, &[shape[0], shape[2], shape[1] * shape[3]])?;
    }
    Ok(vec![y])
}

/// Input `i` as [examples, heads, positions, features].
fn heads(e: &mut Emitter, call: &Call, i: usize, name: &'static str) -> Outcome<Tensor> {
    let x = call.arg(i)?;
    let shape = e.shape(x);
    let count = call.int(name)?.and_then(|n| usize::try_from(n).ok());
    match (&shape[..], count) {
        ([_, _, _, _], _) => Ok(x.clone()),
        (&[n, t, width], Some(heads)) if heads > 0 && width.is_multiple_of(heads) => {
            let parted = e.reshape(x, &[n, t, heads, width / heads])?;
            e.transpose(&parted, &[0, 2, 1, 3])
        }
        _ => Err(format!("input {i} of shape {shape:?} has no {name} to be divided by")),
    }
}

/// Each head of keys or values once for every head of queries that shares it.
fn repeated(e: &mut Emitter, x: &Tensor, groups: usize) -> Outcome<Tensor> {
    let [n, heads, t, d] = e.shape(x)[..] else { return Err("four axes are expected".to_owned()) };
    let single = e.reshape(x, &[n, heads, 1, t, d])?;
    let wide = e.broadcast(&single, &[n, heads, groups, t, d])?;
    e.reshape(&wide, &[n, heads * groups, t, d])
}

/// Which keys each query may see by its position alone, if not all.
fn visible(e: &mut Emitter, call: &Call, rows: usize, columns: usize) -> Outcome<Option<Tensor>> {
    let bound = |name: &'static str| Ok::<_, String>(call.int_or(name, -1)?).map(|n| (n >= 0).then_some(n));
    let (left, mut right) = (bound("left_window_size")?, bound("right_window_size")?);
    if call.flag("is_causal", false)? {
        right = Some(0);
    }
    let [query, key] = [e.counter(&[rows, 1], 0)?, e.counter(&[1, columns], 1)?];
    let ahead = e.sub(&key, &query)?;
    let mut visible: Option<Tensor> = None;
    for (limit, direction) in [(right, Direction::Le), (left.map(|n| -n), Direction::Ge)] {
        if let Some(limit) = limit {
            let limit = limit.clamp(-i64::from(i32::MAX), i64::from(i32::MAX));
            let here = e.compare(direction, &ahead, &Tensor::int(limit))?;
            visible = Some(match visible {
                Some(other) => e.and(&other, &here)?,
                None => here,
            });
        }
    }
    Ok(visible)
}

/// A mask that is shorter than the keys hides those that it does not reach.
fn lengthened(e: &mut Emitter, mask: &Tensor, columns: usize) -> Outcome<Tensor> {
    let mut shape = e.shape(mask);
    match shape.last_mut() {
        Some(n) if *n > 1 && *n < columns => {
            let axis = shape.len() - 1;
            shape[axis] = columns - shape[axis];
            let hidden = match e.kind(mask) {
                Kind::Bool => Array::full(&[], Kind::Bool, 0.0),
                _ => Array::full(&[], Kind::Float, f64::NEG_INFINITY),
            };
            let hidden = e.broadcast(&hidden.into(), &shape)?;
            e.concatenate(&[mask.clone(), hidden], axis)
        }
        _ => Ok(mask.clone()),
    }
}
