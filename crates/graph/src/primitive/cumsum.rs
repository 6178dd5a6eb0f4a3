//! `cumsum`: running sums along an axis.

use super::{Cotangents, Primitive, arity, in_range, only};
use crate::exec::{Eval, Strided, kernel};
use crate::{Builder, DType, Type, Value};

/// Running sums along an axis, with the meaning of ONNX's `CumSum`:
/// yᵢ = Σ xⱼ over j ≤ i, over j < i if `exclusive`, and from the far end
/// (j ≥ i, j > i) if `reverse`.
///
/// Float sums are accumulated in f64 in the order of the sum, and each is
/// rounded once; sums of i32 wrap around. One addition an element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CumSum {
    /// The axis that is summed along.
    pub axis: usize,
    /// Whether sums run from the last element to the first.
    pub reverse: bool,
    /// Whether an element is left out of its own sum.
    pub exclusive: bool,
}

impl Primitive for CumSum {
    fn name(&self) -> &'static str {
        "cumsum"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        in_range(self.axis, args[0])?;
        if args[0].dtype == DType::Bool {
            return Err("booleans have no sum; convert them".into());
        }
        Ok(args[0].clone())
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::Kernel(kernel::cumsum(self, &args[0]))
    }

    fn jvp(&self, b: &mut Builder, _: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(*self, &[t]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        only(b.emit(CumSum { reverse: !self.reverse, ..*self }, &[cotangent]), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let batch = axes[0].expect("a batched argument");
        let axis = self.axis + usize::from(batch <= self.axis);
        (b.emit(CumSum { axis, ..*self }, args), batch)
    }
}
