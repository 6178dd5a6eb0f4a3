//! Data, points, finite differences and comparisons.

use thalweg_graph::{Builder, DType, Type, Value, evaluate};
use thalweg_lab::krylov::{Dense, dense};
use thalweg_lab::problem::network::{
    Call, Data, InputKind, Inputs, Model, ModelSpec, Network, Settings, Statistics, Targets,
};
use thalweg_lab::random::Stream;
use thalweg_lab::{Curvature, Objective, Scalar};

pub const ALL: [Curvature; 4] =
    [Curvature::Hessian, Curvature::GaussNewton, Curvature::Fisher, Curvature::EmpiricalFisher];

pub fn uniform<T: Scalar>(n: usize, bound: f64, name: &str, seed: u64) -> Vec<T> {
    let mut out = vec![T::zero(); n];
    Stream::new(seed, name, 0).fill_uniform(-bound, bound, &mut out);
    out
}

/// Inputs that are numbers.
pub fn numbers<T>(inputs: &Inputs<T>) -> &[T] {
    let Inputs::Numbers(numbers) = inputs else { panic!("tokens are no numbers") };
    numbers
}

/// Inputs in [0, 1], labelled by the largest of as many random linear functions as there are classes.
pub fn classes(examples: usize, features: usize, count: usize) -> Data<f64> {
    let mut inputs = vec![0.0; examples * features];
    Stream::new(5, "inputs", 0).fill_uniform(0.0, 1.0, &mut inputs);
    let teacher: Vec<f64> = uniform(features * count, 1.0, "teacher", 5);
    let label = |x: &[f64]| {
        let score =
            |c: usize| -> f64 { x.iter().zip(&teacher[c * features..]).map(|(x, w)| (x - 0.5) * w).sum() };
        (0..count).max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap() as i32
    };
    let labels = inputs.chunks(features).map(label).collect();
    Data { inputs: Inputs::Numbers(inputs), features, targets: Targets::Classes { labels, count } }
}

/// The same inputs with random vectors as targets.
pub fn values(examples: usize, features: usize, width: usize) -> Data<f64> {
    let targets = Targets::Values { values: uniform(examples * width, 1.5, "targets", 6), width };
    Data { targets, ..classes(examples, features, 2) }
}

pub fn narrow(data: &Data<f64>) -> Data<f32> {
    let round = |v: &[f64]| v.iter().map(|&v| v as f32).collect();
    let targets = match &data.targets {
        Targets::Classes { labels, count } => Targets::Classes { labels: labels.clone(), count: *count },
        Targets::Values { values, width } => Targets::Values { values: round(values), width: *width },
    };
    Data { inputs: Inputs::Numbers(round(numbers(&data.inputs))), features: data.features, targets }
}

pub fn network<T: Scalar>(model: &ModelSpec, data: Data<T>, settings: &Settings) -> Network<T> {
    Network::new(model.clone(), data, settings.clone()).unwrap()
}

/// The outputs of all examples as one batch.
pub fn outputs(network: &Network<f64>, x: &[f64], statistics: Statistics) -> Vec<f64> {
    let mut b = Builder::new();
    let model = network.model();
    let layout = model.layout();
    let float = |b: &mut Builder, shape: &[usize]| b.input(Type::new(DType::F64, shape.iter().copied()));
    let parameters: Vec<Value> = layout.blocks().iter().map(|block| float(&mut b, &block.shape)).collect();
    let held = model.buffers();
    let buffers: Vec<Value> = held.iter().map(|buffer| float(&mut b, &buffer.value.ty().shape)).collect();
    let examples = network.data().examples();
    let input = model.input();
    let given = float(&mut b, &[&[examples][..], &input.shape].concat());
    // The evaluator takes numbers of one type: tokens are converted in the program.
    let x_value = match input.kind {
        InputKind::Numbers => given,
        InputKind::Tokens { .. } => b.convert(given, DType::I32),
    };
    let index = b.iota(Type::new(DType::I32, [examples]), 0);
    let call = Call { parameters: &parameters, buffers: &buffers, x: x_value, index, statistics };
    let z = model.outputs(&mut b, &call).z;
    let graph = b.finish(&[z]);
    let data: Vec<f64> = match &network.data().inputs {
        Inputs::Numbers(numbers) => numbers.clone(),
        Inputs::Tokens(tokens) => tokens.iter().map(|&t| f64::from(t)).collect(),
    };
    let mut inputs: Vec<&[f64]> = layout.blocks().iter().map(|block| &x[block.range.clone()]).collect();
    inputs.extend(network.buffers().map(|(_, values)| values));
    inputs.push(&data);
    evaluate::<f64>(&graph, &inputs).remove(0)
}

/// Some parameters, biases included.
pub fn parameters(model: &ModelSpec) -> Vec<f64> {
    uniform(model.layout().dimension(), 0.9, "parameters", 7)
}

pub fn gradient<T: Scalar>(objective: &dyn Objective<T>, x: &[T]) -> Vec<T> {
    let mut gradient = vec![T::zero(); x.len()];
    objective.value_grad(x, &mut gradient);
    gradient
}

pub fn matrix<T: Scalar>(objective: &dyn Objective<T>, x: &[T], curvature: Curvature) -> Dense {
    dense(&mut *objective.linearize(x, curvature).unwrap(), 8).unwrap()
}

pub fn products<T: Scalar>(
    objective: &dyn Objective<T>,
    x: &[T],
    curvature: Curvature,
    vectors: &[T],
) -> Vec<T> {
    let mut out = vec![T::zero(); vectors.len()];
    objective.linearize(x, curvature).unwrap().apply(vectors, &mut out).unwrap();
    out
}

/// The derivative of a vector function along `v` by central differences at two
/// distances, extrapolated (Richardson): the error is of the fourth order.
pub fn difference(f: impl Fn(&[f64]) -> Vec<f64>, x: &[f64], v: &[f64]) -> Vec<f64> {
    let at = |t: f64| f(&x.iter().zip(v).map(|(x, v)| x + t * v).collect::<Vec<_>>());
    let central =
        |h: f64| -> Vec<f64> { at(h).iter().zip(at(-h)).map(|(up, down)| (up - down) / (2.0 * h)).collect() };
    let h = 3e-5;
    central(h).iter().zip(central(2.0 * h)).map(|(near, far)| (4.0 * near - far) / 3.0).collect()
}

/// The matrix of derivatives of a gradient (n × n), row i along coordinate i.
pub fn jacobian(gradient: impl Fn(&[f64]) -> Vec<f64>, x: &[f64]) -> Vec<f64> {
    let unit = |i: usize| (0..x.len()).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>();
    (0..x.len()).flat_map(|i| difference(&gradient, x, &unit(i))).collect()
}

/// ‖a − b‖ / ‖b‖.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let rest: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    (rest / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
}

#[track_caller]
pub fn assert_close(a: &[f64], b: &[f64], tolerance: f64, what: &str) {
    let distance = distance(a, b);
    assert!(distance <= tolerance, "{what}: relative distance {distance:e}");
}
