//! Reductions over axes.

use thalweg_graph::primitive::{Direction, Reducer};

use crate::onnx::array::{Array, Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor, axes, axis};

pub fn sum(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| e.sum(x, axes))
}

pub fn mean(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| e.mean(x, axes))
}

pub fn product(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| e.product(x, axes))
}

pub fn max(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| extremum(e, Reducer::Max, x, axes))
}

pub fn min(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| extremum(e, Reducer::Min, x, axes))
}

/// Booleans count as 0 and 1.
fn extremum(e: &mut Emitter, reducer: Reducer, x: &Tensor, axes: &[usize]) -> Outcome<Tensor> {
    if e.kind(x) != Kind::Bool {
        return e.reduce(reducer, x, axes);
    }
    let numbers = e.convert(x, Kind::Int)?;
    let found = e.reduce(reducer, &numbers, axes)?;
    // Of nothing, the maximum is below 0 and the minimum above 1.
    e.compare(Direction::Gt, &found, &Tensor::int(0))
}

pub fn l1(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| {
        let size = e.abs(x)?;
        e.sum(&size, axes)
    })
}

pub fn l2(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| {
        let square = e.square(x)?;
        let sum = e.sum(&square, axes)?;
        e.sqrt(&sum)
    })
}

pub fn sum_square(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| {
        let square = e.square(x)?;
        e.sum(&square, axes)
    })
}

pub fn log_sum(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| {
        let sum = e.sum(x, axes)?;
        e.ln(&sum)
    })
}

/// ln Σ eˣ, shifted by ⌊max x⌋ so that nothing overflows.
pub fn log_sum_exp(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    over_axes(e, call, |e, x, axes| {
        let x = e.convert(x, Kind::Float)?;
        let top = e.reduce(Reducer::Max, &x, axes)?;
        let top = e.floor(&top)?;
        // Where all is −∞ or some is ∞ there is nothing to be shifted by.
        let difference = e.sub(&top, &top)?;
        let finite = e.compare(Direction::Eq, &difference, &Tensor::scalar(0.0))?;
        let top = e.select(&finite, &top, &Tensor::scalar(0.0))?;
        let shifted = e.sub(&x, &top)?;
        let power = e.exp(&shifted)?;
        let sum = e.sum(&power, axes)?;
        let log = e.ln(&sum)?;
        e.add(&log, &top)
    })
}

/// Applies a reduction over the axes that a node names, in an attribute or, in later versions, an input.
fn over_axes(
    e: &mut Emitter,
    call: &Call,
    reduce: impl FnOnce(&mut Emitter, &Tensor, &[usize]) -> Outcome<Tensor>,
) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let named = match (call.ints("axes")?, call.optional_ints(1)?) {
        (Some(numbers), None) => Some(numbers.to_vec()),
        (None, numbers) => numbers.filter(|numbers| !numbers.is_empty()),
        (Some(_), Some(_)) => return Err("axes are given twice".to_owned()),
    };
    let keep = call.flag("keepdims", true)?;
    let still = call.flag("noop_with_empty_axes", false)?;
    let over = match named {
        Some(numbers) => axes(&numbers, shape.len())?,
        // The elementwise part of the reduction is applied all the same.
        None if still => Vec::new(),
        None => (0..shape.len()).collect(),
    };
    let reduced = reduce(e, x, &over)?;
    if keep {
        return Ok(vec![reduced]);
    }
    let kept: Vec<usize> = (0..shape.len()).filter(|a| !over.contains(a)).map(|a| shape[a]).collect();
    Ok(vec![e.reshape(&reduced, &kept)?])
}

pub fn arg_max(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?.clone();
    extreme_place(e, call, x)
}

pub fn arg_min(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let negative = e.neg(call.arg(0)?)?;
    extreme_place(e, call, negative)
}

fn extreme_place(e: &mut Emitter, call: &Call, x: Tensor) -> Outcome<Vec<Tensor>> {
    let mut shape = e.shape(&x);
    let axis = axis(call.int_or("axis", 0)?, shape.len())?;
    let place = match call.flag("select_last_index", false)? {
        false => e.arg_max(&x, axis)?,
        true => {
            let turned = e.reverse(&x, axis)?;
            let from_end = e.arg_max(&turned, axis)?;
            let last = Array::ints([], vec![shape[axis] as i64 - 1]).into();
            e.sub(&last, &from_end)?
        }
    };
    if call.flag("keepdims", true)? {
        return Ok(vec![place]);
    }
    shape.remove(axis);
    Ok(vec![e.reshape(&place, &shape)?])
}
