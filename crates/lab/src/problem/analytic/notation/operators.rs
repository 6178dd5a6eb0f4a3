//! Arithmetic and elementary functions of terms.

use std::f64::consts::FRAC_PI_2;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Term;

macro_rules! arithmetic {
    ($($trait:ident $method:ident $node:ident),*) => {$(
        impl<'s> $trait for Term<'s> {
            type Output = Term<'s>;

            fn $method(self, other: Self) -> Self {
                let (x, y) = match (self.shape().is_empty(), other.shape().is_empty()) {
                    (true, false) => (self.like(other), other),
                    (false, true) => (self, other.like(self)),
                    _ => (self, other),
                };
                x.make(|b, x| b.$node(x, y.value))
            }
        }

        impl<'s> $trait<f64> for Term<'s> {
            type Output = Term<'s>;

            fn $method(self, other: f64) -> Self {
                self.$method(self.number(other))
            }
        }

        impl<'s> $trait<Term<'s>> for f64 {
            type Output = Term<'s>;

            fn $method(self, other: Term<'s>) -> Term<'s> {
                other.number(self).$method(other)
            }
        }
    )*};
}

arithmetic!(Add add add, Sub sub sub, Mul mul mul, Div div div);

impl Neg for Term<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        self.make(|b, x| b.neg(x))
    }
}

macro_rules! elementary {
    ($($name:ident $node:ident $doc:literal),*) => {
        /// Elementary functions, element by element.
        impl Term<'_> {$(
            #[doc = $doc]
            pub fn $name(self) -> Self {
                self.make(|b, x| b.$node(x))
            }
        )*}
    };
}

elementary!(exp exp "eˣ.", expm1 expm1 "eˣ − 1.", ln log "The natural logarithm.", sqrt sqrt "√x.",
    sin sin "sin x.", cos cos "cos x.", tanh tanh "tanh x.", logistic logistic "1/(1 + e⁻ˣ).",
    softplus softplus "ln(1 + eˣ).",
    abs abs "|x|, with derivative 0 at 0.", square square "x².");

impl Term<'_> {
    /// xᵏ by repeated squaring, k ≥ 1.
    pub fn powi(self, k: u32) -> Self {
        match k {
            0 => self.number(1.0).like(self),
            1 => self,
            k if k.is_multiple_of(2) => self.powi(k / 2).square(),
            k => self.powi(k - 1) * self,
        }
    }

    /// xʸ for x ≥ 0, or for whole constants y.
    pub fn pow(self, exponent: Self) -> Self {
        let exponent = exponent.like(self);
        self.make(|b, x| b.pow(x, exponent.value))
    }

    /// The larger of both, element by element; where they are equal, the mean of their derivatives.
    pub fn max(self, other: Self) -> Self {
        self.make(|b, x| b.max(x, other.value))
    }

    /// The smaller of both, element by element; where they are equal, the mean of their derivatives.
    pub fn min(self, other: Self) -> Self {
        self.make(|b, x| b.min(x, other.value))
    }

    /// arctan x, to rounding.
    ///
    /// The argument is halved three times, arctan x = 2 arctan x/(1 + √(1 + x²)), which
    /// leaves at most tan π/16 = 0.199 for fourteen terms of the series: what is left out is below 10⁻²¹.
    /// Derivatives of every order are those of the same expression.
    pub fn atan(self) -> Self {
        let half = |x: Self| x / ((x.square() + 1.0).sqrt() + 1.0);
        let y = half(half(half(self)));
        let square = y.square();
        let first = square.number(1.0 / 29.0).like(square);
        let series = (0..14u32).rev().fold(first, |sum, k| 1.0 / f64::from(2 * k + 1) - square * sum);
        y * series * 8.0
    }

    /// The angle of the point (x, y) with the first axis in (−π/2, 3π/2): it jumps where x = 0 > y.
    pub fn angle(x: Self, y: Self) -> Self {
        let radius = (x.square() + y.square()).sqrt();
        // Half of the angle with the second axis, without cancellation on either side.
        let one = y.number(1.0);
        let ahead = x / (radius + y.below(0.0, radius - y, y));
        let behind = (radius - y) / x.square().below(f64::MIN_POSITIVE, one, x);
        FRAC_PI_2 - 2.0 * y.below(0.0, behind, ahead).atan()
    }

    /// cos √x for x ≥ 0, which is smooth at 0 where √x is not.
    pub fn cos_sqrt(self) -> Self {
        let near = (1..=10u32)
            .rev()
            .fold(self.number(1.0).like(self), |sum, k| 1.0 - self * sum / f64::from(2 * k * (2 * k - 1)));
        let safe = self.below(1.0, self.number(1.0), self);
        self.below(1.0, near, safe.sqrt().cos())
    }
}
