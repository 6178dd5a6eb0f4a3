use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

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
    let iteration = FixedRate { rule: Rule::Method(Box::new(heavy)), learning_rate: 1e-3 };
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

/// At rate 1/2 on f = x²/2 from 1: x_k = 2⁻ᵏ, the last step has that length too, and f fell by 3·2⁻²ᵏ⁻¹.
#[test]
fn small_changes_and_short_steps_end_the_loop() {
    let f = samples::diagonal(&[1.0]);
    let oracle = Oracle::new(&f);
    let from_one = |limits| run(&oracle, &[1.0], 0.5, limits).1;
    let loose = Limits { gradient_absolute: 0.0, ..Limits::default() };
    let absolute = |absolute| Some(Tolerance { absolute, relative: 0.0 });
    let relative = |relative| Some(Tolerance { absolute: 0.0, relative });

    let step = from_one(Limits { step: absolute(0.01), ..loose });
    assert_eq!(step.iterations, 7);
    assert_eq!(step.ending, Ending::SmallStep { length: 1.0 / 128.0, threshold: 0.01 });

    let change = from_one(Limits { value: absolute(0.01), ..loose });
    assert_eq!(change.iterations, 4);
    assert_eq!(change.ending, Ending::SmallChange { change: 1.5 / 256.0, threshold: 0.01 });

    // A step is always as long as the point it leads to, and a value a quarter of the one before.
    let after_one = from_one(Limits { step: relative(1.0), ..loose });
    assert_eq!(after_one.ending, Ending::SmallStep { length: 0.5, threshold: 0.5 });
    let after_one = from_one(Limits { value: relative(3.0), ..loose });
    assert_eq!(after_one.ending, Ending::SmallChange { change: 0.375, threshold: 0.375 });
    for never in [Limits { step: relative(0.99), ..loose }, Limits { value: relative(2.99), ..loose }] {
        let ending = from_one(Limits { iterations: 20, ..never }).ending;
        assert!(matches!(ending, Ending::Iterations { .. }), "{ending}");
    }
}

/// Gradients are within 0.01 from iteration 7 on, values within 0.2 from 1, changes within 1e-5 from 9.
#[test]
fn all_tests_that_are_asked_for_have_to_be_passed_together() {
    let f = samples::diagonal(&[1.0]);
    let oracle = Oracle::new(&f);
    let small = Some(Tolerance { absolute: 1e-5, relative: 0.0 });
    let limits = Limits { gradient_absolute: 0.01, value: small, target: Some(0.2), ..Limits::default() };
    let any = run(&oracle, &[1.0], 0.5, limits).1;
    assert_eq!((any.iterations, any.ending.is_rest()), (1, false));
    assert!(matches!(any.ending, Ending::Target { .. }), "{}", any.ending);

    let both = Limits { target: None, tests: Tests::All, ..limits };
    let both = run(&oracle, &[1.0], 0.5, both).1;
    assert_eq!((both.iterations, both.ending.is_rest()), (9, true));
    let Ending::All(tests) = &both.ending else { panic!("{}", both.ending) };
    let [Ending::Converged { .. }, Ending::SmallChange { change, .. }] = &tests[..] else {
        panic!("{}", both.ending)
    };
    assert_eq!(*change, 1.5 * 0.25f64.powi(9));

    let three = run(&oracle, &[1.0], 0.5, Limits { tests: Tests::All, ..limits }).1;
    assert_eq!((three.iterations, three.ending.is_rest()), (9, false));
    // One test is all there are, and a target out of reach is never passed.
    let alone = Limits { gradient_absolute: 0.01, tests: Tests::All, ..Limits::default() };
    assert!(matches!(run(&oracle, &[1.0], 0.5, alone).1.ending, Ending::Converged { .. }));
    let out_of_reach = Limits { target: Some(-1.0), tests: Tests::All, iterations: 30, ..limits };
    assert!(matches!(run(&oracle, &[1.0], 0.5, out_of_reach).1.ending, Ending::Iterations { .. }));
}

/// A whole step leads to the minimizer, where the gradient is 0 and nothing can follow.
#[test]
fn a_vanishing_gradient_ends_the_loop_whatever_is_asked() {
    let f = samples::diagonal(&[1.0]);
    let oracle = Oracle::new(&f);
    let never = Some(Tolerance { absolute: 1e-9, relative: 0.0 });
    let limits = Limits { gradient_absolute: 0.0, step: never, tests: Tests::All, ..Limits::default() };
    let outcome = run(&oracle, &[1.0], 1.0, limits).1;
    assert_eq!(outcome.ending, Ending::Converged { gradient_norm: 0.0, threshold: 0.0 });
    assert_eq!(outcome.iterations, 1);
}

#[test]
fn a_state_that_resumes_knows_its_last_change() {
    let f = samples::diagonal(&[1.0]);
    let oracle = Oracle::new(&f);
    let small = Some(Tolerance { absolute: 0.01, relative: 0.0 });
    let limits = Limits { gradient_absolute: 0.0, step: small, ..Limits::default() };
    let (state, outcome) = run(&oracle, &[1.0], 0.5, limits);
    assert_eq!(outcome.iterations, 7);
    let mut again: State<f64> = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    let iteration = LineSearch { descent: SteepestDescent, length: StepLength::Constant(0.5) };
    let outcome = minimize(&oracle, &iteration, &limits, &mut again, &mut |_| ());
    assert_eq!((outcome.iterations, again), (7, state));
}

/// A clock that ticks once a look: the state is that of the last whole iteration, and goes on without it.
#[test]
fn the_time_is_up_at_the_first_evaluation_after_the_limit() {
    let f = samples::diagonal(&[1.0]);
    let ticks = Cell::new(0);
    let clock = || Duration::from_secs(ticks.replace(ticks.get() + 1));
    let oracle = Oracle::new(&f).with_time_limit(&clock, Duration::from_secs(5));
    let (mut state, outcome) = run(&oracle, &[1.0], 0.5, Limits::default());
    assert_eq!(outcome.ending, Ending::Stopped(Stop::Time { limit: 5.0, spent: 6.0 }));
    assert_eq!((outcome.iterations, state.point.x[0], outcome.counts.gradients), (5, 1.0 / 32.0, 6));
    assert!(!outcome.ending.is_rest());
    let iteration = LineSearch { descent: SteepestDescent, length: StepLength::Constant(0.5) };
    let free = Oracle::new(&f);
    minimize(&free, &iteration, &Limits { iterations: 9, ..Limits::default() }, &mut state, &mut |_| ());
    assert_eq!(state.point.x[0], 1.0 / 512.0);
    let again = oracle.anew();
    assert_eq!(again.counts(), Counts::default());
    assert!(matches!(again.value(&[1.0]), Err(Stop::Time { .. })));
}
