//! Cholesky factors of small matrices that may turn out to be indefinite.

use crate::vector::dot;

/// Where a factorization broke down: the leading block before `place` is positive definite, and
/// raising the entry at `place` on the diagonal by more than `lack` ≥ 0 makes the next one so.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::optim) struct Breakdown {
    pub lack: f64,
    /// u with uᵀ(A + shift·I)u = −lack, and u = 1 at `place`.
    pub direction: Vec<f64>,
}

/// L (n × n, row-major, lower) with LLᵀ = A + shift·D, where D is diagonal (n) or, if empty, I.
pub(in crate::optim) fn factor(
    matrix: &[f64],
    n: usize,
    shift: f64,
    weights: &[f64],
) -> Result<Vec<f64>, Breakdown> {
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..i {
            let sum = dot(&l[i * n..i * n + j], &l[j * n..j * n + j]);
            l[i * n + j] = (matrix[i * n + j] - sum) / l[j * n + j];
        }
        let row = &l[i * n..i * n + i];
        let weight = weights.get(i).copied().unwrap_or(1.0);
        let pivot = matrix[i * n + i] + shift * weight - dot(row, row);
        if pivot <= 0.0 || !pivot.is_finite() {
            let mut direction: Vec<f64> = row.iter().map(|v| -v).collect();
            direction.resize(n, 0.0);
            backward(&l, n, i, &mut direction);
            direction[i] = 1.0;
            return Err(Breakdown { lack: -pivot, direction });
        }
        l[i * n + i] = pivot.sqrt();
    }
    Ok(l)
}

/// Solves LLᵀ x = b in place.
pub(in crate::optim) fn solve(l: &[f64], n: usize, b: &mut [f64]) {
    forward(l, n, b);
    backward(l, n, n, b);
}

/// Solves L x = b in place.
pub(in crate::optim) fn forward(l: &[f64], n: usize, b: &mut [f64]) {
    for i in 0..n {
        b[i] = (b[i] - dot(&l[i * n..i * n + i], &b[..i])) / l[i * n + i];
    }
}

/// Solves Lᵀ x = b in place, for the leading m rows.
pub(in crate::optim) fn backward(l: &[f64], n: usize, m: usize, b: &mut [f64]) {
    for i in (0..m).rev() {
        b[i] /= l[i * n + i];
        let value = b[i];
        for j in 0..i {
            b[j] -= l[i * n + j] * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_multiply_to_the_matrix_and_solve_it() {
        let a = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let l = factor(&a, 3, 0.5, &[1.0, 2.0, 0.0]).unwrap();
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| l[i * 3 + k] * l[j * 3 + k]).sum();
                let expected = a[i * 3 + j] + if i == j { [0.5, 1.0, 0.0][i] } else { 0.0 };
                assert!((product - expected).abs() < 1e-14);
            }
        }
        let mut x = [1.0, -2.0, 3.0];
        let l = factor(&a, 3, 0.0, &[]).unwrap();
        solve(&l, 3, &mut x);
        for (row, b) in a.chunks(3).zip([1.0, -2.0, 3.0]) {
            assert!((dot(row, &x) - b).abs() < 1e-13);
        }
    }

    #[test]
    fn a_breakdown_proves_itself() {
        let a = [2.0, 1.0, 0.5, 1.0, 3.0, 2.0, 0.5, 2.0, -1.0];
        let found = factor(&a, 3, 0.25, &[]).unwrap_err();
        let u = &found.direction;
        let quadratic: f64 = (0..3).map(|i| u[i] * (dot(&a[i * 3..i * 3 + 3], u) + 0.25 * u[i])).sum();
        assert!(found.lack > 0.0 && (quadratic + found.lack).abs() < 1e-13);
        assert_eq!(u[2], 1.0);
    }
}
