//! Conjugate gradients.

use crate::krylov::products::Products;
use crate::krylov::vectors::subtract;
use crate::krylov::{Solution, SolveOptions, SolveOutcome, SymmetricOperator};
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// Solves (A + shift·I) x = b for a positive definite matrix by conjugate
/// gradients (Hestenes & Stiefel 1952), from x = 0, and ends at the first
/// search direction p with pᵀ(A + shift·I)p ≤ 0, which it returns
/// (as in Nocedal & Wright, Algorithm 7.1); x is then the last iterate before it.
///
/// Along the iterates the quadratic ½xᵀAx − bᵀx falls and ‖x‖ grows. Memory: 4n numbers.
///
/// # Panics
/// If b does not have length n.
///
/// ```
/// use thalweg_lab::krylov::{SolveOptions, SolveOutcome, conjugate_gradients, from_fn};
///
/// let mut operator = from_fn(3, |v: &[f64], out| {
///     for i in 0..3 {
///         out[i] = (i + 1) as f64 * v[i];
///     }
/// });
/// let solution = conjugate_gradients(&mut operator, &[1.0; 3], &SolveOptions::default()).unwrap();
/// assert_eq!(solution.outcome, SolveOutcome::Converged);
/// assert!((solution.x[2] - 1.0 / 3.0).abs() < 1e-12);
/// ```
pub fn conjugate_gradients<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    b: &[T],
    options: &SolveOptions,
) -> Result<Solution<T>, Stop> {
    let mut products = Products::new(operator);
    let n = products.dimension();
    assert_eq!(b.len(), n, "the right-hand side has the operator's dimension");
    let mut x = vec![T::zero(); n];
    let (mut r, mut p) = (b.to_vec(), b.to_vec());
    let mut product = vec![T::zero(); n];
    let mut square = dot(b, b);
    let target = options.tolerance * norm(b);
    let outcome = loop {
        if square.sqrt() <= target {
            break SolveOutcome::Converged;
        }
        if products.count() >= options.max_products {
            break SolveOutcome::Exhausted;
        }
        products.apply(&p, &mut product)?;
        let length = dot(&p, &p);
        let curvature = products.finite(dot(&p, &product) + options.shift * length)?;
        if curvature <= 0.0 {
            break SolveOutcome::NonpositiveCurvature { direction: p, curvature: curvature / length };
        }
        let step = square / curvature;
        subtract(&mut x, &p, &[-step], n);
        subtract(&mut r, &product, &[step], n);
        subtract(&mut r, &p, &[step * options.shift], n);
        let before = std::mem::replace(&mut square, dot(&r, &r));
        let turn = square / before;
        for (p, r) in p.iter_mut().zip(&r) {
            *p = T::of(r.wide() + turn * p.wide());
        }
    };
    Ok(Solution { x, residual: square.sqrt(), outcome, products: products.count() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::from_fn;
    use crate::krylov::testing::{Reflected, true_residual};
    use crate::random::Stream;

    fn side<T: Scalar>(n: usize) -> Vec<T> {
        let mut b = vec![T::zero(); n];
        Stream::new(1, "b", 0).fill_normal(&mut b);
        b
    }

    #[test]
    fn definite_systems_are_solved_in_as_many_steps_as_there_are_eigenvalues() {
        let values: Vec<f64> = (0..200).map(|i| 1.0 + f64::from(i % 5)).collect();
        let mut operator = Reflected::new(values, 1);
        let options = SolveOptions { tolerance: 1e-12, ..Default::default() };
        let b = side(200);
        let found = conjugate_gradients::<f64>(&mut operator, &b, &options).unwrap();
        assert_eq!((&found.outcome, found.products), (&SolveOutcome::Converged, 5));
        let residual = true_residual(&mut operator, &found.x, &b, 0.0);
        assert!(residual < 1e-11 * norm(&b) && (residual - found.residual).abs() < 1e-12);
    }

    #[test]
    fn the_error_falls_as_the_condition_number_allows() {
        let values: Vec<f64> = (0..300).map(|i| 1.0 + 99.0 * f64::from(i) / 299.0).collect();
        let mut operator = Reflected::new(values.clone(), 2);
        let b = side(300);
        let exact_options = SolveOptions { tolerance: 1e-14, max_products: 400, ..Default::default() };
        let exact = conjugate_gradients::<f64>(&mut operator, &b, &exact_options).unwrap().x;
        let mut energy = |x: &[f64]| {
            let e: Vec<f64> = x.iter().zip(&exact).map(|(x, y)| x - y).collect();
            let mut out = vec![0.0; 300];
            operator.apply(&e, &mut out).unwrap();
            dot(&e, &out).sqrt()
        };
        let start = energy(&[0.0; 300]);
        for k in [5, 15, 30] {
            let options = SolveOptions { tolerance: 0.0, max_products: k, ..Default::default() };
            let found =
                conjugate_gradients::<f64>(&mut Reflected::new(values.clone(), 2), &b, &options).unwrap();
            assert_eq!(found.outcome, SolveOutcome::Exhausted);
            // 2 ((√κ − 1)/(√κ + 1))ᵏ with κ = 100.
            assert!(energy(&found.x) <= 2.0 * (9f64 / 11.0).powi(k as i32) * start);
        }
    }

    #[test]
    fn negative_curvature_is_found_and_true() {
        let mut values: Vec<f64> = (1..100).map(f64::from).collect();
        values.push(-0.5);
        let mut operator = Reflected::new(values, 3);
        let b = side(100);
        let options = SolveOptions { tolerance: 1e-10, ..Default::default() };
        let found = conjugate_gradients::<f64>(&mut operator, &b, &options).unwrap();
        let SolveOutcome::NonpositiveCurvature { direction, curvature } = found.outcome else {
            panic!("{:?}", found.outcome)
        };
        let mut product = vec![0.0; 100];
        operator.apply(&direction, &mut product).unwrap();
        let expected = dot(&direction, &product) / dot(&direction, &direction);
        assert!(curvature < 0.0 && (curvature - expected).abs() < 1e-10);
        assert!(dot(&direction, &b) > 0.0);
        let shifted = SolveOptions { shift: 1.0, ..options };
        let found = conjugate_gradients::<f64>(&mut operator, &b, &shifted).unwrap();
        assert_eq!(found.outcome, SolveOutcome::Converged);
        assert!(true_residual(&mut operator, &found.x, &b, 1.0) < 1e-9 * norm(&b));
    }

    #[test]
    fn single_precision_and_trivial_sides() {
        let mut operator = Reflected::new((1..=50).map(f64::from).collect(), 4);
        let found = conjugate_gradients::<f32>(
            &mut operator,
            &side(50),
            &SolveOptions { tolerance: 1e-4, ..Default::default() },
        )
        .unwrap();
        assert_eq!(found.outcome, SolveOutcome::Converged);
        let mut zero = from_fn(4, |_: &[f64], out| out.fill(0.0));
        let found = conjugate_gradients(&mut zero, &[0.0; 4], &SolveOptions::default()).unwrap();
        assert_eq!((found.outcome, found.products), (SolveOutcome::Converged, 0));
        let found = conjugate_gradients(&mut zero, &[1.0; 4], &SolveOptions::default()).unwrap();
        assert!(matches!(found.outcome, SolveOutcome::NonpositiveCurvature { curvature: 0.0, .. }));
    }
}
