//! How a common factor of an operation's arguments shows in its result.

use crate::primitive::{Binary, Compare, Direction, Op, Unary};

/// What becomes of factors by which elements of the arguments are multiplied: signs, or
/// powers of a positive number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Law {
    /// The exponent of the result is this combination of the arguments'.
    Linear(Vec<i64>),
    /// Twice the result's exponent is that of the argument, times this.
    Half(i64),
    /// All have one exponent; arguments that are zero have any.
    Alike,
    /// The arguments have one exponent, which the result does not feel.
    AlikeUnfelt,
    /// The result does not feel it.
    Unfelt,
    /// No factor passes.
    Broken,
}

/// The laws of signs and of positive factors for an elementwise operation.
pub(super) fn elementwise(op: &Op, same_args: bool, zero_arg: bool) -> [Law; 2] {
    match op {
        Op::Unary(op) => unary(*op),
        Op::Binary(op) => match op {
            Binary::Add | Binary::Subtract => [Law::Alike, Law::Alike],
            Binary::Multiply => [Law::Linear(vec![1, 1]), Law::Linear(vec![1, 1])],
            Binary::Divide => [Law::Linear(vec![1, 1]), Law::Linear(vec![1, -1])],
            Binary::Maximum | Binary::Minimum | Binary::Remainder => [Law::Broken, Law::Alike],
            Binary::Power | Binary::And | Binary::Or => [Law::Broken, Law::Broken],
        },
        Op::Compare(_) if same_args => [Law::Unfelt, Law::Unfelt],
        Op::Compare(Compare(Direction::Eq | Direction::Ne)) => [Law::AlikeUnfelt, Law::AlikeUnfelt],
        // The order of x and 0 is kept by positive factors.
        Op::Compare(_) if zero_arg => [Law::Broken, Law::Unfelt],
        Op::Compare(_) => [Law::Broken, Law::AlikeUnfelt],
        _ => [Law::Broken, Law::Broken],
    }
}

fn unary(op: Unary) -> [Law; 2] {
    let keep = || Law::Linear(vec![1]);
    match op {
        Unary::Negate => [keep(), keep()],
        Unary::Abs => [Law::Unfelt, keep()],
        Unary::Sign => [keep(), Law::Unfelt],
        Unary::Sqrt => [Law::Broken, Law::Half(1)],
        Unary::Rsqrt => [Law::Broken, Law::Half(-1)],
        Unary::Tanh | Unary::Erf | Unary::Sine | Unary::RoundNearestEven => [keep(), Law::Broken],
        Unary::Cosine => [Law::Unfelt, Law::Broken],
        Unary::IsFinite => [Law::Unfelt, Law::Unfelt],
        Unary::Exponential
        | Unary::ExponentialMinusOne
        | Unary::Log
        | Unary::LogPlusOne
        | Unary::Logistic
        | Unary::Softplus
        | Unary::Floor
        | Unary::Ceil
        | Unary::Not => [Law::Broken, Law::Broken],
    }
}
