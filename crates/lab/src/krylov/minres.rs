//! Minimum residuals.

use crate::krylov::products::Products;
use crate::krylov::vectors::{scale, subtract};
use crate::krylov::{Solution, SolveOptions, SolveOutcome, SymmetricOperator, negligible};
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// Solves (A + shift·I) x = b for a symmetric, possibly indefinite or singular
/// matrix by MINRES (Paige & Saunders 1975), from x = 0: every iterate has the
/// smallest residual in its Krylov space.
///
/// Where b is not in the range, it ends with [`SolveOutcome::LeastSquares`]
/// once ‖Ar‖ ≤ tolerance · ‖A‖ · ‖r‖. With `stop_at_nonpositive_curvature` it
/// ends at the first iterate whose residual r has rᵀAr ≤ 0, with r as the
/// direction and x the iterate before, as Newton-MR uses it (Liu & Roosta
/// 2022, Algorithm 1: the test −cₖ₋₁γₖ ≤ 0 costs nothing). Without
/// reorthogonalization; memory: 6n numbers.
///
/// # Panics
/// If b does not have length n.
///
/// ```
/// use thalweg_lab::krylov::{SolveOptions, SolveOutcome, from_fn, minres};
///
/// let mut operator = from_fn(2, |v: &[f64], out| out.copy_from_slice(&[v[1], v[0]]));
/// let solution = minres(&mut operator, &[3.0, 4.0], &SolveOptions::default()).unwrap();
/// assert_eq!(solution.outcome, SolveOutcome::Converged);
/// assert!((solution.x[0] - 4.0).abs() < 1e-12);
/// ```
pub fn minres<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    b: &[T],
    options: &SolveOptions,
) -> Result<Solution<T>, Stop> {
    let mut products = Products::new(operator);
    let n = products.dimension();
    assert_eq!(b.len(), n, "the right-hand side has the operator's dimension");
    let length = norm(b);
    let mut x = vec![T::zero(); n];
    let mut r = b.to_vec();
    let mut v = b.to_vec();
    if length > 0.0 {
        scale(&mut v, 1.0 / length);
    }
    let mut v_before = vec![T::zero(); n];
    let (mut d, mut d_before) = (vec![T::zero(); n], vec![T::zero(); n]);
    let mut product = vec![T::zero(); n];
    let mut residual = length;
    let (mut beta, mut cos, mut sin, mut delta, mut epsilon) = (0.0, -1.0, 0.0, 0.0, 0.0);
    let mut size = 0.0f64;
    let outcome = loop {
        if residual <= options.tolerance * length {
            break SolveOutcome::Converged;
        }
        if products.count() >= options.max_products {
            break SolveOutcome::Exhausted;
        }
        // One step of Lanczos.
        products.apply(&v, &mut product)?;
        subtract(&mut product, &v, &[-options.shift], n);
        size = size.max(products.finite(norm(&product))?);
        let alpha = dot(&v, &product);
        subtract(&mut product, &v, &[alpha], n);
        subtract(&mut product, &v_before, &[beta], n);
        let mut beta_next = norm(&product);
        if beta_next <= negligible::<T>(size) {
            beta_next = 0.0;
        }
        // The last rotation, applied to the new column of the tridiagonal matrix.
        let upper = cos * delta + sin * alpha;
        let gamma = sin * delta - cos * alpha;
        let (epsilon_next, delta_next) = (sin * beta_next, -cos * beta_next);
        // ‖Ar‖ of the residual so far is ‖r‖ times this; and ‖Ax‖² = ‖b‖² − ‖r‖², since r is orthogonal to Ax.
        let slope = gamma.hypot(delta_next);
        let image = (length * length - residual * residual).max(0.0).sqrt();
        if slope * residual < options.inexactness * image {
            break SolveOutcome::LeastSquares;
        }
        if options.stop_at_nonpositive_curvature && -cos * gamma <= 0.0 {
            break SolveOutcome::NonpositiveCurvature { direction: r, curvature: -cos * gamma };
        }
        if slope <= options.tolerance.max(negligible::<T>(1.0)) * size {
            break SolveOutcome::LeastSquares;
        }
        let pivot = gamma.hypot(beta_next);
        (cos, sin) = (gamma / pivot, beta_next / pivot);
        let step = cos * residual;
        residual *= sin;
        for i in 0..n {
            let next = (v[i].wide() - upper * d[i].wide() - epsilon * d_before[i].wide()) / pivot;
            d_before[i] = T::of(next);
            x[i] = T::of(x[i].wide() + step * next);
        }
        std::mem::swap(&mut d, &mut d_before);
        if beta_next > 0.0 {
            scale(&mut product, 1.0 / beta_next);
        }
        std::mem::swap(&mut v_before, &mut v);
        std::mem::swap(&mut v, &mut product);
        for (r, v) in r.iter_mut().zip(&v) {
            *r = T::of(sin * sin * r.wide() - residual * cos * v.wide());
        }
        (beta, delta, epsilon) = (beta_next, delta_next, epsilon_next);
    };
    Ok(Solution { x, residual, outcome, products: products.count() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::from_fn;
    use crate::krylov::testing::{Reflected, Whole, true_residual};
    use crate::random::Stream;

    fn side<T: Scalar>(n: usize) -> Vec<T> {
        let mut b = vec![T::zero(); n];
        Stream::new(2, "b", 0).fill_normal(&mut b);
        b
    }

    #[test]
    fn indefinite_systems_are_solved() {
        let values: Vec<f64> =
            (0..150).map(|i| if i % 3 == 0 { -1.0 } else { 1.0 } * (1.0 + f64::from(i) / 10.0)).collect();
        let mut operator = Reflected::new(values, 1);
        let b = side(150);
        let options = SolveOptions { tolerance: 1e-10, max_products: 300, ..Default::default() };
        for shift in [0.0, 0.05] {
            let found = minres::<f64>(&mut operator, &b, &SolveOptions { shift, ..options }).unwrap();
            assert_eq!(found.outcome, SolveOutcome::Converged);
            let residual = true_residual(&mut operator, &found.x, &b, shift);
            assert!(residual <= 2e-10 * norm(&b) && (residual - found.residual).abs() < 1e-11 * norm(&b));
        }
        let loose = SolveOptions { tolerance: 1e-4, ..options };
        let found = minres::<f32>(&mut operator, &side(150), &loose).unwrap();
        assert_eq!(found.outcome, SolveOutcome::Converged);
    }

    #[test]
    fn directions_of_a_shifted_matrix_are_certificates() {
        let shift = 0.05;
        for seed in 0..20 {
            let mut operator = Whole::wigner(60, seed);
            let options = SolveOptions {
                shift,
                tolerance: 0.0,
                stop_at_nonpositive_curvature: true,
                ..SolveOptions::default()
            };
            let found = minres::<f64>(&mut operator, &side(60), &options).unwrap();
            let SolveOutcome::NonpositiveCurvature { direction, .. } = found.outcome else {
                panic!("half of the spectrum is negative: {:?}", found.outcome)
            };
            let mut product = vec![0.0; 60];
            operator.apply(&direction, &mut product).unwrap();
            let curvature = dot(&direction, &product) / dot(&direction, &direction);
            assert!(curvature <= -shift * (1.0 - 1e-10), "{seed}: {curvature}");
        }
    }

    #[test]
    fn inexactness_bounds_the_normal_residual() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        let mut operator = Reflected::new(values, 4);
        let b = side(100);
        for inexactness in [0.5, 0.1, 0.01] {
            let options = SolveOptions { tolerance: 0.0, inexactness, ..SolveOptions::default() };
            let found = minres::<f64>(&mut operator, &b, &options).unwrap();
            assert_eq!(found.outcome, SolveOutcome::LeastSquares);
            let mut image = vec![0.0; 100];
            operator.apply(&found.x, &mut image).unwrap();
            let residual: Vec<f64> = b.iter().zip(&image).map(|(b, a)| b - a).collect();
            let mut slope = vec![0.0; 100];
            operator.apply(&residual, &mut slope).unwrap();
            assert!(norm(&slope) <= inexactness * norm(&image) * (1.0 + 1e-9));
            assert!(norm(&slope) >= 0.1 * inexactness * norm(&image), "no earlier than needed");
        }
    }

    #[test]
    fn iterates_have_the_smallest_residual_of_their_space() {
        let mut operator = Whole::wigner(40, 2);
        let b = side::<f64>(40);
        for k in [1, 2, 5] {
            let options = SolveOptions { tolerance: 0.0, max_products: k, ..Default::default() };
            let found = minres::<f64>(&mut operator, &b, &options).unwrap();
            let space = crate::krylov::lanczos(&mut operator, &b, k as usize).unwrap().basis;
            // Optimal if the residual is orthogonal to A times the space.
            let mut images = vec![0.0; space.len()];
            operator.apply(&space, &mut images).unwrap();
            let mut product = vec![0.0; 40];
            operator.apply(&found.x, &mut product).unwrap();
            let r: Vec<f64> = b.iter().zip(&product).map(|(b, p)| b - p).collect();
            for image in images.chunks_exact(40) {
                assert!(dot(&r, image).abs() < 1e-12, "{k}");
            }
            assert!((norm(&r) - found.residual).abs() < 1e-13);
        }
    }

    #[test]
    fn singular_systems_end_with_least_squares() {
        let values: Vec<f64> = (0..60).map(|i| if i < 20 { 0.0 } else { f64::from(i % 7) - 3.5 }).collect();
        let mut operator = Reflected::new(values, 3);
        let b = side::<f64>(60);
        let options = SolveOptions { tolerance: 1e-9, ..Default::default() };
        let found = minres::<f64>(&mut operator, &b, &options).unwrap();
        assert_eq!(found.outcome, SolveOutcome::LeastSquares);
        let mut image = vec![0.0; 60];
        operator.apply(&found.x, &mut image).unwrap();
        let r: Vec<f64> = b.iter().zip(&image).map(|(b, p)| b - p).collect();
        operator.apply(&r, &mut image).unwrap();
        assert!(norm(&image) < 1e-7 * norm(&r), "{}", norm(&image));
        assert!((norm(&r) - found.residual).abs() < 1e-9);
        let mut zero = from_fn(4, |_: &[f64], out| out.fill(0.0));
        assert_eq!(minres(&mut zero, &[1.0; 4], &options).unwrap().outcome, SolveOutcome::LeastSquares);
        assert_eq!(minres(&mut zero, &[0.0; 4], &options).unwrap().outcome, SolveOutcome::Converged);
    }

    #[test]
    fn nonpositive_curvature_is_found_and_true() {
        let mut values: Vec<f64> = (1..100).map(f64::from).collect();
        values.push(-0.5);
        let mut operator = Reflected::new(values, 4);
        let b = side::<f64>(100);
        let options =
            SolveOptions { tolerance: 1e-10, stop_at_nonpositive_curvature: true, ..Default::default() };
        let found = minres::<f64>(&mut operator, &b, &options).unwrap();
        let SolveOutcome::NonpositiveCurvature { direction, curvature } = found.outcome else {
            panic!("{:?}", found.outcome)
        };
        let mut product = vec![0.0; 100];
        operator.apply(&found.x, &mut product).unwrap();
        let r: Vec<f64> = b.iter().zip(&product).map(|(b, p)| b - p).collect();
        assert!(r.iter().zip(&direction).all(|(a, b)| (a - b).abs() < 1e-9));
        operator.apply(&direction, &mut product).unwrap();
        let expected = dot(&direction, &product) / dot(&direction, &direction);
        assert!(curvature < 0.0 && (curvature - expected).abs() < 1e-7, "{curvature} {expected}");
        let definite = SolveOptions { shift: 1.0, ..options };
        assert_eq!(minres(&mut operator, &b, &definite).unwrap().outcome, SolveOutcome::Converged);
    }
}
