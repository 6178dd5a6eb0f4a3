//! Both ends of the spectrum.

mod plan;
mod polish;
mod search;

use std::sync::Arc;

use crate::krylov::basis::Basis;
use crate::krylov::products::Products;
use crate::krylov::symmetric::Eigen;
use crate::krylov::vectors::residual;
use crate::krylov::{BasisKind, SymmetricOperator, dense, null_threshold, two_pass};
use crate::vector::dot;
use crate::{Scalar, Stop};
pub(super) use plan::Plan;
use polish::polish;
use search::Search;

/// What to find, and how hard to try.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ExtremalOptions {
    /// How many of the largest eigenvalues.
    pub top: usize,
    /// How many of the smallest eigenvalues.
    pub bottom: usize,
    /// Vectors multiplied at a time.
    pub block: usize,
    /// Vectors held at most; `None` for 2 (top + bottom) + 8 block, at least 32;
    /// not fewer than top + bottom + 4 block + 8.
    pub basis: Option<usize>,
    /// Products to spend at most, the final check included; at least top + bottom + block are spent.
    pub max_products: u64,
    /// A pair has converged when ‖Av − λv‖ ≤ tolerance · ‖A‖; raised to 32 ε of the scalar type.
    pub tolerance: f64,
    /// Whether to search once more, from fresh random vectors in the orthogonal
    /// complement of what was found, for eigenvalues that were missed.
    pub confirm: bool,
    /// Seed of the start vectors.
    pub seed: u64,
}

impl ExtremalOptions {
    /// How many vectors the basis of a search in dimension n holds at most.
    pub fn basis_vectors(&self, n: usize) -> usize {
        let (wanted, block) = (self.top.min(n) + self.bottom.min(n), self.block.clamp(1, n.max(1)));
        self.basis.unwrap_or((2 * wanted + 8 * block).max(32)).max(wanted + 4 * block + 8)
    }
}

impl Default for ExtremalOptions {
    /// One pair at each end, in blocks of 8, to 1e-5, confirmed, within 2,000 products.
    fn default() -> Self {
        Self {
            top: 1,
            bottom: 1,
            block: 8,
            basis: None,
            max_products: 2000,
            tolerance: 1e-5,
            confirm: true,
            seed: 0,
        }
    }
}

/// An approximate eigenpair.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Eigenpair<T> {
    /// λ = vᵀAv / vᵀv.
    pub value: f64,
    /// ‖Av − λv‖ / ‖v‖ from a product made for this purpose: an eigenvalue of A lies within this of λ.
    pub residual: f64,
    /// Whether the residual is within the tolerance.
    pub converged: bool,
    /// v, of length 1 up to rounding (n); shared, since copies of it would be long.
    #[serde(skip)]
    pub vector: Arc<[T]>,
}

/// Eigenpairs from both ends of the spectrum.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Extremal<T> {
    /// The largest eigenvalues, descending; at most n.
    pub top: Vec<Eigenpair<T>>,
    /// The smallest eigenvalues, ascending; at most n, so that both lists share pairs if top + bottom > n.
    pub bottom: Vec<Eigenpair<T>>,
    /// ‖A‖₂ as far as seen: the largest size of a Ritz value.
    pub norm: f64,
    /// The residual that counts as converged.
    pub tolerance: f64,
    /// A lower bound for the number of negative eigenvalues, by Cauchy's
    /// interlacing: the Ritz values below −[`null_threshold`]. Their number itself if `exact`.
    pub negative_at_least: usize,
    /// Whether all pairs converged and a second search, followed until the next
    /// pair behind them was clear, found nothing beyond them. Strong evidence,
    /// not proof, that none was missed; sure if `exact`.
    pub confirmed: bool,
    /// Whether the whole matrix was built and decomposed, since n is small.
    pub exact: bool,
    /// How the basis was kept.
    pub basis: BasisKind,
    /// Restarts of the iteration.
    pub restarts: usize,
    /// Without a basis: Ritz values that were recognised as copies of others or as spurious.
    pub repeated: usize,
    /// Products spent.
    pub products: u64,
}

impl<T> Extremal<T> {
    /// Whether every pair converged.
    pub fn converged(&self) -> bool {
        self.top.iter().chain(&self.bottom).all(|pair| pair.converged)
    }
}

