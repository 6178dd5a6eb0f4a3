use std::sync::atomic::AtomicBool;

use super::*;
use crate::optim::{Backtracking, HeavyBall, LineSearch, SteepestDescent, StepLength};
use crate::{Budget, Evaluation, samples};

fn run(oracle: &Oracle<'_, f64>, x: &[f64], length: f64, limits: Limits) -> (State<f64>, Outcome) {
    let iteration = LineSearch { descent: SteepestDescent, length: StepLength::Constant(length) };
    let mut state = begin(oracle, &iteration, x.to_vec()).unwrap();
    let outcome = minimize(oracle, &iteration, &limits, &mut state, &mut |_| ());
    (state, outcome)
}

/// On f = x²/2 with rate 1/2, the point after k iterations is 2⁻ᵏ, as is its gradient.
#[test]
fn each_limit_ends_the_loop_where_it_says() {
    let f = samples::diagonal(&[1.0]);
    let oracle = Oracle::new(&f);
    let from_one = |limits| run(&oracle, &[1.0], 0.5, limits).1;
    let loose = Limits { gradient_absolute: 0.0, ..Limits::default() };

    let absolute = from_one(Limits { gradient_absolute: 0.001, ..loose });
    assert_eq!(absolute.iterations, 10);
    assert_eq!(absolute.ending, Ending::Converged { gradient_norm: 1.0 / 1024.0, threshold: 0.001 });

    let relative = run(&oracle, &[8.0], 0.5, Limits { gradient_relative: 0.25, ..loose }).1;
    assert_eq!((relative.iterations, relative.gradient_norm), (2, 2.0));

    let target = from_one(Limits { target: Some(0.125), ..loose });
    assert_eq!((target.iterations, target.ending), (1, Ending::Target { value: 0.125, target: 0.125 }));

    let iterations = from_one(Limits { iterations: 3, ..loose });
    assert_eq!(iterations.ending, Ending::Iterations { limit: 3, gradient_norm: 0.125 });
}

/// At rate 2 the iteration jumps between 1 and −1 for ever, at the edge of stability 2/λ.
#[test]
fn a_value_that_no_longer_falls_is_stalled() {
    let f = samples::diagonal(&[1.0]);
    let limits = Limits { stall: Some(Stall { iterations: 20, decrease: 0.0 }), ..Limits::default() };
    let (state, outcome) = run(&Oracle::new(&f), &[1.0], 2.0, limits);
    assert_eq!(outcome.ending, Ending::Stalled { iterations: 20, decrease: 0.0 });
    assert_eq!((outcome.iterations, state.point.x[0]), (20, 1.0));
    let (_, falling) = run(&Oracle::new(&f), &[1.0], 0.1, limits);
    assert!(matches!(falling.ending, Ending::Converged { .. }), "{}", falling.ending);
}

#[test]
fn budgets_and_cancellation_leave_a_state_that_goes_on() {
    let f = samples::rosenbrock(2);
    let heavy = HeavyBall { momentum: 0.9 };
    let iteration = FixedRate { method: Box::new(heavy) as Box<dyn Method<f64>>, learning_rate: 1e-3 };
    let limits = |iterations| Limits { iterations, ..Limits::default() };
    let free = Oracle::new(&f);
    let mut whole = begin(&free, &iteration, vec![-1.2, 1.0]).unwrap();
    minimize(&free, &iteration, &limits(60), &mut whole, &mut |_| ());

    let tight = Oracle::new(&f).with_budget(Budget { gradients: Some(21), ..Budget::default() });
    let mut state = begin(&tight, &iteration, vec![-1.2, 1.0]).unwrap();
    let outcome = minimize(&tight, &iteration, &limits(60), &mut state, &mut |_| ());
    let budget = Stop::Budget { evaluation: Evaluation::Gradient, limit: 21 };
    assert_eq!((outcome.ending, outcome.iterations), (Ending::Stopped(budget), 20));

    let flag = AtomicBool::new(true);
    let cancelled = Oracle::new(&f).with_cancel(&flag);
    let outcome = minimize(&cancelled, &iteration, &limits(60), &mut state, &mut |_| ());
    assert_eq!((outcome.ending, outcome.iterations), (Ending::Stopped(Stop::Cancelled), 20));

    let text = serde_json::to_string(&state).unwrap();
    let mut state: State<f64> = serde_json::from_str(&text).unwrap();
    minimize(&free, &iteration, &limits(60), &mut state, &mut |_| ());
    assert_eq!(state, whole);
}

