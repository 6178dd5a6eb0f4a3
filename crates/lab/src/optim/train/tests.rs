use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::Layout;
use crate::optim::{Optimizer, OptimizerSpec, Schedule};
use crate::random::Stream;
use crate::samples::{self, LeastSquares};

fn training(text: &str, rate: f64) -> Training {
    Training { length: Length::Epochs(3), batch: Some(8), ..Training::new(text.parse().unwrap(), rate) }
}

fn finish<T: Scalar>(training: &Training, sum: &LeastSquares, x: Vec<T>) -> Run<T> {
    let oracle = Oracle::new(sum);
    let mut trainer = Trainer::new(training.clone(), &oracle).unwrap();
    let mut run = trainer.begin(x).unwrap();
    trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
    let gradients = oracle.counts().gradients;
    let one_a_step = matches!(trainer.rule, Rule::Method(_));
    assert!(gradients == run.step || !one_a_step && gradients > run.step);
    run
}

/// Every rule, in both precisions, with a moving schedule: stopping in the middle of an
/// epoch, writing the state, reading it and going on gives the same bits as one run.
fn resumes<T: Scalar>() {
    let sum = samples::least_squares(21, 4).with_hessian();
    for entry in crate::optim::registry::<T>() {
        let spec: OptimizerSpec = entry.name.parse().unwrap();
        if !matches!(spec.build::<T>(&Layout::flat(4)), Optimizer::Method(_) | Optimizer::Stochastic(_)) {
            continue;
        }
        for (batch, schedule) in
            [(Some(8), "one-cycle"), (Some(5), "plateau:0.5:0"), (None, "warmup:1+cosine")]
        {
            let training = Training {
                batch,
                schedule: schedule.parse().unwrap(),
                checkpoints: "every:3".parse().unwrap(),
                ..training(entry.name, 0.02)
            };
            let whole = finish(&training, &sum, vec![T::of(0.3); 4]);
            let oracle = Oracle::new(&sum);
            let mut first = Trainer::new(training.clone(), &oracle).unwrap();
            let mut run = first.begin(vec![T::of(0.3); 4]).unwrap();
            first.advance(&mut run, 4, &mut |_, _| Ok(())).unwrap();
            assert_eq!(run.step, 4.min(whole.step));
            let text = serde_json::to_string(&run).unwrap();
            let mut run: Run<T> = serde_json::from_str(&text).unwrap();
            let mut second = Trainer::new(training, &oracle).unwrap();
            second.accept(&run).unwrap();
            second.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
            assert_eq!(run, whole, "{} {batch:?} {schedule}", entry.name);
        }
    }
}

#[test]
fn a_resumed_run_ends_with_the_same_bits() {
    resumes::<f64>();
    resumes::<f32>();
}

#[test]
fn training_is_the_update_rule_applied_to_shuffled_batches() {
    let sum = samples::least_squares(21, 4);
    let training = Training { seed: 5, ..training("sgd", 0.1) };
    let run = finish::<f64>(&training, &sum, vec![0.0; 4]);
    let mut x = vec![0.0; 4];
    let mut losses = Vec::new();
    for epoch in 0..3 {
        let order = Stream::new(5, "shuffle", epoch).permutation(21);
        for batch in order.chunks(8) {
            let mut g = vec![0.0; 4];
            losses.push(sum.over(&x, batch.iter().map(|&i| i as usize), &mut g));
            x.iter_mut().zip(&g).for_each(|(x, g)| *x -= 0.1 * g);
        }
    }
    assert_eq!(run.step, 9);
    assert_eq!((run.x, run.losses), (x, losses));
}

#[test]
fn an_epoch_has_the_stated_batches() {
    let sum = samples::least_squares(21, 4);
    let steps = |batch, drop_last| {
        let oracle: Oracle<'_, f64> = Oracle::new(&sum);
        let training = Training { batch, drop_last, ..training("sgd", 0.1) };
        Trainer::new(training, &oracle).unwrap().clock().steps_per_epoch
    };
    assert_eq!(steps(Some(8), false), 3);
    assert_eq!(steps(Some(8), true), 2);
    assert_eq!(steps(Some(7), false), 3);
    assert_eq!(steps(Some(21), false), 1);
    assert_eq!(steps(None, false), 1);
    let kept = finish::<f64>(&Training { drop_last: true, ..training("sgd", 0.1) }, &sum, vec![0.0; 4]);
    assert_eq!(kept.losses.len(), 6);
}

#[test]
fn full_batch_momentum_solves_least_squares() {
    let sum = samples::least_squares(40, 3);
    let training = Training { length: Length::Steps(2000), batch: None, ..training("nesterov", 0.3) };
    let run = finish::<f64>(&training, &sum, vec![0.0; 3]);
    let mut gradient = [0.0; 3];
    sum.over(&run.x, 0..40, &mut gradient);
    assert!(gradient.iter().all(|g| g.abs() < 1e-12), "{gradient:?}");
}

