//! Every activation with every loss: gradient and all four matrices.

use proptest::prelude::*;
use thalweg_lab::problem::network::{Activation, Data, Inputs, Loss, Model, ModelSpec, Settings, Targets};
use thalweg_lab::{Curvature, Objective};

use crate::reference::Reference;
use crate::support::*;

const SMOOTHED: Loss = Loss::smoothed(0.2);

/// Class weights that are not all alike, with and without smoothing.
fn weighted(label_smoothing: f64) -> Loss {
    Loss::CrossEntropy { label_smoothing, class_weights: vec![0.5, 0.0, 2.0] }
}

/// Models, data and settings that differ in everything an objective has.
fn cases() -> Vec<(String, ModelSpec, Data<f64>, Settings)> {
    let mut cases = Vec::new();
    let mut case = |activation, bias, loss: Loss, data, weight_decay| {
        let outputs =
            if matches!(&data, Data { targets: Targets::Classes { count: 2, .. }, .. }) { 1 } else { 3 };
        let widths: &[usize] = if bias { &[6, 5, outputs] } else { &[6, 4, 4, outputs] };
        let model = ModelSpec { activation, bias, ..ModelSpec::mlp(widths) };
        let name = format!("{model} {activation} {loss:?} {weight_decay} bias {bias}");
        cases.push((name, model, data, Settings { loss, weight_decay, ..Default::default() }));
    };
    for (i, activation) in Activation::ALL.into_iter().enumerate() {
        case(activation, true, SMOOTHED, classes(21, 6, 3), 0.03);
        case(activation, i % 2 == 0, Loss::SquaredError, values(21, 6, 3), 0.1);
    }
    for bias in [true, false] {
        case(Activation::Tanh, bias, Loss::CROSS_ENTROPY, classes(21, 6, 3), 0.0);
        case(Activation::Relu, bias, weighted(0.0), classes(21, 6, 3), 0.0);
        case(Activation::Gelu, bias, weighted(0.3), classes(21, 6, 3), 0.0);
        case(Activation::Tanh, bias, Loss::SquaredError, classes(21, 6, 3), 0.0);
        case(Activation::Silu, bias, Loss::BinaryCrossEntropy, classes(21, 6, 3), 0.0);
        case(Activation::Silu, bias, Loss::BinaryCrossEntropy, shares(21, 6, 3), 0.0);
        case(Activation::Tanh, bias, Loss::BinaryCrossEntropy, classes(21, 6, 2), 0.0);
        case(Activation::Tanh, bias, Loss::Huber { delta: 0.7 }, values(21, 6, 3), 0.2);
        case(Activation::Tanh, bias, Loss::Huber { delta: 0.4 }, classes(21, 6, 3), 0.0);
        case(Activation::Tanh, bias, Loss::Output, classes(21, 6, 3), 0.01);
    }
    cases
}

/// Targets between 0 and 1.
fn shares(examples: usize, features: usize, width: usize) -> Data<f64> {
    let mut data = values(examples, features, width);
    let Targets::Values { values, .. } = &mut data.targets else { unreachable!() };
    values.iter_mut().for_each(|v| *v = 0.5 + *v / 3.0);
    data
}

/// Matrices that an objective of this loss has.
fn has(loss: &Loss) -> Vec<Curvature> {
    let weighted = matches!(loss, Loss::CrossEntropy { class_weights, .. } if !class_weights.is_empty());
    let fisher = !weighted && !matches!(loss, Loss::Huber { .. } | Loss::Output);
    let all = ALL.into_iter();
    all.filter(|c| match c {
        Curvature::Fisher => fisher,
        Curvature::GaussNewton => *loss != Loss::Output,
        _ => true,
    })
    .collect()
}

