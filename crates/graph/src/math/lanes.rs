//! Kernels of every element type: comparison, choice, conversion; and of numbers: ring operations and order.

use std::ops::{Add, Mul, Neg, Sub};

use super::arithmetic;
use super::dispatch::{Arg, choose, map, zip};
use crate::Element;

/// Comparison, choice and conversion of slices, for every element type.
///
/// Masks are bytes, 0 for false; every other byte counts as true, and only 0 and 1 are written. A comparison
/// with NaN is false, except `ne`, which is true.
///
/// # Panics
///
/// If the slices handed over differ in length.
pub trait Lanes: Element {
    /// `out[i] = x[i] == y[i]`.
    fn eq(x: Arg<Self>, y: Arg<Self>, out: &mut [u8]);
    /// `out[i] = x[i] != y[i]`.
    fn ne(x: Arg<Self>, y: Arg<Self>, out: &mut [u8]);
    /// `out[i] = x[i] < y[i]`.
    fn lt(x: Arg<Self>, y: Arg<Self>, out: &mut [u8]);
    /// `out[i] = x[i] <= y[i]`.
    fn le(x: Arg<Self>, y: Arg<Self>, out: &mut [u8]);
    /// `out[i] = x[i] > y[i]`.
    fn gt(x: Arg<Self>, y: Arg<Self>, out: &mut [u8]);
    /// `out[i] = x[i] >= y[i]`.
    fn ge(x: Arg<Self>, y: Arg<Self>, out: &mut [u8]);
    /// `out[i] = if mask[i] != 0 { on_true[i] } else { on_false[i] }`.
    fn select(mask: &[u8], on_true: Arg<Self>, on_false: Arg<Self>, out: &mut [Self]);
    /// Converts, rounding to nearest.
    fn to_f32(x: &[Self], out: &mut [f32]);
    /// Converts, rounding to nearest.
    fn to_f64(x: &[Self], out: &mut [f64]);
    /// Converts, towards zero; what does not fit becomes the nearest value that does, and NaN becomes 0.
    fn to_i32(x: &[Self], out: &mut [i32]);
    /// `out[i] = x[i] != 0`; NaN is true.
    fn to_bool(x: &[Self], out: &mut [u8]);
}

macro_rules! lanes {
    ($($t:ty: $zero:literal;)*) => {$(
        impl Lanes for $t {
            fn eq(x: Arg<$t>, y: Arg<$t>, out: &mut [u8]) {
                zip!(x, y, out, |x: $t, y: $t| -> u8 { u8::from(x == y) });
            }
            fn ne(x: Arg<$t>, y: Arg<$t>, out: &mut [u8]) {
                zip!(x, y, out, |x: $t, y: $t| -> u8 { u8::from(x != y) });
            }
            fn lt(x: Arg<$t>, y: Arg<$t>, out: &mut [u8]) {
                zip!(x, y, out, |x: $t, y: $t| -> u8 { u8::from(x < y) });
            }
            fn le(x: Arg<$t>, y: Arg<$t>, out: &mut [u8]) {
                zip!(x, y, out, |x: $t, y: $t| -> u8 { u8::from(x <= y) });
            }
            fn gt(x: Arg<$t>, y: Arg<$t>, out: &mut [u8]) {
                Lanes::lt(y, x, out);
            }
            fn ge(x: Arg<$t>, y: Arg<$t>, out: &mut [u8]) {
                Lanes::le(y, x, out);
            }
            fn select(mask: &[u8], on_true: Arg<$t>, on_false: Arg<$t>, out: &mut [$t]) {
                choose(mask, on_true, on_false, out);
            }
            fn to_f32(x: &[$t], out: &mut [f32]) {
                map!(x, out, |x: $t| -> f32 { x as f32 });
            }
            fn to_f64(x: &[$t], out: &mut [f64]) {
                map!(x, out, |x: $t| -> f64 { x as f64 });
            }
            fn to_i32(x: &[$t], out: &mut [i32]) {
                map!(x, out, |x: $t| -> i32 { x as i32 });
            }
            fn to_bool(x: &[$t], out: &mut [u8]) {
                map!(x, out, |x: $t| -> u8 { u8::from(x != $zero) });
            }
        }
    )*};
}

lanes! {
    f32: 0.0;
    f64: 0.0;
    i32: 0;
    u8: 0;
}