#[test]
fn a_line_search_resumes_to_the_same_bits() {
    let f = samples::rosenbrock(4);
    let oracle = Oracle::new(&f);
    let iteration =
        LineSearch { descent: SteepestDescent, length: StepLength::Backtracking(Backtracking::default()) };
    let x = vec![-1.2f32, 1.0, -0.5, 2.0];
    let mut whole = begin(&oracle, &iteration, x).unwrap();
    let mut half = whole.clone();
    minimize(&oracle, &iteration, &Limits { iterations: 40, ..Limits::default() }, &mut whole, &mut |_| ());
    minimize(&oracle, &iteration, &Limits { iterations: 17, ..Limits::default() }, &mut half, &mut |_| ());
    let mut half = serde_json::from_str(&serde_json::to_string(&half).unwrap()).unwrap();
    minimize(&oracle, &iteration, &Limits { iterations: 40, ..Limits::default() }, &mut half, &mut |_| ());
    assert_eq!(half, whole);
}

#[test]
fn numbers_that_are_not_finite_stop_with_evidence() {
    let f = samples::function(1, |x| x[0].ln(), |x, g| g[0] = 1.0 / x[0], |x, h| h[0] = -1.0 / (x[0] * x[0]));
    let (state, outcome) = run(&Oracle::new(&f), &[1.0], 2.0, Limits::default());
    let Ending::Stopped(Stop::NonFinite { found, .. }) = &outcome.ending else {
        panic!("{}", outcome.ending)
    };
    assert_eq!((found.as_str(), state.point.x[0]), ("NaN", 1.0));
    let iteration = LineSearch { descent: SteepestDescent, length: StepLength::Constant(1.0) };
    assert!(begin(&Oracle::new(&f), &iteration, vec![-1.0]).is_err());
}

/// Plain steps that are content with a small gradient only from x = 0 on.
struct Restless;

impl Iteration<f64> for Restless {
    fn name(&self) -> &'static str {
        "restless"
    }

    fn init(&self, n: usize) -> Memory<f64> {
        Memory::zeros(n, 0)
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, f64>,
        _: &mut Memory<f64>,
        at: &Point<f64>,
        next: &mut Point<f64>,
    ) -> Result<Option<f64>, Stop> {
        next.x[0] = if at.x[0] > 0.01 { 0.5 * at.x[0] } else { 0.0 };
        next.value = oracle.value_grad(&next.x, &mut next.gradient)?;
        Ok(Some(1.0))
    }

    fn settled(&self, _: &Oracle<'_, f64>, _: &Memory<f64>, at: &Point<f64>) -> Result<bool, Stop> {
        Ok(at.x[0] == 0.0)
    }
}

/// From 1 the gradient is small at 1/8, after three steps; 2⁻⁷ is below 0.01, and 0 is the eighth.
#[test]
fn a_method_that_is_not_settled_goes_on_at_a_small_gradient() {
    let f = samples::diagonal(&[1.0]);
    let oracle = Oracle::new(&f);
    let run = |iterations| {
        let limits = Limits { gradient_absolute: 0.2, iterations, ..Limits::default() };
        let mut state = begin(&oracle, &Restless, vec![1.0]).unwrap();
        minimize(&oracle, &Restless, &limits, &mut state, &mut |_| ())
    };
    let settled = run(100);
    assert_eq!(settled.ending, Ending::Converged { gradient_norm: 0.0, threshold: 0.2 });
    assert_eq!(settled.iterations, 8);
    assert_eq!(run(5).ending, Ending::Iterations { limit: 5, gradient_norm: 1.0 / 32.0 });
}
