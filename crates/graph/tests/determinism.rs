//! The same bits for any number of threads and any memory budget.

use thalweg_graph::{
    Bound, Builder, DType, Float, Graph, Linearized, Program, Role, Sharded, Threads, Type, Value, evaluate,
};

/// A two-layer network's summed loss over `examples` examples; inputs are w1, b1, w2, x and targets.
fn loss(float: DType, examples: usize, [inner, width, outer]: [usize; 3]) -> Graph {
    let mut b = Builder::new();
    let [w1, b1, w2, x, y] =
        [vec![width, inner], vec![width], vec![outer, width], vec![examples, inner], vec![examples, outer]]
            .map(|shape| b.input(Type::new(float, shape)));
    let z = b.dot(x, 1, w1, 1);
    let bias = b.broadcast(b1, &[examples, width]);
    let z = b.add(z, bias);
    let h = b.tanh(z);
    let out = b.dot(h, 1, w2, 1);
    let miss = b.sub(out, y);
    let square = b.square(miss);
    let penalty = b.unary(thalweg_graph::primitive::Unary::Softplus, out);
    let total = b.add(square, penalty);
    let sum = b.sum_all(total);
    b.finish(&[sum])
}

/// How many of the loss's inputs are parameters.
const PARAMETERS: [usize; 3] = [0, 1, 2];

fn value_and_gradient(float: DType, examples: usize, sizes: [usize; 3]) -> Graph {
    loss(float, examples, sizes).grad(&PARAMETERS)
}

/// Hessian products: the parameters, the data, then a tangent for each parameter; only the tangents come out.
fn hessian(float: DType, examples: usize, sizes: [usize; 3]) -> Graph {
    let jvp = value_and_gradient(float, examples, sizes).jvp(&PARAMETERS);
    let mut b = Builder::new();
    let args: Vec<Value> = jvp.input_types().into_iter().map(|t| b.input(t)).collect();
    let outputs = b.call(&jvp, &args);
    b.finish(&outputs[5..])
}

const ROLES: [Role; 8] = [
    Role::Shared,
    Role::Shared,
    Role::Shared,
    Role::Examples,
    Role::Examples,
    Role::Shared,
    Role::Shared,
    Role::Shared,
];

fn arrays<T: Float>(types: &[Type]) -> Vec<Vec<T>> {
    let fill = |(i, ty): (usize, &Type)| {
        (0..ty.size()).map(|j| T::of(((j * 37 + i * 11) as f64 * 0.7).sin() * 0.8)).collect()
    };
    types.iter().enumerate().map(fill).collect()
}

fn bytes<T: Float>(arrays: &[Vec<T>]) -> Vec<&[u8]> {
    arrays.iter().map(|x| bytemuck::cast_slice(x)).collect()
}

/// Calls `run` with outputs of the given sizes, filled with garbage.
fn collect<T: Float>(sizes: &[usize], run: impl FnOnce(&mut [&mut [u8]])) -> Vec<Vec<T>> {
    let mut outputs: Vec<Vec<T>> = sizes.iter().map(|&n| vec![T::of(1e30); n]).collect();
    let mut slices: Vec<&mut [u8]> = outputs.iter_mut().map(|o| bytemuck::cast_slice_mut(o)).collect();
    run(&mut slices);
    outputs
}

fn sizes(types: &[Type]) -> Vec<usize> {
    types.iter().map(Type::size).collect()
}

fn assert_close<T: Float>(got: &[Vec<T>], want: &[Vec<T>], tolerance: f64) {
    for (got, want) in got.iter().zip(want) {
        let scale = want.iter().fold(1.0f64, |m, x| m.max(x.wide().abs()));
        for (g, w) in got.iter().zip(want) {
            assert!((g.wide() - w.wide()).abs() <= tolerance * scale, "{g:?} and {w:?}, of {scale}");
        }
    }
}

/// Rounding of some thousand terms, relative to the largest result.
fn tolerance<T: Float>() -> f64 {
    if T::DTYPE == DType::F32 { 1e-4 } else { 1e-12 }
}

