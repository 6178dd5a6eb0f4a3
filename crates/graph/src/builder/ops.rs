//! Short names for the primitives, as methods of [`Builder`].

use std::ops::Range;

use smallvec::SmallVec;

use crate::primitive::*;
use crate::{Axes, Builder, DType, Shape, Type, Value};

macro_rules! unary {
    ($($name:ident: $variant:ident),*) => {$(
        #[doc = concat!("[`Unary::", stringify!($variant), "`].")]
        #[track_caller]
        pub fn $name(&mut self, x: Value) -> Value {
            self.emit(Unary::$variant, &[x])
        }
    )*};
}

macro_rules! binary {
    ($($name:ident: $variant:ident),*) => {$(
        #[doc = concat!("[`Binary::", stringify!($variant), "`].")]
        #[track_caller]
        pub fn $name(&mut self, x: Value, y: Value) -> Value {
            self.emit(Binary::$variant, &[x, y])
        }
    )*};
}

/// Every method panics, as [`Builder::emit`] does, if the types do not fit.
impl Builder {
    unary!(neg: Negate, exp: Exponential, log: Log, tanh: Tanh, logistic: Logistic, softplus: Softplus,
        erf: Erf, sqrt: Sqrt, rsqrt: Rsqrt, sin: Sine, cos: Cosine, abs: Abs, sign: Sign,
        expm1: ExponentialMinusOne, log1p: LogPlusOne, floor: Floor, ceil: Ceil, round_even: RoundNearestEven);
    binary!(add: Add, sub: Subtract, mul: Multiply, div: Divide, rem: Remainder, max: Maximum, min: Minimum, pow: Power,
        and: And, or: Or);

    /// Any elementwise function of one argument.
    #[track_caller]
    pub fn unary(&mut self, op: Unary, x: Value) -> Value {
        self.emit(op, &[x])
    }

    /// c · x.
    #[track_caller]
    pub fn scale(&mut self, x: Value, c: f64) -> Value {
        let factor = self.full_like(x, c);
        self.mul(x, factor)
    }

    /// x + c.
    #[track_caller]
    pub fn offset(&mut self, x: Value, c: f64) -> Value {
        let term = self.full_like(x, c);
        self.add(x, term)
    }

    /// 1 − x.
    #[track_caller]
    pub fn one_minus(&mut self, x: Value) -> Value {
        let one = self.full_like(x, 1.0);
        self.sub(one, x)
    }

    /// 1 / x.
    #[track_caller]
    pub fn reciprocal(&mut self, x: Value) -> Value {
        let one = self.full_like(x, 1.0);
        self.div(one, x)
    }

    /// x² as x · x.
    #[track_caller]
    pub fn square(&mut self, x: Value) -> Value {
        self.mul(x, x)
    }

    /// x, but no less than `low` and no more than `high`; at a bound, half of the derivative.
    #[track_caller]
    pub fn clamp(&mut self, x: Value, low: f64, high: f64) -> Value {
        let [low, high] = [low, high].map(|c| self.full_like(x, c));
        let x = self.max(x, low);
        self.min(x, high)
    }

    /// sin x / cos x.
    #[track_caller]
    pub fn tan(&mut self, x: Value) -> Value {
        let (sine, cosine) = (self.sin(x), self.cos(x));
        self.div(sine, cosine)
    }

    /// An array like x, every element c.
    pub fn full_like(&mut self, x: Value, c: f64) -> Value {
        let ty = self.ty(x).clone();
        self.full(&ty, c)
    }

    /// An array like x, every element 0.
    pub fn zeros_like(&mut self, x: Value) -> Value {
        self.full_like(x, 0.0)
    }

    /// [`Compare`].
    #[track_caller]
    pub fn compare(&mut self, direction: Direction, x: Value, y: Value) -> Value {
        self.emit(Compare(direction), &[x, y])
    }

    /// [`Select`]: x where `choose`, else y.
    #[track_caller]
    pub fn select(&mut self, choose: Value, x: Value, y: Value) -> Value {
        self.emit(Select, &[choose, x, y])
    }

    /// [`Convert`].
    #[track_caller]
    pub fn convert(&mut self, x: Value, dtype: DType) -> Value {
        self.emit(Convert(dtype), &[x])
    }

    /// [`BroadcastInDim`].
    #[track_caller]
    pub fn broadcast_in_dim(&mut self, x: Value, shape: &[usize], axes: &[usize]) -> Value {
        self.emit(BroadcastInDim { shape: shape.into(), axes: axes.into() }, &[x])
    }

