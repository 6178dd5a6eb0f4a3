//! λ_max, cheaply, again and again along a training run.

use serde::Serialize;

use crate::curvature::CurvatureError;
use crate::krylov::{Eigenpair, SymmetricOperator, block_lanczos};
use crate::random::Stream;
use crate::vector::{displaced, dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SharpnessOptions {
    /// Converged when ‖Hv − λv‖ ≤ tolerance · |λ|.
    pub tolerance: f64,
    /// Vectors multiplied at a time.
    pub block: usize,
    /// Steps of block Lanczos before each restart.
    pub steps: usize,
    /// Products to spend at most.
    pub max_products: u64,
    /// Seed of the random start vectors.
    pub seed: u64,
}

impl Default for SharpnessOptions {
    /// To 1e-3, in blocks of 4, 5 steps a cycle, within 400 products.
    fn default() -> Self {
        Self { tolerance: 1e-3, block: 4, steps: 5, max_products: 400, seed: 0 }
    }
}

/// The sharpness λ_max(∇²f(x)) of the objective as it stands, penalty included, with
/// its eigenvector and true residual.
///
/// `previous` is the eigenvector found at an earlier point of the run, if there is one: from it a
/// single cycle is often enough. Block Lanczos, restarted from its best Ritz vectors;
/// random vectors fill the first block, so that an eigenvector that
/// rises from below is not missed. By interlacing the value never exceeds λ_max, and
/// some eigenvalue lies within the residual of it. Gradient descent with step η is
/// stable on a quadratic while λ_max < 2/η (Cohen et al. 2021).
///
/// Costs block · steps + 1 products a cycle.
///
/// ```
/// use thalweg_lab::Oracle;
/// use thalweg_lab::curvature::{SharpnessOptions, sharpness};
/// use thalweg_lab::problem::analytic::{Analytic, rotated_quadratic};
///
/// let spectrum: Vec<f64> = (0..300).map(|i| 0.97f64.powi(i)).collect();
/// let objective = Analytic::<f64>::new(rotated_quadratic(&spectrum, 1), Default::default());
/// let oracle = Oracle::new(&objective);
/// let first = sharpness(&oracle, &vec![1.0; 300], None, &SharpnessOptions::default())?;
/// assert!((first.value - 1.0).abs() < 1e-3);
/// let before = oracle.counts().products;
/// let again = sharpness(&oracle, &vec![2.0; 300], Some(&first.vector), &SharpnessOptions::default())?;
/// assert!(again.value >= first.value - 1e-12 && oracle.counts().products - before < 30);
/// # Ok::<(), thalweg_lab::curvature::CurvatureError>(())
/// ```
pub fn sharpness<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    previous: Option<&[T]>,
    options: &SharpnessOptions,
) -> Result<Eigenpair<T>, CurvatureError> {
    let mut hessian = oracle.linearize(x, Curvature::Hessian)?;
    Ok(largest(&mut hessian, previous, options)?)
}

fn largest<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    previous: Option<&[T]>,
    options: &SharpnessOptions,
) -> Result<Eigenpair<T>, Stop> {
    let n = operator.dimension();
    let block = options.block.clamp(1, n.max(1));
    let mut start = vec![T::zero(); block * n];
    for (index, row) in start.chunks_exact_mut(n.max(1)).enumerate() {
        match previous {
            Some(previous) if index == 0 && norm(previous) > 0.0 => row.copy_from_slice(previous),
            _ => Stream::new(options.seed, "sharpness", index as u64).fill_normal(row),
        }
    }
    let mut spent = 0;
    loop {
        let process = block_lanczos(operator, &start, options.steps.max(1))?;
        let eigen = process.eigen();
        let m = eigen.values.len();
        if m == 0 {
            return Ok(Eigenpair { value: 0.0, residual: 0.0, converged: true, vector: [].into() });
        }
        let origin = vec![T::zero(); n];
        let best = block.min(m);
        start.truncate(best * n);
        for (i, row) in start.chunks_exact_mut(n).enumerate() {
            let weights = eigen.vector(m - 1 - i);
            let terms: Vec<(f64, &[T])> =
                weights.iter().copied().zip(process.basis.chunks_exact(n)).collect();
            displaced(&origin, &terms, row);
        }
        let pair = measure(operator, &start[..n], options.tolerance)?;
        spent += process.products + 1;
        let next = (best * options.steps.max(1) + 1) as u64;
        if pair.converged || spent + next > options.max_products {
            return Ok(pair);
        }
    }
}

