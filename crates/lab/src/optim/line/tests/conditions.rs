//! Each search meets the conditions that it promises, on functions that are hard in turn.

use super::*;
use crate::optim::{LineSearch, SteepestDescent, minimize::Iteration};

/// Parabolas whose minimizer is far and near, a wave on a slope, a wall beyond which f is NaN.
fn hard() -> [Function; 4] {
    [
        one(|a| (a - 1e3).powi(2), |a| 2.0 * (a - 1e3)),
        one(|a| (a - 1e-3).powi(2), |a| 2.0 * (a - 1e-3)),
        wave(),
        wall(),
    ]
}

fn wave() -> Function {
    one(
        |a| -a + 0.1 * (9.0 * a).sin() + 0.01 * a.powi(4),
        |a| -1.0 + 0.9 * (9.0 * a).cos() + 0.04 * a.powi(3),
    )
}

/// Falls to its minimum at 0.2 and ends at 0.3.
fn wall() -> Function {
    one(|a| -10.0 * a - (0.3 - a).ln(), |a| -10.0 + 1.0 / (0.3 - a))
}

/// φ(0), φ′(0), φ(α), φ′(α).
fn ends(f: &Function, found: &Point<f64>) -> [f64; 4] {
    let oracle = Oracle::new(f);
    let mut slope = [0.0];
    let value = oracle.value_grad(&[0.0], &mut slope).unwrap();
    let mut there = [0.0];
    let check = oracle.value_grad(&found.x, &mut there).unwrap();
    assert_eq!((check, there[0]), (found.value, found.gradient[0]), "the point is left as it was evaluated");
    [value, slope[0], found.value, found.gradient[0]]
}

#[test]
fn wolfes_conditions_hold() {
    for curvature in [0.9, 0.1, 1e-3] {
        let rules = [
            StepLength::StrongWolfe(StrongWolfe { curvature, ..Default::default() }),
            StepLength::MoreThuente(MoreThuente { curvature, ..Default::default() }),
        ];
        for rule in rules {
            for (i, f) in hard().iter().enumerate() {
                let (length, point, [values, _]) = search(f, rule);
                let [start, slope, value, there] = ends(f, &point);
                let length = length.unwrap_or_else(|| panic!("{rule:?} on {i}"));
                assert!(value <= start + 1e-4 * length * slope, "{rule:?} on {i}: {length}");
                assert!(there.abs() <= curvature * slope.abs(), "{rule:?} on {i}: {length}");
                assert_eq!(values, 0);
            }
        }
    }
}

#[test]
fn hager_and_zhangs_conditions_hold() {
    for guess in [Guess::HagerZhang, Guess::Unit] {
        let rule = HagerZhang { guess, curvature: 0.1, ..Default::default() };
        for (i, f) in hard().iter().enumerate() {
            let (length, point, _) = search(f, StepLength::HagerZhang(rule));
            let [start, slope, value, there] = ends(f, &point);
            let wolfe = value <= start + 0.1 * length.unwrap() * slope;
            let approximate = value <= start + 1e-6 * start.abs() && there <= -0.8 * slope;
            assert!(there >= 0.1 * slope && (wolfe || approximate), "{guess:?} on {i}: {length:?}");
        }
    }
}

/// (x − 1)² + 10⁸ from 1 − 10⁻⁵: the fall of 10⁻¹⁰ is below the rounding errors of f, so that
/// Armijo's condition is chance there, while the slope tells the minimum to the last digits.
#[test]
fn the_approximate_condition_sees_below_rounding_errors() {
    let f = one(|a| (a - 1e-5).powi(2) + 1e8, |a| 2.0 * (a - 1e-5));
    let rule = HagerZhang { curvature: 1e-3, guess: Guess::Unit, ..Default::default() };
    let (length, point, _) = search(&f, StepLength::HagerZhang(rule));
    assert!((length.unwrap() - 1e-5).abs() < 1e-8 && point.gradient[0].abs() < 2e-8, "{length:?}");
}

#[test]
fn goldsteins_conditions_hold() {
    for (i, f) in hard().iter().enumerate() {
        let (length, point, _) = search(f, StepLength::Goldstein(Goldstein::default()));
        let [start, slope, value, _] = ends(f, &point);
        let share = (value - start) / (length.unwrap() * slope);
        assert!((0.25..=0.75).contains(&share), "on {i}: {share}");
    }
}

