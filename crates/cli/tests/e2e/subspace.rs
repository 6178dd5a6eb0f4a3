//! Subspaces: planted dimensions are found, and the same bytes come out for any number of threads.

use std::fs;

use crate::run::{Bench, number};

/// Li et al. 2018, §2: ten constraints in a thousand dimensions. The whole is a parabola whose steep directions are
/// ten alike, λ = 2·100: its reach is known, too.
#[test]
fn ten_constraints_are_found() {
    let bench = Bench::new();
    let line = "subspace --problem groups:1000,10 --seeds 3 --first 2 --parts intrinsic,extents --top 2 --random 2 --rise 4";
    let results = bench.results(&format!("{line} --out one --threads 1"));
    for (found, name) in results["intrinsic"]["found"].as_array().unwrap().iter().zip(["d_int90", "d_int100"]) {
        assert_eq!(found["name"], name);
        assert_eq!(found["dimension"], 10, "{found}");
        assert_eq!(found["bracket"], serde_json::json!([9, 10]), "{found}");
    }
    let levels = results["intrinsic"]["levels"].as_array().unwrap();
    let ten = levels.iter().find(|level| level["dimension"] == 10).unwrap();
    assert_eq!(ten["successes"], serde_json::json!([3, 3]));
    let extents = &results["extents"];
    for direction in extents["directions"].as_array().unwrap() {
        let (curvature, inside) = (number(&direction["curvature"]), number(&direction["forward"]["inside"]));
        if direction["direction"].as_str().unwrap().starts_with("top") {
            // √(2·4/200)
            assert!((curvature - 200.0).abs() < 1e-6 && (inside - 0.2).abs() < 1e-3, "{direction}");
        }
        let quadratic = direction["quadratic"].as_f64();
        if let Some(expected) = quadratic.filter(|expected| *expected < number(&extents["reach"])) {
            assert!((inside / expected - 1.0).abs() < 2e-3, "{direction}");
        }
    }
    let again = bench.results(&format!("{line} --out two --threads 2"));
    assert_eq!(results, again);
    let page = fs::read_to_string(bench.path("one/report.html")).unwrap();
    assert!(page.contains("Performance within random subspaces") && page.contains("Reach against curvature"));
    let error = bench.fail("subspace --problem groups:12,3 --cuts 12", 1);
    assert!(error.contains("fewer dimensions than the 12 parameters"), "{error}");
}

/// A small network: cuts at two distances, by minibatches.
#[test]
fn a_network_is_trained_within_hyperplanes() {
    let bench = Bench::new();
    let line = "subspace --model mlp:64-4-10 --subset 200 --parts cuts --cuts 4,40 --radii 1,3 --seeds 2 --gradients 8 --long 200";
    let results = bench.results(&format!("{line} --out run --threads 2"));
    let cuts = &results["cuts"];
    assert_eq!(cuts["radii"].as_array().unwrap().len(), 2);
    let [near, far] = [0, 1].map(|row| number(&cuts["radii"][row]));
    assert!((far / near - 3.0).abs() < 1e-12);
    for row in 0..2 {
        let [few, many] = [0, 1].map(|column| number(&cuts["mean"][row][column]));
        let foot = number(&cuts["foot"][row]);
        assert!(many < few && few < foot, "{few}, {many} from {foot}");
    }
    // Of 310 dimensions 200 are long: planes meet a wedge from 110 on.
    assert_eq!(cuts["wedges"]["meets"], 110);
    let expected = ((110.0 - 40.0) / (310.0 - 40.0f64)).sqrt();
    assert!((number(&cuts["wedges"]["closest"][1]) - expected).abs() < 1e-12);
}
