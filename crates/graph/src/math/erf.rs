//! Error function.

use std::hint::select_unpredictable as select;

use super::exp::exp_within;
use super::real::{Real, at_most, polynomial};

/// Error function, (2/√π) ∫₀ˣ e^(−t²) dt.
#[inline(always)]
pub fn erf<T: Real>(x: T) -> T {
    let a = at_most(x.abs(), T::ERF_MAX);
    let z = a * a;
    let (top, bottom) = T::ERFC;
    let near = a + a * polynomial(T::ERF, z);
    let far = T::one() - exp_within(-z) * (polynomial(top, a) / polynomial(bottom, a));
    select(a < T::one(), near, far).copysign(x)
}