/// φ = α²/2 − α from 0 along +1, where the share of the linear fall is 1 − α/2: Armijo's condition
/// with c = 0.3 is α ≤ 1.4; of 4, 2, 1 the third is the first that meets it.
#[test]
fn backtracking_takes_the_first_length_that_armijo_allows() {
    let f = one(|a| 0.5 * a * a - a, |a| a - 1.0);
    let rule = Backtracking {
        guess: Guess::Last { growth: 2.0 },
        longest: 10.0,
        decrease: 0.3,
        ..Default::default()
    };
    let mut past = [2.0, -1.0, 0.0];
    let (length, point, counts) = search_after(&f, StepLength::Backtracking(rule), &mut past);
    assert_eq!((length, point.x[0], counts), (Some(1.0), 1.0, [3, 1]));
    assert_eq!(past, [1.0, -1.0, 0.0], "α, φ′(0) and φ(0) are remembered");
    // From the unit step, the first trial brings its gradient along.
    let unit = StepLength::Backtracking(Backtracking { guess: Guess::Unit, ..rule });
    assert_eq!(search(&f, unit).2, [0, 1]);
}

/// φ = 100 (α²/2 − α/100): one wants α ≤ 0.02, and with φ(0) = 0 after a value of 40 the unit step's
/// 49 is still refused, then the parabola's minimizer 0.01, kept within a tenth, is 0.1: 0.4 ≤ 40.
#[test]
fn a_nonmonotone_step_may_rise_to_the_highest_of_the_last_values() {
    let f = || one(|a| 50.0 * a * a - a, |a| 100.0 * a - 1.0);
    let rule = Nonmonotone { window: 3, ..Default::default() };
    let start = |values: [f64; 3]| [&[1.0, -1.0, 0.0], &values[..]].concat();
    let run = |past: &mut Vec<f64>| search_after(&f(), StepLength::Nonmonotone(rule), past);
    let mut past = start([5.0, 40.0, 7.0]);
    let (length, point, counts) = run(&mut past);
    assert_eq!((length, counts), (Some(0.1), [1, 2]));
    assert!((point.value - 0.4).abs() < 1e-12);
    assert_eq!(past[3..], [0.0, 5.0, 40.0], "the newest value comes first, the oldest goes");
    // With no higher value behind it the step must fall: 0.01 does.
    let none = f64::NEG_INFINITY;
    assert!((run(&mut start([none; 3])).0.unwrap() - 0.01).abs() < 1e-15);
    // With 49 behind it the unit step is taken at once, by one gradient.
    let (length, _, counts) = run(&mut start([50.0, none, none]));
    assert_eq!((length, counts), (Some(1.0), [0, 1]));
}

/// f = x − ln x from x = 3, where f′ = 2/3: the step 6 leads to −1, where f is NaN, the step 3 to 1.
#[test]
fn a_trial_that_is_not_finite_is_too_far() {
    let f = samples::function(
        1,
        |x| x[0] - x[0].ln(),
        |x, g| g[0] = 1.0 - 1.0 / x[0],
        |x, h| h[0] = 1.0 / (x[0] * x[0]),
    );
    let oracle = Oracle::new(&f);
    let mut at = Point { x: vec![3.0f64], value: 0.0, gradient: vec![0.0] };
    at.value = oracle.value_grad(&[3.0], &mut at.gradient).unwrap();
    let mut next = at.clone();
    let rule = Backtracking { guess: Guess::Last { growth: 1.0 }, longest: 6.0, ..Default::default() };
    let mut past = [6.0, -1.0, 0.0];
    let length = StepLength::Backtracking(rule);
    let length = length.find(&oracle, &at, &[-2.0 / 3.0], &mut past, &mut next).unwrap();
    assert_eq!(length, Some(3.0));
    assert!((next.x[0] - 1.0).abs() < 1e-15);
    let others = [
        StepLength::Goldstein(Goldstein::default()),
        StepLength::StrongWolfe(StrongWolfe::default()),
        StepLength::MoreThuente(MoreThuente::default()),
        StepLength::HagerZhang(HagerZhang { guess: Guess::Unit, ..Default::default() }),
        StepLength::Nonmonotone(Nonmonotone::default()),
    ];
    for rule in others {
        // The unit step along −10 is far beyond the wall at 0.
        let found = rule.find(&oracle, &at, &[-10.0], &mut rule.begin(), &mut next).unwrap();
        assert!(found.is_some() && next.x[0] > 0.0 && next.value < at.value, "{rule:?}: {found:?}");
    }
}

