//! Kronecker factors of the Fisher matrix, and K-FAC.

use std::sync::Arc;

use thalweg_graph::{Builder, Threads, Value};
use thalweg_lab::optim::{Length, Run, Trainer, Training};
use thalweg_lab::problem::network::{
    Activation, BatchNorm, Call, Data, Draw, Input, Loss, Model, ModelSpec, Network, Outputs, Settings,
};
use thalweg_lab::{
    Curvature, DenseFactors, DenseLayer, FiniteSum, KroneckerFisher, Layout, Objective, Oracle, Scalar, Stop,
};

use crate::architectures::case;
use crate::reference::Reference;
use crate::support::*;

fn perceptron(activation: Activation, bias: bool) -> ModelSpec {
    ModelSpec { activation, bias, ..ModelSpec::mlp(&[5, 4, 6, 3]) }
}

fn settings(loss: &Loss) -> Settings {
    Settings { loss: loss.clone(), weight_decay: 0.3, ..Settings::default() }
}

#[track_caller]
fn assert_factors(found: &KroneckerFisher<f64>, expected: &[[Vec<f64>; 2]], what: &str) {
    assert_eq!(found.layers.len(), expected.len(), "{what}");
    for (DenseFactors { inputs, outputs, .. }, [a, g]) in found.layers.iter().zip(expected) {
        assert_close(inputs, a, 1e-13, what);
        assert_close(outputs, g, 1e-13, what);
    }
}

#[test]
fn factors_are_means_over_examples_and_predicted_targets() {
    for loss in [Loss::CROSS_ENTROPY, Loss::smoothed(0.2), Loss::BinaryCrossEntropy, Loss::SquaredError] {
        for (activation, bias) in [(Activation::Tanh, true), (Activation::LeakyRelu, false)] {
            let what = format!("{loss} {activation:?} {bias}");
            let (model, data) = (perceptron(activation, bias), classes(11, 5, 3));
            let x = parameters(&model);
            let objective = network(&model, data.clone(), &settings(&loss));
            let expected =
                Reference { model: &model, data: &data, loss: loss.clone(), decay: 0.3 }.kronecker(&x);
            let found = objective.kronecker_fisher(&x).unwrap();
            assert_factors(&found, &expected, &what);
            assert_eq!(found.passes, 3);
            let first = &found.layers[0].layer;
            assert_eq!((first.widths, &first.weight, first.transposed), ([5, 4], &(0..20), false));
            assert_eq!(first.bias, bias.then_some(20..24));
            let chosen: [u32; 4] = [7, 0, 3, 9];
            let part = data.select(&chosen);
            let expected =
                Reference { model: &model, data: &part, loss: loss.clone(), decay: 0.3 }.kronecker(&x);
            let found = objective.minibatch(4).kronecker_fisher(&x, &chosen).unwrap();
            assert_factors(&found, &expected, &what);
        }
    }
}

/// For one example, E[vec(gāᵀ) vec(gāᵀ)ᵀ] = āāᵀ ⊗ E[ggᵀ]: the blocks of the Fisher matrix themselves.
#[test]
fn one_example_has_its_fisher_blocks_exactly() {
    for loss in [Loss::CROSS_ENTROPY, Loss::BinaryCrossEntropy, Loss::SquaredError] {
        for bias in [true, false] {
            let model = perceptron(Activation::Silu, bias);
            let x = parameters(&model);
            let objective = network(&model, classes(1, 5, 3), &settings(&loss));
            assert_eq!(exact_layers(&objective, &x, &format!("{loss} {bias}")).len(), 3);
        }
    }
}

/// The dense layers of a network with one example, each with its block of the Fisher matrix as its factors' product.
#[track_caller]
fn exact_layers(objective: &Network<f64>, x: &[f64], what: &str) -> Vec<DenseLayer> {
    let fisher = matrix(objective, x, Curvature::Fisher).entries;
    let exact = |DenseFactors { layer, inputs, outputs }: DenseFactors<f64>| {
        let [c, d] = layer.shape();
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        for (i, j) in (0..c * d).flat_map(|i| (0..c * d).map(move |j| (i, j))) {
            let places = [i, j].map(|i| layer.place(i % c, i / c));
            expected.push(fisher[places[0] * x.len() + places[1]]);
            found.push(inputs[i / c * d + j / c] * outputs[i % c * c + j % c]);
        }
        assert_close(&found, &expected, 1e-12, what);
        layer
    };
    objective.kronecker_fisher(x).unwrap().layers.into_iter().map(exact).collect()
}

/// Weights the other way round, by their shape and by a transposition; a weight that is used twice, a bias that
/// is, and a weight whose rows are no examples.
#[derive(Debug)]
struct Odd;

impl Model for Odd {
    fn name(&self) -> String {
        "odd".into()
    }

    fn layout(&self) -> Layout {
        let blocks =
            [("a", vec![5, 4]), ("p", vec![4]), ("b", vec![4, 4]), ("q", vec![4]), ("c", vec![4, 4])];
        Layout::new(blocks.into_iter().chain([("d", vec![2, 4]), ("e", vec![3, 4]), ("r", vec![3])]))
    }

