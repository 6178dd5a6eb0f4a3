mod global;
mod known;
mod mgh;
mod planted;
mod walked;

use super::*;
use crate::krylov::dense;
use crate::random::Stream;
use crate::vector::{dot, norm};
use thalweg_graph::{DType, evaluate};

/// Derivatives written by hand: value, gradient, Hessian (n × n), third derivative along v twice.
struct Formulas {
    text: &'static str,
    value: fn(&[f64]) -> f64,
    gradient: fn(&[f64], usize) -> f64,
    hessian: fn(&[f64], usize, usize) -> f64,
    third: fn(&[f64], &[f64], usize) -> f64,
}

fn separable(i: usize, j: usize, second: f64) -> f64 {
    if i == j { second } else { 0.0 }
}

/// A neighbour's coordinate; 0 beyond the ends.
fn at(x: &[f64], i: isize) -> f64 {
    usize::try_from(i).ok().and_then(|i| x.get(i)).copied().unwrap_or(0.0)
}

const PI: f64 = std::f64::consts::PI;

const FORMULAS: [Formulas; 6] = [
    Formulas {
        text: "rosenbrock:7",
        value: |x| x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum(),
        gradient: |x, i| {
            let left = if i + 1 < x.len() {
                -400.0 * x[i] * (x[i + 1] - x[i] * x[i]) - 2.0 * (1.0 - x[i])
            } else {
                0.0
            };
            let right = if i > 0 { 200.0 * (x[i] - x[i - 1] * x[i - 1]) } else { 0.0 };
            left + right
        },
        hessian: |x, i, j| match j as isize - i as isize {
            0 => {
                let left = if i + 1 < x.len() { 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0 } else { 0.0 };
                left + if i > 0 { 200.0 } else { 0.0 }
            }
            1 => -400.0 * x[i],
            -1 => -400.0 * x[j],
            _ => 0.0,
        },
        third: |x, v, i| {
            let own = if i + 1 < x.len() { 2400.0 * x[i] * v[i] - 400.0 * v[i + 1] } else { 0.0 };
            let (i, before) = (i as isize, at(v, i as isize - 1));
            let after = if (i as usize) + 1 < x.len() { -400.0 * at(v, i) * at(v, i + 1) } else { 0.0 };
            own * at(v, i) + after - 400.0 * before * before
        },
    },
    Formulas {
        text: "rastrigin:5",
        value: |x| x.iter().map(|x| x * x + 10.0 - 10.0 * (2.0 * PI * x).cos()).sum(),
        gradient: |x, i| 2.0 * x[i] + 20.0 * PI * (2.0 * PI * x[i]).sin(),
        hessian: |x, i, j| separable(i, j, 2.0 + 40.0 * PI * PI * (2.0 * PI * x[i]).cos()),
        third: |x, v, i| -80.0 * PI.powi(3) * (2.0 * PI * x[i]).sin() * v[i] * v[i],
    },
    Formulas {
        text: "styblinski-tang:5",
        value: |x| x.iter().map(|x| 0.5 * (x.powi(4) - 16.0 * x * x + 5.0 * x)).sum(),
        gradient: |x, i| 2.0 * x[i].powi(3) - 16.0 * x[i] + 2.5,
        hessian: |x, i, j| separable(i, j, 6.0 * x[i] * x[i] - 16.0),
        third: |x, v, i| 12.0 * x[i] * v[i] * v[i],
    },
    Formulas {
        text: "quadratic:1,2,-3,0",
        value: |x| 0.5 * (x[0] * x[0] + 2.0 * x[1] * x[1] - 3.0 * x[2] * x[2]),
        gradient: |x, i| [1.0, 2.0, -3.0, 0.0][i] * x[i],
        hessian: |_, i, j| separable(i, j, [1.0, 2.0, -3.0, 0.0][i]),
        third: |_, _, _| 0.0,
    },
    Formulas {
        text: "walled-saddle",
        value: |x| 5.0 * x[0] * x[0] - x[1] * x[1] + x[1].powi(4) / 4.0,
        gradient: |x, i| [10.0 * x[0], x[1].powi(3) - 2.0 * x[1]][i],
        hessian: |x, i, j| separable(i, j, [10.0, 3.0 * x[1] * x[1] - 2.0][i]),
        third: |x, v, i| [0.0, 6.0 * x[1] * v[1] * v[1]][i],
    },
    Formulas {
        text: "monkey-saddle",
        value: |x| x[0].powi(3) - 3.0 * x[0] * x[1] * x[1],
        gradient: |x, i| [3.0 * x[0] * x[0] - 3.0 * x[1] * x[1], -6.0 * x[0] * x[1]][i],
        hessian: |x, i, j| if i == j { [6.0, -6.0][i] * x[0] } else { -6.0 * x[1] },
        third: |_, v, i| [6.0 * (v[0] * v[0] - v[1] * v[1]), -12.0 * v[0] * v[1]][i],
    },
];

