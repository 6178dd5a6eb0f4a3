//! Descent that ends at a saddle, and the verdict that says so.

use thalweg_lab::Oracle;
use thalweg_lab::curvature::{PointOptions, point};
use thalweg_lab::optim::{Character, Ending, Kind, Limits, StepLength, gradient_descent};
use thalweg_lab::problem::analytic::{Analytic, Function};

fn descend(text: &str, rate: f64, iterations: u64) -> (Analytic<f64>, Vec<f64>, Ending) {
    let function: Function = text.parse().unwrap();
    let start = function.start::<f64>();
    let objective = Analytic::new(function, Default::default());
    let limits = Limits { iterations, ..Default::default() };
    let (state, outcome) =
        gradient_descent(&Oracle::new(&objective), start, StepLength::Constant(rate), &limits).unwrap();
    (objective, state.point.x, outcome.ending)
}

#[test]
fn descent_on_the_walled_saddle_ends_at_it_and_the_card_shows_the_way_out() {
    let (objective, x, ending) = descend("walled-saddle", 0.05, 1000);
    assert!(matches!(ending, Ending::Converged { .. }), "{ending:?}");
    assert!(x[0].abs() < 1e-8 && x[1] == 0.0, "{x:?}");
    let card = point(&Oracle::new(&objective), &x, &PointOptions::default()).unwrap().card;
    assert_eq!(card.verdict.kind, Kind::Saddle { index: 1, index_exact: true });
    assert_eq!((card.negative_count, card.negative_count_exact), (1, true));
    let escape = card.verdict.escape.unwrap();
    assert!((escape.curvature + 2.0).abs() < 1e-12 && escape.decrease > 0.5);
    assert!(escape.direction[0].abs() < 1e-12 && (escape.direction[1].abs() - 1.0).abs() < 1e-12);
    // Along the escape direction lies the minimum at √2.
    let down: Vec<f64> = x.iter().zip(&escape.direction).map(|(x, d)| x + escape.distance * d).collect();
    let (state, _) =
        gradient_descent(&Oracle::new(&objective), down, StepLength::Constant(0.05), &Limits::default())
            .unwrap();
    assert!((state.point.x[1].abs() - 2f64.sqrt()).abs() < 1e-7 && (state.point.value + 1.0).abs() < 1e-12);
    let card = point(&Oracle::new(&objective), &state.point.x, &PointOptions::default()).unwrap().card;
    assert_eq!(card.verdict.kind, Kind::Minimum);
}

#[test]
fn the_monkey_saddle_is_told_from_a_minimum_by_its_third_derivative() {
    let (objective, x, _) = descend("monkey-saddle", 0.1, 20_000);
    // 1/(0.3 k) after k steps.
    assert!(x[0] > 1e-5 && x[0] < 1e-3 && x[1] == 0.0, "{x:?}");
    for x in [vec![0.0, 0.0], x] {
        let card = point(&Oracle::new(&objective), &x, &PointOptions::default()).unwrap().card;
        let kind = &card.verdict.kind;
        if x[0] == 0.0 {
            assert_eq!(*kind, Kind::Degenerate { order: Some(3), character: Character::Saddle });
        } else {
            // 6x ≥ h on one side and −6x on the other: a saddle all the same.
            assert_eq!(*kind, Kind::Saddle { index: 1, index_exact: true }, "{}", card.verdict.words());
        }
    }
}
