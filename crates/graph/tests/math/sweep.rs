//! Binary32: every 251st bit pattern against binary64 functions of the standard library (and `libm` for erf).

use thalweg_graph::math::{Arg, Math};

/// Distance of `value` from the exact `reference` in units of the last place of the binary32 at the reference.
fn ulps(value: f32, reference: f64) -> f64 {
    if reference.is_nan() || value.is_nan() {
        return if reference.is_nan() && value.is_nan() { 0.0 } else { f64::INFINITY };
    }
    // Overflow: 2^128 stands for infinity, so that rounding up to it or down from it counts as one step.
    let largest = 2f64.powi(128);
    let value = f64::from(value).clamp(-largest, largest);
    let reference = reference.clamp(-largest, largest);
    let exponent = ((reference.to_bits() >> 52 & 0x7ff) as i32 - 1023).clamp(-126, 127);
    (value - reference).abs() / 2f64.powi(exponent - 23)
}

fn worst(kernel: fn(&[f32], &mut [f32]), reference: fn(f64) -> f64) -> (f64, f32) {
    let edges = [
        0x0000_0001,
        0x007f_ffff,
        0x0080_0000,
        0x3f00_0000,
        0x3f35_04f3,
        0x3f40_0000,
        0x3f80_0000,
        0x3fb5_04f3,
        0x4080_0000,
        0x4120_0000,
        0x42b1_7217,
        0x42b1_7218,
        0x42cf_f1b4,
        0x42cf_f1b5,
        0x4974_2400,
        0x7f7f_ffff,
        0x7f80_0000,
        0x7fc0_0000,
    ];
    let edges = edges.into_iter().flat_map(|b| [b - 1, b, b + 1]).flat_map(|b| [b, b | 1 << 31]);
    let patterns: Vec<u32> = edges.chain((0..=u32::MAX).step_by(251)).collect();
    let (mut found, mut at) = (0.0, 0.0);
    let (mut x, mut y) = (vec![0.0; 2048], vec![0.0; 2048]);
    for block in patterns.chunks(2048) {
        let n = block.len();
        x.iter_mut().zip(block).for_each(|(x, &b)| *x = f32::from_bits(b));
        kernel(&x[..n], &mut y[..n]);
        for (&x, &y) in x.iter().zip(&y[..n]) {
            let error = ulps(y, reference(f64::from(x)));
            if error > found {
                (found, at) = (error, x);
            }
        }
    }
    (found, at)
}

macro_rules! sweep {
    ($($name:ident: $reference:expr, $bound:literal;)*) => {$(
        #[test]
        fn $name() {
            let (error, at) = worst(<f32 as Math>::$name, $reference);
            assert!(error <= $bound, "{error:.3} ulp at {at:e}, expected at most {}", $bound);
        }
    )*};
}

sweep! {
    exp: f64::exp, 0.77;
    expm1: f64::exp_m1, 1.23;
    ln: f64::ln, 0.91;
    ln_1p: f64::ln_1p, 0.93;
    tanh: f64::tanh, 1.06;
    logistic: logistic_wide, 1.16;
    softplus: |x| (if x < 0.0 { 0.0 } else { x }) + (-x.abs()).exp().ln_1p(), 1.71;
    erf: libm::erf, 1.31;
    sin: f64::sin, 0.51;
    cos: f64::cos, 0.51;
    sqrt: f64::sqrt, 0.5;
    rsqrt: |x| 1.0 / x.sqrt(), 1.5;
    recip: f64::recip, 0.5;
    floor: f64::floor, 0.0;
    ceil: f64::ceil, 0.0;
    round_even: nearest_even, 0.0;
}

/// By the integer part and what is left of it.
fn nearest_even(x: f64) -> f64 {
    let (whole, part) = (x.trunc(), x.fract().abs());
    let up = part > 0.5 || (part == 0.5 && whole % 2.0 != 0.0);
    if up { whole + x.signum() } else { whole }
}

fn logistic_wide(x: f64) -> f64 {
    let t = (-x.abs()).exp();
    (if x > 0.0 { 1.0 } else { t }) / (1.0 + t)
}

#[test]
fn powf() {
    // All pairs of a grid of bases and of exponents, by bit patterns.
    let grid = |step: usize| (0..=u32::MAX).step_by(step).map(f32::from_bits).collect::<Vec<_>>();
    let (bases, exponents) = (grid(1_300_021), grid(2_600_011));
    let mut out = vec![0.0; bases.len()];
    let (mut found, mut at) = (0.0, (0.0, 0.0));
    for &y in exponents.iter().chain(&[0.5, 2.0, -1.0, 3.0, 0.333, -7.5, 41.0, 1e-3]) {
        Math::powf(Arg::Slice(&bases), Arg::Scalar(y), &mut out);
        for (&x, &value) in bases.iter().zip(&out) {
            let error = ulps(value, f64::from(x).powf(f64::from(y)));
            if error > found {
                (found, at) = (error, (x, y));
            }
        }
    }
    assert!(found <= 0.51, "{found:.3} ulp at {at:?}");
}
