//! Where the extremum of each window is, which has no derivative.

use smallvec::SmallVec;

use super::batching::move_axis;
use super::reduce_window::{some_is_empty, windowed};
use super::{Cotangents, PoolWindow, Primitive, Reducer, arity};
use crate::exec::{Eval, Strided, kernel};
use crate::{Builder, DType, Type, Value};

/// For each window of a [`ReduceWindow`](super::ReduceWindow) with a maximum or
/// minimum, the place (i32) of its extremum in the operand.
///
/// The first `leading` axes have windows of single elements; a place is the
/// row-major index within the other axes, as `max_pool2d` of PyTorch returns it
/// for arrays [N, C, H, W] with two leading axes. Of tied extrema the first in
/// row-major order of the window counts, and a NaN counts as an extremum. A
/// window without elements has the place −1.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct WindowArg {
    /// Maximum or minimum.
    pub reducer: Reducer,
    /// The windows along each axis.
    pub window: SmallVec<[PoolWindow; 4]>,
    /// Number of leading axes that places do not count.
    pub leading: usize,
}

impl WindowArg {
    /// A number that all places stay below, if no window of the operand is empty.
    pub(super) fn bound(&self, operand: &[usize]) -> Option<usize> {
        (!some_is_empty(&self.window, operand)).then(|| operand[self.leading..].iter().product())
    }
}

/// Whether an i32 can count the elements of a shape.
pub(super) fn addressable(shape: &[usize]) -> Result<(), String> {
    let size = shape.iter().map(|&n| n as u128).product::<u128>();
    match size <= i32::MAX as u128 {
        true => Ok(()),
        false => Err(format!("windows over {size} elements; an i32 can number 2^31 - 1 of them")),
    }
}

impl Primitive for WindowArg {
    fn name(&self) -> &'static str {
        match self.reducer {
            Reducer::Min => "window_arg_min",
            _ => "window_arg_max",
        }
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        let shape = windowed(&self.window, args[0])?;
        if self.reducer == Reducer::Sum {
            return Err("a sum has no place".into());
        }
        if self.leading > shape.len() || self.window[..self.leading].iter().any(|w| !w.is_single()) {
            return Err(format!("expected windows of single elements along {} leading axes", self.leading));
        }
        addressable(&args[0].shape[self.leading..])?;
        Ok(Type { dtype: DType::I32, shape })
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::Kernel(kernel::window_arg(self, &args[0]))
    }

    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        panic!("{} is not linear", self.name())
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let axis = axes[0].expect("a batched argument");
        let to = axis.min(self.leading);
        let x = move_axis(b, args[0], axis, to);
        let mut op = self.clone();
        op.window.insert(to, PoolWindow::SINGLE);
        op.leading += 1;
        (b.emit(op, &[x]), to)
    }
}
