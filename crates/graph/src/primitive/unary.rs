//! Elementwise functions of one argument.

use super::{Cotangents, Primitive, arity, only};
use crate::exec::{Eval, Pointwise, Strided};
use crate::{Builder, DType, Type, Value};

/// An elementwise function of one argument, which is a float; `Negate`, `Abs`
/// and `Sign` take i32 too and wrap around.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unary {
    /// −x.
    Negate,
    /// |x|; its derivative at 0 is 0.
    Abs,
    /// −1, 0 or 1; 0 and NaN are returned as they are.
    Sign,
    /// √x.
    Sqrt,
    /// 1/√x.
    Rsqrt,
    /// eˣ.
    Exponential,
    /// eˣ − 1.
    ExponentialMinusOne,
    /// Natural logarithm.
    Log,
    /// ln(1 + x).
    LogPlusOne,
    /// Hyperbolic tangent.
    Tanh,
    /// 1/(1 + e⁻ˣ).
    Logistic,
    /// ln(1 + eˣ).
    Softplus,
    /// Error function 2/√π ∫₀ˣ e^(−t²) dt.
    Erf,
    /// sin x.
    Sine,
    /// cos x.
    Cosine,
    /// The greatest integer ≤ x.
    Floor,
    /// The least integer ≥ x.
    Ceil,
    /// The nearest integer, the even one of two.
    RoundNearestEven,
    /// Logical negation of a boolean.
    Not,
    /// Whether x is neither infinite nor NaN.
    IsFinite,
}

impl Unary {
    /// Every function, for tests that walk them.
    pub const ALL: [Unary; 20] = [
        Unary::Negate,
        Unary::Abs,
        Unary::Sign,
        Unary::Sqrt,
        Unary::Rsqrt,
        Unary::Exponential,
        Unary::ExponentialMinusOne,
        Unary::Log,
        Unary::LogPlusOne,
        Unary::Tanh,
        Unary::Logistic,
        Unary::Softplus,
        Unary::Erf,
        Unary::Sine,
        Unary::Cosine,
        Unary::Floor,
        Unary::Ceil,
        Unary::RoundNearestEven,
        Unary::Not,
        Unary::IsFinite,
    ];

    /// f′(x) as nodes, in terms of x and y = f(x); `None` where it is zero.
    fn derivative(self, b: &mut Builder, x: Value, y: Value) -> Option<Value> {
        Some(match self {
            Unary::Abs => b.unary(Unary::Sign, x),
            Unary::Sqrt => {
                let r = b.rsqrt(x);
                b.scale(r, 0.5)
            }
            Unary::Rsqrt => {
                let q = b.div(y, x);
                b.scale(q, -0.5)
            }
            Unary::Exponential => y,
            Unary::ExponentialMinusOne => b.exp(x),
            Unary::Log => b.reciprocal(x),
            Unary::LogPlusOne => {
                let s = b.offset(x, 1.0);
                b.reciprocal(s)
            }
            Unary::Tanh => {
                let square = b.mul(y, y);
                b.one_minus(square)
            }
            Unary::Logistic => {
                let rest = b.one_minus(y);
                b.mul(y, rest)
            }
            Unary::Softplus => b.logistic(x),
            Unary::Erf => {
                let square = b.mul(x, x);
                let negative = b.neg(square);
                let bell = b.exp(negative);
                b.scale(bell, std::f64::consts::FRAC_2_SQRT_PI)
            }
            Unary::Sine => b.unary(Unary::Cosine, x),
            Unary::Cosine => {
                let s = b.unary(Unary::Sine, x);
                b.neg(s)
            }
            Unary::Negate
            | Unary::Sign
            | Unary::Floor
            | Unary::Ceil
            | Unary::RoundNearestEven
            | Unary::Not
            | Unary::IsFinite => return None,
        })
    }
}

impl Primitive for Unary {
    fn name(&self) -> &'static str {
        match self {
            Unary::Negate => "negate",
            Unary::Abs => "abs",
            Unary::Sign => "sign",
            Unary::Sqrt => "sqrt",
            Unary::Rsqrt => "rsqrt",
            Unary::Exponential => "exponential",
            Unary::ExponentialMinusOne => "exponential_minus_one",
            Unary::Log => "log",
            Unary::LogPlusOne => "log_plus_one",
            Unary::Tanh => "tanh",
            Unary::Logistic => "logistic",
            Unary::Softplus => "softplus",
            Unary::Erf => "erf",
            Unary::Sine => "sine",
            Unary::Cosine => "cosine",
            Unary::Floor => "floor",
            Unary::Ceil => "ceil",
            Unary::RoundNearestEven => "round_nearest_even",
            Unary::Not => "not",
            Unary::IsFinite => "is_finite",
        }
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        let ty = args[0];
        match self {
            Unary::Not if ty.dtype != DType::Bool => Err(format!("expected bool, found {ty}")),
            Unary::Not => Ok(ty.clone()),
            Unary::Negate | Unary::Abs | Unary::Sign if ty.dtype == DType::I32 => Ok(ty.clone()),
            _ if !ty.dtype.is_float() => Err(format!("expected a float, found {ty}")),
            Unary::IsFinite => Ok(ty.with_dtype(DType::Bool)),
            _ => Ok(ty.clone()),
        }
    }

    fn eval(&self, _: &[Strided], _: &Type) -> Eval {
        Eval::Pointwise(Pointwise::Unary(*self))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], out: Value, tangents: &[Option<Value>]) -> Option<Value> {
        let tangent = tangents[0]?;
        if *self == Unary::Negate {
            return Some(b.neg(tangent));
        }
        let slope = self.derivative(b, args[0], out)?;
        Some(b.mul(tangent, slope))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        assert_eq!(*self, Unary::Negate, "{} is not linear", self.name());
        only(b.neg(cotangent), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        (b.emit(*self, args), axes[0].expect("a batched argument"))
    }
}
