//! Every architecture: derivatives against differences, symmetry, blocks, single examples, precision.

use thalweg_lab::problem::network::{
    Activation, BatchNorm, Data, InputKind, Inputs, Loss, Model, ModelSpec, Settings, Targets,
};
use thalweg_lab::{Curvature, FiniteSum, Objective};

use crate::support::*;

/// Small ones, smooth so that differences converge, with every layer among them.
const SPECS: [&str; 17] = [
    "deep-linear:5-4-3-3",
    "autoencoder:6-4-2",
    "lenet5,pool=average,input=1x12x12,classes=3",
    "cnn:3-4,input=2x9,classes=3",
    "cnn:3,norm=batch,input=2x4x5x3,classes=3",
    "resnet20,channels=2,input=1x4x4,classes=3",
    "resnet20,no-skip,channels=2,input=1x4x4,classes=3",
    "resnet20,shortcut=b,norm=group,channels=4,input=1x4x4,classes=3",
    "resnet20,norm=layer,channels=2,input=1x4x4,classes=3",
    "resnet20,norm=instance,channels=2,input=1x8x8,classes=3",
    "resnet20,norm=none,channels=2,input=1x4x4,classes=3",
    "vgg11,channels=2,input=1x32x32,classes=3",
    "vit-tiny,width=8,depth=2,heads=2,input=1x8x8,classes=3",
    "gpt:2-8-2-6,vocabulary=5",
    "gpt:1-8-2-6,dropout=0.3,seed=5,vocabulary=5,length=4",
    "gpt:1-8-2-6,dropout=0.2,positions=rotary,norm=rms,gated,vocabulary=5",
    "gpt:1-8-2-6,positions=sinusoidal,untied,vocabulary=5",
];

pub struct Case {
    pub model: ModelSpec,
    pub data: Data<f64>,
    pub settings: Settings,
    pub x: Vec<f64>,
}

