//! Dense work on blocks of long vectors: k × n, row-major, sums in f64.
//!
//! Sums run over the lanes and tiles of [`crate::vector`], so a result has the same bits on every
//! machine and in blocks of every width.

use crate::Scalar;
use crate::vector::{TILE, lanes, norm, tiles, wide};

/// a ← factor · a.
pub fn scale<T: Scalar>(a: &mut [T], factor: f64) {
    for v in a {
        *v = T::of(v.wide() * factor);
    }
}

/// ‖product − value · vector‖ / ‖vector‖.
pub fn residual<T: Scalar>(product: &[T], value: f64, vector: &[T]) -> f64 {
    let difference: Vec<f64> = product.iter().zip(vector).map(|(p, v)| p.wide() - value * v.wide()).collect();
    norm(&difference) / norm(vector)
}

/// ⟨vᵢ, wⱼ⟩ into `out` (rows of v × rows of w).
pub fn gram<T: Scalar>(v: &[T], w: &[T], n: usize, out: &mut [f64]) {
    out.fill(0.0);
    add_gram(Panel::whole(v, n), Panel::whole(w, n), out);
}

/// Adds the panels' ⟨vᵢ, wⱼ⟩ to `out` (rows of v × rows of w). Panels that begin at
/// multiples of [`TILE`], taken in order, give the bits of [`gram`].
pub fn add_gram<T: Scalar>(v: Panel<'_, T>, w: Panel<'_, T>, out: &mut [f64]) {
    let (m, k) = (v.rows, w.rows);
    debug_assert_eq!(out.len(), m * k);
    wide(
        #[inline(always)]
        || {
            if k >= 4 || m < 4 {
                inner_products(v, w, |i, j, sum| out[i * k + j] += sum);
            } else {
                inner_products(w, v, |j, i, sum| out[i * k + j] += sum);
            }
        },
    );
}

/// wⱼ ← wⱼ − Σᵢ c[i, j] vᵢ, with c of shape rows of v × rows of w.
pub fn subtract<T: Scalar>(w: &mut [T], v: &[T], coefficients: &[f64], n: usize) {
    subtract_panel(w, n, 0, Panel::whole(v, n), coefficients);
}

/// The same in the columns from `from` on that the panel has.
pub fn subtract_panel<T: Scalar>(w: &mut [T], n: usize, from: usize, v: Panel<'_, T>, coefficients: &[f64]) {
    let (m, k) = (v.rows, rows(w, n));
    debug_assert_eq!(coefficients.len(), m * k);
    wide(
        #[inline(always)]
        || {
            let mut sum = [0.0; TILE];
            for (start, width) in tiles(v.width) {
                for j in 0..k {
                    let target = &mut w[j * n + from + start..][..width];
                    for (sum, t) in sum.iter_mut().zip(&*target) {
                        *sum = t.wide();
                    }
                    accumulate(&mut sum[..width], m, |i| (-coefficients[i * k + j], &v.row(i)[start..]));
                    for (t, sum) in target.iter_mut().zip(&sum) {
                        *t = T::of(*sum);
                    }
                }
            }
        },
    );
}

/// Σᵢ s[p, i] vᵢ, tile by tile and row by row in f64: `write(p, column, sums)`.
pub fn combinations<T: Scalar>(s: &[f64], v: Panel<'_, T>, mut write: impl FnMut(usize, usize, &[f64])) {
    let p = s.len() / v.rows.max(1);
    let mut sums = vec![0.0; p * TILE.min(v.width)];
    for (start, width) in tiles(v.width) {
        let sums = &mut sums[..p * width];
        sums.fill(0.0);
        wide(
            #[inline(always)]
            || {
                for (sums, s) in sums.chunks_exact_mut(width).zip(s.chunks_exact(v.rows)) {
                    accumulate(sums, v.rows, |i| (s[i], &v.row(i)[start..]));
                }
            },
        );
        for (row, sums) in sums.chunks_exact(width).enumerate() {
            write(row, start, sums);
        }
    }
}

/// Replaces the rows of v by the p = |s| / rows combinations Σᵢ s[p, i] vᵢ; p ≤ rows.
pub fn combine_in_place<T: Scalar>(s: &[f64], v: &mut Vec<T>, n: usize) {
    let m = rows(v, n);
    let p = s.len() / m.max(1);
    let mut sums = vec![0.0; p * TILE.min(n)];
    for (start, width) in tiles(n) {
        combinations(s, Panel::columns(v, n, start, width), |row, _, values| {
            sums[row * width..][..width].copy_from_slice(values);
        });
        for (row, sums) in sums.chunks_exact(width).take(p).enumerate() {
            round(sums, &mut v[row * n + start..]);
        }
    }
    v.truncate(p * n);
}

/// Rounds to the scalar type.
pub fn round<T: Scalar>(values: &[f64], out: &mut [T]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = T::of(*value);
    }
}

/// Some columns of a block of rows.
#[derive(Clone, Copy)]
pub struct Panel<'a, T> {
    /// From the first row's first column on.
    data: &'a [T],
    /// From one row to the next.
    stride: usize,
    rows: usize,
    width: usize,
}

impl<'a, T> Panel<'a, T> {
    /// All of a block of rows of length n.
    pub fn whole(block: &'a [T], n: usize) -> Self {
        Self { data: block, stride: n, rows: rows(block, n), width: n }
    }

