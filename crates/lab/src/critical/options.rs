//! How to search.

use serde::{Deserialize, Serialize};

use super::deflation::Deflation;

/// Ways to a point of small gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchMethod {
    /// Newton's method on ∇f = 0 with least-squares steps by MINRES, damped so that ‖∇f‖ falls: Newton-MR as first
    /// published (Roosta, Liu, Xu & Mahoney 2018, Algorithm 1).
    NewtonMr,
    /// L-BFGS on ½‖∇f‖², whose gradient is H∇f, then Newton-MR to the last digits.
    GradientNorm,
    /// Up along the eigenvectors of the k smallest eigenvalues, down along the others, by whole Hessians.
    EigenvectorFollowing {
        /// k.
        index: usize,
    },
}

/// How far and how hard a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchOptions {
    /// The way.
    pub method: SearchMethod,
    /// Found when ‖∇f(x)‖ ≤ this · max(1, |f(x)|).
    pub gradient: f64,
    /// Iterations at most.
    pub iterations: u64,
    /// Products that a Newton step may take.
    pub products: u64,
    /// Newton steps at most that are added once the gradient is small, while they lessen it.
    pub polish: u64,
    /// A point counts as gradient-flat where ‖H∇f‖ ≤ this · ‖H‖ ‖∇f‖.
    pub flat: f64,
    /// No step is longer than this.
    pub reach: f64,
    /// How known points are deflated.
    pub deflation: Deflation,
    /// [`explore`](super::explore()) also follows eigenvectors from each start to a point of this index, where minima and
    /// maxima have small basins under Newton's method.
    pub follow: Option<usize>,
}

impl Default for SearchOptions {
    /// Newton-MR to 1e-8 within 300 iterations of at most 500 products, 40 steps to polish, flat at 1e-3; no eigenvectors
    /// are followed.
    fn default() -> Self {
        Self {
            method: SearchMethod::NewtonMr,
            gradient: 1e-8,
            iterations: 300,
            products: 500,
            polish: 40,
            flat: 1e-3,
            reach: f64::INFINITY,
            deflation: Deflation::default(),
            follow: None,
        }
    }
}
