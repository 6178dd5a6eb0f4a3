//! The 35 problems of Moré, Garbow & Hillstrom (1981), "Testing unconstrained optimization
//! software", ACM TOMS 7(1): sums of squares with the paper's residuals, data and starts.
//!
//! Where the paper lets the number of residuals vary, it is a parameter whose default is
//! the paper's choice. Problem 1 is problem 21 for n = 2.

pub(super) mod any;
mod digits;
pub(super) mod equations;
pub(super) mod exponentials;
pub(super) mod four;
pub(super) mod linear;
pub(super) mod plane;
pub(super) mod space;

use super::{Function, Known, Term};

/// A minimum than which there is none lower, with a Hessian that is positive definite.
fn minimum(x: Vec<f64>, value: f64, source: &'static str) -> Known {
    Known { x, value, index: 0, nullity: 0, global: true, source }
}

/// Such a minimum of value 0.
fn zero(x: &[f64]) -> Known {
    minimum(x.to_vec(), 0.0, "every residual vanishes")
}
