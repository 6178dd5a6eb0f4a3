//! Softmax and its relatives along one axis.

use thalweg_graph::primitive::{Direction, Reducer};

use crate::onnx::array::{Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor, axis};

pub fn softmax(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, axis) = argument(e, call)?;
    let shifted = guarded(e, x, axis)?;
    let power = e.exp(&shifted)?;
    let sum = e.sum(&power, &[axis])?;
    Ok(vec![e.div(&power, &sum)?])
}

pub fn log_softmax(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, axis) = argument(e, call)?;
    let shifted = guarded(e, x, axis)?;
    let power = e.exp(&shifted)?;
    let sum = e.sum(&power, &[axis])?;
    let log = e.ln(&sum)?;
    Ok(vec![e.sub(&shifted, &log)?])
}

/// 1 at the first maximum, else 0.
pub fn hardmax(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, axis) = argument(e, call)?;
    let best = e.arg_max(x, axis)?;
    let shape = e.shape(x);
    let place = e.counter(&shape, axis)?;
    let hit = e.compare(Direction::Eq, &place, &best)?;
    Ok(vec![e.convert(&hit, Kind::Float)?])
}

/// Softmax where a run of −∞ alone gives zeros.
pub fn masked(e: &mut Emitter, x: &Tensor, axis: usize) -> Outcome<Tensor> {
    let top = e.reduce(Reducer::Max, x, &[axis])?;
    let top = e.floor(&top)?;
    let empty = e.compare(Direction::Eq, &top, &Tensor::scalar(f64::NEG_INFINITY))?;
    let top = e.select(&empty, &Tensor::scalar(0.0), &top)?;
    let shifted = e.sub(x, &top)?;
    let power = e.exp(&shifted)?;
    let sum = e.sum(&power, &[axis])?;
    let sum = e.select(&empty, &Tensor::scalar(1.0), &sum)?;
    e.div(&power, &sum)
}

fn argument<'a>(e: &Emitter, call: &'a Call) -> Outcome<(&'a Tensor, usize)> {
    let x = call.arg(0)?;
    Ok((x, axis(call.int_or("axis", -1)?, e.rank(x))?))
}

/// x less ⌊max x⌋, so that exponentials do not overflow. The floor has no derivative,
/// as befits a shift that the softmax does not feel.
fn guarded(e: &mut Emitter, x: &Tensor, axis: usize) -> Outcome<Tensor> {
    let top = e.reduce(Reducer::Max, x, &[axis])?;
    let top = e.floor(&top)?;
    e.sub(x, &top)
}
