//! One component of an orthogonal tensor.

use super::super::registry::{Entry, dimension};
use super::{Function, Known};

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "tensor",
    usage: "tensor:N",
    examples: &["tensor:2", "tensor:6"],
    summary: "−Σ uᵢ⁴ on the sphere: 2N minima among 3ᴺ − 1 critical points",
    source: "Ge, Huang, Jin & Yuan 2015, §4.1",
    build: |text| Ok(tensor(dimension(text, 1)?)),
};

/// −Σᵢ xᵢ⁴/‖x‖⁴: the components of Σ eᵢ⊗eᵢ⊗eᵢ⊗eᵢ as minima on the sphere (Ge et al. 2015, eq. 8, with one
/// component at a time and the sphere by normalization). `rotate=SEED` makes the components any orthonormal basis.
///
/// The critical points are Σ_S ±eᵢ/√k for each set S of k coordinates, with value −1/k, and their
/// multiples: k − 1 eigenvalues are −8/k, n − k are 4/k, and the radial one is 0. f has no value at 0.
///
/// # Panics
/// If n = 0.
pub fn tensor(n: usize) -> Function {
    let function = Function::formula(format!("tensor:{n}"), n, |x| {
        let squares = x.square();
        -(squares.square().sum() / squares.sum().square())
    });
    let known = (1..=n.min(16)).map(|k| Known {
        x: (0..n).map(|i| if i < k { 1.0 / (k as f64).sqrt() } else { 0.0 }).collect(),
        value: -1.0 / k as f64,
        index: k - 1,
        nullity: 1,
        global: k == 1,
        source: "xᵢ³ is proportional to xᵢ",
    });
    let start = (0..n).map(|i| 1.0 + 0.1 / (i + 1) as f64).collect();
    known.fold(function.with_start(start), Function::with_known)
}
