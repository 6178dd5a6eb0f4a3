//! Independent normal entries.

use crate::Scalar;
use crate::random::Stream;
use crate::vector::{dot, norm, tiles, wide};

/// See [`ProjectionKind::Dense`](super::ProjectionKind::Dense).
#[derive(Clone, Debug)]
pub(super) struct Dense<T> {
    rows: usize,
    seed: u64,
    /// Lengths of the columns as they are drawn.
    lengths: Vec<f64>,
    /// The columns, one after the other, if they are kept.
    kept: Option<Vec<T>>,
}

impl<T: Scalar> Dense<T> {
    pub fn new(rows: usize, columns: usize, seed: u64, memory: usize) -> Self {
        let fits = rows.checked_mul(columns * size_of::<T>()).is_some_and(|bytes| bytes <= memory);
        let mut dense = Self { rows, seed, lengths: Vec::new(), kept: None };
        let mut kept = fits.then(|| Vec::with_capacity(rows * columns));
        let mut drawn = vec![0.0; rows];
        for j in 0..columns {
            dense.draw(j, &mut drawn);
            let length = norm(&drawn);
            dense.lengths.push(length);
            if let Some(kept) = &mut kept {
                kept.extend(drawn.iter().map(|v| T::of(v / length)));
            }
        }
        dense.kept = kept;
        dense
    }

    fn draw(&self, j: usize, out: &mut [f64]) {
        Stream::new(self.seed, "dense projection", j as u64).fill_normal(out);
    }

    /// Calls `work` with each column in order.
    fn each(&self, mut work: impl FnMut(usize, &[T])) {
        match &self.kept {
            Some(kept) => kept.chunks_exact(self.rows).enumerate().for_each(|(j, column)| work(j, column)),
            None => {
                let (mut drawn, mut column) = (vec![0.0; self.rows], vec![T::zero(); self.rows]);
                for (j, length) in self.lengths.iter().enumerate() {
                    self.draw(j, &mut drawn);
                    column.iter_mut().zip(&drawn).for_each(|(c, v)| *c = T::of(v / length));
                    work(j, &column);
                }
            }
        }
    }

    /// Each sum runs over the columns in order, kept or not.
    pub fn apply(&self, z: &[T], out: &mut [f64]) {
        out.fill(0.0);
        let Some(kept) = &self.kept else {
            return self.each(|j, column| add(z[j].wide(), column, out));
        };
        for (start, width) in tiles(self.rows) {
            let out = &mut out[start..][..width];
            for (z, column) in z.iter().zip(kept.chunks_exact(self.rows)) {
                add(z.wide(), &column[start..][..width], out);
            }
        }
    }

    pub fn apply_transpose(&self, v: &[T], out: &mut [T]) {
        self.each(|j, column| out[j] = T::of(dot(column, v)));
    }
}

/// out + z·column.
fn add<T: Scalar>(z: f64, column: &[T], out: &mut [f64]) {
    wide(
        #[inline(always)]
        || out.iter_mut().zip(column).for_each(|(out, c)| *out += z * c.wide()),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_has_the_same_bits() {
        let (rows, columns) = (5000, 7);
        let bytes = rows * columns * 4;
        let [kept, drawn] = [bytes, bytes - 1].map(|memory| Dense::<f32>::new(rows, columns, 5, memory));
        assert!(kept.kept.is_some() && drawn.kept.is_none());
        let (mut z, mut v) = (vec![0.0f32; columns], vec![0.0f32; rows]);
        Stream::new(1, "z", 0).fill_normal(&mut z);
        Stream::new(1, "v", 0).fill_normal(&mut v);
        let products = |matrix: &Dense<f32>| {
            let (mut forth, mut back) = (vec![0.0; rows], vec![0.0; columns]);
            matrix.apply(&z, &mut forth);
            matrix.apply_transpose(&v, &mut back);
            (forth, back)
        };
        assert!(products(&kept) == products(&drawn));
    }

    #[test]
    fn entries_are_those_of_the_stream() {
        let matrix = Dense::<f64>::new(30, 4, 9, 0);
        let mut expected = [0.0f64; 30];
        Stream::new(9, "dense projection", 2).fill_normal(&mut expected);
        let length = expected.iter().map(|v| v * v).sum::<f64>().sqrt();
        let mut column = [0.0; 30];
        matrix.apply(&[0.0, 0.0, 1.0, 0.0], &mut column);
        assert!(column.iter().zip(&expected).all(|(c, v)| (c - v / length).abs() < 1e-15));
    }
}