/// The largest and the smallest eigenvalues of A, with vectors and true residuals.
///
/// Block Lanczos with full reorthogonalization and thick restart (Wu & Simon
/// 2000, with blocks; in exact arithmetic Stewart's 2001 Krylov-Schur method):
/// when the basis is full, the wanted Ritz vectors are kept and, at the ends that
/// are wanted, as many more as fill half of the free room; the
/// iteration goes on from the residual block. Where a cluster of converged values is as large as the
/// number of start vectors allows in exact arithmetic, and for the final
/// confirmation, the search starts afresh with random vectors orthogonal to
/// the converged ones. If n is no larger than the basis, the matrix is built
/// from n products and decomposed instead.
///
/// Memory: basis · n numbers, kept as the operator [says](SymmetricOperator::keep), and
/// (top + bottom + 3 block) n for vectors at work. Work beside the products: about
/// 4 n · basis operations for each. Pairs inside a dense bulk converge slowly;
/// they come back unconverged, with their residuals, when the products run out.
///
/// A basis in bf16 leaves noise in the Ritz vectors, which are then polished in
/// the scalar type: by the Rayleigh-Ritz method in their span, and in span{y, Ay} where
/// a residual is still too large. This takes 2 to 4 products more a pair.
///
/// Where the operator keeps no basis, the method is Lanczos in two passes, without
/// reorthogonalization (Golub & Van Loan §10.3; Cullum & Willoughby 1985, chapter
/// 4): the first pass holds two vectors and finds the values, telling copies and spurious ones
/// apart by the test of Cullum & Willoughby; the second repeats the
/// recurrence to the same bits and adds the Ritz vectors up. Products come one
/// by one, all but the last few twice. Copies of a multiple eigenvalue, and values closer than the
/// tolerance, count once, and nothing is ever `confirmed`.
///
/// ```
/// use thalweg_lab::krylov::{ExtremalOptions, extremal_eigenpairs, from_fn};
///
/// let mut operator = from_fn(500, |v: &[f64], out| {
///     for i in 0..500 {
///         out[i] = v[i] * if i == 0 { -3.0 } else { (i as f64 / 500.0).powi(4) };
///     }
/// });
/// let ends = extremal_eigenpairs(&mut operator, &ExtremalOptions::default()).unwrap();
/// assert!(ends.converged() && ends.confirmed);
/// assert!((ends.bottom[0].value + 3.0).abs() <= ends.bottom[0].residual + 1e-12);
/// assert_eq!(ends.negative_at_least, 1);
/// ```
pub fn extremal_eigenpairs<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    options: &ExtremalOptions,
) -> Result<Extremal<T>, Stop> {
    let mut products = Products::new(operator);
    let plan = Plan::new::<T>(options, products.dimension(), products.kind());
    let kind = if plan.exact { BasisKind::Memory } else { products.kind() };
    let found = match kind {
        _ if plan.exact => decompose(&mut products, &plan)?,
        BasisKind::None => two_pass::search(&mut products, &plan)?,
        BasisKind::Bf16 => {
            let found = Search::run(&mut products, &plan)?;
            polish(&mut products, &plan, found)?
        }
        BasisKind::Memory | BasisKind::Disk => Search::run(&mut products, &plan)?,
    };
    finish(&mut products, &plan, found, kind)
}

/// Ritz vectors of the wanted pairs: those of the top, descending, then those of the bottom, ascending.
pub(super) struct Found<T> {
    pub vectors: Vec<Vec<T>>,
    pub top: usize,
    pub norm: f64,
    pub negative: usize,
    pub confirmed: bool,
    pub restarts: usize,
    pub repeated: usize,
}

impl<T: Scalar> Found<T> {
    /// Reads the ends off an eigendecomposition in the basis `basis`.
    fn new(plan: &Plan, eigen: &Eigen, basis: &Basis<T>) -> Result<Self, Stop> {
        let m = eigen.values.len();
        let (top, bottom) = (plan.top.min(m), plan.bottom.min(m));
        let wanted = (0..top).map(|i| m - 1 - i).chain(0..bottom);
        let s: Vec<f64> = wanted.flat_map(|i| eigen.vector(i).iter().copied()).collect();
        let vectors = basis.combine(&s)?;
        let norm = size(&eigen.values);
        let negative = eigen.values.iter().filter(|v| **v < -null_threshold::<T>(norm)).count();
        Ok(Self { vectors, top, norm, negative, confirmed: false, restarts: 0, repeated: 0 })
    }
}

/// The largest size among ascending values.
pub(super) fn size(values: &[f64]) -> f64 {
    values.first().map_or(0.0, |v| v.abs()).max(values.last().map_or(0.0, |v| v.abs()))
}

fn decompose<T: Scalar>(products: &mut Products<'_, T>, plan: &Plan) -> Result<Found<T>, Stop> {
    let n = plan.n;
    let matrix = dense::from_products(products, plan.block)?;
    let mut identity = Basis::in_memory(n);
    let mut row = vec![T::zero(); n];
    for i in 0..n {
        row[i] = T::one();
        identity.push(&row)?;
        row[i] = T::zero();
    }
    let found = Found::new(plan, &matrix.eigen(), &identity)?;
    Ok(Found { confirmed: true, ..found })
}

/// Multiplies the Ritz vectors once more, for Rayleigh quotients and true residuals.
fn finish<T: Scalar>(
    products: &mut Products<'_, T>,
    plan: &Plan,
    found: Found<T>,
    basis: BasisKind,
) -> Result<Extremal<T>, Stop> {
    let n = plan.n;
    let tolerance = plan.tolerance * found.norm;
    let mut pairs = Vec::new();
    let (mut vectors, mut out) = (Vec::new(), Vec::new());
    let mut rows = found.vectors.into_iter().peekable();
    while rows.peek().is_some() {
        vectors.clear();
        rows.by_ref().take(plan.block).for_each(|row| vectors.extend(row));
        out.resize(vectors.len(), T::zero());
        products.apply(&vectors, &mut out)?;
        for (v, product) in vectors.chunks_exact(n).zip(out.chunks_exact(n)) {
            let value = dot(v, product) / dot(v, v);
            let residual = residual(product, value, v);
            pairs.push(Eigenpair { value, residual, converged: residual <= tolerance, vector: v.into() });
        }
    }
    let mut bottom = pairs.split_off(found.top);
    pairs.sort_by(|a, b| b.value.total_cmp(&a.value));
    bottom.sort_by(|a, b| a.value.total_cmp(&b.value));
    Ok(Extremal {
        top: pairs,
        bottom,
        norm: found.norm,
        tolerance,
        negative_at_least: found.negative,
        confirmed: found.confirmed,
        exact: plan.exact,
        basis,
        restarts: found.restarts,
        repeated: found.repeated,
        products: products.count(),
    })
}

#[cfg(test)]
mod tests;
