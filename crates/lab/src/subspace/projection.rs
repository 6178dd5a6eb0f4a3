//! Random matrices with few columns, known by their products.

mod dense;
mod fastfood;
mod sparse;

use serde::{Deserialize, Serialize};

use crate::Scalar;

use dense::Dense;
use fastfood::Fastfood;
use sparse::Sparse;

/// The three kinds of random projections of Li et al. (2018, §2 and S7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProjectionKind {
    /// Independent normal entries, each column scaled to length 1. A product costs Dd.
    Dense,
    /// Entries that are 0 but for a share of 1/√D of them, which are ±1, each column scaled to
    /// length 1: the "very sparse" matrices of Li, Hastie & Church (2006). A product costs √D·d.
    ///
    /// A column that comes out empty is drawn again.
    Sparse,
    /// Blocks S H G Π H B of b = 2^⌈log₂ d⌉ rows, one below the other (Le, Sarlós & Smola 2013,
    /// eq. 7), divided by ‖G‖√(bD) so that the columns' squared lengths are 1 in expectation. B is random signs, Π a
    /// random permutation, G normal, S has the lengths of normal vectors (χ with b degrees of
    /// freedom), H is the Walsh-Hadamard matrix. A product costs D log d, and 21 D bytes are kept.
    ///
    /// For small b the entries depend on each other, and angles between columns are somewhat farther from right ones.
    /// Li et al. take a single block of 2^⌈log₂ D⌉ rows without S instead.
    Fastfood,
}

/// A random matrix P ∈ Rᴰˣᵈ that is a function of its kind, sizes and seed alone.
///
/// Columns have length 1, or nearly so, and random directions in many dimensions are nearly
/// orthogonal: ⟨pᵢ, pⱼ⟩ is about 1/√D. Distances in z are nearly those in P z while d ≪ D.
/// Entries come from counter-based streams. A dense matrix is kept where it fits into the memory it
/// is given, and drawn anew at each product where it does not, which takes some ten times
/// as long for the same bits; the other kinds never hold D·d numbers.
///
/// ```
/// use thalweg_lab::subspace::{Projection, ProjectionKind};
///
/// let p = Projection::<f64>::new(ProjectionKind::Sparse, 400, 3, 7, 0);
/// let mut column = vec![0.0; 400];
/// p.apply(&[0.0, 1.0, 0.0], &mut column);
/// let length: f64 = column.iter().map(|v| v * v).sum();
/// assert!((length - 1.0).abs() < 1e-12);
/// ```
#[derive(Clone, Debug)]
pub struct Projection<T: Scalar> {
    kind: ProjectionKind,
    rows: usize,
    columns: usize,
    matrix: Matrix<T>,
}

#[derive(Clone, Debug)]
enum Matrix<T: Scalar> {
    Dense(Dense<T>),
    Sparse(Sparse),
    Fastfood(Fastfood),
}

impl<T: Scalar> Projection<T> {
    /// The D × d matrix (`rows` × `columns`) of a kind and seed; a dense one is kept if it needs no more than `memory`
    /// bytes. Costs Dd normal numbers for a dense one.
    ///
    /// # Panics
    /// If there are no rows or no columns, or 2³¹ rows or more.
    pub fn new(kind: ProjectionKind, rows: usize, columns: usize, seed: u64, memory: usize) -> Self {
        assert!(rows > 0 && columns > 0 && rows < 1 << 31, "a projection is not {rows} × {columns}");
        let matrix = match kind {
            ProjectionKind::Dense => Matrix::Dense(Dense::new(rows, columns, seed, memory)),
            ProjectionKind::Sparse => Matrix::Sparse(Sparse::new(rows, columns, seed)),
            ProjectionKind::Fastfood => Matrix::Fastfood(Fastfood::new(rows, columns, seed)),
        };
        Self { kind, rows, columns, matrix }
    }

    /// Which kind it is.
    pub fn kind(&self) -> ProjectionKind {
        self.kind
    }

    /// D.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// d.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Writes P z for z (d) into `out` (D).
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn apply(&self, z: &[T], out: &mut [f64]) {
        assert_eq!((z.len(), out.len()), (self.columns, self.rows), "lengths of z and P z");
        match &self.matrix {
            Matrix::Dense(matrix) => matrix.apply(z, out),
            Matrix::Sparse(matrix) => matrix.apply(z, out),
            Matrix::Fastfood(matrix) => matrix.apply(z, out),
        }
    }

