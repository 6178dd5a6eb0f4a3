use super::*;
use crate::krylov::Count;
use crate::optim::{Ending, Limits, StepLength, gradient_descent};
use crate::samples::{self, Function, function};
use crate::{Budget, Evaluation};

fn at(f: &Function, x: &[f64]) -> Verdict {
    verdict(&Oracle::new(f), x, &VerdictOptions::default())
}

/// A function of the plane with the Hessian [a, b; b, c] at the origin, where its gradient is 0.
fn degenerate(value: fn(f64, f64) -> f64, gradient: fn(f64, f64) -> [f64; 2], hessian: [f64; 3]) -> Function {
    function(
        2,
        move |x| value(x[0], x[1]),
        move |x, g| g.copy_from_slice(&gradient(x[0], x[1])),
        move |_, h| h.copy_from_slice(&[hessian[0], hessian[1], hessian[1], hessian[2]]),
    )
}

#[test]
fn gradient_descent_from_the_wall_ends_at_a_saddle_and_is_told_so() {
    let f = samples::walled_saddle();
    let oracle = Oracle::new(&f);
    let (state, outcome) =
        gradient_descent(&oracle, vec![1.0, 0.0], StepLength::Constant(0.05), &Limits::default()).unwrap();
    assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
    let found = verdict(&oracle, &state.point.x, &VerdictOptions::default());
    assert_eq!(found.kind, Kind::Saddle { index: 1, index_exact: true });
    let escape = found.escape.clone().unwrap();
    assert_eq!(escape.direction.iter().map(|d| d.abs()).collect::<Vec<_>>(), [0.0, 1.0]);
    assert_eq!((escape.curvature, escape.distance, escape.decrease), (-2.0, 1.0, 0.75));
    let curvature = found.curvature.as_ref().unwrap();
    assert_eq!((curvature.smallest.value, curvature.largest.value), (-2.0, 10.0));
    assert!(curvature.largest.residual < 1e-13);
    assert!(found.can_descend());
    let words = found.words();
    assert!(words.starts_with("A saddle of index 1.") && words.contains("1.000 along x[1]"), "{words}");

    for y in [2f64.sqrt(), -(2f64.sqrt())] {
        let found = at(&f, &[0.0, y]);
        assert_eq!(found.kind, Kind::Minimum);
        assert!(!found.can_descend() && found.escape.is_none());
    }
}

#[test]
fn quadratics_of_every_index() {
    for n in 1..=6 {
        for index in 0..=n {
            let spectrum: Vec<f64> =
                (0..n).map(|i| (i as f64 + 1.0) * if i < index { -0.7 } else { 1.3 }).collect();
            let found = at(&samples::quadratic(&spectrum), &vec![0.0; n]);
            let expected = match index {
                0 => Kind::Minimum,
                i if i == n => Kind::Maximum,
                i => Kind::Saddle { index: i as u64, index_exact: true },
            };
            assert_eq!(found.kind, expected, "{spectrum:?}");
            let curvature = found.curvature.as_ref().unwrap();
            let least = spectrum.iter().copied().fold(f64::INFINITY, f64::min);
            assert!((curvature.smallest.value - least).abs() < 1e-13);
            assert_eq!((curvature.negative, curvature.positive), (index as u64, Some((n - index) as u64)));
            assert_eq!(found.escape.is_some(), index > 0);
            if let Some(escape) = found.escape {
                assert!((escape.curvature - least).abs() < 1e-13 && escape.decrease > 0.0);
            }
        }
    }
}

/// Critical points of the extended Rosenbrock function in four dimensions, as found by Shang &
/// Qiu (2006): the global minimum, a second minimum, and the saddle between them.
#[test]
fn rosenbrocks_critical_points() {
    let f = samples::rosenbrock(4);
    let global = at(&f, &[1.0; 4]);
    assert_eq!((global.kind, global.value), (Kind::Minimum, 0.0));
    let second = at(&f, &[-0.7756592266, 0.6130933655, 0.3820628463, 0.1459720186]);
    assert_eq!(second.kind, Kind::Minimum);
    assert!((second.value - 3.701428610).abs() < 1e-8);
    let saddle = at(&f, &[-0.6561246357, 0.4431200410, 0.2043122482, 0.0417434948]);
    assert_eq!(saddle.kind, Kind::Saddle { index: 1, index_exact: true });
    assert!((saddle.value - 3.708241997).abs() < 1e-8);
    let slope = at(&f, &[0.0; 4]);
    assert_eq!(slope.kind, Kind::NotCritical);
    assert!(slope.can_descend() && slope.words().starts_with("Not a critical point."));
}

