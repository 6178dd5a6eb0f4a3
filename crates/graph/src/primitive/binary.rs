//! Elementwise functions of two arguments.

use smallvec::smallvec;

use super::batching::align;
use super::{Cotangents, Direction, Primitive, Unary, arity, same_type};
use crate::exec::{Eval, Pointwise, Strided};
use crate::{Builder, DType, Type, Value};

/// An elementwise function of two arguments of the same type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Binary {
    /// x + y.
    Add,
    /// x − y.
    Subtract,
    /// x · y.
    Multiply,
    /// x / y. Of integers towards zero; −1 where y = 0, and −2³¹/−1 wraps around.
    Divide,
    /// x − y · trunc(x/y), exactly, with the sign of x. Of integers x where y = 0.
    Remainder,
    /// The larger; NaN if either is. At ties each side takes half of the derivative.
    Maximum,
    /// The smaller; NaN if either is. At ties each side takes half of the derivative.
    Minimum,
    /// xʸ.
    Power,
    /// Logical and of booleans.
    And,
    /// Logical or of booleans.
    Or,
}

impl Binary {
    /// Every function, for tests that walk them.
    pub const ALL: [Binary; 10] = [
        Binary::Add,
        Binary::Subtract,
        Binary::Multiply,
        Binary::Divide,
        Binary::Remainder,
        Binary::Maximum,
        Binary::Minimum,
        Binary::Power,
        Binary::And,
        Binary::Or,
    ];

    pub(super) fn is_commutative(self) -> bool {
        !matches!(self, Binary::Subtract | Binary::Divide | Binary::Remainder | Binary::Power)
    }

    /// Share of the derivative that the first argument of a maximum or minimum takes.
    fn share(self, b: &mut Builder, x: Value, y: Value) -> Value {
        let wins = if self == Binary::Maximum { Direction::Gt } else { Direction::Lt };
        let ty = b.ty(x).clone();
        let [one, half, zero] = [1.0, 0.5, 0.0].map(|v| b.full(&ty, v));
        let equal = b.compare(Direction::Eq, x, y);
        let otherwise = b.select(equal, half, zero);
        let first = b.compare(wins, x, y);
        b.select(first, one, otherwise)
    }

    fn jvp_x(self, b: &mut Builder, x: Value, y: Value, tangent: Value) -> Option<Value> {
        Some(match self {
            Binary::Add | Binary::Subtract | Binary::Remainder => tangent,
            Binary::Multiply => b.mul(tangent, y),
            Binary::Divide => b.div(tangent, y),
            Binary::Maximum | Binary::Minimum => {
                let share = self.share(b, x, y);
                b.mul(tangent, share)
            }
            Binary::Power => {
                let less = b.offset(y, -1.0);
                let power = b.pow(x, less);
                let slope = b.mul(y, power);
                // x⁰ is constant, at x = 0 too, where y xʸ⁻¹ would be 0 · ∞.
                let zero = b.zeros_like(y);
                let constant = b.compare(Direction::Eq, y, zero);
                let slope = b.select(constant, zero, slope);
                b.mul(tangent, slope)
            }
            Binary::And | Binary::Or => return None,
        })
    }

    fn jvp_y(self, b: &mut Builder, x: Value, y: Value, out: Value, tangent: Value) -> Option<Value> {
        Some(match self {
            Binary::Add => tangent,
            Binary::Subtract => b.neg(tangent),
            Binary::Multiply => b.mul(tangent, x),
            Binary::Divide => {
                let slope = b.div(out, y);
                let change = b.mul(tangent, slope);
                b.neg(change)
            }
            Binary::Remainder => {
                // (x − remainder)/y is the quotient's integer part, but for rounding.
                let whole = b.sub(x, out);
                let quotient = b.div(whole, y);
                let quotient = b.unary(Unary::RoundNearestEven, quotient);
                let change = b.mul(tangent, quotient);
                b.neg(change)
            }
            Binary::Maximum | Binary::Minimum => {
                let share = self.share(b, x, y);
                let rest = b.one_minus(share);
                b.mul(tangent, rest)
            }
            Binary::Power => {
                // The limit of xʸ ln x as x → 0 is 0 for y > 0.
                let ty = b.ty(x).clone();
                let [zero, one] = [0.0, 1.0].map(|v| b.full(&ty, v));
                let vanishes = b.compare(Direction::Eq, x, zero);
                let safe = b.select(vanishes, one, x);
                let log = b.log(safe);
                let slope = b.mul(out, log);
                b.mul(tangent, slope)
            }
            Binary::And | Binary::Or => return None,
        })
    }
}

impl Primitive for Binary {
    fn name(&self) -> &'static str {
        match self {
            Binary::Add => "add",
            Binary::Subtract => "subtract",
            Binary::Multiply => "multiply",
            Binary::Divide => "divide",
            Binary::Remainder => "remainder",
            Binary::Maximum => "maximum",
            Binary::Minimum => "minimum",
            Binary::Power => "power",
            Binary::And => "and",
            Binary::Or => "or",
        }
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<2>(args)?;
        same_type(args[0], args[1])?;
        let (dtype, ty) = (args[0].dtype, args[0]);
        let fits = match self {
            Binary::And | Binary::Or => dtype == DType::Bool,
            Binary::Power => dtype.is_float(),
            _ => dtype != DType::Bool,
        };
        if fits { Ok(ty.clone()) } else { Err(format!("not defined for {ty}")) }
    }

    fn eval(&self, _: &[Strided], _: &Type) -> Eval {
        Eval::Pointwise(Pointwise::Binary(*self))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], out: Value, tangents: &[Option<Value>]) -> Option<Value> {
        let (x, y) = (args[0], args[1]);
        let first = tangents[0].and_then(|t| self.jvp_x(b, x, y, t));
        let second = tangents[1].and_then(|t| self.jvp_y(b, x, y, out, t));
        b.add_tangents(first, second)
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents {
        match self {
            Binary::Add => linear.iter().map(|&l| l.then_some(cotangent)).collect(),
            Binary::Subtract => {
                smallvec![linear[0].then_some(cotangent), linear[1].then(|| b.neg(cotangent)),]
            }
            Binary::Multiply if linear[0] && !linear[1] => smallvec![Some(b.mul(cotangent, args[1])), None],
            Binary::Multiply if linear[1] && !linear[0] => smallvec![None, Some(b.mul(cotangent, args[0]))],
            Binary::Divide if !linear[1] => smallvec![Some(b.div(cotangent, args[1])), None],
            _ => panic!("{} is not linear in {linear:?}", self.name()),
        }
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let (args, axis) = align(b, args, axes);
        (b.emit(*self, &args), axis)
    }
}
