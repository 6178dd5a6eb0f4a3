//! The documentation of `results.json` is complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{Bench, SMALL};

/// Paths of all keys: `training.measurements[].loss`.
fn keys(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                out.insert(path.clone());
                keys(value, &path, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, &format!("{path}[]"), out)),
        _ => {}
    }
}

#[test]
fn every_key_is_documented_and_every_documented_key_exists() {
    let bench = Bench::new();
    let mut found = BTreeSet::new();
    fs::create_dir(bench.path("points")).unwrap();
    bench.succeed("train --model mlp:64-2-10 --subset 50 --steps 2 --out points/run --quiet");
    fs::copy(bench.path("points/run/weights.safetensors"), bench.path("points/1.safetensors")).unwrap();
    for line in [
        format!("{SMALL} --out survey"),
        format!("{SMALL} --out test --test-share 0.2 --exact-up-to 100"),
        "survey --problem walled-saddle --grid 3 --out saddle".into(),
        "survey --problem rosenbrock:5 --grid 3 --out valley".into(),
        "point --problem monkey-saddle --at 0,0 --out monkey".into(),
        "point --problem walled-saddle --minimize --escape --out escape".into(),
        "race --problem walled-saddle --optimizers gd,lbfgs,arc,perturbed-gd,nelder-mead --seeds 2 --budget 300 --out race".into(),
        "race --model mlp:64-2-10 --subset 60 --optimizers sgd:rate=99,adam --seeds 2 --budget 6 --trials 2 --out tuned".into(),
        "subspace --problem groups:12,3 --seeds 2 --gradients 60 --cuts 1,4 --radii 1,2 --out subspace".into(),
        "sharpness --problem quadratic:5,1,0.2 --at 1,-2,3 --examples 100 --samples 20 --out sharpness".into(),
        "train --model mlp:64-2-10 --subset 50 --epochs 2 --budget 1h --out budget".into(),
        "survey --model mlp:64-2-10 --subset 50 --checkpoints points --grid 3 --top 1 --out way".into(),
        "trajectory --model mlp:64-2-10 --subset 50 --optimizers sgd,lbfgs --epochs 4 --grid 3 --line 5 --top 2 --places 2 --out ways".into(),
        "spectrum --subset 50 --model mlp:64-2-10 --out spectrum".into(),
        "plane --problem rosenbrock:3 --directions axis:0,axis:1 --range 1e200 --grid 3 --out holes".into(),
        "slice --problem rosenbrock:3 --direction axis:0 --range 1e200 --points 5 --out gaps".into(),
        "connect --model mlp:64-2-10 --subset 50 --test-share 0.2 --solutions 2 --epochs 2 --curve-epochs 1 --band-cycles 1 --band-steps 1 --grid 3 --points 3 --out connect".into(),
        "align --model mlp:64-2-10 --activation relu --subset 50 --solutions 2 --epochs 1 --match-steps 1 --points 3 --out align".into(),
        "connect --function log(x*x-0.01)+y*y --at -0.5,0 --at 0.5,0 --paths band --grid 3 --points 3 --out torn".into(),
        "plane --weights points/run --grid 5 --errors --follow 2 --curvature-map 2 --refine 0.1 --levels 1 --limits 1,5 --out looked".into(),
        "plane --problem rosenbrock:3 --grid 9 --range 2 --direction-seeds 2 --out seeds".into(),
        "slice --weights points/run --direction random --direction-seeds 4 --points 5 --errors --out errors".into(),
        "slice --problem rosenbrock:3 --points 5 --refine 1 --levels 1 --out refined".into(),
        "critical --problem six-hump-camel --starts 6 --grid 3 --out critical".into(),
        "critical --problem monkey-saddle --interval -1,1 --starts 2 --grid 3 --out cusp".into(),
        "critical --problem factorization:2,1,rank=2 --interval -2,2 --starts 3 --out family".into(),
        "critical --problem rosenbrock:12 --from noise --starts 1 --deflations 0 --exact-up-to 4 --out bounds".into(),
        "survey --subset 100 --learning-rate 1e300 --activation relu --steps 50 --out diverged".into(),
    ] {
        keys(&bench.results(&line), "", &mut found);
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/results.md");
    let text = fs::read_to_string(page).unwrap();
    // The first cell of a row lists keys in backticks.
    let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('|'));
    let documented: BTreeSet<String> = cells
        .flat_map(|(cell, _)| cell.split(',').map(|key| key.trim().trim_matches('`').to_owned()))
        .collect();
    let missing: Vec<&String> = found.difference(&documented).collect();
    assert!(missing.is_empty(), "not documented: {missing:#?}");
    let gone: Vec<&String> = documented.difference(&found).collect();
    assert!(gone.is_empty(), "documented, but in no result: {gone:#?}");
}
