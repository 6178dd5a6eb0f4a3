//! How the parts of the work compare with each other, as ratios of one run.
//!
//! `cargo bench -p thalweg-lab` (or `--workspace`) prints a table. Absolute
//! times depend on the machine and on who else uses it; the ratios hardly do:
//! the two works of a line take turns, and the fastest repetition of each
//! counts. How Thalweg compares with other programs is `cargo xtask
//! bench-peers`, which runs the same networks.
//!
//! | Line | What it tells |
//! |---|---|
//! | product / gradient | A Hessian product at a kept linearization needs up to twice a gradient's multiplications |
//! | product of a block / product | Cost of a vector in a block of 8: vectors share weights and data |
//! | recomputed / kept | Price of a memory budget of 0 |
//! | 1 thread / 2 threads | Speed-up by a second core (2 at best) |
//! | f64 / f32 | Price of double precision (2 where the work is arithmetic or memory) |
//! | training step / gradient | What gathering a batch of 64 and Adam add to its gradient |
//! | loop / bare step | What minimizing and training add to an evaluation and an update of the same rule, also as a difference |
//! | product / its multiplications | How far the product is from the time that its matrix products alone would take, at the rate measured for one of them |
//!
//! Without `--bench` (as `cargo test --benches` runs it) everything is done
//! once and times mean nothing.

#![forbid(unsafe_code)]

mod loops;
mod setting;

use std::hint::black_box;

use setting::{BATCH, DIGITS, MLP, batches, network, parameters, take_turns, vectors};
use thalweg_graph::{Builder, DType, Program, Threads, Type};
use thalweg_lab::optim::{Adam, Method, Rates};
use thalweg_lab::problem::network::{Data, Network, Settings};
use thalweg_lab::{Curvature, FiniteSum, Objective, Scalar};

/// Vectors of a block.
const BLOCK: usize = 8;

/// How long and how often a line is measured.
#[derive(Clone, Copy)]
struct Effort {
    seconds: f64,
    least: usize,
}

