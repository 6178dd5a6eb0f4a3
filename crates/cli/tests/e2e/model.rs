//! Models: built-in architectures and ONNX files.

use std::path::Path;

use crate::run::{Bench, number};

/// A file that PyTorch exported, or what it computed with it.
fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../io/tests/fixtures/onnx");
    folder.join(name).display().to_string()
}

#[test]
fn an_onnx_file_is_a_model_like_any_other() {
    let bench = Bench::new();
    let (file, data) = (fixture("lenet-old.onnx"), fixture("lenet.npz"));
    let text = bench.succeed(&format!("inspect {file}"));
    assert!(text.contains("Conv 2") && text.contains("by pytorch") && text.contains("parameters"), "{text}");

    let line = format!("point --model {file} --data {data} --dtype f64 --top 2");
    let whole = bench.results(&format!("{line} --out whole"));
    let frozen = bench.results(&format!("{line} --freeze fc*.weight --out frozen"));
    let dimension = |results: &serde_json::Value| number(&results["dimension"]);
    assert!(dimension(&frozen) < dimension(&whole), "{whole}");
    // The same function at the same place: only the coordinates are fewer.
    let loss = |results: &serde_json::Value| number(&results["loss"]);
    assert_eq!(loss(&frozen), loss(&whole));

    let message = bench.fail(&format!("point --model {file} --data {data} --train nothing* --out x"), 1);
    assert!(message.contains("nothing*") && message.contains("no weight has such a name"), "{message}");
    let message = bench.fail(&format!("point --model {file} --data digits --out x"), 1);
    assert!(message.contains("inputs of 144") && message.contains("64"), "{message}");
    bench.write("cut.onnx", &std::fs::read(fixture("lenet-old.onnx")).unwrap()[..999]);
    assert!(bench.fail("point --model cut.onnx --out x", 1).contains("cut.onnx"));
    assert!(!bench.path("x").exists(), "nothing is half-written");
}

#[test]
fn a_network_on_text_learns_and_is_found_again() {
    let bench = Bench::new();
    bench.write("text.txt", "the valley and the ridge and the river and the valley again. ".repeat(12));
    let model = "--model gpt:1-8-2-12 --data text.txt";
    let trained = bench.results(&format!("train {model} --epochs 3 --out run"));
    assert_eq!(number(&trained["dimension"]), 14.0 * 8.0 + 12.0 * 8.0 + 872.0 + 16.0);
    let again = bench.results("point --weights run --top 1 --out point");
    assert!(number(&again["loss"]).is_finite());
    let message = bench.fail("point --model gpt:1-8-2-12 --data digits --out x", 1);
    assert!(message.contains("tokens"), "{message}");
}

#[test]
fn statistics_travel_with_the_weights() {
    let bench = Bench::new();
    let mut table = String::new();
    for i in 0..40 {
        let pixels: Vec<String> = (0..192).map(|p| format!("{}", (i * 7 + p * 3) % 11)).collect();
        table.push_str(&format!("{},{}\n", pixels.join(","), i % 2));
    }
    bench.write("table.csv", table);
    let model = "--model resnet20,channels=2,input=3x8x8,classes=2 --data table.csv";
    bench.succeed(&format!("train {model} --epochs 1 --batch-norm-size 20 --out run --quiet"));
    let text = bench.succeed("inspect run/weights.safetensors");
    assert!(text.contains("bn1.running_mean"), "{text}");
    let frozen = "point --weights run --batch-norm frozen --top 1";
    let results = bench.results(&format!("{frozen} --out frozen"));
    assert!(number(&results["loss"]).is_finite());
    let message = bench.fail(&format!("{frozen} --batch-norm-size 20 --out x"), 1);
    assert!(message.contains("--batch-norm-size"), "{message}");
}

#[test]
fn an_exported_network_is_the_same_function() {
    let bench = Bench::new();
    bench.succeed(
        "train --model mlp:64-9-10 --activation softplus --data digits --subset 200 --epochs 2 --out run",
    );
    let text = bench.succeed("export --weights run --dtype f64 --out net.onnx");
    assert!(text.contains("mlp:64-9-10, 685 parameters") && text.contains("net.onnx"), "{text}");
    let point = "--data digits --subset 200 --top 1 --dtype f64";
    let built_in = bench.results(&format!("point --weights run {point} --out one"));
    let exported = bench.results(&format!("point --model net.onnx {point} --out two"));
    for key in ["loss", "grad_norm"] {
        let (found, wanted) = (number(&exported[key]), number(&built_in[key]));
        assert!((found - wanted).abs() <= 1e-9 * wanted, "{key}: {found} instead of {wanted}");
    }
    let initial = bench.succeed("export --model resnet20,norm=batch --seed 3 --out resnet.onnx --json");
    assert!(initial.contains("269722") || initial.contains("272474"), "{initial}");
    for (line, expected) in [
        ("export --out x.onnx", "--model SPEC"),
        ("export --model net.onnx --out x.onnx", "an ONNX file already"),
        ("export --model mlp:2-1 --out x.bin", "ends in .onnx"),
        ("export --model mlp:2-1 --weights run --out x.onnx", "fc0.weight"),
        ("export --model gpt:1-8-2-4,dropout=0.5 --out x.onnx", "dropout"),
    ] {
        let message = bench.fail(line, 1);
        assert!(message.contains(expected), "{line}: {message}");
    }
    assert!(!bench.path("x.onnx").exists());
}
