//! Programs and their derivatives grow in proportion to what is written, and compile in no time.

use std::time::Instant;

use thalweg_graph::{Builder, DType, Graph, Program, Type, Value, evaluate};

/// Σ of a chain of `depth` elementwise nodes.
fn chain(depth: usize) -> Graph {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [3]));
    let mut y = x;
    for i in 0..depth {
        y = match i % 4 {
            0 => b.sin(y),
            1 => b.mul(y, x),
            2 => b.tanh(y),
            _ => b.add(y, x),
        };
    }
    let sum = b.sum_all(y);
    b.finish(&[sum])
}

/// A network of `depth` layers with residual connections, and products.
fn layers(depth: usize) -> Graph {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [2, 4]));
    let w = b.input(Type::new(DType::F64, [4, 4]));
    let mut h = x;
    for _ in 0..depth {
        let z = b.dot(h, 1, w, 1);
        let z = b.tanh(z);
        let z = b.scale(z, 0.1);
        h = b.add(h, z);
    }
    let sum = b.sum_all(h);
    b.finish(&[sum])
}

/// The graph itself, its gradient, Hessian product, third derivative along two
/// directions, and both parts of the product split in two.
fn family(graph: &Graph, wrt: &[usize]) -> Vec<Graph> {
    let gradient = graph.grad(wrt);
    let product = gradient.jvp(wrt);
    let third = product.jvp(wrt);
    let marks: Vec<bool> = (0..product.inputs().len()).map(|i| i >= graph.inputs().len()).collect();
    let late: Vec<usize> = (graph.inputs().len()..product.inputs().len()).collect();
    let block = product.batch(&marks, 2);
    let split = block.split(&late);
    vec![graph.clone(), gradient, product, third, block, split.primal, split.tangent]
}

/// Node counts of two sizes differ as the sizes do, and the larger ones compile within seconds.
fn check(build: impl Fn(usize) -> Graph, wrt: &[usize], depth: usize) {
    let (small, large) = (family(&build(depth), wrt), family(&build(2 * depth), wrt));
    let start = Instant::now();
    let again = family(&build(2 * depth), wrt);
    let built = start.elapsed();
    for (i, (small, large)) in small.iter().zip(&large).enumerate() {
        let (few, many) = (small.nodes().len(), large.nodes().len());
        assert!(many as f64 <= 2.1 * few as f64 + 20.0, "program {i}: {few} nodes became {many}");
        assert!(many <= 100 * 2 * depth, "program {i}: {many} nodes for {} layers", 2 * depth);
    }
    let start = Instant::now();
    let programs: Vec<Program> = again.iter().map(Program::compile).collect();
    let compiled = start.elapsed();
    // In tenths of a second here; a quadratic step would take minutes.
    assert!(built.as_secs() < 20 && compiled.as_secs() < 20, "built in {built:?}, compiled in {compiled:?}");
    for (graph, program) in again.iter().zip(&programs) {
        assert!(program.passes() <= graph.nodes().len());
    }
}

/// Cotangents of the slices of an array are put together, not padded and added.
#[test]
fn slices_give_their_cotangents_back_in_one_piece() {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [2, 6]));
    let parts = [0, 1, 2].map(|i| b.slice_axis(x, 1, 2 * i..2 * i + 2));
    let product = b.mul(parts[0], parts[1]);
    let product = b.mul(product, parts[2]);
    let sum = b.sum_all(product);
    let gradient = b.finish(&[sum]).grad(&[0]);
    let named =
        |name: &str| gradient.nodes().iter().filter(|n| format!("{:?}", n.op).starts_with(name)).count();
    assert_eq!((named("Pad"), named("Concatenate")), (0, 1), "{gradient}");
    let x: Vec<f64> = (1..=12).map(f64::from).collect();
    let found = &evaluate::<f64>(&gradient, &[&x])[1];
    for (i, found) in found.iter().enumerate() {
        let rest = (0..3).map(|p| i / 6 * 6 + 2 * p + i % 2).filter(|&j| j != i);
        assert_eq!(*found, rest.map(|j| x[j]).product::<f64>());
    }
}

/// A dense layer, what `bend` makes of it, and another dense layer; the sum of squares.
fn bent(rows: usize, width: usize, bend: fn(&mut Builder, Value) -> Value) -> Graph {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [rows, width]));
    let [v, w] = [0, 1].map(|_| b.input(Type::new(DType::F64, [width, width])));
    let z = b.dot(x, 1, v, 1);
    let h = bend(&mut b, z);
    let y = b.dot(h, 1, w, 1);
    let y = b.slice_axis(y, 1, 0..1);
    let y = b.square(y);
    let sum = b.sum_all(y);
    b.finish(&[sum])
}

