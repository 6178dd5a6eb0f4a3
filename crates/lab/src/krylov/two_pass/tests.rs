use super::*;
use crate::krylov::testing::{Kept, Reflected, Whole};
use crate::krylov::vectors::residual;
use crate::krylov::{ExtremalOptions, Keep, SymmetricOperator, extremal_eigenpairs};
use crate::vector::dot;

fn plan<T: Scalar>(n: usize, top: usize, bottom: usize, max_products: u64) -> Plan {
    let options = ExtremalOptions { top, bottom, max_products, ..ExtremalOptions::default() };
    Plan::new::<T>(&options, n, crate::krylov::BasisKind::None)
}

/// The residuals of the vectors that the second pass makes, with what the first pass said of them.
fn residuals<T: Scalar>(operator: &mut dyn SymmetricOperator<T>, plan: &Plan) -> Vec<(f64, f64)> {
    let (ends, vectors) = {
        let mut products = Products::new(operator);
        let (ends, _) = values(&mut products, plan).unwrap();
        let vectors = vectors(&mut products, plan, &ends).unwrap();
        (ends, vectors)
    };
    let mut product = vec![T::zero(); plan.n];
    ends.iter()
        .zip(&vectors)
        .map(|(good, y)| {
            operator.apply(y, &mut product).unwrap();
            assert!((dot(y, &product) - good.value).abs() <= good.bound + 1e-9);
            (residual(&product, good.value, y), good.bound)
        })
        .collect()
}

#[test]
fn residuals_are_the_bounds_of_the_first_pass() {
    // Cut short before anything converges, so that orthogonality is whole and the bound is the residual.
    for most in [60, 80, 120] {
        let found = residuals::<f64>(&mut Whole::wigner(300, 1), &plan::<f64>(300, 2, 2, most));
        for (residual, bound) in found {
            assert!(bound > 1e-8 && (residual - bound).abs() < 1e-9, "{residual} {bound}");
        }
    }
    // Converged ones keep within it, up to what lost orthogonality adds.
    let found = residuals::<f64>(&mut Whole::wigner(300, 1), &plan::<f64>(300, 2, 2, 2000));
    assert!(
        found.iter().all(|(residual, bound)| *bound < 1e-5 && *residual < 2.0 * bound + 1e-9),
        "{found:?}"
    );
    let found = residuals::<f32>(&mut Whole::wigner(300, 1), &plan::<f32>(300, 1, 1, 2000));
    assert!(found.iter().all(|(residual, bound)| *residual < 2.0 * bound + 1e-4), "{found:?}");
}

#[test]
fn ghosts_are_recognised() {
    // Outliers that converge within a few steps come back as copies in the hundreds that follow.
    let n = 500;
    let mut exact: Vec<f64> = (0..n - 4).map(|i| (i as f64 / n as f64).powi(2)).collect();
    exact.extend([100.0, 60.0, 1.5, -40.0]);
    let mut operator = Reflected::new(exact, 3);
    let plan = Plan { tolerance: 1e-11, ..plan::<f64>(n, 4, 2, 900) };
    let mut products: Products<'_, f64> = Products::new(&mut operator);
    let (ends, seen) = values(&mut products, &plan).unwrap();
    assert!(seen.repeated > 3, "{} copies", seen.repeated);
    let close =
        |good: &Good, exact: f64| assert!((good.value - exact).abs() < 1e-8, "{} {exact}", good.value);
    for (good, exact) in ends.iter().zip([100.0, 60.0, 1.5]) {
        close(good, exact);
    }
    close(&ends[4], -40.0);
    // No value stands in the list twice.
    for pair in seen.good.windows(2) {
        assert!(pair[1].value - pair[0].value > 1e-12);
    }
}

#[test]
fn the_second_pass_repeats_the_first() {
    let values: Vec<f64> = (0..400).map(|i| f64::from(i).sqrt()).collect();
    let mut operator = Kept(Reflected::new(values, 5), Keep::Nowhere);
    let options = ExtremalOptions { top: 3, bottom: 0, tolerance: 1e-8, ..ExtremalOptions::default() };
    let found = extremal_eigenpairs::<f64>(&mut operator, &options).unwrap();
    assert!(found.converged() && !found.confirmed && found.restarts == 0, "{found:?}");
    assert_eq!(found.products, operator.0.products);
    assert_eq!(found, extremal_eigenpairs::<f64>(&mut operator, &options).unwrap());
    for (i, pair) in found.top.iter().enumerate() {
        assert!((pair.value - (399.0 - i as f64).sqrt()).abs() < 1e-12);
        assert!((norm(&pair.vector) - 1.0).abs() < 1e-12);
        for other in &found.top[..i] {
            assert!(dot(&pair.vector, &other.vector).abs() < 1e-6);
        }
    }
}

#[test]
fn a_budget_is_kept_and_multiple_values_count_once() {
    let mut exact: Vec<f64> = (0..600).map(|i| f64::from(i) / 600.0).collect();
    exact.extend([5.0, 5.0, 5.0, 3.0]);
    let mut operator = Kept(Reflected::new(exact, 6), Keep::Nowhere);
    for max_products in [0, 10, 57, 400] {
        operator.0.products = 0;
        let options = ExtremalOptions { top: 2, bottom: 0, max_products, ..ExtremalOptions::default() };
        let found = extremal_eigenpairs::<f64>(&mut operator, &options).unwrap();
        assert!(operator.0.products <= max_products.max(10), "{} of {max_products}", operator.0.products);
        if max_products == 400 {
            assert!((found.top[0].value - 5.0).abs() < 1e-8 && (found.top[1].value - 3.0).abs() < 1e-8);
        }
    }
    let mut zero = Kept(crate::krylov::from_fn(300, |_: &[f64], out| out.fill(0.0)), Keep::Nowhere);
    let found = extremal_eigenpairs(&mut zero, &ExtremalOptions::default()).unwrap();
    assert_eq!((found.top[0].value, found.top[0].residual), (0.0, 0.0));
}
