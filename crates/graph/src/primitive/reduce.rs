//! `reduce`: sums, maxima and minima over axes.

use super::batching::shifted;
use super::{Cotangents, Direction, Primitive, arity, distinct_axes, only};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, Type, Value};

/// What a reduction combines elements by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reducer {
    /// Their sum, accumulated in f64; 0 of nothing.
    Sum,
    /// The largest; NaN if any is; −∞ of nothing. Tied maxima share the derivative equally.
    Max,
    /// The smallest; NaN if any is; +∞ of nothing. Tied minima share the derivative equally.
    Min,
}

/// `reduce` of a float array over axes, which disappear from its shape.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reduce {
    /// How elements are combined.
    pub reducer: Reducer,
    /// The axes that disappear, increasing.
    pub axes: Axes,
}

impl Reduce {
    /// A value of the reduced shape, repeated along the axes that disappeared.
    fn expand(&self, b: &mut Builder, reduced: Value, full: &[usize]) -> Value {
        let kept: Axes = (0..full.len()).filter(|a| !self.axes.contains(a)).collect();
        b.broadcast_in_dim(reduced, full, &kept)
    }
}

impl Primitive for Reduce {
    fn name(&self) -> &'static str {
        match self.reducer {
            Reducer::Sum => "reduce_sum",
            Reducer::Max => "reduce_max",
            Reducer::Min => "reduce_min",
        }
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        let ty = args[0];
        distinct_axes(&self.axes, ty)?;
        if !self.axes.is_sorted() {
            return Err("the axes must increase".into());
        }
        if !ty.dtype.is_float() {
            return Err(format!("expected a float, found {ty}"));
        }
        Ok(ty.with_shape((0..ty.rank()).filter(|a| !self.axes.contains(a)).map(|a| ty.shape[a])))
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::kernel(kernel::reduce(self.reducer, &self.axes, &args[0]))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], out: Value, tangents: &[Option<Value>]) -> Option<Value> {
        let tangent = tangents[0]?;
        if self.reducer == Reducer::Sum {
            return Some(b.emit(self.clone(), &[tangent]));
        }
        let shape = b.ty(args[0]).shape.clone();
        if self.axes.iter().any(|&a| shape[a] == 0) {
            // The extremum of nothing is a constant.
            return None;
        }
        let best = self.expand(b, out, &shape);
        let chosen = b.compare(Direction::Eq, args[0], best);
        let dtype = b.ty(tangent).dtype;
        let weight = b.convert(chosen, dtype);
        let count = b.sum(weight, &self.axes);
        let weighted = b.mul(tangent, weight);
        let total = b.sum(weighted, &self.axes);
        Some(b.div(total, count))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        assert_eq!(self.reducer, Reducer::Sum, "{} is not linear", self.name());
        let shape = b.ty(args[0]).shape.clone();
        only(self.expand(b, cotangent, &shape), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let batch = axes[0].expect("a batched argument");
        // The batch axis may fall among the reduced ones: those after it move up.
        let axes: Axes = shifted(&self.axes, batch).collect();
        let to = (0..batch).filter(|a| !axes.contains(a)).count();
        (b.emit(Reduce { reducer: self.reducer, axes }, args), to)
    }
}
