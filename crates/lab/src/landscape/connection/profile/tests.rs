use super::*;
use crate::landscape::CurveKind;
use crate::samples;

fn product() -> samples::Function {
    samples::function(2, |w| 0.5 * (w[0] * w[1] - 1.0).powi(2), |_, _| (), |_, _| ())
}

fn fine() -> ProfileOptions {
    ProfileOptions { tolerance: 1e-12, rounds: 60, ..ProfileOptions::default() }
}

/// Along the straight line from (a, 1/a) to (1/a, a) the barrier is ½(((a + 1/a)/2)² − 1)², at the middle.
#[test]
fn straight_lines_have_the_barrier_of_the_closed_form() {
    let f = product();
    for (a, height) in [(2.0, 0.158_203_125), (4.0, 6.179_809_570_312_5)] {
        // 12 points: the middle is not among them.
        let options = ProfileOptions { points: 12, ..fine() };
        let line = Curve::line(&[a, 1.0 / a], &[1.0 / a, a]).unwrap();
        let found = profile(&Oracle::new(&f), &line, &options).unwrap();
        let barrier = found.barrier.unwrap();
        assert!((barrier.height - height).abs() < 1e-7 * height, "{a}: {barrier:?}");
        assert!((barrier.t - 0.5).abs() < 1e-3);
        assert_eq!((barrier.stderr, found.ends), (None, [0.0; 2]));
        assert!(found.samples.windows(2).all(|w| w[0].t < w[1].t));
    }
}

/// The highest point of the best quadratic Bézier curve for a = 2, where two bumps are equally high.
#[test]
fn a_bent_curves_highest_point_is_that_of_its_polynomial() {
    let f = product();
    let c = 0.758_978_007_0;
    let curve = Curve::new(CurveKind::Bezier, vec![vec![2.0, 0.5], vec![c, c], vec![0.5, 2.0]]).unwrap();
    let found = profile(&Oracle::new(&f), &curve, &fine()).unwrap();
    let highest = found.highest.unwrap();
    assert!((highest.height - 5.946_663e-5).abs() < 1e-11, "{highest:?}");
    assert!((found.barrier.unwrap().height - highest.height).abs() < 1e-15);
}

/// An asymmetric bump: f = sin(πt³)(1 + t) + 2t, whose excess over the ends' line is sin(πt³)(1 + t).
#[test]
fn the_search_closes_in_on_a_peak_off_the_grid() {
    let wave = |t: f64| (std::f64::consts::PI * t.powi(3)).sin() * (1.0 + t);
    let f = samples::function(1, move |x| wave(x[0]) + 2.0 * x[0], |_, _| (), |_, _| ());
    let brute = (0..=4_000_000).map(|i| wave(f64::from(i) / 4e6)).fold(0.0, f64::max);
    let line = Curve::line(&[0.0], &[1.0]).unwrap();
    let oracle = Oracle::new(&f);
    let found = profile(&oracle, &line, &fine()).unwrap();
    assert!((found.barrier.unwrap().height - brute).abs() < 1e-10);
    assert!(oracle.counts().values < 200, "{:?}", oracle.counts());
    assert!((found.ends[1] - 2.0).abs() < 1e-15);
}

#[test]
fn a_quadratic_has_no_barrier() {
    let f = samples::quadratic(&[3.0, 1.0, 0.2]);
    let line = Curve::line(&[1.0, -2.0, 0.5], &[-0.5, 1.0, 2.0]).unwrap();
    let found = profile(&Oracle::new(&f), &line, &fine()).unwrap();
    let barrier = found.barrier.unwrap();
    assert_eq!(barrier.height, 0.0);
    assert!(barrier.t == 0.0 || barrier.t == 1.0);
    assert_eq!(found.highest.unwrap().height, found.ends[0].max(found.ends[1]));
}

/// The barrier of one example's loss −aᵢ²t(1 − t)‖b − a‖²… is a parabola, so the mean's error is known by hand.
#[test]
fn the_error_is_that_of_differences_example_by_example() {
    let sum = samples::least_squares(30, 3);
    let (a, b) = ([0.0, 2.0, 1.0], [3.0, -1.0, 0.0]);
    // A concave detour: from a by way of a point with larger losses.
    let bend = [6.0, 4.0, -5.0];
    let curve = Curve::new(CurveKind::Bezier, vec![a.to_vec(), bend.to_vec(), b.to_vec()]).unwrap();
    let oracle: Oracle<'_, f64> = Oracle::new(&sum);
    let found = profile(&oracle, &curve, &ProfileOptions::default()).unwrap();
    let barrier = found.barrier.unwrap();
    let losses = |t: f64| crate::FiniteSum::losses(&sum, &curve.at(t)).unwrap();
    let (first, top, last) = (losses(0.0), losses(barrier.t), losses(1.0));
    let over: Vec<f64> =
        (0..30).map(|i| top[i] - (1.0 - barrier.t) * first[i] - barrier.t * last[i]).collect();
    let mean = over.iter().sum::<f64>() / 30.0;
    assert!((mean - barrier.height).abs() < 1e-12 * mean);
    let square: f64 = over.iter().map(|d| (d - mean).powi(2)).sum();
    assert!((barrier.stderr.unwrap() - (square / 29.0 / 30.0).sqrt()).abs() < 1e-12);
    assert!(barrier.paired);
}

#[test]
fn values_that_are_not_finite_are_kept() {
    let f = samples::function(1, |x| (0.5 - x[0]).ln(), |_, _| (), |_, _| ());
    let line = Curve::line(&[0.0], &[1.0]).unwrap();
    let found = profile(&Oracle::new(&f), &line, &ProfileOptions { points: 5, ..fine() }).unwrap();
    let kinds: Vec<&str> = found.non_finite.iter().map(|n| n.found.as_str()).collect();
    assert_eq!(kinds, ["-inf", "NaN", "NaN"]);
    assert_eq!((found.barrier, found.highest, found.samples.len()), (None, None, 5));
}