    fn initial(&self) -> Vec<Draw> {
        vec![Draw::Normal { deviation: 1.0 }; 8]
    }

    fn input(&self) -> Input {
        Input::numbers([5])
    }

    fn output(&self) -> Vec<usize> {
        vec![3]
    }

    fn outputs(&self, b: &mut Builder, call: &Call) -> Outputs {
        let [w_a, p, w_b, q, w_c, w_d, w_e, r] = call.parameters[..] else { panic!("eight blocks") };
        let examples = b.shape(call.x)[0];
        let plus = |b: &mut Builder, h: Value, bias: Value| {
            let rows = b.broadcast(bias, &[examples, 4]);
            b.add(h, rows)
        };
        let h = b.dot(call.x, 1, w_a, 0);
        let h = plus(b, h, p);
        let h = b.tanh(h);
        let turned = b.transpose(w_b, &[1, 0]);
        let h = b.dot(h, 1, turned, 0);
        let h = plus(b, h, q);
        let mut h = b.tanh(h);
        for _ in 0..2 {
            h = b.dot(h, 1, w_c, 1);
            h = plus(b, h, q);
        }
        // Two rows, however many examples there are.
        let table = b.dot(w_d, 1, w_e, 1);
        let mean = b.sum(table, &[0]);
        let rows = b.broadcast(mean, &[examples, 3]);
        let h = b.slice_axis(h, 1, 0..3);
        let h = b.add(h, rows);
        let rows = b.broadcast(r, &[examples, 3]);
        Outputs { z: b.add(h, rows), statistics: Vec::new() }
    }
}

#[test]
fn weights_may_lie_either_way_and_belong_to_one_layer_alone() {
    let odd: Arc<dyn Model> = Arc::new(Odd);
    let x: Vec<f64> = uniform(odd.layout().dimension(), 0.7, "odd", 4);
    for examples in [1, 2, 3] {
        let network = Network::new(odd.clone(), classes(examples, 5, 3), Settings::default()).unwrap();
        let found = match examples {
            1 => exact_layers(&network, &x, "odd"),
            _ => network.kronecker_fisher(&x).unwrap().layers.into_iter().map(|f| f.layer).collect(),
        };
        let first = DenseLayer { widths: [5, 4], weight: 0..20, bias: Some(20..24), transposed: true };
        let second = DenseLayer { widths: [4, 4], weight: 24..40, bias: None, transposed: false };
        assert_eq!(found, [first, second], "{examples} examples");
    }
}

fn layers(spec: &str) -> Result<Vec<(usize, [usize; 2])>, String> {
    let case = case(spec, 3);
    let settings = Settings { loss: Loss::CROSS_ENTROPY, ..case.settings.clone() };
    let network = Network::new(case.model.clone(), case.data.clone(), settings).unwrap();
    let found = network.kronecker_fisher(&case.x).map_err(|lack| lack.to_string())?;
    Ok(found.layers.iter().map(|f| (f.layer.weight.start, f.layer.shape())).collect())
}

#[test]
fn dense_layers_are_found_and_no_others() {
    let start = |spec: &str, name: &str| {
        let model: ModelSpec = spec.parse().unwrap();
        let layout = model.layout();
        layout.select(name).unwrap().start
    };
    let lenet = "lenet5,pool=average,input=1x12x12,classes=3";
    let found = layers(lenet).unwrap();
    assert_eq!(found.iter().map(|(_, shape)| shape[0]).collect::<Vec<_>>(), [120, 84, 3]);
    let group = "resnet20,no-skip,norm=group,channels=4,input=1x4x4,classes=3";
    assert_eq!(layers(group).unwrap(), [(start(group, "fc.weight"), [3, 17])]);
    let vit = "vit-tiny,width=8,depth=2,heads=2,input=1x8x8,classes=3";
    assert_eq!(layers(vit).unwrap().len(), 1, "the head alone sees each example once");
    let coupled = layers("resnet20,channels=2,input=1x4x4,classes=3").unwrap_err();
    assert!(coupled.contains("normalized"), "{coupled}");
    let positions = layers("gpt:2-8-2-6,vocabulary=5").unwrap_err();
    assert!(positions.contains("several positions"), "{positions}");
}

#[test]
fn losses_and_statistics_decide_whether_there_are_factors() {
    let model = perceptron(Activation::Tanh, true);
    let x = parameters(&model);
    let huber = network(&model, classes(4, 5, 3), &settings(&Loss::Huber { delta: 1.0 }));
    assert!(huber.kronecker_fisher(&x).unwrap_err().reason.contains("Huber"));
    // Frozen statistics leave examples to themselves, in minibatches too.
    let case = case("resnet20,channels=2,input=1x4x4,classes=3", 3);
    let settings = Settings { batch_norm: BatchNorm::Frozen, ..case.settings.clone() };
    let frozen = network(&case.model, case.data.clone(), &settings);
    assert_eq!(frozen.minibatch(2).kronecker_fisher(&case.x, &[2, 0]).unwrap().layers.len(), 1);
    let again = Settings { batch_norm: BatchNorm::Reestimated { size: 3 }, ..case.settings };
    let again = network(&case.model, case.data, &again);
    assert!(again.minibatch(2).kronecker_fisher(&case.x, &[2, 0]).is_err());
}

