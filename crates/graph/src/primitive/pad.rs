//! `pad`: elements of one value around and between those of an array.

use smallvec::{SmallVec, smallvec};

use super::batching::{batch_size, with_axis};
use super::{Cotangents, Primitive, arity};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, DType, Literal, Type, Value};

/// `pad(x, value)`: `low` copies of the value before, `high` after and
/// `interior` between neighbours along each axis. Negative `low` or `high` crop.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pad {
    /// Elements added (or, if negative, removed) before the first, along each axis.
    pub low: SmallVec<[i64; 4]>,
    /// Elements added (or removed) after the last.
    pub high: SmallVec<[i64; 4]>,
    /// Elements added between neighbours.
    pub interior: Axes,
}

impl Pad {
    fn extent(&self, axis: usize, size: usize) -> i64 {
        let spread = if size == 0 { 0 } else { (size - 1) * (self.interior[axis] + 1) + 1 };
        self.low[axis] + self.high[axis] + spread as i64
    }

    /// The opposite: crops what was padded and keeps every (interior + 1)-th element.
    fn undo(&self, b: &mut Builder, cotangent: Value, from: &[usize]) -> Value {
        let negated = |v: &[i64]| v.iter().map(|&x| -x).collect();
        let cropped = b.pad(cotangent, negated(&self.low), negated(&self.high), smallvec![0; from.len()]);
        let limit = b.ty(cropped).shape.clone();
        let stride: Axes = self.interior.iter().map(|&i| i + 1).collect();
        b.slice_strided(cropped, &Axes::from_elem(0, from.len()), &limit, &stride)
    }
}

impl Primitive for Pad {
    fn name(&self) -> &'static str {
        "pad"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<2>(args)?;
        let (ty, rank) = (args[0], args[0].rank());
        if *args[1] != Type::scalar(ty.dtype) {
            return Err(format!("expected a scalar to pad with, found {}", args[1]));
        }
        if self.low.len() != rank || self.high.len() != rank || self.interior.len() != rank {
            return Err(format!("expected {rank} lows, highs and interiors"));
        }
        let shape = (0..rank).map(|axis| match self.extent(axis, ty.shape[axis]) {
            extent if extent < 0 => Err(format!("axis {axis} of {ty} is cropped to a negative size")),
            extent => Ok(extent as usize),
        });
        Ok(ty.with_shape(shape.collect::<Result<Axes, String>>()?))
    }

    fn eval(&self, args: &[Strided], out: &Type) -> Eval {
        Eval::kernel(kernel::pad(self, args, out))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        if tangents.iter().all(Option::is_none) {
            return None;
        }
        let padded = [0, 1].map(|i| tangents[i].unwrap_or_else(|| b.zeros_like(args[i])));
        Some(b.emit(self.clone(), &padded))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents {
        let from = b.ty(args[0]).shape.clone();
        let inner = linear[0].then(|| self.undo(b, cotangent, &from));
        let value = linear[1].then(|| {
            // What lands on the padding: everything, with the array's own places blanked out.
            let places = b.full(&Type::new(DType::Bool, from), 1.0);
            let off = b.literal(Literal::scalar(DType::Bool, 0.0));
            let mask = b.emit(self.clone(), &[places, off]);
            let zero = b.zeros_like(cotangent);
            let outside = b.select(mask, zero, cotangent);
            let all: Axes = (0..b.ty(outside).rank()).collect();
            b.sum(outside, &all)
        });
        smallvec![inner, value]
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let size = batch_size(b, args, axes);
        let mut op = self.clone();
        let at = axes[0].unwrap_or(0);
        op.low.insert(at, 0);
        op.high.insert(at, 0);
        op.interior.insert(at, 0);
        let x = with_axis(b, args[0], axes[0], size, at);
        if axes[1].is_none() {
            return (b.emit(op, &[x, args[1]]), at);
        }
        // A padding value for each example: pad with 0, then choose by a mask.
        let ty = b.ty(x).clone();
        let zero = b.scalar(ty.dtype, 0.0);
        let padded = b.emit(op.clone(), &[x, zero]);
        let places = b.full(&ty.with_dtype(DType::Bool), 1.0);
        let off = b.literal(Literal::scalar(DType::Bool, 0.0));
        let mask = b.emit(op, &[places, off]);
        let shape = b.ty(padded).shape.clone();
        let values = b.broadcast_in_dim(args[1], &shape, &[at]);
        (b.select(mask, padded, values), at)
    }
}
