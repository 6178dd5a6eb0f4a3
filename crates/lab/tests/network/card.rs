//! The point card and the table of layers of a network.

use thalweg_lab::curvature::{
    Exact, Grouping, LayerOptions, PointOptions, SharpnessOptions, SpectrumOptions, layers, point, sharpness,
};
use thalweg_lab::krylov::dense;
use thalweg_lab::problem::network::{ModelSpec, Settings};
use thalweg_lab::{Curvature, Objective, Oracle};

use crate::support::*;

fn settings() -> Settings {
    Settings { weight_decay: 0.01, ..Default::default() }
}

#[test]
fn a_card_agrees_with_the_dense_hessian() {
    let model = ModelSpec::mlp(&[8, 7, 4]);
    let objective = network(&model, classes(200, 8, 4), &settings());
    let x = parameters(&model);
    let hessian = matrix(&objective, &x, Curvature::Hessian);
    let eigenvalues = hessian.eigenvalues();
    let n = x.len();
    let never = SpectrumOptions { exact: Exact::Never, ..Default::default() };
    for spectrum in [SpectrumOptions::default(), never] {
        let found =
            point(&Oracle::new(&objective), &x, &PointOptions { spectrum, ..Default::default() }).unwrap();
        let card = found.card;
        assert_eq!((card.dimension, card.examples), (n, Some(200)));
        let terms = objective.terms(&x);
        assert_eq!((card.loss, card.data_loss, card.penalty), (terms.total(), terms.data, terms.penalty));
        assert_eq!((card.accuracy, card.data_loss_stderr), (terms.accuracy, terms.data_stderr));
        assert_eq!(found.gradient, gradient(&objective, &x));
        assert_eq!((card.eigenvalues.len(), card.eigenvalues_bottom.len()), (10, 4));
        for (i, pair) in card.eigenvalues.iter().enumerate() {
            assert!((pair.value - eigenvalues[n - 1 - i]).abs() <= pair.residual + 1e-12);
        }
        for (i, pair) in card.eigenvalues_bottom.iter().enumerate() {
            assert!((pair.value - eigenvalues[i]).abs() <= pair.residual + 1e-12);
        }
        let negative = eigenvalues.iter().filter(|v| **v < -1e-12).count() as u64;
        assert!(card.negative_count <= negative && card.ends_confirmed);
        assert!(card.negative_count == negative || !card.negative_count_exact);
        assert!((card.trace.mean - hessian.trace()).abs() <= 5.0 * card.trace.stderr + 1e-10);
        assert!((card.frobenius.mean - hessian.frobenius()).abs() <= 5.0 * card.frobenius.stderr + 1e-10);
        let json = serde_json::to_value(&card).unwrap();
        assert_eq!(json["verdict"]["kind"], "not_critical");
        assert_eq!(json["negative_count"], card.negative_count);
        assert!(json["noise"]["simple"].as_f64().unwrap() > 0.0);
        assert!(card.oracle.products <= spectrum.products(n) && card.oracle.gradients >= 2);
    }
}

#[test]
fn single_precision_has_the_same_card() {
    let model = ModelSpec::mlp(&[8, 7, 4]);
    let data = classes(200, 8, 4);
    let (double, single) =
        (network(&model, data.clone(), &settings()), network(&model, narrow(&data), &settings()));
    let x = parameters(&model);
    let short: Vec<f32> = x.iter().map(|&v| v as f32).collect();
    let a = point(&Oracle::new(&double), &x, &PointOptions::default()).unwrap().card;
    let b = point(&Oracle::new(&single), &short, &PointOptions::default()).unwrap().card;
    assert!((a.loss - b.loss).abs() < 1e-5 && (a.grad_norm - b.grad_norm).abs() < 1e-5);
    for (a, b) in a.eigenvalues.iter().zip(&b.eigenvalues) {
        assert!((a.value - b.value).abs() < 1e-5);
    }
    assert!((a.trace.mean - b.trace.mean).abs() < 1e-4);
    let noise = [a.noise.unwrap(), b.noise.unwrap()].map(|noise| noise.simple.unwrap());
    assert!((noise[0] / noise[1] - 1.0).abs() < 1e-4);
}

