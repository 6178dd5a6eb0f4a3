//! The whole matrix, where the dimension allows it.

use crate::krylov::SymmetricOperator;
use crate::krylov::products::Products;
use crate::krylov::symmetric::{self, Eigen};
use crate::{Scalar, Stop};

/// A symmetric matrix in f64, n × n, row-major.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Dense {
    /// n.
    pub dimension: usize,
    /// ½(A + Aᵀ) of the products as they came.
    #[serde(skip)]
    pub entries: Vec<f64>,
    /// ‖A − Aᵀ‖_F / ‖A‖_F of the products as they came: rounding if the operator is symmetric; 0 for A = 0.
    pub asymmetry: f64,
    /// Products spent: n.
    pub products: u64,
}

/// Builds the matrix from its products with the unit vectors, `block` at a time.
///
/// Costs n products and 8n² bytes (33 MB for n = 2,048), so it is for n up to a
/// few thousand. Entries are as accurate as the products: to `T`'s rounding.
///
/// ```
/// use thalweg_lab::krylov::{dense, from_fn};
///
/// let mut swap = from_fn(2, |v: &[f64], out| out.copy_from_slice(&[v[1], v[0]]));
/// let matrix = dense(&mut swap, 8).unwrap();
/// assert_eq!(matrix.eigenvalues(), [-1.0, 1.0]);
/// ```
pub fn dense<T: Scalar>(operator: &mut dyn SymmetricOperator<T>, block: usize) -> Result<Dense, Stop> {
    let mut products = Products::new(operator);
    from_products(&mut products, block)
}

impl Dense {
    /// All eigenvalues in ascending order; about 4n³/3 operations on one thread.
    pub fn eigenvalues(&self) -> Vec<f64> {
        symmetric::eigenvalues(&self.entries, self.dimension)
    }

    /// All eigenpairs; two to three times the work of the values alone, and 24n² bytes more.
    pub fn eigen(&self) -> Eigen {
        symmetric::eigen(&self.entries, self.dimension)
    }

    /// Σᵢ Aᵢᵢ.
    pub fn trace(&self) -> f64 {
        self.diagonal().iter().sum()
    }

    /// Aᵢᵢ.
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.dimension).map(|i| self.entries[i * self.dimension + i]).collect()
    }

    /// ‖A‖_F.
    pub fn frobenius(&self) -> f64 {
        crate::vector::norm(&self.entries)
    }
}

pub(super) fn from_products<T: Scalar>(products: &mut Products<'_, T>, block: usize) -> Result<Dense, Stop> {
    let n = products.dimension();
    let before = products.count();
    let mut entries = vec![0.0; n * n];
    columns(products, block, |i, column| {
        for (entry, value) in entries[i * n..][..n].iter_mut().zip(column) {
            *entry = value.wide();
        }
    })?;
    let (mut antisymmetric, whole) = (0.0, crate::vector::norm(&entries));
    for i in 0..n {
        for j in 0..i {
            let (a, b) = (entries[i * n + j], entries[j * n + i]);
            antisymmetric += 2.0 * (a - b).powi(2);
            let mean = 0.5 * (a + b);
            entries[i * n + j] = mean;
            entries[j * n + i] = mean;
        }
    }
    let asymmetry = if whole > 0.0 { antisymmetric.sqrt() / whole } else { 0.0 };
    Ok(Dense { dimension: n, entries, asymmetry, products: products.count() - before })
}

/// Calls `each(i, A eᵢ)` for every unit vector, computed `block` at a time.
pub(super) fn columns<T: Scalar>(
    products: &mut Products<'_, T>,
    block: usize,
    mut each: impl FnMut(usize, &[T]),
) -> Result<(), Stop> {
    let n = products.dimension();
    let block = block.clamp(1, n.max(1));
    let (mut units, mut out) = (vec![T::zero(); block * n], vec![T::zero(); block * n]);
    for start in (0..n).step_by(block) {
        let k = block.min(n - start);
        for j in 0..k {
            units[j * n + start + j] = T::one();
        }
        products.apply(&units[..k * n], &mut out[..k * n])?;
        for j in 0..k {
            units[j * n + start + j] = T::zero();
            each(start + j, &out[j * n..][..n]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::from_fn;
    use crate::krylov::testing::Reflected;

    #[test]
    fn a_prescribed_spectrum_comes_back() {
        let values: Vec<f64> = (0..150).map(|i| f64::from(i) * 0.1 - 3.0).collect();
        let mut operator = Reflected::new(values.clone(), 1);
        let matrix = dense::<f64>(&mut operator, 7).unwrap();
        assert!(matrix.asymmetry < 1e-14);
        assert_eq!(matrix.products, 150);
        for (found, expected) in matrix.eigenvalues().iter().zip(&values) {
            assert!((found - expected).abs() < 1e-11);
        }
        assert!((matrix.trace() - values.iter().sum::<f64>()).abs() < 1e-10);
        let square: f64 = values.iter().map(|v| v * v).sum();
        assert!((matrix.frobenius() - square.sqrt()).abs() < 1e-10);
        let eigen = matrix.eigen();
        let mut product = vec![0.0; 150];
        for i in 0..150 {
            operator.apply(eigen.vector(i), &mut product).unwrap();
            assert!(crate::krylov::vectors::residual(&product, eigen.values[i], eigen.vector(i)) < 1e-11);
        }
    }

    #[test]
    fn an_asymmetric_operator_is_reported() {
        let mut skewed = from_fn(2, |v: &[f64], out| out.copy_from_slice(&[v[0] + v[1], v[1]]));
        let matrix = dense(&mut skewed, 1).unwrap();
        assert!((matrix.asymmetry - (2f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn products_that_are_not_finite_stop_with_evidence() {
        let mut broken = from_fn(3, |v: &[f64], out| {
            out.copy_from_slice(v);
            if v[2] == 1.0 {
                out[1] = f64::NAN;
            }
        });
        let stop = dense(&mut broken, 1).unwrap_err();
        assert!(matches!(stop, Stop::NonFinite { count: 3, index: 1, .. }), "{stop}");
        let mut empty = from_fn(0, |_: &[f64], _| {});
        assert!(dense(&mut empty, 4).unwrap().eigenvalues().is_empty());
    }
}
