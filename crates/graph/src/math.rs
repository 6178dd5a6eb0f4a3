//! Elementwise kernels: every operation that the executor applies element by element, vectorised.

mod arithmetic;
mod dispatch;
mod lanes;

pub use dispatch::Arg;
pub use lanes::{Arithmetic, Lanes, and, not, or, xor};

use crate::Float;
use dispatch::{map, zip};

macro_rules! math {
    (
        unary { $($(#[$udoc:meta])* $unary:ident: $u:expr;)* }
        binary { $($(#[$bdoc:meta])* $binary:ident: $b:expr;)* }
    ) => {
        /// Real functions of slices, vectorised for the machine at hand.
        ///
        /// Call them by the trait's name, `Math::exp(x, out)`: `f64::exp` is the standard library's scalar
        /// function, and in generic code `T::exp` is ambiguous with [`num_traits::Float`].
        ///
        /// # Panics
        ///
        /// If the slices handed over differ in length.
        pub trait Math: Arithmetic + Float {
            $($(#[$udoc])* fn $unary(x: &[Self], out: &mut [Self]);)*
            $($(#[$bdoc])* fn $binary(x: Arg<Self>, y: Arg<Self>, out: &mut [Self]);)*
        }

        math!(impl f32 { $($unary: $u;)* } { $($binary: $b;)* });
        math!(impl f64 { $($unary: $u;)* } { $($binary: $b;)* });
    };
    (impl $t:ident { $($unary:ident: $u:expr;)* } { $($binary:ident: $b:expr;)* }) => {
        impl Math for $t {
            $(fn $unary(x: &[$t], out: &mut [$t]) {
                map(x, out, $u);
            })*
            $(fn $binary(x: Arg<$t>, y: Arg<$t>, out: &mut [$t]) {
                zip(x, y, out, $b);
            })*
        }
    };
}

math! {
    unary {
        /// eˣ.
        exp: num_traits::Float::exp;
        /// eˣ − 1, accurate near 0.
        expm1: num_traits::Float::exp_m1;
        /// Natural logarithm.
        ln: num_traits::Float::ln;
        /// ln(1 + x), accurate near 0.
        ln_1p: num_traits::Float::ln_1p;
        /// Hyperbolic tangent.
        tanh: num_traits::Float::tanh;
        /// 1/(1 + e⁻ˣ).
        logistic: |x| 1.0 / (1.0 + (-x).exp());
        /// ln(1 + eˣ).
        softplus: |x| x.max(0.0) + (-x.abs()).exp().ln_1p();
        /// Error function, (2/√π) ∫₀ˣ e^(−t²) dt.
        erf: erf_series;
        /// Sine.
        sin: num_traits::Float::sin;
        /// Cosine.
        cos: num_traits::Float::cos;
        /// √x.
        sqrt: num_traits::Float::sqrt;
        /// 1/√x.
        rsqrt: arithmetic::rsqrt;
        /// 1/x.
        recip: num_traits::Float::recip;
        /// The largest integer not above x.
        floor: num_traits::Float::floor;
    }
    binary {
        /// x/y.
        div: std::ops::Div::div;
        /// xʸ, with the special cases of C99 `pow`.
        powf: num_traits::Float::powf;
    }
}

fn erf_series<T: Float>(x: T) -> T {
    let square = x.wide() * x.wide();
    let (mut term, mut sum, mut n) = (1.0, 1.0, 1.0);
    while term > 1e-17 * sum && square < 36.0 {
        term *= 2.0 * square / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    let value = std::f64::consts::FRAC_2_SQRT_PI * x.wide() * (-square).exp() * sum;
    T::of(if square < 36.0 { value } else { x.wide().signum() })
}
