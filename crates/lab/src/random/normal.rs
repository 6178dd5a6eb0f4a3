//! Box and Muller's transformation, with elementary functions of its own.
//!
//! Plain multiplications, additions, one division and one square root, each
//! rounded as IEEE 754 says: the same bits everywhere, and loops that a compiler
//! can vectorise.

use std::f64::consts::{FRAC_PI_2, LN_2, SQRT_2};

/// Pairs worked on at a time.
const PAIRS: usize = 64;

/// A number of the open interval (0, 1) on the grid (k + ½)·2⁻⁵², from two words, low first.
#[inline(always)]
pub fn unit(low: u32, high: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 12;
    let above_one = f64::from_bits(bits | 1f64.to_bits());
    (above_one - 1.0) + 0.5 / (1u64 << 52) as f64
}

/// Turns each four words into two independent standard normal numbers.
pub fn fill(words: &[u32], out: &mut [f64]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let (mut radius, mut turn) = ([0.5; PAIRS], [0.5; PAIRS]);
            let (mut sin, mut cos) = ([0.0; PAIRS], [0.0; PAIRS]);
            for (words, out) in words.chunks(4 * PAIRS).zip(out.chunks_mut(2 * PAIRS)) {
                for (i, w) in words.as_chunks::<4>().0.iter().enumerate() {
                    radius[i] = unit(w[0], w[1]);
                    turn[i] = unit(w[2], w[3]);
                }
                for i in 0..PAIRS {
                    radius[i] = (-2.0 * ln(radius[i])).sqrt();
                    (sin[i], cos[i]) = sin_cos_turn(turn[i]);
                }
                for (i, pair) in out.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                    *pair = [radius[i] * cos[i], radius[i] * sin[i]];
                }
            }
        },
    );
}

/// ln x for normal positive x: x = m·2ᵉ with m in [√½, √2), then
/// ln m = 2 artanh s with s = (m − 1)/(m + 1), by its power series up to s²³.
#[inline(always)]
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    let mantissa = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 1f64.to_bits());
    let large = mantissa > SQRT_2;
    let m = if large { 0.5 * mantissa } else { mantissa };
    let e = f64::from(if large { exponent + 1 } else { exponent });
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut sum = 0.0;
    for coefficient in ARTANH {
        sum = (sum + coefficient) * z;
    }
    e * LN_2 + (2.0 * s + 2.0 * s * sum)
}

/// (sin 2πu, cos 2πu) for u in [0, 1]: reduced to the nearest quarter turn, then
/// by the power series up to x¹⁷ and x¹⁶ on |x| ≤ π/4.
#[inline(always)]
fn sin_cos_turn(u: f64) -> (f64, f64) {
    // Numbers of this size have a spacing of 1: adding it rounds, and the last bits count the quarters.
    let round = 1.5 * (1u64 << 52) as f64;
    let shifted = 4.0 * u + round;
    let quarters = shifted.to_bits();
    let x = (4.0 * u - (shifted - round)) * FRAC_PI_2;
    let z = x * x;
    let (mut s, mut c) = (1.0, 1.0);
    for (sine, cosine) in SERIES {
        s = 1.0 - z * sine * s;
        c = 1.0 - z * cosine * c;
    }
    let s = s * x;
    let (s, c) = if quarters & 1 == 0 { (s, c) } else { (c, s) };
    (if quarters & 2 == 0 { s } else { -s }, if quarters.wrapping_add(1) & 2 == 0 { c } else { -c })
}

/// 1/(2k + 1) for k = 11 … 1.
const ARTANH: [f64; 11] = {
    let mut out = [0.0; 11];
    let mut i = 0;
    while i < 11 {
        out[i] = 1.0 / (23 - 2 * i) as f64;
        i += 1;
    }
    out
};

/// 1/(2k(2k + 1)) and 1/(2k(2k − 1)) for k = 8 … 1.
const SERIES: [(f64, f64); 8] = {
    let mut out = [(0.0, 0.0); 8];
    let mut i = 0;
    while i < 8 {
        let k = 16 - 2 * i;
        out[i] = (1.0 / (k * (k + 1)) as f64, 1.0 / (k * (k - 1)) as f64);
        i += 1;
    }
    out
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_and_circle_agree_with_the_platform() {
        for i in 1..20_000u32 {
            let u = f64::from(i) / 20_000.0;
            for x in [u, u * 2f64.powi(-40), 2f64.powi(-53)] {
                assert!((ln(x) - x.ln()).abs() <= 4e-16 * x.ln().abs().max(1.0), "ln {x}");
            }
            let (s, c) = sin_cos_turn(u);
            let angle = std::f64::consts::TAU * u;
            assert!((s - angle.sin()).abs() < 2e-15 && (c - angle.cos()).abs() < 2e-15, "{u}");
        }
        assert_eq!(sin_cos_turn(0.0), (0.0, 1.0));
    }

    #[test]
    fn the_unit_interval_is_open() {
        assert_eq!(unit(0, 0), 2f64.powi(-53));
        assert_eq!(unit(u32::MAX, u32::MAX), 1.0 - 2f64.powi(-53));
    }
}
