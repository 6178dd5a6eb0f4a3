//! What all of them have in common, and what they need in comparison with others.

use crate::optim::{
    BarzilaiBorwein, Beta, Bfgs, ConjugateGradients, Descent, Iteration, Lbfgs, Limits, LineSearch,
    MoreThuente, OptimizerSpec, Point, State, StepLength, TwoPoint, begin, minimize,
};
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

/// `tests/fixtures/smooth/evaluations.json`, made by `make.py` beside it. In many dimensions the last bits
/// of a sum move the count by some percent either way, so ours is the median over starts that differ in
/// them alone.
#[test]
fn quasi_newton_methods_need_no_more_gradients_than_scipys() {
    let text = include_str!("../../../tests/fixtures/smooth/evaluations.json");
    let known: serde_json::Value = serde_json::from_str(text).unwrap();
    let runs = known["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 5);
    for run in runs {
        let n = run["n"].as_u64().unwrap() as usize;
        let name = if run["method"] == "BFGS" { "bfgs" } else { "lbfgs" };
        let mut counts: Vec<u64> = (0..9)
            .map(|k| {
                let x = start(n).iter().map(|x| x * (1.0 + 1e-15 * f64::from(k))).collect();
                let (state, [values, gradients]) = until_flat(name, &samples::rosenbrock(n), x);
                assert_eq!(values, 0);
                // The chain has a second, local minimum.
                let value = state.point.value;
                assert!(value < 1e-9 || (value - 3.986).abs() < 1e-3, "{value}");
                gradients
            })
            .collect();
        counts.sort_unstable();
        let most = run["gradients"].as_u64().unwrap();
        assert!(counts[4] <= most, "{name}, n = {n}: {counts:?} against {most}");
    }
}

/// The same of Newton-CG, in gradients, of which a value is a third and a product two.
#[test]
fn newton_cg_needs_no_more_work_than_scipys() {
    let text = include_str!("../../../tests/fixtures/smooth/evaluations.json");
    let known: serde_json::Value = serde_json::from_str(text).unwrap();
    let known = &known["newton_cg"][0];
    let [n, values, gradients, products] =
        ["n", "values", "gradients", "products"].map(|key| known[key].as_f64().unwrap());
    let most = values / 3.0 + gradients + 2.0 * products;
    let mut costs: Vec<f64> = (0..5)
        .map(|k| {
            let f = samples::rosenbrock(n as usize);
            let oracle = Oracle::new(&f);
            let method = iteration("newton-cg", n as usize);
            let x = start(n as usize).iter().map(|x| x * (1.0 + 1e-15 * f64::from(k))).collect();
            let mut state = begin(&oracle, &*method, x).unwrap();
            // Norms of 1e-5 have no entry beyond it.
            let limits = Limits { gradient_absolute: 1e-5, ..Limits::default() };
            minimize(&oracle, &*method, &limits, &mut state, &mut |_| ());
            assert!(state.point.value < 1e-9 || (state.point.value - 3.986).abs() < 1e-3);
            oracle.cost()
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    assert!(costs[2] <= most, "{costs:?} against {most}");
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
            let (state, _) = until_flat(&text, &samples::rosenbrock(2), start(2));
            assert!(state.point.x.iter().all(|x| (x - 1.0).abs() < 1e-4), "{text}: {:?}", state.point.x);
        }
    }
}

/// On a quadratic with exact steps, BFGS, L-BFGS with n pairs and every formula of conjugate gradients
/// end after n steps. Moré and Thuente's search with a strict slope is as good as exact.
#[test]
fn conjugate_directions_end_on_a_quadratic_after_n_steps() {
    let spectrum = [1.0, 3.0, 10.0, 40.0, 100.0];
    let f = samples::quadratic(&spectrum);
    let length = StepLength::MoreThuente(MoreThuente { curvature: 1e-9, ..Default::default() });
    let steps = |iteration: &dyn Iteration<f64>| {
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, iteration, vec![1.0, -1.0, 1.0, 1.0, -1.0]).unwrap();
        let limits = Limits { gradient_absolute: 1e-6, ..Limits::default() };
        minimize(&oracle, iteration, &limits, &mut state, &mut |_| ()).iterations
    };
    assert_eq!(steps(&LineSearch { descent: Bfgs { scaled: true }, length }), 5);
    assert_eq!(steps(&LineSearch { descent: Bfgs { scaled: false }, length }), 5);
    assert_eq!(steps(&LineSearch { descent: Lbfgs { pairs: 5 }, length }), 5);
    for beta in
        [Beta::HagerZhang, Beta::PolakRibiere, Beta::FletcherReeves, Beta::HestenesStiefel, Beta::DaiYuan]
    {
        assert_eq!(steps(&LineSearch { descent: ConjugateGradients { beta }, length }), 5, "{beta:?}");
    }
    let steepest = steps(&LineSearch { descent: crate::optim::SteepestDescent, length });
    assert!(steepest > 50, "which steepest descent does not: {steepest}");
}

