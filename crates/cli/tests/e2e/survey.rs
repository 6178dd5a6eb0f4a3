//! The survey from end to end.

use crate::browser;
use crate::run::{Bench, SMALL, names, number};

#[test]
fn a_small_survey_leaves_a_whole_run_behind() {
    let bench = Bench::new();
    let text = bench.succeed(SMALL);
    assert!(text.contains("mlp:64-8-10 with tanh on digits: 300 examples"), "{text}");
    assert!(text.contains("Report: thalweg-runs/survey/report.html"), "{text}");
    let expected = [
        "interpolation.npz",
        "manifest.json",
        "plane-random-0-random-1.npz",
        "plane-top-1-bottom-1.npz",
        "plane-trajectory.npz",
        "point.npz",
        "report.html",
        "results.json",
        "slices.npz",
        "training.npz",
        "weights.safetensors",
    ];
    assert_eq!(names(&bench.path("thalweg-runs/survey")), expected);

    let manifest = bench.json("thalweg-runs/survey/manifest.json");
    assert_eq!(manifest["options"]["subject"]["model"], "mlp:64-8-10");
    assert_eq!(manifest["options"]["subject"]["data"]["examples"], 300);
    assert_eq!(manifest["inputs"][0]["name"], "digits");
    let results = bench.json("thalweg-runs/survey/results.json");
    assert_eq!(results["dimension"], 64 * 8 + 8 + 8 * 10 + 10);
    assert_eq!(results["oracle"], manifest["oracle"]);
    consistent(&results);

    // A second survey does not touch the first.
    bench.succeed("survey --model mlp:64-3-10 --subset 40 --steps 2 --grid 3 --quiet");
    assert_eq!(names(&bench.path("thalweg-runs")), ["survey", "survey-2"]);
}

/// What must hold between the numbers of any survey.
fn consistent(results: &serde_json::Value) {
    let n = number(&results["dimension"]);
    let values: Vec<f64> =
        results["eigenvalues"].as_array().unwrap().iter().map(|e| number(&e["value"])).collect();
    assert!(values.is_sorted_by(|a, b| a >= b), "{values:?}");
    assert_eq!(number(&results["eigenvalue_max"]), values[0]);
    assert!(number(&results["eigenvalue_min"]) <= values[values.len() - 1]);
    assert!(number(&results["negative_count"]) < n);
    assert_eq!(results["trace"]["stderr"], 0.0);
    assert!(results["verdict"]["kind"].is_string());
    // The curvature along a random direction cannot pass λ_max, so neither can the mean n⁻¹ tr H.
    assert!(number(&results["trace"]["mean"]) / n <= values[0]);
    // The last measurement of the training is of the point that the card describes.
    let last = results["training"]["measurements"].as_array().unwrap().last().unwrap();
    assert_eq!(last["loss"], results["loss"]);
    let sharpness = &last["sharpness"];
    assert!((number(&sharpness["value"]) - values[0]).abs() <= number(&sharpness["residual"]) + 1e-9);
    // So are the middle of every slice and plane, and the end of the line.
    let loss = number(&results["loss"]);
    let near = |value: &serde_json::Value| (number(value) - loss).abs() < 1e-12;
    assert!(results["slices"].as_array().unwrap().iter().all(|slice| near(&slice["centre"])));
    let planes = results["planes"].as_array().unwrap();
    assert_eq!(planes.len(), 3);
    assert!(planes.iter().all(|plane| near(&plane["centre"])));
    assert!(near(&results["interpolation"]["ends"][1]));
    assert_eq!(results["interpolation"]["ends"][0], results["training"]["measurements"][0]["loss"]);
    let explained = planes[0]["trajectory"]["explained"].as_array().unwrap();
    assert!((explained.iter().map(number).sum::<f64>() - 1.0).abs() < 1e-12);
    // Layers are blocks of the whole: their traces add up, their ends lie within.
    let layers = results["layers"].as_array().unwrap();
    let parameters: f64 = layers.iter().map(|layer| number(&layer["parameters"])).sum();
    assert_eq!(parameters, n);
    for layer in layers {
        assert!(number(&layer["eigenvalue_max"]["value"]) <= values[0] + 1e-9);
    }
}

