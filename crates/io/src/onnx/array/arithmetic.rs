//! Arithmetic on known arrays of equal shapes: integers in 64 bits, floats in doubles.

use std::sync::Arc;

use thalweg_graph::primitive::{Binary, Direction, Unary};

use super::layout::places;
use super::{Array, Data, Kind, Outcome};
use crate::stored::ElementType;

/// f of every element, or `None` where the program had better compute it.
pub(in crate::onnx) fn unary(op: Unary, x: &Array) -> Option<Outcome<Array>> {
    let shape = x.shape.clone();
    if op == Unary::Not {
        return Some(x.truths().map(|v| Array::bools(shape, v.iter().map(|x| !x).collect::<Vec<_>>())));
    }
    if let Data::Int(v) = &x.data {
        let f: fn(i64) -> Option<i64> = match op {
            Unary::Negate => i64::checked_neg,
            Unary::Abs => i64::checked_abs,
            Unary::Sign => |x| Some(x.signum()),
            Unary::Floor | Unary::Ceil | Unary::RoundNearestEven => Some,
            _ => return None,
        };
        let elements = v.iter().map(|&x| f(x).ok_or_else(overflow)).collect::<Outcome<Vec<_>>>();
        return Some(elements.map(|v| Array::ints(shape, v)));
    }
    if op == Unary::IsFinite {
        return Some(Ok(Array::bools(shape, x.doubles().iter().map(|x| x.is_finite()).collect::<Vec<_>>())));
    }
    let f: fn(f64) -> f64 = match op {
        Unary::Negate => |x| -x,
        Unary::Abs => f64::abs,
        Unary::Sign => |x| if x == 0.0 || x.is_nan() { x } else { x.signum() },
        Unary::Sqrt => f64::sqrt,
        Unary::Rsqrt => |x| x.sqrt().recip(),
        Unary::Exponential => f64::exp,
        Unary::ExponentialMinusOne => f64::exp_m1,
        Unary::Log => f64::ln,
        Unary::LogPlusOne => f64::ln_1p,
        Unary::Tanh => f64::tanh,
        Unary::Sine => f64::sin,
        Unary::Cosine => f64::cos,
        Unary::Floor => f64::floor,
        Unary::Ceil => f64::ceil,
        Unary::RoundNearestEven => f64::round_ties_even,
        _ => return None,
    };
    Some(Ok(Array::floats(shape, x.doubles().iter().map(|&x| f(x)).collect::<Vec<_>>())))
}

/// x op y for arrays of one kind and shape. Integer division truncates; overflow is refused.
pub(in crate::onnx) fn binary(op: Binary, x: &Array, y: &Array) -> Outcome<Array> {
    let shape = x.shape.clone();
    match (&x.data, &y.data) {
        (Data::Int(x), Data::Int(y)) => {
            let f: fn(i64, i64) -> Option<i64> = match op {
                Binary::Add => i64::checked_add,
                Binary::Subtract => i64::checked_sub,
                Binary::Multiply => i64::checked_mul,
                Binary::Divide => i64::checked_div,
                Binary::Remainder => i64::checked_rem,
                Binary::Maximum => |x, y| Some(x.max(y)),
                Binary::Minimum => |x, y| Some(x.min(y)),
                Binary::Power => |x, y| x.checked_pow(u32::try_from(y).ok()?),
                _ => return Err(format!("{op:?} of integers")),
            };
            let elements = x
                .iter()
                .zip(y.iter())
                .map(|(&x, &y)| f(x, y).ok_or_else(|| format!("{op:?} of {x} and {y} is no 64-bit integer")));
            Ok(Array::ints(shape, elements.collect::<Outcome<Vec<_>>>()?))
        }
        (Data::Bool(x), Data::Bool(y)) => {
            let f: fn(bool, bool) -> bool = match op {
                Binary::And => |x, y| x && y,
                Binary::Or => |x, y| x || y,
                _ => return Err(format!("{op:?} of booleans")),
            };
            Ok(Array::bools(shape, x.iter().zip(y.iter()).map(|(&x, &y)| f(x, y)).collect::<Vec<_>>()))
        }
        _ if x.kind() == Kind::Float && y.kind() == Kind::Float => {
            let f: fn(f64, f64) -> f64 = match op {
                Binary::Add => |x, y| x + y,
                Binary::Subtract => |x, y| x - y,
                Binary::Multiply => |x, y| x * y,
                Binary::Divide => |x, y| x / y,
                Binary::Remainder => |x, y| x % y,
                Binary::Maximum => |x, y| if x.is_nan() || y.is_nan() { f64::NAN } else { x.max(y) },
                Binary::Minimum => |x, y| if x.is_nan() || y.is_nan() { f64::NAN } else { x.min(y) },
                Binary::Power => f64::powf,
                _ => return Err(format!("{op:?} of floats")),
            };
            let (x, y) = (x.doubles(), y.doubles());
            Ok(Array::floats(shape, x.iter().zip(y.iter()).map(|(&x, &y)| f(x, y)).collect::<Vec<_>>()))
        }
        _ => Err(format!("{op:?} of {} and {}", x.kind().words(), y.kind().words())),
    }
}

