//! Powers: xʸ = e^(y ln x), with the logarithm to more bits than the result.

use std::hint::select_unpredictable as select;

use super::double::{Pair, pair_product, product};
use super::exp::{bend, exp_within, reduce, scaled};
use super::log::{ln, split_any};
use super::real::{Real, at_least, at_most, fast_sum, polynomial};

/// xʸ, with the special cases of C99 `pow`: x⁰ = 1 and 1ʸ = 1 even for NaN; a negative x takes integers only.
#[inline(always)]
pub fn powf<T: Real>(x: T, y: T) -> T {
    let a = x.abs();
    let integer = y.floor() == y;
    let half = y * T::of(0.5);
    let odd = integer & (half.floor() != half);

    // Any larger y gives the same 0, 1 or ∞, as |ln x| > 10⁻¹⁶ unless x = 1.
    let most = T::of(1e21);
    let value = T::power(a, at_least(at_most(y, most), -most));
    let extreme = select((a == T::zero()) == (y > T::zero()), T::zero(), T::infinity());
    let ends = (a == T::zero()) | (a == T::infinity());
    let value = select(ends, extreme, value);
    let negative = x.is_sign_negative();
    let value = select(negative & odd, -value, value);
    let undefined = (negative & !integer & !ends) | x.is_nan() | y.is_nan();
    let value = select(undefined, T::nan(), value);
    select((x == T::one()) | (y == T::zero()), T::one(), value)
}

/// xʸ for positive finite x, through doubles.
#[inline(always)]
pub(super) fn power_f32(x: f32, y: f32) -> f32 {
    let exponent = f64::from(y) * ln(f64::from(x));
    exp_within(at_least(at_most(exponent, 200.0), -200.0)) as f32
}

/// xʸ for positive finite x, through a logarithm of about 65 bits.
#[inline(always)]
pub(super) fn power_f64(x: f64, y: f64) -> f64 {
    let log = long_ln(x);
    let (high, low) = product(y, log.0);
    let low = low + y * log.1;
    let within = (high < f64::EXP_MAX) & (high > f64::EXP_MIN);
    let (r, c, k) = reduce(at_least(at_most(high, f64::EXP_MAX), f64::EXP_MIN));
    let (r, c) = fast_sum(r, c + select(within, low, 0.0));
    let (high, low) = fast_sum(1.0, r);
    scaled(high + (low + (c * high + bend(r))), k)
}

/// ln x for positive finite x, as a pair.
#[inline(always)]
fn long_ln(x: f64) -> Pair {
    const TWO_THIRDS: Pair = (2.0 / 3.0, 3.700_743_415_417_188e-17);
    const TAIL: [f64; 7] = [
        0.400_000_000_000_022_56,
        0.285_714_285_700_992_33,
        0.222_222_225_199_799_14,
        0.181_817_843_624_213_27,
        0.153_867_575_369_729_8,
        0.132_568_131_620_786_23,
        0.131_963_696_870_170_37,
    ];
    let (m, k) = split_any(x);

    // s = f/(2 + f) as a pair: the quotient and its remainder.
    let f = m - 1.0;
    let (sum, rest) = fast_sum(2.0, f);
    let s = f / sum;
    let (p, q) = product(s, sum);
    let s = (s, ((f - p) - q - s * rest) / sum);

    // ln m = 2s + 2s³/3 + s⁵ P(s²), of which only the last part is rounded to a double.
    let square = pair_product(s, s);
    let third = pair_product(pair_product(square, s), TWO_THIRDS);
    let tail = s.0 * square.0 * square.0 * polynomial(&TAIL, square.0);
    let (high, low) = fast_sum(2.0 * s.0, third.0);
    let low = low + (2.0 * s.1 + third.1 + tail);

    let (high, rest) = fast_sum(k * f64::LN_2_HIGH, high);
    fast_sum(high, rest + (low + k * f64::LN_2_LOW))
}
