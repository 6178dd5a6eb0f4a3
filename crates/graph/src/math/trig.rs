//! Sine and cosine: x = q π/2 + r with |r| ≤ π/4, and a polynomial for each of sin r and cos r.

mod far;

pub(super) use far::rotate_far;

use std::hint::select_unpredictable as select;

use pulp::NullaryFnOnce;

use super::dispatch::run;
use super::real::{Real, exact_sum, fast_sum, polynomial};

/// Arguments up to this go the vectorised way.
pub(super) const NEAR: f64 = 1e6;

/// Sine.
#[inline(always)]
pub fn sin<T: Real>(x: T) -> T {
    if T::is_far(x) { T::rotate_far(x, 0) } else { T::rotate(x, 0) }
}

/// Cosine.
#[inline(always)]
pub fn cos<T: Real>(x: T) -> T {
    if T::is_far(x) { T::rotate_far(x, 1) } else { T::rotate(x, 1) }
}

/// Sets `out[i]` to sin(x[i] + turn π/2) where x[i] is far: large arguments are rare and done one by one.
pub(super) fn redo_far<T: Real>(x: &[T], turn: u64, out: &mut [T]) {
    let mut far = false;
    run(Any { x, any: &mut far });
    if far {
        for (&x, out) in x.iter().zip(out).filter(|(x, _)| T::is_far(**x)) {
            *out = T::rotate_far(x, turn);
        }
    }
}

/// sin(x + turn π/2) for |x| ≤ [`NEAR`], in doubles.
#[inline(always)]
pub(super) fn rotate_f32(x: f32, turn: u64) -> f32 {
    const SIN: [f64; 4] = [
        -0.166_666_666_407_868_3,
        0.008_333_329_303_618_945,
        -0.000_198_393_118_711_451_93,
        2.718_117_804_966_343_5e-6,
    ];
    const COS: [f64; 3] = [0.041_666_645_676_513_46, -0.001_388_731_593_329_551_3, 2.443_311_965_964_387e-5];
    let x = f64::from(x);
    let (k, quadrant) = quarter_turns(x);
    let r = (x - k * HALF_PI[0]) - k * (HALF_PI[1] + HALF_PI[2]);
    let z = r * r;
    let sine = r * (1.0 + z * polynomial(&SIN, z));
    let cosine = 1.0 - z * (0.5 - z * polynomial(&COS, z));
    pick(quadrant.wrapping_add(turn), sine, cosine) as f32
}

/// sin(x + turn π/2) for |x| ≤ [`NEAR`].
#[inline(always)]
pub(super) fn rotate_f64(x: f64, turn: u64) -> f64 {
    let (k, quadrant) = quarter_turns(x);
    // All products but the last are exact, and so is the first difference.
    let (a, a_rest) = exact_sum(x - k * HALF_PI[0], -(k * HALF_PI[1]));
    let (b, b_rest) = exact_sum(a, -(k * HALF_PI[2]));
    let (r, c) = fast_sum(b, (a_rest + b_rest) - k * HALF_PI[3]);
    let value = rotated(r, c, quadrant.wrapping_add(turn));
    select((x == 0.0) & (turn == 0), x, value)
}

/// Whether any argument is far.
struct Any<'a, T> {
    x: &'a [T],
    any: &'a mut bool,
}

impl<T: Real> NullaryFnOnce for Any<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        *self.any = self.x.iter().fold(false, |any, &x| any | T::is_far(x));
    }
}

/// π/2 in parts of 33 bits, and the rest.
const HALF_PI: [f64; 4] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_711_166_5e-21,
    8.478_427_660_368_9e-32,
];

/// (k, k) with k the integer nearest to 2x/π; the second in two's complement, its high bits undefined.
#[inline(always)]
fn quarter_turns(x: f64) -> (f64, u64) {
    let shifted = x * std::f64::consts::FRAC_2_PI + f64::ROUND;
    (shifted - f64::ROUND, shifted.to_bits())
}

/// sin(r + c + quadrant π/2) for |r| ≤ π/4 and c below its last bit.
#[inline(always)]
fn rotated(r: f64, c: f64, quadrant: u64) -> f64 {
    const SIN: [f64; 6] = [
        -0.166_666_666_666_666_3,
        0.008_333_333_333_322_113,
        -0.000_198_412_698_295_848_3,
        2.755_731_361_969_325_7e-6,
        -2.505_074_748_930_756e-8,
        1.589_621_383_380_343_6e-10,
    ];
    const COS: [f64; 6] = [
        0.041_666_666_666_666_595,
        -0.001_388_888_888_887_305,
        2.480_158_728_884_658_8e-5,
        -2.755_731_417_777_281e-7,
        2.087_570_062_909_535_3e-9,
        -1.135_852_522_062_240_3e-11,
    ];
    let z = r * r;
    let half = 0.5 * z;
    let sine = r + (r * z * polynomial(&SIN, z) + c * (1.0 - half));
    let (high, low) = fast_sum(1.0, -half);
    let cosine = high + (low + (z * z * polynomial(&COS, z) - r * c));
    pick(quadrant, sine, cosine)
}

/// The value of sin(r + quadrant π/2) out of sin r and cos r.
#[inline(always)]
fn pick(quadrant: u64, sine: f64, cosine: f64) -> f64 {
    let value = select(quadrant & 1 == 0, sine, cosine);
    f64::from_bits(value.to_bits() ^ ((quadrant & 2) << 62))
}
