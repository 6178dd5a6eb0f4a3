//! Random numbers as a function of a counter, which has no derivative.

use super::{Cotangents, Primitive, arity};
use crate::exec::{Eval, Pointwise, Strided};
use crate::{Builder, DType, Type, Value};

/// Uniform random numbers u ∈ [0, 1), each a function of the seed and its
/// element of the argument (i32) alone.
///
/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as
/// 1, 2, 3", section 4.2) with the key (low word, high word) of the seed makes
/// four words w₀ … w₃ of the counter (i, 0, 0, 0), where i is the element as
/// u32. An f32 is the 24 high bits of w₀, an f64 the 53 high bits of
/// 2³² w₀ + w₁; so the one is the other, cut off after 24 bits. What depends on
/// counters of examples and units only, like the mask of a dropout, is the same
/// in every evaluation, for every order of work and every cut into shards.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Uniform {
    /// The key of the generator.
    pub seed: u64,
    /// Type of the numbers: f32 or f64.
    pub dtype: DType,
}

impl Primitive for Uniform {
    fn name(&self) -> &'static str {
        "uniform"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        if args[0].dtype != DType::I32 {
            return Err(format!("expected i32 counters, found {}", args[0]));
        }
        if !self.dtype.is_float() {
            return Err(format!("expected f32 or f64 numbers, found {}", self.dtype));
        }
        Ok(args[0].with_dtype(self.dtype))
    }

    fn eval(&self, _: &[Strided], _: &Type) -> Eval {
        Eval::Pointwise(Pointwise::Uniform(self.seed))
    }

    fn jvp(&self, _: &mut Builder, _: &[Value], _: Value, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: &[Value], _: &[bool], _: Value) -> Cotangents {
        panic!("uniform is not linear")
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        (b.emit(*self, args), axes[0].expect("a batched argument"))
    }
}
