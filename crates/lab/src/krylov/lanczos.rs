//! The Lanczos process.

use crate::krylov::basis::Basis;
use crate::krylov::orthogonal::project_out;
use crate::krylov::products::Products;
use crate::krylov::symmetric::{self, Eigen};
use crate::krylov::vectors::{scale, subtract};
use crate::krylov::{SymmetricOperator, negligible};
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// An orthonormal basis v₁ … vₘ of a Krylov space, and A in that basis:
/// A vⱼ = βⱼ₋₁ vⱼ₋₁ + αⱼ vⱼ + βⱼ vⱼ₊₁.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Lanczos<T> {
    /// α₁ … αₘ.
    pub alphas: Vec<f64>,
    /// β₁ … βₘ; the last is the norm of what leads out of the basis, 0 if the space is invariant.
    pub betas: Vec<f64>,
    /// v₁ … vₘ (m × n, row-major).
    #[serde(skip)]
    pub basis: Vec<T>,
    /// Products spent: m.
    pub products: u64,
}

/// At most `steps` steps of the Lanczos process (Lanczos 1950) from `start`,
/// with full reorthogonalization: each new vector is orthogonalized against all
/// earlier ones by classical Gram-Schmidt, repeated while its norm falls below
/// 1/√2 of itself (Daniel, Gragg, Kaufman & Stewart 1976; Parlett §6.9).
///
/// Ends early, with βₘ = 0, when the Krylov space is invariant up to rounding;
/// a start of zero gives zero steps. Costs one product a step and m·n numbers
/// of memory: the basis is the result, whatever the operator says of keeping it.
///
/// # Panics
/// If `start` does not have the operator's dimension.
///
/// ```
/// use thalweg_lab::krylov::{from_fn, lanczos};
///
/// // The second-difference matrix: from e₁ its Lanczos coefficients are its own entries.
/// let mut operator = from_fn(5, |v: &[f64], out| {
///     for i in 0..5 {
///         out[i] = 2.0 * v[i] - if i > 0 { v[i - 1] } else { 0.0 } - if i < 4 { v[i + 1] } else { 0.0 };
///     }
/// });
/// let process = lanczos(&mut operator, &[1.0, 0.0, 0.0, 0.0, 0.0], 5).unwrap();
/// assert_eq!(process.alphas, [2.0; 5]);
/// assert_eq!(process.betas, [1.0, 1.0, 1.0, 1.0, 0.0]);
/// ```
pub fn lanczos<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    start: &[T],
    steps: usize,
) -> Result<Lanczos<T>, Stop> {
    lanczos_until(operator, start, steps, &mut |_, _| false)
}

/// The same, which also ends when `enough` says so of the α and β after a step.
///
/// # Panics
/// If `start` does not have the operator's dimension.
pub fn lanczos_until<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    start: &[T],
    steps: usize,
    enough: &mut dyn FnMut(&[f64], &[f64]) -> bool,
) -> Result<Lanczos<T>, Stop> {
    let mut products = Products::new(operator);
    assert_eq!(start.len(), products.dimension(), "the start vector has the operator's dimension");
    let mut recurrence = Recurrence::new(
        start.to_vec(),
        Some(Basis::in_memory(start.len()).with_workers(products.workers())),
    )?;
    let mut product = vec![T::zero(); start.len()];
    while recurrence.steps() < steps && recurrence.alive() {
        products.apply(recurrence.last(), &mut product)?;
        recurrence.advance(&products, &mut product)?;
        if enough(&recurrence.alphas, &recurrence.betas) {
            break;
        }
    }
    let Recurrence { alphas, betas, basis, .. } = recurrence;
    let mut basis = basis.and_then(Basis::into_memory).expect("the basis was begun in memory");
    basis.truncate(alphas.len() * start.len());
    Ok(Lanczos { alphas, betas, basis, products: products.count() })
}

impl<T: Scalar> Lanczos<T> {
    /// The eigenpairs (θ, s) of the tridiagonal matrix: Ritz values θ, Ritz vectors Σⱼ sⱼ vⱼ.
    pub fn eigen(&self) -> Eigen {
        symmetric::tridiagonal(&self.alphas, &self.betas)
    }

