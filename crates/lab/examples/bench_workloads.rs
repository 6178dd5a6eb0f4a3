//! The workloads of the peer benchmark (`bench/peers/README.md`), done by Thalweg.
//!
//! `cargo run --release -p thalweg-lab --example bench_workloads -- --workload digits/gradient --threads 2 --budget 2`

#![forbid(unsafe_code)]

#[path = "../benches/workloads/clock.rs"]
mod clock;
#[path = "../benches/workloads/networks.rs"]
mod networks;
#[path = "../benches/workloads/setting.rs"]
#[allow(dead_code, reason = "the benchmarks use more of it")]
mod setting;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use clock::processor_seconds;
use networks::Workload;
use serde_json::{Value, json};
use setting::{BATCH, batches, parameters, uniform, vectors};
use thalweg_graph::Threads;
use thalweg_lab::krylov::lanczos;
use thalweg_lab::landscape::{Axis, Direction, Normalization, PlaneProgress, PlaneSpec};
use thalweg_lab::optim::{Adam, Method, Rates};
use thalweg_lab::problem::network::{Network, Settings};
use thalweg_lab::{Curvature, FiniteSum, Objective, Oracle};

/// Repetitions at least, unless they would take ten times the budget.
const REPETITIONS: usize = 5;
/// Vectors of a block.
const BLOCK: usize = 8;

/// What a workload takes, in seconds a unit.
struct Measured {
    seconds: f64,
    median: f64,
    cpu: f64,
    variant: &'static str,
    check: f64,
}

/// Repeats `work`, which does `units` units, until the budget is spent, after one run that does not count.
fn time(budget: f64, units: usize, mut work: impl FnMut()) -> Measured {
    work();
    let (mut walls, mut cpu, mut spent) = (Vec::new(), f64::INFINITY, 0.0);
    while spent < budget || walls.len() < REPETITIONS && spent < 10.0 * budget {
        let (start, used) = (Instant::now(), processor_seconds());
        work();
        cpu = cpu.min(processor_seconds() - used);
        walls.push(start.elapsed().as_secs_f64());
        spent += walls[walls.len() - 1];
    }
    walls.sort_by(f64::total_cmp);
    let units = units as f64;
    let (seconds, median) = (walls[0] / units, walls[walls.len() / 2] / units);
    Measured { seconds, median, cpu: cpu / units, variant: "", check: f64::NAN }
}

fn norm(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
}

fn gradient(network: &Network<f32>, budget: f64) -> Measured {
    let x = parameters(network);
    let mut g = vec![0.0; x.len()];
    let times = time(budget, 1, || _ = black_box(network.value_grad(black_box(&x), &mut g)));
    Measured { variant: "sharded", check: norm(&g), ..times }
}

fn product(network: &Network<f32>, curvature: Curvature, count: usize, budget: f64) -> Measured {
    let x = parameters(network);
    let v = vectors(count, x.len());
    let mut products = vec![0.0; v.len()];
    let mut operator = network.linearize(&x, curvature).expect("a network has this matrix");
    let work = || operator.apply(black_box(&v), &mut products).expect("nothing stops it");
    let times = time(budget, count, work);
    Measured { variant: "kept linearization", check: norm(&products), ..times }
}

fn krylov(network: &Network<f32>, steps: usize, budget: f64) -> Measured {
    let x = parameters(network);
    let start = vectors(1, x.len());
    let mut operator = network.linearize(&x, Curvature::Hessian).expect("a network has a Hessian");
    let mut check = f64::NAN;
    let times = time(budget, steps, || {
        let process = lanczos(&mut *operator, &start, steps).expect("nothing stops it");
        check = process.eigen().values.into_iter().fold(f64::NEG_INFINITY, f64::max);
    });
    Measured { variant: "kept linearization", check, ..times }
}