#[test]
fn marks_are_kept_and_observed_once() {
    let sum = samples::least_squares(21, 4);
    let training = Training {
        checkpoints: "0,2,9".parse().unwrap(),
        measurements: "every:4".parse().unwrap(),
        ..training("momentum", 0.01)
    };
    let oracle = Oracle::new(&sum);
    let mut trainer = Trainer::new(training, &oracle).unwrap();
    let mut run = trainer.begin(vec![0.5f64; 4]).unwrap();
    let mut seen = Vec::new();
    for until in [0, 0, 3, 4, 4, 9] {
        let mut observe = |run: &Run<f64>, _: &[f64]| {
            seen.push((run.step, run.checkpoints.len()));
            Ok(())
        };
        trainer.advance(&mut run, until, &mut observe).unwrap();
    }
    assert_eq!(seen, [(0, 1), (4, 2), (8, 2), (9, 3)]);
    assert_eq!(run.checkpoints.iter().map(|c| c.step).collect::<Vec<_>>(), [0, 2, 9]);
    assert_eq!(run.checkpoints[2].x, run.x);
}

#[test]
fn a_stop_in_the_observer_or_the_oracle_leaves_a_run_that_goes_on() {
    let sum = samples::least_squares(21, 4);
    let training = Training { measurements: "0,5,9".parse().unwrap(), ..training("adam", 0.01) };
    let whole = finish::<f64>(&training, &sum, vec![0.5; 4]);

    let flag = AtomicBool::new(false);
    let oracle = Oracle::new(&sum).with_cancel(&flag);
    let mut trainer = Trainer::new(training.clone(), &oracle).unwrap();
    let mut run = trainer.begin(vec![0.5; 4]).unwrap();
    let mut observe = |run: &Run<f64>, _: &[f64]| if run.step == 5 { Err(Stop::Cancelled) } else { Ok(()) };
    assert_eq!(trainer.advance(&mut run, u64::MAX, &mut observe), Err(Stop::Cancelled));
    assert_eq!((run.step, run.marked), (5, false));
    let mut observe = |_: &Run<f64>, _: &[f64]| {
        flag.store(true, Ordering::Relaxed);
        Ok(())
    };
    assert_eq!(trainer.advance(&mut run, u64::MAX, &mut observe), Err(Stop::Cancelled));
    assert_eq!((run.step, run.marked), (5, true));
    flag.store(false, Ordering::Relaxed);
    trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
    assert_eq!(run, whole);
}

#[test]
fn divergence_stops_at_the_number_that_is_not_finite() {
    let sum = samples::least_squares(21, 4);
    let training = Training { length: Length::Steps(100_000), ..training("sgd", 50.0) };
    let oracle = Oracle::new(&sum);
    let mut trainer = Trainer::new(training, &oracle).unwrap();
    let mut run = trainer.begin(vec![0.5f32; 4]).unwrap();
    let stop = trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap_err();
    let Stop::NonFinite { count, .. } = stop else { panic!("{stop}") };
    assert_eq!(count, run.step + 1);
    assert!(run.losses.iter().all(|loss| loss.is_finite()));
}

#[test]
fn impossible_configurations_are_refused() {
    let sum = samples::least_squares(21, 4);
    let flat = samples::diagonal(&[1.0, 2.0]);
    let refused = |training: Training| {
        let oracle: Oracle<'_, f64> = Oracle::new(&sum);
        Trainer::new(training, &oracle).err().map(|e| e.to_string()).unwrap_or_default()
    };
    let base = training("sgd", 0.1);
    assert!(refused(Training { batch: Some(0), ..base.clone() }).contains("found 0"));
    assert!(
        refused(Training { batch: Some(22), ..base.clone() })
            .contains("22 examples was asked for; there are 21")
    );
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(refused(Training { learning_rate: rate, ..base.clone() }).contains("learning rate"));
    }
    assert!(refused(Training { length: Length::Epochs(u64::MAX), ..base.clone() }).contains("epochs"));
    let oracle: Oracle<'_, f64> = Oracle::new(&flat);
    assert_eq!(Trainer::new(base.clone(), &oracle).err(), Some(TrainError::NoExamples { size: 8 }));
    let trainer = Trainer::new(Training { batch: None, ..base }, &oracle).unwrap();
    assert_eq!(trainer.begin(vec![0.0; 3]), Err(TrainError::Dimension { expected: 2, found: 3 }));
    let mut run = trainer.begin(vec![0.0; 2]).unwrap();
    run.step = 9;
    assert!(matches!(trainer.accept(&run), Err(TrainError::Step { found: 9, .. })));
    run.step = 0;
    run.memory.vectors.push(vec![0.0; 2]);
    assert_eq!(trainer.accept(&run), Err(TrainError::Memory { method: "sgd" }));
}

#[test]
fn a_configuration_survives_serde() {
    let training = Training { schedule: Schedule::CONSTANT, ..training("adamw:decay=0.1", 0.001) };
    let text = serde_json::to_string(&training).unwrap();
    assert!(text.contains("\"adamw:decay=0.1\"") && text.contains("\"constant\""), "{text}");
    assert_eq!(serde_json::from_str::<Training>(&text).unwrap(), training);
}
