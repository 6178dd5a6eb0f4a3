//! Every function of the table: differences, precision, residuals, moves.

use super::*;

fn examples() -> impl Iterator<Item = &'static str> {
    registry().iter().flat_map(|entry| entry.examples).copied()
}

#[test]
fn gradients_and_products_are_differences() {
    for text in examples() {
        let objective = objective::<f64>(text);
        let n = objective.dimension();
        let x = place(objective.function(), 7);
        let mut v = vec![0.0; n];
        Stream::new(2, "direction", 0).fill_normal(&mut v);
        let length = norm(&v);
        let wide = objective.function().domain().is_none();
        let size: Vec<f64> = x.iter().map(|x| if wide { x.abs().max(1.0) } else { 1.0 }).collect();
        v.iter_mut().zip(&size).for_each(|(v, size)| *v *= size / length);
        let at = |t: f64| -> Vec<f64> { x.iter().zip(&v).map(|(x, v)| x + t * v).collect() };
        let gradient = |t: f64| {
            let mut gradient = vec![0.0; n];
            objective.value_grad(&at(t), &mut gradient);
            gradient
        };
        let h = 1e-4;
        // Central differences of fourth order.
        let f = |t: f64| objective.value(&at(t));
        let slope = (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h);
        let expected = dot(&gradient(0.0), &v);
        let scale = norm(&gradient(0.0)) * norm(&v) + 1e-6 * f(0.0).abs();
        assert!((slope - expected).abs() <= 1e-6 * scale, "{text} at {x:?}: {slope} and {expected}");

        let [a, b, c, d] = [h, -h, 2.0 * h, -2.0 * h].map(gradient);
        let bend: Vec<f64> = (0..n).map(|i| (8.0 * (a[i] - b[i]) - (c[i] - d[i])) / (12.0 * h)).collect();
        let mut product = vec![0.0; n];
        objective.linearize(&x, Curvature::Hessian).unwrap().apply(&v, &mut product).unwrap();
        let error = bend.iter().zip(&product).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        let scale = norm(&product) + 1e-6 * norm(&gradient(0.0));
        assert!(error <= 2e-6 * scale, "{text} at {x:?}: {bend:?} and {product:?}");
    }
}

#[test]
fn single_precision_follows_double() {
    for text in examples() {
        let (narrow, wide) = (objective::<f32>(text), objective::<f64>(text));
        let n = wide.dimension();
        let x: Vec<f32> = place(wide.function(), 3).iter().map(|v| *v as f32).collect();
        let wide_x: Vec<f64> = x.iter().map(|v| f64::from(*v)).collect();
        let (mut g, mut wide_g) = (vec![0.0f32; n], vec![0.0; n]);
        let (value, wide_value) = (narrow.value_grad(&x, &mut g), wide.value_grad(&wide_x, &mut wide_g));
        assert!((value - wide_value).abs() <= 1e-5 * wide_value.abs().max(10.0), "{text}");
        let difference: f64 = g.iter().zip(&wide_g).map(|(a, b)| (f64::from(*a) - b).powi(2)).sum();
        assert!(difference.sqrt() <= 1e-5 * norm(&wide_g), "{text}");
        let (a, b) = (hessian(&narrow, &x), hessian(&wide, &wide_x));
        let difference: f64 = a.entries.iter().zip(&b.entries).map(|(a, b)| (a - b).powi(2)).sum();
        assert!(difference.sqrt() <= 1e-5 * b.frobenius(), "{text}: {} {}", difference.sqrt(), b.frobenius());
    }
}