/// With as many pairs as steps, the two loops give the direction of the dense update from the same
/// scaled start, until that has been updated twice.
#[test]
fn two_loops_are_the_dense_inverse() {
    let f = samples::rosenbrock(4);
    let oracle = Oracle::new(&f);
    let points = [[-1.2, 1.0, -1.2, 1.0], [-1.0, 1.05, -1.1, 0.9]];
    let at = points.map(|x| {
        let mut gradient = vec![0.0; 4];
        let value = oracle.value_grad(&x, &mut gradient).unwrap();
        Point { x: x.to_vec(), value, gradient }
    });
    let (dense, limited) = (Bfgs { scaled: true }, Lbfgs { pairs: 3 });
    let (mut a, mut b) = (dense.init(4), limited.init(4));
    let (mut d, mut e) = (vec![0.0f64; 4], vec![0.0f64; 4]);
    for point in &at {
        dense.direction(&oracle, &mut a, point, &mut d).unwrap();
        limited.direction(&oracle, &mut b, point, &mut e).unwrap();
    }
    assert!(d.iter().zip(&e).all(|(d, e)| (d - e).abs() < 1e-12 * d.abs().max(1.0)), "{d:?} {e:?}");
    // Both meet the secant equation H y = s: the direction at a gradient of y is −s.
    let y: Vec<f64> = at[1].gradient.iter().zip(&at[0].gradient).map(|(a, b)| a - b).collect();
    let point = Point { gradient: y, ..at[1].clone() };
    dense.direction(&oracle, &mut a, &point, &mut d).unwrap();
    limited.direction(&oracle, &mut b, &point, &mut e).unwrap();
    for (i, (d, e)) in d.iter().zip(&e).enumerate() {
        let s = points[1][i] - points[0][i];
        assert!((d + s).abs() < 1e-12 && (e + s).abs() < 1e-12, "{i}: {d} {e} {s}");
    }
}

/// Along −cos x from 1.5 the curvature is positive, then, with a step over the top, negative.
#[test]
fn bad_pairs_are_left_out_and_counted() {
    let f = samples::function(1, |x| -x[0].cos(), |x, g| g[0] = x[0].sin(), |x, h| h[0] = x[0].cos());
    let oracle = Oracle::new(&f);
    let at = [1.5f64, 1.9].map(|x| Point { x: vec![x], value: -x.cos(), gradient: vec![x.sin()] });
    let methods: [Box<dyn Descent<f64>>; 3] = [
        Box::new(Bfgs::default()),
        Box::new(Lbfgs { pairs: 4 }),
        Box::new(BarzilaiBorwein { kind: TwoPoint::Long }),
    ];
    for method in methods {
        let mut memory = method.init(1);
        let mut direction = [0.0];
        for point in &at {
            method.direction(&oracle, &mut memory, point, &mut direction).unwrap();
        }
        assert_eq!(method.tally(&memory), [("pairs_left_out", 1)], "{}", method.name());
        assert!(direction[0] < 0.0, "{} descends all the same", method.name());
    }
}

/// On a quadratic the momentum alone rings: restarts make it end in far fewer steps, as many for a
/// condition of 10⁴ as √κ asks for.
#[test]
fn restarts_keep_acceleration_from_ringing() {
    let f = samples::diagonal(&[1e-4, 1e-3, 1e-2, 0.1, 1.0]);
    let steps = |text: &str| {
        let oracle = Oracle::new(&f);
        let iteration = iteration(text, 5);
        let mut state = begin(&oracle, &*iteration, vec![1.0; 5]).unwrap();
        let limits = Limits { iterations: 100_000, gradient_absolute: 1e-8, ..Limits::default() };
        let outcome = minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ());
        assert!(outcome.gradient_norm <= 1e-8, "{text}: {}", outcome.ending);
        (outcome.iterations, iteration.tally(&state.memory)[0].1)
    };
    let (gradient, restarts) = steps("accelerated");
    let (function, _) = steps("accelerated:restart=function");
    let (never, none) = steps("accelerated:restart=never");
    let plain = steps("gd:line=constant,step=1").0;
    assert!(restarts > 0 && none == 0);
    assert!(gradient < 3000 && function < 3000, "{gradient} {function}");
    assert!(2 * gradient < never && 20 * gradient < plain, "{gradient} {never} {plain}");
}
