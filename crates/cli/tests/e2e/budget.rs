//! A stated time decides the depths, and nothing after that.

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Bench, number};

/// Takes minutes if nothing is cut.
const CNN: &str = "survey --model cnn:4-8 --subset 400 --epochs 2000 --test-share 0.2";

fn plan(bench: &Bench, run: &str) -> Value {
    bench.json(&format!("{run}/manifest.json"))["options"]["plan"].clone()
}

#[test]
fn depths_are_cut_to_the_time_and_make_the_same_bytes_again() {
    let bench = Bench::new();
    let output = bench.run(&format!("{CNN} --budget 8s --out first"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("made shallower to fit into 8.0 s") && said.contains("  training: "), "{said}");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("Note: Made shallower"), "{printed}");

    // The machine may be busy; but it is not the minutes that the whole study takes.
    let manifest = bench.json("first/manifest.json");
    assert!(number(&manifest["wall_seconds"]) < 40.0, "{}", manifest["wall_seconds"]);
    let results = bench.json("first/results.json");
    let steps = number(&results["training"]["steps"]);
    assert_eq!(results["budget"]["seconds"], 8);
    assert_eq!(plan(&bench, "first")["way"]["length"]["steps"], results["training"]["steps"]);
    assert!((20.0..10000.0).contains(&steps), "{steps}");
    assert!(results["verdict"]["kind"].is_string() && results["planes"][0]["trajectory"].is_object());

    // The depths of that run, on another number of threads.
    bench.succeed(&format!("{CNN} --budget first --out again --threads 1 --quiet"));
    for file in ["results.json", "training.npz", "point.npz", "plane-trajectory.npz", "weights.safetensors"] {
        let [a, b] = ["first", "again"].map(|run| bench.read(&format!("{run}/{file}")));
        assert!(a == b, "{file} differs");
    }
    assert_eq!(plan(&bench, "first"), plan(&bench, "again"));
    // The same command finds its run finished, whatever would be measured now.
    let found = bench.results(&format!("{CNN} --budget 8s --out first --resume"));
    assert_eq!(found, results);
    // Another seed at the same depths is another run; other options are another study.
    let line = CNN.replace("2000", "1999");
    let message = bench.fail(&format!("{line} --budget first --out other"), 1);
    assert!(message.contains("--budget first: other options were asked for there"), "{message}");
    let message = bench.fail(&format!("{CNN} --budget 9s --out first --resume"), 1);
    assert!(message.contains("finished run"), "{message}");
}

#[test]
fn a_killed_run_keeps_the_depths_that_it_began_with() {
    let bench = Bench::new();
    let line = format!("{CNN} --budget 12s --out killed --quiet");
    let mut child = bench.command(&line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let state = bench.path("killed/.thalweg/training.state.stage");
    while !state.exists() && began.elapsed() < Duration::from_secs(40) {
        sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let config = bench.json("killed/.thalweg/config.json");
    let message = bench.fail(&format!("{CNN} --budget 13s --out killed --resume"), 1);
    assert!(message.contains("budget.seconds was 12, now 13"), "{message}");
    bench.succeed(&format!("{line} --resume"));
    assert_eq!(plan(&bench, "killed"), config["plan"]);
    bench.succeed(&format!("{CNN} --budget killed --out whole --quiet"));
    assert!(bench.read("killed/results.json") == bench.read("whole/results.json"));
}

#[test]
fn what_fits_is_left_as_it_was_asked_for() {
    let bench = Bench::new();
    for line in [
        "point --problem rosenbrock:4",
        "plane --problem rosenbrock:3 --directions top:1,axis:1 --grid 9",
        "slice --problem styblinski-tang:4 --points 11",
        "spectrum --model mlp:64-2-10 --subset 50",
        "train --model mlp:64-2-10 --subset 50 --steps 30 --measure even:4",
    ] {
        let plain = bench.results(&format!("{line} --out plain"));
        let mut cut = bench.results(&format!("{line} --budget 1h --out cut"));
        let budget = cut.as_object_mut().unwrap().remove("budget").unwrap();
        assert_eq!(budget, serde_json::json!({ "seconds": 3600, "shallower": [] }), "{line}");
        assert_eq!(cut, plain, "{line}");
        for run in ["plain", "cut"] {
            std::fs::remove_dir_all(bench.path(run)).unwrap();
        }
    }
}

#[test]
fn training_fills_its_time() {
    let bench = Bench::new();
    let results =
        bench.results("train --model mlp:64-8-10 --subset 500 --steps 50000000 --budget 4s --out run");
    let steps = number(&results["training"]["steps"]);
    assert!((1000.0..5e7).contains(&steps), "{steps}");
    let seconds = number(&bench.json("run/manifest.json")["wall_seconds"]);
    assert!((1.0..20.0).contains(&seconds), "{seconds}");
}

#[test]
fn too_little_time_is_refused_with_what_is_needed() {
    let bench = Bench::new();
    let message = bench.fail("survey --model mlp:64-1500-1500-10 --budget 1s", 1);
    let message: String = message.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["--budget 1.0 s: this study needs at least about", "spectrum", "--subset"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!bench.path("thalweg-runs").exists());
    for (text, part) in [("soon", "expected a time"), ("0s", "expected a time")] {
        let message = bench.fail(&format!("survey --budget {text}"), 2);
        assert!(message.contains(part), "{message}");
    }
    std::fs::create_dir(bench.path("empty")).unwrap();
    let message = bench.fail("survey --budget empty", 1);
    assert!(message.contains("expected a run that had a budget"), "{message}");
}
