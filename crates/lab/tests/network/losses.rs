//! Losses: what counts, what is refused, and what is kept.

use thalweg_lab::problem::Evaluations;
use thalweg_lab::problem::network::{
    Data, DataMismatch, Inputs, Loss, Model, ModelSpec, Network, Settings, Statistics, Targets,
};
use thalweg_lab::{Curvature, Objective};

use crate::architectures::{Case, case};
use crate::support::*;

fn labels_of(data: &mut Data<f64>) -> &mut Vec<i32> {
    let Targets::Classes { labels, .. } = &mut data.targets else { panic!("no classes") };
    labels
}

#[test]
fn positions_below_zero_do_not_count() {
    let Case { model, mut data, settings, x } = case("gpt:1-8-2-6,vocabulary=5", 5);
    let (positions, classes) = (6, 5);
    let labels = labels_of(&mut data);
    labels.iter_mut().step_by(4).for_each(|l| *l = -1);
    labels[2 * positions..3 * positions].fill(-100);
    let labels = labels.clone();
    let settings = Settings { loss: Loss::CROSS_ENTROPY, ..settings };
    let objective = network(&model, data.clone(), &settings);
    let z = outputs(&objective, &x, Statistics::Fixed);
    let (mut losses, mut right) = (vec![0.0; 5], vec![0.0; 5]);
    for n in 0..5 {
        let own = &labels[n * positions..(n + 1) * positions];
        let count = own.iter().filter(|&&l| l >= 0).count().max(1) as f64;
        for (t, &label) in own.iter().enumerate().filter(|(_, l)| **l >= 0) {
            let z = &z[(n * positions + t) * classes..][..classes];
            let sum: f64 = z.iter().map(|z| z.exp()).sum();
            losses[n] += (sum.ln() - z[label as usize]) / count;
            let best = (0..classes).all(|c| z[c] <= z[label as usize]);
            right[n] += f64::from(u8::from(best)) / count;
        }
    }
    let terms = objective.terms(&x);
    assert_eq!(losses[2], 0.0);
    assert_close(&[terms.data], &[losses.iter().sum::<f64>() / 5.0], 1e-13, "loss");
    assert_close(&[terms.accuracy.unwrap()], &[right.iter().sum::<f64>() / 5.0], 1e-13, "accuracy");
    // What the labels would be where they do not count, and what the ignored example says, has no part in anything.
    let rest = objective.with_data(data.select(&[0, 1, 3, 4])).unwrap();
    let v: Vec<f64> = uniform(x.len(), 1.0, "direction", 1);
    for curvature in ALL {
        let decay = if matches!(curvature, Curvature::Hessian | Curvature::GaussNewton) { 0.01 } else { 0.0 };
        let less = |p: Vec<f64>| p.iter().zip(&v).map(|(p, v)| p - decay * v).collect::<Vec<_>>();
        let whole = less(products(&objective, &x, curvature, &v));
        let part = less(products(&rest, &x, curvature, &v));
        let part: Vec<f64> = part.iter().map(|p| 0.8 * p).collect();
        assert_close(&whole, &part, 1e-12, &format!("{curvature:?}"));
    }
    let mut fisher = products(&objective, &x, Curvature::Fisher, &v);
    fisher.iter_mut().zip(&v).for_each(|(f, v)| *f += 0.01 * v);
    assert_close(&fisher, &products(&objective, &x, Curvature::GaussNewton, &v), 1e-12, "Fisher");
}

#[test]
fn one_logistic_output_tells_two_classes_apart() {
    let model = ModelSpec::mlp(&[6, 4, 1]);
    let settings = Settings { loss: Loss::BinaryCrossEntropy, ..Default::default() };
    let objective = network(&model, classes(40, 6, 2), &settings);
    let x = parameters(&model);
    let z = outputs(&objective, &x, Statistics::Fixed);
    let Targets::Classes { labels, .. } = &objective.data().targets else { unreachable!() };
    let right = z.iter().zip(labels).filter(|(z, l)| (**z > 0.0) == (**l == 1)).count();
    assert_eq!(objective.terms(&x).accuracy, Some(right as f64 / 40.0));
}

#[test]
fn a_model_may_compute_its_loss_itself() {
    let model = ModelSpec::mlp(&[6, 4, 1]);
    let settings = Settings { loss: Loss::Output, ..Default::default() };
    let x = parameters(&model);
    for data in [classes(9, 6, 3), values(9, 6, 4)] {
        let objective = network(&model, data, &settings);
        let z = outputs(&objective, &x, Statistics::Fixed);
        assert_close(&[objective.value(&x)], &[z.iter().sum::<f64>() / 9.0], 1e-14, "mean output");
        assert_eq!(objective.terms(&x).accuracy, None);
        let slope = gradient(&objective, &x);
        // The last bias is added to every output.
        assert_close(&slope[slope.len() - 1..], &[1.0], 1e-14, "slope");
    }
}

