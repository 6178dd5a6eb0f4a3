//! Sine and cosine of large arguments.

use super::super::double::pair_product;
use super::super::real::fast_sum;
use super::rotated;

/// The binary digits of 2/π, after 64 zeros.
const TWO_OVER_PI: [u64; 21] = [
    0,
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
    0xf0cf_bc20_9af4_361d,
];

/// sin(x + turn π/2) for |x| ≥ 1; NaN for infinities.
///
/// The argument is reduced as by Payne and Hanek, "Radian reduction for trigonometric functions" (SIGNUM
/// Newsletter 18, 1983): of the product of x and 2/π only those digits are formed that count modulo 4.
pub(in super::super) fn rotate_far(x: f64, turn: u64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    // |x| = m 2ᵉ with an integer m. The digits of weight 2⁻ʲ times m 2ᵉ are multiples of 4 for j ≤ e − 2.
    let m = (x.to_bits() & ((1 << 52) - 1)) | (1 << 52);
    let e = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1075;
    let start = (e - 2 + 64) as usize;
    let word = |i: usize| {
        let (at, shift) = (start / 64 + i, start % 64);
        let pair = u128::from(TWO_OVER_PI[at]) << 64 | u128::from(TWO_OVER_PI[at + 1]);
        (pair << shift >> 64) as u64
    };
    // m times the next 192 digits, modulo 2¹⁹²: the first two bits count quarter turns.
    let low = u128::from(m) * u128::from(word(2));
    let middle = u128::from(m) * u128::from(word(1)) + (low >> 64);
    let high = m.wrapping_mul(word(0)).wrapping_add((middle >> 64) as u64);
    let (middle, low) = (middle as u64, low as u64);

    let nearest = (high >> 62).wrapping_add(high >> 61 & 1);
    let fraction = [high << 2 | middle >> 62, middle << 2 | low >> 62, low << 2];
    let below = fraction[0] >> 63 == 1;
    let magnitude = if below { negated(fraction) } else { fraction };
    let (r, c) = radians(magnitude);
    let flip = if below != x.is_sign_negative() { -1.0 } else { 1.0 };
    let quadrant = if x.is_sign_negative() { nearest.wrapping_neg() } else { nearest };
    rotated(flip * r, flip * c, quadrant.wrapping_add(turn))
}

/// 2¹⁹² − x.
fn negated(x: [u64; 3]) -> [u64; 3] {
    let low = u128::from(!x[2]) + 1;
    let middle = u128::from(!x[1]) + (low >> 64);
    [(!x[0]).wrapping_add((middle >> 64) as u64), middle as u64, low as u64]
}

/// x 2⁻¹⁹² π/2 as a pair, for x of at most 63 leading zeros: no double comes closer to a multiple of π/2.
fn radians(x: [u64; 3]) -> (f64, f64) {
    const HALF_PI: (f64, f64) = (std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17);
    let zeros = x[0].leading_zeros();
    let top = (u128::from(x[0]) << 64 | u128::from(x[1])) << zeros | u128::from(x[2]) << zeros >> 64;
    let unit = |bits: i32| f64::from_bits(((1023 - bits - zeros as i32) as u64) << 52);
    let first = (top >> 75) as f64 * unit(53);
    let second = ((top >> 22) as u64 & ((1 << 53) - 1)) as f64 * unit(106);
    let (high, low) = fast_sum(first, second);
    pair_product((high, low), HALF_PI)
}
