//! A small residual network of convolutions: Hessian products one by one, in blocks, and by differences.

use thalweg_graph::primitive::Window;
use thalweg_graph::{Builder, DType, Graph, Type, evaluate};

use super::views::copies;

/// Examples, and tangents of a block.
const EXAMPLES: usize = 2;
const BLOCK: usize = 3;

/// Filters: of the first layer, of a residual one, of one with stride 2, then depthwise, in groups, and the last matrix.
const WEIGHTS: [&[usize]; 6] =
    [&[4, 2, 3, 3], &[4, 4, 3, 3], &[6, 4, 3, 3], &[6, 1, 3, 3], &[6, 3, 1, 1], &[3, 6 * 9]];
const IMAGES: &[usize] = &[EXAMPLES, 2, 6, 6];

/// Σ (outputs)² of the network; inputs are images and weights. With `groups`, also through grouped layers.
fn network(groups: bool) -> Graph {
    let mut b = Builder::new();
    let ty = |shape: &[usize]| Type::new(DType::F64, shape.iter().copied());
    let x = b.input(ty(IMAGES));
    let w: Vec<_> = WEIGHTS.iter().map(|shape| b.input(ty(shape))).collect();
    let same = Window::new().padding(1, 1);
    let first = b.convolution(x, w[0], &[same; 2], 1);
    let first = b.tanh(first);
    let h = b.convolution(first, w[1], &[same; 2], 1);
    let h = b.add(h, first);
    let h = b.tanh(h);
    let mut h = b.convolution(h, w[2], &[same.stride(2); 2], 1);
    if groups {
        h = b.tanh(h);
        h = b.convolution(h, w[3], &[same; 2], 6);
        h = b.tanh(h);
        h = b.convolution(h, w[4], &[Window::new(); 2], 2);
    }
    let h = b.tanh(h);
    let flat = b.reshape(h, &[EXAMPLES, 6 * 9]);
    let z = b.dot(flat, 1, w[5], 1);
    let squares = b.square(z);
    let sum = b.sum_all(squares);
    b.finish(&[sum])
}

/// The network's Hessian product with a block of tangents of all weights.
fn block(network: &Graph) -> (Graph, Vec<bool>) {
    let wrt: Vec<usize> = (1..=WEIGHTS.len()).collect();
    let product = network.grad(&wrt).jvp(&wrt);
    let marks: Vec<bool> = (0..product.inputs().len()).map(|i| i > WEIGHTS.len()).collect();
    (product.batch(&marks, BLOCK), marks)
}

fn fill(sizes: impl Iterator<Item = usize>, phase: f64) -> Vec<Vec<f64>> {
    sizes
        .enumerate()
        .map(|(k, n)| (0..n).map(|i| (2.3 * i as f64 + k as f64 + phase).cos() * 0.5).collect())
        .collect()
}

fn run(graph: &Graph, inputs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    evaluate(graph, &inputs.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn close(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    let scale = b.iter().fold(1e-3f64, |m, x| m.max(x.abs()));
    a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() <= tolerance * scale, "{a} and {b}"));
}

#[test]
fn a_block_of_hessian_products_is_the_change_of_the_gradient() {
    let network = network(true);
    let (block, marks) = block(&network);
    let sizes: Vec<usize> =
        std::iter::once(IMAGES).chain(WEIGHTS).map(|shape| shape.iter().product()).collect();
    let point = fill(sizes.iter().copied(), 0.1);
    let tangents = fill(sizes[1..].iter().map(|n| BLOCK * n), 0.7);
    let inputs = [point.clone(), tangents.clone()].concat();
    let together = run(&block, &inputs);
    // The split program computes the same.
    let late: Vec<usize> = (0..marks.len()).filter(|&i| marks[i]).collect();
    let split = block.split(&late);
    let kept = run(&split.primal, &point);
    let again = run(&split.tangent, &[inputs, kept].concat());
    again.iter().zip(&together).for_each(|(a, b)| close(a, b, 1e-13));

    let wrt: Vec<usize> = (1..=WEIGHTS.len()).collect();
    let gradient = network.grad(&wrt);
    for e in 0..BLOCK {
        let h = 1e-5;
        let at = |sign: f64| {
            let mut moved = point.clone();
            for (weights, tangents) in moved[1..].iter_mut().zip(&tangents) {
                let n = weights.len();
                weights.iter_mut().zip(&tangents[e * n..]).for_each(|(w, v)| *w += sign * h * v);
            }
            run(&gradient, &moved)
        };
        let (up, down) = (at(1.0), at(-1.0));
        for (k, &n) in sizes[1..].iter().enumerate() {
            let slope: Vec<f64> =
                up[1 + k].iter().zip(&down[1 + k]).map(|(u, d)| (u - d) / (2.0 * h)).collect();
            // Outputs: value, gradients, the value's tangent, then the products.
            let product = &together[2 + WEIGHTS.len() + k][e * n..(e + 1) * n];
            close(product, &slope, 1e-7);
        }
    }
}

/// Nothing of the size of activations is copied for a block of tangents, only filters are.
#[test]
fn blocks_copy_nothing_but_filters() {
    let (block, marks) = block(&network(false));
    let late: Vec<usize> = (0..marks.len()).filter(|&i| marks[i]).collect();
    let split = block.split(&late);
    assert!(copies(&split.primal).is_empty());
    let filters: Vec<usize> = [1, 2].map(|k| BLOCK * WEIGHTS[k].iter().product::<usize>()).into();
    let mut found = copies(&split.tangent);
    found.sort_unstable();
    assert_eq!(found, filters);
}
