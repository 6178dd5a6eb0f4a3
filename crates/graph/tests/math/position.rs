//! The value of an element depends on its argument alone, not on its place, the slice's length or the machine.
//!
//! The kernels run with the widest vectors that the machine has; the scalar functions are compiled here, for the
//! baseline. Their bits agree, so they agree between machines.

use thalweg_graph::Float;
use thalweg_graph::math::{Arg, Math, Real, scalar};

/// Numbers of every size, with special ones among them.
fn arguments<T: Float>(n: usize) -> Vec<T> {
    let special = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-310, 1e-40, 3e7, 1e300, 0.75];
    let mut state = 1u64;
    let mut number = |i: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 11) as f64 / 2f64.powi(52) - 1.0;
        let size = 2f64.powi((state >> 7 & 31) as i32 - 24);
        T::of(if i % 29 == 13 { special[i / 29 % special.len()] } else { unit * size })
    };
    (0..n).map(&mut number).collect()
}

fn check<T: Math>(name: &str, kernel: impl Fn(&[T], &mut [T]), function: impl Fn(T) -> T) {
    let x = arguments::<T>(700);
    let expected: Vec<T> = x.iter().map(|&x| function(x)).collect();
    for start in 0..40 {
        for length in (0..70).chain([127, 128, 129, 500, 660]) {
            let mut out = vec![T::of(7.0); length];
            kernel(&x[start..start + length], &mut out);
            for (i, value) in out.iter().enumerate() {
                let (at, expected) = (x[start + i], expected[start + i]);
                let same = bytemuck::bytes_of(value) == bytemuck::bytes_of(&expected);
                assert!(
                    same || value.is_nan() && expected.is_nan(),
                    "{name} of {at:?}: {value:?} at {i} of {length}, {expected:?} alone"
                );
            }
        }
    }
}

macro_rules! position {
    ($($name:ident: $function:path;)*) => {$(
        #[test]
        fn $name() {
            check::<f32>(stringify!($name), <f32 as Math>::$name, $function);
            check::<f64>(stringify!($name), <f64 as Math>::$name, $function);
        }
    )*};
}

position! {
    exp: scalar::exp;
    expm1: scalar::expm1;
    ln: scalar::ln;
    ln_1p: scalar::ln_1p;
    tanh: scalar::tanh;
    logistic: scalar::logistic;
    softplus: scalar::softplus;
    erf: scalar::erf;
    sin: scalar::sin;
    cos: scalar::cos;
    rsqrt: scalar::rsqrt;
    floor: num_traits::Float::floor;
    ceil: num_traits::Float::ceil;
    round_even: Real::round_even;
}

#[test]
fn powf() {
    for y in [2.5, -3.0] {
        let scalar = |x: &[f64], out: &mut [f64]| Math::powf(Arg::Slice(x), Arg::Scalar(y), out);
        check::<f64>("powf", scalar, |x| scalar::powf(x, y));
        let slice =
            |x: &[f32], out: &mut [f32]| Math::powf(Arg::Slice(x), Arg::Slice(&vec![y as f32; x.len()]), out);
        check::<f32>("powf", slice, |x| scalar::powf(x, y as f32));
    }
}
