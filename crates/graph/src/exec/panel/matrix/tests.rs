//! Products on the matrix unit against its definition, number by number. Nothing is tested where there is none.

use super::super::{Machine, Strands, product};
use super::is_present;
use crate::{DType, Threads};

/// Numbers in (−1, 1) of very different sizes, some of them zero.
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    let number = |i: usize| ((i + seed) as f64 * 0.618_033_988_75).fract() * 2.0 - 1.0;
    (0..count)
        .map(|i| if i % 13 == 5 { 0.0 } else { (number(i) * 10f64.powi((i % 9) as i32 - 4)) as f32 })
        .collect()
}

/// A number's three parts: rounded to eight binary digits, halves away from zero, again and again.
fn parts(x: f32) -> [f32; 3] {
    let rounded = |x: f32| f32::from_bits((x.to_bits() + 0x8000) & 0xffff_0000);
    let first = rounded(x);
    let second = rounded(x - first);
    [first, second, x - first - second]
}

/// What `tdpbf16ps` adds to a sum, as Intel's manual defines it: for 16 pairs, the products of their first numbers one
/// after the other, those of their second numbers, and then both.
fn step(sum: f32, a: &[f32], b: &[f32]) -> f32 {
    let of = |half: usize| (0..16).fold(0.0f32, |sum, j| a[half + j].mul_add(b[half + j], sum));
    sum + (of(0) + of(16))
}

/// An element as the unit computes it: steps of 32 terms, in each the smaller products first.
fn element(a: &[f32], b: &[f32]) -> f32 {
    let depth = a.len().next_multiple_of(32);
    let split = |x: &[f32]| -> [Vec<f32>; 3] {
        let part = |i: usize| (0..depth).map(|p| x.get(p).map_or(0.0, |&x| parts(x)[i])).collect();
        [part(0), part(1), part(2)]
    };
    let (a, b) = (split(a), split(b));
    (0..depth).step_by(32).fold(0.0, |sum, p| {
        [(2, 0), (1, 0), (1, 1), (0, 1), (0, 2), (0, 0)]
            .into_iter()
            .fold(sum, |sum, (i, j)| step(sum, &a[i][p..p + 32], &b[j][p..p + 32]))
    })
}

/// A product in the given layouts: operands by rows or columns.
fn run(
    (a, b): (&[f32], &[f32]),
    (m, n, k): (usize, usize, usize),
    turned: (bool, bool),
    out: (&mut [f32], usize),
    (accumulate, threads): (bool, usize),
) {
    let left = if turned.0 { (1, m as isize) } else { (k as isize, 1) };
    let right = if turned.1 { (1, n as isize) } else { (k as isize, 1) };
    let lhs = Strands::new(a, 0, (m, left.0), (k, left.1));
    let rhs = Strands::new(b, 0, (n, right.0), (k, right.1));
    let machine = Machine::detect(DType::F32);
    product(machine, out.0, out.1, &lhs, &rhs, accumulate, &Threads::new(threads));
}

/// Lines of an operand, however it lies.
fn lines(data: &[f32], count: usize, turned: bool) -> Vec<Vec<f32>> {
    let depth = data.len() / count;
    let at = |i: usize, p: usize| if turned { p * count + i } else { i * depth + p };
    (0..count).map(|i| (0..depth).map(|p| data[at(i, p)]).collect()).collect()
}

#[test]
fn every_bit_is_that_of_the_definition() {
    if !is_present() {
        return;
    }
    // Sizes around those of tiles, pairs of them, chunks and resident lines, with more terms than stay at a time.
    for (m, n, k) in
        [(128, 64, 96), (33, 300, 70), (300, 49, 128), (600, 40, 33), (64, 290, 200), (40, 47, 1100)]
    {
        let (a, b) = (numbers(m * k, 1), numbers(n * k, 7));
        for turned in [(false, false), (true, false), (false, true), (true, true)] {
            let (rows, columns) = (lines(&a, m, turned.0), lines(&b, n, turned.1));
            let row = n + 3;
            let mut out = vec![9.0; m * row];
            run((&a, &b), (m, n, k), turned, (&mut out, row), (false, 1));
            for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))).step_by(7) {
                let (x, y) = (&rows[i], &columns[j]);
                // Sums over 1024 terms each, added up.
                let wanted =
                    x.chunks(1024).zip(y.chunks(1024)).map(|(x, y)| element(x, y)).reduce(|a, b| b + a);
                assert_eq!(Some(out[i * row + j]), wanted, "({i}, {j}) of {m}×{n}×{k}, {turned:?}");
            }
            assert!(out.chunks(row).all(|row| row[n..] == [9.0; 3]), "between the rows");
        }
    }
}

/// As good as sums in f32: in f64, the parts' products that are left out are below 2⁻²⁴ of each product.
#[test]
fn what_is_left_out_is_below_rounding() {
    for (x, y) in numbers(5000, 3).into_iter().zip(numbers(5000, 11)) {
        let (a, b) = (parts(x), parts(y));
        assert_eq!(
            f64::from(a[0]) + f64::from(a[1]) + f64::from(a[2]),
            f64::from(x),
            "the parts are the number"
        );
        assert!(a.iter().all(|part| part.to_bits() & 0xffff == 0), "the parts are of bf16");
        let pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0)];
        let kept: f64 = pairs.iter().map(|&(i, j)| f64::from(a[i]) * f64::from(b[j])).sum();
        let exact = f64::from(x) * f64::from(y);
        assert!((kept - exact).abs() <= exact.abs() * f64::powi(2.0, -24), "{x} · {y}");
    }
}

#[test]
fn sums_are_added_to_and_threads_change_no_bit() {
    let (m, n, k) = (130, 200, 150);
    let (a, b) = (numbers(m * k, 1), numbers(n * k, 7));
    let mut alone = vec![0.0; m * n];
    run((&a, &b), (m, n, k), (false, false), (&mut alone, n), (false, 1));
    for threads in [1, 2, 7] {
        let mut out = vec![0.5; m * n];
        run((&a, &b), (m, n, k), (false, false), (&mut out, n), (true, threads));
        let right = out.iter().zip(&alone).all(|(out, alone)| *out == 0.5 + alone);
        assert!(right, "{threads} threads");
    }
}

/// Infinite numbers have no parts: they are multiplied as vectors do it, and so is the rest of the product.
#[test]
fn numbers_that_are_not_finite_stay_what_they_are() {
    let (m, n, k) = (70, 96, 130);
    for (special, accumulate) in
        [(f32::INFINITY, false), (f32::NEG_INFINITY, true), (f32::NAN, false), (3.4e38, true)]
    {
        let (mut a, b) = (numbers(m * k, 1), vec![0.5; n * k]);
        a[3 * k + 5] = special;
        let mut out = vec![1.0; m * n];
        run((&a, &b), (m, n, k), (false, false), (&mut out, n), (accumulate, 2));
        for (i, row) in out.chunks(n).enumerate() {
            let sum: f64 = a[i * k..][..k].iter().map(|&x| f64::from(x) * 0.5).sum();
            let wanted = sum + f64::from(u8::from(accumulate));
            for &got in row {
                let got = f64::from(got);
                let close = (got - wanted).abs() <= 1e-4 * wanted.abs().max(1e4);
                assert!(
                    close || got == wanted || (got.is_nan() && wanted.is_nan()),
                    "{special}: {got}, {wanted}"
                );
            }
        }
    }
}
