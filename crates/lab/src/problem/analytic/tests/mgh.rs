//! Residuals by plain loops from the paper's formulas, and its published minima.

use super::{Row, check};

const ROWS: &[Row] = &[
    ("freudenstein-roth", |x| {
        squares(vec![
            -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1],
            -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1],
        ])
    }),
    ("powell-badly-scaled", |x| {
        squares(vec![1e4 * x[0] * x[1] - 1.0, (-x[0]).exp() + (-x[1]).exp() - 1.0001])
    }),
    ("brown-badly-scaled", |x| squares(vec![x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0])),
    ("beale", |x| {
        let y = [1.5, 2.25, 2.625];
        squares((0..3).map(|i| y[i] - x[0] * (1.0 - x[1].powi(i as i32 + 1))).collect())
    }),
    ("jennrich-sampson", |x| {
        squares(
            (1..=10).map(f64::from).map(|i| 2.0 + 2.0 * i - ((i * x[0]).exp() + (i * x[1]).exp())).collect(),
        )
    }),
    ("helical-valley", |x| {
        let theta = (x[1] / x[0]).atan() / (2.0 * PI) + if x[0] < 0.0 { 0.5 } else { 0.0 };
        squares(vec![10.0 * (x[2] - 10.0 * theta), 10.0 * (x[0].hypot(x[1]) - 1.0), x[2]])
    }),
    ("bard", |x| {
        let y = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
        squares(
            (1..=15)
                .map(|i| {
                    let (u, v) = (f64::from(i), f64::from(16 - i));
                    y[i as usize - 1] - (x[0] + u / (v * x[1] + u.min(v) * x[2]))
                })
                .collect(),
        )
    }),
    ("gaussian", |x| {
        let y = [
            0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054,
            0.0175, 0.0044, 0.0009,
        ];
        let t = |i: usize| (8.0 - (i + 1) as f64) / 2.0;
        squares((0..15).map(|i| x[0] * (-x[1] * (t(i) - x[2]).powi(2) / 2.0).exp() - y[i]).collect())
    }),
    ("gulf", |x| {
        squares(
            (1..=99)
                .map(|i| {
                    let t = f64::from(i) / 100.0;
                    let y = 25.0 + (-50.0 * t.ln()).powf(2.0 / 3.0);
                    (-(y - x[1]).abs().powf(x[2]) / x[0]).exp() - t
                })
                .collect(),
        )
    }),
    ("box-3d", |x| {
        let r = |t: f64| (-t * x[0]).exp() - (-t * x[1]).exp() - x[2] * ((-t).exp() - (-10.0 * t).exp());
        squares((1..=10).map(|i| r(0.1 * f64::from(i))).collect())
    }),
    ("powell-singular", powell),
    ("powell-singular:12", powell),
    ("wood", |x| {
        100.0 * (x[1] - x[0] * x[0]).powi(2)
            + (1.0 - x[0]).powi(2)
            + 90.0 * (x[3] - x[2] * x[2]).powi(2)
            + (1.0 - x[2]).powi(2)
            + 10.0 * (x[1] + x[3] - 2.0).powi(2)
            + 0.1 * (x[1] - x[3]).powi(2)
    }),
    ("brown-dennis", |x| {
        squares(
            (1..=20)
                .map(|i| {
                    let t = f64::from(i) / 5.0;
                    (x[0] + t * x[1] - t.exp()).powi(2) + (x[2] + x[3] * t.sin() - t.cos()).powi(2)
                })
                .collect(),
        )
    }),
    ("biggs-exp6", |x| {
        let r = |t: f64| {
            let y = (-t).exp() - 5.0 * (-10.0 * t).exp() + 3.0 * (-4.0 * t).exp();
            x[2] * (-t * x[0]).exp() - x[3] * (-t * x[1]).exp() + x[5] * (-t * x[4]).exp() - y
        };
        squares((1..=13).map(|i| r(0.1 * f64::from(i))).collect())
    }),
    ("watson:6", watson),
    ("watson:9", watson),
    ("extended-rosenbrock:10", |x| {
        x.chunks(2).map(|x| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2)).sum()
    }),
    ("penalty-1:10", |x| {
        let far = x.iter().map(|x| x * x).sum::<f64>() - 0.25;
        1e-5 * x.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>() + far * far
    }),
    ("penalty-2:4", penalty_2),
    ("penalty-2:10", penalty_2),
    ("variably-dimensioned:10", |x| {
        let along: f64 = x.iter().enumerate().map(|(j, x)| (j + 1) as f64 * (x - 1.0)).sum();
        x.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>() + along.powi(2) + along.powi(4)
    }),
    ("trigonometric:10", |x| {
        let n = x.len() as f64;
        let cosines: f64 = x.iter().map(|x| x.cos()).sum();
        let r = |(i, x): (usize, &f64)| n - cosines + (i + 1) as f64 * (1.0 - x.cos()) - x.sin();
        squares(x.iter().enumerate().map(r).collect())
    }),
    ("brown-almost-linear:10", |x| {
        let (n, sum) = (x.len(), x.iter().sum::<f64>());
        let mut r: Vec<f64> = x[..n - 1].iter().map(|x| x + sum - (n + 1) as f64).collect();
        r.push(x.iter().product::<f64>() - 1.0);
        squares(r)
    }),
    ("discrete-boundary-value:10", |x| {
        let (n, h) = (x.len(), 1.0 / (x.len() + 1) as f64);
        let at = |i: usize| if i == 0 || i > n { 0.0 } else { x[i - 1] };
        let r = |i: usize| {
            2.0 * at(i) - at(i - 1) - at(i + 1) + h * h * (at(i) + i as f64 * h + 1.0).powi(3) / 2.0
        };
        squares((1..=n).map(r).collect())
    }),
    ("discrete-integral-equation:10", |x| {
        let (n, h) = (x.len(), 1.0 / (x.len() + 1) as f64);
        let t = |i: usize| (i + 1) as f64 * h;
        let cube = |j: usize| (x[j] + t(j) + 1.0).powi(3);
        let r = |i: usize| {
            let before: f64 = (0..=i).map(|j| t(j) * cube(j)).sum();
            let after: f64 = (i + 1..n).map(|j| (1.0 - t(j)) * cube(j)).sum();
            x[i] + h * ((1.0 - t(i)) * before + t(i) * after) / 2.0
        };
        squares((0..n).map(r).collect())
    }),
    ("broyden-tridiagonal:10", |x| {
        let n = x.len();
        let at = |i: usize| if i == 0 || i > n { 0.0 } else { x[i - 1] };
        squares((1..=n).map(|i| (3.0 - 2.0 * at(i)) * at(i) - at(i - 1) - 2.0 * at(i + 1) + 1.0).collect())
    }),
    ("broyden-banded:10", |x| {
        let n = x.len();
        let r = |i: usize| {
            let near = (i.saturating_sub(5)..(i + 2).min(n)).filter(|&j| j != i);
            x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0 - near.map(|j| x[j] * (1.0 + x[j])).sum::<f64>()
        };
        squares((0..n).map(r).collect())
    }),
    ("linear-full-rank:5,10", |x| {
        let sum: f64 = x.iter().sum();
        let r = |i: usize| x.get(i).copied().unwrap_or(0.0) - 0.2 * sum - 1.0;
        squares((0..10).map(r).collect())
    }),
    ("linear-rank-1:5,10", |x| {
        let sum: f64 = (0..5).map(|j| (j + 1) as f64 * x[j]).sum();
        squares((1..=10).map(|i| f64::from(i) * sum - 1.0).collect())
    }),
    ("linear-rank-1-zeros:5,10", |x| {
        let sum: f64 = (1..4).map(|j| (j + 1) as f64 * x[j]).sum();
        squares((0..10).map(|i| if i == 9 { -1.0 } else { f64::from(i) * sum - 1.0 }).collect())
    }),
    ("chebyquad:8", |x| {
        let r = |i: u32| {
            let term = |x: &f64| (f64::from(i) * (2.0 * x - 1.0).acos()).cos();
            let integral = if i.is_multiple_of(2) { -1.0 / (f64::from(i).powi(2) - 1.0) } else { 0.0 };
            x.iter().map(term).sum::<f64>() / x.len() as f64 - integral
        };
        squares((1..=8).map(r).collect())
    }),
];

