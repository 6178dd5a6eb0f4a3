//! Trace, Frobenius norm and diagonal from products with random vectors.

use crate::krylov::SymmetricOperator;
use crate::krylov::dense::columns;
use crate::krylov::estimate::{Estimate, Probe};
use crate::krylov::products::Products;
use crate::vector::dot;
use crate::{Scalar, Stop};

/// How many products to spend on a stochastic estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TraceOptions {
    /// Products to spend at most; at least 4. From n on the answer is exact, and n are spent.
    pub products: u64,
    /// Vectors multiplied at a time.
    pub block: usize,
    /// Seed of the random vectors.
    pub seed: u64,
}

impl Default for TraceOptions {
    /// 64 products in blocks of 8.
    fn default() -> Self {
        Self { products: 64, block: 8, seed: 0 }
    }
}

/// The first two moments of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Moments {
    /// tr A = Σ λ.
    pub trace: Estimate,
    /// ‖A‖_F² = Σ λ².
    pub frobenius_squared: Estimate,
    /// Whether both are exact up to rounding, from products with all unit vectors.
    pub exact: bool,
    /// Products spent.
    pub products: u64,
}

/// Diagonal entries with standard errors.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Diagonal {
    /// Aᵢᵢ (n).
    #[serde(skip)]
    pub values: Vec<f64>,
    /// Standard error of each; all 0 if exact (n).
    #[serde(skip)]
    pub stderr: Vec<f64>,
    /// Whether the entries are exact up to rounding.
    pub exact: bool,
    /// Products spent.
    pub products: u64,
}

/// Hutchinson's (1990) estimator, tr A ≈ mean of zᵀAz over Rademacher vectors z;
/// ‖A‖_F² ≈ mean of ‖Az‖².
///
/// The variance of a sample of the trace is 2 Σ_{i≠j} Aᵢⱼ², so the error falls
/// as 1/√products; [`xtrace`](super::xtrace()) is better wherever the spectrum decays.
pub fn hutchinson<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    options: &TraceOptions,
) -> Result<Moments, Stop> {
    let mut products = Products::new(operator);
    if let Some(moments) = exact_moments(&mut products, options)? {
        return Ok(moments);
    }
    let (mut first, mut second) = (Vec::new(), Vec::new());
    samples(&mut products, options, |z, product| {
        first.push(dot(z, product));
        second.push(dot(product, product));
    })?;
    Ok(Moments {
        trace: Estimate::from_samples(&first),
        frobenius_squared: Estimate::from_samples(&second),
        exact: false,
        products: products.count(),
    })
}

/// The diagonal by the estimator of Bekas, Kokiopoulou & Saad (2007, eq. 2),
/// mean of z ⊙ Az over Rademacher vectors z, for which z ⊙ z = 1.
///
/// The variance of a sample of Aᵢᵢ is Σ_{j≠i} Aᵢⱼ². Exact, from the unit
/// vectors, where `options.products` ≥ n.
pub fn diagonal<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    options: &TraceOptions,
) -> Result<Diagonal, Stop> {
    let mut products = Products::new(operator);
    let n = products.dimension();
    let (mut values, mut stderr) = (vec![0.0; n], vec![0.0; n]);
    let exact = n as u64 <= options.products;
    if exact {
        columns(&mut products, options.block, |i, column| values[i] = column[i].wide())?;
    } else {
        // Welford's running mean and sum of squared deviations.
        let mut count = 0.0;
        samples(&mut products, options, |z, product| {
            count += 1.0;
            for i in 0..n {
                let sample = z[i].wide() * product[i].wide();
                let change = sample - values[i];
                values[i] += change / count;
                stderr[i] += change * (sample - values[i]);
            }
        })?;
        stderr.iter_mut().for_each(|s| *s = (*s / (count * (count - 1.0))).sqrt());
    }
    Ok(Diagonal { values, stderr, exact, products: products.count() })
}

/// Both moments from the unit vectors, if the budget allows it.
pub(super) fn exact_moments<T: Scalar>(
    products: &mut Products<'_, T>,
    options: &TraceOptions,
) -> Result<Option<Moments>, Stop> {
    if products.dimension() as u64 > options.products {
        return Ok(None);
    }
    let (mut trace, mut square) = (0.0, 0.0);
    columns(products, options.block, |i, column| {
        trace += column[i].wide();
        square += dot(column, column);
    })?;
    Ok(Some(Moments {
        trace: Estimate::exact(trace),
        frobenius_squared: Estimate::exact(square),
        exact: true,
        products: products.count(),
    }))
}

