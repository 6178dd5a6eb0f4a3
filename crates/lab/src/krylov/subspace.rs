//! A growing orthonormal basis, the matrix projected onto it, and what leads out of it.

use crate::krylov::basis::Basis;
use crate::krylov::negligible;
use crate::krylov::orthogonal::{extend_randomly, factor};
use crate::krylov::products::Products;
use crate::krylov::vectors::rows;
use crate::random::Stream;
use crate::vector::norm;
use crate::{Scalar, Stop};

/// Rows V (m × n) with A Vᵀ = Vᵀ H + Qᵀ B Eᵀ, where E picks the columns of the
/// last block that was multiplied. This one relation serves block Lanczos and
/// its thick restart, whose H is an arrowhead: H is not assumed to have any
/// shape but computed, from the coefficients of the full orthogonalization.
pub struct Subspace<T> {
    n: usize,
    /// V.
    pub basis: Basis<T>,
    /// Lower triangle of H, row i of length i + 1.
    projected: Vec<Vec<f64>>,
    /// Rows of V before the last multiplied block.
    settled: usize,
    /// Q: the next block.
    pub next: Vec<T>,
    /// B (rows of Q × width of the last multiplied block).
    pub coupling: Vec<f64>,
    /// The largest ‖A vⱼ‖ so far.
    pub size: f64,
}

impl<T: Scalar> Subspace<T> {
    /// Begins with the span of `start`'s rows, of which linearly dependent ones
    /// are dropped; `basis` is empty and says where the rest goes.
    pub fn new(start: Vec<T>, basis: Basis<T>, n: usize) -> Result<Self, Stop> {
        let largest = start.chunks_exact(n.max(1)).map(norm).fold(0.0, f64::max);
        let next = factor(start, &[][..], n, negligible::<T>(largest))?.rows;
        Ok(Self { n, basis, projected: Vec::new(), settled: 0, next, coupling: Vec::new(), size: 0.0 })
    }

    /// m.
    pub fn rows(&self) -> usize {
        self.basis.rows()
    }

    /// Rows of the next block.
    pub fn width(&self) -> usize {
        rows(&self.next, self.n)
    }

    /// Widens the next block to `width` rows, where there is room, by random
    /// ones that nothing couples to: they stand for what deflation took away.
    pub fn pad(&mut self, width: usize, stream: &mut Stream) -> Result<(), Stop> {
        let old = self.width();
        if old < width {
            extend_randomly(&mut self.next, &self.basis, self.n, width - old, stream)?;
            let columns = self.rows() - self.settled;
            self.coupling.resize(self.width() * columns, 0.0);
        }
        Ok(())
    }

    /// Takes the next block into the basis and multiplies it.
    pub fn expand(&mut self, products: &mut Products<'_, T>) -> Result<(), Stop> {
        let (n, settled, width) = (self.n, self.rows(), self.width());
        let mut block = vec![T::zero(); self.next.len()];
        products.apply(&self.next, &mut block)?;
        for row in block.chunks_exact(n) {
            self.size = self.size.max(products.finite(norm(row))?);
        }
        self.basis.push(&self.next)?;
        self.next = Vec::new();
        self.settled = settled;
        let parts = factor(block, &self.basis, n, negligible::<T>(self.size))?;
        let inside = |i: usize, j: usize| parts.inside[i * width + j];
        for j in 0..width {
            let mut row: Vec<f64> = (0..settled).map(|i| inside(i, j)).collect();
            row.extend((0..=j).map(|i| 0.5 * (inside(settled + i, j) + inside(settled + j, i))));
            self.projected.push(row);
        }
        self.next = parts.rows;
        self.coupling = parts.outside;
        Ok(())
    }

    /// H (m × m).
    pub fn projected(&self) -> Vec<f64> {
        let m = self.projected.len();
        let mut whole = vec![0.0; m * m];
        for (i, row) in self.projected.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                whole[i * m + j] = *value;
                whole[j * m + i] = *value;
            }
        }
        whole
    }

    /// ‖B s‖, the norm of A y − θ y for the Ritz vector y = Σ sᵢ vᵢ of an eigenpair (θ, s) of H.
    pub fn residual(&self, s: &[f64]) -> f64 {
        let tail = &s[self.settled..];
        let squares = self.coupling.chunks_exact(tail.len()).map(|row| {
            let sum: f64 = row.iter().zip(tail).map(|(b, s)| b * s).sum();
            sum * sum
        });
        squares.sum::<f64>().sqrt()
    }

    /// Replaces the basis by the Ritz vectors Σ s[p, i] vᵢ of the Ritz values
    /// `values`; the next block stays (Wu & Simon 2000, thick restart).
    pub fn restart(&mut self, s: &[f64], values: &[f64]) -> Result<(), Stop> {
        self.basis.combine_in_place(s)?;
        self.projected = values
            .iter()
            .enumerate()
            .map(|(i, &value)| {
                let mut row = vec![0.0; i];
                row.push(value);
                row
            })
            .collect();
        self.settled = self.rows();
        self.coupling.clear();
        Ok(())
    }

    /// As [`restart`](Self::restart), but goes on from `width` random vectors
    /// orthogonal to the kept ones, whose own residuals are let go.
    pub fn restart_afresh(
        &mut self,
        s: &[f64],
        values: &[f64],
        width: usize,
        stream: &mut Stream,
    ) -> Result<(), Stop> {
        self.restart(s, values)?;
        self.next.clear();
        self.pad(width, stream)
    }
}