#[test]
fn a_layers_row_is_that_of_its_block() {
    let model = ModelSpec::mlp(&[8, 7, 4]);
    let objective = network(&model, classes(200, 8, 4), &settings());
    let x = parameters(&model);
    let g = gradient(&objective, &x);
    let n = x.len();
    for curvature in [Curvature::Hessian, Curvature::GaussNewton] {
        let whole = matrix(&objective, &x, curvature);
        for (grouping, count) in [(Grouping::Layer, 2), (Grouping::Block, 4)] {
            let options = LayerOptions { curvature, grouping, ..Default::default() };
            let oracle = Oracle::new(&objective);
            let rows = layers(&oracle, &x, &g, &options).unwrap();
            assert_eq!(rows.len(), count);
            for row in rows {
                let range = objective.layout().select(&row.name).unwrap();
                let size = range.len();
                let mut block = thalweg_lab::krylov::from_fn(size, |v: &[f64], out| {
                    for (i, out) in range.clone().zip(out) {
                        *out = range.clone().zip(v).map(|(j, v)| whole.entries[i * n + j] * v).sum();
                    }
                });
                let block = dense(&mut block, 8).unwrap();
                let eigenvalues = block.eigenvalues();
                assert_eq!(row.parameters, size);
                let (high, low) = (row.eigenvalue_max, row.eigenvalue_min);
                assert!((high.value - eigenvalues[size - 1]).abs() <= high.residual + 1e-12, "{row:?}");
                assert!((low.value - eigenvalues[0]).abs() <= low.residual + 1e-12, "{row:?}");
                assert!((row.trace.mean - block.trace()).abs() <= 5.0 * row.trace.stderr + 1e-11, "{row:?}");
                let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
                assert!((row.weight_norm - norm(&x[range.clone()])).abs() < 1e-13);
                assert!((row.gradient_norm - norm(&g[range.clone()])).abs() < 1e-13);
                assert!(
                    (row.scaled_sharpness / (high.value * norm(&x[range.clone()]).powi(2)) - 1.0).abs()
                        < 1e-12
                );
            }
        }
    }
}

#[test]
fn scaled_measures_do_not_feel_a_scaling_of_rectifier_layers() {
    use thalweg_lab::problem::network::Activation;
    let model = ModelSpec { activation: Activation::Relu, bias: false, ..ModelSpec::mlp(&[8, 7, 4]) };
    let objective = network(&model, classes(150, 8, 4), &Settings::default());
    let x = parameters(&model);
    let mut scaled = x.clone();
    scaled[..56].iter_mut().for_each(|v| *v *= 4.0);
    scaled[56..].iter_mut().for_each(|v| *v /= 4.0);
    let rows = [&x, &scaled].map(|x| {
        let oracle = Oracle::new(&objective);
        layers(&oracle, x, &gradient(&objective, x), &LayerOptions::default()).unwrap()
    });
    assert!((objective.value(&x) - objective.value(&scaled)).abs() < 1e-14);
    for (a, b) in rows[0].iter().zip(&rows[1]) {
        assert!((a.eigenvalue_max.value / b.eigenvalue_max.value - 1.0).abs() > 0.5);
        assert!((a.scaled_sharpness / b.scaled_sharpness - 1.0).abs() < 1e-6, "{a:?} {b:?}");
        assert!((a.scaled_trace.mean / b.scaled_trace.mean - 1.0).abs() < 1e-6);
    }
}

#[test]
fn sharpness_is_followed_along_a_descent() {
    let model = ModelSpec::mlp(&[8, 7, 4]);
    let objective = network(&model, classes(200, 8, 4), &settings());
    let mut x = parameters(&model);
    let oracle = Oracle::new(&objective);
    let mut previous: Option<Vec<f64>> = None;
    for _ in 0..8 {
        for _ in 0..5 {
            let g = gradient(&objective, &x);
            x.iter_mut().zip(g).for_each(|(x, g)| *x -= 0.3 * g);
        }
        let found = sharpness(&oracle, &x, previous.as_deref(), &SharpnessOptions::default()).unwrap();
        let eigenvalues = matrix(&objective, &x, Curvature::Hessian).eigenvalues();
        let exact = eigenvalues[eigenvalues.len() - 1];
        assert!(found.converged && found.value <= exact + 1e-12);
        assert!((found.value - exact).abs() <= found.residual + 1e-12, "{} and {exact}", found.value);
        previous = Some(found.vector.to_vec());
    }
    assert!(oracle.counts().products < 8 * 45);
}
