//! Ways: of optimizers, of runs, of folders.

use serde_json::Value;

use crate::browser;
use crate::checkpoints::{TRAINED, folder};
use crate::run::{Bench, number};

const LOOKS: &str = "--grid 7 --line 13 --top 3 --places 3";

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(number).collect()
}

#[test]
fn several_optimizers_are_looked_at_side_by_side() {
    let bench = Bench::new();
    let line = format!(
        "trajectory {TRAINED} --optimizers sgd:rate=0.3,adam,lbfgs --epochs 6 --checkpoints even:8 {LOOKS}"
    );
    let results = bench.results(&format!("{line} --threads 2 --out ways"));
    bench.succeed(&format!("{line} --threads 1 --out alone --quiet"));
    for file in ["results.json", "trajectory-plane.npz", "way-1.npz", "way-3.npz"] {
        assert_eq!(bench.read(&format!("ways/{file}")), bench.read(&format!("alone/{file}")), "{file}");
    }
    let names = ["sgd:rate=0.3", "adam", "lbfgs"];
    for (i, name) in names.into_iter().enumerate() {
        let course = &results["trajectories"][i];
        assert_eq!(course["name"], name);
        let (path, straight) = (number(&course["path_length"]), number(&course["displacement"]));
        assert!(path >= straight && straight > 0.0);
        assert!((numbers(&course["lengths"]).iter().sum::<f64>() - path).abs() < 1e-12 * path);
        let end = course["deviation"]["points"].as_array().unwrap().last().unwrap();
        assert!((number(&end["along"]) - 1.0).abs() < 1e-12 && number(&end["aside"]) < 1e-12);
        // The line, the plane and the eigenvectors speak of the same points.
        let seen = results["trajectory_plane"]["ways"][i]["points"].as_array().unwrap();
        let losses: Vec<f64> = seen.iter().map(|point| number(&point["loss"])).collect();
        let on_line = numbers(&results["trajectory_lines"][i]["values"]);
        let positions = numbers(&results["trajectory_lines"][i]["positions"]);
        let at = |alpha: f64| on_line[positions.iter().position(|p| *p == alpha).unwrap()];
        let measured = results["trajectory_curvature"][i]["measured"].as_array().unwrap();
        for (found, alpha, place) in
            [(&measured[0], 0.0, 0), (&measured[measured.len() - 1], 1.0, losses.len() - 1)]
        {
            assert!((number(&found["loss"]) / losses[place] - 1.0).abs() < 1e-9);
            assert!((at(alpha) / losses[place] - 1.0).abs() < 1e-9);
            let share = number(&found["gradient_share"]);
            let squares: f64 = numbers(&found["gradient_cosines"]).iter().map(|c| c * c).sum();
            assert!((0.0..=1.0).contains(&share) && (squares - share).abs() < 1e-12);
        }
        assert!((number(&measured[measured.len() - 1]["end_overlap"]) - 1.0).abs() < 1e-9);
        assert!(losses.last() < losses.first());
    }
    // All begin at one point.
    let starts: Vec<&Value> =
        (0..3).map(|i| &results["trajectory_plane"]["ways"][i]["points"][0]["loss"]).collect();
    assert!(starts.windows(2).all(|w| w[0] == w[1]));
    let ids: Vec<String> =
        browser::open(&bench.path("ways/report.html")).into_iter().map(|(id, _)| id).collect();
    for id in ["trajectory-table", "trajectory-aside", "trajectory-plane", "trajectory-shares"] {
        assert!(ids.iter().any(|found| found.contains(id)), "{id} is not among {ids:?}");
    }
}

