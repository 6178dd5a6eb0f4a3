//! Subspaces and sharpness: planted dimensions and closed forms come out, as the same bytes for any number of threads.

use std::fs;

use crate::run::{Bench, number};

/// Li et al. 2018, §2: ten constraints in a thousand dimensions. The whole is a parabola whose steep directions are
/// ten alike, λ = 2·100: its reach is known, too.
#[test]
fn ten_constraints_are_found() {
    let bench = Bench::new();
    let line = "subspace --problem groups:1000,10 --seeds 3 --first 2 --parts intrinsic,extents --top 2 --random 2 --rise 4";
    let results = bench.results(&format!("{line} --out one --threads 1"));
    for (found, name) in results["intrinsic"]["found"].as_array().unwrap().iter().zip(["d_int90", "d_int100"])
    {
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
    assert!(error.contains("--cuts 12: a plane has a distance only"), "{error}");
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

/// ½ Σ λᵢxᵢ² with λ = (5, 1, 0.2) at (1, −2, 3): closed forms of the measures that have one.
#[test]
fn measures_of_a_quadratic_are_known() {
    let bench = Bench::new();
    let line = "sharpness --problem quadratic:5,1,0.2 --at 1,-2,3 --examples 200 --samples 100 --epsilon 0.01 --out run";
    let results = bench.results(&format!("{line} --threads 1"));
    let measures = results["sharpness"]["measures"].as_array().unwrap();
    let value = |name: &str| {
        let found = measures.iter().find(|measure| measure["name"] == name);
        number(&found.unwrap_or_else(|| panic!("no {name}"))["value"])
    };
    let (spectrum, x) = ([5.0, 1.0, 0.2], [1.0, -2.0, 3.0f64]);
    let f = |y: [f64; 3]| 0.5 * (0..3).map(|i| spectrum[i] * (x[i] + y[i]) * (x[i] + y[i])).sum::<f64>();
    assert!((value("λ₁ (sharpness)") - 5.0).abs() < 1e-12 && (value("trace") - 6.2).abs() < 1e-12);
    // The farthest corner of the box is the highest.
    let corner: [f64; 3] = std::array::from_fn(|i| 0.01 * (x[i].abs() + 1.0) * x[i].signum());
    let keskar = 100.0 * (f(corner) - f([0.0; 3])) / (1.0 + f([0.0; 3]));
    assert!((value("Keskar's ε-sharpness") / keskar - 1.0).abs() < 1e-12);
    // max over ‖e‖ ≤ 0.05 lies between that along the gradient and ρ‖g‖ + ½λ₁ρ².
    let g: [f64; 3] = std::array::from_fn(|i| spectrum[i] * x[i]);
    let length = g.iter().map(|g| g * g).sum::<f64>().sqrt();
    let first = f(g.map(|g| 0.05 * g / length)) - f([0.0; 3]);
    let sam = value("SAM sharpness");
    assert!(first <= sam && sam <= 0.05 * length + 0.5 * 5.0 * 0.0025, "{first} {sam}");
    assert!(results["sharpness"]["learning_coefficient"]["r_hat"].is_number());
    let again = bench.results(&format!("{} --threads 2", line.replace("--out run", "--out two")));
    assert_eq!(results, again);
}
