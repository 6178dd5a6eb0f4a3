//! `slice`: a strided part of an array.

use super::{Cotangents, Primitive, arity, only};
use crate::exec::{Eval, Strided};
use crate::{Axes, Builder, Type, Value};

/// `slice`: along each axis the elements `start`, `start + stride` … below `limit`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Slice {
    /// First element along each axis.
    pub start: Axes,
    /// End along each axis, exclusive.
    pub limit: Axes,
    /// Step along each axis, at least 1.
    pub stride: Axes,
}

impl Primitive for Slice {
    fn name(&self) -> &'static str {
        "slice"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        let ty = args[0];
        if [&self.start, &self.limit, &self.stride].iter().any(|v| v.len() != ty.rank()) {
            return Err(format!("expected {} starts, limits and strides", ty.rank()));
        }
        for axis in 0..ty.rank() {
            let (start, limit, stride) = (self.start[axis], self.limit[axis], self.stride[axis]);
            if stride == 0 || start > limit || limit > ty.shape[axis] {
                return Err(format!("{start}..{limit} by {stride} does not fit axis {axis} of {ty}"));
            }
        }
        Ok(ty.with_shape((0..ty.rank()).map(|a| (self.limit[a] - self.start[a]).div_ceil(self.stride[a]))))
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::View(args[0].slice(&self.start, &self.limit, &self.stride))
    }

    fn jvp(&self, b: &mut Builder, _: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(self.clone(), &[t]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        let (from, to) = (b.ty(args[0]).shape.clone(), b.ty(cotangent).shape.clone());
        let low = self.start.iter().map(|&s| s as i64).collect();
        let interior = self.stride.iter().map(|&s| s - 1).collect();
        let high = (0..from.len())
            .map(|a| {
                let covered = if to[a] == 0 { 0 } else { (to[a] - 1) * self.stride[a] + 1 };
                from[a] as i64 - self.start[a] as i64 - covered as i64
            })
            .collect();
        only(b.pad(cotangent, low, high, interior), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let axis = axes[0].expect("a batched argument");
        let mut op = self.clone();
        op.start.insert(axis, 0);
        op.limit.insert(axis, b.shape(args[0])[axis]);
        op.stride.insert(axis, 1);
        (b.emit(op, args), axis)
    }
}