#[test]
fn losses_are_chosen_by_name_and_kept_in_manifests() {
    for (text, loss) in [
        ("cross-entropy", Loss::CROSS_ENTROPY),
        ("binary-cross-entropy", Loss::BinaryCrossEntropy),
        ("squared-error", Loss::SquaredError),
        ("huber", Loss::Huber { delta: 1.0 }),
        ("huber:0.25", Loss::Huber { delta: 0.25 }),
        ("output", Loss::Output),
    ] {
        assert_eq!(text.parse(), Ok(loss.clone()));
        assert_eq!(loss.to_string(), text);
        let json = serde_json::to_string(&loss).unwrap();
        assert_eq!(serde_json::from_str::<Loss>(&json).unwrap(), loss);
    }
    // As manifests had it before there were class weights.
    let old = r#"{"kind":"cross-entropy","label_smoothing":0.1}"#;
    assert_eq!(serde_json::from_str::<Loss>(old).unwrap(), Loss::smoothed(0.1));
    assert_eq!(serde_json::to_string(&Loss::smoothed(0.1)).unwrap(), old);
    for (text, reason) in [("hinge", "cross-entropy, binary-cross-entropy"), ("huber:0", "a number above 0")]
    {
        let error = text.parse::<Loss>().unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(text), "{error}");
    }
}

#[test]
fn what_a_loss_cannot_compare_is_refused() {
    let refuse = |outputs: usize, data: Data<f64>, loss: Loss| -> String {
        let model = ModelSpec::mlp(&[6, outputs]);
        let settings = Settings { loss, ..Default::default() };
        let error: DataMismatch = Network::new(model, data, settings).err().unwrap();
        error.to_string()
    };
    let weights = |class_weights: &[f64]| Loss::CrossEntropy {
        label_smoothing: 0.0,
        class_weights: class_weights.to_vec(),
    };
    for (found, reason) in [
        (refuse(3, classes(9, 6, 3), weights(&[1.0, 2.0])), "2 class weights for 3 outputs"),
        (refuse(3, classes(9, 6, 3), weights(&[1.0, -2.0, 1.0])), "weight -2 of class 1"),
        (refuse(3, classes(9, 6, 3), weights(&[1.0, 2.0, f64::NAN])), "weight NaN of class 2"),
        (refuse(3, classes(9, 6, 3), Loss::smoothed(1.5)), "from 0 to 1, not 1.5"),
        (refuse(3, values(9, 6, 3), Loss::Huber { delta: 0.0 }), "above 0, not 0"),
        (
            refuse(3, values(9, 6, 3), Loss::BinaryCrossEntropy),
            "targets from 0 to 1, and one of example 0 is",
        ),
        (refuse(1, classes(9, 6, 3), Loss::BinaryCrossEntropy), "1 outputs, the data 3 classes"),
        (refuse(3, values(9, 6, 4), Loss::Huber { delta: 1.0 }), "targets of 4"),
        (refuse(3, values(9, 6, 3), Loss::CROSS_ENTROPY), "needs classes"),
    ] {
        assert!(found.contains(reason), "{found:?} for {reason:?}");
    }
}

#[test]
fn autoencoders_take_their_inputs_as_targets() {
    let data = classes(9, 6, 3).autoencoding().unwrap();
    assert_eq!(data.targets, Targets::Values { values: numbers(&data.inputs).to_vec(), width: 6 });
    let model: ModelSpec = "autoencoder:6-3-2".parse().unwrap();
    assert!(model.is_autoencoder() && !ModelSpec::mlp(&[6, 6]).is_autoencoder());
    assert_eq!(model.output(), [6]);
    let tokens = Data { inputs: Inputs::Tokens(vec![0; 9]), features: 1, targets: data.targets };
    assert!(tokens.autoencoding().unwrap_err().to_string().contains("has tokens"));
}

/// Across a linearization, arrays as large as the outputs are kept once for the Gauss-Newton and Fisher products
/// (the exponentials) and twice for the Hessian, whose last layer is also multiplied with the slopes of the loss.
#[test]
fn few_arrays_of_the_vocabularys_size_are_kept() {
    let model: ModelSpec = "deep-linear:2-1-1000".parse().unwrap();
    let data = classes(50, 2, 1000);
    for loss in [Loss::CROSS_ENTROPY, Loss::smoothed(0.2)] {
        let objective = network(&model, data.clone(), &Settings { loss, ..Default::default() });
        for (curvature, arrays) in
            [(Curvature::GaussNewton, 1), (Curvature::Fisher, 1), (Curvature::Hessian, 2)]
        {
            let products = Evaluations { products: Some(curvature), ..Evaluations::default() };
            let kept = objective.work(&products).kept;
            let one = 50 * 1000 * 8;
            assert!((arrays * one..arrays * one + one / 10).contains(&kept), "{curvature:?}: {kept}");
        }
    }
}