/// Calls `each(z, Az)` for Rademacher probes, `block` at a time.
fn samples<T: Scalar>(
    products: &mut Products<'_, T>,
    options: &TraceOptions,
    mut each: impl FnMut(&[T], &[T]),
) -> Result<(), Stop> {
    let n = products.dimension();
    let total = options.products.max(4);
    let block = (options.block.max(1) as u64).min(total);
    let mut z = vec![T::zero(); block as usize * n];
    let mut out = z.clone();
    for start in (0..total).step_by(block as usize) {
        let k = block.min(total - start) as usize;
        for (j, z) in z.chunks_exact_mut(n).take(k).enumerate() {
            Probe::Rademacher.fill(options.seed, "hutchinson", start + j as u64, z);
        }
        products.apply(&z[..k * n], &mut out[..k * n])?;
        for (z, product) in z.chunks_exact(n).zip(out.chunks_exact(n)).take(k) {
            each(z, product);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::testing::{Reflected, Whole, coverage};
    use crate::krylov::{dense, from_fn};

    #[test]
    fn standard_errors_cover_the_truth() {
        let mut operator = Whole::wigner(60, 1);
        let matrix = dense::<f64>(&mut operator, 8).unwrap();
        let mut scores = (Vec::new(), Vec::new());
        for seed in 0..200 {
            let options = TraceOptions { products: 40, seed, ..Default::default() };
            let found = hutchinson::<f64>(&mut operator, &options).unwrap();
            assert_eq!((found.products, found.exact), (40, false));
            scores.0.push((found.trace.mean - matrix.trace()) / found.trace.stderr);
            let square = matrix.frobenius().powi(2);
            scores.1.push((found.frobenius_squared.mean - square) / found.frobenius_squared.stderr);
        }
        coverage(&scores.0);
        coverage(&scores.1);
    }

    #[test]
    fn the_variance_is_the_one_of_theory() {
        let mut operator = Whole::wigner(80, 2);
        let off: f64 = (0..80 * 80).filter(|t| t / 80 != t % 80).map(|t| operator.entries[t].powi(2)).sum();
        let options = TraceOptions { products: 79, ..Default::default() };
        let ratios: Vec<f64> = (0..50)
            .map(|seed| {
                let found = hutchinson::<f64>(&mut operator, &TraceOptions { seed, ..options }).unwrap();
                found.trace.stderr.powi(2) * 79.0 / (2.0 * off)
            })
            .collect();
        let mean = ratios.iter().sum::<f64>() / 50.0;
        assert!((mean - 1.0).abs() < 0.15, "{mean}");
    }

    #[test]
    fn a_diagonal_matrix_has_no_sampling_error() {
        let mut operator = from_fn(500, |v: &[f32], out| {
            out.iter_mut().zip(v).enumerate().for_each(|(i, (out, v))| *out = i as f32 * v);
        });
        let options = TraceOptions { products: 5, block: 3, seed: 1 };
        let moments = hutchinson(&mut operator, &options).unwrap();
        assert_eq!((moments.trace.mean, moments.trace.stderr), (499.0 * 250.0, 0.0));
        let found = diagonal(&mut operator, &options).unwrap();
        assert!((0..500).all(|i| found.values[i] == i as f64 && found.stderr[i] == 0.0));
        assert_eq!((found.exact, found.products), (false, 5));
    }

    #[test]
    fn with_n_products_everything_is_exact() {
        let values: Vec<f64> = (0..40).map(|i| f64::from(i) - 7.0).collect();
        let mut operator = Reflected::new(values.clone(), 3);
        let options = TraceOptions { products: 40, block: 7, seed: 0 };
        let found = hutchinson::<f64>(&mut operator, &options).unwrap();
        assert!(found.exact && found.products == 40);
        assert!((found.trace.mean - values.iter().sum::<f64>()).abs() < 1e-12);
        let matrix = dense::<f64>(&mut operator, 8).unwrap();
        let found = diagonal::<f64>(&mut operator, &options).unwrap();
        assert!(found.exact);
        for (found, exact) in found.values.iter().zip(matrix.diagonal()) {
            assert!((found - exact).abs() < 1e-13);
        }
    }

    #[test]
    fn the_diagonals_errors_cover_the_truth() {
        let mut operator = Whole::wigner(300, 4);
        let found =
            diagonal::<f64>(&mut operator, &TraceOptions { products: 100, ..Default::default() }).unwrap();
        let scores: Vec<f64> =
            (0..300).map(|i| (found.values[i] - operator.entries[i * 301]) / found.stderr[i]).collect();
        coverage(&scores);
    }
}
