//! Built-in networks against PyTorch; `fixtures/networks/make.py` writes the numbers and says how
//! weights, data and vectors are made.

use serde_json::Value as Json;
use thalweg_lab::problem::network::{
    BatchNorm, Data, InputKind, Inputs, Loss, Model, ModelSpec, Network, Settings, Statistics, Targets,
};
use thalweg_lab::{Curvature, Objective};

use crate::support::*;

const FIXTURES: &str = include_str!("../fixtures/networks/networks.json");

/// u(stream, start), u(stream, start + 1), …
fn uniforms(stream: u64, start: usize, count: usize) -> Vec<f64> {
    let number = |i: usize| {
        let mut z = ((stream << 32) + i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * 2f64.powi(-53)
    };
    (start..start + count).map(number).collect()
}

fn numbers_of(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn size(json: &Json) -> usize {
    json.as_u64().unwrap() as usize
}

struct Fixture {
    json: Json,
    model: ModelSpec,
    network: Network<f64>,
    x: Vec<f64>,
}

fn fixtures() -> Vec<Fixture> {
    let all: Vec<Json> = serde_json::from_str(FIXTURES).unwrap();
    all.into_iter().map(Fixture::new).collect()
}

impl Fixture {
    fn new(json: Json) -> Self {
        let model: ModelSpec = json["model"].as_str().unwrap().parse().unwrap();
        let loss: Loss = serde_json::from_value(json["loss"].clone()).unwrap();
        let examples = size(&json["examples"]);
        let batch_norm = match json["frozen"].as_bool().unwrap() {
            true => BatchNorm::Frozen,
            false => BatchNorm::Batch { size: examples },
        };
        let settings = Settings { loss, batch_norm, ..Default::default() };
        let data = data(&json, &model, examples);
        let mut network = Network::new(model.clone(), data, settings).unwrap();
        let mut at = 0;
        for (i, buffer) in model.buffers().iter().enumerate() {
            let count = buffer.value.ty().size();
            let value = |u: f64| if i % 2 == 0 { 0.3 * (2.0 * u - 1.0) } else { 1.0 + u };
            let values: Vec<f64> = uniforms(5, at, count).into_iter().map(value).collect();
            network.set_buffer(&buffer.name, &values);
            at += count;
        }
        let x = weights(&model);
        Self { json, model, network, x }
    }

    fn name(&self) -> String {
        format!("{} frozen {}", self.model, self.json["frozen"])
    }

    /// ‖w‖ and the products with three vectors, against what PyTorch found.
    #[track_caller]
    fn check(&self, what: &str, w: &[f64]) {
        let norm = w.iter().map(|w| w * w).sum::<f64>().sqrt();
        let expected = self.json[what]["norm"].as_f64().unwrap();
        assert!((norm / expected - 1.0).abs() < 1e-9, "{} {what}: {norm} and {expected}", self.name());
        for (k, expected) in numbers_of(&self.json[what]["products"]).into_iter().enumerate() {
            let v = vector(k, w.len());
            let found: f64 = v.iter().zip(w).map(|(v, w)| v * w).sum();
            let close = (found - expected).abs() < 1e-9 * norm.max(expected.abs());
            assert!(close, "{} {what} {k}: {found} and {expected}", self.name());
        }
    }
}

fn vector(k: usize, n: usize) -> Vec<f64> {
    uniforms(3, k * n, n).into_iter().map(|u| 2.0 * u - 1.0).collect()
}

fn weights(model: &ModelSpec) -> Vec<f64> {
    let layout = model.layout();
    let u = uniforms(2, 0, layout.dimension());
    let mut x = vec![0.0; u.len()];
    for block in layout.blocks() {
        let fan: usize = block.shape[1..].iter().product();
        for i in block.range.clone() {
            let unit = 2.0 * u[i] - 1.0;
            x[i] = match (block.shape.len(), block.name.ends_with("weight")) {
                (1, true) => 1.0 + 0.2 * unit,
                (1, false) => 0.2 * unit,
                _ => 1.5 * unit / (fan as f64).sqrt(),
            };
        }
    }
    x
}

fn data(json: &Json, model: &ModelSpec, examples: usize) -> Data<f64> {
    let input = model.input();
    let features = input.size();
    let count = size(&json["classes"]);
    let below = |u: Vec<f64>, n: usize| u.into_iter().map(|u| (u * n as f64) as i32).collect::<Vec<_>>();
    let (inputs, mut labels, count) = match input.kind {
        InputKind::Numbers => {
            let x = uniforms(1, 0, examples * features).into_iter().map(|u| 2.0 * u - 1.0).collect();
            (Inputs::Numbers(x), below(uniforms(4, 0, examples), count), count)
        }
        InputKind::Tokens { vocabulary } => {
            let x = below(uniforms(1, 0, examples * features), vocabulary);
            (Inputs::Tokens(x), below(uniforms(4, 0, examples * features), vocabulary), vocabulary)
        }
    };
    if json["ignore"].as_bool().unwrap() {
        labels.iter_mut().step_by(5).for_each(|label| *label = -1);
    }
    let targets = match json["loss"]["kind"].as_str().unwrap() {
        "cross-entropy" => Targets::Classes { labels, count },
        _ => Targets::Values { values: uniforms(4, 0, examples * count), width: count },
    };
    Data { inputs, features, targets }
}

#[test]
fn parameters_have_pytorchs_names_shapes_and_order() {
    for fixture in fixtures() {
        let layout = fixture.model.layout();
        let found = layout.blocks().iter().map(|b| (b.name.clone(), b.shape.clone()));
        let expected = fixture.json["blocks"].as_array().unwrap().iter();
        let expected = expected.map(|block| {
            let shape = numbers_of(&block[1]).into_iter().map(|n| n as usize).collect::<Vec<_>>();
            (block[0].as_str().unwrap().to_owned(), shape)
        });
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{}", fixture.name());
    }
}

#[test]
fn outputs_losses_and_gradients_are_pytorchs() {
    for fixture in fixtures() {
        let statistics = match fixture.json["frozen"].as_bool().unwrap() {
            true => Statistics::Fixed,
            false => Statistics::Batch,
        };
        let found = outputs(&fixture.network, &fixture.x, statistics);
        let expected = numbers_of(&fixture.json["outputs"]);
        assert_close(&found[..expected.len()], &expected, 1e-10, &fixture.name());
        let value = fixture.json["value"].as_f64().unwrap();
        let found = fixture.network.value(&fixture.x);
        assert!((found / value - 1.0).abs() < 1e-11, "{}: {found} and {value}", fixture.name());
        fixture.check("gradient", &gradient(&fixture.network, &fixture.x));
    }
}

#[test]
fn hessian_and_gauss_newton_products_are_pytorchs() {
    for fixture in fixtures() {
        let n = fixture.x.len();
        let v = vector(0, n);
        for (what, curvature) in [("hessian", Curvature::Hessian), ("ggn", Curvature::GaussNewton)] {
            fixture.check(what, &products(&fixture.network, &fixture.x, curvature, &v));
        }
    }
}

#[test]
fn batch_statistics_are_pytorchs_running_ones() {
    let mut seen = 0;
    for mut fixture in fixtures() {
        let expected = numbers_of(&fixture.json["statistics"]);
        if expected.is_empty() {
            continue;
        }
        let x = fixture.x.clone();
        fixture.network.freeze(&x);
        let found: Vec<f64> = fixture.network.buffers().flat_map(|(_, values)| values).copied().collect();
        assert_close(&found, &expected, 1e-12, &fixture.name());
        seen += 1;
    }
    assert_eq!(seen, 4);
}
