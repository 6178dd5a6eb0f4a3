//! Logarithms: x = 2ᵏ (1 + f), and ln(1 + f) = 2 artanh s with s = f/(2 + f).

use std::hint::select_unpredictable as select;

use super::exp::{exp_parts, scaled};
use super::real::{Real, at_least, at_most, exact_sum, fast_sum, polynomial};

/// Natural logarithm; NaN below 0, −∞ at 0.
#[inline(always)]
pub fn ln<T: Real>(x: T) -> T {
    let (m, k) = split_any(x);
    ends(x, assemble(m - T::one(), T::zero(), k))
}

/// ln(1 + x), accurate near 0; NaN below −1, −∞ at −1.
#[inline(always)]
pub fn ln_1p<T: Real>(x: T) -> T {
    let value = ends(T::one() + x, ln_of_one_plus(x));
    select(x == T::zero(), x, value)
}

/// ln(1 + eˣ).
#[inline(always)]
pub fn softplus<T: Real>(x: T) -> T {
    let (high, low, k) = exp_parts(at_least(-x.abs(), T::EXP_MIN));
    at_least(x, T::zero()) + ln_of_one_plus(scaled(high + low, k))
}

/// (m, k) with 2ᵏ m = x and √½ ≤ m < √2, for positive finite x; any two numbers for other x.
#[inline(always)]
pub(super) fn split_any<T: Real>(x: T) -> (T, T) {
    let subnormal = x < T::min_positive_value();
    let (m, k) = T::split(select(subnormal, x * T::exp2i(T::LIFT), x));
    (m, select(subnormal, k - T::LIFT, k))
}

/// ln(1 + x) for finite x > −1.
#[inline(always)]
fn ln_of_one_plus<T: Real>(x: T) -> T {
    let (sum, rest) = exact_sum(x, T::one());
    let (m, k) = T::split(sum);
    let near = k == T::zero();
    let f = select(near, x, m - T::one());
    let rest = select(near, T::zero(), rest * T::exp2i(-at_most(k, T::of(60.0))));
    assemble(f, rest, k)
}

/// k ln 2 + ln(1 + f + c), with c below the last bit of 1 + f.
#[inline(always)]
fn assemble<T: Real>(f: T, c: T, k: T) -> T {
    let two = T::of(2.0);
    let s = f / (two + f);
    let z = s * s;
    let half_square = f * f * T::of(0.5);
    // ln(1 + f) = f − (f²/2 − s (f²/2 + z P(z))), and d ln(1 + f) = df (1 − s)/(1 + s).
    let bend = half_square - s * (half_square + z * polynomial(T::LN, z));
    let slope = T::one() - two * s * (T::one() - s * (T::one() - s));
    let (high, low) = fast_sum(k * T::LN_2_HIGH, f);
    high + (low + (k * T::LN_2_LOW + c * slope - bend))
}

/// `value`, or the logarithm of x where x is not positive and finite.
#[inline(always)]
fn ends<T: Real>(x: T, value: T) -> T {
    let value = select(x < T::infinity(), value, x);
    let value = select(x > T::zero(), value, T::nan());
    select(x == T::zero(), T::neg_infinity(), value)
}