fn plane(network: &Network<f32>, side: usize, budget: f64) -> Measured {
    let x = parameters(network);
    let n = x.len();
    let direction = |d: usize| Direction {
        name: format!("d{d}"),
        vector: (0..n).map(|i| (2.0 * uniform(4, d * n + i) - 1.0) / (n as f32).sqrt()).collect(),
        normalization: Normalization::None,
    };
    let (first, second) = (direction(0), direction(1));
    let axis = Axis::symmetric(1.0, side).expect("a side has two points");
    let spec = PlaneSpec::new(&x, [&first, &second], [axis, axis]).expect("the directions span a plane");
    let mut check = f64::NAN;
    // The plane's own cells, and its centre.
    let times = time(budget, spec.cells() + 1, || {
        let plane = spec
            .advance(&Oracle::new(network), &mut PlaneProgress::default(), &mut |_| Ok(()))
            .expect("nothing stops it");
        check = plane.values.iter().sum::<f64>() / plane.values.len() as f64;
    });
    Measured { variant: "first layer once", check, ..times }
}

fn steps(network: &Network<f32>, budget: f64) -> Measured {
    let start = parameters(network);
    let n = start.len();
    let batches = batches(network);
    let mut minibatch = network.minibatch(BATCH);
    let adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut x = start.clone();
    let mut g = vec![0.0; n];
    let times = time(budget, batches.len() / BATCH, || {
        x.copy_from_slice(&start);
        let mut memory = adam.init(n);
        for batch in batches.chunks_exact(BATCH) {
            minibatch.value_grad(&x, batch, &mut g);
            adam.step(&mut memory, &mut x, &g, Rates::new(1e-3));
        }
    });
    Measured { variant: "minibatches", check: network.value(&x), ..times }
}

/// One product with nothing prepared; processor time counts from the start of the process.
fn first_product(network: &Network<f32>) -> Measured {
    let x = parameters(network);
    let mut product = vec![0.0; x.len()];
    let start = Instant::now();
    let mut operator = network.linearize(&x, Curvature::Hessian).expect("a network has a Hessian");
    operator.apply(&vectors(1, x.len()), &mut product).expect("nothing stops it");
    let seconds = start.elapsed().as_secs_f64();
    let cpu = processor_seconds();
    Measured { seconds, median: seconds, cpu, variant: "nothing prepared", check: norm(&product) }
}

/// The measurement, or why there is none.
fn measure(workload: &Workload, quantity: &str, threads: usize, budget: f64) -> Result<Measured, String> {
    let settings = Settings { threads: Threads::new(threads), ..Settings::default() };
    let network = &workload.open(quantity, settings)?;
    Ok(match quantity {
        "gradient" => gradient(network, budget),
        "product" => product(network, Curvature::Hessian, 1, budget),
        "product-block" => product(network, Curvature::Hessian, BLOCK, budget),
        "ggn" => product(network, Curvature::GaussNewton, 1, budget),
        "lanczos" => krylov(network, workload.steps, budget),
        "plane" => plane(network, workload.side, budget),
        "steps" if workload.name == "digits" => steps(network, budget),
        "first-product" => first_product(network),
        _ => return Err(format!("{quantity:?} of {} is not measured", workload.name)),
    })
}

/// The line that answers the arguments.
fn answer(args: &[String]) -> Result<Value, String> {
    let option = |name: &str| {
        let at = args.iter().position(|a| a == name).ok_or(format!("expected {name}"))?;
        args.get(at + 1).ok_or(format!("{name} has no value"))
    };
    let name = option("--workload")?.as_str();
    let threads: usize = option("--threads")?.parse().map_err(|e| format!("--threads: {e}"))?;
    let budget: f64 = option("--budget")?.parse().map_err(|e| format!("--budget: {e}"))?;
    let (network, quantity) = name.split_once('/').ok_or("expected --workload NETWORK/QUANTITY")?;
    let who = json!({ "peer": "thalweg", "workload": name });
    let what = match measure(networks::find(network)?, quantity, threads, budget) {
        Err(reason) => json!({ "missing": reason }),
        Ok(m) => json!({
            "version": concat!("thalweg ", env!("CARGO_PKG_VERSION")), "threads": threads,
            "seconds": m.seconds, "median": m.median, "cpu": m.cpu, "variant": m.variant, "check": m.check,
        }),
    };
    let [Value::Object(mut line), Value::Object(rest)] = [who, what] else {
        unreachable!("both are objects")
    };
    line.extend(rest);
    Ok(Value::Object(line))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match answer(&args) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
