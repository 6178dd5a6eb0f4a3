//! Values by plain loops, and published minima.

use std::f64::consts::{E, PI};

use super::{Row, check};
use crate::Objective;

const ROWS: &[Row] = &[
    ("ackley:10", |x| {
        let n = x.len() as f64;
        let radius = (sum(x, |x| x * x) / n).sqrt();
        -20.0 * (-0.2 * radius).exp() - (sum(x, |x| (2.0 * PI * x).cos()) / n).exp() + 20.0 + E
    }),
    ("griewank:10", |x| {
        let product: f64 = x.iter().enumerate().map(|(i, x)| (x / ((i + 1) as f64).sqrt()).cos()).product();
        1.0 + sum(x, |x| x * x) / 4000.0 - product
    }),
    ("levy:1", levy),
    ("levy:5", levy),
    ("schwefel:5", |x| 418.98288727243374 * 5.0 - sum(x, |x| x * x.abs().sqrt().sin())),
    ("michalewicz:10", |x| {
        -x.iter()
            .enumerate()
            .map(|(i, x)| x.sin() * ((i + 1) as f64 * x * x / PI).sin().powi(20))
            .sum::<f64>()
    }),
    ("salomon:5", |x| {
        let r = sum(x, |x| x * x).sqrt();
        1.0 - (2.0 * PI * r).cos() + 0.1 * r
    }),
    ("alpine:3", |x| sum(x, |x| (x * x.sin() + 0.1 * x).abs())),
    ("zakharov:5", |x| {
        let s: f64 = x.iter().enumerate().map(|(i, x)| 0.5 * (i + 1) as f64 * x).sum();
        sum(x, |x| x * x) + s * s + s.powi(4)
    }),
    ("dixon-price:10", |x| {
        let step = |i: usize| (i + 1) as f64 * (2.0 * x[i] * x[i] - x[i - 1]).powi(2);
        (x[0] - 1.0).powi(2) + (1..10).map(step).sum::<f64>()
    }),
    ("trid:6", |x| sum(x, |x| (x - 1.0).powi(2)) - x.windows(2).map(|x| x[0] * x[1]).sum::<f64>()),
    ("sum-of-powers:4", |x| x.iter().enumerate().map(|(i, x)| x.abs().powi(i as i32 + 2)).sum()),
    ("himmelblau", |x| (x[0] * x[0] + x[1] - 11.0).powi(2) + (x[0] + x[1] * x[1] - 7.0).powi(2)),
    ("six-hump-camel", |x| {
        let [x, y] = [x[0], x[1]];
        4.0 * x * x - 2.1 * x.powi(4) + x.powi(6) / 3.0 + x * y - 4.0 * y * y + 4.0 * y.powi(4)
    }),
    ("three-hump-camel", |x| {
        let [x, y] = [x[0], x[1]];
        2.0 * x * x - 1.05 * x.powi(4) + x.powi(6) / 6.0 + x * y + y * y
    }),
    ("muller-brown", |x| {
        let [x, y] = [x[0], x[1]];
        -200.0 * (-(x - 1.0) * (x - 1.0) - 10.0 * y * y).exp()
            - 100.0 * (-x * x - 10.0 * (y - 0.5).powi(2)).exp()
            - 170.0
                * (-6.5 * (x + 0.5).powi(2) + 11.0 * (x + 0.5) * (y - 1.5) - 6.5 * (y - 1.5).powi(2)).exp()
            + 15.0 * (0.7 * (x + 1.0).powi(2) + 0.6 * (x + 1.0) * (y - 1.0) + 0.7 * (y - 1.0).powi(2)).exp()
    }),
    ("branin", |x| {
        let (b, c, t) = (5.1 / (4.0 * PI * PI), 5.0 / PI, 1.0 / (8.0 * PI));
        (x[1] - b * x[0] * x[0] + c * x[0] - 6.0).powi(2) + 10.0 * (1.0 - t) * x[0].cos() + 10.0
    }),
    ("goldstein-price", |x| {
        let [x, y] = [x[0], x[1]];
        let one = 19.0 - 14.0 * x + 3.0 * x * x - 14.0 * y + 6.0 * x * y + 3.0 * y * y;
        let two = 18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y;
        (1.0 + (x + y + 1.0).powi(2) * one) * (30.0 + (2.0 * x - 3.0 * y).powi(2) * two)
    }),
    ("mccormick", |x| (x[0] + x[1]).sin() + (x[0] - x[1]).powi(2) - 1.5 * x[0] + 2.5 * x[1] + 1.0),
    ("bohachevsky", |x| {
        x[0] * x[0] + 2.0 * x[1] * x[1] - 0.3 * (3.0 * PI * x[0]).cos() - 0.4 * (4.0 * PI * x[1]).cos() + 0.7
    }),
    ("drop-wave", |x| {
        let r = x[0].hypot(x[1]);
        -(1.0 + (12.0 * r).cos()) / (0.5 * r * r + 2.0)
    }),
    ("easom", |x| -x[0].cos() * x[1].cos() * (-(x[0] - PI).powi(2) - (x[1] - PI).powi(2)).exp()),
    ("booth", |x| (x[0] + 2.0 * x[1] - 7.0).powi(2) + (2.0 * x[0] + x[1] - 5.0).powi(2)),
    ("matyas", |x| 0.26 * (x[0] * x[0] + x[1] * x[1]) - 0.48 * x[0] * x[1]),
    ("cross-in-tray", |x| {
        let inner = x[0].sin() * x[1].sin() * (100.0 - x[0].hypot(x[1]) / PI).abs().exp();
        -0.0001 * (inner.abs() + 1.0).powf(0.1)
    }),
    ("eggholder", |x| {
        let [x, y] = [x[0], x[1]];
        -(y + 47.0) * (x / 2.0 + y + 47.0).abs().sqrt().sin() - x * (x - (y + 47.0)).abs().sqrt().sin()
    }),
];

