use std::time::Instant;
use thalweg_lab::problem::network::*;
use thalweg_lab::random::Stream;
use thalweg_lab::{Curvature, Objective};

fn main() {
    let spec = std::env::args().nth(1).unwrap();
    let examples: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let reps: usize = std::env::args().nth(3).unwrap().parse().unwrap();
    let frozen = std::env::args().nth(4).is_some();
    let model: ModelSpec = spec.parse().unwrap();
    let input = model.input();
    let n = input.size() * examples;
    let output = model.output();
    let classes = *output.last().unwrap();
    let positions: usize = output[..output.len() - 1].iter().product();
    let mut u = vec![0.0f32; n];
    Stream::new(1, "x", 0).fill_uniform(0.0, 1.0, &mut u);
    let inputs = match input.kind {
        InputKind::Numbers => Inputs::Numbers(u),
        InputKind::Tokens { vocabulary } => Inputs::Tokens(
            u.iter().map(|u| ((*u * vocabulary as f32) as i32).min(vocabulary as i32 - 1)).collect(),
        ),
    };
    let labels = (0..examples * positions).map(|i| (i * 7 % classes) as i32).collect();
    let data = Data { inputs, features: input.size(), targets: Targets::Classes { labels, count: classes } };
    let settings = Settings {
        batch_norm: if frozen { BatchNorm::Frozen } else { BatchNorm::Batch { size: examples } },
        ..Default::default()
    };
    let x: Vec<f32> = model.initialization().draw(&model, 1);
    let network = Network::new(model, data, settings).unwrap();
    println!("{} parameters", x.len());
    let mut g = vec![0.0f32; x.len()];
    for _ in 0..reps {
        let t = Instant::now();
        let v = network.value_grad(&x, &mut g);
        println!("gradient {:?} {v}", t.elapsed());
    }
    for c in [Curvature::Hessian, Curvature::GaussNewton] {
        let (kept, working) = network.product_bytes(c);
        println!("{c:?}: kept {} MB, working {} MB", kept >> 20, working >> 20);
        let t = Instant::now();
        let mut op = network.linearize(&x, c).unwrap();
        println!("linearize {:?}", t.elapsed());
        let v = vec![0.5f32; x.len()];
        let mut h = vec![0.0f32; x.len()];
        for _ in 0..reps {
            let t = Instant::now();
            op.apply(&v, &mut h).unwrap();
            println!("product {:?}", t.elapsed());
        }
    }
}
