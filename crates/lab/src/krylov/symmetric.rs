//! Eigenvalues of small symmetric matrices that are held whole.

use faer::diag::{Diag, DiagRef};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{self, ComputeEigenvectors};
use faer::{Mat, MatMut, MatRef, Par, Spec};

const CONVERGES: &str = "the QR iteration on a finite symmetric matrix converges within its 30 n² steps";

/// The eigenpairs of a symmetric matrix that is held whole.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Eigen {
    /// Eigenvalues in ascending order (m).
    pub values: Vec<f64>,
    /// Orthonormal eigenvectors, one a row (m × m).
    #[serde(skip)]
    pub vectors: Vec<f64>,
}

impl Eigen {
    /// Eigenvector i.
    pub fn vector(&self, i: usize) -> &[f64] {
        &self.vectors[i * self.values.len()..][..self.values.len()]
    }

    fn new(values: &Diag<f64>, vectors: &Mat<f64>) -> Self {
        let m = vectors.ncols();
        Self {
            values: (0..m).map(|i| values[i]).collect(),
            // faer stores columns contiguously: its column i is our row i.
            vectors: (0..m).flat_map(|i| vectors.col(i).iter().copied()).collect(),
        }
    }
}

/// The eigenpairs of an m × m symmetric matrix; its lower triangle is read.
pub fn eigen(matrix: &[f64], m: usize) -> Eigen {
    let mut vectors = Mat::zeros(m, m);
    let values = decompose(matrix, m, Some(vectors.as_mut()));
    Eigen::new(&values, &vectors)
}

/// The eigenvalues alone, in ascending order.
pub fn eigenvalues(matrix: &[f64], m: usize) -> Vec<f64> {
    let values = decompose(matrix, m, None);
    (0..m).map(|i| values[i]).collect()
}

/// The eigenpairs of the tridiagonal matrix with diagonal `alphas` (m) and
/// subdiagonal `betas`, of which the first m − 1 are read.
pub fn tridiagonal(alphas: &[f64], betas: &[f64]) -> Eigen {
    let m = alphas.len();
    if m == 0 {
        return Eigen::default();
    }
    let (mut values, mut vectors) = (Diag::zeros(m), Mat::zeros(m, m));
    let mut below = betas[..m - 1].to_vec();
    below.push(0.0);
    evd::tridiagonal_self_adjoint_evd(
        DiagRef::from_slice(alphas),
        DiagRef::from_slice(&below),
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut workspace(m, ComputeEigenvectors::Yes)),
        Spec::default(),
    )
    .expect(CONVERGES);
    Eigen::new(&values, &vectors)
}

/// The eigenvalues alone of such a matrix, in ascending order.
pub fn eigenvalues_of_tridiagonal(alphas: &[f64], betas: &[f64]) -> Vec<f64> {
    let m = alphas.len();
    if m == 0 {
        return Vec::new();
    }
    let mut values = Diag::zeros(m);
    let mut below = betas[..m - 1].to_vec();
    below.push(0.0);
    evd::tridiagonal_self_adjoint_evd(
        DiagRef::from_slice(alphas),
        DiagRef::from_slice(&below),
        values.as_mut(),
        None,
        Par::Seq,
        MemStack::new(&mut workspace(m, ComputeEigenvectors::No)),
        Spec::default(),
    )
    .expect(CONVERGES);
    (0..m).map(|i| values[i]).collect()
}

/// One thread: the result must not depend on how many there are.
fn decompose(matrix: &[f64], m: usize, vectors: Option<MatMut<'_, f64>>) -> Diag<f64> {
    let mut values = Diag::zeros(m);
    if m > 0 {
        let wanted = if vectors.is_some() { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
        evd::self_adjoint_evd(
            MatRef::from_row_major_slice(matrix, m, m),
            values.as_mut(),
            vectors,
            Par::Seq,
            MemStack::new(&mut workspace(m, wanted)),
            Spec::default(),
        )
        .expect(CONVERGES);
    }
    values
}

fn workspace(m: usize, wanted: ComputeEigenvectors) -> MemBuffer {
    MemBuffer::new(evd::self_adjoint_evd_scratch::<f64>(m, wanted, Par::Seq, Spec::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// The path graph's Laplacian-like matrix 2, −1 has eigenvalues 2 − 2 cos(iπ/(m+1)).
    #[test]
    fn second_differences_have_their_known_spectrum() {
        for m in [1usize, 2, 3, 40, 300] {
            let (alphas, betas) = (vec![2.0; m], vec![-1.0; m - 1]);
            let found = tridiagonal(&alphas, &betas);
            let mut matrix = vec![0.0; m * m];
            for i in 0..m {
                matrix[i * m + i] = 2.0;
                if i > 0 {
                    matrix[i * m + i - 1] = -1.0;
                    matrix[(i - 1) * m + i] = -1.0;
                }
            }
            let dense = eigen(&matrix, m);
            let alone = eigenvalues(&matrix, m);
            for i in 0..m {
                let exact = 2.0 - 2.0 * ((i + 1) as f64 * PI / (m + 1) as f64).cos();
                for (eigen, value) in
                    [(&found, found.values[i]), (&dense, dense.values[i]), (&dense, alone[i])]
                {
                    assert!((value - exact).abs() < 1e-13, "{m} {i}: {value} {exact}");
                    let v = eigen.vector(i);
                    for row in 0..m {
                        let product: f64 = (0..m).map(|c| matrix[row * m + c] * v[c]).sum();
                        assert!((product - exact * v[row]).abs() < 1e-12);
                    }
                }
            }
        }
    }

    #[test]
    fn degenerate_matrices_are_no_trouble() {
        assert!(tridiagonal(&[], &[]).values.is_empty());
        assert!(eigen(&[], 0).values.is_empty());
        assert_eq!(tridiagonal(&[0.0; 200], &[0.0; 199]).values, vec![0.0; 200]);
        assert_eq!(eigen(&[0.0; 9], 3).values, vec![0.0; 3]);
        let split = tridiagonal(&[3.0, 1.0, 2.0], &[0.0, 0.0]);
        assert_eq!(split.values, vec![1.0, 2.0, 3.0]);
    }
}
