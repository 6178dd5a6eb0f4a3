//! The block Lanczos process.

use crate::krylov::SymmetricOperator;
use crate::krylov::basis::Basis;
use crate::krylov::products::Products;
use crate::krylov::subspace::Subspace;
use crate::krylov::symmetric::{self, Eigen};
use crate::{Scalar, Stop};

/// An orthonormal basis V (m rows) of a block Krylov space, and A in that
/// basis: A Vᵀ = Vᵀ H + Qᵀ B Eᵀ, with E the columns of the last block.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct BlockLanczos<T> {
    /// V (m × n, row-major).
    #[serde(skip)]
    pub basis: Vec<T>,
    /// H (m × m, row-major), block tridiagonal up to rounding.
    pub projected: Vec<f64>,
    /// Rows of each block; they shrink where directions are exhausted.
    pub widths: Vec<usize>,
    /// Q (r × n): the block that would come next; empty if the space is invariant.
    #[serde(skip)]
    pub next: Vec<T>,
    /// B (r × the last width).
    pub coupling: Vec<f64>,
    /// Products spent: m.
    pub products: u64,
}

/// At most `steps` steps of the block Lanczos process (Golub & Underwood 1977;
/// Golub & Van Loan §10.3.6) from the k rows of `start`, k × n.
///
/// Every new block is orthogonalized against the whole basis, repeatedly where
/// norms fall, and factored by a QR with pivoting that drops directions below
/// rounding (16 ε of the largest ‖Avⱼ‖): blocks shrink instead of breaking
/// down, and an eigenvalue of multiplicity up to k is found with all its copies.
///
/// Ends early when the space is invariant. Costs k products a step, in blocks,
/// and m·n numbers of memory: the basis is the result, whatever the operator says of keeping it.
///
/// # Panics
/// If `start` is not a whole number of rows.
pub fn block_lanczos<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    start: &[T],
    steps: usize,
) -> Result<BlockLanczos<T>, Stop> {
    let mut products = Products::new(operator);
    let n = products.dimension();
    assert_eq!(start.len() % n.max(1), 0, "the start block has rows of length {n}");
    let mut space = Subspace::new(start.to_vec(), Basis::in_memory(n), n)?;
    let mut widths = Vec::new();
    while widths.len() < steps && space.width() > 0 {
        widths.push(space.width());
        space.expand(&mut products)?;
    }
    Ok(BlockLanczos {
        projected: space.projected(),
        basis: space.basis.into_memory().expect("the basis was begun in memory"),
        widths,
        next: space.next,
        coupling: space.coupling,
        products: products.count(),
    })
}

impl<T: Scalar> BlockLanczos<T> {
    /// The eigenpairs (θ, s) of H: Ritz values θ, Ritz vectors Σⱼ sⱼ vⱼ.
    pub fn eigen(&self) -> Eigen {
        symmetric::eigen(&self.projected, self.widths.iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::testing::{Reflected, Whole};
    use crate::krylov::vectors::{gram, subtract};
    use crate::random::Stream;
    use proptest::prelude::*;

    fn start(k: usize, n: usize, seed: u64) -> Vec<f64> {
        let mut out = vec![0.0; k * n];
        Stream::new(seed, "start", 1).fill_normal(&mut out);
        out
    }

    /// Defects of VVᵀ = I, of VAVᵀ = H, and of A Vᵀ = Vᵀ H + Qᵀ B Eᵀ.
    fn defects(process: &BlockLanczos<f64>, operator: &mut dyn SymmetricOperator<f64>) -> [f64; 3] {
        let n = operator.dimension();
        let m = process.widths.iter().sum::<usize>();
        let mut product = vec![0.0; m * n];
        operator.apply(&process.basis, &mut product).unwrap();
        let (mut identity, mut projected) = (vec![0.0; m * m], vec![0.0; m * m]);
        gram(&process.basis, &process.basis, n, &mut identity);
        gram(&process.basis, &product, n, &mut projected);
        let far = |a: &[f64], b: &dyn Fn(usize) -> f64| {
            a.iter().enumerate().map(|(t, a)| (a - b(t)).abs()).fold(0.0, f64::max)
        };
        subtract(&mut product, &process.basis, &process.projected, n);
        let last = *process.widths.last().unwrap();
        subtract(&mut product[(m - last) * n..], &process.next, &process.coupling, n);
        [
            far(&identity, &|t| f64::from(u8::from(t / m == t % m))),
            far(&projected, &|t| process.projected[t]),
            far(&product, &|_| 0.0),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_basis_is_orthonormal_and_projects(
            values in prop::collection::vec(-5.0..5.0f64, 4..60),
            seed in 0u64..100, k in 1usize..6, steps in 1usize..12,
        ) {
            let n = values.len();
            let mut operator = Reflected::new(values, seed);
            let process = block_lanczos(&mut operator, &start(k, n, seed), steps).unwrap();
            let defects = defects(&process, &mut operator);
            prop_assert!(defects.iter().all(|d| *d < 1e-12), "{defects:?}");
            prop_assert!(process.widths.iter().sum::<usize>() <= n);
        }
    }

    #[test]
    fn the_projection_is_block_tridiagonal() {
        let mut operator = Whole::wigner(50, 1);
        let process = block_lanczos(&mut operator, &start(3, 50, 1), 6).unwrap();
        for i in 0..18usize {
            for j in 0..18 {
                if (i / 3).abs_diff(j / 3) > 1 {
                    assert!(process.projected[i * 18 + j].abs() < 1e-14);
                }
            }
        }
    }

    #[test]
    fn blocks_shrink_and_find_every_copy_that_they_can() {
        // Eigenvalues 0, 1, 2 with 30 copies each: from 4 vectors the space has dimension 12.
        let values: Vec<f64> = (0..90).map(|i| f64::from(i % 3)).collect();
        let mut operator = Reflected::new(values, 1);
        let process = block_lanczos(&mut operator, &start(4, 90, 2), 9).unwrap();
        assert_eq!(process.widths, [4, 4, 4]);
        assert!(process.next.is_empty());
        for (i, value) in process.eigen().values.iter().enumerate() {
            assert!((value - (i / 4) as f64).abs() < 1e-13);
        }
        // One start vector inside an eigenspace exhausts itself at once, the other goes on.
        let mut shift = crate::krylov::from_fn(40, |v: &[f64], out| {
            for i in 0..40 {
                out[i] = i as f64 * v[i];
            }
        });
        let mut block = vec![0.0; 80];
        block[3] = 1.0;
        block[40..].fill(1.0);
        let process = block_lanczos(&mut shift, &block, 5).unwrap();
        assert_eq!(process.widths, [2, 1, 1, 1, 1]);
        let defects = defects(&process, &mut shift);
        assert!(defects.iter().all(|d| *d < 1e-12), "{defects:?}");
    }

    #[test]
    fn dependent_start_vectors_count_once() {
        let mut operator = Whole::wigner(30, 4);
        let one = start(1, 30, 3);
        let block: Vec<f64> = one.iter().chain(one.iter()).copied().collect();
        assert_eq!(block_lanczos(&mut operator, &block, 3).unwrap().widths, [1, 1, 1]);
        assert!(block_lanczos(&mut operator, &[0.0; 60], 3).unwrap().widths.is_empty());
        assert!(block_lanczos::<f64>(&mut operator, &[], 3).unwrap().basis.is_empty());
    }
}
