use std::sync::atomic::AtomicBool;

use super::*;
use crate::race::{Watch, run};
use crate::{Objective, samples};

fn phases(
    objective: &dyn Objective<f64>,
    spec: &str,
    x: &[f64],
    conditions: &Conditions,
) -> (Vec<Phase>, Finished<f64>) {
    let course = Course { name: "test", objective };
    let spec: OptimizerSpec = spec.parse().unwrap();
    let conditions = Conditions { probes: 8, ..conditions.clone() };
    let finished =
        run(&course, &spec, 3, x.to_vec(), &conditions, &Watch::timeless(&AtomicBool::new(false))).unwrap();
    let phases = ledger(&course, &spec, &finished, &conditions, &Lines::default()).unwrap();
    (phases, finished)
}

/// From (1, 0), gradient descent goes to the saddle 0 of 5x² − y² + y⁴/4; behind it lie minima of −1.
#[test]
fn the_saddle_is_named_and_the_escape_proves_it() {
    let f = samples::walled_saddle();
    let (phases, finished) = phases(&f, "sgd:rate=0.02", &[1.0, 0.0], &Conditions::new(500.0));
    assert!(finished.trial.value.abs() < 1e-12);
    let last = phases.last().unwrap();
    assert_eq!(last.obstacle, Obstacle::Saddle);
    let counterfactual = last.counterfactual.as_ref().unwrap();
    assert_eq!(counterfactual.remedy, Remedy::Escape);
    assert!(counterfactual.proves() && counterfactual.changed < -0.9, "{counterfactual:?}");
    assert!(counterfactual.unchanged.abs() < 1e-6);
    let (lambda, residual) = last.evidence.smallest.unwrap();
    assert!((lambda + 2.0).abs() < 1e-6 + residual);
}

/// λ = 30 at η = 0.1 is above 2/η = 20: the run blows up, and a tenth of the rate converges.
#[test]
fn too_long_a_step_is_named_and_a_shorter_one_proves_it() {
    let f = samples::diagonal(&[1.0, 30.0]);
    let (phases, finished) = phases(&f, "sgd:rate=0.1", &[1.0, 1.0], &Conditions::new(300.0));
    assert!(matches!(finished.trial.ending, Ending::Diverged { .. }), "{}", finished.trial.ending);
    assert!(phases.iter().all(|phase| phase.obstacle == Obstacle::StepTooLarge));
    assert_eq!(phases[0].evidence.stable_below, Some(20.0));
    let counterfactual = phases[0].counterfactual.as_ref().unwrap();
    assert_eq!(counterfactual.remedy, Remedy::ShorterStep);
    assert!(counterfactual.proves() && counterfactual.gain() > 0.0, "{counterfactual:?}");
}

/// Gradient descent at its best rate needs about κ/2 · ln(10) iterations a digit.
#[test]
fn ill_conditioning_is_named_and_a_preconditioner_proves_it() {
    let f = samples::diagonal(&[1.0, 3e3]);
    let (phases, _) = phases(&f, "sgd:rate=5e-4", &[1.0, 1.0], &Conditions::new(1000.0));
    let last = phases.last().unwrap();
    assert_eq!(last.obstacle, Obstacle::IllConditioning);
    assert!(last.evidence.condition().unwrap() > 2.9e3);
    assert!(last.counterfactual.as_ref().unwrap().proves());
}

#[test]
fn an_easy_run_arrives_without_an_obstacle() {
    let f = samples::diagonal(&[1.0, 2.0]);
    let (phases, _) = phases(&f, "sgd:rate=0.5", &[1.0, 1.0], &Conditions::new(200.0));
    let names: Vec<Obstacle> = phases.iter().map(|phase| phase.obstacle).collect();
    assert_eq!(names, [Obstacle::None, Obstacle::Arrived]);
    assert!(phases.iter().all(|phase| phase.counterfactual.is_none()));
}

/// Near the minimum of a sum whose terms disagree, the noise of small batches is all there is.
#[test]
fn the_noise_floor_is_named_and_larger_batches_prove_it() {
    let f = samples::least_squares(64, 4);
    let conditions = Conditions { batch: Some(2), ..Conditions::new(200.0) };
    let (phases, _) = phases(&f, "sgd:rate=0.1", &[0.0; 4], &conditions);
    let last = phases.last().unwrap();
    assert_eq!(last.obstacle, Obstacle::NoiseFloor);
    assert!(last.evidence.signal_to_noise.unwrap() < 1.0);
    assert_eq!(last.counterfactual.as_ref().unwrap().remedy, Remedy::LargerBatch);
    assert!(last.counterfactual.as_ref().unwrap().gain() > 0.0);
}

/// A report's words are those of JSON, with spaces where that has hyphens.
#[test]
fn an_obstacle_has_one_name() {
    for obstacle in [
        Obstacle::None,
        Obstacle::IllConditioning,
        Obstacle::Saddle,
        Obstacle::Plateau,
        Obstacle::NoiseFloor,
        Obstacle::StepTooLarge,
        Obstacle::LineSearchFailure,
        Obstacle::BadCurvaturePairs,
        Obstacle::Arrived,
    ] {
        let json = serde_json::to_value(obstacle).unwrap();
        assert_eq!(json.as_str().unwrap(), obstacle.words().replace(' ', "-"));
    }
}
