//! Networks of the peer benchmark against PyTorch in f64.
//!
//! `bench/peers/reference.json` was written by `bench/peers/reference.py`, whose networks are functions of their own.

#[path = "../benches/workloads/networks.rs"]
#[allow(dead_code, reason = "the benchmark of peers uses more of it")]
mod networks;
#[path = "../benches/workloads/setting.rs"]
#[allow(dead_code, reason = "the benchmarks use more of it")]
mod setting;

use networks::find;
use serde_json::Value;
use setting::{parameters, vectors};
use thalweg_graph::Threads;
use thalweg_lab::problem::network::Settings;
use thalweg_lab::{Curvature, Objective};

const REFERENCE: &str = include_str!("../../../bench/peers/reference.json");

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Loss, ‖∇f‖, ‖Hv₀‖ and ‖Gv₀‖ to nine digits.
fn agrees(name: &str) {
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let settings = Settings { threads: Threads::new(2), ..Settings::default() };
    let network = find(name).unwrap().open::<f64>("product", settings).unwrap();
    let x = parameters(&network);
    assert_eq!(reference[name]["dimension"].as_u64(), Some(x.len() as u64));
    let v = vectors(1, x.len());
    let mut found = vec![0.0; x.len()];
    let compare = |what: &str, value: f64| {
        let expected = reference[name][what].as_f64().unwrap();
        assert!((value / expected - 1.0).abs() < 1e-9, "{what} of {name}: {value}, PyTorch has {expected}");
    };
    compare("loss", network.value_grad(&x, &mut found));
    compare("gradient", norm(&found));
    for (what, curvature) in [("product", Curvature::Hessian), ("ggn", Curvature::GaussNewton)] {
        network.linearize(&x, curvature).unwrap().apply(&v, &mut found).unwrap();
        compare(what, norm(&found));
    }
}

#[test]
fn perceptrons_agree_with_pytorch() {
    agrees("digits");
    agrees("mlp");
}

#[test]
fn a_convolutional_network_agrees_with_pytorch() {
    agrees("lenet5");
}

#[test]
fn a_transformer_agrees_with_pytorch() {
    agrees("gpt");
}
