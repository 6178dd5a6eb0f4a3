//! Golden values come from a separate implementation in Python of the
//! documented construction, itself checked against the known answers of the
//! Random123 library (Philox4x32-10) and of FNV-1a.

use super::*;

#[test]
fn the_name_hash_is_fnv_1a() {
    assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
}

#[test]
fn golden_words() {
    let mut words = [0; 8];
    Stream::new(42, "probe", 7).words(&mut words);
    assert_eq!(
        words,
        [
            0x60c2_ada7,
            0xc836_157b,
            0x50f4_0210,
            0x9fd3_42ba,
            0xa30c_a5c9,
            0x5c3e_e2ed,
            0x0b10_ddd4,
            0x31b9_ad97
        ]
    );
}

#[test]
fn golden_numbers() {
    let mut normal = [0.0f64; 4];
    Stream::new(42, "probe", 7).fill_normal(&mut normal);
    let expected = [
        -0.497_908_581_166_667_25,
        -0.493_655_408_984_176_7,
        0.490_404_138_636_651_33,
        1.341_994_192_173_565_9,
    ];
    for (found, expected) in normal.iter().zip(expected) {
        assert!((found - expected).abs() < 4e-15, "{found} {expected}");
    }

    let mut uniform = [0.0; 2];
    let mut stream = Stream::new(u64::MAX, "ψ", (1 << 63) + 5);
    stream.seek(3);
    stream.fill_uniform(-1.0, 2.0, &mut uniform);
    assert_eq!(uniform, [-0.580_215_217_954_891_5, 0.530_106_006_684_858_4]);

    let mut signs = [0.0f32; 12];
    Stream::new(1, "signs", 0).fill_rademacher(&mut signs);
    assert_eq!(signs, [1.0, 1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0]);

    assert_eq!(Stream::new(5, "shuffle", 2).permutation(10), [6, 9, 0, 7, 4, 8, 2, 1, 5, 3]);
}

#[test]
fn a_longer_fill_begins_with_the_shorter_one_and_seeking_continues_it() {
    let mut long = vec![0.0f64; 3001];
    let mut stream = Stream::new(3, "a", 0);
    stream.fill_normal(&mut long);
    assert_eq!(stream.position(), 1501);
    let mut tail = vec![0.0f64; 1001];
    let mut stream = Stream::new(3, "a", 0);
    stream.seek(1000);
    stream.fill_normal(&mut tail);
    assert_eq!(long[2000..], tail);

    let mut single = vec![0.0f32; 3001];
    Stream::new(3, "a", 0).fill_normal(&mut single);
    assert!(single.iter().zip(&long).all(|(&s, &l)| s == l as f32));
}

#[test]
fn seed_name_and_index_each_make_another_stream() {
    let first = |seed, name: &str, index| {
        let mut words = [0; 4];
        Stream::new(seed, name, index).words(&mut words);
        words
    };
    let all = [first(0, "a", 0), first(1, "a", 0), first(0, "b", 0), first(0, "a", 1), first(0, "", 0)];
    for i in 0..all.len() {
        for j in 0..i {
            assert_ne!(all[i], all[j]);
        }
    }
}

/// The largest distance between the samples' distribution and `cdf`, times √n:
/// above 1.95 with probability 0.001 (Kolmogorov).
fn kolmogorov(mut samples: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let n = samples.len() as f64;
    let far = samples.iter().enumerate().map(|(i, &x)| {
        let p = cdf(x);
        (p - i as f64 / n).abs().max(((i + 1) as f64 / n - p).abs())
    });
    far.fold(0.0, f64::max) * n.sqrt()
}

/// Φ(x) by Marsaglia's (2004) series ½ + φ(x)(x + x³/3 + x⁵/15 + …).
fn normal_cdf(x: f64) -> f64 {
    let (mut term, mut sum, mut k) = (x, x, 1.0);
    while sum + term != sum {
        k += 2.0;
        term *= x * x / k;
        sum += term;
    }
    0.5 + sum * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
}

#[test]
fn normal_numbers_are_normal() {
    const N: usize = 200_000;
    let mut samples = vec![0.0f64; N];
    for index in 0..4 {
        Stream::new(11, "moments", index).fill_normal(&mut samples);
        let mean = |f: &dyn Fn(f64) -> f64| samples.iter().map(|&x| f(x)).sum::<f64>() / N as f64;
        let error = 4.5 / (N as f64).sqrt();
        assert!(mean(&|x| x).abs() < error);
        assert!((mean(&|x| x * x) - 1.0).abs() < error * 2f64.sqrt());
        assert!(mean(&|x| x.powi(3)).abs() < error * 15f64.sqrt());
        assert!((mean(&|x| x.powi(4)) - 3.0).abs() < error * 96f64.sqrt());
        let serial = samples.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / N as f64;
        assert!(serial.abs() < error);
        assert!(kolmogorov(samples.clone(), normal_cdf) < 1.95);
    }
}

#[test]
fn streams_of_neighbouring_indices_are_uncorrelated() {
    const N: usize = 100_000;
    let (mut a, mut b) = (vec![0.0f64; N], vec![0.0f64; N]);
    Stream::new(0, "probe", 0).fill_normal(&mut a);
    Stream::new(0, "probe", 1).fill_normal(&mut b);
    let correlation = a.iter().zip(&b).map(|(a, b)| a * b).sum::<f64>() / N as f64;
    assert!(correlation.abs() < 4.5 / (N as f64).sqrt(), "{correlation}");
}

#[test]
fn uniform_numbers_are_uniform() {
    let mut samples = vec![0.0f64; 100_000];
    Stream::new(2, "uniform", 0).fill_uniform(-2.0, 3.0, &mut samples);
    assert!(samples.iter().all(|x| (-2.0..=3.0).contains(x)));
    assert!(kolmogorov(samples, |x| (x + 2.0) / 5.0) < 1.95);
}

#[test]
fn signs_are_balanced_and_bits_independent() {
    const N: usize = 128 * 1000;
    let mut signs = vec![0.0f64; N];
    Stream::new(2, "signs", 0).fill_rademacher(&mut signs);
    for lag in [1, 31, 32, 33, 128] {
        let product = signs.iter().zip(&signs[lag..]).map(|(a, b)| a * b).sum::<f64>();
        assert!((product / N as f64).abs() < 4.5 / (N as f64).sqrt(), "lag {lag}");
    }
    assert!((signs.iter().sum::<f64>() / N as f64).abs() < 4.5 / (N as f64).sqrt());
}

#[test]
fn all_orders_are_equally_likely() {
    let mut counts = std::collections::BTreeMap::new();
    let rounds = 24_000;
    let mut stream = Stream::new(9, "orders", 0);
    for _ in 0..rounds {
        *counts.entry(stream.permutation(4)).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 24);
    let expected = f64::from(rounds) / 24.0;
    let chi2: f64 = counts.values().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
    // 23 degrees of freedom: above 49.7 with probability 0.001.
    assert!(chi2 < 49.7, "{chi2}");
}

#[test]
fn a_permutation_holds_every_index_once() {
    for n in [0, 1, 2, 5000] {
        let mut order = Stream::new(9, "order", n as u64).permutation(n);
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..n as u32));
    }
}
