//! Where the vectors of a Krylov basis are kept.

mod half;
mod shelf;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::krylov::vectors::{self, Panel, combinations, round};
use crate::krylov::workers::{Alone, Workers, add_gram_by, subtract_panel_by};
use crate::vector::TILE;
use crate::{Scalar, Stop};
use half::Halves;
use shelf::OnShelf;
pub use shelf::{Shelf, ShelfError, Shelves};

/// Where a method keeps its basis.
///
/// | | Bytes a number | What it does to results |
/// |---|---|---|
/// | memory | 4 or 8 | nothing |
/// | bf16 | 2 | numbers are rounded, by 2⁻⁸ of themselves at most; see [`Keep::Half`] |
/// | disk | 0 | nothing: the same bits as in memory |
/// | none | 0 | another method: two-pass Lanczos, see [`extremal_eigenpairs`](super::extremal_eigenpairs) |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BasisKind {
    /// In memory, in the operator's scalar type.
    #[default]
    Memory,
    /// In memory, in bf16.
    Bf16,
    /// On disk, in the operator's scalar type.
    Disk,
    /// Not at all.
    None,
}

impl BasisKind {
    /// `memory`, `bf16`, `disk` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            BasisKind::Memory => "memory",
            BasisKind::Bf16 => "bf16",
            BasisKind::Disk => "disk",
            BasisKind::None => "none",
        }
    }
}

/// Where the vectors of one operator's bases go.
#[derive(Clone, Copy, Default)]
pub enum Keep<'a> {
    /// In memory, in the operator's scalar type.
    #[default]
    Memory,
    /// In memory, rounded to bf16 (8 significant bits, to nearest, ties to even).
    ///
    /// A product is always taken of the vector before it is rounded, and new
    /// vectors are orthogonalized against the rounded ones. Roundings are as good as
    /// random, so that what reorthogonalization leaves behind of a new vector is about 2⁻⁹/√n of it
    /// where eigenvectors are spread over many coordinates, and 2⁻⁹ at worst where
    /// they are not: far from what would bring copies of converged eigenvalues
    /// back. A Ritz vector itself carries noise of about 2⁻⁹ of its length, which costs the
    /// Rayleigh quotient the square of that and the residual the noise itself; where
    /// vectors are wanted they are therefore polished in the scalar type.
    /// Residuals come from products with the vectors that are
    /// returned, so that they bound the error whatever rounding did.
    Half,
    /// On the shelves that these open: the same bits as in memory.
    Disk(&'a dyn Shelves),
    /// Nowhere: methods that need no basis are used.
    Nowhere,
}

impl Keep<'_> {
    /// Which kind it is.
    pub fn kind(self) -> BasisKind {
        match self {
            Keep::Memory => BasisKind::Memory,
            Keep::Half => BasisKind::Bf16,
            Keep::Disk(_) => BasisKind::Disk,
            Keep::Nowhere => BasisKind::None,
        }
    }
}

/// A growing number of rows of length n.
pub struct Basis<T> {
    n: usize,
    rows: usize,
    store: Store<T>,
    /// Those that share work on all rows.
    workers: Arc<dyn Workers>,
}

enum Store<T> {
    Memory(Vec<T>),
    Half(Halves<T>),
    Shelf(OnShelf<T>),
}

impl<T: Scalar> Basis<T> {
    /// No rows yet, and room for some: more may come.
    ///
    /// # Panics
    /// If the basis is to be kept nowhere.
    pub fn new(n: usize, room: usize, keep: Keep<'_>) -> Result<Self, Stop> {
        let store = match keep {
            Keep::Memory => Store::Memory(Vec::with_capacity(room * n)),
            Keep::Half => Store::Half(Halves::new(room * n)),
            Keep::Disk(shelves) => Store::Shelf(OnShelf::new(shelves)?),
            Keep::Nowhere => panic!("a basis that is not kept"),
        };
        Ok(Self { n, rows: 0, store, workers: Arc::new(Alone) })
    }

    /// No rows yet, in memory.
    pub fn in_memory(n: usize) -> Self {
        Self { n, rows: 0, store: Store::Memory(Vec::new()), workers: Arc::new(Alone) }
    }

