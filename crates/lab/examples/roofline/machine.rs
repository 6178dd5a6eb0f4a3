//! What this machine can do: matrix products and memory.

use thalweg_graph::{Builder, DType, Program, Threads, Type};

use super::fastest;
use super::setting::vectors;

/// Side of the matrices.
const SIDE: usize = 1024;
/// Numbers in each of the three arrays of the triad: 256 MiB.
const LENGTH: usize = 1 << 26;

/// FLOP a second of a product of 1024 × 1024 matrices in f32 by the primitive that all programs use.
pub fn gemm(threads: &Threads, budget: f64) -> f64 {
    let mut b = Builder::new();
    let [x, y] = [0; 2].map(|_| b.input(Type::new(DType::F32, [SIDE, SIDE])));
    let product = b.dot(x, 1, y, 0);
    let program = Program::compile(&b.finish(&[product]));
    let numbers: Vec<f32> = vectors(2, SIDE * SIDE);
    let (x, y) = numbers.split_at(SIDE * SIDE);
    let mut out = vec![0.0f32; SIDE * SIDE];
    let seconds = fastest(threads.count(), budget, || {
        let inputs = [bytemuck::cast_slice(x), bytemuck::cast_slice(y)];
        program.run(&inputs, &mut [bytemuck::cast_slice_mut(&mut out)], threads);
    });
    2.0 * (SIDE as f64).powi(3) / seconds
}

/// Bytes a second of the triad a ← b + 3 c on arrays far larger than any cache (McCalpin 1995, counted as
/// there: two arrays read, one written).
pub fn bandwidth(threads: usize, budget: f64) -> f64 {
    let (mut a, b, c) = (vec![0.0f32; LENGTH], vec![1.0f32; LENGTH], vec![2.0f32; LENGTH]);
    let part = LENGTH.div_ceil(threads);
    let seconds = fastest(threads, budget, || {
        std::thread::scope(|scope| {
            for ((a, b), c) in a.chunks_mut(part).zip(b.chunks(part)).zip(c.chunks(part)) {
                scope.spawn(move || {
                    a.iter_mut().zip(b).zip(c).for_each(|((a, b), c)| *a = b + 3.0 * c);
                });
            }
        });
    });
    assert_eq!(a[LENGTH - 1], 7.0, "the triad was computed");
    (3 * size_of::<f32>() * LENGTH) as f64 / seconds
}