#[test]
fn there_is_no_step_at_the_minimum_nor_uphill() {
    let f = samples::diagonal(&[1.0, 10.0]);
    let oracle = Oracle::new(&f);
    for place in 0..CHOICES.len() {
        let rule = chosen(place as f64, Guess::Unit, 0.9);
        for (x, d) in [([0.0, 0.0], [0.0, 0.0]), ([1.0, 0.0], [1.0, 0.0])] {
            let mut at = Point { x: x.to_vec(), value: 0.0, gradient: vec![0.0; 2] };
            at.value = oracle.value_grad(&x, &mut at.gradient).unwrap();
            let mut next = at.clone();
            let found = rule.find(&oracle, &at, &d, &mut rule.begin(), &mut next).unwrap();
            assert_eq!(found, None, "{rule:?}");
        }
    }
}

/// On ½x² from 2 with α₋ = 0.5, φ₋′ = −8 and f₋ = 4: the slope ratio gives 0.5 · 8/4 = 1; the parabola
/// min(1, 1.01 · 2 · (4 − 2)/4) = 1; with f₋ = 2.5, 1.01 · 2 · 0.5/4 = 0.2525; Hager and Zhang's probe at
/// 0.05 sees the parabola itself, whose minimizer along d = −2 is 1.
#[test]
fn guesses_follow_their_formulas() {
    let f = samples::diagonal(&[1.0]);
    let oracle = Oracle::new(&f);
    let at = Point { x: vec![2.0], value: 2.0, gradient: vec![2.0] };
    let mut next = at.clone();
    let mut guess = |guess: Guess, past: [f64; 3]| {
        let mut ray = Ray::new(&oracle, &at, &[-2.0], &mut next).unwrap();
        guess.on(&mut ray, &past).unwrap()
    };
    let none = [f64::INFINITY; 3];
    assert_eq!(guess(Guess::Unit, [0.5, -8.0, 4.0]), 1.0);
    assert_eq!(guess(Guess::Last { growth: 3.0 }, [0.5, -8.0, 4.0]), 1.5);
    assert_eq!(guess(Guess::SlopeRatio, [0.5, -8.0, 4.0]), 1.0);
    assert_eq!(guess(Guess::SlopeRatio, none), 0.5, "1/‖d‖");
    assert_eq!(guess(Guess::Quadratic, [0.5, -8.0, 4.0]), 1.0);
    assert_eq!(guess(Guess::Quadratic, none), 1.01 * 2.0 / 4.0, "1.01 ‖∇f‖/|φ′(0)|");
    assert!((guess(Guess::Quadratic, [0.5, -8.0, 2.5]) - 0.2525).abs() < 1e-15);
    assert!((guess(Guess::HagerZhang, [0.5, -8.0, 4.0]) - 1.0).abs() < 1e-12);
    assert_eq!(guess(Guess::HagerZhang, none), 0.01, "ψ₀ |x|/|d|");
    // A probe that rises says nothing: twice the last length.
    assert_eq!(guess(Guess::HagerZhang, [100.0, -8.0, 4.0]), 200.0);
}

#[test]
fn a_constant_step_needs_no_values_and_no_descent() {
    let f = samples::diagonal(&[1.0, 10.0]);
    let oracle = Oracle::new(&f);
    let line = LineSearch { descent: SteepestDescent, length: StepLength::Constant(0.05) };
    let at = Point { x: vec![1.0, 1.0], value: 5.5, gradient: vec![1.0, 10.0] };
    let mut next = at.clone();
    let length = line.advance(&oracle, &mut line.init(2), &at, &mut next).unwrap();
    assert_eq!((length, &next.x[..], oracle.counts().values), (Some(0.05), &[0.95, 0.5][..], 0));
    assert_eq!((oracle.counts().gradients, next.gradient), (1, vec![0.95, 5.0]));
}

/// f = −x falls without end: every search gives a step all the same.
#[test]
fn a_ray_without_a_floor_ends_with_a_long_step() {
    for place in 0..CHOICES.len() {
        let rule = chosen(place as f64, Guess::Unit, 0.5);
        let (length, point, _) = search(&one(|a| -a, |_| -1.0), rule);
        assert!(length.is_some_and(|l| l >= 1.0 && point.x[0] == l), "{rule:?}: {length:?}");
    }
}
