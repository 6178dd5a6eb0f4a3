//! Derivatives of a small network, against central differences of its value.

use thalweg_graph::{Builder, DType, Graph, Literal, Program, Threads, Type, evaluate};

/// Mean softmax cross-entropy of a 3-4-2 tanh network over five examples; inputs are w1, b1, w2, b2.
fn network() -> Graph {
    let mut b = Builder::new();
    let ty = |shape: &[usize]| Type::new(DType::F64, shape.iter().copied());
    let [w1, b1, w2, b2] = [ty(&[4, 3]), ty(&[4]), ty(&[2, 4]), ty(&[2])].map(|t| b.input(t));
    let x: Vec<f64> = (0..15).map(|i| (f64::from(i) * 1.7).sin()).collect();
    let x = b.literal(Literal::new([5, 3], &x));
    let labels = b.literal(Literal::new([5], &[0i32, 1, 1, 0, 1]));
    let z = b.dot(x, 1, w1, 1);
    let bias = b.broadcast(b1, &[5, 4]);
    let z = b.add(z, bias);
    let h = b.tanh(z);
    let z = b.dot(h, 1, w2, 1);
    let bias = b.broadcast(b2, &[5, 2]);
    let z = b.add(z, bias);
    let top = b.reduce_max(z, &[1]);
    let top = b.broadcast_in_dim(top, &[5, 2], &[0]);
    let shifted = b.sub(z, top);
    let e = b.exp(shifted);
    let total = b.sum(e, &[1]);
    let log = b.log(total);
    let classes = b.iota(Type::new(DType::I32, [5, 2]), 1);
    let labels = b.broadcast_in_dim(labels, &[5, 2], &[0]);
    let hit = b.compare(thalweg_graph::primitive::Direction::Eq, classes, labels);
    let zero = b.zeros_like(shifted);
    let picked = b.select(hit, shifted, zero);
    let picked = b.sum(picked, &[1]);
    let losses = b.sub(log, picked);
    let sum = b.sum_all(losses);
    let mean = b.scale(sum, 0.2);
    b.finish(&[mean])
}

fn point() -> Vec<Vec<f64>> {
    let fill = |n: usize, phase: f64| (0..n).map(|i| (i as f64 * 2.3 + phase).cos()).collect();
    vec![fill(12, 0.1), fill(4, 0.2), fill(8, 0.3), fill(2, 0.4)]
}

fn run(graph: &Graph, inputs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    evaluate(graph, &inputs.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Runs a graph whose inputs and outputs have any element types.
fn bytes(graph: &Graph, inputs: &[&[u8]]) -> Vec<Vec<u64>> {
    let program = Program::compile(graph);
    let mut outputs: Vec<Vec<u64>> =
        program.outputs().iter().map(|t| vec![0; t.bytes().div_ceil(8)]).collect();
    let mut slices: Vec<&mut [u8]> = outputs
        .iter_mut()
        .zip(program.outputs())
        .map(|(o, t)| &mut bytemuck::cast_slice_mut(o)[..t.bytes()])
        .collect();
    program.run(inputs, &mut slices, &Threads::default());
    outputs
}

/// (f(x + h v) − f(x − h v)) / 2h for every output.
fn difference(graph: &Graph, x: &[Vec<f64>], v: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let h = 1e-5;
    let at = |sign: f64| {
        let moved: Vec<Vec<f64>> =
            x.iter().zip(v).map(|(x, v)| x.iter().zip(v).map(|(x, v)| x + sign * h * v).collect()).collect();
        run(graph, &moved)
    };
    let (up, down) = (at(1.0), at(-1.0));
    up.iter().zip(&down).map(|(u, d)| u.iter().zip(d).map(|(u, d)| (u - d) / (2.0 * h)).collect()).collect()
}

fn assert_close(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    let scale = b.iter().fold(1e-3f64, |m, x| m.max(x.abs()));
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance * scale, "entry {i}: {a} and {b}");
    }
}

fn direction() -> Vec<Vec<f64>> {
    point().into_iter().map(|x| x.into_iter().map(|v| (5.0 * v).sin()).collect()).collect()
}

