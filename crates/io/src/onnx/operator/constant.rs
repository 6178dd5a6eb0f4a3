//! Arrays that come from nothing but numbers.

use thalweg_graph::primitive::Direction;

use super::shape::extents;
use crate::onnx::array::{Array, Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor, axis};
use crate::onnx::limits;
use crate::onnx::load::element_type;

pub fn constant(_: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let array = if let Some(array) = call.array("value")? {
        array.clone()
    } else if let Some(value) = call.float("value_float")? {
        Array::floats([], vec![value])
    } else if let Some(values) = call.floats("value_floats")? {
        Array::floats([values.len()], values)
    } else if let Some(value) = call.int("value_int")? {
        Array::ints([], vec![value])
    } else if let Some(values) = call.ints("value_ints")? {
        Array::ints([values.len()], values)
    } else {
        return Err("it has no dense numeric value".to_owned());
    };
    Ok(vec![array.into()])
}

pub fn constant_of_shape(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let shape = extents(&call.known_ints(0)?)?;
    let (kind, value) = match call.array("value")? {
        None => (Kind::Float, 0.0),
        Some(array) => (array.kind(), array.splat().ok_or("the attribute value is no single number")?),
    };
    Ok(vec![e.full(&shape, kind, value)?])
}

/// start, start + delta … up to but without the limit.
pub fn range(_: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["stash_type"]);
    let too_long = |count: &dyn std::fmt::Display| format!("a range of {count} numbers is too long");
    if call.known(0)?.kind() == Kind::Int {
        let [start, limit, delta] = [0, 1, 2].map(|i| match call.known_ints(i)?[..] {
            [number] => Ok(i128::from(number)),
            _ => Err(format!("input {i} is no single number")),
        });
        let (start, limit, delta) = (start?, limit?, delta?);
        let count = match delta {
            0 => return Err("delta is 0".to_owned()),
            delta if delta > 0 => (limit - start + delta - 1).div_euclid(delta),
            delta => (start - limit - delta - 1).div_euclid(-delta),
        };
        let count = count.max(0);
        if count > limits::FOLDED as i128 * 16 {
            return Err(too_long(&count));
        }
        let numbers: Vec<i64> = (0..count).map(|i| (start + i * delta) as i64).collect();
        return Ok(vec![Array::ints([numbers.len()], numbers).into()]);
    }
    let (start, limit, delta) = (call.known_number(0)?, call.known_number(1)?, call.known_number(2)?);
    let count = ((limit - start) / delta).ceil().max(0.0);
    if count.is_nan() || count > limits::FOLDED as f64 * 16.0 {
        return Err(too_long(&count));
    }
    let numbers: Vec<f64> = (0..count as usize).map(|i| start + i as f64 * delta).collect();
    Ok(vec![Array::floats([numbers.len()], numbers).into()])
}

/// 1 on a diagonal of a matrix like the input, else 0.
pub fn eye_like(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    if shape.len() != 2 {
        return Err(format!("a matrix is expected, not shape {shape:?}"));
    }
    let kind = match call.int("dtype")? {
        None => e.kind(x),
        Some(number) => {
            let element = i32::try_from(number).ok().and_then(element_type);
            let element = element.ok_or("the attribute dtype is not understood")?;
            let sample = e.cast(&Tensor::int(0), element)?;
            e.kind(&sample)
        }
    };
    let distance = diagonals(e, &shape)?;
    let hit = e.compare(Direction::Eq, &distance, &Tensor::int(call.int_or("k", 0)?))?;
    Ok(vec![e.convert(&hit, kind)?])
}

/// The upper or lower part of matrices, from a diagonal on; zeros elsewhere.
pub fn trilu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    if shape.len() < 2 {
        return Err(format!("matrices are expected, not shape {shape:?}"));
    }
    let k = match call.optional_ints(1)?.as_deref() {
        None => 0,
        Some([k]) => *k,
        Some(other) => return Err(format!("k is {other:?}; one number is expected")),
    };
    let direction = if call.flag("upper", true)? { Direction::Ge } else { Direction::Le };
    let distance = diagonals(e, &shape[shape.len() - 2..])?;
    let k = k.clamp(-(i64::from(i32::MAX)), i64::from(i32::MAX));
    let kept = e.compare(direction, &distance, &Tensor::int(k))?;
    let kind = e.kind(x);
    let zero = Array::full(&[], kind, 0.0).into();
    Ok(vec![e.select(&kept, x, &zero)?])
}

/// Column less row of each element of a matrix.
fn diagonals(e: &mut Emitter, shape: &[usize]) -> Outcome<Tensor> {
    let [row, column] = [e.counter(&[shape[0], 1], 0)?, e.counter(&[1, shape[1]], 1)?];
    e.sub(&column, &row)
}

/// One value at the indices along a new axis, another elsewhere.
pub fn one_hot(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let indices = e.convert(call.arg(0)?, Kind::Int)?;
    let depth = call.known_number(1)?;
    if !(1.0..=limits::ELEMENTS as f64).contains(&depth) {
        return Err(format!("depth is {depth}; a positive number is expected"));
    }
    let values = call.arg(2)?;
    let rank = e.rank(&indices) + 1;
    let at = axis(call.int_or("axis", -1)?, rank)?;
    let mut wide = e.shape(&indices);
    wide.insert(at, 1);
    let mut line = vec![1; rank];
    line[at] = depth as usize;
    let negative = e.compare(Direction::Lt, &indices, &Tensor::int(0))?;
    let from_end = e.add(&indices, &Tensor::int(depth as i64))?;
    let indices = e.select(&negative, &from_end, &indices)?;
    let indices = e.reshape(&indices, &wide)?;
    let places = e.counter(&line, at)?;
    let hit = e.compare(Direction::Eq, &indices, &places)?;
    let [off, on] = [e.narrow(values, 0, 0, 1)?, e.narrow(values, 0, 1, 1)?];
    let [off, on] = [e.reshape(&off, &[])?, e.reshape(&on, &[])?];
    Ok(vec![e.select(&hit, &on, &off)?])
}

/// The places of elements that are not 0, one a column.
pub fn non_zero(_: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let array = call.known(0)?;
    let hits: Vec<usize> =
        array.doubles().iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(i, _)| i).collect();
    let strides = array.strides();
    let places: Vec<i64> = (0..array.shape.len())
        .flat_map(|axis| {
            let (stride, n) = (strides[axis] as usize, array.shape[axis]);
            hits.iter().map(move |hit| (hit / stride % n) as i64)
        })
        .collect();
    Ok(vec![Array::ints([array.shape.len(), hits.len()], places).into()])
}
