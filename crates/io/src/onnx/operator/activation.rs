//! Nonlinearities. At corners they have PyTorch's derivatives.

use thalweg_graph::primitive::Direction;

use crate::onnx::array::Outcome;
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor};

/// max(x, 0), with derivative 0 at 0.
pub fn relu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let zero = like(e, call.arg(0)?, 0.0);
    Ok(vec![e.clamp(call.arg(0)?, Some(&zero), None)?])
}

/// x, or α x where x is not above 0.
pub fn leaky_relu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let steep = e.scale(x, call.float_or("alpha", 0.01)?)?;
    Ok(vec![where_positive(e, x, x, &steep)?])
}

/// x, or a slope of each channel times x.
pub fn prelu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, slope) = (call.arg(0)?, call.arg(1)?);
    let steep = e.mul(x, slope)?;
    Ok(vec![where_positive(e, x, x, &steep)?])
}

pub fn thresholded_relu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let below = e.compare(Direction::Le, x, &Tensor::scalar(call.float_or("alpha", 1.0)?))?;
    Ok(vec![e.select(&below, &Tensor::scalar(0.0), x)?])
}

/// α (eˣ − 1) below 0.
pub fn elu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let alpha = call.float_or("alpha", 1.0)?;
    Ok(vec![exponential(e, call.arg(0)?, 1.0, alpha)?])
}

/// α (e^(x/α) − 1) below 0 (Barron 2017).
pub fn celu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let alpha = call.float_or("alpha", 1.0)?;
    Ok(vec![exponential(e, call.arg(0)?, 1.0 / alpha, alpha)?])
}

/// γ times x or α (eˣ − 1) (Klambauer et al. 2017).
pub fn selu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    // The constants of the paper in 32 bits are the operator's defaults.
    let alpha = call.float_or("alpha", 1.673_263_192_176_818_8)?;
    let gamma = call.float_or("gamma", 1.050_701_022_148_132_3)?;
    let curve = exponential(e, call.arg(0)?, 1.0, alpha)?;
    Ok(vec![e.scale(&curve, gamma)?])
}

/// x above 0, else α (e^(r x) − 1). The exponential sees no positive argument.
fn exponential(e: &mut Emitter, x: &Tensor, rate: f64, alpha: f64) -> Outcome<Tensor> {
    let zero = Tensor::scalar(0.0);
    let below = where_positive(e, x, &zero, x)?;
    let scaled = e.scale(&below, rate)?;
    let grown = e.exp_m1(&scaled)?;
    let curve = e.scale(&grown, alpha)?;
    where_positive(e, x, x, &curve)
}

pub fn sigmoid(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![e.logistic(call.arg(0)?)?])
}

/// α x + β between 0 and 1.
pub fn hard_sigmoid(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (alpha, beta) = (call.float_or("alpha", 0.2)?, call.float_or("beta", 0.5)?);
    Ok(vec![ramp(e, call.arg(0)?, alpha, beta)?])
}

/// x times x/6 + 1/2 between 0 and 1.
pub fn hard_swish(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let gate = ramp(e, x, 1.0 / 6.0, 0.5)?;
    Ok(vec![e.mul(x, &gate)?])
}

fn ramp(e: &mut Emitter, x: &Tensor, slope: f64, at_zero: f64) -> Outcome<Tensor> {
    let scaled = e.scale(x, slope)?;
    let line = e.offset(&scaled, at_zero)?;
    e.clamp(&line, Some(&Tensor::scalar(0.0)), Some(&Tensor::scalar(1.0)))
}

pub fn tanh(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![e.tanh(call.arg(0)?)?])
}

pub fn softplus(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![e.softplus(call.arg(0)?)?])
}

/// x/(1 + |x|).
pub fn softsign(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let size = e.abs(x)?;
    let below = e.offset(&size, 1.0)?;
    Ok(vec![e.div(x, &below)?])
}

/// x Φ(x), with the normal distribution or its approximation by tanh (Hendrycks & Gimpel 2016).
pub fn gelu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let curve = match call.text_or("approximate", "none")? {
        "none" => {
            let scaled = e.scale(x, std::f64::consts::FRAC_1_SQRT_2)?;
            e.erf(&scaled)?
        }
        "tanh" => {
            let square = e.square(x)?;
            let cube = e.mul(&square, x)?;
            let bent = e.scale(&cube, 0.044715)?;
            let sum = e.add(x, &bent)?;
            let scaled = e.scale(&sum, (2.0 / std::f64::consts::PI).sqrt())?;
            e.tanh(&scaled)?
        }
        other => return Err(format!("approximate is {other:?}; none or tanh is expected")),
    };
    let twice = e.offset(&curve, 1.0)?;
    let gate = e.scale(&twice, 0.5)?;
    Ok(vec![e.mul(x, &gate)?])
}

/// x tanh(softplus x) (Misra 2019).
pub fn mish(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let smooth = e.softplus(x)?;
    let gate = e.tanh(&smooth)?;
    Ok(vec![e.mul(x, &gate)?])
}

/// x σ(α x).
pub fn swish(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let scaled = e.scale(x, call.float_or("alpha", 1.0)?)?;
    let gate = e.logistic(&scaled)?;
    Ok(vec![e.mul(x, &gate)?])
}

/// a σ(α a) b (Shazeer 2020).
pub fn swiglu(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let gate = swish(e, call)?;
    Ok(vec![e.mul(&gate[0], call.arg(1)?)?])
}

/// x moved towards 0 by `bias`, and 0 within ±λ.
pub fn shrink(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let (bias, lambda) = (call.float_or("bias", 0.0)?, call.float_or("lambd", 0.5)?);
    let above = e.compare(Direction::Gt, x, &Tensor::scalar(lambda))?;
    let below = e.compare(Direction::Lt, x, &Tensor::scalar(-lambda))?;
    let [less, more] = [e.offset(x, -bias)?, e.offset(x, bias)?];
    let rest = e.scale(x, 0.0)?;
    let outer = e.select(&below, &more, &rest)?;
    Ok(vec![e.select(&above, &less, &outer)?])
}

/// `above` where x > 0, else `otherwise`; NaN goes to the latter.
fn where_positive(e: &mut Emitter, x: &Tensor, above: &Tensor, otherwise: &Tensor) -> Outcome<Tensor> {
    let positive = e.compare(Direction::Gt, x, &Tensor::scalar(0.0))?;
    e.select(&positive, above, otherwise)
}

/// A known number of the same kind as x.
fn like(e: &Emitter, x: &Tensor, value: f64) -> Tensor {
    crate::onnx::array::Array::full(&[], e.kind(x), value).into()
}
