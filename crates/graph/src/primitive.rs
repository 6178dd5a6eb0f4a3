//! The primitives: what they mean, and one rule for each transformation.
//!
//! Their meaning is that of StableHLO's operations of the same name. Rules for
//! types, derivatives, transposes and batching emit nodes, never numbers; only
//! [`eval`](Primitive::eval) touches numbers. The set is closed: a rule needs
//! nothing outside it.

mod arg_max;
mod arg_sort;
mod batching;
mod binary;
mod compare;
mod concatenate;
mod convolution;
mod cumsum;
mod dot;
mod gather;
mod layout;
mod pad;
mod reduce;
mod reduce_window;
mod scatter;
mod slice;
mod source;
mod unary;
mod uniform;
mod window_arg;

use smallvec::SmallVec;

use crate::exec::{Eval, Strided};
use crate::{Builder, Literal, Type, Value};

pub use arg_max::ArgMax;
pub use arg_sort::ArgSort;
pub use binary::Binary;
pub use compare::{Compare, Convert, Direction, Select};
pub use concatenate::Concatenate;
pub(crate) use convolution::regrouped;
pub use convolution::{Convolution, ConvolutionDims, Window};
pub use cumsum::CumSum;
pub use dot::DotGeneral;
pub use gather::{Gather, GatherDims};
pub use layout::{BroadcastInDim, Reshape, Reverse, Transpose};
pub use pad::Pad;
pub use reduce::{Reduce, Reducer};
pub(crate) use reduce_window::Progression;
pub use reduce_window::{PoolWindow, ReduceWindow};
pub use scatter::ScatterAdd;
pub use slice::Slice;
pub use source::Iota;
pub use unary::Unary;
pub use uniform::Uniform;
pub use window_arg::WindowArg;

/// What a transpose rule returns: for each argument, its cotangent, or `None`
/// for an argument that is not linear or whose cotangent is zero.
pub type Cotangents = SmallVec<[Option<Value>; 3]>;

/// The rules of one primitive.
pub trait Primitive {
    /// StableHLO's name of the operation.
    fn name(&self) -> &'static str;

    /// Type of the result, or why the arguments do not fit.
    fn infer(&self, args: &[&Type]) -> Result<Type, String>;

    /// How the executor computes it from operands of the given layout.
    fn eval(&self, args: &[Strided], out: &Type) -> Eval;

    /// Tangent of the result `out` for the arguments' tangents; `None` is a structural zero.
    fn jvp(&self, b: &mut Builder, args: &[Value], out: Value, tangents: &[Option<Value>]) -> Option<Value>;

    /// Cotangents of the arguments marked `linear`, given the result's. The
    /// linear arguments are there for their types; their values are not used.
    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents;

    /// The primitive mapped over the batch axes `axes` of its arguments, of
    /// which at least one is there; returns the result and its batch axis.
    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize);
}

/// A primitive with its attributes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// The input of this number.
    Input(usize),
    /// A constant array.
    Constant(Literal),
    /// Counts along an axis.
    Iota(Iota),
    /// An elementwise function of one argument.
    Unary(Unary),
    /// An elementwise function of two arguments of one type.
    Binary(Binary),
    /// An elementwise comparison.
    Compare(Compare),
    /// Elementwise choice by a boolean.
    Select(Select),
    /// Change of the element type.
    Convert(Convert),
    /// Repetition along new or unit axes.
    BroadcastInDim(BroadcastInDim),
    /// The same elements in another shape.
    Reshape(Reshape),
    /// Permutation of the axes.
    Transpose(Transpose),
    /// Reversal along axes.
    Reverse(Reverse),
    /// A strided part.
    Slice(Slice),
    /// Padding around and between elements.
    Pad(Pad),
    /// Arrays joined along an axis.
    Concatenate(Concatenate),
    /// Sum, maximum or minimum over axes.
    Reduce(Reduce),
    /// Sum, maximum or minimum over sliding windows.
    ReduceWindow(ReduceWindow),
    /// Position of the maximum along an axis.
    ArgMax(ArgMax),
    /// Position of the extremum of each sliding window.
    WindowArg(WindowArg),
    /// Running sums along an axis.
    CumSum(CumSum),
    /// Positions along an axis in the order of their elements.
    ArgSort(ArgSort),
    /// Random numbers as a function of counters.
    Uniform(Uniform),
    /// Slices at computed positions.
    Gather(Gather),
    /// Addition of slices at computed positions.
    ScatterAdd(ScatterAdd),
    /// Product with batch and contracting axes.
    DotGeneral(DotGeneral),
    /// Windows of an array times filters.
    Convolution(Convolution),
}