#[test]
fn residuals_make_up_the_value_and_the_gauss_newton_matrix() {
    let mut count = 0;
    for text in examples() {
        let objective = objective::<f64>(text);
        let Some(squares) = objective.least_squares() else { continue };
        count += 1;
        let (n, m) = (objective.dimension(), squares.residual_count());
        let x = place(objective.function(), 1);
        let residuals = |x: &[f64]| {
            let mut r = vec![0.0; m];
            squares.residuals(x, &mut r);
            r
        };
        let r = residuals(&x);
        let mut gradient = vec![0.0; n];
        let value = objective.value_grad(&x, &mut gradient);
        assert!((value - dot(&r, &r)).abs() <= 1e-12 * value, "{text}");
        // J row by row from units on the left, column by column from units on the right.
        let mut jacobian = squares.jacobian(&x);
        assert_eq!(jacobian.shape(), (m, n));
        let units = |n: usize| (0..n * n).map(|k| f64::from(u8::from(k / n == k % n))).collect::<Vec<f64>>();
        let (mut columns, mut rows) = (vec![0.0; n * m], vec![0.0; m * n]);
        jacobian.apply(&units(n), &mut columns).unwrap();
        jacobian.apply_transpose(&units(m), &mut rows).unwrap();
        let size = norm(&rows);
        for (k, entry) in rows.iter().enumerate() {
            assert!((entry - columns[k % n * m + k / n]).abs() <= 1e-13 * size, "{text}");
        }
        let h = 1e-5;
        for j in 0..n {
            let step = h * x[j].abs().max(1.0);
            let moved = |t: f64| {
                let mut y = x.clone();
                y[j] += t;
                residuals(&y)
            };
            let (ahead, behind) = (moved(step), moved(-step));
            for i in 0..m {
                let slope = (ahead[i] - behind[i]) / (2.0 * step);
                assert!((slope - rows[i * n + j]).abs() <= 1e-5 * (size + norm(&r)), "{text}");
            }
        }
        let normal = dense(&mut *objective.linearize(&x, Curvature::GaussNewton).unwrap(), 8).unwrap();
        let size = normal.frobenius();
        for i in 0..n {
            let expected: f64 = 2.0 * (0..m).map(|k| rows[k * n + i] * r[k]).sum::<f64>();
            assert!((gradient[i] - expected).abs() <= 1e-11 * norm(&gradient).max(1e-300), "{text}");
            for j in 0..n {
                let expected: f64 = 2.0 * (0..m).map(|k| rows[k * n + i] * rows[k * n + j]).sum::<f64>();
                assert!((normal.entries[i * n + j] - expected).abs() <= 1e-12 * size, "{text}");
            }
        }
        // What the oracle counts.
        let oracle = crate::Oracle::new(&objective);
        let counted = oracle.least_squares().unwrap();
        let again = counted.evaluate(&x, &mut vec![0.0; m]).unwrap();
        assert!((again - value).abs() <= 1e-12 * value, "{text}");
        counted.jacobian(&x).apply(&units(n), &mut columns).unwrap();
        assert_eq!((oracle.counts().values, oracle.counts().products), (1, n as u64));
    }
    assert!(count > 35, "{count}");
}

#[test]
fn moved_functions_keep_what_is_known_of_them() {
    for text in ["rosenbrock:4,shift=3", "rosenbrock:4,rotate=2", "beale:shift=1,rotate=2"] {
        let function: Function = text.parse().unwrap();
        assert_eq!(function.name().split([':', ',']).count(), text.split([':', ',']).count());
        let base: Function = text.split(",").next().unwrap().split(":s").next().unwrap().parse().unwrap();
        let (moved, still) = (
            Analytic::<f64>::new(function, Threads::default()),
            Analytic::<f64>::new(base, Threads::default()),
        );
        let n = moved.dimension();
        assert_ne!(moved.function().start::<f64>(), still.function().start::<f64>());
        let start = moved.value(&moved.function().start::<f64>());
        assert!((start / still.value(&still.function().start::<f64>()) - 1.0).abs() < 1e-12, "{text}");
        for (known, old) in moved.function().known().iter().zip(still.function().known()) {
            let mut gradient = vec![0.0; n];
            let value = moved.value_grad(&known.x, &mut gradient);
            assert!((value - old.value).abs() < 1e-11 && norm(&gradient) < 1e-10, "{text}: {gradient:?}");
            let (a, b) = (hessian(&moved, &known.x).eigenvalues(), hessian(&still, &old.x).eigenvalues());
            for (a, b) in a.iter().zip(&b) {
                assert!((a - b).abs() <= 1e-10 * b.abs().max(1.0), "{text}: {a} {b}");
            }
        }
    }
    let error = "rosenbrock:3000,rotate=1".parse::<Function>().unwrap_err().to_string();
    assert!(error.contains("2048"), "{error}");
    let error = "rosenbrock:3,shift=x".parse::<Function>().unwrap_err().to_string();
    assert!(error.contains("seed of shift"), "{error}");
}