/// The order, what is said, and whether a straight way down is given.
#[track_caller]
fn expect(f: &Function, order: u32, character: Character, escape: bool) -> Verdict {
    let found = at(f, &vec![0.0; f.layout.dimension()]);
    assert_eq!(found.kind, Kind::Degenerate { order: Some(order), character }, "{:?}", found.probes);
    assert_eq!(found.escape.is_some(), escape);
    found
}

#[test]
fn degenerate_points_of_every_character() {
    let monkey =
        degenerate(|x, y| x * (x * x - 3.0 * y * y), |x, y| [3.0 * (x * x - y * y), -6.0 * x * y], [0.0; 3]);
    let found = expect(&monkey, 3, Character::Saddle, true);
    assert!((found.probes[0].coefficient - 1.0).abs() <= found.probes[0].error.max(1e-12));
    assert_eq!(found.curvature.unwrap().null, Some(2));

    let bowl = degenerate(|x, y| x.powi(4) + y.powi(4), |x, y| [4.0 * x.powi(3), 4.0 * y.powi(3)], [0.0; 3]);
    let found = expect(&bowl, 4, Character::NoDescentFound, false);
    assert!(found.words().contains("may be a minimum"), "{}", found.words());
    assert!(!found.can_descend());

    let cusp = degenerate(|x, y| x * x + y.powi(3), |x, y| [2.0 * x, 3.0 * y * y], [2.0, 0.0, 0.0]);
    expect(&cusp, 3, Character::Saddle, true);
    let channel = degenerate(|x, y| x * x + y.powi(4), |x, y| [2.0 * x, 4.0 * y.powi(3)], [2.0, 0.0, 0.0]);
    expect(&channel, 4, Character::NoDescentFound, false);
    let pass = degenerate(|x, y| y * y - x.powi(4), |x, y| [-4.0 * x.powi(3), 2.0 * y], [0.0, 0.0, 2.0]);
    let found = expect(&pass, 4, Character::Saddle, true);
    let leading = found.escape.unwrap().leading;
    assert_eq!((leading.len(), leading[0].name.as_str(), leading[0].value), (1, "x[0]", 1.0));
    let ridge = degenerate(|x, y| -x * x - y.powi(6), |x, y| [-2.0 * x, -6.0 * y.powi(5)], [-2.0, 0.0, 0.0]);
    expect(&ridge, 6, Character::NoAscentFound, true);
    let cross = degenerate(|x, y| x * x * y * y, |x, y| [2.0 * x * y * y, 2.0 * x * x * y], [0.0; 3]);
    expect(&cross, 4, Character::NoDescentFound, false);
    let line = function(1, |x| x[0].powi(3), |x, g| g[0] = 3.0 * x[0] * x[0], |x, h| h[0] = 6.0 * x[0]);
    expect(&line, 3, Character::Saddle, true);
}

/// Peano's surface (y − x²)(y − 3x²) rises along every line through the origin and falls along y = 2x².
#[test]
fn peanos_surface_is_seen_through() {
    let peano = degenerate(
        |x, y| (y - x * x) * (y - 3.0 * x * x),
        |x, y| [-8.0 * x * y + 12.0 * x.powi(3), 2.0 * y - 4.0 * x * x],
        [0.0, 0.0, 2.0],
    );
    let found = expect(&peano, 4, Character::Saddle, false);
    let [line, curve] = &found.probes[..] else { panic!("{:?}", found.probes) };
    assert!(line.path == Path::Line && line.rises() && (line.coefficient - 3.0).abs() < 1e-9);
    assert!(curve.path == Path::Curve && curve.falls() && (curve.coefficient + 1.0).abs() < 1e-9);
    assert!(found.can_descend());
}