/// A model with silu in the place of rectifiers, data, and a point.
pub fn case(text: &str, examples: usize) -> Case {
    let mut model: ModelSpec = text.parse().unwrap();
    if model.activation == Activation::Relu {
        model.activation = Activation::Silu;
    }
    let input = model.input();
    let features = input.size();
    let output = model.output();
    let (count, positions) = (output[output.len() - 1], output[..output.len() - 1].iter().product::<usize>());
    let whole = |n: usize, below: usize, name: &str| {
        let u: Vec<f64> = uniform(n, 1.0, name, 3);
        u.into_iter()
            .map(|u| (((u + 1.0) * 0.5 * below as f64) as i32).min(below as i32 - 1))
            .collect::<Vec<_>>()
    };
    let inputs = match input.kind {
        InputKind::Numbers => Inputs::Numbers(uniform(examples * features, 1.0, "numbers", 3)),
        InputKind::Tokens { vocabulary } => Inputs::Tokens(whole(examples * features, vocabulary, "tokens")),
    };
    let labels = whole(examples * positions, count, "labels");
    let data = Data { inputs, features, targets: Targets::Classes { labels, count } };
    let (data, loss) = match model.is_autoencoder() {
        true => (data.autoencoding().unwrap(), Loss::SquaredError),
        false => (data, Loss::smoothed(0.1)),
    };
    let settings = Settings { loss, weight_decay: 0.01, ..Default::default() };
    // Normalization's scales are of the size of one, as they begin; all else is random.
    let layout = model.layout();
    let mut x: Vec<f64> = uniform(layout.dimension(), 0.6, "point", 4);
    for block in layout.blocks().iter().filter(|b| b.shape.len() == 1 && b.name.ends_with("weight")) {
        x[block.range.clone()].iter_mut().for_each(|x| *x += 1.0);
    }
    Case { model, data, settings, x }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[test]
fn gradients_and_hessian_products_agree_with_differences() {
    // The kinks of so much max-pooling lie closer together than the differences reach.
    for text in SPECS.into_iter().filter(|text| !text.starts_with("vgg")) {
        let Case { model, data, settings, x } = case(text, 5);
        let objective = network(&model, data, &settings);
        let v: Vec<f64> = uniform(x.len(), 1.0, "direction", 1);
        let g = gradient(&objective, &x);
        let slope = difference(|x| vec![objective.value(x)], &x, &v)[0];
        let scale = norm(&g) * norm(&v);
        assert!((slope - dot(&g, &v)).abs() < 1e-9 * scale, "{text}: {slope} and {}", dot(&g, &v));
        let found = products(&objective, &x, Curvature::Hessian, &v);
        assert_close(&found, &difference(|x| gradient(&objective, x), &x, &v), 1e-6, text);
    }
}

#[test]
fn products_are_symmetric_and_the_same_alone_and_in_blocks() {
    for text in SPECS {
        let Case { model, data, settings, x } = case(text, 5);
        let objective = network(&model, data, &settings);
        let n = x.len();
        let vectors: Vec<f64> = uniform(3 * n, 1.0, "vectors", 2);
        let unavailable = |c: Curvature| c == Curvature::EmpiricalFisher && objective.is_coupled();
        for curvature in ALL.into_iter().filter(|c| !unavailable(*c)) {
            let block = products(&objective, &x, curvature, &vectors);
            for (v, expected) in vectors.chunks(n).zip(block.chunks(n)) {
                let alone = products(&objective, &x, curvature, v);
                assert_close(&alone, expected, 1e-12, &format!("{text} {curvature:?}"));
            }
            let (u, v) = (&vectors[..n], &vectors[n..2 * n]);
            let (hu, hv) = (&block[..n], &block[n..2 * n]);
            let scale = norm(hu).max(norm(hv)) * norm(u);
            let gap = (dot(u, hv) - dot(v, hu)).abs();
            assert!(gap < 1e-12 * scale, "{text} {curvature:?}: {gap} of {scale}");
            let least = dot(u, hu) / dot(u, u);
            let positive = curvature != Curvature::Hessian;
            assert!(!positive || least > -1e-12 * norm(hu), "{text} {curvature:?}: {least}");
        }
        // Of these losses the Fisher matrix is the Gauss-Newton matrix without the penalty.
        let ggn = products(&objective, &x, Curvature::GaussNewton, &vectors[..n]);
        let mut fisher = products(&objective, &x, Curvature::Fisher, &vectors[..n]);
        fisher.iter_mut().zip(&vectors).for_each(|(f, v)| *f += 0.01 * v);
        assert_close(&fisher, &ggn, 1e-12, text);
    }
}

#[test]
fn examples_have_gradients_of_their_own_where_batches_do_not_couple_them() {
    let mut coupled = 0;
    for text in SPECS {
        let Case { model, data, settings, x } = case(text, 5);
        let objective = network(&model, data.clone(), &settings);
        if objective.is_coupled() {
            assert!(!objective.is_separable());
            let error = objective.linearize(&x, Curvature::EmpiricalFisher).err().unwrap();
            assert!(error.to_string().contains("has no gradient of its own"), "{error}");
            coupled += 1;
            continue;
        }
        // Masks belong to examples: the data must stay whole.
        let mut each = objective.minibatch(1);
        let (mut squares, mut mean) = (0.0, vec![0.0; x.len()]);
        for i in 0..5 {
            let mut g = vec![0.0; x.len()];
            each.value_grad(&x, &[i], &mut g);
            mean.iter_mut().zip(&g).for_each(|(m, g)| *m += g / 5.0);
            g.iter_mut().zip(&x).for_each(|(g, x)| *g -= 0.01 * x);
            squares += dot(&g, &g) / 5.0;
        }
        assert_close(&mean, &gradient(&objective, &x), 1e-12, text);
        let found = objective.mean_squared_gradient(&x);
        assert!((found / squares - 1.0).abs() < 1e-11, "{text}: {found} and {squares}");
    }
    assert_eq!(coupled, 4);
}

#[test]
fn single_precision_follows_double_in_all_architectures() {
    for text in SPECS {
        let Case { model, data, settings, x } = case(text, 5);
        let round = |v: &[f64]| v.iter().map(|&v| v as f32).collect::<Vec<_>>();
        let inputs = match &data.inputs {
            Inputs::Numbers(numbers) => Inputs::Numbers(round(numbers)),
            Inputs::Tokens(tokens) => Inputs::Tokens(tokens.clone()),
        };
        let targets = match &data.targets {
            Targets::Classes { labels, count } => Targets::Classes { labels: labels.clone(), count: *count },
            Targets::Values { values, width } => Targets::Values { values: round(values), width: *width },
        };
        let single = network(&model, Data { inputs, features: data.features, targets }, &settings);
        let double = network(&model, data, &settings);
        let (narrow, wide) = (gradient(&single, &round(&x)), gradient(&double, &x));
        let narrow: Vec<f64> = narrow.into_iter().map(f64::from).collect();
        assert_close(&narrow, &wide, 3e-4, text);
    }
}

#[test]
fn fixed_statistics_make_examples_independent() {
    let Case { model, data, settings, x } = case("resnet20,channels=2,input=1x4x4,classes=3", 6);
    let settings = Settings { batch_norm: BatchNorm::Frozen, ..settings };
    let mut objective = network(&model, data.clone(), &settings);
    objective.freeze(&x);
    assert!(objective.has_statistics() && !objective.is_coupled());
    let mean: f64 =
        (0..6).map(|i| objective.with_data(data.select(&[i])).unwrap().value(&x)).sum::<f64>() / 6.0;
    assert!((mean / objective.value(&x) - 1.0).abs() < 1e-13);
    assert!(objective.mean_squared_gradient(&x) > 0.0);
}