/// What is run, and on how many examples in shards of what size.
const SHARDINGS: [(usize, usize, [usize; 3]); 6] = [
    // Many shards and a smaller last one; more shards than are summed at a time.
    (103, 8, [7, 9, 5]),
    (40, 1, [7, 9, 5]),
    (64, 16, [7, 9, 5]),
    (17, 16, [3, 1, 1]),
    // One shard: products and elementwise work are shared among the threads.
    (530, 1000, [90, 70, 33]),
    (1, 1, [300, 1100, 130]),
];

fn sharded<T: Float>() {
    for (examples, shard, layers) in SHARDINGS {
        let build = |n: usize| value_and_gradient(T::DTYPE, n, layers);
        let whole = build(examples);
        let inputs = arrays::<T>(&whole.input_types());
        let program = Sharded::new(build, &ROLES[..5], examples, shard);
        let run = |threads: usize| {
            let threads = Threads::new(threads);
            collect::<T>(&sizes(program.outputs()), |out| program.run(&bytes(&inputs), out, &threads))
        };
        let one = run(1);
        for threads in [2, 7] {
            assert_eq!(run(threads), one, "{examples} examples by {shard}, {threads} threads");
        }
        assert_eq!(run(1), one, "a second run");
        let slices: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
        assert_close(&one, &evaluate(&whole, &slices), tolerance::<T>());
    }
}

#[test]
fn sharded_sums_do_not_depend_on_threads() {
    sharded::<f64>();
    sharded::<f32>();
}

fn linearized<T: Float>(together: usize) {
    for (examples, shard, layers) in SHARDINGS {
        let program = Linearized::new(|n| hessian(T::DTYPE, n, layers), &ROLES, &[5, 6, 7], examples, shard)
            .with_together(together);
        let whole = hessian(T::DTYPE, examples, layers);
        let types = whole.input_types();
        let inputs = arrays::<T>(&types);
        // More than one block of tangents, the last of them not full.
        for count in [1, 3, 11] {
            let tangents: Vec<Vec<T>> = types[5..]
                .iter()
                .enumerate()
                .map(|(i, ty)| {
                    (0..count * ty.size()).map(|j| T::of(((j * 29 + i) as f64 * 1.3).cos())).collect()
                })
                .collect();
            let outputs: Vec<usize> = whole.output_types().iter().map(|t| count * t.size()).collect();
            let run = |threads: usize, memory: usize| {
                let point = program.at(
                    bytes(&inputs).into_iter().map(Bound::Borrowed).collect(),
                    memory,
                    &Threads::new(threads),
                );
                (
                    point.kept_shards(),
                    collect::<T>(&outputs, |out| point.apply(&bytes(&tangents), count, out)),
                )
            };
            let all = program.kept_bytes();
            let ((kept, of), reference) = run(1, usize::MAX);
            assert_eq!(kept, of);
            assert_eq!(of, examples.div_ceil(shard));
            for (threads, memory) in [(2, all), (7, all), (1, 0), (2, 0), (7, 0), (1, all / 2), (7, all / 2)]
            {
                let ((kept, _), again) = run(threads, memory);
                assert_eq!(again, reference, "{examples} by {shard}, {threads} threads, {memory} bytes");
                let expected = if memory == all { of } else { of * memory / all };
                assert!(
                    kept.abs_diff(expected) <= 1 && kept <= of,
                    "{kept} of {of} kept in {memory} of {all} bytes"
                );
            }
            for t in 0..count.min(2) {
                let mut one = inputs[..5].to_vec();
                one.extend(
                    tangents.iter().map(|v| v[t * v.len() / count..(t + 1) * v.len() / count].to_vec()),
                );
                let slices: Vec<&[T]> = one.iter().map(Vec::as_slice).collect();
                let part: Vec<Vec<T>> = reference
                    .iter()
                    .map(|o| o[t * o.len() / count..(t + 1) * o.len() / count].to_vec())
                    .collect();
                assert_close(&part, &evaluate(&whole, &slices), tolerance::<T>());
            }
        }
    }
}

