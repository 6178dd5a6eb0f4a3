//! What the elementary functions need to know of a floating-point format.

use std::hint::select_unpredictable as select;

use super::{power, trig};
use crate::Float;

/// A binary format with its constants, its bit tricks and its coefficients.
///
/// The coefficients are those printed by `tools/minimax.py`, which says what each table approximates and how well.
pub trait Real: Float {
    /// 1.5·2ᵖ⁻¹ for a p-bit mantissa: adding and subtracting it rounds to the nearest integer.
    const ROUND: Self;
    /// log₂ e.
    const LOG2_E: Self;
    /// ln 2, with so few bits that its product with any exponent is exact.
    const LN_2_HIGH: Self;
    /// ln 2 − `LN_2_HIGH`.
    const LN_2_LOW: Self;
    /// eˣ overflows above this.
    const EXP_MAX: Self;
    /// eˣ rounds to 0 below this.
    const EXP_MIN: Self;
    /// eˣ − 1 rounds to −1 below this.
    const EXPM1_MIN: Self;
    /// tanh x rounds to 1 above this.
    const TANH_MAX: Self;
    /// erf x rounds to 1 above this.
    const ERF_MAX: Self;
    /// s, with 2ˢ large enough to make every nonzero result of exp, and every subnormal number, a normal one.
    const LIFT: Self;

    /// eʳ = 1 + r + r²/2 + r³ P(r).
    const EXP: &'static [Self];
    /// ln((1+s)/(1−s)) = 2s + s z P(z), z = s².
    const LN: &'static [Self];
    /// tanh x = x + x z P(z)/Q(z), z = x² ≤ 0.75².
    const TANH: (&'static [Self], &'static [Self]);
    /// erf x = x + x P(z), z = x² ≤ 1.
    const ERF: &'static [Self];
    /// erfc x = e^(−x²) P(x)/Q(x), x ≥ 1.
    const ERFC: (&'static [Self], &'static [Self]);

    /// 2ᵏ for an integer k of the format's normal exponents.
    fn exp2i(k: Self) -> Self;
    /// (m, k) with 2ᵏ m = x and √½ ≤ m < √2, for positive normal x; any two numbers for other x.
    fn split(x: Self) -> (Self, Self);
    /// Whether x is too far from 0 for [`rotate`](Self::rotate).
    fn is_far(x: Self) -> bool;
    /// sin(x + turn π/2) for x that is not far.
    fn rotate(x: Self, turn: u64) -> Self;
    /// sin(x + turn π/2) for |x| ≥ 1, slowly.
    fn rotate_far(x: Self, turn: u64) -> Self;
    /// The nearest integer, the even one of two.
    fn round_even(self) -> Self;
    /// The leading bits of 2³² `high` + `low`, as many as the mantissa holds, divided by 2 to their number.
    fn unit(high: u32, low: u32) -> Self;
    /// xʸ for positive finite x and |y| ≤ 10²¹; any number for other x.
    fn power(x: Self, y: Self) -> Self;
}

/// c₀ + c₁ x + c₂ x² + …
#[inline(always)]
pub(super) fn polynomial<T: Real>(c: &[T], x: T) -> T {
    c.iter().copied().rev().reduce(|sum, c| sum * x + c).unwrap_or(T::zero())
}

/// a + b = s + e exactly, for |a| ≥ |b| or a = 0.
#[inline(always)]
pub(super) fn fast_sum<T: Real>(a: T, b: T) -> (T, T) {
    let s = a + b;
    (s, b - (s - a))
}

/// a + b = s + e exactly.
#[inline(always)]
pub(super) fn exact_sum<T: Real>(a: T, b: T) -> (T, T) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

/// x, but no more than `most`; NaN stays.
#[inline(always)]
pub(super) fn at_most<T: Real>(x: T, most: T) -> T {
    select(x > most, most, x)
}

/// x, but no less than `least`; NaN stays.
#[inline(always)]
pub(super) fn at_least<T: Real>(x: T, least: T) -> T {
    select(x < least, least, x)
}

macro_rules! real {
    (
        $t:ident as $bits:ident, $digits:literal binary digits, bias $bias:literal;
        near $near:path; far $far:path; power $power:path;
        $($constant:item)*
    ) => {
        impl Real for $t {
            const ROUND: $t = ((3 as $bits) << ($digits - 2)) as $t;
            const LOG2_E: $t = std::$t::consts::LOG2_E;
            $($constant)*

            #[inline(always)]
            fn exp2i(k: $t) -> $t {
                $t::from_bits((k + (Self::ROUND + $bias)).to_bits() << ($digits - 1))
            }

            #[inline(always)]
            fn split(x: $t) -> ($t, $t) {
                const MANTISSA: $bits = (1 << ($digits - 1)) - 1;
                const LEAST: $bits = std::$t::consts::FRAC_1_SQRT_2.to_bits();
                const INTEGER: $t = ((1 as $bits) << ($digits - 1)) as $t;
                let shifted = x.to_bits().wrapping_add((1.0 as $t).to_bits() - LEAST);
                let m = $t::from_bits((shifted & MANTISSA) + LEAST);
                let k = $t::from_bits((shifted >> ($digits - 1)) | INTEGER.to_bits()) - (INTEGER + $bias);
                (m, k)
            }

            #[inline(always)]
            fn is_far(x: $t) -> bool {
                x.abs() > trig::NEAR as $t
            }

            #[inline(always)]
            fn rotate(x: $t, turn: u64) -> $t {
                $near(x, turn)
            }

            #[cold]
            fn rotate_far(x: $t, turn: u64) -> $t {
                $far(x.into(), turn) as $t
            }

            #[inline(always)]
            fn round_even(self) -> $t {
                self.round_ties_even()
            }

            #[inline(always)]
            fn unit(high: u32, low: u32) -> $t {
                // Shifted before it is narrowed: of an f32's bits none belongs to the low word.
                const SCALE: $t = 1.0 / ((1 as $bits) << $digits) as $t;
                let leading = ((u64::from(high) << 32 | u64::from(low)) >> (64 - $digits)) as $bits;
                leading as $t * SCALE
            }

            #[inline(always)]
            fn power(x: $t, y: $t) -> $t {
                $power(x, y)
            }
        }
    };
}

