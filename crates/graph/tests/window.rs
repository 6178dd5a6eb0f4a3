//! Pooling, cumulative sums and sorting against PyTorch; `data/window.py` writes the arrays and says what they are.

use thalweg_graph::primitive::{CumSum, Direction, PoolWindow};
use thalweg_graph::{Builder, DType, Graph, Type, Value, evaluate};

const LINES: &str = include_str!("data/window.txt");

fn array(case: &str, name: &str) -> Vec<f64> {
    let line = LINES.lines().find_map(|line| line.strip_prefix(case)?.strip_prefix(' ')?.strip_prefix(name));
    let line = line.unwrap_or_else(|| panic!("no line for {name} of {case}"));
    line.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

/// f(x, u) = Σ u sin y(x) of the operation y.
fn graph(shape: &[usize], operation: impl Fn(&mut Builder, Value) -> Value) -> (Graph, Graph) {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, shape.iter().copied()));
    let y = operation(&mut b, x);
    let values = b.finish(&[y]);
    let ty = b.ty(y).clone();
    let u = b.input(ty);
    let sine = b.sin(y);
    let weighted = b.mul(u, sine);
    let sum = b.sum_all(weighted);
    (values, b.finish(&[sum]))
}

fn close(what: &str, got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((g - w).abs() <= 1e-14 * w.abs().max(1.0), "{what}, element {i}: {g} instead of {w}");
    }
}

/// Value, gradient and Hessian product agree; and a block of two directions with each alone.
fn check(case: &str, shape: &[usize], operation: impl Fn(&mut Builder, Value) -> Value) {
    let (values, sum) = graph(shape, operation);
    let [x, u, v] = ["x", "u", "v"].map(|name| array(case, name));
    close(&format!("{case}, y"), &evaluate(&values, &[&x])[0], &array(case, "y"));
    let gradient = sum.grad(&[0]);
    close(&format!("{case}, g"), &evaluate(&gradient, &[&x, &u])[1], &array(case, "g"));
    let product = gradient.jvp(&[0]);
    close(&format!("{case}, h"), &evaluate(&product, &[&x, &u, &v])[3], &array(case, "h"));
    let block = product.batch(&[false, false, true], 2);
    let both = [v.clone(), v.iter().map(|v| -2.0 * v).collect()].concat();
    let want: Vec<f64> =
        [1.0, -2.0].iter().flat_map(|s| array(case, "h").into_iter().map(move |h| s * h)).collect();
    close(&format!("{case}, block of h"), &evaluate(&block, &[&x, &u, &both])[3], &want);
}

#[test]
fn maxima() {
    let rows = PoolWindow::new(3, 2).padded(1, 1).dilated(2);
    let columns = PoolWindow::new(2, 1).padded(1, 1);
    check("max", &[2, 2, 6, 7], |b, x| b.max_pool(x, &[rows, columns]));
    check("max_tied", &[2, 1, 6, 6], |b, x| b.max_pool(x, &[PoolWindow::new(3, 2).padded(1, 1); 2]));
    check("max_1d", &[2, 3, 9], |b, x| b.max_pool(x, &[PoolWindow::new(3, 3).padded(1, 1)]));
    check("max_3d", &[1, 2, 4, 4, 5], |b, x| b.max_pool(x, &[PoolWindow::new(2, 2); 3]));
}

#[test]
fn averages() {
    let windows = [PoolWindow::new(3, 2).padded(1, 1), PoolWindow::new(2, 2).padded(1, 1)];
    check("avg_with_padding", &[2, 2, 5, 6], |b, x| b.avg_pool(x, &windows, true));
    check("avg_without_padding", &[2, 2, 5, 6], |b, x| b.avg_pool(x, &windows, false));
    // Six rows leave half a window over, five columns none.
    let windows = [PoolWindow::new(3, 2).padded(1, 2), PoolWindow::new(3, 2).padded(1, 1)];
    check("avg_ceil_with_padding", &[1, 2, 6, 5], |b, x| b.avg_pool_counting(x, &windows, &[(1, 1); 2]));
    check("avg_ceil_without_padding", &[1, 2, 6, 5], |b, x| b.avg_pool(x, &windows, false));
}

#[test]
fn adaptive_averages() {
    check("adaptive", &[2, 2, 7, 5], |b, x| b.adaptive_avg_pool(x, &[3, 4]));
    check("adaptive_half", &[1, 2, 6, 5], |b, x| b.adaptive_avg_pool(x, &[3, 2]));
    check("adaptive_larger", &[1, 1, 3, 4], |b, x| b.adaptive_avg_pool(x, &[5, 4]));
    check("global", &[2, 3, 4, 5], |b, x| b.global_avg_pool(x));
    check("global", &[2, 3, 4, 5], |b, x| b.adaptive_avg_pool(x, &[1, 1]));
}