/// The Rayleigh quotient of a vector, and how far the vector is from an eigenvector.
fn measure<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    vector: &[T],
    tolerance: f64,
) -> Result<Eigenpair<T>, Stop> {
    let mut product = vec![T::zero(); vector.len()];
    operator.apply(vector, &mut product)?;
    let square = dot(vector, vector);
    let value = dot(vector, &product) / square;
    let rest: f64 = vector.iter().zip(&product).map(|(v, p)| (p.wide() - value * v.wide()).powi(2)).sum();
    let residual = (rest / square).sqrt();
    // A residual below the rounding of products cannot be asked for.
    let reachable = tolerance.max(32.0 * T::epsilon().wide());
    Ok(Eigenpair { value, residual, converged: residual <= reachable * value.abs(), vector: vector.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::analytic::{Analytic, quadratic, rotated_quadratic, walled_saddle};

    #[test]
    fn it_is_the_largest_eigenvalue_within_its_residual() {
        let mut spectrum: Vec<f64> = (0..400).map(|i| f64::from(i) * 0.01 - 9.0).collect();
        spectrum.push(1.5);
        let objective = Analytic::<f64>::new(rotated_quadratic(&spectrum, 3), Default::default());
        let oracle = Oracle::new(&objective);
        for tolerance in [1e-1, 1e-3, 1e-7] {
            let options = SharpnessOptions { tolerance, max_products: 2000, ..Default::default() };
            let found = sharpness(&oracle, &objective.function().start::<f64>(), None, &options).unwrap();
            assert!(found.converged && found.residual <= tolerance * 1.5);
            assert!((found.value - 1.5).abs() <= found.residual + 1e-12, "{}", found.value);
            assert!(found.value <= 1.5 + 1e-12);
        }
    }

    #[test]
    fn a_stale_eigenvector_does_not_hide_the_largest() {
        let spectrum: Vec<f64> = (1..=50).map(f64::from).collect();
        let objective = Analytic::<f32>::new(quadratic(&spectrum), Default::default());
        let oracle = Oracle::new(&objective);
        // An exact eigenvector, of another eigenvalue.
        let mut stale = vec![0.0f32; 50];
        stale[20] = 1.0;
        let found = sharpness(&oracle, &[0.0; 50], Some(&stale), &SharpnessOptions::default()).unwrap();
        assert!(found.converged && (found.value - 50.0).abs() < 0.05, "{}", found.value);
        assert!(f64::from(found.vector[49].abs()) > 0.99);
    }

    #[test]
    fn a_budget_ends_it_unconverged() {
        let spectrum: Vec<f64> = (0..2000).map(|i| f64::from(i) / 2000.0).collect();
        let objective = Analytic::<f64>::new(quadratic(&spectrum), Default::default());
        let oracle = Oracle::new(&objective);
        let options = SharpnessOptions { tolerance: 1e-9, max_products: 50, ..Default::default() };
        let found = sharpness(&oracle, &vec![0.0; 2000], None, &options).unwrap();
        assert!(!found.converged && found.residual > 0.0 && oracle.counts().products <= 50);
        let plane = Analytic::<f64>::new(walled_saddle(), Default::default());
        let oracle = Oracle::new(&plane);
        let found = sharpness(&oracle, &[0.0, 0.0], None, &SharpnessOptions::default()).unwrap();
        assert!((found.value - 10.0).abs() < 1e-12);
    }
}
