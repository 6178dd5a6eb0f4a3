//! Programs and their derivatives grow in proportion to what is written, and compile in no time.

use std::time::Instant;

use thalweg_graph::{Builder, DType, Graph, Program, Type, evaluate};

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
