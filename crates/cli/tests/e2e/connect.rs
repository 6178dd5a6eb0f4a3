//! Paths between solutions.

use crate::run::{Bench, number};

/// Two small networks from two seeds, then the same from their files; the same bytes for another number of threads.
#[test]
fn two_networks_are_connected_and_their_files_give_the_same_paths() {
    let bench = Bench::new();
    let model = "--model mlp:64-6-10 --subset 200";
    let paths = "--curve-epochs 40 --band-cycles 2 --band-steps 10 --pivots 3 --points 9 --grid 7";
    let trained = bench.results(&format!(
        "connect {model} --solutions 2 --epochs 30 --measure ends {paths} --threads 1 --out trained"
    ));
    let solutions = trained["solutions"].as_array().unwrap();
    assert_eq!(solutions.len(), 2);
    assert_eq!((&solutions[0]["label"], &solutions[1]["label"]), (&"seed 0".into(), &"seed 1".into()));
    let connections = trained["connections"].as_array().unwrap();
    let kinds: Vec<&str> = connections.iter().map(|path| path["path"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["line", "aligned", "bezier", "chain", "band"]);
    let barrier = |i: usize| number(&connections[i]["barrier"]["height"]);
    assert!(barrier(0) > 0.1, "different seeds are apart: {}", barrier(0));
    for lower in [1, 2] {
        assert!(barrier(lower) < 0.5 * barrier(0), "{} {}", barrier(lower), barrier(0));
    }
    assert!(number(&connections[1]["distance"]) < number(&connections[0]["distance"]));
    let line = &connections[0];
    assert!(number(&line["barrier"]["stderr"]) > 0.0 && line["barrier"]["paired"] == true);
    // Ends are the solutions themselves.
    for (path, end) in connections.iter().flat_map(|path| [(path, 0), (path, 1)]) {
        let value = number(&path["ends_values"][end]);
        assert!((value / number(&solutions[end]["loss"]) - 1.0).abs() < 1e-12);
    }
    // The line to an aligned copy leads elsewhere.
    let between = connections.iter().filter(|path| path["path"] != "aligned");
    let lowest = between.map(|path| number(&path["highest"]["height"])).fold(f64::INFINITY, f64::min);
    assert_eq!(number(&trained["tree"]["connected"]), lowest);

    let files = "trained/solution-1.safetensors trained/solution-2.safetensors";
    let read = bench.results(&format!("connect {files} {model} {paths} --threads 2 --out read"));
    assert_eq!(read["connections"][0]["barrier"], line["barrier"]);
    assert_eq!(read["solutions"][0]["label"], "solution-1");
    let relabelled = |value: &serde_json::Value| value["samples"].clone();
    for i in 0..5 {
        assert_eq!(relabelled(&read["connections"][i]), relabelled(&connections[i]), "{i}");
    }
}

/// Müller and Brown's three minima: the bands' passes are the known transition states.
#[test]
fn known_minima_of_a_function_are_joined_at_its_passes() {
    let bench = Bench::new();
    let found = bench.results("connect --problem muller-brown --paths band --grid 9 --out passes");
    let levels: Vec<f64> =
        found["tree"]["merges"].as_array().unwrap().iter().map(|m| number(&m["level"])).collect();
    assert_eq!(levels.len(), 2);
    for (level, pass) in levels.iter().zip([-72.2489, -40.6648]) {
        assert!((level - pass).abs() < 0.3, "{levels:?}");
    }
    assert_eq!(number(&found["tree"]["connected"]), levels[1]);
    assert_eq!(found["point"], "minimum 1, minimum 2, minimum 3");
    let again = bench.fail("connect --problem muller-brown --at 0,0", 1);
    assert!(again.contains("found 1") && again.contains("3 known minima"), "{again}");
}