#[test]
fn defaults_learn_the_digits_and_open_in_a_browser() {
    let bench = Bench::new();
    let results = bench.results("survey --out run");
    assert!(number(&results["accuracy"]) >= 0.99);
    assert_eq!(results["dimension"], 2410);
    assert_eq!(
        (results["spectrum_exact"].as_bool(), results["negative_count_exact"].as_bool()),
        (Some(true), Some(true))
    );
    consistent(&results);
    // The exact spectrum's sum is the trace, and the density integrates to 1 by the trapezoidal rule.
    let density = &results["spectrum"]["density"];
    let list = |key: &str| -> Vec<f64> { density[key].as_array().unwrap().iter().map(number).collect() };
    let (at, mean) = (list("grid"), list("mean"));
    let mass: f64 = (1..at.len()).map(|i| 0.5 * (at[i] - at[i - 1]) * (mean[i] + mean[i - 1])).sum();
    assert!((mass - 1.0).abs() < 1e-3, "{mass}");
    assert!(number(&results["spectrum"]["moments"]["trace_score"]).abs() < 4.0);

    let figures = browser::open(&bench.path("run/report.html"));
    let expected = [
        "point-card",
        "loss",
        "sharpness",
        "gradient",
        "plane-trajectory",
        "off-plane",
        "explained",
        "plane-random-0-random-1",
        "plane-top-1-bottom-1",
        "slices",
        "slices-random",
        "interpolation",
        "density",
        "eigenvalues",
        "layer-table",
    ];
    let ids: Vec<&str> = figures.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, expected);
    for (id, points) in &figures {
        assert!(*points > 5, "{id} holds {points} numbers");
    }
}

#[test]
fn threads_and_memory_do_not_change_a_byte() {
    let bench = Bench::new();
    for (name, options) in
        [("one", "--threads 1"), ("two", "--threads 2"), ("seven", "--threads 7 --memory 16MiB")]
    {
        bench.succeed(&format!("{SMALL} --quiet --out {name} {options}"));
    }
    for file in ["results.json", "point.npz", "training.npz", "plane-trajectory.npz", "weights.safetensors"] {
        for other in ["two", "seven"] {
            let [a, b] = ["one", other].map(|run| bench.read(&format!("{run}/{file}")));
            assert!(a == b, "{file} differs between one and {other}");
        }
    }
}

#[test]
fn a_run_directory_is_a_point_to_go_on_from() {
    let bench = Bench::new();
    let trained = bench.results("train --model mlp:64-5-10 --activation relu --subset 200 --steps 60 --weight-decay 0.01 --out trained");
    let last = trained["training"]["measurements"].as_array().unwrap().last().unwrap().clone();
    // Model, data and penalty come from the run.
    let point = bench.results("point --weights trained --out point --top 2");
    assert_eq!(point["loss"], last["loss"]);
    assert_eq!(point["accuracy"], last["accuracy"]);
    assert!(number(&point["penalty"]) > 0.0);
    assert_eq!(point["eigenvalues"].as_array().unwrap().len(), 2);
    // The penalty's Hessian is 0.01 I.
    let free = bench.results("point --weights trained --weight-decay 0 --out free --top 2");
    for i in 0..2 {
        let shift = number(&point["eigenvalues"][i]["value"]) - number(&free["eigenvalues"][i]["value"]);
        assert!((shift - 0.01).abs() < 1e-9, "{shift}");
    }
    // Weights alone say nothing of the model.
    let message = bench.fail("point --weights trained/weights.safetensors --out other", 1);
    assert!(message.contains("fc0.weight"), "{message}");
    let same = bench.results(
        "point --weights trained/weights.safetensors --model mlp:64-5-10 --activation relu --subset 200 --out same",
    );
    assert!((number(&same["loss"]) - number(&free["loss"])).abs() < 1e-15);
    bench.results("survey --weights trained --grid 5 --out survey");
    assert!(bench.path("survey/report.html").exists());
}

#[test]
fn a_training_that_blows_up_says_so_and_ends_well() {
    let bench = Bench::new();
    let line = "survey --activation relu --subset 100 --learning-rate 1e300 --epochs 5 --grid 3 --out run";
    let text = bench.succeed(line);
    assert!(text.contains("ended early") && text.contains("not finite"), "{text}");
    assert!(text.contains("Nothing further was studied"), "{text}");
    let results = bench.json("run/results.json");
    assert_eq!(results["training"]["stop"]["reason"], "non_finite");
    assert!(bench.path("run/report.html").exists());
}

#[test]
fn single_precision_and_test_sets() {
    let bench = Bench::new();
    let line = "survey --model mlp:64-6-10 --subset 400 --test-share 0.25 --dtype f32 --epochs 30 --grid 5 --top 2 --out run";
    let results = bench.results(line);
    assert_eq!((results["examples"].as_u64(), results["dtype"].as_str()), (Some(300), Some("f32")));
    let last = results["training"]["measurements"].as_array().unwrap().last().unwrap();
    assert!(number(&last["test_accuracy"]) > 0.5);
    let double =
        bench.results(&format!("{} --out double", line.replace("--dtype f32 ", "").replace("--out run", "")));
    let [a, b] = [&results, &double].map(|r| number(&r["eigenvalues"][0]["value"]));
    assert!((a / b - 1.0).abs() < 0.05, "{a} {b}");
}
