//! Products against a naive one in f64, over sizes, strides and offsets, on every machine that this one can be.

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

/// The machines that this one can be.
fn machines<T: Float>() -> Vec<&'static Machine> {
    match T::DTYPE {
        crate::DType::F32 => Machine::all_f32().collect(),
        _ => Machine::all_f64().collect(),
    }
}

/// A product's operands and size.
struct Case<T> {
    size: (usize, usize, usize),
    steps: [(isize, isize); 2],
    data: [(Vec<T>, isize); 2],
}

impl<T: Float> Case<T> {
    fn new((m, n, k): (usize, usize, usize), kinds: (usize, usize)) -> Self {
        let steps = [layout(kinds.0, m, k), layout(kinds.1, k, n)];
        let data = [buffer::<T>(1, m, k, steps[0]), buffer::<T>(1000, k, n, steps[1])];
        Self { size: (m, n, k), steps, data }
    }

    fn run(&self, machine: &Machine, out: &mut [T], row: usize, accumulate: bool, threads: &Threads) {
        let ((m, n, k), [left, right]) = (self.size, self.steps);
        let [(a, a_offset), (b, b_offset)] = &self.data;
        let lhs = Strands::new(a, *a_offset, (m, left.0), (k, left.1));
        let rhs = Strands::new(b, *b_offset, (n, right.1), (k, right.0));
        product(machine, out, row, &lhs, &rhs, accumulate, threads);
    }

    /// Terms of element (i, j).
    fn terms(&self, i: usize, j: usize) -> impl Iterator<Item = f64> {
        let ([left, right], [(a, a_offset), (b, b_offset)]) = (self.steps, &self.data);
        (0..self.size.2).map(move |p| {
            let (i, j, p) = (i as isize, j as isize, p as isize);
            let x = a[(a_offset + i * left.0 + p * left.1) as usize].wide();
            x * b[(b_offset + p * right.0 + j * right.1) as usize].wide()
        })
    }
}

fn check<T: Float>(size: (usize, usize, usize), kinds: (usize, usize), gap: usize, accumulate: bool) {
    let case = Case::<T>::new(size, kinds);
    let (m, n, k) = size;
    let row = n + gap;
    let before: Vec<T> = (0..(m - 1) * row + n).map(|i| T::of(number(5000 + i))).collect();
    let epsilon = if T::DTYPE == crate::DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let wanted: Vec<(f64, f64)> = (0..m * n)
        .map(|at| {
            let start = if accumulate { before[at / n * row + at % n].wide() } else { 0.0 };
            let sum: f64 = case.terms(at / n, at % n).sum();
            let size: f64 = case.terms(at / n, at % n).map(f64::abs).sum();
            (start + sum, epsilon * (k + 2) as f64 * (start.abs() + size))
        })
        .collect();
    for machine in machines::<T>() {
        let mut out = before.clone();
        case.run(machine, &mut out, row, accumulate, &Threads::default());
        for (at, (&got, &old)) in out.iter().zip(&before).enumerate() {
            let (i, j) = (at / row, at % row);
            if j >= n {
                assert_eq!(got, old, "between the rows of {size:?}, {kinds:?}");
                continue;
            }
            let (wanted, bound) = wanted[i * n + j];
            let lanes = machine.lanes;
            assert!(
                (got.wide() - wanted).abs() <= bound,
                "{size:?}, {kinds:?}, {lanes} lanes, ({i}, {j}): {got:?}, wanted {wanted}"
            );
        }
    }
}

fn small_products<T: Float>() {
    for m in [1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 29, 30] {
        for n in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 70] {
            for k in [1, 2, 3, 4, 5, 9, 16] {
                let pick = m * 31 + n * 7 + k;
                for kinds in 0..LAYOUTS * LAYOUTS {
                    let kinds = (kinds / LAYOUTS, kinds % LAYOUTS);
                    // Every pair of layouts for the smallest, a few for the others.
                    if (m > 5 || k > 5 || n > 9) && !(kinds.0 * 3 + kinds.1 + pick).is_multiple_of(7) {
                        continue;
                    }
                    check::<T>((m, n, k), kinds, pick % 3, pick % 2 == 0);
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

/// Sizes around the edges of tiles, panels, groups of panels and blocks of terms.
#[test]
fn larger_products_are_right() {
    for size in [
        (64, 32, 64),
        (128, 10, 32),
        (300, 16, 77),
        (10, 256, 128),
        (70, 130, 193),
        (29, 127, 257),
        (43, 300, 513),
        (700, 33, 20),
    ] {
        for kinds in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 3), (6, 6)] {
            check::<f32>(size, kinds, 0, false);
            check::<f64>(size, kinds, 5, true);
        }
    }
}

fn same_bits<T: Float>(size: (usize, usize, usize), kinds: (usize, usize)) {
    let case = Case::<T>::new(size, kinds);
    for machine in machines::<T>() {
        let run = |threads: usize| {
            let mut out = vec![T::zero(); size.0 * size.1];
            case.run(machine, &mut out, size.1, false, &Threads::new(threads));
            out
        };
        let one = run(1);
        assert!([2, 7].into_iter().all(|threads| run(threads) == one), "{size:?}, {kinds:?}");
    }
}

/// Sizes at which the work is shared, by rows and by columns.
#[test]
fn bits_do_not_depend_on_threads() {
    for kinds in [(0, 0), (0, 1), (1, 0)] {
        for size in [(2051, 10, 256), (130, 512, 300), (512, 130, 256), (9000, 1, 257), (1, 9000, 257)] {
            same_bits::<f32>(size, kinds);
        }
        same_bits::<f64>((1500, 9, 200), kinds);
        same_bits::<f64>((256, 200, 184), kinds);
    }
}

/// Vectors sum an element alike in a product of any size.
#[test]
fn bits_of_vectors_do_not_depend_on_the_size() {
    let (m, n, k) = (60, 150, 400);
    for kinds in [(0, 0), (0, 1), (1, 0)] {
        let case = Case::<f32>::new((m, n, k), kinds);
        let machine = Machine::all_f32().find(|machine| !machine.matrix).unwrap();
        let mut all = vec![0.0; m * n];
        case.run(machine, &mut all, n, false, &Threads::default());
        for (rows, columns) in [(2, n), (m, 2), (17, 40)] {
            let mut out = vec![0.0; rows * columns];
            let part = Case { size: (rows, columns, k), steps: case.steps, data: case.data.clone() };
            part.run(machine, &mut out, columns, false, &Threads::default());
            assert!((0..rows).all(|i| out[i * columns..][..columns] == all[i * n..][..columns]), "{kinds:?}");
        }
    }
}

#[test]
fn nothing_is_read_of_an_empty_sum() {
    let none = |lines| Strands::<f64>::new(&[], 0, (lines, 1), (0, 1));
    let mut out = vec![3.0f64; 6];
    for machine in machines::<f64>() {
        product(machine, &mut out, 3, &none(2), &none(3), true, &Threads::default());
        assert_eq!(out, [3.0; 6]);
    }
    product(machines::<f64>()[0], &mut out, 3, &none(2), &none(3), false, &Threads::default());
    assert_eq!(out, [0.0; 6]);
}

#[test]
#[should_panic(expected = "operand leaves its buffer")]
fn an_operand_outside_its_buffer_is_refused() {
    Strands::new(&[0.0; 11], 0, (3, 4), (4, 1));
}