/// x compared with y, elements of one kind and shape.
pub(in crate::onnx) fn compare(direction: Direction, x: &Array, y: &Array) -> Array {
    fn all<T: PartialOrd>(direction: Direction, x: &[T], y: &[T]) -> Vec<bool> {
        let f: fn(&T, &T) -> bool = match direction {
            Direction::Eq => T::eq,
            Direction::Ne => T::ne,
            Direction::Lt => T::lt,
            Direction::Le => T::le,
            Direction::Gt => T::gt,
            Direction::Ge => T::ge,
        };
        x.iter().zip(y).map(|(x, y)| f(x, y)).collect()
    }
    let elements = match (&x.data, &y.data) {
        (Data::Int(x), Data::Int(y)) => all(direction, x, y),
        (Data::Bool(x), Data::Bool(y)) => all(direction, x, y),
        _ => all(direction, &x.doubles(), &y.doubles()),
    };
    Array::bools(x.shape.clone(), elements)
}

/// x where `choice` holds, else y; all of one shape, x and y of one kind.
pub(in crate::onnx) fn choose(choice: &Array, x: &Array, y: &Array) -> Outcome<Array> {
    fn all<T: Copy>(choice: &[bool], x: &[T], y: &[T]) -> Arc<[T]> {
        choice.iter().zip(x.iter().zip(y)).map(|(&c, (&x, &y))| if c { x } else { y }).collect()
    }
    let choice = choice.truths()?;
    let data = match (&x.data, &y.data) {
        (Data::Int(x), Data::Int(y)) => Data::Int(all(choice, x, y)),
        (Data::Bool(x), Data::Bool(y)) => Data::Bool(all(choice, x, y)),
        _ => Data::Float(all(choice, &x.doubles(), &y.doubles())),
    };
    Ok(Array { shape: x.shape.clone(), data })
}

/// The elements in another type: floats to integers by truncation, wider integers to narrower ones modulo 2ⁿ.
pub(in crate::onnx) fn convert(x: &Array, to: ElementType) -> Array {
    let shape = x.shape.clone();
    match to {
        ElementType::Bool => match &x.data {
            Data::Bool(_) => x.clone(),
            _ => Array::bools(shape, x.doubles().iter().map(|&x| x != 0.0).collect::<Vec<_>>()),
        },
        ElementType::F16 | ElementType::BF16 | ElementType::F32 | ElementType::F64 => match &x.data {
            Data::Single(_) | Data::Float(_) => x.clone(),
            _ => Array::floats(shape, x.doubles().into_owned()),
        },
        _ => {
            let wrap: fn(i64) -> i64 = match to {
                ElementType::I8 => |x| i64::from(x as i8),
                ElementType::U8 => |x| i64::from(x as u8),
                ElementType::I16 => |x| i64::from(x as i16),
                ElementType::U16 => |x| i64::from(x as u16),
                ElementType::I32 => |x| i64::from(x as i32),
                ElementType::U32 => |x| i64::from(x as u32),
                _ => |x| x,
            };
            let elements: Vec<i64> = match &x.data {
                Data::Int(v) => v.iter().map(|&x| wrap(x)).collect(),
                _ => x.doubles().iter().map(|&x| wrap(x as i64)).collect(),
            };
            Array::ints(shape, elements)
        }
    }
}

/// `op` over some axes, which get size 1; of nothing it is `neutral`.
pub(in crate::onnx) fn fold(op: Binary, neutral: f64, x: &Array, axes: &[usize]) -> Outcome<Array> {
    let mut shape = x.shape.clone();
    axes.iter().for_each(|&axis| shape[axis] = 1);
    let mut result = Array::full(&shape, x.kind(), neutral);
    let along: Vec<usize> = axes.iter().map(|&axis| x.shape[axis]).collect();
    let strides = x.strides();
    let steps: Vec<isize> = axes.iter().map(|&axis| strides[axis]).collect();
    for offset in places(&along, 0, &steps) {
        result = binary(op, &result, &x.view(&shape, offset, &strides))?;
    }
    Ok(result)
}

fn overflow() -> String {
    "an integer leaves 64 bits".to_owned()
}