#[test]
fn values_and_gradients_agree_with_backpropagation_by_hand() {
    for (name, model, data, settings) in cases() {
        let network = network(&model, data.clone(), &settings);
        let reference = Reference {
            model: &model,
            data: &data,
            loss: settings.loss.clone(),
            decay: settings.weight_decay,
        };
        let x = parameters(&model);
        let value = network.value(&x);
        assert!((value / reference.value(&x) - 1.0).abs() < 1e-13, "{name}");
        let found = gradient(&network, &x);
        assert_close(&found, &reference.gradient(&x), 1e-13, &name);
        // And without any derivative by hand:
        let along = |i: usize| {
            let unit: Vec<f64> = (0..x.len()).map(|j| f64::from(u8::from(i == j))).collect();
            difference(|x| vec![network.value(x)], &x, &unit)[0]
        };
        let differences: Vec<f64> = (0..x.len()).map(along).collect();
        assert_close(&found, &differences, 5e-9, &name);
    }
}

#[test]
fn hessians_agree_with_differences_of_the_gradient() {
    for (name, model, data, settings) in cases() {
        let network = network(&model, data.clone(), &settings);
        let reference = Reference {
            model: &model,
            data: &data,
            loss: settings.loss.clone(),
            decay: settings.weight_decay,
        };
        let x = parameters(&model);
        let found = matrix(&network, &x, Curvature::Hessian);
        assert!(found.asymmetry < 1e-14, "{name}: {}", found.asymmetry);
        assert_close(&found.entries, &jacobian(|x| reference.gradient(x), &x), 1e-9, &name);
    }
}

#[test]
fn gauss_newton_and_fisher_matrices_agree_with_explicit_jacobians() {
    for (name, model, data, settings) in cases() {
        let network = network(&model, data.clone(), &settings);
        let reference = Reference {
            model: &model,
            data: &data,
            loss: settings.loss.clone(),
            decay: settings.weight_decay,
        };
        let x = parameters(&model);
        let n = x.len();
        let expected = reference.gauss_newton(&x);
        let available = has(&settings.loss);
        if available.contains(&Curvature::Fisher) {
            assert_close(&matrix(&network, &x, Curvature::Fisher).entries, &expected, 1e-13, &name);
        }
        if available.contains(&Curvature::GaussNewton) {
            let mut gauss_newton = matrix(&network, &x, Curvature::GaussNewton);
            let smallest = gauss_newton.eigenvalues()[0];
            assert!(smallest >= settings.weight_decay - 1e-13, "{name}: {smallest}");
            // The penalty's Hessian belongs to the Gauss-Newton matrix and not to the Fisher matrix.
            (0..n).for_each(|i| gauss_newton.entries[i * n + i] -= settings.weight_decay);
            assert_close(&gauss_newton.entries, &expected, 1e-13, &name);
        }
        for missing in ALL.into_iter().filter(|c| !available.contains(c)) {
            let error = network.linearize(&x, missing).err().unwrap();
            assert!(error.curvature == missing && error.to_string().contains(error.reason));
        }
        let empirical = matrix(&network, &x, Curvature::EmpiricalFisher);
        assert_close(&empirical.entries, &reference.empirical_fisher(&x), 1e-13, &name);
        let moments = empirical.trace();
        assert!((network.mean_squared_gradient(&x) / moments - 1.0).abs() < 1e-13, "{name}");
    }
}

#[test]
fn single_precision_follows_double() {
    for (name, model, data, settings) in cases() {
        let single = network(&model, narrow(&data), &settings);
        // The same numbers, so that rounding the data does not count.
        let rounded: Vec<f32> = parameters(&model).iter().map(|&v| v as f32).collect();
        let x: Vec<f64> = rounded.iter().map(|&v| f64::from(v)).collect();
        let wide_data = widened(&narrow(&data));
        let double = network(&model, wide_data, &settings);
        assert!((single.value(&rounded) / double.value(&x) - 1.0).abs() < 1e-6, "{name}");
        let wide = |v: Vec<f32>| v.into_iter().map(f64::from).collect::<Vec<_>>();
        assert_close(&wide(gradient(&single, &rounded)), &gradient(&double, &x), 2e-6, &name);
        for curvature in has(&settings.loss) {
            let (a, b) = (matrix(&single, &rounded, curvature), matrix(&double, &x, curvature));
            assert_close(&a.entries, &b.entries, 2e-6, &format!("{name} {curvature:?}"));
        }
    }
}

