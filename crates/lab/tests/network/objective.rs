//! Terms, minibatches, noise, and what is refused.

use thalweg_lab::curvature::noise_scale;
use thalweg_lab::problem::network::{Data, Inputs, Loss, ModelSpec, Network, Settings, Targets};
use thalweg_lab::{FiniteSum, Objective, Oracle};

use crate::reference::Reference;
use crate::support::*;

const LOSS: Loss = Loss::smoothed(0.1);

fn fixture() -> (ModelSpec, Data<f64>, Settings) {
    let model = ModelSpec::mlp(&[6, 5, 3]);
    (model, classes(240, 6, 3), Settings { loss: LOSS, weight_decay: 0.02, ..Default::default() })
}

#[test]
fn terms_are_told_apart() {
    let (model, data, settings) = fixture();
    let objective = network(&model, data.clone(), &settings);
    let reference = Reference { model: &model, data: &data, loss: LOSS, decay: 0.0 };
    let x = parameters(&model);
    let terms = objective.terms(&x);
    let losses: Vec<f64> = (0..240).map(|i| reference.example_loss(&x, i)).collect();
    let mean = losses.iter().sum::<f64>() / 240.0;
    let variance = losses.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / 239.0;
    assert!((terms.data / mean - 1.0).abs() < 1e-13);
    assert!((terms.data_stderr.unwrap() / (variance / 240.0).sqrt() - 1.0).abs() < 1e-11);
    assert!((terms.penalty - 0.01 * x.iter().map(|v| v * v).sum::<f64>()).abs() < 1e-14);
    assert!((terms.total() / objective.value(&x) - 1.0).abs() < 1e-14);
    let Targets::Classes { labels, .. } = &data.targets else { unreachable!() };
    let right = (0..240).filter(|&i| {
        let z = reference.outputs(&x, i);
        (0..3).all(|c| z[c] <= z[labels[i] as usize])
    });
    assert_eq!(terms.accuracy, Some(right.count() as f64 / 240.0));
    let regression = network(&model, values(240, 6, 3), &Settings { loss: Loss::SquaredError, ..settings });
    assert_eq!(regression.terms(&x).accuracy, None);
    assert_eq!(network(&model, classes(1, 6, 3), &Settings::default()).terms(&x).data_stderr, None);
}

/// Also where the last shard is smaller than the others.
#[test]
fn each_examples_loss_is_its_own() {
    let (model, data, settings) = fixture();
    let objective = network(&model, data.clone(), &settings);
    let reference = Reference { model: &model, data: &data, loss: LOSS, decay: 0.0 };
    let x = parameters(&model);
    let losses = FiniteSum::losses(&objective, &x).unwrap();
    assert_eq!(losses.len(), 240);
    for (i, loss) in losses.iter().enumerate() {
        assert!((loss / reference.example_loss(&x, i) - 1.0).abs() < 1e-12, "{i}: {loss}");
    }
    let oracle = Oracle::new(&objective);
    assert_eq!(oracle.losses(&x).unwrap(), Some(losses));
    assert_eq!(oracle.counts().values, 1);
}

#[test]
fn minibatches_average_to_the_whole() {
    let (model, data, settings) = fixture();
    let objective = network(&model, data.clone(), &settings);
    let x = parameters(&model);
    let whole = gradient(&objective, &x);
    for size in [1, 16, 80, 240] {
        let mut batch = FiniteSum::minibatch(&objective, size);
        // Every example once, in an order of its own.
        let order: Vec<u32> = (0..240).map(|i| (i * 77 + 5) % 240).collect();
        let (mut mean, mut value) = (vec![0.0; x.len()], 0.0);
        let mut part = vec![0.0; x.len()];
        for indices in order.chunks(size) {
            let share = size as f64 / 240.0;
            value += share * batch.value_grad(&x, indices, &mut part);
            mean.iter_mut().zip(&part).for_each(|(m, p)| *m += share * p);
        }
        assert_close(&mean, &whole, 1e-13, &format!("batches of {size}"));
        assert!((value / objective.value(&x) - 1.0).abs() < 1e-13);
    }
    // A minibatch is the objective on its examples alone.
    let indices = [3u32, 200, 3, 77];
    let mut found = vec![0.0; x.len()];
    let value = FiniteSum::minibatch(&objective, 4).value_grad(&x, &indices, &mut found);
    let inputs: Vec<f64> =
        indices.iter().flat_map(|&i| numbers(&data.inputs)[i as usize * 6..][..6].iter().copied()).collect();
    let Targets::Classes { labels, count } = &data.targets else { unreachable!() };
    let labels = indices.iter().map(|&i| labels[i as usize]).collect();
    let chosen = Data {
        inputs: Inputs::Numbers(inputs),
        features: 6,
        targets: Targets::Classes { labels, count: *count },
    };
    let alone = objective.with_data(chosen).unwrap();
    assert!((value / alone.value(&x) - 1.0).abs() < 1e-14);
    assert_close(&found, &gradient(&alone, &x), 1e-13, "four examples");
}