#[test]
fn plateaus() {
    let flat = degenerate(|_, _| 3.7, |_, _| [0.0; 2], [0.0; 3]);
    assert_eq!(at(&flat, &[0.3, -0.2]).kind, Kind::Plateau);
    let flatter = degenerate(
        |x, y| if x == 0.0 && y == 0.0 { 0.0 } else { (-1.0 / (x * x + y * y)).exp() },
        |_, _| [0.0; 2],
        [0.0; 3],
    );
    let found = at(&flatter, &[0.0, 0.0]);
    assert_eq!(found.kind, Kind::Plateau);
    assert!(found.words().starts_with("A plateau"));
}

#[test]
fn a_known_lipschitz_constant_widens_the_threshold() {
    let quartic =
        function(1, |x| x[0].powi(4), |x, g| g[0] = 4.0 * x[0].powi(3), |x, h| h[0] = 12.0 * x[0] * x[0]);
    let x = [1e-3];
    assert_eq!(at(&quartic, &x).kind, Kind::Minimum);
    let options = VerdictOptions { hessian_lipschitz: Some(24.0), ..VerdictOptions::default() };
    let found = verdict(&Oracle::new(&quartic), &x, &options);
    assert_eq!(found.curvature.unwrap().threshold, (24.0 * found.gradient_norm).sqrt());
    assert!(
        matches!(found.kind, Kind::Degenerate { character: Character::NoDescentFound, .. }),
        "{:?}",
        found.kind
    );
}

#[test]
fn large_points_are_judged_by_the_ends_of_the_spectrum() {
    let n = 600;
    let spectrum = |low: &[f64]| -> Vec<f64> {
        low.iter().copied().chain((low.len()..n).map(|i| 1.0 + (i as f64 / n as f64).powi(2))).collect()
    };
    let ends = ExtremalOptions { bottom: 3, ..ExtremalOptions::default() };
    let three = VerdictOptions { ends, ..VerdictOptions::default() };
    let kind = |values: &[f64]| at(&samples::diagonal(values), &vec![0.0; n]);
    let saddle = samples::diagonal(&spectrum(&[-2.0, -1.0, -0.5]));
    let saddle = verdict(&Oracle::new(&saddle), &vec![0.0; n], &three);
    assert_eq!(saddle.kind, Kind::Saddle { index: 3, index_exact: false });
    assert_eq!(saddle.escape.as_ref().unwrap().leading[0].position, 0);
    let mut estimated = saddle.clone();
    let count = |upper| Some(Count { mean: 3.2, stderr: 0.4, lower: 2.5, upper });
    estimated.curvature.as_mut().unwrap().negative_estimate = count(4.0);
    assert!(estimated.words().contains("; an estimated 3.2 ± 0.4 are negative"), "{}", estimated.words());
    estimated.curvature.as_mut().unwrap().negative_estimate = count(500.0);
    assert!(estimated.words().contains("; between 2 and 500 are negative, many"), "{}", estimated.words());
    assert!(saddle.words().starts_with("A saddle of index 3 or more."));
    assert_eq!(kind(&spectrum(&[0.5])).kind, Kind::Minimum);
    let negated: Vec<f64> = spectrum(&[0.5]).iter().map(|v| -v).collect();
    assert_eq!(kind(&negated).kind, Kind::Maximum);
    let valley = kind(&spectrum(&[0.0]));
    assert_eq!(valley.kind, Kind::Degenerate { order: None, character: Character::NoDescentFound });
    let curvature = valley.curvature.unwrap();
    assert!(!curvature.exact && curvature.null.is_none() && curvature.confirmed);
    // An eigenvalue that is at the threshold but for its error has no clear sign.
    let borderline = kind(&spectrum(&[curvature.threshold]));
    assert_eq!(borderline.kind, Kind::Undecided { doubt: Doubt::Residual });
    assert_eq!(borderline.curvature.unwrap().unclear, 1);

    let hurried = VerdictOptions {
        ends: ExtremalOptions { confirm: false, ..VerdictOptions::default().ends },
        ..VerdictOptions::default()
    };
    let bowl = samples::diagonal(&spectrum(&[0.5]));
    let found = verdict(&Oracle::new(&bowl), &vec![0.0; n], &hurried);
    assert_eq!(found.kind, Kind::Undecided { doubt: Doubt::Unconfirmed });
}

