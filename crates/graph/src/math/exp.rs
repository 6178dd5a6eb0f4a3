//! Exponentials: argument reduction x = k ln 2 + r, a polynomial for eʳ, and scaling by 2ᵏ.

use std::hint::select_unpredictable as select;

use super::real::{Real, at_least, at_most, fast_sum, polynomial};

/// eˣ.
#[inline(always)]
pub fn exp<T: Real>(x: T) -> T {
    let (high, low, k) = exp_parts(at_least(at_most(x, T::EXP_MAX), T::EXP_MIN));
    scaled(high + low, k)
}

/// eˣ − 1, accurate near 0.
#[inline(always)]
pub fn expm1<T: Real>(x: T) -> T {
    let (r, c, k) = reduce(at_least(at_most(x, T::EXP_MAX), T::EXPM1_MIN));
    // eˣ − 1 = 2ᵏ ((1 − 2⁻ᵏ) + (eʳ − 1)), and beyond k = 60 the 2⁻ᵏ is lost in rounding.
    let (high, low) = fast_sum(T::one() - T::exp2i(-at_most(k, T::of(60.0))), r);
    let value = T::of(2.0) * (high + (low + (c + bend(r)))) * T::exp2i(k - T::one());
    select(x == T::zero(), x, value)
}

/// 1/(1 + e⁻ˣ).
#[inline(always)]
pub fn logistic<T: Real>(x: T) -> T {
    // Both signs from t = e^(−|x|) = high + low: 1/(1 + t) and t/(1 + t).
    let (high, low, k) = exp_parts(at_least(-x.abs(), T::EXP_MIN));
    let (high, low) = fast_sum(high, low);
    let (high, low) = (scaled(high, k), scaled(low, k));
    let (sum, rest) = fast_sum(T::one(), high);
    let positive = x > T::zero();
    let top = select(positive, T::one(), high);
    let top_rest = select(positive, T::zero(), low);
    let quotient = top / sum;
    // First order in what the division left out; 1/(1 + t) is the quotient or its complement.
    let inverse = select(positive, quotient, T::one() - quotient);
    quotient + (top_rest - quotient * (rest + low)) * inverse
}

/// eˣ to about one ulp, for x whose exponential is neither subnormal nor overflows.
#[inline(always)]
pub(super) fn exp_within<T: Real>(x: T) -> T {
    let (r, _, k) = reduce(x);
    (T::one() + (r + bend(r))) * T::exp2i(k)
}

/// (h, l, k) with eˣ = 2ᵏ (h + l) and h about eʳ: the rounding of the sum h + l is the main error.
#[inline(always)]
pub(super) fn exp_parts<T: Real>(x: T) -> (T, T, T) {
    let (r, c, k) = reduce(x);
    let (high, low) = fast_sum(T::one(), r);
    (high, low + (c + bend(r)), k)
}

/// (r, c, k) with x = k ln 2 + r + c, |r| ≤ ½ ln 2 and c below the last bit of r.
#[inline(always)]
pub(super) fn reduce<T: Real>(x: T) -> (T, T, T) {
    let k = (x * T::LOG2_E + T::ROUND) - T::ROUND;
    let (high, low) = (x - k * T::LN_2_HIGH, k * T::LN_2_LOW);
    let r = high - low;
    (r, (high - r) - low, k)
}

/// eʳ − 1 − r.
#[inline(always)]
pub(super) fn bend<T: Real>(r: T) -> T {
    r * r * (T::of(0.5) + r * polynomial(T::EXP, r))
}

/// 2ᵏ p for p near 1, rounded once, where 2ᵏ itself may be subnormal or too large.
#[inline(always)]
pub(super) fn scaled<T: Real>(p: T, k: T) -> T {
    let large = k > T::zero();
    let rest = select(large, k - T::one(), k + T::LIFT);
    p * T::exp2i(rest) * select(large, T::of(2.0), T::exp2i(-T::LIFT))
}
