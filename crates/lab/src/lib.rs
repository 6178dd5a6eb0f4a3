//! Objectives, optimizers, Krylov methods, curvature and landscape geometry.
//!
//! Everything here is one trait away from an [`Objective`]: a deterministic
//! function of one flat vector. Krylov methods see only a
//! [`SymmetricOperator`](krylov::SymmetricOperator), optimizers see only an
//! [`Oracle`], landscape geometry sees only values and the [`Layout`].

#![forbid(unsafe_code)]

pub mod critical;
pub mod curvature;
pub mod flatness;
pub mod krylov;
pub mod landscape;
pub mod memory;
pub mod optim;
pub mod problem;
pub mod race;
pub mod random;
pub mod subspace;
pub mod symmetry;

mod exact;
mod layout;
mod objective;
mod oracle;
#[cfg(test)]
mod samples;
mod stop;
mod vector;

pub use layout::{Block, Layout, LayoutError};
pub use objective::{
    Curvature, DenseFactors, DenseLayer, FiniteSum, Jacobian, KroneckerFisher, LeastSquares, Minibatch,
    NoFactors, Objective, Terms, Unsupported,
};
pub use oracle::{Budget, Counted, CountedJacobian, Counts, Oracle, Residuals, Weights};
pub use stop::{Evaluation, Stop};
pub use thalweg_graph::Float as Scalar;