#[test]
fn products_do_not_depend_on_threads_or_memory() {
    linearized::<f64>(8);
    linearized::<f32>(8);
    // Blocks whose tangents go through the program in turns.
    linearized::<f64>(1);
    linearized::<f32>(3);
}

/// One program, large enough to be shared inside operations: elementwise work
/// with strided and repeated operands, reductions, products with loops.
fn shared_inside<T: Float>() {
    let mut b = Builder::new();
    let x = b.input(Type::new(T::DTYPE, [170, 260]));
    let v = b.input(Type::new(T::DTYPE, [260]));
    let turned = b.transpose(x, &[1, 0]);
    let column = b.broadcast_in_dim(v, &[260, 170], &[0]);
    let mixed = b.mul(turned, column);
    let mixed = b.erf(mixed);
    let product = b.dot(x, 1, mixed, 0);
    let cube = b.reshape(x, &[17, 10, 260]);
    let square = b.dot(cube, 2, cube, 2);
    let sums = b.sum(mixed, &[0]);
    let largest = b.reduce_max(mixed, &[1]);
    let graph = b.finish(&[product, mixed, square, sums, largest]);
    let inputs = arrays::<T>(&graph.input_types());
    let program = Program::compile(&graph);
    let run = |threads: usize| {
        let threads = Threads::new(threads);
        collect::<T>(&sizes(program.outputs()), |out| program.run(&bytes(&inputs), out, &threads))
    };
    let one = run(1);
    assert!((2..=7).all(|threads| run(threads) == one));
}

#[test]
fn operations_shared_among_threads_keep_their_bits() {
    shared_inside::<f64>();
    shared_inside::<f32>();
}

/// Products whose parts are cut among threads in every way, against plain sums.
fn products<T: Float>() {
    for [m, n, k] in
        [[257, 129, 700], [64, 700, 33], [1000, 31, 90], [33, 1000, 300], [5, 2000, 130], [700, 3, 400]]
    {
        for (transposed, [lhs, rhs]) in [(0, [[m, k], [k, n]]), (1, [[m, k], [n, k]]), (2, [[k, m], [k, n]])]
        {
            let (i, j) = (usize::from(transposed != 2), usize::from(transposed == 1));
            let mut b = Builder::new();
            let [x, y] = [lhs, rhs].map(|shape| b.input(Type::new(T::DTYPE, shape)));
            let z = b.dot(x, i, y, j);
            let graph = b.finish(&[z]);
            let inputs = arrays::<T>(&graph.input_types());
            let program = Program::compile(&graph);
            let run = |threads: usize| {
                let threads = Threads::new(threads);
                collect::<T>(&[m * n], |out| program.run(&bytes(&inputs), out, &threads))
            };
            let one = run(1);
            for threads in [2, 3, 7] {
                assert!(run(threads) == one, "{m} × {k} × {n}, case {transposed}, on {threads} threads");
            }
            let mut sums = vec![0.0; m * n];
            for (row, line) in sums.chunks_mut(n).enumerate() {
                for a in 0..k {
                    let left = inputs[0][if i == 1 { row * k + a } else { a * m + row }].wide();
                    for (column, sum) in line.iter_mut().enumerate() {
                        *sum += left * inputs[1][if j == 1 { column * k + a } else { a * n + column }].wide();
                    }
                }
            }
            let sums: Vec<T> = sums.into_iter().map(T::of).collect();
            assert_close(&one, &[sums], tolerance::<T>());
        }
    }
}

#[test]
fn products_shared_among_threads_keep_their_bits() {
    products::<f64>();
    products::<f32>();
}

/// A program may run on several threads at once, each with a workspace of its own.
#[test]
fn one_program_runs_from_many_threads() {
    let graph = value_and_gradient(DType::F64, 20, [7, 9, 5]);
    let inputs = arrays::<f64>(&graph.input_types());
    let program = Program::compile(&graph);
    let run = || {
        collect::<f64>(&sizes(program.outputs()), |out| {
            program.run(&bytes(&inputs), out, &Threads::default());
        })
    };
    let reference = run();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(run(), reference)));
        }
    });
}
