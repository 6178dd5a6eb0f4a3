//! Where a function has no derivative, or a formula for it breaks down, what is said holds.

use thalweg_graph::primitive::{Binary, Reduce, Reducer, Unary};
use thalweg_graph::{Builder, DType, Graph, Type, evaluate};

fn build(
    shape: &[usize],
    inputs: usize,
    f: impl Fn(&mut Builder, &[thalweg_graph::Value]) -> thalweg_graph::Value,
) -> Graph {
    let mut b = Builder::new();
    let args: Vec<_> = (0..inputs).map(|_| b.input(Type::new(DType::F64, shape.iter().copied()))).collect();
    let y = f(&mut b, &args);
    let sum = b.sum_all(y);
    b.finish(&[sum])
}

/// Gradients with respect to all inputs.
fn gradients(graph: &Graph, inputs: &[&[f64]]) -> Vec<Vec<f64>> {
    let all: Vec<usize> = (0..inputs.len()).collect();
    evaluate(&graph.grad(&all), inputs).split_off(1)
}

#[test]
fn ties_share_a_derivative() {
    for f in [Binary::Maximum, Binary::Minimum] {
        let graph = build(&[3], 2, |b, x| b.emit(f, x));
        let [first, second] = &gradients(&graph, &[&[1.0, 2.0, 0.0], &[1.0, 3.0, -0.0]])[..] else {
            panic!()
        };
        let wins = if f == Binary::Maximum { 0.0 } else { 1.0 };
        assert_eq!((&first[..], &second[..]), (&[0.5, wins, 0.5][..], &[0.5, 1.0 - wins, 0.5][..]));
    }
    for reducer in [Reducer::Max, Reducer::Min] {
        let op = Reduce { reducer, axes: [0].as_slice().into() };
        let graph = build(&[4], 1, |b, x| b.emit(op.clone(), x));
        let sign = if reducer == Reducer::Max { 1.0 } else { -1.0 };
        let x = [2.0, 1.0, 2.0, 0.5].map(|x| sign * x);
        assert_eq!(gradients(&graph, &[&x]), [[0.5, 0.0, 0.5, 0.0]]);
        let infinite = [f64::INFINITY, f64::INFINITY, 0.0, f64::NEG_INFINITY].map(|x| sign * x);
        assert_eq!(gradients(&graph, &[&infinite]), [[0.5, 0.5, 0.0, 0.0]]);
    }
}

#[test]
fn steps_have_no_slope() {
    for f in [Unary::Abs, Unary::Sign, Unary::Floor, Unary::Ceil, Unary::RoundNearestEven] {
        let graph = build(&[2], 1, |b, x| b.emit(f, x));
        assert_eq!(gradients(&graph, &[&[0.0, -0.0]]), [[0.0, 0.0]], "{f:?}");
    }
}

#[test]
fn a_power_has_a_derivative_at_zero() {
    let graph = build(&[5], 2, |b, x| b.pow(x[0], x[1]));
    let gradient = gradients(&graph, &[&[0.0; 5], &[0.0, 1.0, 2.0, 3.0, 0.5]]);
    assert_eq!(gradient[0], [0.0, 1.0, 0.0, 0.0, f64::INFINITY]);
    assert_eq!(gradient[1], [0.0; 5]);
    // Second derivatives y (y − 1) xʸ⁻² at 0, by a constant exponent and by one that is given.
    let second = |graph: &Graph, rest: &[&[f64]]| {
        let zero = [0.0];
        let inputs: Vec<&[f64]> =
            [&zero[..]].into_iter().chain(rest.iter().copied()).chain([&[1.0][..]]).collect();
        evaluate(&graph.grad(&[0]).jvp(&[0]), &inputs)[3][0]
    };
    for (y, wanted) in [(0.0, 0.0), (1.0, 0.0), (2.0, 2.0), (3.0, 0.0)] {
        let given = build(&[1], 2, |b, x| b.pow(x[0], x[1]));
        assert_eq!(second(&given, &[&[y]]), wanted, "x^{y}");
        let constant = build(&[1], 1, |b, x| {
            let y = b.full_like(x[0], y);
            b.pow(x[0], y)
        });
        assert_eq!(second(&constant, &[]), wanted, "x^{y}, a constant");
    }
}

#[test]
fn an_extremum_of_nothing_is_constant() {
    let op = Reduce { reducer: Reducer::Max, axes: [1].as_slice().into() };
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [2, 0]));
    let y = b.emit(op, &[x]);
    let outputs = evaluate::<f64>(&b.finish(&[y]).jvp(&[0]), &[&[], &[]]);
    assert_eq!(outputs, [vec![f64::NEG_INFINITY; 2], vec![0.0; 2]]);
}

#[test]
fn smooth_functions_saturate_without_nan() {
    for f in [Unary::Tanh, Unary::Logistic, Unary::Softplus, Unary::Erf, Unary::Exponential] {
        let graph = build(&[4], 1, |b, x| b.emit(f, x));
        let x = [-800.0, f64::NEG_INFINITY, -40.0, -1000.0];
        let gradient = &gradients(&graph, &[&x])[0];
        assert!(gradient.iter().all(|g| g.abs() < 1e-15), "{f:?}: {gradient:?}");
        let product =
            evaluate::<f64>(&graph.grad(&[0]).jvp(&[0]), &[&[-800.0, -50.0, -40.0, -1000.0], &[1.0; 4]]);
        assert!(product[3].iter().all(|h| h.abs() < 1e-14), "{f:?}: {product:?}");
    }
}