const PI: f64 = std::f64::consts::PI;

fn squares(r: Vec<f64>) -> f64 {
    r.iter().map(|r| r * r).sum()
}

fn powell(x: &[f64]) -> f64 {
    let quad = |x: &[f64]| {
        (x[0] + 10.0 * x[1]).powi(2)
            + 5.0 * (x[2] - x[3]).powi(2)
            + (x[1] - 2.0 * x[2]).powi(4)
            + 10.0 * (x[0] - x[3]).powi(4)
    };
    x.chunks(4).map(quad).sum()
}

fn watson(x: &[f64]) -> f64 {
    let r = |t: f64| {
        let slope: f64 = (1..x.len()).map(|j| j as f64 * x[j] * t.powi(j as i32 - 1)).sum();
        let value: f64 = (0..x.len()).map(|j| x[j] * t.powi(j as i32)).sum();
        slope - value * value - 1.0
    };
    let mut all: Vec<f64> = (1..=29).map(|i| r(f64::from(i) / 29.0)).collect();
    all.extend([x[0], x[1] - x[0] * x[0] - 1.0]);
    squares(all)
}

fn penalty_2(x: &[f64]) -> f64 {
    let n = x.len();
    let e = |v: f64| (v / 10.0).exp();
    let mut all = vec![x[0] - 0.2];
    for i in 2..=n {
        let y = e(i as f64) + e(i as f64 - 1.0);
        all.push(1e-5f64.sqrt() * (e(x[i - 1]) + e(x[i - 2]) - y));
    }
    for i in n + 1..2 * n {
        all.push(1e-5f64.sqrt() * (e(x[i - n]) - e(-1.0)));
    }
    all.push((0..n).map(|j| (n - j) as f64 * x[j] * x[j]).sum::<f64>() - 1.0);
    squares(all)
}

