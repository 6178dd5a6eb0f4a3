//! The optimizer benchmark (`bench/peers/README.md`), done by Thalweg, with its own methods and those of the crate basin.
//!
//! `cargo run --release -p thalweg-lab --example bench_optimizers -- --problem rosenbrock:1000 --method lbfgs --budget 1`

#![forbid(unsafe_code)]

#[path = "../benches/workloads/clock.rs"]
mod clock;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use clock::processor_seconds;
use serde_json::{Value, json};
use thalweg_graph::Threads;
use thalweg_lab::krylov::SymmetricOperator;
use thalweg_lab::optim::{Ending, Limits, Optimizer, OptimizerSpec, begin, minimize};
use thalweg_lab::problem::analytic::{Analytic, Function};
use thalweg_lab::{Counts, Curvature, Layout, Objective, Oracle, Stop, Unsupported};

/// A run ends at the first gradient whose largest entry is within this.
const TOLERANCE: f64 = 1e-5;
/// Repetitions at least, unless they would take ten times the budget.
const REPETITIONS: usize = 5;

/// An objective that sees when a gradient is small enough.
struct Watched {
    objective: Analytic<f64>,
    reached: AtomicBool,
    value: AtomicU64,
}

impl Objective<f64> for Watched {
    fn layout(&self) -> &Layout {
        self.objective.layout()
    }

    fn value(&self, x: &[f64]) -> f64 {
        self.objective.value(x)
    }

    fn value_grad(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let value = self.objective.value_grad(x, gradient);
        if gradient.iter().all(|g| g.abs() <= TOLERANCE) {
            self.value.store(value.to_bits(), Ordering::Relaxed);
            self.reached.store(true, Ordering::Relaxed);
        }
        value
    }

    fn linearize<'a>(
        &'a self,
        x: &[f64],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<f64> + 'a>, Unsupported> {
        self.objective.linearize(x, curvature)
    }
}

/// Runs the method from the usual start until a gradient is small; what it evaluated, or how it ended before.
fn solve(watched: &Watched, spec: &OptimizerSpec) -> Result<Counts, String> {
    watched.reached.store(false, Ordering::Relaxed);
    let oracle = Oracle::new(watched).with_cancel(&watched.reached);
    let start = watched.objective.function().start::<f64>();
    let limits = Limits { gradient_absolute: 0.0, iterations: u64::MAX, ..Limits::default() };
    let ending = match spec.build::<f64>(watched.layout()) {
        Optimizer::Solver(solver) => {
            let (_, outcome) =
                solver.solve(&oracle, start, &limits, &mut |_, _| ()).map_err(|stop| stop.to_string())?;
            outcome.ending
        }
        optimizer => {
            let iteration = optimizer.into_iteration(spec.learning_rate().unwrap_or(f64::NAN));
            let mut state = begin(&oracle, &*iteration, start).map_err(|stop| stop.to_string())?;
            minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ()).ending
        }
    };
    match ending {
        Ending::Stopped(Stop::Cancelled) => Ok(oracle.counts()),
        other => Err(format!("it ended before: {other}")),
    }
}

/// The line that answers the arguments.
fn answer(args: &[String]) -> Result<Value, String> {
    let option = |name: &str| {
        let at = args.iter().position(|a| a == name).ok_or(format!("expected {name}"))?;
        args.get(at + 1).ok_or(format!("{name} has no value"))
    };
    let (problem, method) = (option("--problem")?, option("--method")?);
    let budget: f64 = option("--budget")?.parse().map_err(|e| format!("--budget: {e}"))?;
    let function: Function = problem.parse().map_err(|e| format!("--problem: {e}"))?;
    let spec: OptimizerSpec = method.parse().map_err(|e| format!("--method: {e}"))?;
    let watched = Watched {
        objective: Analytic::new(function, Threads::new(1)),
        reached: AtomicBool::new(false),
        value: AtomicU64::new(0),
    };
    let counts = match solve(&watched, &spec) {
        Ok(counts) => counts,
        Err(reason) => return Ok(json!({ "problem": problem, "method": method, "missing": reason })),
    };
    let (mut walls, mut cpu, mut spent) = (Vec::new(), f64::INFINITY, 0.0);
    while walls.is_empty() || spent < budget || walls.len() < REPETITIONS && spent < 10.0 * budget {
        let (start, used) = (Instant::now(), processor_seconds());
        let again = solve(&watched, &spec)?;
        cpu = cpu.min(processor_seconds() - used);
        walls.push(start.elapsed().as_secs_f64());
        spent += walls[walls.len() - 1];
        assert_eq!(again, counts, "the same run has the same counts");
    }
    walls.sort_by(f64::total_cmp);
    Ok(json!({
        "version": concat!("thalweg ", env!("CARGO_PKG_VERSION")), "problem": problem, "method": method,
        "values": counts.values, "gradients": counts.gradients, "products": counts.products,
        "seconds": walls[0], "median": walls[walls.len() / 2], "cpu": cpu,
        "value": f64::from_bits(watched.value.load(Ordering::Relaxed)),
    }))
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