#[test]
fn first_second_and_third_derivatives_agree_with_differences() {
    let all = [0, 1, 2, 3];
    let (x, v) = (point(), direction());
    let with = |tangents: usize| {
        (0..=tangents).flat_map(|i| if i == 0 { x.clone() } else { v.clone() }).collect::<Vec<_>>()
    };
    let value = network();
    let gradient = value.grad(&all);
    let forward = run(&value.jvp(&all), &with(1));
    assert_close(&forward[1], &difference(&value, &x, &v)[0], 1e-8);
    let slope: f64 =
        run(&gradient, &x)[1..].iter().flatten().zip(v.iter().flatten()).map(|(g, v)| g * v).sum();
    assert_close(&[slope], &forward[1], 1e-12);

    // Hessian times v, by forward over reverse.
    let product = gradient.jvp(&all);
    let out = run(&product, &with(1));
    for (exact, approx) in out[5..].iter().zip(&difference(&gradient, &x, &v)) {
        assert_close(exact, approx, 1e-8);
    }
    // The third derivative along v twice: differentiate the product once more.
    let third = product.jvp(&all);
    let mut inputs = with(2);
    let exact = run(&third, &inputs);
    inputs.truncate(8);
    let at = |sign: f64| {
        let h = 1e-4;
        let mut moved = inputs.clone();
        for (x, v) in moved[..4].iter_mut().zip(&v) {
            x.iter_mut().zip(v).for_each(|(x, v)| *x += sign * h * v);
        }
        run(&product, &moved)
    };
    let (up, down) = (at(1.0), at(-1.0));
    for output in 5..10 {
        let approx: Vec<f64> = up[output].iter().zip(&down[output]).map(|(u, d)| (u - d) / 2e-4).collect();
        assert_close(&exact[10 + output], &approx, 1e-6);
    }
}

#[test]
fn reverse_over_forward_is_forward_over_reverse() {
    let all = [0, 1, 2, 3];
    let inputs: Vec<Vec<f64>> = point().into_iter().chain(direction()).collect();
    let forward_over_reverse = run(&network().grad(&all).jvp(&all), &inputs);
    // The tangent output of the jvp becomes the value to differentiate.
    let mut b = Builder::new();
    let jvp = network().jvp(&all);
    let args: Vec<_> = jvp.input_types().into_iter().map(|t| b.input(t)).collect();
    let outputs = b.call(&jvp, &args);
    let reverse_over_forward = run(&b.finish(&outputs[1..]).grad(&all), &inputs);
    for (a, b) in forward_over_reverse[6..].iter().zip(&reverse_over_forward[1..]) {
        assert_close(a, b, 1e-12);
    }
}

#[test]
fn a_batch_of_products_is_a_loop_over_them() {
    let all = [0, 1, 2, 3];
    let product = network().grad(&all).jvp(&all);
    let mut marks = vec![false; 4];
    marks.extend([true; 4]);
    let batched = product.batch(&marks, 3);
    let scaled = |c: f64| {
        direction().into_iter().map(move |v| v.into_iter().map(|x| (x * c).sin()).collect::<Vec<f64>>())
    };
    let blocks: Vec<Vec<Vec<f64>>> = [1.0, 2.0, 3.0].map(|c| scaled(c).collect()).to_vec();
    let mut inputs = point();
    inputs.extend((0..4).map(|i| blocks.iter().flat_map(|v| v[i].clone()).collect::<Vec<f64>>()));
    let together = run(&batched, &inputs);
    for (i, v) in blocks.iter().enumerate() {
        let alone = run(&product, &point().into_iter().chain(v.clone()).collect::<Vec<_>>());
        for (alone, together) in alone.iter().zip(&together) {
            assert_close(&together[i * alone.len()..(i + 1) * alone.len()], alone, 1e-13);
        }
    }
    // Splitting changes what is computed when, and the order of some factors.
    let split = batched.split(&[4, 5, 6, 7]);
    let kept = bytes(&split.primal, &inputs[..4].iter().map(|x| bytemuck::cast_slice(x)).collect::<Vec<_>>());
    let mut late: Vec<&[u8]> = inputs.iter().map(|x| bytemuck::cast_slice(x)).collect();
    let kept_types = split.primal.output_types();
    late.extend(kept.iter().zip(&kept_types).map(|(k, t)| &bytemuck::cast_slice(k)[..t.bytes()]));
    let outputs = bytes(&split.tangent, &late);
    for (output, together) in outputs.iter().zip(&together) {
        assert_close(bytemuck::cast_slice(output), together, 1e-14);
    }
}
