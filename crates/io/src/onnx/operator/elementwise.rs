//! Arithmetic, comparison and logic, element by element.

use thalweg_graph::primitive::{Binary, Direction, Unary};

use crate::onnx::array::{Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor};
use crate::onnx::load::{element_name, element_type};

/// An operator that is one function of one argument.
macro_rules! unary {
    ($($name:ident: $variant:ident),*) => {$(
        pub fn $name(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
            Ok(vec![e.unary(Unary::$variant, call.arg(0)?)?])
        }
    )*};
}

/// An operator that is one function of two arguments.
macro_rules! binary {
    ($($name:ident: $variant:ident),*) => {$(
        pub fn $name(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
            Ok(vec![e.binary(Binary::$variant, call.arg(0)?, call.arg(1)?)?])
        }
    )*};
}

macro_rules! compare {
    ($($name:ident: $variant:ident),*) => {$(
        pub fn $name(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
            Ok(vec![e.compare(Direction::$variant, call.arg(0)?, call.arg(1)?)?])
        }
    )*};
}

unary!(neg: Negate, abs: Abs, sign: Sign, sqrt: Sqrt, exp: Exponential, log: Log, erf: Erf, floor: Floor, ceil: Ceil,
    round: RoundNearestEven, sin: Sine, cos: Cosine, not: Not);
binary!(add: Add, sub: Subtract, mul: Multiply, div: Divide, and: And, or: Or);
compare!(equal: Eq, less: Lt, less_or_equal: Le, greater: Gt, greater_or_equal: Ge);

pub fn xor(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let [x, y] = [call.arg(0)?, call.arg(1)?].map(|x| e.convert(x, Kind::Int));
    Ok(vec![e.compare(Direction::Ne, &x?, &y?)?])
}

pub fn reciprocal(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![e.reciprocal(call.arg(0)?)?])
}

pub fn tan(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let [sin, cos] = [Unary::Sine, Unary::Cosine].map(|op| e.unary(op, call.arg(0)?));
    Ok(vec![e.div(&sin?, &cos?)?])
}

/// sinh x = ((eˣ − 1) − (e⁻ˣ − 1))/2, which is exact near 0.
pub fn sinh(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let negative = e.neg(x)?;
    let [up, down] = [e.exp_m1(x)?, e.exp_m1(&negative)?];
    let difference = e.sub(&up, &down)?;
    Ok(vec![e.scale(&difference, 0.5)?])
}

pub fn cosh(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let power = e.exp(call.arg(0)?)?;
    let inverse = e.reciprocal(&power)?;
    let sum = e.add(&power, &inverse)?;
    Ok(vec![e.scale(&sum, 0.5)?])
}

/// xʸ. Small whole exponents are products, so that negative bases have derivatives of any order.
pub fn pow(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let kind = e.kind(x);
    let exponent = call.arg(1)?;
    let Some(power) = exponent.known().and_then(|y| y.splat()).filter(|_| kind == Kind::Float) else {
        let exponent = e.convert(exponent, kind)?;
        return Ok(vec![e.binary(Binary::Power, x, &exponent)?]);
    };
    let shape = e.shape(exponent);
    let raised = if power == 0.5 {
        e.sqrt(x)?
    } else if power == -0.5 {
        e.rsqrt(x)?
    } else if power.fract() == 0.0 && (1.0..=8.0).contains(&power.abs()) {
        let mut raised = x.clone();
        for _ in 1..power.abs() as usize {
            raised = e.mul(&raised, x)?;
        }
        if power < 0.0 { e.reciprocal(&raised)? } else { raised }
    } else {
        e.binary(Binary::Power, x, &Tensor::scalar(power))?
    };
    // An exponent of more axes than the base still widens the result.
    let wide = crate::onnx::array::joined(&e.shape(&raised), &shape)?;
    Ok(vec![e.broadcast(&raised, &wide)?])
}

/// The remainder, of the divisor's sign or (`fmod`) of the dividend's.
pub fn modulo(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let truncated = call.flag("fmod", false)?;
    Ok(vec![e.remainder(call.arg(0)?, call.arg(1)?, !truncated)?])
}

pub fn max(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    joined(e, call, Binary::Maximum)
}

pub fn min(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    joined(e, call, Binary::Minimum)
}

pub fn sum(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    joined(e, call, Binary::Add)
}

pub fn mean(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let sum = joined(e, call, Binary::Add)?;
    Ok(vec![e.scale(&sum[0], 1.0 / call.inputs.len() as f64)?])
}

/// One operation between all arguments.
fn joined(e: &mut Emitter, call: &Call, op: Binary) -> Outcome<Vec<Tensor>> {
    let args = call.args()?;
    let mut result = args[0].clone();
    for arg in &args[1..] {
        result = e.binary(op, &result, arg)?;
    }
    Ok(vec![result])
}

pub fn choose(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![e.select(call.arg(0)?, call.arg(1)?, call.arg(2)?)?])
}

pub fn clip(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![e.clamp(call.arg(0)?, call.optional(1), call.optional(2))?])
}

pub fn is_nan(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    Ok(vec![e.compare(Direction::Ne, x, x)?])
}

pub fn is_inf(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let mut found = None;
    for (name, bound) in [("detect_positive", f64::INFINITY), ("detect_negative", f64::NEG_INFINITY)] {
        if call.flag(name, true)? {
            let here = e.compare(Direction::Eq, x, &Tensor::scalar(bound))?;
            found = Some(match found {
                Some(other) => e.or(&other, &here)?,
                None => here,
            });
        }
    }
    let shape = e.shape(x);
    Ok(vec![found.map_or_else(|| e.full(&shape, Kind::Bool, 0.0), Ok)?])
}

/// Another element type. All floats are computed in the program's precision.
pub fn cast(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["saturate", "round_mode"]);
    let number = call.int("to")?.ok_or("the attribute to is missing")?;
    let number = i32::try_from(number).unwrap_or(-1);
    let to =
        element_type(number).ok_or_else(|| format!("{} cannot be computed with", element_name(number)))?;
    Ok(vec![e.cast(call.arg(0)?, to)?])
}

pub fn cast_like(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["saturate", "round_mode"]);
    let kind = e.kind(call.arg(1)?);
    Ok(vec![e.convert(call.arg(0)?, kind)?])
}
