//! The operations that cost one or a few instructions.

use std::hint::select_unpredictable as select;

use num_traits::Float;

/// 1/√x.
#[inline(always)]
pub fn rsqrt<T: Float>(x: T) -> T {
    T::one() / x.sqrt()
}

/// −1, 0 or 1 by the sign of x; ±0 and NaN are returned as they are.
#[inline(always)]
pub fn sign<T: Float>(x: T) -> T {
    let one = T::one().copysign(x);
    select((x == T::zero()) | x.is_nan(), x, one)
}

/// The larger, with −0 < +0; NaN if either is NaN (IEEE 754-2019 `maximum`).
#[inline(always)]
pub fn max<T: Float>(x: T, y: T) -> T {
    let either = select(x > y, x, y);
    // Equal values differ at most in the sign of zero, and −0 + +0 = +0.
    let tied = select(x == T::zero(), x + y, x);
    let ordered = select(x == y, tied, either);
    select(x.is_nan() | y.is_nan(), T::nan(), ordered)
}

/// The smaller, with −0 < +0; NaN if either is NaN (IEEE 754-2019 `minimum`).
#[inline(always)]
pub fn min<T: Float>(x: T, y: T) -> T {
    -max(-x, -y)
}
