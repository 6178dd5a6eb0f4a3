//! `--memory` holds: the system's own count of what the process held at most.

use thalweg_io::{NamedArrays, WeightFormat};
use thalweg_lab::random::Stream;

use crate::run::{Bench, number};

/// What the program itself takes: its code, its threads, and what files are read and written with.
const PROGRAM: f64 = (40 << 20) as f64;
const MIB: f64 = (1 << 20) as f64;

/// Examples of noise, with classes that depend on them.
fn data(bench: &Bench, examples: usize, features: usize) {
    let mut x = vec![0.0f32; examples * features];
    Stream::new(1, "examples", 0).fill_normal(&mut x);
    let y: Vec<i64> = x.chunks(features).map(|x| i64::from(x[0] > 0.0) + 2 * i64::from(x[1] > 0.5)).collect();
    let mut arrays = NamedArrays::new("data");
    arrays.push("x", [examples, features], x).unwrap();
    arrays.push("y", [examples], y).unwrap();
    bench.write("data.npz", arrays.to_bytes(WeightFormat::Npz).unwrap());
}

/// Runs within a budget: the results, the kind of basis, and the bytes that were held.
fn within(bench: &Bench, line: &str, budget: &str, out: &str) -> (serde_json::Value, String, f64) {
    let results = bench.results(&format!("{line} --memory {budget} --out {out}"));
    let memory = bench.json(&format!("{out}/manifest.json"))["memory"].clone();
    let (held, budget) = (number(&memory["held"]), number(&memory["budget"]));
    assert!(number(&memory["peak"]) <= budget);
    assert!(held < budget + PROGRAM, "{} MiB held of {} MiB: {memory}", held / MIB, budget / MIB);
    // Nor is it planned for much more than is needed.
    assert!(number(&memory["peak"]) < 2.0 * held + PROGRAM, "{} MiB held: {memory}", held / MIB);
    (results, memory["basis"].as_str().unwrap().to_owned(), held)
}

#[cfg(target_os = "linux")]
#[test]
fn a_smaller_budget_lowers_the_peak_and_keeps_the_answer() {
    let bench = Bench::new();
    data(&bench, 300, 64);
    let line = "spectrum --data data.npz --model mlp:64-448-448-4 --top 1 --bottom 1 --probes 2 --steps 8";
    let (roomy, kind, high) = within(&bench, line, "4GiB", "roomy");
    assert_eq!(kind, "memory");
    assert!(high > 180.0 * MIB, "{} MiB", high / MIB);
    let (tight, kind, low) = within(&bench, line, "150MiB", "tight");
    assert_ne!(kind, "memory");
    assert!(low < 0.75 * high, "{} MiB and {} MiB", low / MIB, high / MIB);
    assert_eq!(roomy["spectrum"]["basis"], "memory");
    assert_eq!(tight["spectrum"]["basis"], kind);
    let [a, b] =
        [&roomy, &tight].map(|r| (number(&r["eigenvalue_max"]), number(&r["eigenvalues"][0]["residual"])));
    assert!((a.0 - b.0).abs() <= a.1 + b.1, "{a:?} {b:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn every_kind_of_basis_can_be_asked_for() {
    let bench = Bench::new();
    data(&bench, 300, 64);
    let line = "spectrum --data data.npz --model mlp:64-128-4 --top 2 --bottom 2 --probes 2 --steps 20";
    let run = |kind: &str, budget: &str| {
        let (results, found, _) = within(&bench, &format!("{line} --basis {kind}"), budget, kind);
        assert_eq!(found, kind);
        results
    };
    let memory = run("memory", "1GiB");
    let value = |results: &serde_json::Value, key: &str| number(&results[key]);
    for (kind, budget) in [("bf16", "1GiB"), ("disk", "300MiB"), ("none", "1GiB")] {
        let found = run(kind, budget);
        assert_eq!(found["spectrum"]["basis"], *kind);
        for key in ["eigenvalue_max", "eigenvalue_min"] {
            let far = (value(&found, key) - value(&memory, key)).abs();
            assert!(far < 1e-3 * value(&memory, "eigenvalue_max"), "{kind} {key}: {far}");
        }
        if kind == "disk" {
            // The same numbers to the last bit, but for what says where they were kept.
            let mut found = found;
            found["spectrum"]["basis"] = "memory".into();
            assert_eq!(found, memory);
        }
    }
    // The kind is part of what was asked: another one is another run.
    let message = bench.fail(&format!("{line} --basis disk --out memory --resume"), 1);
    assert!(message.contains("finished run"), "{message}");
}

/// A race counts what its runs hold side by side, and goes on with fewer of them where they do not fit.
#[cfg(target_os = "linux")]
#[test]
fn a_race_fits_its_memory() {
    let bench = Bench::new();
    data(&bench, 60, 64);
    let line = "race --data data.npz --model mlp:64-32-4 --optimizers adam,kfac --seeds 2 --trials 1 --budget 2 --probes 1 --batch 16 --threads 2";
    let memory = |budget: &str, out: &str| {
        let results = bench.results(&format!("{line} --memory {budget} --out {out}"));
        let memory = bench.json(&format!("{out}/manifest.json"))["memory"].clone();
        assert!(number(&memory["held"]) < number(&memory["peak"]) + PROGRAM, "{memory}");
        (results, memory)
    };
    let (roomy, plan) = memory("2GiB", "roomy");
    assert_eq!(plan["threads"], 2);
    let items = plan["items"].as_array().unwrap();
    assert!(items.iter().any(|item| item["what"] == "finished runs"), "{plan}");
    // Half a run more than one takes is not enough for two.
    let one = number(&plan["peak"]) as u64 * 3 / 4;
    let (tight, plan) = memory(&format!("{}KiB", one >> 10), "tight");
    assert_eq!(plan["threads"], 1, "{plan}");
    assert_eq!(roomy, tight);
    let message = bench.fail(&format!("{line} --memory 1MiB"), 1);
    assert!(message.contains("finished"), "{message}");
}

#[test]
fn the_plan_is_announced_and_the_impossible_is_refused() {
    let bench = Bench::new();
    data(&bench, 300, 64);
    let line = "spectrum --data data.npz --model mlp:64-128-4 --probes 2 --steps 4 --top 1 --bottom 1";
    let message = bench.fail(&format!("{line} --memory 1MiB"), 1);
    let message: String = message.chars().filter(|c| !c.is_whitespace() && *c != '│').collect();
    for part in ["--memory1MiB:thisstudyneedsatleast", "data", "parameters", "evaluations"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!bench.path("thalweg-runs").exists());
    let output = bench.run(&format!("{line} --memory 1GiB --basis bf16"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Memory: at most about ") && said.contains("Krylov basis in bf16"), "{said}");
    let output = bench.run(&format!("{line} --json"));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("Memory:"));
}
