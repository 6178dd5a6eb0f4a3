//! What classes and positions count for.

use serde_json::Value;
use thalweg_io::{NamedArrays, WeightFormat};

use crate::run::{Bench, number};

fn loss(results: &Value) -> f64 {
    number(&results["loss"])
}

#[test]
fn class_weights_are_factors_of_the_classes_losses() {
    let bench = Bench::new();
    // Three examples of class 0 and one of class 1, all alike: each class has one loss.
    bench.write("data.csv", "0.3,-1,0\n0.3,-1,0\n0.3,-1,1\n0.3,-1,0\n");
    bench.write("gap.csv", "0.3,-1,0\n0.3,-1,2\n");
    let line = "point --data data.csv --model mlp:2-3-2 --top 1";
    let run = |weights: &str| {
        loss(&bench.results(&format!("{line} --class-weights {weights} --out run --replace")))
    };
    bench.results(&format!("{line} --out run"));
    let [first, second] = [run("1,0") / 0.75, run("0,1") / 0.25];
    let plain = loss(&bench.results(&format!("{line} --out plain")));
    assert!((plain - (0.75 * first + 0.25 * second)).abs() < 1e-15);
    assert!((run("3,0.5") - (2.25 * first + 0.125 * second)).abs() < 1e-14);
    // Balanced, both classes have half of the loss.
    let balanced = bench.results(&format!("{line} --class-weights balanced --out balanced"));
    assert!((loss(&balanced) - 0.5 * (first + second)).abs() < 1e-14);
    let config = &bench.json("balanced/manifest.json")["options"]["subject"]["loss"];
    assert_eq!(config["class-weights"].as_array().or(config["class_weights"].as_array()).unwrap().len(), 2);
    // A run of theirs is found again with them.
    let again = bench.results("point --weights balanced --top 1 --out again");
    assert_eq!(loss(&again), loss(&balanced));
    for (line, code, part) in [
        (format!("{line} --class-weights 1,2,3"), 1, "3 class weights for 2 outputs"),
        (format!("{line} --class-weights 1,-2"), 2, "numbers from 0"),
        (
            format!("{line} --class-weights 1,1 --loss squared-error"),
            1,
            "--class-weights belongs to the cross-entropy",
        ),
        ("point --data gap.csv --model mlp:2-3-3 --class-weights balanced".to_owned(), 1, "has no example"),
    ] {
        let message = bench.fail(&line, code).replace(['│', '\n'], " ");
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(message.contains(part), "{line}: {message}");
    }
}

#[test]
fn positions_with_the_label_do_not_count() {
    let bench = Bench::new();
    let write = |name: &str, y: [i64; 6]| {
        let mut arrays = NamedArrays::new("data");
        arrays.push("x", [3, 2], vec![0i64, 3, 2, 1, 4, 4]).unwrap();
        arrays.push("y", [3, 2], y.to_vec()).unwrap();
        bench.write(name, arrays.to_bytes(WeightFormat::Npz).unwrap());
    };
    write("all.npz", [3, 1, 1, 4, 2, 0]);
    write("first.npz", [3, -100, 1, -100, 2, -100]);
    write("last.npz", [9, 1, 9, 4, 9, 0]);
    let run = |data: &str, more: &str| {
        let line = format!("point --model gpt:1-8-2-2 --data {data} --top 1 {more}");
        loss(&bench.results(&format!("{line} --out {data}.run")))
    };
    let [all, first, last] =
        [run("all.npz", ""), run("first.npz", "--ignore-index -100"), run("last.npz", "--ignore-index 9")];
    // Each example has two positions, of equal weight.
    assert!((all - 0.5 * (first + last)).abs() < 1e-13, "{all} {first} {last}");
    let again = bench.results("point --weights first.npz.run --top 1 --out again");
    assert_eq!(loss(&again), first);
    write("none.npz", [7; 6]);
    let message = bench.fail("point --model gpt:1-8-2-2 --data none.npz --ignore-index 7", 1);
    assert!(message.contains("no position has another label"), "{message}");
    let message = bench.fail("point --ignore-index 3", 1);
    assert!(message.contains("no labels of positions"), "{message}");
}
