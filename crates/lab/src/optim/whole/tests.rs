use std::f64::consts::PI;

use super::*;
use crate::optim::{Optimizer, OptimizerSpec};
use crate::samples::{self, Function};
use crate::{Budget, Evaluation, Layout};

fn solver(text: &str, n: usize) -> Box<dyn Solver<f64>> {
    match text.parse::<OptimizerSpec>().unwrap().build(&Layout::flat(n)) {
        Optimizer::Solver(solver) => solver,
        other => panic!("{} is none", other.name()),
    }
}

const ALL: [&str; 6] = [
    "basin-lbfgs",
    "basin-trust-region",
    "nelder-mead",
    "cma-es",
    "differential-evolution:radius=3,generations=200",
    "basin-hopping:hops=10",
];

/// Each finds Rosenbrock's minimum; all that it evaluates is counted, and `observe` sees ever
/// lower values of which the last is the result.
#[test]
fn all_find_rosenbrocks_minimum_under_our_oracle() {
    for text in ALL {
        let f = samples::rosenbrock(2);
        let oracle = Oracle::new(&f);
        let mut seen = Vec::new();
        let limits = Limits { gradient_absolute: 0.0, ..Limits::default() };
        let mut observe = |x: &[f64], value: f64| seen.push((x.to_vec(), value));
        let (x, outcome) = solver(text, 2).solve(&oracle, vec![-1.2, 1.0], &limits, &mut observe).unwrap();
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-3), "{text}: {x:?}, {}", outcome.ending);
        assert_eq!(outcome.counts, oracle.counts());
        assert!(outcome.counts.values + outcome.counts.gradients >= seen.len() as u64);
        assert!(seen.windows(2).all(|w| w[1].1 < w[0].1), "{text}");
        assert_eq!(seen.last(), Some(&(x, outcome.value)), "{text}");
        assert_eq!(seen[0].0, [-1.2, 1.0], "{text} begins at the start");
        let free = outcome.counts.gradients == 0;
        assert_eq!(free, outcome.gradient_norm.is_nan(), "{text}");
        assert_eq!(text.starts_with("basin"), !free, "{text}");
        assert_eq!(text.contains("region"), outcome.counts.products > 0, "{text}");
        let again =
            solver(text, 2).solve(&Oracle::new(&f), vec![-1.2, 1.0], &limits, &mut |_, _| ()).unwrap();
        assert_eq!(
            (again.0, again.1.counts),
            (seen.pop().unwrap().0, outcome.counts),
            "{text} is repeatable"
        );
    }
}

#[test]
fn budgets_targets_and_small_gradients_end_a_run_in_the_middle() {
    let f = samples::rosenbrock(2);
    for text in ALL {
        let run = |oracle: &Oracle<'_, f64>, limits: &Limits| {
            solver(text, 2).solve(oracle, vec![-1.2, 1.0], limits, &mut |_, _| ()).unwrap()
        };
        let budget = Budget { values: Some(12), gradients: Some(12), ..Budget::default() };
        let tight = Oracle::new(&f).with_budget(budget);
        let (x, outcome) = run(&tight, &Limits::default());
        let Ending::Stopped(Stop::Budget { evaluation, limit: 12 }) = outcome.ending else {
            panic!("{text}: {}", outcome.ending)
        };
        let counts = outcome.counts;
        let spent = if evaluation == Evaluation::Value { counts.values } else { counts.gradients };
        assert_eq!(spent, 12, "{text}");
        assert!(outcome.value <= 24.2 && x.len() == 2, "{text}");

        let target = Limits { target: Some(4.0), gradient_absolute: 0.0, ..Limits::default() };
        let (_, outcome) = run(&Oracle::new(&f), &target);
        assert!(matches!(outcome.ending, Ending::Target { target: 4.0, value } if value <= 4.0), "{text}");

        let flat = Limits { gradient_absolute: 1e-3, ..Limits::default() };
        let (_, outcome) = run(&Oracle::new(&f), &flat);
        if outcome.counts.gradients > 0 {
            assert!(matches!(outcome.ending, Ending::Converged { .. }), "{text}: {}", outcome.ending);
            assert!(outcome.gradient_norm <= 1e-3, "{text}");
        } else {
            assert!(matches!(outcome.ending, Ending::Content { .. }), "{text}: {}", outcome.ending);
        }

        let few = Limits { iterations: 2, gradient_absolute: 0.0, ..Limits::default() };
        let (_, outcome) = run(&Oracle::new(&f), &few);
        assert!(matches!(outcome.ending, Ending::Iterations { limit: 2, .. }), "{text}: {}", outcome.ending);
        assert_eq!(outcome.iterations, 2, "{text}");
    }
}

/// Σ xᵢ² + 10 (1 − cos 2πxᵢ), Rastrigin's, from (2.2, −1.9): minima at all whole numbers.
fn rastrigin() -> Function {
    samples::function(
        2,
        |x| x.iter().map(|x| x * x + 10.0 * (1.0 - (2.0 * PI * x).cos())).sum(),
        |x, g| (0..2).for_each(|i| g[i] = 2.0 * x[i] + 20.0 * PI * (2.0 * PI * x[i]).sin()),
        |_, h| h.fill(f64::NAN),
    )
}

#[test]
fn global_methods_leave_the_minimum_next_to_the_start() {
    let f = rastrigin();
    let run = |text: &str| {
        let limits = Limits { gradient_absolute: 0.0, ..Limits::default() };
        solver(text, 2).solve(&Oracle::new(&f), vec![2.2, -1.9], &limits, &mut |_, _| ()).unwrap()
    };
    for text in ["differential-evolution", "basin-hopping", "cma-es:deviation=2,population=100"] {
        let (x, outcome) = run(text);
        assert!(outcome.value < 1e-6, "{text}: {x:?}, {}", outcome.value);
    }
    assert!(run("basin-lbfgs").1.value > 1.0);
    assert!(run("nelder-mead").1.value > 1.0);
}

/// −ln(1 − x²) is not finite outside the unit disc: from near its edge no run ends outside, and
/// those that live by values find the minimum.
#[test]
fn points_outside_the_domain_are_turned_away() {
    let f = samples::function(
        1,
        |x| -(1.0 - x[0] * x[0]).ln(),
        |x, g| g[0] = 2.0 * x[0] / (1.0 - x[0] * x[0]),
        |x, h| h[0] = 2.0 * (1.0 + x[0] * x[0]) / (1.0 - x[0] * x[0]).powi(2),
    );
    for text in ALL {
        let limits = Limits { iterations: 200, ..Limits::default() };
        let oracle = Oracle::new(&f);
        let (x, outcome) = solver(text, 1).solve(&oracle, vec![0.99], &limits, &mut |_, _| ()).unwrap();
        assert!(x[0].abs() <= 0.99 && outcome.value.is_finite(), "{text}: {x:?}, {}", outcome.ending);
        assert!(outcome.counts.gradients > 0 || outcome.value < 1e-6, "{text}: {x:?}, {}", outcome.ending);
    }
    let error = solver("nelder-mead", 1)
        .solve(&Oracle::new(&f), vec![5.0], &Limits::default(), &mut |_, _| ())
        .unwrap_err();
    assert!(matches!(error, Stop::NonFinite { .. }), "{error}");
}
