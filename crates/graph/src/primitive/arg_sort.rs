//! The order of the elements along an axis, which has no derivative.

use super::{Cotangents, Primitive, arity, in_range};
use crate::exec::{Eval, Strided, kernel};
use crate::{Builder, DType, Type, Value};

/// Positions (i32) along an axis in the order of their elements: a gather by
/// them sorts.
///
/// Equal elements (−0 = +0) stay in the order of their positions. NaN counts
/// as larger than every number, as in [`ArgMax`](super::ArgMax): it comes last,
/// or first if `descending`. n log n comparisons a line of n.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ArgSort {
    /// The axis that is sorted along.
    pub axis: usize,
    /// Whether the largest element comes first.
    pub descending: bool,
}

impl Primitive for ArgSort {
    fn name(&self) -> &'static str {
        "arg_sort"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        in_range(self.axis, args[0])?;
        if !args[0].dtype.is_float() {
            return Err(format!("expected a float, found {}", args[0]));
        }
        super::window_arg::addressable(&args[0].shape[self.axis..=self.axis])?;
        Ok(args[0].with_dtype(DType::I32))
    }

    fn eval(&self, args: &[Strided], out: &Type) -> Eval {
        Eval::Kernel(kernel::arg_sort(self, &args[0], out))
    }

    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        panic!("arg_sort is not linear")
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let batch = axes[0].expect("a batched argument");
        let axis = self.axis + usize::from(batch <= self.axis);
        (b.emit(ArgSort { axis, ..*self }, args), batch)
    }
}