fn widened(data: &Data<f32>) -> Data<f64> {
    let wide = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect();
    let targets = match &data.targets {
        Targets::Classes { labels, count } => Targets::Classes { labels: labels.clone(), count: *count },
        Targets::Values { values, width } => Targets::Values { values: wide(values), width: *width },
    };
    Data { inputs: Inputs::Numbers(wide(numbers(&data.inputs))), features: data.features, targets }
}

#[test]
fn large_outputs_neither_overflow_nor_lose_the_derivatives() {
    let model = ModelSpec::mlp(&[6, 5, 3]);
    let data = classes(20, 6, 3);
    let network = network(&model, data.clone(), &Settings::default());
    let reference = Reference { model: &model, data: &data, loss: Loss::CROSS_ENTROPY, decay: 0.0 };
    for (scale, tolerance) in [(30.0, 1e-11), (300.0, 1e-4)] {
        let mut x = parameters(&model);
        // The last layer alone, so that tanh is not saturated.
        x[35..].iter_mut().for_each(|v| *v *= scale);
        let found = gradient(&network, &x);
        assert_close(&found, &reference.gradient(&x), 1e-12, "gradient");
        // 1 − p loses digits where all p are nearly 0 or 1.
        let found = matrix(&network, &x, Curvature::GaussNewton);
        assert_close(&found.entries, &reference.gauss_newton(&x), tolerance, "Gauss-Newton matrix");
    }
    let mut x = parameters(&model);
    x[35..].iter_mut().for_each(|v| *v *= 1e4);
    assert!(network.value(&x).is_finite() && gradient(&network, &x).iter().all(|g| g.is_finite()));
    x[0] = f64::NAN;
    assert!(network.value(&x).is_nan(), "a number that is not finite is not hidden");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_shape_has_the_gradient_by_hand_and_symmetric_products(
        widths in prop::collection::vec(1usize..7, 2..5),
        activation in 0usize..11,
        bias: bool,
        squared: bool,
        examples in 1usize..300,
        seed: u64,
    ) {
        let model = ModelSpec { activation: Activation::ALL[activation], bias, ..ModelSpec::mlp(&widths) };
        let data = classes(examples, widths[0], widths[widths.len() - 1]);
        let loss = if squared { Loss::SquaredError } else { SMOOTHED };
        let settings = Settings { loss: loss.clone(), weight_decay: 0.01, ..Default::default() };
        let objective = network(&model, data.clone(), &settings);
        let reference = Reference { model: &model, data: &data, loss, decay: 0.01 };
        let n = model.layout().dimension();
        let x: Vec<f64> = uniform(n, 1.0, "x", seed);
        let expected = reference.gradient(&x);
        let size = expected.iter().map(|g| g * g).sum::<f64>().sqrt().max(1e-3);
        for (a, b) in gradient(&objective, &x).iter().zip(&expected) {
            prop_assert!((a - b).abs() <= 1e-12 * size, "{model}: {a} and {b}");
        }
        let v: Vec<f64> = uniform(2 * n, 1.0, "v", seed);
        for curvature in ALL {
            let hv = products(&objective, &x, curvature, &v);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let (one, other) = (dot(&hv[..n], &v[n..]), dot(&v[..n], &hv[n..]));
            // A matrix may be what rounding leaves of numbers of order 1: that of a single class, say.
            let scale = (dot(&hv, &hv) * dot(&v, &v)).sqrt().max(dot(&v, &v));
            prop_assert!((one - other).abs() <= 1e-13 * scale, "{model} {curvature:?}: {one} and {other}");
        }
    }
}
