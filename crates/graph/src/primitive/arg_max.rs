//! Position of the maximum, which has no derivative.

use super::{Cotangents, Primitive, arity, in_range};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, DType, Type, Value};

/// Index (i32) of the first maximum along an axis, which disappears; a NaN
/// counts as larger than every number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ArgMax {
    /// The axis that is searched.
    pub axis: usize,
}

impl Primitive for ArgMax {
    fn name(&self) -> &'static str {
        "arg_max"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        in_range(self.axis, args[0])?;
        if !args[0].dtype.is_float() || args[0].shape[self.axis] == 0 {
            return Err(format!("expected floats, at least one along axis {}", self.axis));
        }
        let mut shape: Axes = args[0].shape.clone();
        shape.remove(self.axis);
        Ok(Type { dtype: DType::I32, shape })
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::kernel(kernel::arg_max(self.axis, &args[0]))
    }

    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        panic!("arg_max is not linear")
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let batch = axes[0].expect("a batched argument");
        let axis = self.axis + usize::from(batch <= self.axis);
        (b.emit(ArgMax { axis }, args), batch - usize::from(axis < batch))
    }
}