fn objective<T: Scalar>(text: &str) -> Analytic<T> {
    Analytic::new(text.parse().unwrap(), Threads::default())
}

fn random(n: usize, name: &str, index: u64) -> Vec<f64> {
    let mut x = vec![0.0; n];
    Stream::new(11, name, index).fill_uniform(-2.0, 2.0, &mut x);
    x
}

#[track_caller]
fn close(found: f64, expected: f64, scale: f64) {
    assert!((found - expected).abs() <= 1e-13 * scale.max(1.0), "{found} and {expected}");
}

fn hessian<T: Scalar>(objective: &Analytic<T>, x: &[T]) -> crate::krylov::Dense {
    dense(&mut *objective.linearize(x, Curvature::Hessian).unwrap(), 8).unwrap()
}

/// A text and its function's value in plain numbers.
type Row = (&'static str, fn(&[f64]) -> f64);

/// Compares values with those of the rows at points where the functions are usually studied.
fn check(rows: &[Row]) {
    for (text, value) in rows {
        let objective = objective::<f64>(text);
        for index in 0..5 {
            let x = place(objective.function(), index);
            let (found, expected) = (objective.value(&x), value(&x));
            let error = (found - expected).abs() / expected.abs().max(1.0);
            assert!(error <= 1e-11, "{text} at {x:?}: {found} and {expected}");
        }
    }
}

/// A random point: of the domain, or else near the start.
fn place(function: &Function, index: u64) -> Vec<f64> {
    let mut x = vec![0.0; function.dimension()];
    Stream::new(5, "place", index).fill_uniform(-1.0, 1.0, &mut x);
    match function.domain() {
        Some(domain) => {
            x.iter_mut().zip(domain).for_each(|(x, (a, b))| *x = 0.5 * (a + b) + 0.5 * (b - a) * *x);
        }
        None => {
            let start = function.start::<f64>();
            x.iter_mut().zip(&start).for_each(|(x, s)| *x = s + *x * (0.2 * s.abs() + 0.02));
        }
    }
    x
}

#[test]
fn derivatives_are_those_of_the_formulas() {
    for formulas in &FORMULAS {
        let objective = objective::<f64>(formulas.text);
        let n = objective.dimension();
        let third = {
            let product = objective.function().graph(DType::F64).grad(&[0]).jvp(&[0]);
            // Inputs x, v, then their tangents; x moves along v.
            product.jvp(&[0])
        };
        for index in 0..10 {
            let (x, v) = (random(n, "x", index), random(n, "v", index));
            let mut gradient = vec![0.0; n];
            let value = objective.value_grad(&x, &mut gradient);
            close(value, (formulas.value)(&x), 1e4);
            assert_eq!(value, objective.value(&x));
            let matrix = hessian(&objective, &x);
            assert!(matrix.asymmetry < 1e-15);
            let outputs = evaluate(&third, &[&x, &v, &v]);
            for i in 0..n {
                close(gradient[i], (formulas.gradient)(&x, i), 1e4);
                for j in 0..n {
                    close(matrix.entries[i * n + j], (formulas.hessian)(&x, i, j), 1e4);
                }
                close(outputs[7][i], (formulas.third)(&x, &v, i), 1e5);
            }
        }
    }
}

#[test]
fn a_rotated_quadratic_keeps_its_spectrum() {
    let spectrum: Vec<f64> = (0..40).map(|i| f64::from(i) * 0.7 - 9.0).collect();
    let objective = Analytic::<f64>::new(rotated_quadratic(&spectrum, 5), Threads::default());
    let x = random(40, "x", 0);
    let matrix = hessian(&objective, &x);
    for (found, expected) in matrix.eigenvalues().iter().zip(&spectrum) {
        close(*found, *expected, 100.0);
    }
    assert!(matrix.entries.iter().filter(|e| e.abs() > 1e-3).count() > 800, "the Hessian is dense");
    let mut gradient = vec![0.0; 40];
    let value = objective.value_grad(&x, &mut gradient);
    close(2.0 * value, dot(&x, &gradient), 1e4);
    for (i, row) in matrix.entries.chunks(40).enumerate() {
        close(gradient[i], dot(row, &x), 1e3);
    }
}

#[test]
fn a_hundred_thousand_coordinates_on_any_number_of_threads() {
    let n = 100_000;
    let (x, v) = (random(n, "x", 0), random(3 * n, "v", 0));
    let run = |threads: usize| {
        let objective = Analytic::<f64>::new(rosenbrock(n), Threads::new(threads));
        let mut gradient = vec![0.0; n];
        let value = objective.value_grad(&x, &mut gradient);
        let mut products = vec![0.0; 3 * n];
        objective.linearize(&x, Curvature::Hessian).unwrap().apply(&v, &mut products).unwrap();
        let mut values = [0.0; 3];
        objective.values(&v, &mut values);
        (value, gradient, products, values)
    };
    let (value, gradient, products, values) = run(1);
    let formulas = &FORMULAS[0];
    assert!((value / (formulas.value)(&x) - 1.0).abs() < 1e-13);
    for i in (0..n).step_by(997).chain([0, 1, n - 2, n - 1]) {
        close(gradient[i], (formulas.gradient)(&x, i), 1e4);
        for (v, product) in v.chunks(n).zip(products.chunks(n)) {
            let near = i.saturating_sub(1)..(i + 2).min(n);
            let expected: f64 = near.map(|j| (formulas.hessian)(&x, i, j) * v[j]).sum();
            close(product[i], expected, 1e4);
        }
    }
    for (v, value) in v.chunks(n).zip(values) {
        assert!((value / (formulas.value)(v) - 1.0).abs() < 1e-13);
    }
    for threads in [2, 7] {
        assert!(run(threads) == (value, gradient.clone(), products.clone(), values), "{threads} threads");
    }
}

#[test]
fn there_is_no_other_curvature() {
    let objective = objective::<f64>("walled-saddle");
    for curvature in [Curvature::GaussNewton, Curvature::Fisher, Curvature::EmpiricalFisher] {
        let error = objective.linearize(&[0.0, 0.0], curvature).err().unwrap();
        assert_eq!(error, Unsupported::not_a_sum(curvature));
    }
    assert!(objective.least_squares().is_none());
    assert_eq!(objective.terms(&[0.0, 2.0]).total(), 0.0);
    assert!(objective.finite_sum().is_none());
}

#[test]
fn texts_round_trip_or_explain_themselves() {
    for text in registry().iter().flat_map(|entry| entry.examples) {
        let function: Function = text.parse().unwrap();
        assert_eq!(function.name(), *text);
        assert_eq!(function.start::<f64>().len(), function.dimension());
    }
    for (text, reason) in [
        ("rosenbrok:3", "there are rosenbrock:N, rastrigin:N"),
        ("rosenbrock", "coordinates from 2 to 16777216, found \"\""),
        ("rosenbrock:1", "found \"1\""),
        ("rastrigin:0", "from 1 to"),
        ("rastrigin:3:4", "\"3:4\""),
        ("quadratic:", "found \"\""),
        ("quadratic:1,nan", "found \"nan\""),
        ("quadratic:1,inf", "found \"inf\""),
        ("quadratic:99999999x1", "at most"),
        ("quadratic:1,-x2", "found \"-x2\""),
        ("quadratic:1,rotation=-1", "seed, found \"-1\""),
        ("quadratic:rotation=1", "at least one eigenvalue"),
        ("walled-saddle:2", "no parameters"),
    ] {
        let error = text.parse::<Function>().unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(text.split(':').next().unwrap()), "{error}");
    }
}
