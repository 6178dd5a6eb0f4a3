//! The sizes that a search works with, from the options and the dimension.

use super::ExtremalOptions;
use crate::Scalar;
use crate::krylov::BasisKind;

/// Rounds of polishing that a search in bf16 leaves products for.
const ROUNDS: u32 = 2;

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
    /// Products that the search leaves to the end: the final check, and polishing.
    pub reserve: u64,
}

impl Plan {
    pub fn new<T: Scalar>(options: &ExtremalOptions, n: usize, kind: BasisKind) -> Self {
        let (top, bottom) = (options.top.min(n), options.bottom.min(n));
        // Two passes go vector by vector.
        let block = if kind == BasisKind::None { 1 } else { options.block.clamp(1, n.max(1)) };
        let wanted = top + bottom;
        let basis = options.basis_vectors(n);
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
            reserve: wanted as u64 * if kind == BasisKind::Bf16 { 2 + u64::from(ROUNDS) } else { 1 },
            exact: n <= basis && (n + wanted) as u64 <= max_products,
        }
    }

    /// How many Ritz pairs a restart keeps at the bottom and at the top, of m:
    /// the wanted ones, and half of the free room at the ends that are wanted.
    pub fn kept(&self, m: usize) -> (usize, usize) {
        let extra = self.basis.saturating_sub(self.top + self.bottom + 2 * self.block) / 2;
        let below = match (self.bottom, self.top) {
            (0, 1..) => 0,
            (1.., 0) => extra,
            _ => extra / 2,
        };
        let bottom = (self.bottom + below).min(m);
        (bottom, (self.top + extra - below).min(m - bottom))
    }
}
