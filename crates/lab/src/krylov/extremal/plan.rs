//! The sizes that a search works with, from the options and the dimension.

use super::ExtremalOptions;
use crate::Scalar;

pub struct Plan {
    pub n: usize,
    pub top: usize,
    pub bottom: usize,
    pub block: usize,
    /// Vectors held at most.
    pub basis: usize,
    pub max_products: u64,
    /// Relative to ‖A‖.
    pub tolerance: f64,
    pub epsilon: f64,
    pub confirm: bool,
    pub seed: u64,
    /// Whether to decompose the whole matrix.
    pub exact: bool,
}

impl Plan {
    pub fn new<T: Scalar>(options: &ExtremalOptions, n: usize) -> Self {
        let (top, bottom) = (options.top.min(n), options.bottom.min(n));
        let block = options.block.clamp(1, n.max(1));
        let wanted = top + bottom;
        let basis = options.basis.unwrap_or((2 * wanted + 8 * block).max(32)).max(wanted + 4 * block + 8);
        let max_products = options.max_products.max((wanted + block) as u64);
        let epsilon = T::epsilon().wide();
        Self {
            n,
            top,
            bottom,
            block,
            basis: basis.min(n),
            max_products,
            tolerance: options.tolerance.max(32.0 * epsilon),
            epsilon,
            confirm: options.confirm,
            seed: options.seed,
            exact: n <= basis && (n + wanted) as u64 <= max_products,
        }
    }

    /// How many Ritz pairs a restart keeps at the bottom and at the top, of m:
    /// the wanted ones, and half of the free room at the ends that have yet to converge.
    pub fn kept(&self, m: usize, bottom_done: bool, top_done: bool) -> (usize, usize) {
        let extra = self.basis.saturating_sub(self.top + self.bottom + 2 * self.block) / 2;
        let below = match (bottom_done, top_done) {
            (true, false) => 0,
            (false, true) => extra,
            _ => extra / 2,
        };
        let bottom = (self.bottom + below).min(m);
        (bottom, (self.top + extra - below).min(m - bottom))
    }
}
