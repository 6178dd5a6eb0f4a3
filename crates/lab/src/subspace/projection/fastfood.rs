//! Products of diagonal, permutation and Walsh-Hadamard matrices.

use crate::Scalar;
use crate::random::Stream;
use crate::vector::norm;

/// See [`ProjectionKind::Fastfood`](super::ProjectionKind::Fastfood).
#[derive(Clone, Debug)]
pub(super) struct Fastfood {
    /// b.
    size: usize,
    blocks: Vec<Block>,
}

/// S H G Π H B with its scale in S.
#[derive(Clone, Debug)]
struct Block {
    /// Whether B's entry is −1.
    negative: Vec<bool>,
    /// (Π x)ᵢ = x at this place.
    order: Vec<u32>,
    gaussian: Vec<f64>,
    scale: Vec<f64>,
}

impl Fastfood {
    pub fn new(rows: usize, columns: usize, seed: u64) -> Self {
        let size = columns.next_power_of_two();
        let block = |i: usize| Block::new(size, rows, seed, i as u64);
        Self { size, blocks: (0..rows.div_ceil(size)).map(block).collect() }
    }

    pub fn apply<T: Scalar>(&self, z: &[T], out: &mut [f64]) {
        let (mut x, mut y) = (vec![0.0; self.size], vec![0.0; self.size]);
        for (block, out) in self.blocks.iter().zip(out.chunks_mut(self.size)) {
            x.fill(0.0);
            for ((x, z), negative) in x.iter_mut().zip(z).zip(&block.negative) {
                *x = if *negative { -z.wide() } else { z.wide() };
            }
            hadamard(&mut x);
            for ((y, place), g) in y.iter_mut().zip(&block.order).zip(&block.gaussian) {
                *y = g * x[*place as usize];
            }
            hadamard(&mut y);
            for ((out, y), scale) in out.iter_mut().zip(&y).zip(&block.scale) {
                *out = scale * y;
            }
        }
    }

    pub fn apply_transpose<T: Scalar>(&self, v: &[T], out: &mut [T]) {
        let (mut x, mut y) = (vec![0.0; self.size], vec![0.0; self.size]);
        let mut sums = vec![0.0; out.len()];
        for (block, v) in self.blocks.iter().zip(v.chunks(self.size)) {
            y.fill(0.0);
            for ((y, v), scale) in y.iter_mut().zip(v).zip(&block.scale) {
                *y = scale * v.wide();
            }
            hadamard(&mut y);
            for ((y, place), g) in y.iter().zip(&block.order).zip(&block.gaussian) {
                x[*place as usize] = g * y;
            }
            hadamard(&mut x);
            for ((sum, x), negative) in sums.iter_mut().zip(&x).zip(&block.negative) {
                *sum += if *negative { -x } else { *x };
            }
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::of(sum));
    }
}

impl Block {
    fn new(size: usize, rows: usize, seed: u64, index: u64) -> Self {
        let mut signs = vec![0.0f64; size];
        Stream::new(seed, "fastfood signs", index).fill_rademacher(&mut signs);
        let mut gaussian = vec![0.0; size];
        Stream::new(seed, "fastfood normal", index).fill_normal(&mut gaussian);
        let mut scale = lengths(size, &mut Stream::new(seed, "fastfood lengths", index));
        let divisor = norm(&gaussian) * (size as f64 * rows as f64).sqrt();
        scale.iter_mut().for_each(|s| *s /= divisor);
        Self {
            negative: signs.iter().map(|s| *s < 0.0).collect(),
            order: Stream::new(seed, "fastfood order", index).permutation(size),
            gaussian,
            scale,
        }
    }
}

/// H x in place, unnormalized: x's length is a power of two.
fn hadamard(x: &mut [f64]) {
    let mut half = 1;
    while half < x.len() {
        for pair in x.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

/// As many lengths of vectors of b independent standard normal numbers, where b is their number too.
///
/// For b > 1 the square is twice a gamma variate of shape b/2, by Marsaglia & Tsang (2000).
fn lengths(b: usize, stream: &mut Stream) -> Vec<f64> {
    let mut found = Vec::with_capacity(b);
    let shape = b as f64 / 2.0 - 1.0 / 3.0;
    while found.len() < b {
        let missing = b - found.len();
        let (mut normal, mut uniform) = (vec![0.0f64; missing], vec![0.0f64; missing]);
        stream.fill_normal(&mut normal);
        if b == 1 {
            return vec![normal[0].abs()];
        }
        stream.fill_uniform(0.0, 1.0, &mut uniform);
        for (x, u) in normal.into_iter().zip(uniform) {
            let v = (1.0 + x / (9.0 * shape).sqrt()).powi(3);
            let accepted = v > 0.0
                && (u < 1.0 - 0.0331 * x.powi(4) || u.ln() < 0.5 * x * x + shape * (1.0 - v + v.ln()));
            if accepted {
                found.push((2.0 * shape * v).sqrt());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S H G Π H B written out by matrices, and its product with every unit vector.
    #[test]
    fn it_is_its_explicit_matrix() {
        let (rows, columns, size) = (19, 6, 8);
        let matrix = Fastfood::new(rows, columns, 4);
        let sign = |i: usize, j: usize| if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        for (i, row) in (0..rows).map(|i| (i, i % size)) {
            let block = &matrix.blocks[i / size];
            for j in 0..columns {
                let b = if block.negative[j] { -1.0 } else { 1.0 };
                let sum: f64 = (0..size)
                    .map(|k| sign(row, k) * block.gaussian[k] * sign(block.order[k] as usize, j))
                    .sum();
                let expected = block.scale[row] * sum * b;
                let (mut z, mut out) = (vec![0.0; columns], vec![0.0; rows]);
                z[j] = 1.0;
                matrix.apply(&z, &mut out);
                assert!((out[i] - expected).abs() < 1e-14, "{i}, {j}: {} and {expected}", out[i]);
                let (mut v, mut back) = (vec![0.0; rows], vec![0.0; columns]);
                v[i] = 1.0;
                matrix.apply_transpose(&v, &mut back);
                assert!((back[j] - expected).abs() < 1e-14);
            }
        }
    }

    /// The rows of S H G Π H B, unpadded, are as long as S says (Le et al. 2013, §3).
    #[test]
    fn rows_have_the_lengths_of_normal_vectors() {
        let (rows, columns) = (64, 16);
        let matrix = Fastfood::new(rows, columns, 8);
        for i in 0..rows {
            let (mut v, mut row) = (vec![0.0; rows], vec![0.0; columns]);
            v[i] = 1.0;
            matrix.apply_transpose(&v, &mut row);
            let block = &matrix.blocks[i / columns];
            let expected = block.scale[i % columns] * norm(&block.gaussian) * (columns as f64).sqrt();
            assert!((norm(&row) - expected).abs() < 1e-12);
        }
        // E χ² = b and Var χ² = 2b.
        for b in [1usize, 2, 64] {
            let squares: Vec<f64> = (0..4096 / b as u64)
                .flat_map(|i| lengths(b, &mut Stream::new(1, "lengths", i)))
                .map(|s| s * s)
                .collect();
            let count = squares.len() as f64;
            let mean = squares.iter().sum::<f64>() / count;
            let variance = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / count;
            let b = b as f64;
            assert!((mean - b).abs() < 5.0 * (2.0 * b / count).sqrt(), "{b}: {mean}");
            assert!((variance / (2.0 * b) - 1.0).abs() < 0.25, "{b}: {variance}");
        }
    }
}
