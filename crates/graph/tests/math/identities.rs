//! Algebra that holds for the exact functions, up to rounding.

use proptest::prelude::*;
use thalweg_graph::math::{Arg, Math};

fn one(kernel: fn(&[f64], &mut [f64]), x: f64) -> f64 {
    let mut out = [0.0];
    kernel(&[x], &mut out);
    out[0]
}

fn power(x: f64, y: f64) -> f64 {
    let mut out = [0.0];
    Math::powf(Arg::Scalar(x), Arg::Slice(&[y]), &mut out);
    out[0]
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()) + f64::MIN_POSITIVE
}

const E: f64 = f64::EPSILON;

proptest! {
    #[test]
    fn exponentials_multiply(x in -300.0..300.0f64, y in -300.0..300.0f64) {
        // The rounding of x + y moves the exponential by as much, relatively.
        let sum = one(Math::exp, x + y);
        prop_assert!(close(one(Math::exp, x) * one(Math::exp, y), sum, 4.0 * E + E * (x + y).abs()));
    }

    #[test]
    fn logarithm_undoes_exponential(x in -700.0..700.0f64) {
        prop_assert!((one(Math::ln, one(Math::exp, x)) - x).abs() <= E * (2.0 + x.abs()));
    }

    #[test]
    fn expm1_and_ln_1p_undo_each_other(x in -0.5..30.0f64) {
        prop_assert!(close(one(Math::ln_1p, one(Math::expm1, x)), x, 4.0 * E));
    }

    #[test]
    fn odd_functions_are_odd_to_the_bit(x in any::<f64>()) {
        for f in [Math::tanh, Math::erf, Math::sin] {
            let (a, b) = (one(f, x), -one(f, -x));
            prop_assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
        }
    }

    #[test]
    fn tanh_is_a_quotient_of_expm1(x in -20.0..20.0f64) {
        let t = one(Math::expm1, 2.0 * x);
        prop_assert!(close(one(Math::tanh, x), t / (t + 2.0), 5.0 * E));
    }

    #[test]
    fn logistic_of_both_signs_adds_to_one(x in any::<f64>()) {
        prop_assume!(!x.is_nan());
        prop_assert!((one(Math::logistic, x) + one(Math::logistic, -x) - 1.0).abs() <= 2.0 * E);
    }

    #[test]
    fn softplus_of_both_signs_differs_by_the_argument(x in -500.0..500.0f64) {
        let difference = one(Math::softplus, x) - one(Math::softplus, -x);
        prop_assert!((difference - x).abs() <= 2.0 * E * x.abs().max(1.0));
    }

    #[test]
    fn sine_and_cosine_lie_on_the_circle(x in any::<f64>()) {
        prop_assume!(x.is_finite());
        let (s, c) = (one(Math::sin, x), one(Math::cos, x));
        prop_assert!((s * s + c * c - 1.0).abs() <= 4.0 * E);
    }

    #[test]
    fn small_powers_are_products(x in 1e-60..1e60f64) {
        prop_assert!(close(power(x, 1.0), x, 0.0));
        prop_assert!(close(power(x, 2.0), x * x, E));
        prop_assert!(close(power(x, 3.0), x * x * x, 2.0 * E));
        prop_assert!(close(power(x, 0.5), x.sqrt(), E));
        prop_assert!(close(power(x, -1.0), 1.0 / x, E));
    }
}
