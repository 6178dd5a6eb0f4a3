//! Logarithms: x = 2ᵏ (1 + f), and ln(1 + f) = 2 artanh s with s = f/(2 + f).

use std::hint::select_unpredictable as select;

use super::exp::{exp_parts, scaled};
use super::real::{Real, at_least, at_most, exact_sum, fast_sum, polynomial};

/// Natural logarithm; NaN below 0, −∞ at 0.
#[inline(always)]
pub fn ln<T: Real>(x: T) -> T {
    let (m, k) = split_any(x);
    ends(x, assemble(m - T::one(), k, None))
}

/// ln(1 + x), accurate near 0; NaN below −1, −∞ at −1.
#[inline(always)]
pub fn ln_1p<T: Real>(x: T) -> T {
    let (sum, rest) = exact_sum(x, T::one());
    let (m, k) = T::split(sum);
    // Within √½ and √2, x itself is f; elsewhere the rounding error of 1 + x counts, up to 2⁶⁰.
    let near = k == T::zero();
    let f = select(near, x, m - T::one());
    let rest = select(near, T::zero(), rest * T::exp2i(-at_most(k, T::of(60.0))));
    let value = ends(sum, assemble(f, k, Some(rest)));
    select(x == T::zero(), x, value)
}

/// ln(1 + eˣ).
#[inline(always)]
pub fn softplus<T: Real>(x: T) -> T {
    // max(x, 0) + ln(1 + t), t = e^(−|x|). Where 1 + t > √2 it is 2(1 + f) with f = (t − 1)/2.
    let (high, low, k) = exp_parts(at_least(-x.abs(), T::EXP_MIN));
    let t = scaled(high + low, k);
    let double = t > T::of(std::f64::consts::SQRT_2 - 1.0);
    let f = select(double, T::of(0.5) * (t - T::one()), t);
    at_least(x, T::zero()) + assemble(f, select(double, T::one(), T::zero()), None)
}

/// (m, k) with 2ᵏ m = x and √½ ≤ m < √2, for positive finite x; any two numbers for other x.
#[inline(always)]
pub(super) fn split_any<T: Real>(x: T) -> (T, T) {
    let subnormal = x < T::min_positive_value();
    let (m, k) = T::split(select(subnormal, x * T::exp2i(T::LIFT), x));
    (m, select(subnormal, k - T::LIFT, k))
}

/// k ln 2 + ln(1 + f + c), with c below the last bit of 1 + f.
#[inline(always)]
fn assemble<T: Real>(f: T, k: T, c: Option<T>) -> T {
    let (one, two) = (T::one(), T::of(2.0));
    let s = f / (two + f);
    let z = s * s;
    // ln(1 + f) = f − (f²/2 − s (f²/2 + z P(z))).
    let half_square = f * f * T::of(0.5);
    let bend = half_square - s * (half_square + z * polynomial(T::LN, z));
    let rest = k * T::LN_2_LOW - bend;
    // d ln(1 + f) = df (1 − s)/(1 + s).
    let rest = c.map_or(rest, |c| rest + c * (one - two * s * (one - s * (one - s))));
    let (high, low) = fast_sum(k * T::LN_2_HIGH, f);
    high + (low + rest)
}

/// `value`, or the logarithm of x where x is not positive and finite.
#[inline(always)]
fn ends<T: Real>(x: T, value: T) -> T {
    let value = select(x < T::infinity(), value, x);
    let value = select(x > T::zero(), value, T::nan());
    select(x == T::zero(), T::neg_infinity(), value)
}
