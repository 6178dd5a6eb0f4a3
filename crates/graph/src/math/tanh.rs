//! Hyperbolic tangent.

use std::hint::select_unpredictable as select;

use super::exp::exp_within;
use super::real::{Real, at_most, polynomial};

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh<T: Real>(x: T) -> T {
    let a = x.abs();
    // Below ¾ a quotient of polynomials, above it 1 − 2/(e²ᵃ + 1); one division serves both.
    let z = a * a;
    let (top, bottom) = T::TANH;
    let far = T::of(2.0) * at_most(a, T::TANH_MAX);
    let near = a < T::of(0.75);
    let top = select(near, a * z * polynomial(top, z), T::of(-2.0));
    let bottom = select(near, polynomial(bottom, z), exp_within(far) + T::one());
    (select(near, a, T::one()) + top / bottom).copysign(x)
}
