//! Binary64: values computed by mpmath; `data/math_f64.py` writes them and says what a line holds.

use thalweg_graph::math::{Arg, Math};

const LINES: &str = include_str!("../data/math_f64.txt");

/// The largest error of a function over its lines, in units of the last place.
fn worst(name: &str, kernel: impl Fn(&[f64], &mut [f64])) -> f64 {
    let lines: Vec<Vec<&str>> = LINES
        .lines()
        .map(|line| line.split(' ').collect())
        .filter(|words: &Vec<&str>| words[0] == name)
        .collect();
    assert_eq!(lines.len(), 300, "lines for {name}");
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).expect("16 hexadecimal digits"));
    let arguments: Vec<f64> =
        lines.iter().flat_map(|words| words[1..words.len() - 2].iter().map(|w| bits(w))).collect();
    let mut values = vec![0.0; lines.len()];
    kernel(&arguments, &mut values);
    let errors = lines.iter().zip(values).map(|(words, value)| {
        let nearest = bits(words[words.len() - 2]);
        let rest: f64 = words[words.len() - 1].parse().expect("a decimal");
        if nearest.is_infinite() {
            return if value == nearest { 0.0 } else { f64::INFINITY };
        }
        let exponent = ((nearest.to_bits() >> 52 & 0x7ff) as i32).max(1) - 1075;
        let unit = 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2);
        ((value - nearest) / unit - rest).abs()
    });
    errors.fold(0.0, |a, b| if b > a || b.is_nan() { b } else { a })
}

macro_rules! fixtures {
    ($($name:ident: $bound:literal;)*) => {$(
        #[test]
        fn $name() {
            let error = worst(stringify!($name), <f64 as Math>::$name);
            assert!(error <= $bound, "{error:.3} ulp, expected at most {}", $bound);
        }
    )*};
}

fixtures! {
    exp: 0.71;
    expm1: 1.16;
    ln: 0.85;
    ln_1p: 0.87;
    tanh: 1.08;
    logistic: 1.11;
    softplus: 1.65;
    erf: 1.42;
    sin: 0.8;
    cos: 0.8;
}

#[test]
fn powf() {
    let error = worst("powf", |pairs, out| {
        let x: Vec<f64> = pairs.iter().copied().step_by(2).collect();
        let y: Vec<f64> = pairs.iter().copied().skip(1).step_by(2).collect();
        Math::powf(Arg::Slice(&x), Arg::Slice(&y), out);
    });
    assert!(error <= 0.83, "{error:.3} ulp, expected at most 0.83");
}
