//! What all of them have in common, and what they need in comparison with others.

use crate::optim::{Iteration, Limits, OptimizerSpec, State, begin, minimize};
use crate::samples::{self, Function};
use crate::{Layout, Oracle};

fn iteration(text: &str, n: usize) -> Box<dyn Iteration<f64>> {
    text.parse::<OptimizerSpec>().unwrap().build(&Layout::flat(n)).into_iteration(f64::NAN)
}

/// Runs until ‖∇f‖∞ ≤ 1e-5 and gives the state, with values and gradients spent.
fn until_flat(text: &str, f: &Function, x: Vec<f64>) -> (State<f64>, [u64; 2]) {
    let oracle = Oracle::new(f);
    let iteration = iteration(text, x.len());
    let mut state = begin(&oracle, &*iteration, x).unwrap();
    while state.point.gradient.iter().any(|g| g.abs() > 1e-5) {
        let limits = Limits { iterations: state.iteration + 1, gradient_absolute: 0.0, ..Limits::default() };
        let before = state.iteration;
        let outcome = minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ());
        assert!(state.iteration > before && before < 100_000, "{text}: {}", outcome.ending);
    }
    let counts = oracle.counts();
    (state, [counts.values, counts.gradients])
}

fn start(n: usize) -> Vec<f64> {
    (0..n).map(|i| if i % 2 == 0 { -1.2 } else { 1.0 }).collect()
}

/// `tests/fixtures/smooth/evaluations.json`, made by `make.py` beside it.
#[test]
fn quasi_newton_methods_need_no_more_gradients_than_scipys() {
    let text = include_str!("../../../tests/fixtures/smooth/evaluations.json");
    let known: serde_json::Value = serde_json::from_str(text).unwrap();
    let runs = known["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 5);
    for run in runs {
        let n = run["n"].as_u64().unwrap() as usize;
        let name = if run["method"] == "BFGS" { "bfgs" } else { "lbfgs" };
        let (state, [values, gradients]) = until_flat(name, &samples::rosenbrock(n), start(n));
        eprintln!("{name} {n}: {values} values, {gradients} gradients, {}", state.point.value);
        assert_eq!(values, 0);
        assert!(gradients <= run["gradients"].as_u64().unwrap(), "{name}, n = {n}: {gradients}");
        // The chain has a second, local minimum.
        assert!(
            state.point.value < 1e-9 || (state.point.value - 3.986).abs() < 1e-3,
            "{}",
            state.point.value
        );
    }
}

#[test]
fn temporary() {
    for (n, texts) in [(2, vec!["bfgs", "bfgs:line=strong-wolfe", "lbfgs", "lbfgs:line=strong-wolfe"]), (100, vec!["bfgs", "bfgs:line=strong-wolfe", "lbfgs"]), (1000, vec!["lbfgs", "lbfgs:line=strong-wolfe", "cg", "cg:beta=pr+,line=more-thuente"])] {
        for text in texts {
            let t = std::time::Instant::now();
            let (state, counts) = until_flat(text, &samples::rosenbrock(n), start(n));
            eprintln!("{text} {n}: {} it, {counts:?}, {} {:?}", state.iteration, state.point.value, t.elapsed());
        }
    }
}

/// Every method with every search finds Rosenbrock's minimum.
#[test]
fn every_search_serves_every_method() {
    let lines = crate::optim::line::CHOICES;
    let betas = ["hz", "pr+", "fr", "hs", "dy"].map(|beta| format!("cg:beta={beta},line="));
    let others = ["gd:line=", "bb:line=", "bb:length=bb2,line=", "bfgs:line=", "lbfgs:line="];
    for method in others.map(str::to_owned).iter().chain(&betas) {
        for line in lines {
            let text = format!("{method}{line}");
            let (state, counts) = until_flat(&text, &samples::rosenbrock(2), start(2));
            assert!(state.point.x.iter().all(|x| (x - 1.0).abs() < 1e-4), "{text}: {:?}", state.point.x);
            let tally = iteration(&text, 2).tally(&state.memory);
            eprintln!("{text}: {} iterations, {counts:?}, {tally:?}", state.iteration);
        }
    }
}
