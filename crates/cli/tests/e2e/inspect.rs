//! What files hold.

use crate::run::{Bench, SMALL};

#[test]
fn digits_models_weights_and_runs() {
    let bench = Bench::new();
    let text = bench.succeed("inspect digits");
    assert!(text.contains("[1797, 8, 8]") && text.contains("0: 178"), "{text}");
    let text = bench.succeed("inspect --model mlp:64-32-10");
    assert!(text.contains("2,410 parameters") && text.contains("fc1.weight  [10, 32]"), "{text}");
    let model =
        serde_json::from_str::<serde_json::Value>(&bench.succeed("inspect --model mlp:64-32-10 --json"));
    assert_eq!(model.unwrap()["blocks"][1]["shape"], serde_json::json!([32]));

    bench.succeed(&format!("{SMALL} --out run --quiet"));
    let text = bench.succeed("inspect run");
    assert!(text.contains("thalweg survey --model mlp:64-8-10") && text.contains("report.html"), "{text}");
    let text = bench.succeed("inspect run/weights.safetensors");
    assert!(text.contains("fc0.weight  f64    [8, 64]"), "{text}");
    let text = bench.succeed("inspect run/point.npz");
    assert!(text.contains("eigenvalues") && text.contains("slq_weights"), "{text}");
}

#[test]
fn numbers_that_are_not_finite_are_counted() {
    let bench = Bench::new();
    bench.write("table.csv", "a,b,y\n1,NaN,0\n2,inf,1\n3,5,1\n");
    let text = bench.succeed("inspect table.csv");
    assert!(text.contains("2 not finite") && text.contains("0: 1, 1: 2"), "{text}");
}