impl Op {
    /// The rules of this primitive.
    pub fn rules(&self) -> &dyn Primitive {
        match self {
            Op::Input(_) => &source::Input,
            Op::Constant(literal) => literal,
            Op::Iota(op) => op,
            Op::Unary(op) => op,
            Op::Binary(op) => op,
            Op::Compare(op) => op,
            Op::Select(op) => op,
            Op::Convert(op) => op,
            Op::BroadcastInDim(op) => op,
            Op::Reshape(op) => op,
            Op::Transpose(op) => op,
            Op::Reverse(op) => op,
            Op::Slice(op) => op,
            Op::Pad(op) => op,
            Op::Concatenate(op) => op,
            Op::Reduce(op) => op,
            Op::ReduceWindow(op) => op,
            Op::ArgMax(op) => op,
            Op::WindowArg(op) => op,
            Op::CumSum(op) => op,
            Op::ArgSort(op) => op,
            Op::Uniform(op) => op,
            Op::Gather(op) => op,
            Op::ScatterAdd(op) => op,
            Op::DotGeneral(op) => op,
            Op::Convolution(op) => op,
        }
    }

    /// Whether the order of the two arguments has no meaning.
    pub(crate) fn is_commutative(&self) -> bool {
        matches!(self, Op::Binary(op) if op.is_commutative())
    }

    /// Whether the result can be read through the argument's own memory, or is
    /// a constant: it costs nothing to make again.
    pub(crate) fn is_free(&self) -> bool {
        matches!(
            self,
            Op::Constant(_)
                | Op::Iota(_)
                | Op::BroadcastInDim(_)
                | Op::Reshape(_)
                | Op::Transpose(_)
                | Op::Reverse(_)
                | Op::Slice(_)
        )
    }
}

macro_rules! from_primitives {
    ($($name:ident),*) => {$(
        impl From<$name> for Op {
            fn from(op: $name) -> Op {
                Op::$name(op)
            }
        }
    )*};
}
from_primitives!(
    Iota,
    Unary,
    Binary,
    Compare,
    Select,
    Convert,
    BroadcastInDim,
    Reshape,
    Transpose,
    Reverse,
    Slice,
    Pad,
    Concatenate,
    Reduce,
    ReduceWindow,
    ArgMax,
    WindowArg,
    CumSum,
    ArgSort,
    Uniform,
    Gather,
    ScatterAdd,
    DotGeneral,
    Convolution
);

fn arity<const N: usize>(args: &[&Type]) -> Result<(), String> {
    if args.len() == N { Ok(()) } else { Err(format!("expected {N} arguments, found {}", args.len())) }
}

fn same_type(a: &Type, b: &Type) -> Result<(), String> {
    if a == b { Ok(()) } else { Err(format!("expected equal types, found {a} and {b}")) }
}

fn in_range(axis: usize, ty: &Type) -> Result<(), String> {
    if axis < ty.rank() { Ok(()) } else { Err(format!("axis {axis} of {ty}, which has {} axes", ty.rank())) }
}

fn distinct_axes(axes: &[usize], ty: &Type) -> Result<(), String> {
    for (i, &axis) in axes.iter().enumerate() {
        in_range(axis, ty)?;
        if axes[..i].contains(&axis) {
            return Err(format!("axis {axis} is named twice"));
        }
    }
    Ok(())
}

/// Transposes an operation that is linear in its first argument alone.
fn only(cotangent: Value, args: &[Value]) -> Cotangents {
    let mut all: Cotangents = smallvec::smallvec![None; args.len()];
    all[0] = Some(cotangent);
    all
}
