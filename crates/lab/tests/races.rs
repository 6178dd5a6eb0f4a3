//! Every optimizer of the table in a short race on every kind of terrain: nothing panics, nothing that is not a number
//! counts as a result, every ending says what happened.

use std::sync::atomic::AtomicBool;

use thalweg_lab::optim::{Ending, OptimizerSpec, registry};
use thalweg_lab::problem::analytic::{Analytic, Function};
use thalweg_lab::problem::network::{Data, Inputs, ModelSpec, Network, Settings, Targets};
use thalweg_lab::race::{Conditions, Course, Finished, RaceError, Watch, run};
use thalweg_lab::{Objective, Scalar, Stop};

/// Gradients that a run may spend.
const BUDGET: f64 = 60.0;

/// A valley, saddles, functions without a lower bound, kinks, plateaus, values that overflow in f32, poles.
const TERRAIN: [&str; 16] = [
    "rosenbrock:6",
    "walled-saddle",
    "monkey-saddle",
    "quadratic:1,2,-3",
    "quadratic:5x1,0,-2,rotation=7",
    "octopus:2",
    "xor",
    "ackley:2",
    "alpine:3",
    "easom",
    "goldstein-price",
    "helical-valley",
    "brown-badly-scaled",
    "jennrich-sampson",
    "powell-singular",
    "linear-rank-1-zeros:5",
];

/// Σ x − ln x, which is not a number left of 0, from beside the wall; and Σ exp(x²), which f32 holds up to |x| = 9.4.
fn cliffs() -> [Function; 2] {
    let barrier = Function::formula("barrier", 2, |x| (x - x.ln()).sum()).with_start(vec![0.05, 3.0]);
    let steep = Function::formula("steep", 3, |x| x.square().exp().sum()).with_start(vec![4.0, -1.0, 2.0]);
    [barrier, steep]
}

/// A perceptron on 20 examples, which those that train see in batches of 8.
fn network<T: Scalar>() -> Network<T> {
    let number = |i: u32| T::of((f64::from(i) * 2.3).sin());
    let targets = Targets::Classes { labels: (0..20).map(|j| j * 7 % 3).collect(), count: 3 };
    let data = Data { inputs: Inputs::Numbers((0..80).map(number).collect()), features: 4, targets };
    Network::new(ModelSpec::mlp(&[4, 5, 3]), data, Settings::default()).unwrap()
}

fn conditions<T: Scalar>(objective: &dyn Objective<T>, start: &[T]) -> Conditions {
    let first = objective.value(start);
    let targets = vec![first + 1.0, first - 0.1 * first.abs(), first - 0.9 * first.abs(), f64::NEG_INFINITY];
    Conditions { targets, batch: Some(8), ..Conditions::new(BUDGET) }
}

/// All optimizers on one objective.
fn all<T: Scalar>(name: &str, objective: &dyn Objective<T>, start: &[T]) {
    let conditions = conditions(objective, start);
    let course = Course { name, objective };
    for entry in registry::<T>() {
        let spec: OptimizerSpec = entry.name.parse().unwrap();
        let who = format!("{} on {name} in {}", entry.name, std::any::type_name::<T>());
        match run(&course, &spec, 3, start.to_vec(), &conditions, &Watch::timeless(&AtomicBool::new(false))) {
            Ok(finished) => sound(&who, objective, start, &conditions, &finished),
            Err(error) => panic!("{who}: {error}"),
        }
    }
}