    /// Writes Pᵀ v for v (D) into `out` (d).
    ///
    /// # Panics
    /// If the lengths are others.
    pub fn apply_transpose(&self, v: &[T], out: &mut [T]) {
        assert_eq!((v.len(), out.len()), (self.rows, self.columns), "lengths of v and Pᵀ v");
        match &self.matrix {
            Matrix::Dense(matrix) => matrix.apply_transpose(v, out),
            Matrix::Sparse(matrix) => matrix.apply_transpose(v, out),
            Matrix::Fastfood(matrix) => matrix.apply_transpose(v, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::vector::dot;

    const KINDS: [ProjectionKind; 3] =
        [ProjectionKind::Dense, ProjectionKind::Sparse, ProjectionKind::Fastfood];

    /// The columns of P, by products with unit vectors.
    fn columns(p: &Projection<f64>) -> Vec<Vec<f64>> {
        let unit = |j: usize| (0..p.columns()).map(|i| f64::from(u8::from(i == j))).collect::<Vec<_>>();
        let column = |j: usize| {
            let mut out = vec![f64::NAN; p.rows()];
            p.apply(&unit(j), &mut out);
            out
        };
        (0..p.columns()).map(column).collect()
    }

    #[test]
    fn products_are_those_of_the_columns_from_either_side() {
        for kind in KINDS {
            for (rows, count) in [(1, 1), (7, 1), (40, 5), (33, 8), (50, 50), (5000, 3)] {
                let p = Projection::<f64>::new(kind, rows, count, 3, usize::MAX);
                let columns = columns(&p);
                let (mut z, mut v) = (vec![0.0; count], vec![0.0; rows]);
                Stream::new(1, "z", 0).fill_normal(&mut z);
                Stream::new(1, "v", 0).fill_normal(&mut v);
                let (mut forth, mut back) = (vec![f64::NAN; rows], vec![f64::NAN; count]);
                p.apply(&z, &mut forth);
                p.apply_transpose(&v, &mut back);
                for (i, found) in forth.iter().enumerate() {
                    let expected: f64 = columns.iter().zip(&z).map(|(column, z)| column[i] * z).sum();
                    assert!((found - expected).abs() < 1e-12, "{kind:?} {rows} × {count}");
                }
                for (column, found) in columns.iter().zip(&back) {
                    let expected: f64 = column.iter().zip(&v).map(|(c, v)| c * v).sum();
                    assert!((found - expected).abs() < 1e-11, "{kind:?} {rows} × {count}");
                }
            }
        }
    }

    /// E PᵀP = I: over many seeds squared lengths average 1, and inner products 0 with variance about 1/D.
    #[test]
    fn columns_are_orthonormal_in_expectation() {
        let (rows, count, seeds) = (200, 6, 300);
        for kind in KINDS {
            let (mut length, mut mean, mut square, mut pairs) = (0.0, 0.0, 0.0, 0.0);
            for seed in 0..seeds {
                let columns = columns(&Projection::new(kind, rows, count, seed, usize::MAX));
                for (i, column) in columns.iter().enumerate() {
                    let own = dot(column, column);
                    assert!(kind == ProjectionKind::Fastfood || (own - 1.0).abs() < 1e-12, "{kind:?} {own}");
                    length += own / (count as f64 * seeds as f64);
                    for other in &columns[..i] {
                        let product = dot(column, other);
                        (mean, square, pairs) = (mean + product, square + product * product, pairs + 1.0);
                    }
                }
            }
            let (mean, variance) = (mean / pairs, square / pairs * rows as f64);
            assert!((length - 1.0).abs() < 0.02, "{kind:?}: {length}");
            assert!(mean.abs() < 5.0 / (pairs * rows as f64).sqrt(), "{kind:?}: {mean}");
            // Entries of a Fastfood block of eight are not independent.
            let spread = if kind == ProjectionKind::Fastfood { 1.0 } else { 0.15 };
            assert!((variance - 1.0).abs() < spread, "{kind:?}: {variance}");
        }
    }

    #[test]
    fn seeds_differ_and_narrow_numbers_follow_wide_ones() {
        for kind in KINDS {
            let first = columns(&Projection::new(kind, 60, 4, 1, usize::MAX));
            assert_ne!(first, columns(&Projection::new(kind, 60, 4, 2, usize::MAX)));
            let (mut narrow, mut wide) = (vec![0.0; 60], vec![0.0; 60]);
            Projection::<f32>::new(kind, 60, 4, 1, 0).apply(&[0.5, -1.0, 2.0, 0.25], &mut narrow);
            Projection::<f64>::new(kind, 60, 4, 1, 0).apply(&[0.5, -1.0, 2.0, 0.25], &mut wide);
            assert!(narrow.iter().zip(&wide).all(|(a, b)| (a - b).abs() < 1e-6), "{kind:?}");
        }
    }
}
