//! Comparison, choice and change of element type.

use smallvec::smallvec;

use super::batching::align;
use super::{Cotangents, Primitive, arity, only, same_type};
use crate::exec::{Eval, Pointwise, Strided};
use crate::{Builder, DType, Type, Value};

/// Which comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// x = y.
    Eq,
    /// x ≠ y.
    Ne,
    /// x < y.
    Lt,
    /// x ≤ y.
    Le,
    /// x > y.
    Gt,
    /// x ≥ y.
    Ge,
}

impl Direction {
    /// Every comparison, for tests that walk them.
    pub const ALL: [Direction; 6] =
        [Direction::Eq, Direction::Ne, Direction::Lt, Direction::Le, Direction::Gt, Direction::Ge];
}

/// `compare`: an elementwise comparison; with NaN only `Ne` is true.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Compare(pub Direction);

impl Primitive for Compare {
    fn name(&self) -> &'static str {
        "compare"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<2>(args)?;
        same_type(args[0], args[1])?;
        if args[0].dtype == DType::Bool {
            return Err("booleans have no order".into());
        }
        Ok(args[0].with_dtype(DType::Bool))
    }

    fn eval(&self, _: &[Strided], _: &Type) -> Eval {
        Eval::Pointwise(Pointwise::Compare(self.0))
    }

    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        panic!("compare is not linear")
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let (args, axis) = align(b, args, axes);
        (b.emit(*self, &args), axis)
    }
}

/// `select(p, x, y)`: x where p, else y.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Select;

impl Primitive for Select {
    fn name(&self) -> &'static str {
        "select"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<3>(args)?;
        same_type(args[1], args[2])?;
        if *args[0] != args[1].with_dtype(DType::Bool) {
            return Err(format!("expected a bool of the same shape to choose by, found {}", args[0]));
        }
        Ok(args[1].clone())
    }

    fn eval(&self, _: &[Strided], _: &Type) -> Eval {
        Eval::Pointwise(Pointwise::Select)
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], out: Value, tangents: &[Option<Value>]) -> Option<Value> {
        if tangents[1].is_none() && tangents[2].is_none() {
            return None;
        }
        let zero = b.zeros_like(out);
        let [x, y] = [tangents[1], tangents[2]].map(|t| t.unwrap_or(zero));
        Some(b.select(args[0], x, y))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents {
        let zero = b.zeros_like(cotangent);
        let x = linear[1].then(|| b.select(args[0], cotangent, zero));
        let y = linear[2].then(|| b.select(args[0], zero, cotangent));
        smallvec![None, x, y]
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let (args, axis) = align(b, args, axes);
        (b.emit(*self, &args), axis)
    }
}

/// `convert`: the same values in another element type. Floats become integers
/// by truncation towards zero, with saturation; anything but 0 becomes true.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Convert(pub DType);

impl Primitive for Convert {
    fn name(&self) -> &'static str {
        "convert"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        Ok(args[0].with_dtype(self.0))
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::Pointwise(Pointwise::Convert(args[0].dtype))
    }

    fn jvp(&self, b: &mut Builder, _: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        let tangent = tangents[0]?;
        self.0.is_float().then(|| b.convert(tangent, self.0))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        let dtype = b.ty(args[0]).dtype;
        only(b.convert(cotangent, dtype), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        (b.emit(*self, args), axes[0].expect("a batched argument"))
    }
}