    /// Repeats x along new leading axes to the given shape.
    #[track_caller]
    pub fn broadcast(&mut self, x: Value, shape: &[usize]) -> Value {
        let new = shape.len() - self.ty(x).rank();
        let axes: Axes = (new..shape.len()).collect();
        self.broadcast_in_dim(x, shape, &axes)
    }

    /// [`Reshape`].
    #[track_caller]
    pub fn reshape(&mut self, x: Value, shape: &[usize]) -> Value {
        self.emit(Reshape(shape.into()), &[x])
    }

    /// [`Transpose`].
    #[track_caller]
    pub fn transpose(&mut self, x: Value, permutation: &[usize]) -> Value {
        self.emit(Transpose(permutation.into()), &[x])
    }

    /// [`Slice`] with stride 1 along one axis.
    #[track_caller]
    pub fn slice_axis(&mut self, x: Value, axis: usize, range: Range<usize>) -> Value {
        let mut limit: Axes = self.ty(x).shape.clone();
        let mut start = Axes::from_elem(0, limit.len());
        let stride = Axes::from_elem(1, limit.len());
        start[axis] = range.start;
        limit[axis] = range.end;
        self.slice_strided(x, &start, &limit, &stride)
    }

    /// [`Slice`].
    #[track_caller]
    pub fn slice_strided(&mut self, x: Value, start: &[usize], limit: &[usize], stride: &[usize]) -> Value {
        self.emit(Slice { start: start.into(), limit: limit.into(), stride: stride.into() }, &[x])
    }

    /// [`Pad`] with zeros.
    #[track_caller]
    pub fn pad(
        &mut self,
        x: Value,
        low: SmallVec<[i64; 4]>,
        high: SmallVec<[i64; 4]>,
        interior: Axes,
    ) -> Value {
        let zero = self.scalar(self.ty(x).dtype, 0.0);
        self.emit(Pad { low, high, interior }, &[x, zero])
    }

    /// [`Concatenate`].
    #[track_caller]
    pub fn concatenate(&mut self, parts: &[Value], axis: usize) -> Value {
        self.emit(Concatenate { axis }, parts)
    }

    /// Sum over the given axes.
    #[track_caller]
    pub fn sum(&mut self, x: Value, axes: &[usize]) -> Value {
        self.emit(Reduce { reducer: Reducer::Sum, axes: axes.into() }, &[x])
    }

    /// Sum over all axes.
    pub fn sum_all(&mut self, x: Value) -> Value {
        let axes: Axes = (0..self.ty(x).rank()).collect();
        self.sum(x, &axes)
    }

    /// Maximum over the given axes.
    #[track_caller]
    pub fn reduce_max(&mut self, x: Value, axes: &[usize]) -> Value {
        self.emit(Reduce { reducer: Reducer::Max, axes: axes.into() }, &[x])
    }

    /// Positions 0, 1, … along `axis` of an array of type `ty`.
    #[track_caller]
    pub fn iota(&mut self, ty: Type, axis: usize) -> Value {
        self.emit(Iota { ty, axis }, &[])
    }

    /// Index of the maximum along an axis.
    #[track_caller]
    pub fn arg_max(&mut self, x: Value, axis: usize) -> Value {
        self.emit(ArgMax { axis }, &[x])
    }

    /// Whole rows (axis 0) of `operand`, chosen by an array of indices.
    #[track_caller]
    pub fn take_rows(&mut self, operand: Value, indices: Value) -> Value {
        let mut slice_sizes: Shape = self.ty(operand).shape.clone();
        let dims = GatherDims::rows(slice_sizes.len(), self.ty(indices).rank());
        slice_sizes[0] = 1;
        self.emit(Gather { dims, slice_sizes }, &[operand, indices])
    }

    /// A product that contracts axis `i` of `x` with axis `j` of `y`.
    #[track_caller]
    pub fn dot(&mut self, x: Value, i: usize, y: Value, j: usize) -> Value {
        self.emit(DotGeneral::contract(i, j), &[x, y])
    }

    /// Sum of two tangents, either of which may be a structural zero.
    pub fn add_tangents(&mut self, x: Option<Value>, y: Option<Value>) -> Option<Value> {
        match (x, y) {
            (Some(x), Some(y)) => Some(self.add(x, y)),
            (x, y) => x.or(y),
        }
    }
}