fn sum(x: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    x.iter().map(|&x| term(x)).sum()
}

fn levy(x: &[f64]) -> f64 {
    let w: Vec<f64> = x.iter().map(|x| 1.0 + (x - 1.0) / 4.0).collect();
    let n = w.len();
    let inner = |w: &f64| (w - 1.0).powi(2) * (1.0 + 10.0 * (PI * w + 1.0).sin().powi(2));
    (PI * w[0]).sin().powi(2)
        + w[..n - 1].iter().map(inner).sum::<f64>()
        + (w[n - 1] - 1.0).powi(2) * (1.0 + (2.0 * PI * w[n - 1]).sin().powi(2))
}

#[test]
fn values_are_those_of_the_formulas() {
    check(ROWS);
}

/// Dixon & Szegő 1978, Surjanovic & Bingham's library and Müller & Brown 1979: all of their digits.
#[test]
fn minima_have_the_published_digits() {
    for (text, published, step) in [
        ("hartmann-3", -3.86278, 5e-6),
        ("hartmann-6", -3.32237, 5e-6),
        ("shekel:5", -10.1532, 5e-5),
        ("shekel:7", -10.4029, 5e-5),
        ("shekel:10", -10.5364, 5e-5),
        ("michalewicz:2", -1.8013, 5e-5),
        ("michalewicz:5", -4.687658, 5e-7),
        ("michalewicz:10", -9.66015, 5e-6),
        ("six-hump-camel", -1.0316, 5e-5),
        ("branin", 0.397887, 5e-7),
        ("cross-in-tray", -2.06261, 5e-6),
        ("eggholder", -959.6407, 5e-5),
        ("mccormick", -1.9133, 1e-4),
        ("muller-brown", -146.7, 5e-3),
        ("trid:6", -50.0, 1e-12),
        ("trid:10", -210.0, 1e-12),
    ] {
        let function: super::Function = text.parse().unwrap();
        let minimum = function.minimum().unwrap();
        assert!((minimum - published).abs() <= step, "{text}: {minimum}");
    }
}

/// Newton's method from a grid over the domain finds no critical point that is not listed.
#[test]
fn all_critical_points_are_listed_where_that_is_said() {
    for (text, count) in [
        ("himmelblau", 9),
        ("six-hump-camel", 15),
        ("three-hump-camel", 5),
        ("muller-brown", 5),
        ("branin", 5),
        ("goldstein-price", 9),
    ] {
        let objective = super::objective::<f64>(text);
        let function = objective.function();
        assert_eq!(function.known().len(), count, "{text}");
        let domain = function.domain().unwrap().to_vec();
        let mut met = vec![false; count];
        for cell in 0..400 {
            let share = [(cell % 20) as f64 / 19.0, (cell / 20) as f64 / 19.0];
            let mut x: Vec<f64> = domain.iter().zip(share).map(|((a, b), s)| a + s * (b - a)).collect();
            let mut gradient = [0.0; 2];
            for _ in 0..60 {
                // Where the Hessian is all but singular a step leads far away.
                if !x.iter().all(|x| x.abs() <= 20.0) {
                    break;
                }
                objective.value_grad(&x, &mut gradient);
                let h = super::hessian(&objective, &x).entries;
                let det = h[0] * h[3] - h[1] * h[2];
                x[0] -= (h[3] * gradient[0] - h[1] * gradient[1]) / det;
                x[1] -= (h[0] * gradient[1] - h[2] * gradient[0]) / det;
            }
            let inside = x.iter().zip(&domain).all(|(x, (a, b))| (a..=b).contains(&x));
            if inside && super::norm(&gradient) < 1e-6 {
                let near = |k: &super::Known| (k.x[0] - x[0]).abs().max((k.x[1] - x[1]).abs()) < 1e-6;
                let at = function.known().iter().position(near);
                met[at.unwrap_or_else(|| panic!("{text}: {x:?} is not listed"))] = true;
            }
        }
        assert!(met.iter().all(|met| *met), "{text}: {met:?}");
    }
}
