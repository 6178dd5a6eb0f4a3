//! The same elements in another arrangement: broadcast, reshape, transpose, reverse.

use super::batching::{move_axis, shifted};
use super::{Cotangents, Primitive, arity, distinct_axes, only};
use crate::exec::{Eval, Strided};
use crate::{Axes, Builder, Shape, Type, Value};

/// `broadcast_in_dim`: axis i of the argument becomes axis `axes[i]` of the
/// result; unit axes and axes that are not named are repeated.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BroadcastInDim {
    /// Shape of the result.
    pub shape: Shape,
    /// Where each axis of the argument goes; increasing.
    pub axes: Axes,
}

impl Primitive for BroadcastInDim {
    fn name(&self) -> &'static str {
        "broadcast_in_dim"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        let out = args[0].with_shape(self.shape.iter().copied());
        if self.axes.len() != args[0].rank() {
            return Err(format!("{} axes are mapped, there are {}", self.axes.len(), args[0].rank()));
        }
        distinct_axes(&self.axes, &out)?;
        if !self.axes.is_sorted() {
            return Err("the mapped axes must increase; transpose first".into());
        }
        for (&from, &axis) in args[0].shape.iter().zip(&self.axes) {
            if from != 1 && from != out.shape[axis] {
                return Err(format!("size {from} does not broadcast to axis {axis} of {out}"));
            }
        }
        Ok(out)
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::View(args[0].broadcast_in_dim(&self.shape, &self.axes))
    }

    fn jvp(&self, b: &mut Builder, _: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(self.clone(), &[t]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        let from = b.ty(args[0]).shape.clone();
        let repeated: Axes = (0..self.shape.len())
            .filter(|axis| match self.axes.iter().position(|a| a == axis) {
                Some(i) => from[i] == 1 && self.shape[*axis] != 1,
                None => true,
            })
            .collect();
        let sum = b.sum(cotangent, &repeated);
        only(b.reshape(sum, &from), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let axis = axes[0].expect("a batched argument");
        let size = b.shape(args[0])[axis];
        // The batch stays just behind the axis that it followed, or before the one that follows it.
        let to = match axis {
            0 => self.axes.first().copied().unwrap_or(0),
            _ => self.axes[axis - 1] + 1,
        };
        let mut shape = self.shape.clone();
        shape.insert(to, size);
        let mut map: Axes = shifted(&self.axes, to).collect();
        map.insert(axis, to);
        (b.broadcast_in_dim(args[0], &shape, &map), to)
    }
}

/// `reshape`: the same elements in row-major order in another shape.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reshape(pub Shape);

impl Primitive for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        let out = args[0].with_shape(self.0.iter().copied());
        if out.size() != args[0].size() {
            return Err(format!("{} elements do not fill {out}", args[0].size()));
        }
        Ok(out)
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        match args[0].reshape(&self.0) {
            Some(view) => Eval::View(view),
            None => Eval::Copy,
        }
    }

    fn jvp(&self, b: &mut Builder, _: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(self.clone(), &[t]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        let shape = b.ty(args[0]).shape.clone();
        only(b.reshape(cotangent, &shape), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let axis = axes[0].expect("a batched argument");
        let old = b.shape(args[0]);
        let (before, size): (usize, usize) = (old[..axis].iter().product(), old[axis]);
        // The batch stays where it is if no new axis holds elements from both of its sides.
        let kept = (0..=self.0.len()).find(|&to| self.0[..to].iter().product::<usize>() == before);
        let (x, to) = match kept {
            Some(to) => (args[0], to),
            None => (move_axis(b, args[0], axis, 0), 0),
        };
        let mut shape = self.0.clone();
        shape.insert(to, size);
        (b.reshape(x, &shape), to)
    }
}

/// `transpose`: axis i of the result is axis `permutation[i]` of the argument.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Transpose(pub Axes);

impl Primitive for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        distinct_axes(&self.0, args[0])?;
        if self.0.len() != args[0].rank() {
            return Err(format!("the permutation has {} axes, not {}", self.0.len(), args[0].rank()));
        }
        Ok(args[0].with_shape(self.0.iter().map(|&a| args[0].shape[a])))
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::View(args[0].transpose(&self.0))
    }

    fn jvp(&self, b: &mut Builder, _: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(self.clone(), &[t]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        let mut inverse: Axes = self.0.clone();
        for (i, &a) in self.0.iter().enumerate() {
            inverse[a] = i;
        }
        only(b.transpose(cotangent, &inverse), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let axis = axes[0].expect("a batched argument");
        let mut permutation: Axes = shifted(&self.0, axis).collect();
        let to = axis.min(permutation.len());
        permutation.insert(to, axis);
        (b.transpose(args[0], &permutation), to)
    }
}

/// `reverse`: the order of the elements along each named axis is turned round.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reverse(pub Axes);

impl Primitive for Reverse {
    fn name(&self) -> &'static str {
        "reverse"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        distinct_axes(&self.0, args[0])?;
        Ok(args[0].clone())
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::View(args[0].reverse(&self.0))
    }

    fn jvp(&self, b: &mut Builder, _: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(self.clone(), &[t]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        only(b.emit(self.clone(), &[cotangent]), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let axis = axes[0].expect("a batched argument");
        (b.emit(Reverse(shifted(&self.0, axis).collect()), args), axis)
    }
}