/// An element that is not finite spoils the averages that it is part of, and no other.
#[test]
fn infinities_stay_in_their_parts() {
    let (values, _) = graph(&[1, 1, 5], |b, x| b.adaptive_avg_pool(x, &[3]));
    let y = evaluate::<f64>(&values, &[&[f64::INFINITY, 1.0, 2.0, 3.0, f64::NAN]]);
    assert_eq!((y[0][0], y[0][1]), (f64::INFINITY, 2.0));
    assert!(y[0][2].is_nan());
}

#[test]
fn windows_of_padding_have_no_derivative_and_nan_takes_it() {
    let windows = [PoolWindow::new(2, 2).padded(2, 0)];
    let nan = f64::NAN;
    let x = [1.0, 3.0, nan, 2.0, nan, nan, 5.0, 5.0];
    let (values, _) = graph(&[1, 1, 8], |b, x| b.max_pool(x, &windows));
    let y = &evaluate::<f64>(&values, &[&x])[0];
    assert_eq!(y[..2], [f64::NEG_INFINITY, 3.0]);
    assert!(y[2].is_nan() && y[3].is_nan() && y[4] == 5.0);
    let v = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let tangent = &evaluate::<f64>(&values.jvp(&[0]), &[&x, &v])[1];
    assert_eq!(tangent[..], [0.0, 2.0, 3.0, 5.0, 7.0]);
}

#[test]
fn running_sums() {
    check("cumsum", &[3, 4, 2], |b, x| b.cumsum(x, 1));
    check("cumsum_reverse", &[3, 5], |b, x| {
        b.emit(CumSum { axis: 1, reverse: true, exclusive: false }, &[x])
    });
}

#[test]
fn sorting() {
    check("sort", &[3, 6], |b, x| b.sort(x, 1, false));
    check("sort_descending", &[5, 3], |b, x| b.sort(x, 0, true));
    check("top_k", &[2, 7, 2], |b, x| b.top_k(x, 3, 1).0);
}

/// As in PyTorch: the first of equals, and NaN before all numbers.
#[test]
fn the_largest_are_in_order() {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [6]));
    let (values, places) = b.top_k(x, 4, 0);
    let places = b.convert(places, DType::F64);
    let outputs =
        evaluate::<f64>(&b.finish(&[values, places]), &[&[1.0, 3.0, -2.0, f64::NAN, 3.0, f64::INFINITY]]);
    assert!(outputs[0][0].is_nan());
    assert_eq!(outputs[0][1..], [f64::INFINITY, 3.0, 3.0]);
    assert_eq!(outputs[1], [3.0, 5.0, 1.0, 4.0]);
}

/// The mask of a dropout belongs to seed and counter, is drawn once, and has the rate that was asked for.
#[test]
fn dropout_masks_are_fixed() {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [4, 500]));
    let counters = b.iota(Type::new(DType::I32, [2000]), 0);
    let u = b.uniform(counters, 11, DType::F64);
    let u = b.reshape(u, &[4, 500]);
    let rate = b.full_like(u, 0.25);
    let kept = b.compare(Direction::Ge, u, rate);
    let zero = b.zeros_like(x);
    let y = b.select(kept, x, zero);
    let graph = b.finish(&[y]);
    let x = vec![1.0; 2000];
    let whole = &evaluate::<f64>(&graph, &[&x])[0];
    let count = whole.iter().sum::<f64>();
    assert!((count - 1500.0).abs() < 4.0 * (2000.0f64 * 0.25 * 0.75).sqrt(), "{count} are left");
    let tangent = &evaluate::<f64>(&graph.jvp(&[0]), &[&x, &vec![2.0; 2000]])[1];
    assert!(tangent.iter().zip(whole).all(|(t, w)| *t == 2.0 * w));
    let batch = &evaluate::<f64>(&graph.batch(&[true], 2), &[&vec![1.0; 4000]])[0];
    assert_eq!(*batch, [&whole[..], whole].concat());
}

/// A product keeps the places of the maxima once: forward they gather, backward they scatter.
#[test]
fn places_are_kept_once() {
    let (_, sum) = graph(&[2, 3, 8, 8], |b, x| b.max_pool(x, &[PoolWindow::new(2, 2); 2]));
    let product = sum.grad(&[0]).jvp(&[0]).split(&[2]);
    let kept = product.primal.output_types();
    assert_eq!(kept.iter().filter(|ty| ty.dtype == DType::I32).count(), 1, "{kept:?}");
}