type Work<'a> = Box<dyn FnMut() + 'a>;
type Size = (&'static [usize], usize);

fn main() {
    let effort = match std::env::args().any(|arg| arg == "--bench") {
        true => Effort { seconds: 1.0, least: 5 },
        false => Effort { seconds: 0.0, least: 1 },
    };
    println!("{:<54}{:>8}   {:>12} {:>12}", "ratio of fastest times", "ratio", "first", "second");
    for (name, size) in [("digits", DIGITS), ("mlp", MLP)] {
        lines(name, size, effort);
    }
    training(effort);
    loops::lines(effort);
    floor(effort);
}

/// The lines of one network.
fn lines(name: &str, size: Size, effort: Effort) {
    let two = network::<f32>(size, settings(2));
    let one = network::<f32>(size, settings(1));
    let forgetful = network::<f32>(size, Settings { memory: Some(0), ..settings(2) });
    let wide = network::<f64>(size, settings(2));
    let line = |what: &str, first, second| compare(&format!("{name}: {what}"), effort, first, second);
    line("product / gradient", product(&two, 1), gradient(&two));
    line("product of a block / product", product(&two, BLOCK), product(&two, 1));
    line("recomputed / kept product of a block", product(&forgetful, BLOCK), product(&two, BLOCK));
    line("1 thread / 2 threads, gradient", gradient(&one), gradient(&two));
    line("1 thread / 2 threads, product of a block", product(&one, BLOCK), product(&two, BLOCK));
    line("f64 / f32, gradient", gradient(&wide), gradient(&two));
    line("f64 / f32, product of a block", product(&wide, BLOCK), product(&two, BLOCK));
}

fn settings(threads: usize) -> Settings {
    Settings { threads: Threads::new(threads), ..Settings::default() }
}

/// A step of Adam on a batch of the digits, against the gradient of the batch alone.
fn training(effort: Effort) {
    let all = network::<f32>(DIGITS, settings(1));
    let batch = batches(&all)[..BATCH].to_vec();
    let mut minibatch = all.minibatch(BATCH);
    let adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut x = parameters(&all);
    let mut g = vec![0.0; x.len()];
    let mut memory = adam.init(x.len());
    let step = move || {
        minibatch.value_grad(&x, &batch, &mut g);
        adam.step(&mut memory, &mut x, &g, Rates::new(1e-3));
    };
    let alone = all.with_data(rows(all.data(), BATCH as u32)).expect("rows of the data fit");
    compare("digits: training step / gradient of its batch", effort, (Box::new(step), 1.0), gradient(&alone));
}

/// The first examples of a data set.
fn rows(data: &Data<f32>, count: u32) -> Data<f32> {
    data.select(&(0..count).collect::<Vec<u32>>())
}

/// The product of the larger network against its matrix products at the rate of the largest.
fn floor(effort: Effort) {
    let (widths, examples) = MLP;
    let pair = |w: &[usize]| 2.0 * (examples * w[0] * w[1]) as f64;
    // The first layer multiplies its input by the vector, and by the tangent of the gradient that comes back.
    // A later layer's input and weights have tangents of their own, which makes two more such products, and
    // two pass the gradient's tangent on.
    let operations: f64 =
        widths.windows(2).enumerate().map(|(i, w)| if i == 0 { 2.0 } else { 6.0 } * pair(w)).sum();
    for threads in [1, 2] {
        let net = network::<f32>(MLP, settings(threads));
        for (what, vectors) in [("product", 1), ("product of a block", BLOCK)] {
            let name = format!("mlp: {what} / its multiplications, {threads} thr.");
            let multiply = multiplication([examples, widths[0], widths[1]], threads);
            let units = pair(widths) / operations;
            compare(&name, effort, product(&net, vectors), (multiply, units));
        }
    }
}

/// Prints a line: two works, each with the number of units that it does.
fn compare(name: &str, effort: Effort, mut first: (Work, f64), mut second: (Work, f64)) {
    let seconds = take_turns(effort.seconds, effort.least, &mut [&mut *first.0, &mut *second.0]);
    let (first, second) = (seconds[0][0] / first.1, seconds[1][0] / second.1);
    println!("{name:<54}{:>8.2}   {:>9.1} µs {:>9.1} µs", first / second, first * 1e6, second * 1e6);
}

fn gradient<T: Scalar>(network: &Network<T>) -> (Work<'_>, f64) {
    let x = parameters(network);
    let mut g = vec![T::zero(); x.len()];
    (Box::new(move || _ = black_box(network.value_grad(black_box(&x), &mut g))), 1.0)
}

/// Hessian products with `count` vectors, counted as `count` units.
fn product<T: Scalar>(network: &Network<T>, count: usize) -> (Work<'_>, f64) {
    let v = vectors::<T>(count, network.dimension());
    let mut products = vec![T::zero(); v.len()];
    let mut operator =
        network.linearize(&parameters(network), Curvature::Hessian).expect("a network has a Hessian");
    let work = move || operator.apply(black_box(&v), &mut products).expect("nothing stops it");
    (Box::new(work), count as f64)
}

/// One matrix product of m × k numbers with the transpose of n × k.
fn multiplication([m, k, n]: [usize; 3], threads: usize) -> Work<'static> {
    let mut b = Builder::new();
    let [x, w] = [m, n].map(|rows| b.input(Type::new(DType::F32, [rows, k])));
    let product = b.dot(x, 1, w, 1);
    let program = Program::compile(&b.finish(&[product]));
    let [x, w] = [m, n].map(|rows| vectors::<f32>(1, rows * k));
    let mut out = vec![0.0f32; m * n];
    let threads = Threads::new(threads);
    Box::new(move || {
        let inputs = [bytemuck::cast_slice(&x), bytemuck::cast_slice(&w)];
        program.run(black_box(&inputs), &mut [bytemuck::cast_slice_mut(&mut out)], &threads);
    })
}
