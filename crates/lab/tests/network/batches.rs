//! Batch normalization in its three modes, against plain loops and against batches taken one by one.

use thalweg_lab::problem::network::{BatchNorm, Data, Inputs, Loss, ModelSpec, Network, Settings, Targets};
use thalweg_lab::{Curvature, FiniteSum, Objective};

use crate::architectures::{Case, case};
use crate::support::*;

const SPEC: &str = "resnet20,channels=2,input=1x4x4,classes=3";

fn with(case: &Case, batch_norm: BatchNorm) -> Network<f64> {
    let settings = Settings { batch_norm, weight_decay: 0.0, ..case.settings.clone() };
    network(&case.model, case.data.clone(), &settings)
}

/// The examples of `start..end` as a network of one batch.
fn chunk(case: &Case, start: u32, end: u32) -> Network<f64> {
    let indices: Vec<u32> = (start..end).collect();
    let settings = Settings { weight_decay: 0.0, ..case.settings.clone() };
    network(&case.model, case.data.select(&indices), &settings)
}

fn values(network: &Network<f64>) -> Vec<f64> {
    network.buffers().flat_map(|(_, values)| values).copied().collect()
}

/// Eleven examples by fours: two batches of four, one of three.
const CHUNKS: [(u32, u32); 3] = [(0, 4), (4, 8), (8, 11)];

#[test]
fn the_loss_is_that_of_its_batches() {
    let case = case(SPEC, 11);
    let whole = with(&case, BatchNorm::Batch { size: 4 });
    assert!(whole.is_coupled());
    let v: Vec<f64> = uniform(case.x.len(), 1.0, "direction", 9);
    let mut expected = [vec![0.0], vec![0.0; v.len()], vec![0.0; v.len()], vec![0.0; v.len()]];
    for (start, end) in CHUNKS {
        let part = chunk(&case, start, end);
        let share = f64::from(end - start) / 11.0;
        let found = [
            vec![part.value(&case.x)],
            gradient(&part, &case.x),
            products(&part, &case.x, Curvature::Hessian, &v),
            products(&part, &case.x, Curvature::GaussNewton, &v),
        ];
        for (sum, found) in expected.iter_mut().zip(found) {
            sum.iter_mut().zip(found).for_each(|(s, f)| *s += share * f);
        }
    }
    assert_close(&[whole.value(&case.x)], &expected[0], 1e-13, "value");
    assert_close(&gradient(&whole, &case.x), &expected[1], 1e-12, "gradient");
    for (curvature, expected) in [Curvature::Hessian, Curvature::GaussNewton].into_iter().zip(&expected[2..])
    {
        assert_close(&products(&whole, &case.x, curvature, &v), expected, 1e-12, "product");
    }
    // Other batches are another objective.
    let other = with(&case, BatchNorm::Batch { size: 11 }).value(&case.x);
    assert!((other / whole.value(&case.x) - 1.0).abs() > 1e-4);
}

#[test]
fn freezing_takes_the_average_over_batches() {
    let case = case(SPEC, 11);
    for batch_norm in [BatchNorm::Batch { size: 4 }, BatchNorm::Reestimated { size: 4 }] {
        let mut whole = with(&case, batch_norm);
        let begins = values(&whole);
        assert!(begins.iter().all(|v| *v == 0.0 || *v == 1.0));
        whole.freeze(&case.x);
        let mut expected = vec![0.0; begins.len()];
        for (start, end) in CHUNKS {
            let mut part = chunk(&case, start, end);
            part.freeze(&case.x);
            let share = f64::from(end - start) / 11.0;
            expected.iter_mut().zip(values(&part)).for_each(|(e, v)| *e += share * v);
        }
        assert_close(&values(&whole), &expected, 1e-12, "statistics");
    }
}

#[test]
fn estimated_anew_means_frozen_at_every_point() {
    let case = case(SPEC, 11);
    let anew = with(&case, BatchNorm::Reestimated { size: 4 });
    assert!(!anew.is_coupled());
    let v: Vec<f64> = uniform(case.x.len(), 1.0, "direction", 9);
    let moved: Vec<f64> = case.x.iter().zip(&v).map(|(x, v)| x + 0.1 * v).collect();
    for x in [&case.x, &moved] {
        let mut frozen = with(&case, BatchNorm::Frozen);
        let mut batches = with(&case, BatchNorm::Batch { size: 4 });
        batches.freeze(x);
        let found: Vec<(String, Vec<f64>)> =
            batches.buffers().map(|(buffer, values)| (buffer.name.clone(), values.to_vec())).collect();
        found.iter().for_each(|(name, values)| frozen.set_buffer(name, values));
        assert_eq!(anew.value(x), frozen.value(x));
        assert_eq!(anew.terms(x), frozen.terms(x));
        assert_eq!(gradient(&anew, x), gradient(&frozen, x));
        for curvature in ALL {
            assert_eq!(products(&anew, x, curvature, &v), products(&frozen, x, curvature, &v));
        }
        // Held fixed, the statistics do not follow a step: the gradient is that of the frozen loss.
        let slope: f64 = gradient(&anew, x).iter().zip(&v).map(|(g, v)| g * v).sum();
        let found = difference(|x| vec![frozen.value(x)], x, &v)[0];
        assert!((found - slope).abs() < 1e-8 * slope.abs().max(1.0), "{found} and {slope}");
    }
    let mut values = [0.0; 2];
    anew.values(&[&case.x[..], &moved].concat(), &mut values);
    assert_eq!(values, [anew.value(&case.x), anew.value(&moved)]);
}