    /// The same basis, whose rows these work on; no bit depends on them.
    pub fn with_workers(self, workers: Arc<dyn Workers>) -> Self {
        Self { workers, ..self }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Appends rows.
    pub fn push(&mut self, block: &[T]) -> Result<(), Stop> {
        match &mut self.store {
            Store::Memory(values) => values.extend_from_slice(block),
            Store::Half(halves) => halves.push(block),
            Store::Shelf(shelf) => shelf.write(self.rows * self.n, block)?,
        }
        self.rows += vectors::rows(block, self.n);
        Ok(())
    }

    /// Copies the rows from the `first` on.
    pub fn read(&self, first: usize, out: &mut [T]) -> Result<(), Stop> {
        let range = first * self.n..first * self.n + out.len();
        match &self.store {
            Store::Memory(values) => out.copy_from_slice(&values[range]),
            Store::Half(halves) => halves.read(range, out),
            Store::Shelf(shelf) => shelf.read(range.start, out)?,
        }
        Ok(())
    }

    /// ⟨vᵢ, wⱼ⟩ into `out` (rows × rows of w).
    pub fn gram(&self, w: &[T], out: &mut [f64]) -> Result<(), Stop> {
        out.fill(0.0);
        let columns = |from, width| Panel::columns(w, self.n, from, width);
        self.panels(|from, panel| add_gram_by(&*self.workers, panel, columns(from, panel.width()), out))
    }

    /// wⱼ ← wⱼ − Σᵢ c[i, j] vᵢ, with c of shape rows × rows of w.
    pub fn subtract(&self, w: &mut [T], coefficients: &[f64]) -> Result<(), Stop> {
        self.panels(|from, panel| subtract_panel_by(&*self.workers, w, self.n, from, panel, coefficients))
    }

    /// The combinations Σᵢ s[p, i] vᵢ, each a vector of its own.
    pub fn combine(&self, s: &[f64]) -> Result<Vec<Vec<T>>, Stop> {
        let count = s.len() / self.rows.max(1);
        let mut out: Vec<Vec<T>> = (0..count).map(|_| vec![T::zero(); self.n]).collect();
        self.panels(|from, panel| {
            combinations(s, panel, |row, at, sums| round(sums, &mut out[row][from + at..]));
        })?;
        Ok(out)
    }

    /// Replaces the rows by the p = |s| / rows combinations Σᵢ s[p, i] vᵢ; p ≤ rows.
    pub fn combine_in_place(&mut self, s: &[f64]) -> Result<(), Stop> {
        let count = s.len() / self.rows.max(1);
        match &mut self.store {
            Store::Memory(values) => vectors::combine_in_place(s, values, self.n),
            Store::Half(halves) => halves.combine_in_place(s, self.n),
            Store::Shelf(shelf) => shelf.combine_in_place(s, self.rows, self.n)?,
        }
        self.rows = count;
        Ok(())
    }

    /// The rows one after the other, if they are in memory.
    pub fn into_memory(self) -> Option<Vec<T>> {
        match self.store {
            Store::Memory(values) => Some(values),
            _ => None,
        }
    }

    /// All rows, some columns at a time: `work(first column, panel)`. Panels begin at multiples of [`TILE`].
    fn panels(&self, mut work: impl FnMut(usize, Panel<'_, T>)) -> Result<(), Stop> {
        if self.rows == 0 {
            return Ok(());
        }
        match &self.store {
            Store::Memory(values) => work(0, Panel::whole(values, self.n)),
            Store::Half(halves) => halves.panels(self.rows, self.n, work),
            Store::Shelf(shelf) => shelf.panels(self.rows, self.n, work)?,
        }
        Ok(())
    }
}

/// Rows that others are orthogonalized against.
pub trait Rows<T> {
    /// How many there are of length n.
    fn count(&self, n: usize) -> usize;
    /// ⟨vᵢ, wⱼ⟩ into `out`.
    fn gram(&self, w: &[T], n: usize, out: &mut [f64]) -> Result<(), Stop>;
    /// wⱼ ← wⱼ − Σᵢ c[i, j] vᵢ.
    fn subtract(&self, w: &mut [T], n: usize, coefficients: &[f64]) -> Result<(), Stop>;
}

impl<T: Scalar> Rows<T> for Basis<T> {
    fn count(&self, _: usize) -> usize {
        self.rows
    }

    fn gram(&self, w: &[T], _: usize, out: &mut [f64]) -> Result<(), Stop> {
        self.gram(w, out)
    }

    fn subtract(&self, w: &mut [T], _: usize, coefficients: &[f64]) -> Result<(), Stop> {
        self.subtract(w, coefficients)
    }
}

impl<T: Scalar> Rows<T> for [T] {
    fn count(&self, n: usize) -> usize {
        vectors::rows(self, n)
    }

    fn gram(&self, w: &[T], n: usize, out: &mut [f64]) -> Result<(), Stop> {
        vectors::gram(self, w, n, out);
        Ok(())
    }

    fn subtract(&self, w: &mut [T], n: usize, coefficients: &[f64]) -> Result<(), Stop> {
        vectors::subtract(w, self, coefficients, n);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