    /// βₘ |sₘ|, the norm of A y − θ y for each Ritz pair of `eigen`.
    pub fn residuals(&self, eigen: &Eigen) -> Vec<f64> {
        let last = self.betas.last().copied().unwrap_or(0.0);
        (0..self.alphas.len()).map(|i| last * eigen.vector(i)[self.alphas.len() - 1].abs()).collect()
    }
}

/// One Lanczos process whose products come from outside, so that several can run in lockstep.
pub(super) struct Recurrence<T> {
    n: usize,
    /// The last vector, and before it the one before.
    recent: Vec<T>,
    /// All vectors, where each is orthogonalized against all.
    pub basis: Option<Basis<T>>,
    pub alphas: Vec<f64>,
    pub betas: Vec<f64>,
    /// The largest ‖A vⱼ‖ so far.
    size: f64,
    alive: bool,
}

impl<T: Scalar> Recurrence<T> {
    /// Begins at `start`; reorthogonalizes if there is an (empty) basis.
    pub fn new(mut start: Vec<T>, mut basis: Option<Basis<T>>) -> Result<Self, Stop> {
        let length = norm(&start);
        let alive = length > 0.0;
        if alive {
            scale(&mut start, 1.0 / length);
        }
        if let Some(basis) = &mut basis {
            basis.push(&start)?;
        }
        let n = start.len();
        Ok(Self { n, recent: start, basis, alphas: Vec::new(), betas: Vec::new(), size: 0.0, alive })
    }

    pub fn steps(&self) -> usize {
        self.alphas.len()
    }

    /// Whether there is a next vector.
    pub fn alive(&self) -> bool {
        self.alive
    }

    /// The vector whose product is wanted.
    pub fn last(&self) -> &[T] {
        &self.recent[self.recent.len() - self.n..]
    }