#[test]
fn factors_do_not_depend_on_threads_and_hold_in_single_precision() {
    let model: ModelSpec = "mlp:64-32-10".parse().unwrap();
    let (data, x) = (classes(300, 64, 10), parameters(&model));
    let on = |threads| {
        let settings = Settings { threads: Threads::new(threads), ..Settings::default() };
        network(&model, data.clone(), &settings).kronecker_fisher(&x).unwrap()
    };
    let one = on(1);
    assert_eq!(one, on(3));
    let single: Vec<f32> = x.iter().map(|&v| v as f32).collect();
    let found = network(&model, narrow(&data), &Settings::default()).kronecker_fisher(&single).unwrap();
    for (narrow, wide) in found.layers.iter().zip(&one.layers) {
        let widened = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
        assert_close(&widened(&narrow.inputs), &wide.inputs, 1e-5, "A");
        assert_close(&widened(&narrow.outputs), &wide.outputs, 1e-4, "G");
    }
}

fn training(text: &str, epochs: u64) -> Training {
    let method: thalweg_lab::optim::OptimizerSpec = text.parse().unwrap();
    let rate = method.learning_rate().unwrap();
    Training { length: Length::Epochs(epochs), ..Training::new(method, rate) }
}

fn trained<T: Scalar>(network: &Network<T>, training: Training, x: Vec<T>) -> Run<T> {
    let oracle = Oracle::new(network);
    let mut trainer = Trainer::new(training, &oracle).unwrap();
    let mut run = trainer.begin(x).unwrap();
    trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
    run
}

/// After as many steps, K-FAC with its defaults is lower than SGD at the best of six rates.
#[test]
fn kfac_goes_down_faster_than_sgd() {
    let model: ModelSpec = "mlp:64-32-10".parse().unwrap();
    let network = network(&model, classes(600, 64, 10), &Settings::default());
    let start: Vec<f64> = model.initialization().draw(&model, 3);
    let value = |text: &str| network.value(&trained(&network, training(text, 8), start.clone()).x);
    let rates = ["0.03", "0.1", "0.3", "1", "3", "10"];
    let sgd = rates.map(|rate| value(&format!("sgd:rate={rate}")));
    let best = sgd.iter().copied().fold(f64::INFINITY, f64::min);
    let kfac = value("kfac");
    assert!(kfac < best, "kfac {kfac}, sgd {sgd:?}");
    assert!(kfac < 0.5 * network.value(&start), "{kfac}");
}

/// A run that was written in the middle of an epoch and of a period of the inverses ends with the same bits.
fn resumes<T: Scalar>(data: Data<T>, precision: &str) {
    let model: ModelSpec = "mlp:5-4-3".parse().unwrap();
    let network = network(&model, data, &Settings::default());
    let start: Vec<T> = model.initialization().draw(&model, 3);
    let training = Training { batch: Some(8), ..training("kfac:every=4", 3) };
    let whole = trained(&network, training.clone(), start.clone());
    let oracle = Oracle::new(&network);
    let mut trainer = Trainer::new(training, &oracle).unwrap();
    let mut run = trainer.begin(start).unwrap();
    trainer.advance(&mut run, 6, &mut |_, _| Ok(())).unwrap();
    let mut run: Run<T> = serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap();
    trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
    assert_eq!(run, whole, "{precision}");
    // A gradient and as many passes back as there are outputs, twelve times.
    let steps = whole.step;
    let counted = oracle.counts().gradients;
    assert_eq!((steps, counted), (9, 9 * 4));
    run.step = 0;
    run.losses.clear();
    run.memory.vectors[1].pop();
    assert!(trainer.accept(&run).is_err());
}

#[test]
fn a_resumed_run_of_kfac_ends_with_the_same_bits() {
    let data = classes(21, 5, 3);
    resumes(narrow(&data), "f32");
    resumes(data, "f64");
}

#[test]
fn training_what_has_no_factors_stops_at_the_first_step() {
    let case = case("gpt:1-8-2-6,dropout=0.3,seed=5,vocabulary=5,length=4", 4);
    let settings = Settings { loss: Loss::CROSS_ENTROPY, ..case.settings };
    let network = network(&case.model, case.data, &settings);
    let oracle = Oracle::new(&network);
    let training = Training { batch: Some(2), ..training("kfac", 1) };
    let mut trainer = Trainer::new(training, &oracle).unwrap();
    let mut run = trainer.begin(case.x.clone()).unwrap();
    let stop = trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap_err();
    assert!(matches!(&stop, Stop::NoFactors { cause } if cause.contains("positions")), "{stop}");
    assert_eq!((run.step, run.x), (0, case.x));
}
