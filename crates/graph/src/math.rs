//! Elementwise kernels: every operation that the executor applies element by element, vectorised.
//!
//! The traits [`Lanes`], [`Arithmetic`] and [`Math`] hold functions of slices. Each picks, at run time, the loop
//! compiled for the widest vectors of the machine (a few nanoseconds a call; blocks of a thousand elements hide
//! it). The functions themselves are free of branches and tables, so that the loops vectorise.
//!
//! ```
//! use thalweg_graph::math::{Arg, Arithmetic, Math};
//!
//! let x = [0.0, 0.5, -2.0];
//! let mut y = [0.0; 3];
//! Math::tanh(&x, &mut y);
//! assert!((y[1] - 0.46211715726000975_f64).abs() < 1e-16);
//!
//! let mut z = [0.0; 3];
//! Arithmetic::max(Arg::Slice(&y), Arg::Scalar(0.0), &mut z);
//! assert_eq!(z, [0.0, y[1], 0.0]);
//! ```
//!
//! # The same bits everywhere
//!
//! A value depends on its argument alone: not on its place in the slice, on the length of the slice or on the
//! machine. The kernels use additions, multiplications, divisions and square roots, which IEEE 754 defines to the
//! last bit, and nothing of a system's library; NaN is NaN, but its payload is not kept. Fused multiply-adds would
//! save about a tenth of the time in binary32 and a quarter in binary64, but not every machine has them, and a
//! browser would find other numbers than a server.
//!
//! # Accuracy
//!
//! The largest errors seen, in units of the last place, over all arguments (subnormal, huge, next to roots and
//! limits): in binary32 every 13th bit pattern against binary64, in binary64 3 million arguments a function
//! against binary128. The tests hold the functions to these figures. Zeros, infinities and NaN follow C99.
//!
//! | Function | binary32 | binary64 | | Function | binary32 | binary64 |
//! |---|---|---|---|---|---|---|
//! | `exp` | 0.77 | 0.71 | | `logistic` | 1.16 | 1.11 |
//! | `expm1` | 1.23 | 1.16 | | `softplus` | 1.71 | 1.65 |
//! | `ln` | 0.91 | 0.85 | | `erf` | 1.31 | 1.42 |
//! | `ln_1p` | 0.93 | 0.87 | | `sin`, `cos` | 0.51 | 0.80 |
//! | `tanh` | 1.06 | 1.08 | | `powf` | 0.51 | 0.83 |
//!
//! `rsqrt` rounds twice (1.5); what IEEE 754 defines (`sqrt`, `recip`, `div`, …) is rounded once.
//!
//! The sine and cosine of arguments beyond a million are computed one by one, much more slowly, and so are
//! remainders, which are exact.

mod arithmetic;
mod dispatch;
mod double;
mod erf;
mod exp;
mod lanes;
mod log;
mod philox;
mod power;
mod real;
mod tanh;
mod trig;

pub use dispatch::Arg;
pub(crate) use dispatch::run;
pub use lanes::{Arithmetic, Lanes, and, divide, not, or, remainder};
pub use philox::uniform;
pub use real::Real;

use dispatch::{map, zip};

/// The functions of one number behind the kernels, with the same bits.
pub mod scalar {
    pub use super::arithmetic::{max, min, rsqrt, sign};
    pub use super::erf::erf;
    pub use super::exp::{exp, expm1, logistic};
    pub use super::log::{ln, ln_1p, softplus};
    pub use super::power::powf;
    pub use super::tanh::tanh;
    pub use super::trig::{cos, sin};
}

macro_rules! math {
    (
        unary { $($(#[$udoc:meta])* $unary:ident: $u:path;)* }
        circular { $($(#[$cdoc:meta])* $circular:ident: $turn:literal;)* }
        binary { $($(#[$bdoc:meta])* $binary:ident: $b:path;)* }
    ) => {
        /// Real functions of slices, vectorised for the machine at hand.
        ///
        /// Call them by the trait's name, `Math::exp(x, out)`: `f64::exp` is the standard library's scalar
        /// function, and in generic code `T::exp` is ambiguous with [`num_traits::Float`].
        ///
        /// # Panics
        ///
        /// If the slices handed over differ in length.
        pub trait Math: Arithmetic + Real {
            $($(#[$udoc])* fn $unary(x: &[Self], out: &mut [Self]);)*
            $($(#[$cdoc])* fn $circular(x: &[Self], out: &mut [Self]);)*
            $($(#[$bdoc])* fn $binary(x: Arg<Self>, y: Arg<Self>, out: &mut [Self]);)*
        }

        math!(impl f32 { $($unary: $u;)* } { $($circular: $turn;)* } { $($binary: $b;)* });
        math!(impl f64 { $($unary: $u;)* } { $($circular: $turn;)* } { $($binary: $b;)* });
    };
    (impl $t:ident
        { $($unary:ident: $u:path;)* } { $($circular:ident: $turn:literal;)* } { $($binary:ident: $b:path;)* }
    ) => {
        impl Math for $t {
            $(fn $unary(x: &[$t], out: &mut [$t]) {
                map!(x, out, |x: $t| -> $t { $u(x) });
            })*
            $(fn $circular(x: &[$t], out: &mut [$t]) {
                map!(x, out, |x: $t| -> $t { <$t as Real>::rotate(x, $turn) });
                trig::redo_far(x, $turn, out);
            })*
            $(fn $binary(x: Arg<$t>, y: Arg<$t>, out: &mut [$t]) {
                zip!(x, y, out, |x: $t, y: $t| -> $t { $b(x, y) });
            })*
        }
    };
}

math! {
    unary {
        /// eˣ.
        exp: scalar::exp;
        /// eˣ − 1, accurate near 0.
        expm1: scalar::expm1;
        /// Natural logarithm; NaN below 0, −∞ at 0.
        ln: scalar::ln;
        /// ln(1 + x), accurate near 0; NaN below −1, −∞ at −1.
        ln_1p: scalar::ln_1p;
        /// Hyperbolic tangent.
        tanh: scalar::tanh;
        /// 1/(1 + e⁻ˣ).
        logistic: scalar::logistic;
        /// ln(1 + eˣ).
        softplus: scalar::softplus;
        /// Error function, (2/√π) ∫₀ˣ e^(−t²) dt.
        erf: scalar::erf;
        /// √x.
        sqrt: num_traits::Float::sqrt;
        /// 1/√x.
        rsqrt: scalar::rsqrt;
        /// 1/x.
        recip: num_traits::Float::recip;
        /// The largest integer not above x.
        floor: num_traits::Float::floor;
        /// The smallest integer not below x.
        ceil: num_traits::Float::ceil;
        /// The nearest integer, the even one of two.
        round_even: Real::round_even;
    }
    circular {
        /// Sine.
        sin: 0;
        /// Cosine.
        cos: 1;
    }
    binary {
        /// x/y.
        div: std::ops::Div::div;
        /// xʸ, with the special cases of C99 `pow`.
        powf: scalar::powf;
        /// x − y · trunc(x/y), exactly, with the sign of x (C99 `fmod`).
        rem: std::ops::Rem::rem;
    }
}
