//! `concatenate`: arrays joined along an axis.

use super::batching::{batch_size, with_axis};
use super::{Cotangents, Primitive, in_range};
use crate::exec::{Eval, Strided, kernel};
use crate::{Builder, Type, Value};

/// `concatenate`: the arguments one after the other along an axis.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Concatenate {
    /// The axis that grows.
    pub axis: usize,
}

impl Primitive for Concatenate {
    fn name(&self) -> &'static str {
        "concatenate"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        let first = *args.first().ok_or("expected at least one argument")?;
        in_range(self.axis, first)?;
        let mut out = first.clone();
        out.shape[self.axis] = 0;
        for ty in args {
            let mut fitted = first.clone();
            fitted.shape[self.axis] = *ty.shape.get(self.axis).unwrap_or(&0);
            if fitted != **ty {
                return Err(format!("{ty} does not continue {first} along axis {}", self.axis));
            }
            out.shape[self.axis] += ty.shape[self.axis];
        }
        Ok(out)
    }

    fn eval(&self, args: &[Strided], out: &Type) -> Eval {
        Eval::kernel(kernel::concatenate(self.axis, args, out))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        if tangents.iter().all(Option::is_none) {
            return None;
        }
        let parts: Vec<Value> =
            args.iter().zip(tangents).map(|(&x, t)| t.unwrap_or_else(|| b.zeros_like(x))).collect();
        Some(b.emit(*self, &parts))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents {
        let mut start = 0;
        let mut parts = Cotangents::new();
        for (&arg, &linear) in args.iter().zip(linear) {
            let end = start + b.shape(arg)[self.axis];
            parts.push(linear.then(|| b.slice_axis(cotangent, self.axis, start..end)));
            start = end;
        }
        parts
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let size = batch_size(b, args, axes);
        let parts: Vec<Value> = args.iter().zip(axes).map(|(&x, &a)| with_axis(b, x, a, size, 0)).collect();
        (b.emit(Concatenate { axis: self.axis + 1 }, &parts), 0)
    }
}
