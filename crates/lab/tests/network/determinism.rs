//! The same bits whatever the threads and the memory.

use thalweg_graph::Threads;
use thalweg_lab::problem::Evaluations;
use thalweg_lab::problem::network::{BatchNorm, Inputs, Loss, ModelSpec, Settings};
use thalweg_lab::{Curvature, FiniteSum, Objective, Scalar};

use crate::architectures::{Case, case};
use crate::support::*;

/// Everything that an objective computes, as bits: over 1,000 examples, in shards of which the last is short.
fn bits<T: Scalar>(settings: &Settings, round: impl Fn(&[f64]) -> Vec<T>) -> Vec<u64> {
    let model = ModelSpec::mlp(&[20, 17, 12, 5]);
    let wide = classes(1000, 20, 5);
    let data = thalweg_lab::problem::network::Data {
        inputs: Inputs::Numbers(round(numbers(&wide.inputs))),
        features: 20,
        targets: match wide.targets {
            thalweg_lab::problem::network::Targets::Classes { labels, count } => {
                thalweg_lab::problem::network::Targets::Classes { labels, count }
            }
            _ => unreachable!(),
        },
    };
    let objective = network(&model, data, settings);
    let x = round(&parameters(&model));
    let n = x.len();
    let mut out: Vec<f64> = vec![objective.value(&x), objective.mean_squared_gradient(&x)];
    let terms = objective.terms(&x);
    out.extend([terms.data, terms.data_stderr.unwrap(), terms.penalty, terms.accuracy.unwrap()]);
    let wide = |v: &[T]| v.iter().map(|v| v.wide()).collect::<Vec<_>>();
    out.extend(wide(&gradient(&objective, &x)));
    let points = round(&uniform(5 * n, 1.0, "points", 1));
    let mut values = [0.0; 5];
    objective.values(&points, &mut values);
    out.extend(values);
    for (value, point) in values.iter().zip(points.chunks(n)) {
        assert_eq!(value.to_bits(), objective.value(point).to_bits(), "one point or many");
    }
    let [d0, d1] = [1, 2].map(|i| &points[i * n..(i + 1) * n]);
    let coordinates = uniform(2 * 70, 1.0, "coordinates", 1);
    for count in [1, 2, 11, 70] {
        let mut values = vec![0.0; count];
        objective.values_along(&x, &[d0, d1], &coordinates[..2 * count], &mut values);
        out.extend(&values);
        objective.values_along(&x, &[d1], &coordinates[..count], &mut values);
        out.extend(values);
    }
    for curvature in ALL {
        for count in [1, 3, 11] {
            let vectors = round(&uniform(count * n, 1.0, "vectors", count as u64));
            out.extend(wide(&products(&objective, &x, curvature, &vectors)));
        }
    }
    let mut batch = vec![T::zero(); n];
    let indices: Vec<u32> = (0..64).map(|i| i * 13 % 1000).collect();
    out.push(FiniteSum::minibatch(&objective, 64).value_grad(&x, &indices, &mut batch));
    out.extend(wide(&batch));
    out.into_iter().map(f64::to_bits).collect()
}

#[test]
fn threads_and_memory_do_not_change_a_bit() {
    let settings = |threads: usize, memory: Option<usize>| Settings {
        batch_norm: BatchNorm::Frozen,
        loss: Loss::smoothed(0.1),
        weight_decay: 1e-3,
        threads: Threads::new(threads),
        memory,
    };
    let double = |v: &[f64]| v.to_vec();
    let single = |v: &[f64]| v.iter().map(|&v| v as f32).collect::<Vec<_>>();
    let (wide, short) = (bits::<f64>(&settings(1, None), double), bits::<f32>(&settings(1, None), single));
    for threads in [2, 7] {
        assert!(bits::<f64>(&settings(threads, None), double) == wide, "{threads} threads");
        assert!(bits::<f32>(&settings(threads, None), single) == short, "{threads} threads");
    }
    for (threads, memory) in [(1, 0), (7, 0), (2, 100_000)] {
        assert!(bits::<f64>(&settings(threads, Some(memory)), double) == wide, "{memory} bytes");
    }
}

#[test]
fn all_architectures_have_the_same_bits_on_any_number_of_threads() {
    // Shards of 16 examples by the batches, or as few as the activations allow; the last is short.
    for text in [
        "resnet20,channels=2,input=1x4x4,classes=3",
        "resnet20,channels=2,norm=group,input=1x4x4,classes=3",
        "lenet5,input=1x12x12,classes=3",
        "vit-tiny,width=8,depth=1,heads=2,input=1x8x8,classes=3",
        "gpt:1-8-2-6,dropout=0.3,vocabulary=5",
    ] {
        let bits = |threads: usize, memory: Option<usize>| -> Vec<u64> {
            let Case { model, data, settings, x } = case(text, 300);
            let settings = Settings {
                batch_norm: BatchNorm::Batch { size: 16 },
                threads: Threads::new(threads),
                memory,
                ..settings
            };
            let objective = network(&model, data, &settings);
            let vectors: Vec<f64> = uniform(2 * x.len(), 1.0, "vectors", 1);
            let mut out = vec![objective.value(&x), objective.terms(&x).data_stderr.unwrap()];
            out.extend(gradient(&objective, &x));
            for curvature in [Curvature::Hessian, Curvature::GaussNewton] {
                out.extend(products(&objective, &x, curvature, &vectors));
            }
            out.into_iter().map(f64::to_bits).collect()
        };
        let one = bits(1, None);
        assert!(bits(2, None) == one && bits(7, None) == one, "{text}: other threads");
        assert!(bits(2, Some(0)) == one, "{text}: no memory");
    }
}

#[test]
fn what_is_kept_is_told() {
    let model = ModelSpec::mlp(&[20, 17, 12, 5]);
    let small = network(&model, classes(100, 20, 5), &Settings::default());
    let large = network(&model, classes(1000, 20, 5), &Settings::default());
    for curvature in ALL {
        let evaluations = Evaluations { products: Some(curvature), ..Evaluations::default() };
        let (few, many) = (small.work(&evaluations), large.work(&evaluations));
        let (kept, more, working) = (few.kept, many.kept, many.products[3]);
        assert!(many.products.is_sorted() && many.shards == 8);
        assert!(kept > 0 && working > 0 && more >= 9 * kept, "{curvature:?}: {kept} and {more}");
    }
    // Every kept value is at least one number a hidden unit and example.
    let hessian = Evaluations { products: Some(Curvature::Hessian), ..Evaluations::default() };
    assert!(large.work(&hessian).kept >= 1000 * 29 * 8);
}
