//! Krylov methods: all that they see is a symmetric operator.
//!
//! | Wanted | Method | Products |
//! |---|---|---|
//! | everything, n up to a few thousand | [`dense()`] | n |
//! | largest and smallest eigenpairs | [`extremal_eigenpairs`] | tens to thousands |
//! | density, counts, traces of functions | [`slq()`] | probes · steps |
//! | trace, Frobenius norm | [`xtrace()`]; [`hutchinson`] as the baseline | tens |
//! | diagonal | [`diagonal`] | tens; n if exact |
//! | a Krylov basis itself | [`lanczos()`], [`block_lanczos()`] | one a vector |
//! | linear systems | [`conjugate_gradients`], [`minres()`] | as they converge |
//! | steps down an indefinite quadratic | [`steihaug_toint`], [`capped_conjugate_gradients`] | as they converge |
//!
//! Vectors are held in the operator's scalar type; inner products, tridiagonal
//! and projected matrices are f64. Nothing here uses threads, and sums run in a
//! fixed order, so that results depend on the options and the operator alone.

mod basis;
mod block_lanczos;
mod capped_cg;
mod cg;
mod dense;
mod estimate;
mod extremal;
mod lanczos;
mod minres;
mod operator;
mod orthogonal;
mod products;
mod slq;
mod solve;
mod steihaug;
mod subspace;
mod symmetric;
#[cfg(test)]
mod testing;
mod trace;
mod two_pass;
mod vectors;
mod workers;
mod xtrace;

pub use basis::{BasisKind, Keep, Shelf, ShelfError, Shelves};
pub use block_lanczos::{BlockLanczos, block_lanczos};
pub use capped_cg::{Capped, CappedOptions, capped_conjugate_gradients};
pub use cg::conjugate_gradients;
pub use dense::{Dense, dense};
pub use estimate::{Estimate, Probe};
pub use extremal::{Eigenpair, Extremal, ExtremalOptions, extremal_eigenpairs};
pub use lanczos::{Lanczos, lanczos, lanczos_until};
pub use minres::minres;
pub use operator::{FromFn, SymmetricOperator, from_fn};
pub use slq::{Count, Cumulative, Density, Quadrature, Slq, SlqMoments, SlqOptions, slq};
pub use solve::{Solution, SolveOptions, SolveOutcome};
pub use steihaug::{BallStep, steihaug_toint};
pub use symmetric::Eigen;
pub use trace::{Diagonal, Moments, TraceOptions, diagonal, hutchinson};
pub use workers::{Alone, Workers};
pub use xtrace::xtrace;

use crate::Scalar;

/// An eigenvalue of no more than this share of ‖A‖ counts as null.
pub const NULL: f64 = 1e-8;

/// What size an eigenvalue of a matrix of norm ‖A‖ = `size` may have to count as null:
/// max([`NULL`], 16 ε) ‖A‖, the second for the rounding of products in `T`.
pub fn null_threshold<T: Scalar>(size: f64) -> f64 {
    (NULL * size).max(negligible::<T>(size))
}

/// The norm below which a vector that is left over from products of size `size` is rounding.
fn negligible<T: Scalar>(size: f64) -> f64 {
    16.0 * T::epsilon().wide() * size
}