#[test]
fn single_precision_is_judged_with_its_own_rounding() {
    let found =
        verdict::<f32>(&Oracle::new(&samples::walled_saddle()), &[0.0; 2], &VerdictOptions::default());
    assert_eq!(found.kind, Kind::Saddle { index: 1, index_exact: true });
    let valley = samples::quadratic(&[1.0, 0.0, 2.0]);
    let found = verdict::<f32>(&Oracle::new(&valley), &[0.0; 3], &VerdictOptions::default());
    assert_eq!(found.kind, Kind::Degenerate { order: None, character: Character::NoDescentFound });
    assert_eq!(found.curvature.unwrap().null, Some(1));
}

#[test]
fn a_stopped_oracle_leaves_the_kind_undecided() {
    let f = samples::walled_saddle();
    let budget = Budget { products: Some(1), ..Budget::default() };
    let found = verdict(&Oracle::new(&f).with_budget(budget), &[0.0, 0.0], &VerdictOptions::default());
    let stop = Stop::Budget { evaluation: Evaluation::Product, limit: 1 };
    assert_eq!(found.kind, Kind::Undecided { doubt: Doubt::Stopped(stop) });
    assert!(found.words().contains("the budget of 1 product evaluations is used up"), "{}", found.words());
    let infinite = verdict(&Oracle::new(&f), &[f64::INFINITY, 0.0], &VerdictOptions::default());
    assert!(matches!(infinite.kind, Kind::Undecided { doubt: Doubt::Stopped(Stop::NonFinite { .. }) }));
    let sum = samples::least_squares(5, 2);
    let found = verdict(&Oracle::new(&sum), &[0.0f64, 0.0], &VerdictOptions::default());
    assert_eq!(found.kind, Kind::NotCritical);
    let lenient = VerdictOptions { gradient: 1e3, ..VerdictOptions::default() };
    let found = verdict(&Oracle::new(&sum), &[0.0f64, 0.0], &lenient);
    assert_eq!(found.kind, Kind::Undecided { doubt: Doubt::NoHessian });
}

#[test]
fn json_has_the_documented_keys() {
    let found = at(&samples::walled_saddle(), &[0.0, 0.0]);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!((json["kind"].as_str(), json["index"].as_u64()), (Some("saddle"), Some(1)));
    assert_eq!(json["curvature"]["smallest"]["value"].as_f64(), Some(-2.0));
    assert_eq!(json["escape"]["direction"].as_array().map(Vec::len), Some(2));
    let sum = samples::least_squares(5, 2);
    let lenient = VerdictOptions { gradient: 1e3, ..VerdictOptions::default() };
    let json = serde_json::to_value(verdict(&Oracle::new(&sum), &[0.0f64, 0.0], &lenient)).unwrap();
    assert_eq!((json["kind"].as_str(), json["doubt"].as_str()), (Some("undecided"), Some("no_hessian")));
}

/// f = 10¹² (x − π)²/2: at the number next to π the gradient is 10¹² times the error of rounding π, above 10⁻⁶.
#[test]
fn a_critical_point_that_had_to_be_rounded_is_critical() {
    let size = 1e12;
    let at_pi = |x: f64| 1.2246467991473532e-16 + (std::f64::consts::PI - x);
    let f = function(
        1,
        move |x| 0.5 * size * at_pi(x[0]).powi(2),
        move |x, g| g[0] = -size * at_pi(x[0]),
        move |_, h| h[0] = size,
    );
    let found = at(&f, &[std::f64::consts::PI]);
    assert!(found.gradient_norm > 1e-4 && found.kind == Kind::Minimum, "{found:?}");
    // Two numbers further it is no rounding any more.
    let ulp = std::f64::consts::PI * f64::EPSILON;
    assert_eq!(at(&f, &[std::f64::consts::PI + 2.0 * ulp]).kind, Kind::NotCritical);
}
