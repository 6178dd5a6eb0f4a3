//! Normalization by means and variances.

use thalweg_graph::primitive::Direction;

use crate::onnx::array::{Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Normalization, Origin, Tensor, axes, axis};

/// (x − μ)/√(σ² + ε) γ + β for each channel, by statistics that are given or by those
/// of the batch (Ioffe & Szegedy 2015).
pub fn batch(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, mean, variance) = (call.arg(0)?, call.arg(3)?, call.arg(4)?);
    let (epsilon, momentum) = (call.float_or("epsilon", 1e-5)?, call.float_or("momentum", 0.9)?);
    // Before version 14, more than one output says that the batch is meant.
    let trained = call.flag("training_mode", call.opset < 14 && call.wants(1))?;
    let shape = e.shape(x);
    if shape.len() < 2 {
        return Err(format!("examples and channels are expected, not shape {shape:?}"));
    }
    let by_batch = match e.normalization {
        Normalization::File => trained,
        Normalization::Batch => true,
        Normalization::Fixed => false,
    };
    let others: Vec<usize> = (0..shape.len()).filter(|&a| a != 1).collect();
    let (mean_here, variance_here, centered) = match by_batch {
        true => {
            let (mean, centered) = centered(e, x, &others)?;
            let square = e.square(&centered)?;
            (mean, e.mean(&square, &others)?, centered)
        }
        false => {
            let mean = channels(e, mean, &shape)?;
            let centered = e.sub(x, &mean)?;
            (mean, channels(e, variance, &shape)?, centered)
        }
    };
    let y = scaled(e, call, &centered, &variance_here, epsilon, &shape)?;
    if !by_batch {
        return Ok(vec![y, call.arg(3)?.clone(), call.arg(4)?.clone()]);
    }
    let mut outputs = vec![y];
    let lines = [&mean_here, &variance_here].map(|found| e.reshape(found, &shape[1..2]));
    for ((found, given), is_variance) in lines.into_iter().zip([mean, variance]).zip([false, true]) {
        let found = found?;
        let observed = if is_variance { unbiased(e, &found, &shape)? } else { found.clone() };
        if let Tensor::Live(_, Origin::Array(array)) = given {
            let value = e.value(&observed)?;
            e.found.push((*array, value));
        }
        let (kept, new) = (e.scale(given, momentum)?, e.scale(&found, 1.0 - momentum)?);
        outputs.push(e.add(&kept, &new)?);
    }
    Ok(outputs)
}

/// Variance of n values with n − 1 in the denominator, as running averages of it are kept.
fn unbiased(e: &mut Emitter, variance: &Tensor, shape: &[usize]) -> Outcome<Tensor> {
    let count = (shape.iter().product::<usize>() / shape[1].max(1)) as f64;
    e.scale(variance, if count > 1.0 { count / (count - 1.0) } else { 1.0 })
}

/// By mean and variance of each channel of each example (Ulyanov et al. 2016).
pub fn instance(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    if shape.len() < 3 {
        return Err(format!("examples, channels and places are expected, not shape {shape:?}"));
    }
    let places: Vec<usize> = (2..shape.len()).collect();
    let (_, centered) = centered(e, x, &places)?;
    let square = e.square(&centered)?;
    let variance = e.mean(&square, &places)?;
    Ok(vec![scaled(e, call, &centered, &variance, call.float_or("epsilon", 1e-5)?, &shape)?])
}

/// By mean and variance of each group of channels of each example (Wu & He 2018).
/// Up to version 20 scale and shift belong to groups, then to channels.
pub fn group(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["stash_type"]);
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let groups = call.int("num_groups")?.and_then(|n| usize::try_from(n).ok()).filter(|&n| n > 0);
    let groups = groups.ok_or("the attribute num_groups must be positive")?;
    if shape.len() < 2 || !shape[1].is_multiple_of(groups) {
        return Err(format!("shape {shape:?} has no channels in {groups} groups"));
    }
    let parted = [&[shape[0], groups, shape[1] / groups][..], &shape[2..]].concat();
    let x = e.reshape(x, &parted)?;
    let within: Vec<usize> = (2..parted.len()).collect();
    let (_, centered) = centered(e, &x, &within)?;
    let square = e.square(&centered)?;
    let variance = e.mean(&square, &within)?;
    let epsilon = call.float_or("epsilon", 1e-5)?;
    if call.opset < 21 {
        let y = scaled(e, call, &centered, &variance, epsilon, &parted)?;
        return Ok(vec![e.reshape(&y, &shape)?]);
    }
    let shifted = e.offset(&variance, epsilon)?;
    let factor = e.rsqrt(&shifted)?;
    let unit = e.mul(&centered, &factor)?;
    let unit = e.reshape(&unit, &shape)?;
    Ok(vec![affine(e, call, &unit, &shape)?])
}

