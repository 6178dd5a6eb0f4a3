//! Products with curvature matrices.

use thalweg_io::{NamedArrays, from_flat, match_layout, read_weights, write_weights};
use thalweg_lab::Layout;
use thalweg_lab::problem::network::{Model, ModelSpec};

use crate::network::ByHand;
use crate::run::{Bench, number};

const DATA: &str = "--model mlp:5-4-3 --data data.csv";

/// A table of 12 examples, weights and a vector, all by rules that anyone can repeat.
fn prepare(bench: &Bench) -> (ByHand, Layout, Vec<f64>, Vec<f64>) {
    let wave = |i: usize, scale: f64| (scale * (1.0 + i as f64)).sin();
    // Inputs are kept in single precision.
    let single = |v: f64| f64::from(v as f32);
    let inputs: Vec<Vec<f64>> =
        (0..12).map(|e| (0..5).map(|j| single(wave(5 * e + j, 0.7))).collect()).collect();
    let labels: Vec<usize> = (0..12).map(|e| e * e % 3).collect();
    let rows = inputs.iter().zip(&labels).map(|(x, label)| {
        let cells: Vec<String> = x.iter().map(f64::to_string).collect();
        format!("{},{label}\n", cells.join(","))
    });
    bench.write("data.csv", rows.collect::<String>());
    let layout = "mlp:5-4-3".parse::<ModelSpec>().unwrap().layout();
    let theta: Vec<f64> = (0..layout.dimension()).map(|i| 0.8 * wave(i, 1.3)).collect();
    let v: Vec<f64> = (0..layout.dimension()).map(|i| wave(i, 2.9)).collect();
    write_weights(bench.path("w.npz"), &from_flat(&layout, &theta, "w")).unwrap();
    write_weights(bench.path("v.safetensors"), &from_flat(&layout, &v, "v")).unwrap();
    (ByHand { sizes: [5, 4, 3], inputs, labels }, layout, theta, v)
}

fn product(bench: &Bench, layout: &Layout, operator: &str, out: &str) -> Vec<f64> {
    bench.succeed(&format!(
        "apply {DATA} --weights w.npz --operator {operator} --vector v.safetensors --out {out} --quiet"
    ));
    let arrays: NamedArrays = read_weights(bench.path(out)).unwrap();
    let names: Vec<&str> = arrays.iter().map(|array| array.name.as_str()).collect();
    assert_eq!(names, ["fc0.weight", "fc0.bias", "fc1.weight", "fc1.bias"]);
    assert_eq!(arrays.get("fc0.weight").unwrap().shape, [4, 5]);
    match_layout(&arrays, layout).unwrap()
}

fn relative(a: &[f64], b: &[f64]) -> f64 {
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|v| v * v).sum::<f64>().sqrt();
    norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut b.iter().copied())
}

#[test]
fn products_agree_with_differences_of_a_gradient_written_by_hand() {
    let bench = Bench::new();
    let (by_hand, layout, theta, v) = prepare(&bench);
    let found = product(&bench, &layout, "hessian", "hv.npz");
    let expected = by_hand.product(&theta, &v);
    assert!(relative(&found, &expected) < 1e-8, "{}", relative(&found, &expected));

    // For the softmax with cross-entropy the Gauss-Newton and the Fisher matrix are one.
    let ggn = product(&bench, &layout, "ggn", "gv.npz");
    let fisher = product(&bench, &layout, "fisher", "fv.safetensors");
    assert!(relative(&ggn, &fisher) < 1e-12);
    assert!(relative(&ggn, &found) > 1e-3);

    // (1/N) Σ gᵢ (gᵢᵀ v), example by example.
    let empirical = product(&bench, &layout, "empirical-fisher", "ev.npz");
    let mut expected = vec![0.0; theta.len()];
    for (x, label) in by_hand.inputs.iter().zip(&by_hand.labels) {
        let one = ByHand { sizes: by_hand.sizes, inputs: vec![x.clone()], labels: vec![*label] };
        let g = one.gradient(&theta);
        let along: f64 = g.iter().zip(&v).map(|(g, v)| g * v).sum();
        expected.iter_mut().zip(&g).for_each(|(e, g)| *e += along * g / 12.0);
    }
    assert!(relative(&empirical, &expected) < 1e-12);
}

#[test]
fn the_point_card_agrees_with_the_network_written_by_hand() {
    let bench = Bench::new();
    let (by_hand, _, theta, _) = prepare(&bench);
    let card = bench.results(&format!("point {DATA} --weights w.npz --out card"));
    let gradient = by_hand.gradient(&theta);
    let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    assert!((number(&card["grad_norm"]) / norm - 1.0).abs() < 1e-12);
    let n = theta.len();
    let trace: f64 = (0..n)
        .map(|i| {
            let unit: Vec<f64> = (0..n).map(|j| f64::from(u8::from(i == j))).collect();
            by_hand.product(&theta, &unit)[i]
        })
        .sum();
    assert!((number(&card["trace"]["mean"]) / trace - 1.0).abs() < 1e-7);
}

#[test]
fn a_summary_as_json() {
    let bench = Bench::new();
    let (_, layout, ..) = prepare(&bench);
    let line = format!("apply {DATA} --weights w.npz --vector v.safetensors --out hv.npz");
    let summary = bench.results(&line);
    let found: Vec<f64> = match_layout(&read_weights(bench.path("hv.npz")).unwrap(), &layout).unwrap();
    let norm = found.iter().map(|v| v * v).sum::<f64>().sqrt();
    assert!((number(&summary["product_norm"]) - norm).abs() < 1e-12);
    assert_eq!(summary["dimension"], layout.dimension());
    assert_eq!(summary["operator"], "hessian");
}
