//! Arithmetic, comparison, choice and conversion: meaning and shapes of operands.

use thalweg_graph::math::{self, Arg, Arithmetic, Lanes, Math};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
const VALUES: [f64; 9] = [NAN, -INF, -2.5, -0.0, 0.0, 1e-310, 1.0, 3.0, INF];

/// All pairs of the values above, as two columns.
fn pairs() -> (Vec<f64>, Vec<f64>) {
    VALUES.iter().flat_map(|&x| VALUES.iter().map(move |&y| (x, y))).unzip()
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// A kernel of two operands against a scalar function, in all four shapes.
fn check<R: Copy + Default + std::fmt::Debug>(
    kernel: fn(Arg<f64>, Arg<f64>, &mut [R]),
    function: fn(f64, f64) -> R,
    same: fn(R, R) -> bool,
) {
    let (x, y) = pairs();
    let mut out = vec![R::default(); x.len()];
    kernel(Arg::Slice(&x), Arg::Slice(&y), &mut out);
    for ((&x, &y), &value) in x.iter().zip(&y).zip(&out) {
        assert!(same(value, function(x, y)), "{x}, {y}: {value:?}");
    }
    let mut out = vec![R::default(); VALUES.len()];
    for s in VALUES {
        kernel(Arg::Slice(&VALUES), Arg::Scalar(s), &mut out);
        VALUES.iter().zip(&out).for_each(|(&x, &v)| assert!(same(v, function(x, s)), "{x}, {s}: {v:?}"));
        kernel(Arg::Scalar(s), Arg::Slice(&VALUES), &mut out);
        VALUES.iter().zip(&out).for_each(|(&y, &v)| assert!(same(v, function(s, y)), "{s}, {y}: {v:?}"));
        kernel(Arg::Scalar(s), Arg::Scalar(-2.5), &mut out);
        out.iter().for_each(|&v| assert!(same(v, function(s, -2.5)), "{s}, -2.5: {v:?}"));
    }
}

#[test]
fn arithmetic_in_all_shapes() {
    check(Arithmetic::add, |x, y| x + y, same);
    check(Arithmetic::sub, |x, y| x - y, same);
    check(Arithmetic::mul, |x, y| x * y, same);
    check(Math::div, |x, y| x / y, same);
    check(Math::rem, fmod, same);
}

/// By repeated subtraction of the largest y · 2ᵏ that fits, each of which is exact.
fn fmod(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() || x.is_infinite() || y == 0.0 {
        return NAN;
    }
    let (mut rest, size) = (x.abs(), y.abs());
    while rest >= size {
        let mut part = size;
        while part <= rest / 2.0 {
            part *= 2.0;
        }
        rest -= part;
    }
    rest.copysign(x)
}

#[test]
fn comparisons_in_all_shapes() {
    check(Lanes::eq, |x, y| u8::from(x == y), |a, b| a == b);
    check(Lanes::ne, |x, y| u8::from(x != y), |a, b| a == b);
    check(Lanes::lt, |x, y| u8::from(x < y), |a, b| a == b);
    check(Lanes::le, |x, y| u8::from(x <= y), |a, b| a == b);
    check(Lanes::gt, |x, y| u8::from(x > y), |a, b| a == b);
    check(Lanes::ge, |x, y| u8::from(x >= y), |a, b| a == b);
}

#[test]
fn extremes_order_zeros_and_keep_nan() {
    let larger = |x: f64, y: f64| match x.partial_cmp(&y) {
        None => NAN,
        Some(_) => {
            if x.total_cmp(&y).is_gt() {
                x
            } else {
                y
            }
        }
    };
    let smaller = |x: f64, y: f64| match x.partial_cmp(&y) {
        None => NAN,
        Some(_) => {
            if x.total_cmp(&y).is_lt() {
                x
            } else {
                y
            }
        }
    };
    check(Arithmetic::max, larger, same);
    check(Arithmetic::min, smaller, same);
}

#[test]
fn signs() {
    let (mut sign, mut neg, mut abs) = ([0.0; 9], [0.0; 9], [0.0; 9]);
    Arithmetic::sign(&VALUES, &mut sign);
    Arithmetic::neg(&VALUES, &mut neg);
    Arithmetic::abs(&VALUES, &mut abs);
    let expected = [NAN, -1.0, -1.0, -0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    assert!(sign.iter().zip(expected).all(|(&a, b)| same(a, b)), "{sign:?}");
    assert!(neg.iter().zip(VALUES).all(|(a, b)| a.to_bits() == b.to_bits() ^ 1 << 63));
    assert!(abs.iter().zip(VALUES).all(|(a, b)| a.to_bits() == b.to_bits() & !(1 << 63)));
}

#[test]
fn integers_wrap_and_order() {
    let (x, y) = ([i32::MAX, i32::MIN, -7, 0], [1, -1, 3, 0]);
    let mut out = [0; 4];
    let mut expect = |kernel: fn(Arg<i32>, Arg<i32>, &mut [i32]), expected: [i32; 4]| {
        kernel(Arg::Slice(&x), Arg::Slice(&y), &mut out);
        assert_eq!(out, expected);
    };
    expect(Arithmetic::add, [i32::MIN, i32::MAX, -4, 0]);
    expect(Arithmetic::sub, [i32::MAX - 1, i32::MIN + 1, -10, 0]);
    expect(Arithmetic::mul, [i32::MAX, i32::MIN, -21, 0]);
    expect(Arithmetic::max, [i32::MAX, -1, 3, 0]);
    expect(Arithmetic::min, [1, i32::MIN, -7, 0]);
    expect(math::divide, [i32::MAX, i32::MIN, -2, -1]);
    expect(math::remainder, [0, 0, -1, 0]);
    Arithmetic::neg(&x, &mut out);
    assert_eq!(out, [-i32::MAX, i32::MIN, 7, 0]);
    Arithmetic::abs(&x, &mut out);
    assert_eq!(out, [i32::MAX, i32::MIN, 7, 0]);
    Arithmetic::sign(&x, &mut out);
    assert_eq!(out, [1, -1, -1, 0]);
}

#[test]
fn select_in_all_shapes() {
    let mask: Vec<u8> = (0..37).map(|i| [0, 1, 255, 0, 0][i % 5]).collect();
    let x: Vec<i32> = (0..37).collect();
    let y: Vec<i32> = (0..37).map(|i| -i).collect();
    let shapes = [
        (Arg::Slice(&x[..]), Arg::Slice(&y[..])),
        (Arg::Slice(&x), Arg::Scalar(-9)),
        (Arg::Scalar(9), Arg::Slice(&y)),
    ];
    for (a, b) in shapes.into_iter().chain([(Arg::Scalar(9), Arg::Scalar(-9))]) {
        let mut out = vec![0; 37];
        Lanes::select(&mask, a, b, &mut out);
        for (i, &value) in out.iter().enumerate() {
            let expected = match if mask[i] != 0 { a } else { b } {
                Arg::Slice(values) => values[i],
                Arg::Scalar(value) => value,
            };
            assert_eq!(value, expected, "at {i}");
        }
    }
}

#[test]
fn conversions() {
    let (mut narrow, mut integer, mut truth, mut wide) = ([0.0; 9], [0; 9], [0; 9], [0.0; 9]);
    Lanes::to_f32(&VALUES, &mut narrow);
    assert!(narrow[0].is_nan());
    assert_eq!(narrow[1..], [f32::NEG_INFINITY, -2.5, -0.0, 0.0, 0.0, 1.0, 3.0, f32::INFINITY]);
    Lanes::to_i32(&VALUES, &mut integer);
    assert_eq!(integer, [0, i32::MIN, -2, 0, 0, 0, 1, 3, i32::MAX]);
    Lanes::to_bool(&VALUES, &mut truth);
    assert_eq!(truth, [1, 1, 1, 0, 0, 1, 1, 1, 1]);
    Lanes::to_f64(&integer, &mut wide);
    assert_eq!(wide, integer.map(f64::from));
    Lanes::to_f64(&truth, &mut wide);
    assert_eq!(wide, truth.map(f64::from));
}

/// Numbers of a counter, whatever stands beside it; of both types, and like independent uniform ones.
#[test]
fn counters_become_uniform_numbers() {
    let n = 1 << 16;
    let counters: Vec<i32> = (0..n).collect();
    let (mut narrow, mut wide, mut other) =
        (vec![0f32; n as usize], vec![0.0; n as usize], vec![0.0; n as usize]);
    math::uniform(3, &counters, &mut narrow);
    math::uniform(3, &counters, &mut wide);
    math::uniform(4, &counters, &mut other);
    for (i, (&a, &b)) in narrow.iter().zip(&wide).enumerate() {
        assert_eq!(f64::from(a), (b * 2f64.powi(24)).floor() / 2f64.powi(24));
        let mut alone = [0.0];
        math::uniform(3, &[i as i32], &mut alone);
        assert!(alone[0] == b && (0.0..1.0).contains(&b));
    }
    // Means of n products of centred numbers have a standard deviation of 1/12 / √n, or √(1/12n) alone.
    let centred = |x: &[f64]| x.iter().map(|x| x - 0.5).collect::<Vec<_>>();
    let (a, b) = (centred(&wide), centred(&other));
    let mean = |terms: &mut dyn Iterator<Item = f64>| terms.sum::<f64>() / f64::from(n);
    let sigma = 1.0 / f64::from(n).sqrt();
    assert!(mean(&mut a.iter().copied()).abs() < 4.0 * sigma / 12f64.sqrt());
    assert!((mean(&mut a.iter().map(|x| x * x)) - 1.0 / 12.0).abs() < 4.0 * sigma / 180f64.sqrt());
    assert!(mean(&mut a.iter().zip(&a[1..]).map(|(x, y)| x * y)).abs() < 4.0 * sigma / 12.0);
    assert!(mean(&mut a.iter().zip(&b).map(|(x, y)| x * y)).abs() < 4.0 * sigma / 12.0);
}

#[test]
fn logic() {
    let (x, y) = ([0, 0, 1, 1], [0, 1, 0, 1]);
    let mut out = [7; 4];
    math::and(Arg::Slice(&x), Arg::Slice(&y), &mut out);
    assert_eq!(out, [0, 0, 0, 1]);
    math::or(Arg::Slice(&x), Arg::Scalar(0), &mut out);
    assert_eq!(out, [0, 0, 1, 1]);
    math::not(&y, &mut out);
    assert_eq!(out, [1, 0, 1, 0]);
}

#[test]
#[should_panic(expected = "operand and result differ in length")]
fn lengths_must_agree() {
    Math::exp(&[1.0, 2.0], &mut [0.0]);
}
