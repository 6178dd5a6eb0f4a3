//! An ONNX model as one of the laboratory's objectives, against PyTorch.

use std::sync::Arc;

use thalweg_io::{NamedArrays, OnnxModel, Values};
use thalweg_lab::problem::network::{BatchNorm, Data, Inputs, Model, Network, Settings, Targets};
use thalweg_lab::symmetry::Element;
use thalweg_lab::{Curvature, Objective};

use crate::exported::{assert_close, direction, doubles, fixture, placed, references};

/// The objective on the examples of a reference, and where each parameter is in it.
fn objective(model: OnnxModel, reference: &NamedArrays, batch_norm: BatchNorm) -> Network<f64> {
    let x = reference.get("x").unwrap();
    let inputs = match &x.values {
        Values::I64(tokens) => Inputs::Tokens(tokens.iter().map(|&token| token as i32).collect()),
        _ => Inputs::Numbers(doubles(reference, "x")),
    };
    let labels = doubles(reference, "y").into_iter().map(|label| label as i32).collect();
    let count = *Model::output(&model).last().unwrap();
    let features = x.shape[1..].iter().product();
    let data = Data { inputs, features, targets: Targets::Classes { labels, count } };
    let settings = Settings { batch_norm, ..Settings::default() };
    Network::new(Arc::new(model) as Arc<dyn Model>, data, settings).unwrap()
}

#[test]
fn objectives_have_the_loss_and_the_curvature_of_pytorch() {
    for (file, reference, batch_norm) in [
        ("lenet-new", "lenet", BatchNorm::Frozen),
        ("resnet20-old", "resnet20", BatchNorm::Frozen),
        ("resnet20-old", "resnet20-batch", BatchNorm::Batch { size: 5 }),
        ("resnet20-new-unfused", "resnet20-batch", BatchNorm::Batch { size: 5 }),
        ("gpt-new-f64", "gpt", BatchNorm::Frozen),
    ] {
        let model = OnnxModel::read(fixture(&format!("{file}.onnx"))).unwrap();
        let parameters = references(file);
        let trained: Vec<_> = model.parameters().map(|array| parameters[&array.name].clone()).collect();
        let values = model.values();
        let x: Vec<f64> = model.parameters().flat_map(|array| doubles(&values, &array.name)).collect();
        let name = format!("{reference}.npz");
        let reference = NamedArrays::from_bytes(&std::fs::read(fixture(&name)).unwrap(), &name).unwrap();
        let objective = objective(model, &reference, batch_norm);
        let mut gradient = vec![0.0; x.len()];
        let loss = objective.value_grad(&x, &mut gradient);
        assert_close(&[loss], &doubles(&reference, "loss"), 1e-9, 0.0, file);
        let vector: Vec<f64> = trained.iter().flat_map(direction).collect();
        let product = |curvature| {
            let mut operator = objective.linearize(&x, curvature).unwrap();
            let mut product = vec![0.0; x.len()];
            operator.apply(&vector, &mut product).unwrap();
            product
        };
        for (quantity, found) in [
            ("gradient", gradient),
            ("hessian", product(Curvature::Hessian)),
            ("gauss-newton", product(Curvature::GaussNewton)),
        ] {
            let all = doubles(&reference, quantity);
            let expected: Vec<f64> = trained
                .iter()
                .flat_map(|(start, shape, turned)| {
                    let count = shape.iter().product::<usize>();
                    placed(&all[*start..start + count], shape, *turned)
                })
                .collect();
            assert_close(&found, &expected, 1e-9, 0.0, &format!("{file}, {quantity}"));
        }
    }
}

#[test]
fn initial_parameters_are_those_of_the_file_and_statistics_are_buffers() {
    let model = OnnxModel::read(fixture("resnet20-old.onnx")).unwrap();
    let layout = Model::layout(&model);
    let count: usize = model.parameters().map(|array| array.shape.iter().product::<usize>()).sum();
    assert_eq!(layout.dimension(), count);
    assert_eq!(model.initial().len(), layout.blocks().len());
    assert_eq!(model.buffers().len(), 38);
    assert!(model.has_statistics() && model.buffers().iter().all(|buffer| buffer.statistic));
    // What is frozen is a buffer too, and no statistic.
    let frozen = model.train(|name| name.starts_with("fc."));
    assert_eq!(Model::layout(&frozen).blocks().len(), 2);
    assert_eq!(frozen.buffers().iter().filter(|buffer| !buffer.statistic).count(), 57);
    let gpt = OnnxModel::read(fixture("gpt-old.onnx")).unwrap();
    assert_eq!(gpt.vocabulary(), Some(32));
    assert_eq!(Model::output(&gpt), [16, 32]);
}

/// Symmetries of files are derived as those of built-in networks are: counted by hand, and none changes the loss.
#[test]
fn files_have_the_symmetries_of_their_networks() {
    let factorials = |list: &[(usize, usize)]| -> f64 {
        let ln = |k: usize| (2..=k).map(|i| (i as f64).ln()).sum::<f64>();
        list.iter().map(|&(k, times)| times as f64 * ln(k)).sum()
    };
    // Two layers of width 32: features, four heads, queries with keys and values of 8 in each, 64 hidden units; signs
    // of queries with keys and of values, and of what each normalization but a tied last one hands on.
    let transformer = factorials(&[(32, 1), (4, 2), (8, 16), (64, 2)]);
    for (file, reference, batch_norm, expected, signs) in [
        ("lenet-new", "lenet", BatchNorm::Frozen, factorials(&[(4, 1), (8, 1), (24, 1)]), 0),
        // Frozen statistics would hold every channel.
        (
            "resnet20-old",
            "resnet20-batch",
            BatchNorm::Batch { size: 5 },
            factorials(&[(2, 3), (4, 3), (8, 3)]),
            0,
        ),
        ("vit-new-f64", "vit", BatchNorm::Frozen, transformer, 5 * 32 + 2 * 64),
        ("gpt-new-f64", "gpt", BatchNorm::Frozen, transformer, 5 * 32 + 2 * 64),
    ] {
        let model = OnnxModel::read(fixture(&format!("{file}.onnx"))).unwrap();
        let values = model.values();
        let x: Vec<f64> = model.parameters().flat_map(|array| doubles(&values, &array.name)).collect();
        let name = format!("{reference}.npz");
        let reference = NamedArrays::from_bytes(&std::fs::read(fixture(&name)).unwrap(), &name).unwrap();
        let objective = objective(model, &reference, batch_norm);
        let symmetries = objective.symmetries();
        let before = objective.value(&x);
        for index in 0..3 {
            let copy = Element::random(&symmetries, 1, index).apply(&symmetries, objective.layout(), &x);
            let after = objective.value(&copy);
            assert!((after - before).abs() < 1e-11 * before.abs(), "{file}: {before} became {after}");
        }
        let permutations: f64 = symmetries.ln_count()
            - symmetries.groups.iter().map(|g| (g.units * g.signs) as f64).sum::<f64>()
                * std::f64::consts::LN_2;
        assert!(permutations >= expected - 1e-9, "{file}: ln {permutations}, by hand {expected}");
        let found: usize = symmetries.groups.iter().map(|g| g.units * g.signs).sum();
        assert!(found >= signs, "{file}: {found} signs, by hand {signs}");
    }
}
