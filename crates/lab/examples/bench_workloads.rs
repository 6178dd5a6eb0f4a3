//! The workloads of the peer benchmark (`bench/peers/README.md`), done by Thalweg.
//!
//! `cargo run --release -p thalweg-lab --example bench_workloads -- --workload digits-gradient --threads 2 --budget 2`

#![forbid(unsafe_code)]

#[path = "../benches/workloads/setting.rs"]
mod setting;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use setting::{BATCH, DIGITS, MLP, batches, parameters, take_turns, uniform, vectors};
use thalweg_graph::Threads;
use thalweg_lab::optim::{Adam, Method, Rates};
use thalweg_lab::problem::network::{Network, Settings};
use thalweg_lab::{Curvature, FiniteSum, Objective};

fn norm(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
}

/// Fastest and median seconds of `work`, repeated until the budget is spent.
fn time(budget: f64, mut work: impl FnMut()) -> (f64, f64) {
    let seconds = &take_turns(budget, 5, &mut [&mut work])[0];
    (seconds[0], seconds[seconds.len() / 2])
}

struct Measured {
    seconds: f64,
    median: f64,
    variant: &'static str,
    check: f64,
}

fn measured((seconds, median): (f64, f64), units: f64, variant: &'static str, check: f64) -> Measured {
    Measured { seconds: seconds / units, median: median / units, variant, check }
}

fn gradient(network: &Network<f32>, budget: f64) -> Measured {
    let x = parameters(network);
    let mut g = vec![0.0; x.len()];
    let times = time(budget, || _ = black_box(network.value_grad(black_box(&x), &mut g)));
    measured(times, 1.0, "sharded", norm(&g))
}

fn product(network: &Network<f32>, count: usize, budget: f64) -> Measured {
    let x = parameters(network);
    let v = vectors(count, x.len());
    let mut products = vec![0.0; v.len()];
    let mut operator = network.linearize(&x, Curvature::Hessian).expect("a network has a Hessian");
    let times = time(budget, || operator.apply(black_box(&v), &mut products).expect("nothing stops it"));
    measured(times, count as f64, "kept linearization", norm(&products))
}

fn plane(network: &Network<f32>, budget: f64) -> Measured {
    let x = parameters(network);
    let n = x.len();
    let direction = |d: usize| -> Vec<f32> {
        (0..n).map(|i| (2.0 * uniform(4, d * n + i) - 1.0) / (n as f32).sqrt()).collect()
    };
    let (d0, d1) = (direction(0), direction(1));
    let at = |i: usize| -1.0 + 2.0 * i as f32 / 50.0;
    let coordinates: Vec<f64> = (0..51 * 51).flat_map(|p| [at(p / 51), at(p % 51)].map(f64::from)).collect();
    let mut values = vec![0.0; 51 * 51];
    let times = time(budget, || {
        network.values_along(black_box(&x), &[&d0, &d1], black_box(&coordinates), &mut values);
    });
    measured(times, 1.0, "first layer once", values.iter().sum::<f64>() / values.len() as f64)
}

fn steps(network: &Network<f32>, budget: f64) -> Measured {
    let start = parameters(network);
    let n = start.len();
    let batches = batches(network);
    let mut minibatch = network.minibatch(BATCH);
    let adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut x = start.clone();
    let mut g = vec![0.0; n];
    let times = time(budget, || {
        x.copy_from_slice(&start);
        let mut memory = adam.init(n);
        for batch in batches.chunks_exact(BATCH) {
            minibatch.value_grad(&x, batch, &mut g);
            adam.step(&mut memory, &mut x, &g, Rates::new(1e-3));
        }
    });
    measured(times, 280.0, "minibatches", network.value(&x))
}

fn run(args: &[String]) -> Result<(), String> {
    let option = |name: &str| {
        let at = args.iter().position(|a| a == name).ok_or(format!("expected {name}"))?;
        args.get(at + 1).ok_or(format!("{name} has no value"))
    };
    let workload = option("--workload")?.as_str();
    let threads: usize = option("--threads")?.parse().map_err(|e| format!("--threads: {e}"))?;
    let budget: f64 = option("--budget")?.parse().map_err(|e| format!("--budget: {e}"))?;
    let network = |size| {
        let settings = Settings { threads: Threads::new(threads), ..Settings::default() };
        setting::network::<f32>(size, settings)
    };
    let (digits, mlp) = (|| network(DIGITS), || network(MLP));
    let m = match workload {
        "digits-gradient" => gradient(&digits(), budget),
        "mlp-gradient" => gradient(&mlp(), budget),
        "digits-product" => product(&digits(), 1, budget),
        "mlp-product" => product(&mlp(), 1, budget),
        "digits-product-block" => product(&digits(), 8, budget),
        "mlp-product-block" => product(&mlp(), 8, budget),
        "digits-plane" => plane(&digits(), budget),
        "digits-steps" => steps(&digits(), budget),
        "first-product" => {
            let network = digits();
            let x = parameters(&network);
            let mut product = vec![0.0; x.len()];
            let start = Instant::now();
            let mut operator = network.linearize(&x, Curvature::Hessian).map_err(|e| e.to_string())?;
            operator.apply(&vectors(1, x.len()), &mut product).map_err(|e| e.to_string())?;
            let seconds = start.elapsed().as_secs_f64();
            Measured { seconds, median: seconds, variant: "nothing prepared", check: norm(&product) }
        }
        _ => return Err(format!("unknown workload {workload:?}")),
    };
    println!(
        "{{\"peer\":\"thalweg\",\"workload\":\"{workload}\",\"seconds\":{:e},\"median\":{:e},\"variant\":\"{}\",\"check\":{}}}",
        m.seconds, m.median, m.variant, m.check
    );
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