/// Ring operations and order on slices of numbers. Integers wrap around.
///
/// # Panics
///
/// If the slices handed over differ in length.
pub trait Arithmetic: Lanes {
    /// `out[i] = x[i] + y[i]`.
    fn add(x: Arg<Self>, y: Arg<Self>, out: &mut [Self]);
    /// `out[i] = x[i] − y[i]`.
    fn sub(x: Arg<Self>, y: Arg<Self>, out: &mut [Self]);
    /// `out[i] = x[i] · y[i]`.
    fn mul(x: Arg<Self>, y: Arg<Self>, out: &mut [Self]);
    /// The larger, with −0 < +0; NaN if either is NaN (IEEE 754-2019 `maximum`).
    fn max(x: Arg<Self>, y: Arg<Self>, out: &mut [Self]);
    /// The smaller, with −0 < +0; NaN if either is NaN (IEEE 754-2019 `minimum`).
    fn min(x: Arg<Self>, y: Arg<Self>, out: &mut [Self]);
    /// `out[i] = −x[i]`.
    fn neg(x: &[Self], out: &mut [Self]);
    /// `out[i] = |x[i]|`.
    fn abs(x: &[Self], out: &mut [Self]);
    /// −1, 0 or 1 by the sign; ±0 and NaN stay as they are.
    fn sign(x: &[Self], out: &mut [Self]);
}

macro_rules! arithmetic {
    ($($t:ty: $add:path, $sub:path, $mul:path, $max:path, $min:path, $neg:path, $abs:path, $sign:path;)*) => {$(
        impl Arithmetic for $t {
            fn add(x: Arg<$t>, y: Arg<$t>, out: &mut [$t]) {
                zip!(x, y, out, |x: $t, y: $t| -> $t { $add(x, y) });
            }
            fn sub(x: Arg<$t>, y: Arg<$t>, out: &mut [$t]) {
                zip!(x, y, out, |x: $t, y: $t| -> $t { $sub(x, y) });
            }
            fn mul(x: Arg<$t>, y: Arg<$t>, out: &mut [$t]) {
                zip!(x, y, out, |x: $t, y: $t| -> $t { $mul(x, y) });
            }
            fn max(x: Arg<$t>, y: Arg<$t>, out: &mut [$t]) {
                zip!(x, y, out, |x: $t, y: $t| -> $t { $max(x, y) });
            }
            fn min(x: Arg<$t>, y: Arg<$t>, out: &mut [$t]) {
                zip!(x, y, out, |x: $t, y: $t| -> $t { $min(x, y) });
            }
            fn neg(x: &[$t], out: &mut [$t]) {
                map!(x, out, |x: $t| -> $t { $neg(x) });
            }
            fn abs(x: &[$t], out: &mut [$t]) {
                map!(x, out, |x: $t| -> $t { $abs(x) });
            }
            fn sign(x: &[$t], out: &mut [$t]) {
                map!(x, out, |x: $t| -> $t { $sign(x) });
            }
        }
    )*};
}

arithmetic! {
    f32: Add::add, Sub::sub, Mul::mul, arithmetic::max, arithmetic::min, Neg::neg, f32::abs, arithmetic::sign;
    f64: Add::add, Sub::sub, Mul::mul, arithmetic::max, arithmetic::min, Neg::neg, f64::abs, arithmetic::sign;
    i32: i32::wrapping_add, i32::wrapping_sub, i32::wrapping_mul, Ord::max, Ord::min, i32::wrapping_neg,
         i32::wrapping_abs, i32::signum;
}

/// `out[i] = x[i]/y[i]` of integers, towards zero; −1 where y = 0, and −2³¹/−1 wraps around to −2³¹.
pub fn divide(x: Arg<i32>, y: Arg<i32>, out: &mut [i32]) {
    zip!(x, y, out, |x: i32, y: i32| -> i32 { if y == 0 { -1 } else { x.wrapping_div(y) } });
}

/// What integer division leaves, with the sign of x; x where y = 0.
pub fn remainder(x: Arg<i32>, y: Arg<i32>, out: &mut [i32]) {
    zip!(x, y, out, |x: i32, y: i32| -> i32 { if y == 0 { x } else { x.wrapping_rem(y) } });
}

/// `out[i] = x[i] ∧ y[i]`, on masks.
pub fn and(x: Arg<u8>, y: Arg<u8>, out: &mut [u8]) {
    zip!(x, y, out, |x: u8, y: u8| -> u8 { u8::from(x != 0) & u8::from(y != 0) });
}

/// `out[i] = x[i] ∨ y[i]`, on masks.
pub fn or(x: Arg<u8>, y: Arg<u8>, out: &mut [u8]) {
    zip!(x, y, out, |x: u8, y: u8| -> u8 { u8::from((x | y) != 0) });
}

/// `out[i] = ¬x[i]`, on masks.
pub fn not(x: &[u8], out: &mut [u8]) {
    map!(x, out, |x: u8| -> u8 { u8::from(x == 0) });
}
