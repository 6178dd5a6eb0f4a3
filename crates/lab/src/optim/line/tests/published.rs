//! The six functions of §5 of Moré and Thuente (eqs. 5.1 to 5.4) with the six tables there: first
//! trial, number of evaluations of φ, final length and slope. Lengths are printed to two digits or three.

use super::*;

#[track_caller]
fn table(f: impl Fn() -> Function, decrease: f64, curvature: f64, rows: [(f64, u64, f64, f64); 4]) {
    for (first, evaluations, length, slope) in rows {
        // The guess that gives `first`: the last length was `first`, to be taken again.
        let rule = MoreThuente {
            guess: Guess::Last { growth: 1.0 },
            decrease,
            curvature,
            longest: 4.0 * first.max(1.0),
            ..Default::default()
        };
        let (found, point, counts) =
            search_after(&f(), StepLength::MoreThuente(rule), &mut [first, -1.0, 0.0]);
        let found = found.unwrap();
        assert_eq!(counts, [0, evaluations], "from {first}: {found}, {:e}", point.gradient[0]);
        assert!((found - length).abs() <= 0.05 * length, "from {first}: {found} against {length}");
        let (found, near) = (point.gradient[0], 0.06 * slope.abs());
        assert!((found - slope).abs() <= near, "from {first}: {found:e} against {slope:e}");
    }
}

#[test]
fn a_concave_start() {
    let b = 2.0;
    let f = || one(move |a| -a / (a * a + b), move |a| (a * a - b) / (a * a + b).powi(2));
    let rows =
        [(1e-3, 6, 1.4, -9.2e-3), (1e-1, 3, 1.4, 4.7e-3), (1e1, 1, 10.0, 9.4e-3), (1e3, 4, 37.0, 7.3e-4)];
    table(f, 1e-3, 1e-1, rows);
}

/// What the text says beside the tables: with μ = η = 0.1 nothing changes but from 10 and 1000.
#[test]
fn a_concave_start_with_looser_conditions() {
    let f = one(|a| -a / (a * a + 2.0), |a| (a * a - 2.0) / (a * a + 2.0).powi(2));
    let rows = [(1e-3f64, 6, 1.4), (1e-1, 3, 1.4), (1e1, 3, 1.6), (1e3, 7, 1.6)];
    for (first, evaluations, length) in rows {
        let rule = MoreThuente {
            guess: Guess::Last { growth: 1.0 },
            decrease: 0.1,
            curvature: 0.1,
            longest: 4.0 * first.max(1.0),
            ..Default::default()
        };
        let (found, _, counts) = search_after(&f, StepLength::MoreThuente(rule), &mut [first, -1.0, 0.0]);
        assert_eq!(counts, [0, evaluations], "from {first}");
        assert!((found.unwrap() - length).abs() <= 0.05, "from {first}: {found:?}");
    }
}

#[test]
fn a_flat_quintic() {
    let b = 0.004;
    let f = || {
        one(
            move |a| (a + b).powi(5) - 2.0 * (a + b).powi(4),
            move |a| 5.0 * (a + b).powi(4) - 8.0 * (a + b).powi(3),
        )
    };
    // The paper gives the first slope as 7.1e-9. SciPy 1.17's `DCSRCH`, which agrees in the rest, ends
    // at 6.8e-11 as well.
    let rows =
        [(1e-3, 12, 1.6, 6.8e-11), (1e-1, 8, 1.6, 1e-10), (1e1, 8, 1.6, -5e-9), (1e3, 11, 1.6, -2.3e-8)];
    table(f, 1e-1, 1e-1, rows);
}

#[test]
fn a_wiggly_wedge() {
    use std::f64::consts::PI;
    let (b, l) = (0.01, 39.0);
    let f = || {
        let wedge = move |a: f64| match a {
            a if a <= 1.0 - b => [1.0 - a, -1.0],
            a if a >= 1.0 + b => [a - 1.0, 1.0],
            a => [(a - 1.0).powi(2) / (2.0 * b) + b / 2.0, (a - 1.0) / b],
        };
        one(
            move |a| wedge(a)[0] + 2.0 * (1.0 - b) / (l * PI) * (l * PI / 2.0 * a).sin(),
            move |a| wedge(a)[1] + (1.0 - b) * (l * PI / 2.0 * a).cos(),
        )
    };
    let rows =
        [(1e-3, 12, 1.0, -5.1e-5), (1e-1, 12, 1.0, -1.9e-4), (1e1, 10, 1.0, -2e-6), (1e3, 13, 1.0, -1.6e-5)];
    table(f, 1e-1, 1e-1, rows);
}

/// Yanai, Ozawa and Kaneko's functions.
fn yanai(b1: f64, b2: f64) -> Function {
    let gamma = |b: f64| (1.0 + b * b).sqrt() - b;
    let (g1, g2) = (gamma(b1), gamma(b2));
    one(
        move |a| g1 * ((1.0 - a).powi(2) + b2 * b2).sqrt() + g2 * (a * a + b1 * b1).sqrt(),
        move |a| g1 * (a - 1.0) / ((1.0 - a).powi(2) + b2 * b2).sqrt() + g2 * a / (a * a + b1 * b1).sqrt(),
    )
}

#[test]
fn two_sharp_bends() {
    // The paper prints 0.08 for 0.085, which three trials of four times the advance before lead to exactly.
    let rows = [
        (1e-3, 4, 0.085, -6.9e-5),
        (1e-1, 1, 0.10, -4.9e-5),
        (1e1, 3, 0.35, -2.9e-6),
        (1e3, 4, 0.83, 1.6e-5),
    ];
    table(|| yanai(0.001, 0.001), 1e-3, 1e-3, rows);
}

#[test]
fn a_soft_bend_then_a_sharp_one() {
    let rows = [
        (1e-3, 6, 0.075, 1.9e-4),
        (1e-1, 3, 0.078, 7.4e-4),
        (1e1, 7, 0.073, -2.6e-4),
        (1e3, 8, 0.076, 4.5e-4),
    ];
    table(|| yanai(0.01, 0.001), 1e-3, 1e-3, rows);
}

#[test]
fn a_sharp_bend_then_a_soft_one() {
    let rows = [
        (1e-3, 13, 0.93, 5.2e-4),
        (1e-1, 11, 0.93, 8.4e-5),
        (1e1, 8, 0.92, -2.4e-4),
        (1e3, 11, 0.92, -3.2e-4),
    ];
    table(|| yanai(0.001, 0.01), 1e-3, 1e-3, rows);
}