    /// Takes the product of [`last`](Self::last), which is overwritten.
    pub fn advance(&mut self, products: &Products<'_, T>, product: &mut [T]) -> Result<(), Stop> {
        let n = self.n;
        self.size = self.size.max(products.finite(norm(product))?);
        let mut alpha = dot(self.last(), product);
        let before = if self.recent.len() > n { self.betas.last().copied() } else { None };
        match before {
            Some(beta) => subtract(product, &self.recent, &[beta, alpha], n),
            None => subtract(product, &self.recent, &[alpha], n),
        }
        let mut beta = match &self.basis {
            Some(basis) => {
                let mut corrections = vec![0.0; basis.rows()];
                let left = project_out(product, basis, n, &mut corrections)?[0];
                alpha += corrections.last().copied().unwrap_or(0.0);
                left
            }
            None => norm(product),
        };
        self.alive = beta > negligible::<T>(self.size);
        if self.alive {
            scale(product, 1.0 / beta);
            if self.recent.len() > n {
                self.recent.copy_within(n.., 0);
                self.recent[n..].copy_from_slice(product);
            } else {
                self.recent.extend_from_slice(product);
            }
            if let Some(basis) = &mut self.basis {
                basis.push(product)?;
            }
        } else {
            beta = 0.0;
        }
        self.alphas.push(alpha);
        self.betas.push(beta);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::testing::{Reflected, Whole};
    use crate::krylov::vectors::gram;
    use crate::random::Stream;
    use proptest::prelude::*;

    fn start<T: Scalar>(n: usize, seed: u64) -> Vec<T> {
        let mut out = vec![T::zero(); n];
        Stream::new(seed, "start", 0).fill_normal(&mut out);
        out
    }

    /// max |VVᵀ − I| and max |V A Vᵀ − T|.
    fn defects<T: Scalar>(process: &Lanczos<T>, operator: &mut dyn SymmetricOperator<T>) -> (f64, f64) {
        let (n, m) = (operator.dimension(), process.alphas.len());
        let mut product = vec![T::zero(); m * n];
        operator.apply(&process.basis, &mut product).unwrap();
        let (mut identity, mut projected) = (vec![0.0; m * m], vec![0.0; m * m]);
        gram(&process.basis, &process.basis, n, &mut identity);
        gram(&process.basis, &product, n, &mut projected);
        let (mut worst, mut off) = (0.0f64, 0.0f64);
        for i in 0..m {
            for j in 0..m {
                let t = match i.abs_diff(j) {
                    0 => process.alphas[i],
                    1 => process.betas[i.min(j)],
                    _ => 0.0,
                };
                worst = worst.max((identity[i * m + j] - f64::from(u8::from(i == j))).abs());
                off = off.max((projected[i * m + j] - t).abs());
            }
        }
        (worst, off)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_basis_is_orthonormal_and_tridiagonalizes(
            values in prop::collection::vec(-10.0..10.0f64, 2..60), seed in 0u64..100, share in 0.1..1.0f64,
        ) {
            let steps = ((values.len() as f64 * share) as usize).max(1);
            let n = values.len();
            let mut operator = Reflected::new(values, seed);
            let process = lanczos::<f64>(&mut operator, &start(n, seed), steps).unwrap();
            let (orthogonality, projection) = defects(&process, &mut operator);
            prop_assert!(orthogonality < 1e-13 && projection < 1e-12, "{orthogonality} {projection}");
        }
    }

    #[test]
    fn orthogonality_survives_the_convergence_of_outliers() {
        let mut values: Vec<f64> = (0..400).map(|i| f64::from(i) * 1e-3).collect();
        values.extend([50.0, 100.0, 1e6]);
        let mut operator = Reflected::new(values, 3);
        let process = lanczos::<f64>(&mut operator, &start(403, 3), 120).unwrap();
        let (orthogonality, projection) = defects(&process, &mut operator);
        assert!(orthogonality < 1e-13 && projection < 1e-9, "{orthogonality} {projection}");
        let process = lanczos::<f32>(&mut operator, &start(403, 3), 120).unwrap();
        let (orthogonality, _) = defects(&process, &mut operator);
        assert!(orthogonality < 1e-5, "{orthogonality}");
    }

    #[test]
    fn all_steps_give_the_whole_spectrum() {
        let mut operator = Whole::wigner(80, 2);
        let process = lanczos::<f64>(&mut operator, &start(80, 2), 80).unwrap();
        let exact = symmetric::eigenvalues(&operator.entries, 80);
        for (found, exact) in process.eigen().values.iter().zip(&exact) {
            assert!((found - exact).abs() < 1e-12);
        }
    }

    #[test]
    fn an_invariant_space_ends_the_process() {
        let values: Vec<f64> = (0..90).map(|i| f64::from(i % 3)).collect();
        let mut operator = Reflected::new(values, 1);
        let process = lanczos::<f64>(&mut operator, &start(90, 1), 20).unwrap();
        assert_eq!(process.products, 3);
        assert_eq!(process.betas[2], 0.0);
        let eigen = process.eigen();
        for i in 0..3 {
            assert!((eigen.values[i] - i as f64).abs() < 1e-13);
        }
        assert_eq!(process.residuals(&eigen), [0.0; 3]);
        assert_eq!(lanczos(&mut operator, &[0.0f64; 90], 5).unwrap().products, 0);
    }

    #[test]
    fn the_residuals_are_those_of_the_ritz_pairs() {
        let mut operator = Whole::wigner(60, 5);
        let process = lanczos::<f64>(&mut operator, &start(60, 5), 15).unwrap();
        let eigen = process.eigen();
        let residuals = process.residuals(&eigen);
        for i in [0, 7, 14] {
            let mut y = vec![0.0; 60];
            for (s, v) in eigen.vector(i).iter().zip(process.basis.chunks_exact(60)) {
                y.iter_mut().zip(v).for_each(|(y, v)| *y += s * v);
            }
            let mut product = vec![0.0; 60];
            operator.apply(&y, &mut product).unwrap();
            let true_residual = crate::krylov::vectors::residual(&product, eigen.values[i], &y);
            assert!((true_residual - residuals[i]).abs() < 1e-12);
        }
    }
}
