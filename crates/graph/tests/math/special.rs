//! Zeros, infinities and NaN, as C99 (annex F) prescribes them.

use thalweg_graph::math::{Arg, Math};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Equal bits, but any NaN equals any other.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

macro_rules! special {
    ($($name:ident: $($x:expr => $y:expr),*;)*) => {$(
        #[test]
        fn $name() {
            for (x, y) in [$(($x, $y)),*, (NAN, NAN)] {
                let (mut wide, mut narrow) = ([0.0], [0.0]);
                Math::$name(&[x], &mut wide);
                Math::$name(&[x as f32], &mut narrow);
                assert!(same(wide[0], y), "f64: {x} gave {}, expected {y}", wide[0]);
                assert!(same(f64::from(narrow[0]), y), "f32: {x} gave {}, expected {y}", narrow[0]);
            }
        }
    )*};
}

special! {
    exp: 0.0 => 1.0, -0.0 => 1.0, INF => INF, -INF => 0.0;
    expm1: 0.0 => 0.0, -0.0 => -0.0, INF => INF, -INF => -1.0;
    ln: 0.0 => -INF, -0.0 => -INF, 1.0 => 0.0, -1.0 => NAN, INF => INF, -INF => NAN;
    ln_1p: 0.0 => 0.0, -0.0 => -0.0, -1.0 => -INF, -2.0 => NAN, INF => INF, -INF => NAN;
    tanh: 0.0 => 0.0, -0.0 => -0.0, INF => 1.0, -INF => -1.0;
    logistic: 0.0 => 0.5, -0.0 => 0.5, INF => 1.0, -INF => 0.0;
    softplus: INF => INF, -INF => 0.0;
    erf: 0.0 => 0.0, -0.0 => -0.0, INF => 1.0, -INF => -1.0;
    sin: 0.0 => 0.0, -0.0 => -0.0, INF => NAN, -INF => NAN;
    cos: 0.0 => 1.0, -0.0 => 1.0, INF => NAN, -INF => NAN;
    sqrt: 0.0 => 0.0, -0.0 => -0.0, -1.0 => NAN, INF => INF;
    rsqrt: 0.0 => INF, -0.0 => -INF, -1.0 => NAN, INF => 0.0;
    recip: 0.0 => INF, -0.0 => -INF, INF => 0.0, -INF => -0.0;
    floor: 0.0 => 0.0, -0.0 => -0.0, -0.5 => -1.0, 2.5 => 2.0, INF => INF;
    ceil: 0.0 => 0.0, -0.0 => -0.0, -0.5 => -0.0, 2.5 => 3.0, -INF => -INF;
    round_even: 0.0 => 0.0, -0.0 => -0.0, 0.5 => 0.0, -0.5 => -0.0, 1.5 => 2.0, 2.5 => 2.0, -3.5 => -4.0, INF => INF;
}

#[test]
fn powf() {
    let cases = [
        (0.0, 3.0, 0.0),
        (-0.0, 3.0, -0.0),
        (-0.0, 2.0, 0.0),
        (-0.0, 0.5, 0.0),
        (0.0, -3.0, INF),
        (-0.0, -3.0, -INF),
        (-0.0, -2.0, INF),
        (-0.0, -0.5, INF),
        (0.0, INF, 0.0),
        (0.0, -INF, INF),
        (1.0, NAN, 1.0),
        (1.0, INF, 1.0),
        (NAN, 0.0, 1.0),
        (NAN, -0.0, 1.0),
        (INF, 0.0, 1.0),
        (NAN, 1.0, NAN),
        (2.0, NAN, NAN),
        (-1.0, INF, 1.0),
        (-1.0, -INF, 1.0),
        (-2.0, 0.5, NAN),
        (-2.0, 3.0, -8.0),
        (-2.0, -2.0, 0.25),
        (0.5, INF, 0.0),
        (0.5, -INF, INF),
        (2.0, INF, INF),
        (2.0, -INF, 0.0),
        (-0.5, INF, 0.0),
        (-2.0, -INF, 0.0),
        (INF, 2.0, INF),
        (INF, -2.0, 0.0),
        (-INF, 3.0, -INF),
        (-INF, 2.0, INF),
        (-INF, 0.5, INF),
        (-INF, -3.0, -0.0),
        (-INF, -2.0, 0.0),
        (-1.0, 1e300, 1.0),
        (-3.0, 1e300, INF),
        (1e-300, 1e300, 0.0),
    ];
    for (x, y, expected) in cases {
        let mut wide = [0.0];
        Math::powf(Arg::Slice(&[x]), Arg::Scalar(y), &mut wide);
        assert!(same(wide[0], expected), "f64: {x} to the {y} gave {}, expected {expected}", wide[0]);
        let mut narrow = [0.0];
        Math::powf(Arg::Scalar(x as f32), Arg::Slice(&[y as f32]), &mut narrow);
        let narrow = f64::from(narrow[0]);
        assert!(same(narrow, expected), "f32: {x} to the {y} gave {narrow}, expected {expected}");
    }
}