#[test]
fn gradient_noise_is_the_covariance_of_the_examples_gradients() {
    let (model, data, settings) = fixture();
    let objective = network(&model, data.clone(), &settings);
    let reference = Reference { model: &model, data: &data, loss: LOSS, decay: 0.0 };
    let x = parameters(&model);
    let each: Vec<Vec<f64>> = (0..240).map(|i| reference.example_gradient(&x, i)).collect();
    let mean = reference.gradient(&x);
    let square = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
    let squares = each.iter().map(|g| square(g)).sum::<f64>() / 240.0;
    assert!((objective.mean_squared_gradient(&x) / squares - 1.0).abs() < 1e-13);
    let spread =
        each.iter().map(|g| g.iter().zip(&mean).map(|(g, m)| (g - m).powi(2)).sum::<f64>()).sum::<f64>();
    let found = noise_scale(&Oracle::new(&objective), &x).unwrap().unwrap();
    assert!((found.covariance_trace / (spread / 240.0) - 1.0).abs() < 1e-12);
    assert!((found.gradient_squared / square(&mean) - 1.0).abs() < 1e-12);
    assert!((found.simple.unwrap() / (spread / 240.0 / square(&mean)) - 1.0).abs() < 1e-12);
    assert_eq!(found.examples, 240);
}

#[test]
fn what_does_not_fit_is_refused_with_reasons() {
    let (model, data, settings) = fixture();
    let refuse = |data: Data<f64>, settings: &Settings| {
        Network::new(model.clone(), data, settings.clone()).err().unwrap().to_string()
    };
    let labels =
        |labels: Vec<i32>, count| Data { targets: Targets::Classes { labels, count }, ..data.clone() };
    for (found, reason) in [
        (refuse(Data { inputs: Inputs::Numbers(vec![]), ..data.clone() }, &settings), "no examples"),
        (refuse(Data { features: 5, ..data.clone() }, &settings), "inputs of 6, the data has 5"),
        (refuse(labels(vec![0; 239], 3), &settings), "239 labels for 240"),
        (refuse(labels(vec![0; 240], 4), &settings), "3 outputs, the data 4 classes"),
        (refuse(labels(vec![3; 240], 3), &settings), "label 3 of example 0"),
        (refuse(labels([vec![0; 7], vec![-1; 233]].concat(), 3), &settings), "label -1 of example 7"),
        (refuse(values(240, 6, 3), &settings), "needs classes"),
        (
            refuse(values(240, 6, 2), &Settings { loss: Loss::SquaredError, ..settings.clone() }),
            "targets of 2",
        ),
    ] {
        assert!(found.contains(reason), "{found:?} for {reason:?}");
    }
}

#[test]
fn values_along_directions_are_those_of_the_points() {
    let model = ModelSpec::mlp(&[6, 9, 4]);
    let settings = Settings { weight_decay: 0.01, ..Settings::default() };
    let objective = network(&model, classes(300, 6, 4), &settings);
    let x = parameters(&model);
    let n = x.len();
    let flat = uniform(3 * n, 1.0, "directions", 1);
    let directions: Vec<&[f64]> = flat.chunks(n).collect();
    for count in 1..=3 {
        let coordinates = uniform(20 * count, 1.0, "coordinates", 2);
        let mut values = vec![0.0; 20];
        objective.values_along(&x, &directions[..count], &coordinates, &mut values);
        for (value, c) in values.iter().zip(coordinates.chunks(count)) {
            let moved = |i: usize| x[i] + c.iter().zip(&directions).map(|(c, d)| c * d[i]).sum::<f64>();
            let direct = objective.value(&(0..n).map(moved).collect::<Vec<_>>());
            assert!((value / direct - 1.0).abs() < 1e-13, "{value} and {direct} at {c:?}");
        }
    }
}
