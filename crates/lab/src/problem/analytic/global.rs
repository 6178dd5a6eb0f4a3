//! The usual test functions of global optimization.
//!
//! Each has its customary domain. Known points are all critical points where the functions
//! are of two coordinates and have few of them, else the lowest and some others; digits are
//! those of Newton's method with 40 digits, begun where the literature has a point.

pub(super) mod bowls;
pub(super) mod camels;
pub(super) mod egg_boxes;
pub(super) mod gaussians;
pub(super) mod kinks;
pub(super) mod landscapes;
pub(super) mod schwefel;

use super::{Function, Known, Term};

/// x (2), f(x) and the index of a critical point.
type Row = ([f64; 2], f64, usize);

/// What is said of digits that were computed for this table.
const REFINED: &str = "the literature's digits, refined by Newton's method with 40 digits";

/// Adds critical points with regular Hessians; those of the least value are global minima.
fn with_rows(function: Function, rows: &[Row], source: &'static str) -> Function {
    let least = rows.iter().map(|row| row.1).fold(f64::INFINITY, f64::min);
    rows.iter().fold(function, |function, &(x, value, index)| {
        function.with_known(Known { x: x.to_vec(), value, index, nullity: 0, global: value == least, source })
    })
}

/// A global minimum with a positive definite Hessian.
fn lowest(x: Vec<f64>, value: f64, source: &'static str) -> Known {
    Known { x, value, index: 0, nullity: 0, global: true, source }
}
