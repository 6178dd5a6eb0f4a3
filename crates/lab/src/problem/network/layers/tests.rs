//! Masks and positions, which are functions of numbers alone.

use thalweg_graph::{Builder, DType, Type, Value, evaluate};

use super::positions::rotated;
use super::*;
use crate::problem::network::net::{Net, emit};
use crate::problem::network::{Activation, Call, Statistics};

/// What a layer without parameters makes of x, for examples numbered from `first`.
fn run(
    dtype: DType,
    shape: &[usize],
    x: &[f64],
    first: usize,
    layer: fn(&mut Net, Value) -> Value,
) -> Vec<f64> {
    let mut b = Builder::new();
    let input = b.input(Type::new(DType::F64, shape.iter().copied()));
    let x64 = b.convert(input, dtype);
    let numbers = b.iota(Type::new(DType::I32, [shape[0]]), 0);
    let index = b.offset(numbers, first as f64);
    let call = Call { parameters: &[], buffers: &[], x: x64, index, statistics: Statistics::Batch };
    let z = emit(&mut b, &call, Activation::Identity, true, layer).z;
    let z = b.convert(z, DType::F64);
    evaluate::<f64>(&b.finish(&[z]), &[x]).remove(0)
}

fn half(net: &mut Net, x: Value) -> Value {
    dropout(net, x, &Dropout { share: 0.5, seed: 3 })
}

#[test]
fn masks_drop_their_share_and_scale_the_rest() {
    let ones = vec![1.0; 40 * 500];
    for (share, layer) in [
        (0.5, half as fn(&mut Net, Value) -> Value),
        (0.1, |net: &mut Net, x| dropout(net, x, &Dropout { share: 0.1, seed: 3 })),
        (0.9, |net: &mut Net, x| dropout(net, x, &Dropout { share: 0.9, seed: 8 })),
    ] {
        let found = run(DType::F64, &[40, 20, 25], &ones, 0, layer);
        let kept = 1.0 / (1.0 - share);
        assert!(found.iter().all(|v| *v == 0.0 || (v - kept).abs() < 1e-12));
        let dropped = found.iter().filter(|v| **v == 0.0).count() as f64 / 20_000.0;
        // Four standard errors.
        assert!((dropped - share).abs() < 4.0 * (share * (1.0 - share) / 20_000.0f64).sqrt(), "{dropped}");
    }
    let none = run(DType::F64, &[40, 500], &ones, 0, |net, x| dropout(net, x, &Dropout::NONE));
    assert_eq!(none, ones);
}

#[test]
fn masks_belong_to_examples_layers_and_seeds() {
    let ones = vec![1.0; 8 * 100];
    let whole = run(DType::F64, &[8, 100], &ones, 0, half);
    // The same for the last four examples alone, and in single precision.
    assert_eq!(run(DType::F64, &[4, 100], &ones[..400], 4, half), whole[400..]);
    assert_eq!(run(DType::F32, &[8, 100], &ones, 0, half), whole);
    let alike = |a: &[f64], b: &[f64]| a.iter().zip(b).filter(|(a, b)| a == b).count();
    let second = |net: &mut Net, x| {
        let first = half(net, x);
        let zero = net.b.zeros_like(first);
        let again = half(net, x);
        let rest = net.b.mul(first, zero);
        net.b.add(again, rest)
    };
    let other = |net: &mut Net, x| dropout(net, x, &Dropout { share: 0.5, seed: 4 });
    for found in [run(DType::F64, &[8, 100], &ones, 0, second), run(DType::F64, &[8, 100], &ones, 0, other)] {
        // Independent masks agree in half of their places, with standard deviation 14.
        assert!((300..500).contains(&alike(&found, &whole)), "{}", alike(&found, &whole));
    }
    assert!((20..80).contains(&alike(&whole[..100], &whole[100..200])), "examples differ");
}

#[test]
fn sinusoidal_positions_are_those_of_the_formula() {
    let (positions, width) = (30, 6);
    let found = run(DType::F64, &[1, positions, width], &vec![0.0; positions * width], 0, |net, x| {
        sinusoidal_positions(net.b, x)
    });
    for t in 0..positions {
        for i in 0..width / 2 {
            let angle = t as f64 / 10_000f64.powf(2.0 * i as f64 / width as f64);
            let [sin, cos] = [found[t * width + 2 * i], found[t * width + 2 * i + 1]];
            assert!((sin - angle.sin()).abs() < 1e-14 && (cos - angle.cos()).abs() < 1e-14);
        }
    }
}

#[test]
fn products_of_turned_vectors_depend_on_their_distance_alone() {
    let (positions, width) = (12, 8);
    let vector = |s: f64| (0..width).map(|i| (i as f64 * s + 0.3).sin()).collect::<Vec<_>>();
    let turned = |v: &[f64]| {
        let everywhere: Vec<f64> = (0..positions).flat_map(|_| v.to_vec()).collect();
        run(DType::F64, &[1, positions, 1, width], &everywhere, 0, |net, x| rotated(net.b, x))
    };
    let (q, k) = (vector(0.7), vector(1.9));
    let (tq, tk) = (turned(&q), turned(&k));
    let product = |t: usize, s: usize| -> f64 {
        tq[t * width..][..width].iter().zip(&tk[s * width..][..width]).map(|(a, b)| a * b).sum()
    };
    let plain: f64 = q.iter().zip(&k).map(|(a, b)| a * b).sum();
    assert!((product(5, 5) - plain).abs() < 1e-14);
    for distance in 0..6 {
        let expected: f64 = (0..width / 2)
            .map(|i| {
                let angle = distance as f64 / 10_000f64.powf(2.0 * i as f64 / width as f64);
                let ([a, b], [c, d]) = ([q[2 * i], q[2 * i + 1]], [k[2 * i], k[2 * i + 1]]);
                (a * c + b * d) * angle.cos() + (a * d - b * c) * angle.sin()
            })
            .sum();
        for s in 0..positions - distance {
            assert!((product(s + distance, s) - expected).abs() < 1e-13, "{distance} from {s}");
        }
    }
}