/// By mean and variance over the axes from one on (Ba et al. 2016).
pub fn layer(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["stash_type"]);
    let x = call.arg(0)?;
    let rank = e.rank(x);
    let over: Vec<usize> = (axis(call.int_or("axis", -1)?, rank)?..rank).collect();
    let (mean, centered) = centered(e, x, &over)?;
    let square = e.square(&centered)?;
    let variance = e.mean(&square, &over)?;
    let shifted = e.offset(&variance, call.float_or("epsilon", 1e-5)?)?;
    let factor = e.rsqrt(&shifted)?;
    let unit = e.mul(&centered, &factor)?;
    let mut y = e.mul(&unit, call.arg(1)?)?;
    if let Some(bias) = call.optional(2) {
        y = e.add(&y, bias)?;
    }
    Ok(vec![y, mean, factor])
}

/// By the root mean square over the axes from one on (Zhang & Sennrich 2019).
pub fn rms(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["stash_type"]);
    let x = call.arg(0)?;
    let rank = e.rank(x);
    let over: Vec<usize> = (axis(call.int_or("axis", -1)?, rank)?..rank).collect();
    let square = e.square(x)?;
    let mean = e.mean(&square, &over)?;
    let shifted = e.offset(&mean, call.float_or("epsilon", 1e-5)?)?;
    let factor = e.rsqrt(&shifted)?;
    let unit = e.mul(x, &factor)?;
    Ok(vec![e.mul(&unit, call.arg(1)?)?])
}

/// x less its mean, divided by its deviation, over some axes.
pub fn mean_variance(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let over = axes(call.ints("axes")?.unwrap_or(&[0, 2, 3]), e.rank(x))?;
    let (_, centered) = centered(e, x, &over)?;
    let square = e.square(&centered)?;
    let variance = e.mean(&square, &over)?;
    let deviation = e.sqrt(&variance)?;
    // The function that defines the operator adds this so that nothing is divided by 0.
    let deviation = e.offset(&deviation, 1e-9)?;
    Ok(vec![e.div(&centered, &deviation)?])
}

/// x divided by its 1- or 2-norm along an axis.
pub fn lp(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let over = [axis(call.int_or("axis", -1)?, e.rank(x))?];
    let norm = match call.int_or("p", 2)? {
        1 => {
            let size = e.abs(x)?;
            e.sum(&size, &over)?
        }
        2 => {
            let square = e.square(x)?;
            let sum = e.sum(&square, &over)?;
            e.sqrt(&sum)?
        }
        other => return Err(format!("p is {other}; 1 or 2 is expected")),
    };
    // A vector of zeros stays one.
    let zero = e.compare(Direction::Eq, &norm, &Tensor::scalar(0.0))?;
    let norm = e.select(&zero, &Tensor::scalar(1.0), &norm)?;
    Ok(vec![e.div(x, &norm)?])
}

/// The mean over some axes, and x less it.
fn centered(e: &mut Emitter, x: &Tensor, over: &[usize]) -> Outcome<(Tensor, Tensor)> {
    let mean = e.mean(x, over)?;
    let centered = e.sub(x, &mean)?;
    Ok((mean, centered))
}

/// x/√(σ² + ε) γ + β, the factors multiplied with each other first.
fn scaled(
    e: &mut Emitter,
    call: &Call,
    centered: &Tensor,
    variance: &Tensor,
    epsilon: f64,
    shape: &[usize],
) -> Outcome<Tensor> {
    let shifted = e.offset(variance, epsilon)?;
    let factor = e.rsqrt(&shifted)?;
    let scale = channels(e, call.arg(1)?, shape)?;
    let factor = e.mul(&factor, &scale)?;
    let y = e.mul(centered, &factor)?;
    let bias = channels(e, call.arg(2)?, shape)?;
    e.add(&y, &bias)
}

/// x γ + β for each channel.
fn affine(e: &mut Emitter, call: &Call, x: &Tensor, shape: &[usize]) -> Outcome<Tensor> {
    let scale = channels(e, call.arg(1)?, shape)?;
    let y = e.mul(x, &scale)?;
    let bias = channels(e, call.arg(2)?, shape)?;
    e.add(&y, &bias)
}

/// A number for each channel, along axis 1 of arrays of a shape.
fn channels(e: &mut Emitter, x: &Tensor, shape: &[usize]) -> Outcome<Tensor> {
    let found = e.shape(x);
    if found != shape[1..2] || e.kind(x) != Kind::Float {
        return Err(format!("{} floats are expected for shape {shape:?}, not shape {found:?}", shape[1]));
    }
    let mut wide = vec![1; shape.len()];
    wide[1] = shape[1];
    e.reshape(x, &wide)
}