#[test]
fn minibatches_are_normalized_by_their_own_statistics_unless_frozen() {
    let case = case(SPEC, 11);
    let indices = [7, 2, 9, 4];
    let alone = |batch_norm| {
        let settings = Settings { weight_decay: 0.0, batch_norm, ..case.settings.clone() };
        network(&case.model, case.data.select(&indices), &settings)
    };
    for batch_norm in [BatchNorm::Batch { size: 3 }, BatchNorm::Reestimated { size: 3 }, BatchNorm::Frozen] {
        let network = with(&case, batch_norm);
        let mut g = vec![0.0; case.x.len()];
        let value = FiniteSum::minibatch(&network, 4).value_grad(&case.x, &indices, &mut g);
        let expected = alone(match batch_norm {
            BatchNorm::Frozen => BatchNorm::Frozen,
            _ => BatchNorm::Batch { size: 4 },
        });
        assert_close(&[value], &[expected.value(&case.x)], 1e-13, "value");
        assert_close(&g, &gradient(&expected, &case.x), 1e-12, "gradient");
    }
}

/// One convolution of size 3 along a line, batch normalization, tanh, the larger of neighbours, their mean and a
/// dense layer, with plain loops.
#[test]
fn a_small_network_is_what_plain_loops_make_of_it() {
    let (examples, length) = (3, 4);
    let mut model: ModelSpec = "cnn:2,norm=batch,input=1x4,classes=2".parse().unwrap();
    model.activation = "tanh".parse().unwrap();
    let inputs: Vec<f64> = uniform(examples * length, 1.0, "line", 1);
    let targets: Vec<f64> = uniform(examples * 2, 1.0, "targets", 2);
    let data = Data {
        inputs: Inputs::Numbers(inputs.clone()),
        features: length,
        targets: Targets::Values { values: targets.clone(), width: 2 },
    };
    let x = parameters(&model);
    // conv0.weight [2, 1, 3], norm0.weight [2], norm0.bias [2], fc.weight [2, 2], fc.bias [2].
    let (w, scale, shift, fc, bias) = (&x[..6], &x[6..8], &x[8..10], &x[10..14], &x[14..]);
    let mut z = vec![vec![vec![0.0; length]; 2]; examples];
    for n in 0..examples {
        for c in 0..2 {
            for i in 0..length {
                for j in 0..3 {
                    if (1..=length).contains(&(i + j)) {
                        z[n][c][i] += w[3 * c + j] * inputs[n * length + i + j - 1];
                    }
                }
            }
        }
    }
    let all = |c: usize| z.iter().flat_map(|e| e[c].clone()).collect::<Vec<f64>>();
    let mean: Vec<f64> = (0..2).map(|c| all(c).iter().sum::<f64>() / 12.0).collect();
    let squares: Vec<f64> = (0..2).map(|c| all(c).iter().map(|v| (v - mean[c]).powi(2)).sum()).collect();
    let loss = |mean: &[f64], variance: &[f64]| {
        let mut total = 0.0;
        for n in 0..examples {
            let pooled: Vec<f64> = (0..2)
                .map(|c| {
                    let h = |i: usize| {
                        let unit = (z[n][c][i] - mean[c]) / (variance[c] + 1e-5).sqrt();
                        (scale[c] * unit + shift[c]).tanh()
                    };
                    0.5 * (h(0).max(h(1)) + h(2).max(h(3)))
                })
                .collect();
            for o in 0..2 {
                let out = fc[2 * o] * pooled[0] + fc[2 * o + 1] * pooled[1] + bias[o];
                total += 0.5 * (out - targets[2 * n + o]).powi(2);
            }
        }
        total / examples as f64
    };
    let settings = Settings { loss: Loss::SquaredError, ..Default::default() };
    let mut objective = network(&model, data, &settings);
    let biased: Vec<f64> = squares.iter().map(|s| s / 12.0).collect();
    assert_close(&[objective.value(&x)], &[loss(&mean, &biased)], 1e-13, "batch statistics");
    objective.freeze(&x);
    let unbiased: Vec<f64> = squares.iter().map(|s| s / 11.0).collect();
    assert_close(&values(&objective), &[&mean[..], &unbiased].concat(), 1e-13, "statistics");
    let frozen = Settings { batch_norm: BatchNorm::Frozen, ..settings };
    let mut frozen = network(&model, objective.data().clone(), &frozen);
    assert_close(&[frozen.value(&x)], &[loss(&[0.0, 0.0], &[1.0, 1.0])], 1e-13, "before training");
    frozen.set_buffer("norm0.running_mean", &mean);
    frozen.set_buffer("norm0.running_var", &unbiased);
    assert_close(&[frozen.value(&x)], &[loss(&mean, &unbiased)], 1e-13, "fixed statistics");
}

/// A minibatch's products are those of an objective that has these examples alone.
#[test]
fn products_of_a_minibatch_are_those_of_its_examples() {
    let case = case("mlp:4-5-3", 9);
    let settings = Settings { weight_decay: 0.1, ..case.settings.clone() };
    let whole = network(&case.model, case.data.clone(), &settings);
    let indices = [7, 2, 5];
    let part = network(&case.model, case.data.select(&indices), &settings);
    let v: Vec<f64> = uniform(case.x.len(), 1.0, "direction", 9);
    let mut minibatch = whole.finite_sum().unwrap().minibatch(3);
    let matrices =
        [Curvature::Hessian, Curvature::GaussNewton, Curvature::Fisher, Curvature::EmpiricalFisher];
    // Twice, since the programs are kept.
    for curvature in matrices.into_iter().chain(matrices) {
        let mut product = vec![0.0; v.len()];
        minibatch.product(&case.x, &indices, curvature, &v, &mut product).unwrap();
        assert_close(&product, &products(&part, &case.x, curvature, &v), 1e-12, &format!("{curvature:?}"));
    }
}
