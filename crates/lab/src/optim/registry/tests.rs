use super::*;
use crate::optim::{Limits, State, begin, minimize};
use crate::{Objective, Oracle, samples};

/// f(x) = (x₀² + 10 x₁²)/2 from (1, −1) with the default settings: every optimizer goes down,
/// and a run that is written and read on the way ends with the same bits.
fn conformance<T: Scalar>() {
    let f = samples::diagonal(&[1.0, 10.0]);
    for entry in registry::<T>() {
        let name = entry.name;
        assert!(!entry.summary.is_empty() && !entry.source.is_empty() && !entry.cost.is_empty(), "{name}");
        assert!(entry.parameters.iter().all(|p| (p.accepts)(p.default) && !(p.accepts)(f64::NAN)), "{name}");
        assert_eq!(registry::<T>().iter().filter(|e| e.name == name).count(), 1, "{name} is there once");
        let spec = name.parse::<OptimizerSpec>().unwrap();
        let optimizer = spec.build::<T>(&Layout::flat(2));
        assert_eq!(optimizer.name(), name);
        let iteration = optimizer.into_iteration(spec.learning_rate().unwrap_or(f64::NAN));
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &*iteration, vec![T::of(1.0), T::of(-1.0)]).unwrap();
        let go = |state: &mut State<T>, iterations| {
            let limits = Limits { iterations, gradient_absolute: 1e-4, ..Limits::default() };
            minimize(&oracle, &*iteration, &limits, state, &mut |_| ())
        };
        go(&mut state, 3);
        let text = serde_json::to_string(&state).unwrap();
        let mut again: State<T> = serde_json::from_str(&text).unwrap();
        let outcome = go(&mut state, 3000);
        go(&mut again, 3000);
        assert!(again == state, "{name}: a run that was saved must end alike");
        let x = iteration.answer(&state.memory, &state.point.x);
        let value = f.value(x);
        assert!(value < 0.5 * state.start_value, "{name}: ended at {value}: {}", outcome.ending);
    }
}

#[test]
fn every_optimizer_conforms_in_both_precisions() {
    conformance::<f64>();
    conformance::<f32>();
}

#[test]
fn text_is_read_back_as_written() {
    for (text, shown) in [
        ("sgd", "sgd"),
        ("sgd:rate=0.25", "sgd:rate=0.25"),
        ("momentum:momentum=0.9", "momentum"),
        ("nesterov: momentum = 0.5", "nesterov:momentum=0.5"),
        ("adamw:decay=0.1,beta1=0", "adamw:beta1=0,decay=0.1"),
    ] {
        let spec: OptimizerSpec = text.parse().unwrap();
        assert_eq!(spec.to_string(), shown);
        assert_eq!(shown.parse(), Ok(spec));
    }
}

#[test]
fn errors_name_what_was_expected_and_found() {
    let message = |text: &str| text.parse::<OptimizerSpec>().unwrap_err().to_string();
    assert!(message("adan").contains("\"adan\"") && message("adan").contains("adamw"));
    assert!(message("adam:beta3=1").contains("beta1, beta2, epsilon"));
    assert!(message("sgd:momentum=0.9").contains("it has rate"));
    assert_eq!(
        message("momentum:momentum=1"),
        "the parameter momentum of the optimizer momentum takes a number in [0, 1); found \"1\""
    );
    assert!(message("adam:epsilon=nan").contains("\"nan\""));
    assert!(message("adam:epsilon").contains("found \"\""));
}
