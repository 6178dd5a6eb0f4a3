//! Elements at indices.

use thalweg_graph::primitive::{ArgSort, Binary, CumSum};

use crate::onnx::array::{Array, Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Cut, Emitter, Tensor, axis};

/// Slices along an axis: with tokens as indices, an embedding.
pub fn gather(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let axis = axis(call.int_or("axis", 0)?, e.rank(x))?;
    Ok(vec![e.take(x, call.arg(1)?, axis)?])
}

pub fn gather_nd(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let batch = call.int_or("batch_dims", 0)?;
    let batch = usize::try_from(batch).map_err(|_| format!("batch_dims is {batch}"))?;
    Ok(vec![e.take_vectors(call.arg(0)?, call.arg(1)?, batch)?])
}

pub fn gather_elements(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, indices) = (call.arg(0)?, call.arg(1)?);
    let at = axis(call.int_or("axis", 0)?, e.rank(x))?;
    same_rank(e, x, indices)?;
    let vectors = e.element_vectors(indices, at)?;
    Ok(vec![e.take_vectors(x, &vectors, 0)?])
}

pub fn scatter_nd(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let indices = call.arg(1)?.clone();
    Ok(vec![scattered(e, call, &indices)?])
}

pub fn scatter_elements(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, indices) = (call.arg(0)?, call.arg(1)?);
    let at = axis(call.int_or("axis", 0)?, e.rank(x))?;
    same_rank(e, x, indices)?;
    let vectors = e.element_vectors(indices, at)?;
    Ok(vec![scattered(e, call, &vectors)?])
}

fn scattered(e: &mut Emitter, call: &Call, indices: &Tensor) -> Outcome<Tensor> {
    let (x, updates) = (call.arg(0)?, call.arg(2)?);
    match call.text_or("reduction", "none")? {
        "none" => e.scatter(x, indices, updates),
        "add" if e.kind(x) == Kind::Float => e.scatter_add(x, indices, updates),
        other => Err(format!(
            "reduction is {other:?} of {}; none, or add of floats, is expected",
            e.kind(x).words()
        )),
    }
}

fn same_rank(e: &Emitter, x: &Tensor, indices: &Tensor) -> Outcome<()> {
    match (e.shape(x), e.shape(indices)) {
        (from, of) if from.len() == of.len() && !of.is_empty() => Ok(()),
        (from, of) => Err(format!("indices of shape {of:?} for an array of shape {from:?}")),
    }
}

/// Sums of the elements up to each place along an axis.
pub fn cumsum(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    accumulated(e, call, Binary::Add)
}

/// Products of the elements up to each place along an axis.
pub fn cumprod(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    accumulated(e, call, Binary::Multiply)
}

/// In ⌈log₂ n⌉ rounds, each place takes what stands 1, 2, 4 … places before it
/// (Hillis & Steele 1986).
fn accumulated(e: &mut Emitter, call: &Call, op: Binary) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let [number] = call.known_ints(1)?[..] else { return Err("one axis is expected".to_owned()) };
    let axis = axis(number, shape.len())?;
    let n = shape[axis];
    let (exclusive, reverse) = (call.flag("exclusive", false)?, call.flag("reverse", false)?);
    if let (Tensor::Live(value, _), Binary::Add) = (x, op) {
        return Ok(vec![e.push(CumSum { axis, reverse, exclusive }, &[*value])?]);
    }
    let mut sums = if reverse { e.reverse(x, axis)? } else { x.clone() };
    let neutral = |e: &mut Emitter, count: usize| {
        let mut shape = shape.clone();
        shape[axis] = count;
        let kind = e.kind(x);
        e.full(&shape, kind, if op == Binary::Add { 0.0 } else { 1.0 })
    };
    if exclusive && n > 0 {
        let first = neutral(e, 1)?;
        let rest = e.narrow(&sums, axis, 0, n - 1)?;
        sums = e.concatenate(&[first, rest], axis)?;
    }
    let mut step = 1;
    while step < n {
        let before = neutral(e, step)?;
        let moved = e.narrow(&sums, axis, 0, n - step)?;
        let moved = e.concatenate(&[before, moved], axis)?;
        sums = e.binary(op, &sums, &moved)?;
        step *= 2;
    }
    Ok(vec![if reverse { e.reverse(&sums, axis)? } else { sums }])
}

/// The first element of each run along the batch is turned round, up to a length of its own.
pub fn reverse_sequence(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let [batch, time] = [call.int_or("batch_axis", 1)?, call.int_or("time_axis", 0)?];
    let (batch, time) = (axis(batch, shape.len())?, axis(time, shape.len())?);
    let lengths = call.known_ints(1)?;
    if batch == time || lengths.len() != shape[batch] {
        return Err(format!("{} lengths for shape {shape:?}", lengths.len()));
    }
    let mut rows = Vec::new();
    for (i, &length) in lengths.iter().enumerate() {
        let length = usize::try_from(length).ok().filter(|&l| l <= shape[time]);
        let length =
            length.ok_or_else(|| format!("a length of {} along an axis of {}", lengths[i], shape[time]))?;
        let row = e.narrow(x, batch, i, 1)?;
        let mut cut: Vec<Cut> = e.shape(&row).into_iter().map(Cut::all).collect();
        cut[time] = Cut { start: length.saturating_sub(1), count: length, step: -1 };
        let turned = e.slice(&row, &cut)?;
        let rest = e.narrow(&row, time, length, shape[time] - length)?;
        rows.push(e.concatenate(&[turned, rest], time)?);
    }
    Ok(vec![e.concatenate(&rows, batch)?])
}

/// The elements along an axis, or of all of them in a row, at which a known condition holds.
pub fn compress(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let kept: Vec<i64> = call
        .known(1)?
        .truths()?
        .iter()
        .enumerate()
        .filter(|(_, kept)| **kept)
        .map(|(i, _)| i as i64)
        .collect();
    let kept = Array::ints([kept.len()], kept).into();
    match call.int("axis")? {
        Some(number) => {
            let axis = axis(number, e.rank(x))?;
            Ok(vec![e.take(x, &kept, axis)?])
        }
        None => {
            let count = e.shape(x).iter().product();
            let flat = e.reshape(x, &[count])?;
            Ok(vec![e.take(&flat, &kept, 0)?])
        }
    }
}

/// The k largest or smallest elements along an axis, in order, and their places. Of
/// equal elements the first comes first.
pub fn top_k(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["sorted"]);
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let at = axis(call.int_or("axis", -1)?, shape.len())?;
    let [k] = call.known_ints(1)?[..] else { return Err("one number k is expected".to_owned()) };
    let k = usize::try_from(k).ok().filter(|&k| k <= shape[at]);
    let k = k.ok_or_else(|| format!("k must be from 0 to {}", shape[at]))?;
    let descending = call.flag("largest", true)?;
    let numbers = e.convert(x, Kind::Float)?;
    let value = e.value(&numbers)?;
    let order = e.push(ArgSort { axis: at, descending }, &[value])?;
    let places = e.narrow(&order, at, 0, k)?;
    let vectors = e.element_vectors(&places, at)?;
    Ok(vec![e.take_vectors(x, &vectors, 0)?, places])
}