fn sound<T: Scalar>(
    who: &str,
    objective: &dyn Objective<T>,
    start: &[T],
    conditions: &Conditions,
    finished: &Finished<T>,
) {
    let trial = &finished.trial;
    let mut gradient = vec![T::zero(); start.len()];
    let value = objective.value_grad(&finished.answer, &mut gradient);
    let slope = gradient.iter().fold(0.0, |norm: f64, g| norm.hypot(g.wide()));
    let same = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-6 * b.abs() || !a.is_finite() && !b.is_finite();
    assert!(same(trial.value, value), "{who}: {} is said, {value} is true", trial.value);
    assert!(same(trial.gradient_norm, slope), "{who}: {} is said, {slope} is true", trial.gradient_norm);

    let finite = value.is_finite() && slope.is_finite() && finished.answer.iter().all(|x| x.is_finite());
    let first = objective.value(start);
    match &trial.ending {
        Ending::Converged { gradient_norm, threshold } => {
            assert!(gradient_norm <= threshold && finite, "{who}: {:?}", trial.ending);
        }
        Ending::Target { .. }
        | Ending::Stalled { .. }
        | Ending::SmallChange { .. }
        | Ending::SmallStep { .. }
        | Ending::All(_) => panic!("{who}: nobody asked for {}", trial.ending),
        Ending::Content { test } => assert!(!test.is_empty() && finite && value <= first, "{who}: {test}"),
        Ending::NoStep { gradient_norm } => {
            assert!(gradient_norm.is_finite() && finite, "{who}: {value} {slope} {:?}", finished.answer);
        }
        Ending::Diverged { value, start } => {
            assert!(!value.is_finite() || value > start, "{who}: from {start} to {value}");
        }
        Ending::Iterations { limit, .. } => assert!(finite && *limit == trial.steps, "{who}"),
        Ending::Stopped(Stop::NonFinite { found, .. }) => {
            assert!(["NaN", "inf", "-inf"].contains(&found.as_str()), "{who}: {found}");
        }
        Ending::Stopped(Stop::Cost { limit }) => {
            assert!(*limit == BUDGET && finite, "{who}: {value} {slope}")
        }
        Ending::Stopped(Stop::Lacks { curvature, .. }) => {
            let entry = trial.counts;
            assert!(entry.products == 0 && !matches!(curvature, thalweg_lab::Curvature::Hessian), "{who}");
        }
        Ending::Stopped(Stop::NoFactors { .. }) => {
            assert!(who.starts_with("kfac") && trial.steps == 0, "{who}");
        }
        Ending::Stopped(stop) => panic!("{who}: {stop}"),
    }
    assert!(!trial.ending.to_string().is_empty());

    assert!(trial.cost <= BUDGET && trial.cost >= 0.0, "{who}: cost {}", trial.cost);
    let curve = &trial.curve;
    assert!(curve.cost.windows(2).all(|w| w[0] <= w[1]), "{who}: {:?}", curve.cost);
    assert!(curve.best.windows(2).all(|w| w[1] <= w[0]), "{who}: {:?}", curve.best);
    assert!(
        curve.best.iter().zip(&curve.value).all(|(best, value)| best <= value || value.is_nan()),
        "{who}"
    );
    assert!(trial.best.is_finite() && trial.reached[3].is_none(), "{who}: {}", trial.best);
    for (target, reached) in conditions.targets.iter().zip(&trial.reached) {
        assert_eq!(reached.is_some(), trial.best <= *target, "{who}: {target} of {}", trial.best);
        assert!(reached.is_none_or(|cost| cost <= trial.cost), "{who}");
    }
}

fn everywhere<T: Scalar>() {
    let parsed = TERRAIN.iter().map(|text| text.parse::<Function>().unwrap());
    for function in parsed.chain(cliffs()) {
        let (name, start) = (function.name().to_owned(), function.start::<T>());
        all(&name, &Analytic::<T>::new(function, Default::default()), &start);
    }
    let network = network::<T>();
    let start: Vec<T> = (0..network.dimension()).map(|i| T::of((i as f64 * 1.7).sin() / 2.0)).collect();
    all("mlp:4-5-3", &network, &start);
}

#[test]
fn every_optimizer_ends_soundly_everywhere_in_double_precision() {
    everywhere::<f64>();
}

#[test]
fn every_optimizer_ends_soundly_everywhere_in_single_precision() {
    everywhere::<f32>();
}

/// Beyond the wall there is no value to begin with.
#[test]
fn nothing_starts_where_there_is_no_value() {
    let [barrier, steep] = cliffs();
    for (function, x) in [(barrier, vec![-1.0, 1.0]), (steep, vec![30.0, 0.0, 0.0])] {
        let objective = Analytic::<f64>::new(function, Default::default());
        let course = Course { name: "cliff", objective: &objective };
        for entry in registry::<f64>() {
            let spec: OptimizerSpec = entry.name.parse().unwrap();
            let conditions = Conditions::new(BUDGET);
            let outcome =
                run(&course, &spec, 3, x.clone(), &conditions, &Watch::timeless(&AtomicBool::new(false)));
            let Err(RaceError::Start { optimizer, stop: Stop::NonFinite { .. }, .. }) =
                outcome.map(|f| f.trial)
            else {
                panic!("{} starts", entry.name)
            };
            assert!(optimizer.starts_with(entry.name));
        }
    }
}
