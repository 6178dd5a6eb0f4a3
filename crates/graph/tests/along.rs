//! Programs along lines and planes against the same programs at points that were moved by hand.

use thalweg_graph::primitive::{Binary, Direction, Op, Unary};
use thalweg_graph::{Builder, DType, Graph, Type, evaluate};

const F64: DType = DType::F64;

fn numbers(count: usize, seed: f64) -> Vec<f64> {
    (0..count).map(|i| ((i as f64 + 0.5) * seed).sin()).collect()
}

/// Inputs of each type, and the outputs along two directions of the first `moved` of them
/// and at points that were moved before.
fn check(graph: &Graph, moved: usize) {
    let types = graph.input_types();
    let fill = |salt: f64| -> Vec<Vec<f64>> {
        types.iter().enumerate().map(|(i, t)| numbers(t.size(), salt + i as f64)).collect()
    };
    let (x, d0, d1) = (fill(0.71), fill(1.37), fill(2.11));
    let wrt: Vec<usize> = (0..moved).collect();
    let along = graph.along(&wrt, 2, F64);
    for c in [[0.0, 0.0], [0.8, -1.3], [-0.4, 2.0]] {
        let mut inputs: Vec<&[f64]> =
            x.iter().chain(&d0[..moved]).chain(&d1[..moved]).map(|v| &v[..]).collect();
        inputs.push(&c);
        let there: Vec<Vec<f64>> = x
            .iter()
            .enumerate()
            .map(|(i, x)| {
                let by = if i < moved { c } else { [0.0; 2] };
                x.iter().zip(&d0[i]).zip(&d1[i]).map(|((x, a), b)| x + by[0] * a + by[1] * b).collect()
            })
            .collect();
        let wanted = evaluate(graph, &there.iter().map(|v| &v[..]).collect::<Vec<_>>());
        for (got, wanted) in evaluate(&along, &inputs).iter().zip(&wanted) {
            assert_eq!(got.len(), wanted.len());
            for (g, w) in got.iter().zip(wanted) {
                assert!((g - w).abs() <= 1e-12 * w.abs().max(1.0), "{g} and {w} at {c:?}");
            }
        }
    }
}

fn products(graph: &Graph) -> usize {
    graph.nodes().iter().filter(|n| matches!(n.op, Op::DotGeneral(_))).count()
}

fn two_layers() -> Graph {
    let mut b = Builder::new();
    let [w1, b1, w2, x] =
        [vec![5, 3], vec![5], vec![2, 5], vec![7, 3]].map(|shape| b.input(Type::new(F64, shape)));
    let z = b.dot(x, 1, w1, 1);
    let bias = b.broadcast(b1, &[7, 5]);
    let z = b.add(z, bias);
    let h = b.tanh(z);
    let out = b.dot(h, 1, w2, 1);
    let sum = b.sum_all(out);
    b.finish(&[out, sum])
}

#[test]
fn a_network_moves_along_a_plane() {
    check(&two_layers(), 3);
    check(&two_layers(), 1);
}

#[test]
fn the_first_layer_is_computed_once() {
    let graph = two_layers();
    let along = graph.along(&[0, 1, 2], 2, F64);
    let split = along.split(&[along.inputs().len() - 1]);
    assert_eq!((products(&split.primal), products(&split.tangent)), (3, 1));
}

#[test]
fn what_is_repeated_is_combined_before() {
    let mut b = Builder::new();
    let w = b.input(Type::new(F64, [4]));
    let square = b.square(w);
    let late = b.sum_all(square);
    let late = b.broadcast(late, &[9, 4, 6]);
    let part = b.reshape(w, &[2, 2]);
    let (w, part) = (b.broadcast_in_dim(w, &[9, 4, 6], &[1]), b.broadcast(part, &[6, 2, 2]));
    let (y, part) = (b.mul(late, w), b.tanh(part));
    let graph = b.finish(&[y, part]);
    check(&graph, 1);
    let tangent = graph.along(&[0], 2, F64).split(&[3]).tangent;
    let sums = tangent.nodes().iter().filter(|n| matches!(n.op, Op::Binary(Binary::Add)));
    assert!(sums.map(|n| n.ty.size()).max() <= Some(4), "parameters are combined element by element");
}

/// Steps, products of two moved values and values that are constant where a derivative vanishes.
#[test]
fn what_is_not_affine_is_computed_at_the_point() {
    let mut b = Builder::new();
    let [x, y, a] = [(); 3].map(|()| b.input(Type::new(F64, [4])));
    let difference = b.sub(x, y);
    let scaled = b.mul(difference, a);
    let floor = b.unary(Unary::Floor, scaled);
    let sign = b.compare(Direction::Gt, scaled, a);
    let rectified = b.select(sign, scaled, a);
    let product = b.mul(x, y);
    let padded = b.pad(scaled, [1].as_slice().into(), [2].as_slice().into(), [0].as_slice().into());
    let total = b.sum(padded, &[0]);
    let graph = b.finish(&[floor, rectified, product, padded, total, scaled]);
    check(&graph, 2);
    check(&graph, 3);
}
