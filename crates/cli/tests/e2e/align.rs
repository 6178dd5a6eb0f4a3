//! Solutions aligned by symmetries.

use crate::run::{Bench, number};

/// Two small networks from two seeds; the aligned weights compute the same as the second, and are nearer to
/// the first.
#[test]
fn two_networks_are_aligned_and_the_weights_are_written() {
    let bench = Bench::new();
    let model = "--model mlp:64-8-10 --subset 200";
    let found = bench.results(&format!(
        "align {model} --solutions 2 --epochs 20 --measure ends --match-steps 5 --points 5 --examples 50 --threads 1 --out run"
    ));
    // 2⁸ · 8!.
    assert_eq!(found["symmetries"]["count"], "10321920");
    assert!(number(&found["symmetries"]["check"]) < 1e-4);
    let ways = found["alignments"].as_array().unwrap();
    assert_eq!(ways.len(), 4);
    assert_eq!(ways[0]["method"], serde_json::Value::Null);
    let value = number(&found["solutions"][1]["loss"]);
    for way in ways {
        let end = number(&way["ends_values"][1]);
        assert!((end / value - 1.0).abs() < 1e-5, "{end} {value}");
    }
    let distance = |i: usize| number(&ways[i]["distance"]);
    assert!(distance(1) < distance(0));
    let best = ways.iter().find(|way| way["best"] == true).unwrap();
    let files = "run/solution-1.safetensors run/aligned-2.safetensors";
    let read =
        bench.results(&format!("align {files} {model} --methods weight --points 5 --threads 2 --out read"));
    assert_eq!(read["alignments"][0]["samples"], best["samples"]);
    assert!(read["symmetries"] == found["symmetries"]);
    let error = bench.fail("align --problem himmelblau", 1);
    assert!(error.contains("no units to align"), "{error}");
}
