//! Values that come from nowhere: inputs, constants, counters.

use super::{Cotangents, Primitive, arity, in_range};
use crate::exec::{Eval, Strided};
use crate::{Builder, DType, Literal, Type, Value};

/// The rules of [`Op::Input`](super::Op::Input), which no transformation asks for.
pub(super) struct Input;

impl Primitive for Input {
    fn name(&self) -> &'static str {
        "input"
    }
    fn infer(&self, _: &[&Type]) -> Result<Type, String> {
        Err("inputs are made by Builder::input".into())
    }
    fn eval(&self, _: &[Strided], _: &Type) -> Eval {
        unreachable!("inputs are bound, not computed")
    }
    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }
    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        Cotangents::new()
    }
    fn batch(&self, _: &mut Builder, _: &[Value], _: &[Option<usize>]) -> (Value, usize) {
        unreachable!("inputs have no arguments")
    }
}

impl Primitive for Literal {
    fn name(&self) -> &'static str {
        "constant"
    }
    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<0>(args)?;
        Ok(self.ty().clone())
    }
    fn eval(&self, _: &[Strided], _: &Type) -> Eval {
        Eval::Constant(self.clone())
    }
    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }
    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        Cotangents::new()
    }
    fn batch(&self, _: &mut Builder, _: &[Value], _: &[Option<usize>]) -> (Value, usize) {
        unreachable!("constants have no arguments")
    }
}

/// `iota`: each element is its position along one axis.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Iota {
    /// Type of the result.
    pub ty: Type,
    /// The axis that is counted along.
    pub axis: usize,
}

impl Primitive for Iota {
    fn name(&self) -> &'static str {
        "iota"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<0>(args)?;
        in_range(self.axis, &self.ty)?;
        if self.ty.dtype == DType::Bool {
            return Err("a counter cannot be bool".into());
        }
        Ok(self.ty.clone())
    }

    fn eval(&self, _: &[Strided], out: &Type) -> Eval {
        let n = out.shape[self.axis];
        let line = match out.dtype {
            DType::F32 => Literal::new([n], &(0..n).map(|i| i as f32).collect::<Vec<_>>()),
            DType::F64 => Literal::new([n], &(0..n).map(|i| i as f64).collect::<Vec<_>>()),
            _ => Literal::new([n], &(0..n).map(|i| i as i32).collect::<Vec<_>>()),
        };
        let view = Strided::contiguous(line.ty()).broadcast_in_dim(&out.shape, &[self.axis]);
        Eval::ConstantView(line, view)
    }

    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }
    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        Cotangents::new()
    }
    fn batch(&self, _: &mut Builder, _: &[Value], _: &[Option<usize>]) -> (Value, usize) {
        unreachable!("iota has no arguments")
    }
}
