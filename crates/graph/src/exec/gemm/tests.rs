//! Products against a naive one in f64, over small sizes, strides and offsets.

use super::*;

/// Deterministic numbers in (−1, 1).
fn number(seed: usize) -> f64 {
    ((seed * 7 + 3) as f64 * 0.618_033_988_75).fract() * 2.0 - 1.0
}

/// Strides and the extent of a rows × columns matrix in one of several layouts.
fn layout(kind: usize, rows: usize, columns: usize) -> (isize, isize) {
    let (r, c) = (rows as isize, columns as isize);
    [(c, 1), (1, r), (c + 3, 1), (1, r + 2), (-c, 1), (1, -r), (2 * c, 2), (0, 1), (1, 0), (0, 0)][kind]
}

const LAYOUTS: usize = 10;

/// A buffer that just holds the matrix, and its offset.
fn buffer<T: Float>(seed: usize, rows: usize, columns: usize, (r, c): (isize, isize)) -> (Vec<T>, isize) {
    let ends = [(rows as isize - 1) * r, (columns as isize - 1) * c];
    let offset: isize = ends.iter().map(|e| -e.min(&0)).sum::<isize>() + 2;
    let len = (offset + ends.iter().map(|e| e.max(&0)).sum::<isize>() + 1) as usize;
    ((0..len).map(|i| T::of(number(seed + i))).collect(), offset)
}

fn check<T: Float>(
    (m, n, k): (usize, usize, usize),
    kinds: (usize, usize),
    gap: usize,
    accumulate: bool,
    threads: &Threads,
) {
    let (left, right) = (layout(kinds.0, m, k), layout(kinds.1, k, n));
    let (a, a_offset) = buffer::<T>(1, m, k, left);
    let (b, b_offset) = buffer::<T>(1000, k, n, right);
    let row = n + gap;
    let before: Vec<T> = (0..(m - 1) * row + n).map(|i| T::of(number(5000 + i))).collect();
    let mut out = before.clone();
    let lhs = Matrix { data: &a, offset: a_offset, row: left.0, column: left.1 };
    let rhs = Matrix { data: &b, offset: b_offset, row: right.0, column: right.1 };
    gemm((m, n, k), &mut out, row, lhs, rhs, accumulate, threads);
    let epsilon = if T::DTYPE == crate::DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    for (at, (&got, &old)) in out.iter().zip(&before).enumerate() {
        let (i, j) = (at / row, at % row);
        if j >= n {
            assert_eq!(got, old, "between the rows of {m}×{n}×{k}, {kinds:?}");
            continue;
        }
        let start = if accumulate { old.wide() } else { 0.0 };
        let product = |p: usize| {
            let (i, j, p) = (i as isize, j as isize, p as isize);
            let x = a[(a_offset + i * left.0 + p * left.1) as usize].wide();
            x * b[(b_offset + p * right.0 + j * right.1) as usize].wide()
        };
        let wanted: f64 = start + (0..k).map(product).sum::<f64>();
        let bound = epsilon * (k + 2) as f64 * (start.abs() + (0..k).map(|p| product(p).abs()).sum::<f64>());
        assert!((got.wide() - wanted).abs() <= bound, "{m}×{n}×{k}, {kinds:?}: {got:?}, wanted {wanted}");
    }
}

fn small_products<T: Float>() {
    let threads = Threads::default();
    for m in [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 19, 30] {
        for n in [1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 40] {
            for k in [1, 2, 3, 4, 5, 9, 16] {
                let pick = m * 31 + n * 7 + k;
                for kinds in 0..LAYOUTS * LAYOUTS {
                    let kinds = (kinds / LAYOUTS, kinds % LAYOUTS);
                    // Every pair of layouts for the smallest, a few for the others.
                    if (m > 5 || k > 5) && !(kinds.0 * 3 + kinds.1 + pick).is_multiple_of(7) {
                        continue;
                    }
                    check::<T>((m, n, k), kinds, pick % 3, pick % 2 == 0, &threads);
                }
            }
        }
    }
}

#[test]
fn small_products_are_right() {
    small_products::<f32>();
    small_products::<f64>();
}

#[test]
fn larger_products_are_right() {
    let threads = Threads::default();
    for size in [(64, 32, 64), (128, 10, 32), (1024, 10, 32), (300, 16, 77), (10, 256, 128), (70, 90, 80)] {
        for kinds in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 3), (6, 6)] {
            check::<f32>(size, kinds, 0, false, &threads);
            check::<f64>(size, kinds, 5, true, &threads);
        }
    }
}

fn same_bits<T: Float>(size: (usize, usize, usize), kinds: (usize, usize)) {
    let (m, n, k) = size;
    let (left, right) = (layout(kinds.0, m, k), layout(kinds.1, k, n));
    let (a, a_offset) = buffer::<T>(1, m, k, left);
    let (b, b_offset) = buffer::<T>(1000, k, n, right);
    let run = |threads: usize| {
        let threads = Threads::new(threads);
        let mut out = vec![T::zero(); m * n];
        let lhs = Matrix { data: &a, offset: a_offset, row: left.0, column: left.1 };
        let rhs = Matrix { data: &b, offset: b_offset, row: right.0, column: right.1 };
        threads.install(|| gemm(size, &mut out, n, lhs, rhs, false, &threads));
        out
    };
    let one = run(1);
    assert!([2, 3, 7].into_iter().all(|threads| run(threads) == one), "{size:?}, {kinds:?}");
}

/// Sizes at which the work is shared, in both kernels.
#[test]
fn bits_do_not_depend_on_threads() {
    for kinds in [(0, 0), (0, 1), (1, 0)] {
        for size in [(4096, 10, 64), (2051, 10, 512), (256, 512, 784), (512, 784, 256), (256, 4096, 784)] {
            same_bits::<f32>(size, kinds);
        }
        same_bits::<f64>((1500, 9, 100), kinds);
        same_bits::<f64>((256, 512, 784), kinds);
    }
}

#[test]
fn nothing_is_read_of_an_empty_sum() {
    let mut out = vec![3.0f64; 6];
    let none = Matrix { data: &[], offset: 0, row: 0, column: 0 };
    gemm((2, 3, 0), &mut out, 3, none, none, true, &Threads::default());
    assert_eq!(out, [3.0; 6]);
    gemm((2, 3, 0), &mut out, 3, none, none, false, &Threads::default());
    assert_eq!(out, [0.0; 6]);
}
