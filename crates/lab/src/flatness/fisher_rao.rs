//! The Fisher-Rao norm.

use crate::krylov::SymmetricOperator as _;
use crate::vector::dot;
use crate::{Curvature, Oracle, Scalar, Stop};

/// √⟨θ, F θ⟩ with the Fisher matrix F, the expectation over targets taken exactly. One product.
///
/// It is a property of the function that a ReLU network computes, not of its weights: rescaling units leaves it
/// unchanged (without weight decay, which is no part of F).
///
/// Source: Liang, Poggio, Rakhlin & Stokes, *Fisher-Rao metric, geometry, and complexity of neural networks*
/// (AISTATS 2019), Definition 2.
///
/// # Errors
/// Where there is no Fisher matrix, or a number is not finite.
pub fn fisher_rao<T: Scalar>(oracle: &Oracle<'_, T>, x: &[T]) -> Result<f64, Stop> {
    let mut product = vec![T::zero(); x.len()];
    oracle.linearize(x, Curvature::Fisher)?.apply(x, &mut product)?;
    Ok(dot(x, &product).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::diagonal;

    /// Of unit Gaussians with means linear in θ the Fisher matrix is the Hessian.
    #[test]
    fn it_is_the_length_in_the_fisher_metric() {
        let f = diagonal(&[4.0, 1.0, 0.0]);
        let found = fisher_rao(&Oracle::<f64>::new(&f), &[1.0, 3.0, 9.0]).unwrap();
        assert!((found - 13f64.sqrt()).abs() < 1e-14);
    }
}