#[test]
fn values_are_those_of_the_papers_formulas() {
    check(ROWS);
}

/// The paper's minima: all of its digits must come out.
#[test]
fn minima_have_the_published_digits() {
    for (text, published, step) in [
        ("freudenstein-roth", 48.9842, 1e-4),
        ("jennrich-sampson", 124.362, 1e-3),
        ("bard", 8.21487e-3, 1e-8),
        ("gaussian", 1.12793e-8, 1e-13),
        ("meyer", 87.9458, 1e-4),
        ("kowalik-osborne", 3.07505e-4, 1e-9),
        ("brown-dennis", 85822.2, 1e-1),
        ("osborne-1", 5.46489e-5, 1e-10),
        ("osborne-2", 4.01377e-2, 1e-7),
        ("watson:6", 2.28767e-3, 1e-8),
        ("watson:9", 1.39976e-6, 1e-11),
        ("penalty-1:4", 2.24997e-5, 1e-10),
        ("penalty-1:10", 7.08765e-5, 1e-10),
        ("penalty-2:4", 9.37629e-6, 1e-11),
        ("penalty-2:10", 2.9366e-4, 1e-9),
        ("chebyquad:8", 3.51687e-3, 1e-8),
        ("chebyquad:10", 6.50395e-3, 1e-8),
        ("linear-full-rank:5,10", 5.0, 1e-12),
    ] {
        let function: super::Function = text.parse().unwrap();
        let nearest = function.known().iter().map(|k| (k.value - published).abs()).fold(f64::MAX, f64::min);
        // The paper cuts some of its figures off and rounds others.
        assert!(nearest <= step, "{text}: {nearest}");
    }
}