    /// The columns `from..from + width` of it.
    pub fn columns(block: &'a [T], n: usize, from: usize, width: usize) -> Self {
        Self { data: block.get(from..).unwrap_or_default(), stride: n, rows: rows(block, n), width }
    }

    /// Some columns of it.
    pub fn part(&self, from: usize, width: usize) -> Self {
        Self { data: self.data.get(from..).unwrap_or_default(), width, ..*self }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.width
    }

    #[inline(always)]
    fn row(&self, i: usize) -> &'a [T] {
        &self.data[i * self.stride..][..self.width]
    }
}

/// How many rows of length n a block has.
pub fn rows<T>(block: &[T], n: usize) -> usize {
    block.len() / n.max(1)
}

/// sum ← sum + Σᵢ cᵢ vᵢ over `count` terms, four at a time.
#[inline(always)]
fn accumulate<'a, T: Scalar>(sum: &mut [f64], count: usize, term: impl Fn(usize) -> (f64, &'a [T])) {
    let n = sum.len();
    let mut i = 0;
    while i + 4 <= count {
        let [(a, va), (b, vb), (c, vc), (d, vd)] = [term(i), term(i + 1), term(i + 2), term(i + 3)];
        let (va, vb, vc, vd) = (&va[..n], &vb[..n], &vc[..n], &vd[..n]);
        for t in 0..n {
            sum[t] = (((sum[t] + a * va[t].wide()) + b * vb[t].wide()) + c * vc[t].wide()) + d * vd[t].wide();
        }
        i += 4;
    }
    for i in i..count {
        let (a, va) = term(i);
        for (sum, v) in sum.iter_mut().zip(va) {
            *sum += a * v.wide();
        }
    }
}

/// Adds ⟨xᵢ, yⱼ⟩, tile by tile, through `add(i, j, part)`; the rows of y go four at a time.
#[inline(always)]
fn inner_products<T: Scalar>(x: Panel<'_, T>, y: Panel<'_, T>, mut add: impl FnMut(usize, usize, f64)) {
    let (m, k) = (x.rows, y.rows);
    for (start, width) in tiles(x.width) {
        for i in 0..m {
            let xi = &x.row(i)[start..][..width];
            let mut j = 0;
            while j < k {
                let group = (k - j).min(4);
                let row = |g: usize| &y.row(j + g.min(group - 1))[start..][..width];
                if group == 1 {
                    add(i, j, lanes(xi, [row(0)])[0]);
                } else {
                    let sums = lanes(xi, [row(0), row(1), row(2), row(3)]);
                    for g in 0..group {
                        add(i, j + g, sums[g]);
                    }
                }
                j += group;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::vector::dot;

    fn block(rows: usize, n: usize, index: u64) -> Vec<f64> {
        let mut out = vec![0.0; rows * n];
        Stream::new(1, "vectors", index).fill_normal(&mut out);
        out
    }

    #[test]
    fn blocks_agree_with_plain_loops_for_every_shape() {
        for n in [1, 7, 8, 9, 2047, 2048, 2049, 4500] {
            for m in [1, 3, 4, 6] {
                for k in [1, 2, 4, 5] {
                    let (v, mut w, c) = (block(m, n, 0), block(k, n, 1), block(m, k, 2));
                    let mut out = vec![0.0; m * k];
                    gram(&v, &w, n, &mut out);
                    let plain =
                        |i: usize, j: usize| -> f64 { (0..n).map(|t| v[i * n + t] * w[j * n + t]).sum() };
                    for i in 0..m {
                        for j in 0..k {
                            assert!((out[i * k + j] - plain(i, j)).abs() < 1e-11, "{n} {m} {k}");
                        }
                    }
                    let before = w.clone();
                    subtract(&mut w, &v, &c, n);
                    for j in 0..k {
                        for t in 0..n {
                            let sum: f64 = (0..m).map(|i| c[i * k + j] * v[i * n + t]).sum();
                            assert!((w[j * n + t] - (before[j * n + t] - sum)).abs() < 1e-12);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_result_does_not_depend_on_its_neighbours_in_the_block() {
        let n = 2077;
        let (v, w) = (block(6, n, 3), block(5, n, 4));
        let mut all = vec![0.0; 30];
        gram(&v, &w, n, &mut all);
        for i in 0..6 {
            for j in 0..5 {
                assert_eq!(all[i * 5 + j], dot(&v[i * n..][..n], &w[j * n..][..n]));
            }
        }
    }

    #[test]
    fn combinations_in_and_out_of_place_agree() {
        let n = 2100;
        let (v, s) = (block(5, n, 5), block(3, 5, 6));
        let mut out = vec![0.0; 3 * n];
        combinations(&s, Panel::whole(&v, n), |row, at, sums| round(sums, &mut out[row * n + at..]));
        let expected: f64 = (0..5).map(|i| s[5 + i] * v[i * n + 2060]).sum();
        assert!((out[n + 2060] - expected).abs() < 1e-13);
        let mut own = v.clone();
        combine_in_place(&s, &mut own, n);
        assert_eq!(own, out);
    }

    #[test]
    fn residuals_are_relative_to_the_vector() {
        assert_eq!(residual(&[2.0, 1.0], 2.0, &[1.0, 0.0]), 1.0);
    }
}