#[test]
fn runs_folders_and_functions_have_ways_too() {
    let bench = Bench::new();
    let train = format!("train {TRAINED} --steps 40 --checkpoints even:6 --measure ends --quiet");
    bench.succeed(&format!("{train} --seed 1 --out one"));
    bench.succeed(&format!("{train} --seed 2 --out two"));
    let both = bench.results("trajectory one two --grid 7 --line 13 --top 0 --out both");
    assert!(both.get("trajectory_curvature").is_none());
    for (i, run) in ["one", "two"].into_iter().enumerate() {
        let trained = bench.json(&format!("{run}/results.json"));
        let ends = trained["training"]["measurements"].as_array().unwrap();
        let seen = both["trajectory_plane"]["ways"][i]["points"].as_array().unwrap();
        assert_eq!(both["trajectories"][i]["name"], run);
        assert_eq!(seen[0]["loss"], ends[0]["loss"]);
        assert_eq!(seen[seen.len() - 1]["loss"], ends[1]["loss"]);
    }
    // A folder of the same points is the same way.
    folder(&bench, "one", "points");
    let files = bench.results(&format!("trajectory {TRAINED} --checkpoints points {LOOKS} --out files"));
    let alone = bench.results(&format!("trajectory one {LOOKS} --out alone"));
    for key in ["trajectory_plane", "trajectory_lines", "trajectory_curvature"] {
        let mut alone = alone[key].to_string();
        alone = alone.replace("\"one\"", "\"points\"");
        assert_eq!(files[key].to_string(), alone, "{key}");
    }
    // A study of a way keeps that way, and optimizers can join from where it began.
    let joined =
        bench.results(&format!("trajectory alone --optimizers adam --steps 20 {LOOKS} --out joined"));
    assert_eq!(joined["trajectories"][0]["lengths"], alone["trajectories"][0]["lengths"]);
    let first = |i: usize| &joined["trajectory_plane"]["ways"][i]["points"][0]["loss"];
    assert_eq!(first(0), first(1));
    // Descent on a quadratic from (1, …, 1) by plain steps, in closed form.
    let line =
        "trajectory --problem quadratic:1,0.1,0.01 --optimizers sgd:rate=1 --steps 12 --grid 3 --line 5";
    let found = bench.results(&format!("{line} --out quadratic"));
    let points = found["trajectories"][0]["deviation"]["points"].as_array().unwrap();
    for point in points {
        let t = point["step"].as_i64().unwrap() as i32;
        let w = [0.0f64.powi(t), 0.9f64.powi(t), 0.99f64.powi(t)];
        let end = [0.0, 0.9f64.powi(12), 0.99f64.powi(12)];
        let line: Vec<f64> = end.iter().map(|e| e - 1.0).collect();
        let length: f64 = line.iter().map(|l| l * l).sum();
        let along: f64 = w.iter().zip(&line).map(|(w, l)| (w - 1.0) * l).sum::<f64>() / length;
        assert!((number(&point["along"]) - along).abs() < 1e-12);
    }
    let plane = bench.results(
        "trajectory --problem walled-saddle --start 1,0.1 --optimizers gd,newton --grid 5 --out plane",
    );
    assert_eq!(plane["trajectory_plane"]["directions"], serde_json::json!(["x[0]", "x[1]"]));
}

#[test]
fn what_is_no_way_is_refused() {
    let bench = Bench::new();
    bench.succeed(&format!("train {TRAINED} --steps 3 --measure ends --quiet --out one"));
    bench.succeed("train --model mlp:64-3-10 --subset 200 --steps 3 --measure ends --quiet --out other");
    bench.succeed("point --problem walled-saddle --quiet --out point");
    std::fs::create_dir(bench.path("empty")).unwrap();
    for (code, line, part) in [
        (1, "trajectory nowhere", "nowhere"),
        (1, "trajectory one other", "expected a run of the same objective as one"),
        (1, "trajectory point", "point: expected the way of a training"),
        (1, "trajectory one one", "the way one is named twice"),
        (1, "trajectory one --checkpoints empty", "a folder is a way of its own"),
        (1, "trajectory --checkpoints empty", "empty has no checkpoint"),
        (1, "trajectory --budget 1min", "no depths that a time could choose"),
        (1, "trajectory --problem rosenbrock:3 --epochs 3", "a function has none; --steps says"),
        (1, "trajectory --problem rosenbrock:3 --optimizers gd,gd", "named twice"),
        (2, "trajectory --optimizers atlantis", "atlantis"),
        (2, "trajectory --optimizers sgd --optimizer adam", "cannot be used with"),
        (2, "trajectory one --weights other", "cannot be used with"),
    ] {
        let message = bench.fail(line, code).replace(['│', '\n'], " ");
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(message.contains(part), "{line}: {message}");
    }
    assert!(!bench.path("thalweg-runs").exists());
}