real! {
    f32 as u32, 24 binary digits, bias 127.0;
    near trig::rotate_f32; far trig::rotate_far; power power::power_f32;
    const LN_2_HIGH: f32 = 0.693_145_75;
    const LN_2_LOW: f32 = 1.428_606_8e-6;
    const EXP_MAX: f32 = 89.0;
    const EXP_MIN: f32 = -104.0;
    const EXPM1_MIN: f32 = -20.0;
    const TANH_MAX: f32 = 10.0;
    const ERF_MAX: f32 = 4.0;
    const LIFT: f32 = 32.0;
    const EXP: &'static [f32] = &[0.166_665_2, 0.041_666_575, 0.008_368_789, 0.001_392_655_8];
    const LN: &'static [f32] = &[0.666_667_76, 0.399_775_8, 0.298_709_27];
    const TANH: (&'static [f32], &'static [f32]) =
        (&[-0.333_333_34, -0.014_742_218], &[1.0, 0.444_226_62, 0.015_786_089]);
    const ERF: &'static [f32] = &[
        0.128_379_17, -0.376_126_26, 0.112_835_79, -0.026_853_347, 0.005_187_162, -0.000_799_785_3,
        7.806_904e-5,
    ];
    const ERFC: (&'static [f32], &'static [f32]) =
        (&[0.993_594_9, 0.412_276_15, 0.003_370_933_2], &[1.0, 1.505_782_4, 0.790_045_9]);
}

real! {
    f64 as u64, 53 binary digits, bias 1023.0;
    near trig::rotate_f64; far trig::rotate_far; power power::power_f64;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const EXP_MAX: f64 = 710.0;
    const EXP_MIN: f64 = -746.0;
    const EXPM1_MIN: f64 = -40.0;
    const TANH_MAX: f64 = 20.0;
    const ERF_MAX: f64 = 6.0;
    const LIFT: f64 = 64.0;
    const EXP: &'static [f64] = &[
        0.166_666_666_666_666_88, 0.041_666_666_666_602_19, 0.008_333_333_333_312_607,
        0.001_388_888_892_753_921_2, 0.000_198_412_699_085_038_47, 2.480_150_772_074_786_5e-5,
        2.755_722_225_107_591_6e-6, 2.762_557_881_810_120_3e-7, 2.511_649_377_699_233_2e-8,
    ];
    const LN: &'static [f64] = &[
        0.666_666_666_666_673_4, 0.399_999_999_994_143_3, 0.285_714_287_424_724_7,
        0.222_221_985_636_970_15, 0.181_835_648_572_463_5, 0.153_140_360_410_194_77,
        0.147_961_036_939_881_27,
    ];
    const TANH: (&'static [f64], &'static [f64]) = (
        &[
            -0.333_333_333_333_332_5, -0.020_489_789_457_875_492, -0.000_198_779_384_722_364_3,
        ],
        &[
            1.0, 0.461_469_368_373_535_5, 0.023_279_323_599_920_892, 0.000_206_106_829_348_515_9,
        ],
    );
    const ERF: &'static [f64] = &[
        0.128_379_167_095_512_56, -0.376_126_389_031_835_2, 0.112_837_916_709_441_85,
        -0.026_866_170_643_111_48, 0.005_223_977_606_118_648, -0.000_854_832_592_932_515_7,
        0.000_120_552_935_772_661_73, -1.492_471_230_961_463_3e-5, 1.644_713_166_956_01e-6,
        -1.620_631_453_033_595_7e-7, 1.371_098_377_342_303e-8, -7.779_474_796_373_843e-10,
    ];
    const ERFC: (&'static [f64], &'static [f64]) = (
        &[
            0.999_999_889_076_921_8, 1.390_104_090_295_652, 0.948_932_554_275_797,
            0.373_248_088_463_788_4, 0.084_237_032_480_581_1, 0.008_913_511_432_366_763,
        ],
        &[
            1.0, 2.518_482_087_163_419_7, 2.790_741_161_009_662, 1.756_014_096_696_833_6,
            0.669_524_226_943_824_5, 0.149_302_323_505_724_3, 0.015_798_911_006_955_88,
        ],
    );
}
