//! Products and sums of pairs of doubles.

use super::real::fast_sum;

/// A number h + l with l below the last bit of h.
pub(super) type Pair = (f64, f64);

/// a b = h + l, exact but for the last bit of l.
#[inline(always)]
pub(super) fn product(a: f64, b: f64) -> Pair {
    let (a1, a2) = halves(a);
    let (b1, b2) = halves(b);
    let h = a * b;
    (h, ((a1 * b1 - h) + a1 * b2 + a2 * b1) + a2 * b2)
}

/// The product of two pairs, normalised.
#[inline(always)]
pub(super) fn pair_product(a: Pair, b: Pair) -> Pair {
    let (h, l) = product(a.0, b.0);
    fast_sum(h, l + (a.0 * b.1 + a.1 * b.0))
}

/// The first 26 bits of the mantissa, and the rest.
#[inline(always)]
fn halves(a: f64) -> (f64, f64) {
    let high = f64::from_bits(a.to_bits() & !0x7ff_ffff);
    (high, a - high)
}
