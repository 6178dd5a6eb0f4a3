use super::*;
use crate::optim::Kind;
use crate::problem::analytic::{Analytic, Nature, registry};
use crate::samples;
use crate::{Budget, Stop};

/// Their Hessians' condition is above 10⁸, so that the least eigenvalue counts as null.
const TOO_BADLY_SCALED: [&str; 5] =
    ["powell-badly-scaled", "brown-badly-scaled", "meyer", "osborne-1", "watson:9"];

#[test]
fn the_cards_of_known_points_say_what_is_known() {
    let mut untold = Vec::new();
    for text in registry().iter().flat_map(|entry| entry.examples) {
        let objective = Analytic::<f64>::new(text.parse().unwrap(), Default::default());
        for known in objective.function().known() {
            let oracle = Oracle::new(&objective);
            let card = point(&oracle, &known.x, &PointOptions::default()).unwrap().card;
            assert!(card.negative_count_exact && card.negative_count == known.index as u64, "{text}");
            assert!((card.loss - known.value).abs() <= 1e-13 * known.value.abs().max(1.0));
            assert_eq!((card.dimension, card.penalty, card.noise), (known.x.len(), 0.0, None));
            let kind = &card.verdict.kind;
            let null = card.verdict.curvature.as_ref().and_then(|curvature| curvature.null).unwrap();
            if null != known.nullity as u64 {
                assert!(
                    matches!(kind, Kind::Degenerate { .. }) && !card.verdict.can_descend(),
                    "{text}: {kind:?}"
                );
                untold.push(*text);
                continue;
            }
            let right = match known.nature() {
                Nature::Minimum => matches!(kind, Kind::Minimum),
                Nature::Maximum => matches!(kind, Kind::Maximum),
                Nature::Saddle => *kind == Kind::Saddle { index: known.index as u64, index_exact: true },
                Nature::Degenerate => matches!(kind, Kind::Degenerate { .. }),
            };
            assert!(right, "{text}: {kind:?} for {known:?}");
            if let Some(condition) = card.condition {
                assert_eq!(condition.definite, known.nature() == Nature::Minimum);
                assert_eq!(condition.null, known.nullity as u64);
            }
        }
    }
    assert_eq!(untold, TOO_BADLY_SCALED);
}

#[test]
fn its_keys_are_stable() {
    let objective = Analytic::<f32>::new("walled-saddle".parse().unwrap(), Default::default());
    let oracle = Oracle::new(&objective);
    oracle.value(&[1.0, 1.0]).unwrap();
    let found = point(&oracle, &[0.0, 0.0], &PointOptions::default()).unwrap();
    let json = serde_json::to_value(&found.card).unwrap();
    assert_eq!(json["loss"], 0.0);
    assert_eq!(json["accuracy"], serde_json::Value::Null);
    assert_eq!(json["grad_norm"], 0.0);
    assert_eq!(json["dimension"], 2);
    assert_eq!(json["eigenvalues"][0]["value"], 10.0);
    assert!(json["eigenvalues"][0]["residual"].is_number());
    assert_eq!(json["eigenvalue_min"], -2.0);
    assert_eq!(json["negative_count"], 1);
    assert_eq!(json["trace"], serde_json::json!({"mean": 8.0, "stderr": 0.0}));
    assert_eq!(json["verdict"]["kind"], "saddle");
    assert_eq!(json["verdict"]["index"], 1);
    // What the oracle did before is not the card's.
    let counts = oracle.counts();
    assert_eq!(json["oracle"]["values"], counts.values - 1);
    assert_eq!(json["oracle"]["gradients"], counts.gradients);
    assert_eq!(json["oracle"]["products"], counts.products);
    assert!(found.card.verdict.escape.unwrap().direction[1].abs() > 0.999);
}

#[test]
fn what_cannot_be_had_is_said() {
    let objective = samples::least_squares(10, 3);
    let error = point(&Oracle::<f64>::new(&objective), &[0.0; 3], &PointOptions::default()).unwrap_err();
    assert!(matches!(error, CurvatureError::Unsupported(_)) && error.to_string().contains("Hessian"));
    let plane = Analytic::<f64>::new("rosenbrock:20".parse().unwrap(), Default::default());
    let oracle = Oracle::new(&plane).with_budget(Budget { products: Some(5), ..Default::default() });
    let error = point(&oracle, &[1.0; 20], &PointOptions::default()).unwrap_err();
    assert!(matches!(error, CurvatureError::Stopped(Stop::Budget { limit: 5, .. })), "{error}");
    let far = point(&Oracle::new(&plane), &[1e200; 20], &PointOptions::default()).unwrap_err();
    assert!(matches!(far, CurvatureError::Stopped(Stop::NonFinite { .. })), "{far}");
}
