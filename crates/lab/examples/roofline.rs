//! What the arithmetic and the traffic of a workload are, and how long it takes: the lines of `cargo xtask roofline`.
//!
//! `cargo run --release -p thalweg-lab --example roofline -- --threads 2 --budget 1 --network digits --network mlp`

#![forbid(unsafe_code)]

#[path = "roofline/alone.rs"]
mod alone;
#[path = "../benches/workloads/clock.rs"]
mod clock;
#[path = "roofline/counts.rs"]
mod counts;
#[path = "roofline/machine.rs"]
mod machine;
#[path = "../benches/workloads/networks.rs"]
#[allow(dead_code, reason = "the benchmark of peers uses more of it")]
mod networks;
#[path = "../benches/workloads/setting.rs"]
#[allow(dead_code, reason = "the benchmarks use more of it")]
mod setting;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use clock::processor_seconds;
use counts::Counts;
use networks::{NETWORKS, Workload, find};
use serde_json::json;
use setting::{parameters, vectors};
use thalweg_graph::{Graph, Threads};
use thalweg_lab::problem::network::{Network, Settings};
use thalweg_lab::{Curvature, FiniteSum, Objective};

/// The quantities, with the number of vectors and the matrix of products.
const QUANTITIES: [(&str, usize, Option<Curvature>); 4] = [
    ("gradient", 1, None),
    ("product", 1, Some(Curvature::Hessian)),
    ("product-block", 8, Some(Curvature::Hessian)),
    ("ggn", 1, Some(Curvature::GaussNewton)),
];

struct Options {
    threads: usize,
    budget: f64,
    networks: Vec<&'static Workload>,
}

impl Options {
    fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self { threads: 1, budget: 1.0, networks: Vec::new() };
        let mut args = args.iter();
        while let Some(name) = args.next() {
            let value = args.next().ok_or_else(|| format!("{name} has no value"))?;
            let wrong = |what: &str| format!("{name} is {what}, found {value:?}");
            match name.as_str() {
                "--threads" => options.threads = value.parse().map_err(|_| wrong("a number of threads"))?,
                "--budget" => options.budget = value.parse().map_err(|_| wrong("a number of seconds"))?,
                "--network" => options.networks.push(find(value)?),
                _ => {
                    return Err(format!(
                        "unknown option {name:?}: expected --threads, --budget or --network"
                    ));
                }
            }
        }
        if options.networks.is_empty() {
            options.networks = NETWORKS.iter().collect();
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match Options::parse(&args) {
        Ok(options) => {
            run(&options);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) {
    let threads = Threads::new(options.threads);
    let gemm = machine::gemm(&threads, options.budget);
    let bandwidth = machine::bandwidth(options.threads, options.budget);
    println!("{}", json!({ "threads": options.threads, "gemm": gemm, "bandwidth": bandwidth }));
    for workload in &options.networks {
        let settings = Settings { threads: threads.clone(), ..Settings::default() };
        match workload.open::<f32>("product", settings) {
            Ok(network) => lines(workload.name, &network, options),
            Err(reason) => eprintln!("{reason}"),
        }
    }
}

/// A line for each quantity of a network.
fn lines(name: &str, network: &Network<f32>, options: &Options) {
    for (quantity, count, curvature) in QUANTITIES {
        let seconds = match curvature {
            None => gradient(network, options),
            Some(curvature) => product(network, curvature, count, options),
        };
        let graph = |examples| match curvature {
            None => network.gradient_graph(examples),
            Some(curvature) => {
                let [_, tangent] = network.product_graphs(curvature, examples, count);
                tangent
            }
        };
        let (counts, alone) = whole(network, graph, options);
        let units = count as f64;
        println!(
            "{}",
            json!({
                "workload": format!("{name}/{quantity}"), "threads": options.threads, "seconds": seconds / units,
                "flop": counts.flop / units, "elements": counts.elements / units, "bytes": counts.bytes / units,
                "alone": alone.map(|alone| alone / units),
            })
        );
    }
}

/// The counts of all shards; on one thread also the seconds that their products take alone.
fn whole(network: &Network<f32>, graph: impl Fn(usize) -> Graph, options: &Options) -> (Counts, Option<f64>) {
    let (examples, shard) = (FiniteSum::examples(network), network.shard());
    let (mut counts, mut alone) = (Counts::default(), (options.threads == 1).then_some(0.0));
    for (size, times) in [(shard, examples / shard), (examples % shard, 1)] {
        if size > 0 && times > 0 {
            let graph = graph(size);
            counts.add(&counts::of(&graph), times as f64);
            alone = alone.map(|sum| sum + times as f64 * alone::seconds(&graph, options.budget));
        }
    }
    (counts, alone)
}

fn gradient(network: &Network<f32>, options: &Options) -> f64 {
    let x = parameters(network);
    let mut g = vec![0.0; x.len()];
    fastest(options.threads, options.budget, || _ = black_box(network.value_grad(black_box(&x), &mut g)))
}

fn product(network: &Network<f32>, curvature: Curvature, count: usize, options: &Options) -> f64 {
    let x = parameters(network);
    let v = vectors(count, x.len());
    let mut products = vec![0.0; v.len()];
    let mut operator = network.linearize(&x, curvature).expect("a network has this matrix");
    fastest(options.threads, options.budget, || {
        operator.apply(black_box(&v), &mut products).expect("nothing stops it")
    })
}

/// Least seconds of a run within the budget, after one that does not count; of three at least. Of one thread
/// the processor time, which other programs on the machine disturb less.
fn fastest(threads: usize, budget: f64, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let now = || if threads == 1 { processor_seconds() } else { begin.elapsed().as_secs_f64() };
    work();
    let (mut best, mut runs) = (f64::INFINITY, 0);
    while runs < 3 || begin.elapsed().as_secs_f64() < budget {
        let start = now();
        work();
        best = best.min(now() - start);
        runs += 1;
    }
    best
}
