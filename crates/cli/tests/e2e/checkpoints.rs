//! A folder of checkpoints as a trajectory.

use std::fs;

use thalweg_io::{NamedArrays, WeightFormat, read_weights, write_weights};

use crate::run::{Bench, number};

pub const TRAINED: &str = "--model mlp:64-6-10 --subset 200";
const SIZES: [(&str, &[usize]); 4] =
    [("fc0.weight", &[6, 64]), ("fc0.bias", &[6]), ("fc1.weight", &[10, 6]), ("fc1.bias", &[10])];

/// The points of a run's trajectory as files of a folder; names whose order is not that of their bytes.
pub fn folder(bench: &Bench, run: &str, folder: &str) -> usize {
    fs::create_dir(bench.path(folder)).unwrap();
    let arrays = read_weights(bench.path(&format!("{run}/training.npz"))).unwrap();
    let column = |name: &str| {
        let values = &arrays.get(name).unwrap().values;
        (0..values.len()).map(|i| values.double(i)).collect::<Vec<f64>>()
    };
    let (steps, rows) = (column("trajectory_step"), column("trajectory"));
    for (step, row) in steps.iter().zip(rows.chunks(rows.len() / steps.len())) {
        let mut weights = NamedArrays::new("checkpoint");
        let mut at = 0;
        for (name, shape) in SIZES {
            let count: usize = shape.iter().product();
            weights.push(name, shape.to_vec(), row[at..at + count].to_vec()).unwrap();
            at += count;
        }
        let ending = if (*step as u64).is_multiple_of(2) { "safetensors" } else { "npz" };
        write_weights(bench.path(&format!("{folder}/net3-step{step}.{ending}")), &weights).unwrap();
    }
    bench.write(&format!("{folder}/notes.txt"), "other files are passed over");
    steps.len()
}

#[test]
fn a_folder_has_the_plane_of_the_training_that_it_came_from() {
    let bench = Bench::new();
    let common = format!("{TRAINED} --grid 9 --top 2");
    let trained = bench
        .results(&format!("survey {common} --steps 120 --checkpoints even:11 --measure ends --out trained"));
    let count = folder(&bench, "trained", "points");
    let survey = bench.results(&format!("survey {common} --checkpoints points --out survey"));
    assert_eq!(survey["loss"], trained["loss"]);
    assert_eq!(survey["planes"], trained["planes"]);
    assert_eq!(survey["interpolation"], trained["interpolation"]);
    assert!(survey.get("training").is_none());
    let listed = survey["checkpoints"].as_array().unwrap();
    assert_eq!(listed.len(), count);
    assert_eq!(listed[1]["file"], "net3-step11.npz");
    let steps: Vec<f64> = listed.iter().map(|entry| number(&entry["step"])).collect();
    assert!(steps.is_sorted() && *steps.last().unwrap() == 120.0, "{steps:?}");

    let text =
        bench.succeed(&format!("plane {TRAINED} --checkpoints points --grid 9 --follow 0 --out plane"));
    assert!(text.contains("12 files in this order: net3-step0.safetensors, net3-step11.npz"), "{text}");
    assert!(text.contains("the last of 12 checkpoints in points"), "{text}");
    assert_eq!(bench.json("plane/results.json")["planes"][0], trained["planes"][0]);
    // Any plane goes through the last of them.
    let other = bench
        .results(&format!("plane {TRAINED} --checkpoints points --directions random --grid 3 --out other"));
    assert_eq!(other["planes"][0]["centre"], trained["loss"]);
    // It is found again, and other files would be another run.
    bench.succeed(&format!("plane {TRAINED} --checkpoints points --grid 9 --follow 0 --out plane --resume"));
    fs::remove_file(bench.path("points/net3-step11.npz")).unwrap();
    let message = bench
        .fail(&format!("plane {TRAINED} --checkpoints points --grid 9 --follow 0 --out plane --resume"), 1);
    assert!(message.contains("finished run"), "{message}");
}

#[test]
fn a_model_from_a_file_takes_them_too() {
    let bench = Bench::new();
    bench.succeed(&format!(
        "train {TRAINED} --steps 60 --checkpoints even:5 --measure ends --out trained --quiet"
    ));
    folder(&bench, "trained", "points");
    bench.succeed("export --weights trained --out net.onnx --dtype f64 --quiet");
    let line = "--subset 200 --checkpoints points --grid 5";
    let built_in = bench.results(&format!("plane --model mlp:64-6-10 {line} --out built-in"));
    let file = bench.results(&format!("plane --model net.onnx {line} --out file"));
    let points = |results: &serde_json::Value| -> Vec<f64> {
        let points = results["planes"][0]["trajectory"]["points"].as_array().unwrap();
        points.iter().map(|point| number(&point["loss"])).collect()
    };
    let (a, b) = (points(&built_in), points(&file));
    assert_eq!(a.len(), 6);
    assert!(a.iter().zip(&b).all(|(a, b)| (a / b - 1.0).abs() < 1e-9), "{a:?} {b:?}");
}

#[test]
fn what_does_not_fit_is_named() {
    let bench = Bench::new();
    fs::create_dir(bench.path("points")).unwrap();
    let plane = format!("plane {TRAINED} --checkpoints points --grid 3");
    let fail = |line: &str, code: i32| -> String {
        bench.fail(line, code).replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let message = fail(&plane, 1);
    assert!(
        message.contains("points: expected a checkpoint") || message.contains("empty folder"),
        "{message}"
    );
    for (name, columns) in [("a1.npz", 64), ("a2.npz", 63), ("a3.npz", 64)] {
        let mut weights = NamedArrays::new("w");
        for (array, shape) in SIZES {
            let mut shape = shape.to_vec();
            shape.iter_mut().filter(|size| **size == 64).for_each(|size| *size = columns);
            weights.push(array, shape.clone(), vec![0.1f64; shape.iter().product()]).unwrap();
        }
        bench.write(&format!("points/{name}"), weights.to_bytes(WeightFormat::Npz).unwrap());
    }
    let message = fail(&plane, 1);
    assert!(message.contains("a2.npz does not fit the model") && message.contains("fc0.weight"), "{message}");
    assert!(message.contains("expected [6, 64], found [6, 63]"), "{message}");
    fs::remove_file(bench.path("points/a2.npz")).unwrap();
    let message = fail(&plane, 1);
    assert!(message.contains("3 points or more; found 2"), "{message}");
    for (code, line, part) in [
        (1, "train --checkpoints points --steps 1".to_owned(), "takes the place of a training"),
        (2, format!("{plane} --weights points/a1.npz"), "cannot be used with"),
        (1, "survey --checkpoints points --weights points/a1.npz".to_owned(), "--weights names another"),
        (1, "survey --problem rosenbrock:3 --checkpoints points".to_owned(), "this is a function"),
        (1, "plane --directions trajectory".to_owned(), "needs --checkpoints FOLDER"),
        (2, "plane --checkpoints".to_owned(), "value is required"),
        (2, "survey --checkpoints nowhere".to_owned(), "no folder of that name"),
        (1, "plane --checkpoints nowhere".to_owned(), "nowhere"),
    ] {
        let message = fail(&line, code);
        assert!(message.contains(part), "{line}: {message}");
    }
    assert!(!bench.path("thalweg-runs").exists());
    // A survey of so few has all but their plane.
    let text = bench.succeed(&format!("survey {TRAINED} --checkpoints points --grid 3 --top 1 --out one"));
    assert!(text.contains("No plane along trajectory"), "{text}");
}