/// Deviations from the mean of a row, over their norm: the derivatives have many broadcast factors.
fn normalized(b: &mut Builder, z: Value) -> Value {
    let shape = b.shape(z).to_vec();
    let mean = b.sum(z, &[1]);
    let mean = b.scale(mean, 1.0 / shape[1] as f64);
    let mean = b.broadcast_in_dim(mean, &shape, &[0]);
    let centered = b.sub(z, mean);
    let square = b.square(centered);
    let sum = b.sum(square, &[1]);
    let spread = b.rsqrt(sum);
    let spread = b.broadcast_in_dim(spread, &shape, &[0]);
    b.mul(centered, spread)
}

/// x (1 + tanh(x + x³)).
fn gated(b: &mut Builder, z: Value) -> Value {
    let square = b.square(z);
    let bend = b.offset(square, 1.0);
    let inner = b.mul(z, bend);
    let tanh = b.tanh(inner);
    let gate = b.offset(tanh, 1.0);
    b.mul(z, gate)
}

/// What a Hessian product keeps of a layer's values: few arrays of their size, however many steps there are.
#[test]
fn few_factors_cross_the_cut() {
    for (bend, most) in [(gated as fn(&mut Builder, Value) -> Value, 5), (normalized, 6)] {
        check_cut(bend, most);
    }
}

fn check_cut(bend: fn(&mut Builder, Value) -> Value, most: usize) {
    let (rows, width) = (64, 8);
    let product = bent(rows, width, bend).grad(&[1, 2]).jvp(&[1, 2]);
    let split = product.split(&[3, 4]);
    let kept = split.primal.output_types();
    let large = kept.iter().filter(|ty| ty.size() == rows * width).count();
    assert!(large <= most, "{large} arrays: {kept:?}");
    // Both parts together are the product, whatever was regrouped.
    let numbers = |n: usize, s: f64| (0..n).map(|i| (i as f64 * s).sin()).collect::<Vec<f64>>();
    let given: Vec<Vec<f64>> =
        product.input_types().iter().zip(1..).map(|(ty, i)| numbers(ty.size(), f64::from(i))).collect();
    let given: Vec<&[f64]> = given.iter().map(Vec::as_slice).collect();
    let whole = evaluate::<f64>(&product, &given);
    let kept = evaluate::<f64>(&split.primal, &given[..3]);
    let inputs: Vec<&[f64]> = given.iter().copied().chain(kept.iter().map(Vec::as_slice)).collect();
    let apart = evaluate::<f64>(&split.tangent, &inputs);
    for (a, b) in whole.iter().flatten().zip(apart.iter().flatten()) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} and {b}");
    }
}

#[test]
fn long_chains_stay_linear() {
    check(chain, &[0], 1000);
}

#[test]
fn deep_networks_stay_linear() {
    check(layers, &[0, 1], 200);
}

/// x ↦ x + 1, a thousand times over, has slope 1: nothing overflows the stack or loses its way.
#[test]
fn a_long_chain_still_computes() {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [2]));
    let mut y = x;
    for i in 0..10_000 {
        let rotated = if i % 2 == 0 { b.neg(y) } else { b.sin(y) };
        let small = b.scale(rotated, 1e-3);
        y = b.add(x, small);
    }
    let sum = b.sum_all(y);
    let graph = b.finish(&[sum]).grad(&[0]);
    // The last steps alone determine the digits that are compared.
    let outputs = evaluate::<f64>(&graph, &[&[0.3, -0.6]]);
    let recent = |x: f64| {
        let (mut y, mut slope) = (x, 1.0);
        for i in 0..20 {
            let (value, change) = if i % 2 == 0 { (-y, -1.0) } else { (f64::sin(y), f64::cos(y)) };
            (y, slope) = (x + 1e-3 * value, 1.0 + 1e-3 * change * slope);
        }
        (y, slope)
    };
    for (i, x) in [0.3, -0.6].into_iter().enumerate() {
        assert!((outputs[1][i] - recent(x).1).abs() < 1e-14, "{} and {}", outputs[1][i], recent(x).1);
    }
    assert!((outputs[0][0] - recent(0.3).0 - recent(-0.6).0).abs() < 1e-14);
}
