use super::*;
use crate::krylov::from_fn;
use crate::krylov::testing::{Reflected, Whole};
use crate::krylov::vectors::gram;
use proptest::prelude::*;

/// Checks values against the exact spectrum and residuals, which must also be honest.
fn check<T: Scalar>(found: &Extremal<T>, mut exact: Vec<f64>, slack: f64) {
    exact.sort_by(f64::total_cmp);
    let n = exact.len();
    let scale = exact[0].abs().max(exact[n - 1].abs());
    for (pair, expected) in found.bottom.iter().zip(&exact).chain(found.top.iter().zip(exact.iter().rev())) {
        assert!(pair.converged, "{} {}", pair.value, pair.residual);
        let error = (pair.value - expected).abs();
        assert!(error <= slack * scale, "{} is not {expected}, residual {}", pair.value, pair.residual);
        assert!(error <= pair.residual + (1e-2 * slack + 1e-14) * scale);
    }
}

fn orthonormal<T: Scalar>(pairs: &[Eigenpair<T>], tolerance: f64) {
    let m = pairs.len();
    let rows: Vec<T> = pairs.iter().flat_map(|p| p.vector.iter().copied()).collect();
    let mut g = vec![0.0; m * m];
    gram(&rows, &rows, rows.len() / m, &mut g);
    for i in 0..m * m {
        assert!((g[i] - f64::from(u8::from(i / m == i % m))).abs() < tolerance, "{}", g[i]);
    }
}

/// A bulk near zero with large outliers and a few small negative values, as a trained network's Hessian has.
fn hessian_like(n: usize) -> Vec<f64> {
    let mut values: Vec<f64> = (0..n - 13).map(|i| 0.05 * ((i as f64 + 0.5) / n as f64).powi(6)).collect();
    values.extend((0..10).map(|i| 30.0 / f64::from(1 << i) + 0.5));
    values.extend([-0.4, -0.2, -0.1]);
    values
}

#[test]
fn outliers_of_a_bulk_in_both_precisions() {
    let exact = hessian_like(2000);
    let options = ExtremalOptions { top: 10, bottom: 3, max_products: 1200, ..Default::default() };
    let mut operator = Reflected::new(exact.clone(), 1);
    let found = extremal_eigenpairs::<f64>(&mut operator, &options).unwrap();
    check(&found, exact.clone(), 1e-8);
    assert!(found.confirmed && !found.exact && found.converged());
    assert_eq!(found.products, operator.products);
    assert_eq!(found.negative_at_least, 3);
    orthonormal(&found.top, 1e-12);

    let found = extremal_eigenpairs::<f32>(&mut operator, &options).unwrap();
    check(&found, exact, 1e-5);
    assert!(found.confirmed);
    orthonormal(&found.top, 1e-5);
}

#[test]
fn tight_tolerances_are_reached() {
    let exact = hessian_like(800);
    let options = ExtremalOptions { top: 4, bottom: 3, tolerance: 1e-12, block: 3, ..Default::default() };
    let found = extremal_eigenpairs::<f64>(&mut Reflected::new(exact.clone(), 2), &options).unwrap();
    check(&found, exact, 1e-12);
}

#[test]
fn the_edges_of_a_bulk_without_gaps() {
    let mut operator = Whole::wigner(400, 3);
    let options = ExtremalOptions { top: 3, bottom: 3, block: 4, max_products: 4000, ..Default::default() };
    let found = extremal_eigenpairs::<f64>(&mut operator, &options).unwrap();
    check(&found, crate::krylov::symmetric::eigenvalues(&operator.entries, 400), 1e-6);
    assert!(found.restarts > 1);
}

#[test]
fn more_copies_of_an_eigenvalue_than_start_vectors() {
    let mut exact: Vec<f64> = (0..500).map(|i| 1.0 + f64::from(i) / 500.0).collect();
    exact.extend([0.0; 12]);
    exact.extend([5.0; 7]);
    let options = ExtremalOptions { top: 9, bottom: 14, block: 4, tolerance: 1e-6, ..Default::default() };
    let found = extremal_eigenpairs::<f64>(&mut Reflected::new(exact.clone(), 5), &options).unwrap();
    check(&found, exact, 1e-6);
    assert!(found.confirmed);
    orthonormal(&found.bottom, 1e-6);
}

#[test]
fn a_semidefinite_matrix_of_low_rank_has_a_bottom_of_zeros() {
    let mut exact = vec![0.0; 900];
    exact.extend((1..=30).map(f64::from));
    let options = ExtremalOptions { top: 5, bottom: 20, ..Default::default() };
    let mut operator = Reflected::new(exact.clone(), 5);
    check(&extremal_eigenpairs::<f64>(&mut operator, &options).unwrap(), exact.clone(), 1e-6);
    let found = extremal_eigenpairs::<f32>(&mut operator, &options).unwrap();
    check(&found, exact, 1e-5);
    assert_eq!(found.negative_at_least, 0);
}

#[test]
fn clusters_are_resolved() {
    let mut exact: Vec<f64> = (0..600).map(|i| f64::from(i) / 600.0).collect();
    exact.extend([3.0, 3.0 + 1e-7, 3.0 + 2e-7, 4.0, 4.0, -1.0, -1.0 - 1e-9]);
    let options = ExtremalOptions { top: 5, bottom: 2, tolerance: 1e-10, ..Default::default() };
    let found = extremal_eigenpairs::<f64>(&mut Reflected::new(exact.clone(), 6), &options).unwrap();
    check(&found, exact, 1e-10);
}

#[test]
fn special_operators() {
    let options = ExtremalOptions { top: 3, bottom: 2, ..Default::default() };
    for value in [0.0, 7.0, -2.0] {
        for n in [1, 2, 5, 400] {
            let mut scaled = from_fn(n, |v: &[f64], out| {
                out.iter_mut().zip(v).for_each(|(out, v)| *out = value * v);
            });
            let found = extremal_eigenpairs(&mut scaled, &options).unwrap();
            check(&found, vec![value; n], 1e-13);
            assert_eq!((found.top.len(), found.bottom.len()), (3.min(n), 2.min(n)));
            assert!(found.confirmed);
            assert_eq!(found.exact, n < 400);
            if found.exact {
                assert_eq!(found.negative_at_least, if value < 0.0 { n } else { 0 });
            }
        }
    }
    let mut empty = from_fn(0, |_: &[f64], _| {});
    assert!(extremal_eigenpairs(&mut empty, &options).unwrap().top.is_empty());
}

#[test]
fn small_problems_are_exact() {
    let exact = [-2.0, -1.0, 0.0, 0.0, 3.0, 3.0, 10.0];
    let options = ExtremalOptions { top: 4, bottom: 7, ..Default::default() };
    let found = extremal_eigenpairs::<f64>(&mut Reflected::new(exact.to_vec(), 1), &options).unwrap();
    check(&found, exact.to_vec(), 1e-13);
    assert!(found.exact && found.confirmed);
    assert_eq!((found.negative_at_least, found.products), (2, 7 + 11));
}

#[test]
fn a_small_budget_is_kept_and_the_outcome_is_honest() {
    let mut operator = Reflected::new((0..3000).map(|i| f64::from(i) / 3000.0).collect(), 1);
    for max_products in [0, 40, 100, 333] {
        operator.products = 0;
        let options = ExtremalOptions { top: 5, bottom: 5, max_products, ..Default::default() };
        let found = extremal_eigenpairs::<f64>(&mut operator, &options).unwrap();
        assert!(operator.products <= max_products.max(18), "{}", operator.products);
        assert!(!found.converged() && !found.confirmed);
        for pair in found.top.iter().chain(&found.bottom) {
            // Some exact eigenvalue lies within the residual.
            let near = (pair.value * 3000.0).round().clamp(0.0, 2999.0) / 3000.0;
            assert!((pair.value - near).abs() <= pair.residual + 1e-12);
            assert!(!pair.converged && pair.residual > found.tolerance);
        }
    }
}

#[test]
fn one_end_alone_and_repeated_runs_agree() {
    let exact = hessian_like(700);
    let mut operator = Reflected::new(exact.clone(), 9);
    let top = ExtremalOptions { top: 3, bottom: 0, ..Default::default() };
    let found = extremal_eigenpairs::<f64>(&mut operator, &top).unwrap();
    assert!(found.bottom.is_empty());
    check(&found, exact, 1e-8);
    assert_eq!(found, extremal_eigenpairs::<f64>(&mut operator, &top).unwrap());
}

#[test]
fn stops_of_the_operator_come_through() {
    let mut calls = 0;
    let mut broken = from_fn(300, |v: &[f32], out| {
        calls += 1;
        out.copy_from_slice(v);
        out[4] = if calls > 20 { f32::INFINITY } else { v[4] };
    });
    let stop = extremal_eigenpairs(&mut broken, &ExtremalOptions::default()).unwrap_err();
    assert!(matches!(stop, Stop::NonFinite { .. }), "{stop}");
}

#[test]
fn results_serialize_without_the_vectors() {
    let options = ExtremalOptions { top: 1, bottom: 0, ..Default::default() };
    let found = extremal_eigenpairs::<f64>(&mut Reflected::new(vec![3.0], 1), &options).unwrap();
    let json = serde_json::to_value(&found.top[0]).unwrap();
    assert_eq!(json, serde_json::json!({"value": 3.0, "residual": json["residual"], "converged": true}));
    let solution = crate::krylov::Solution {
        x: vec![1.0f32],
        residual: 0.5,
        outcome: crate::krylov::SolveOutcome::NonpositiveCurvature { direction: vec![1.0], curvature: -1.0 },
        products: 3,
    };
    assert_eq!(
        serde_json::to_value(&solution).unwrap(),
        serde_json::json!({"residual": 0.5, "outcome": "nonpositive_curvature", "curvature": -1.0, "products": 3})
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn what_is_confirmed_is_right(
        kinds in prop::collection::vec((-3.0..3.0f64, 1usize..12), 8..40),
        (top, bottom, block) in (0usize..7, 0usize..7, 1usize..7),
        basis in 30usize..60, seed in 0u64..1000,
    ) {
        // Values of random multiplicity.
        let exact: Vec<f64> = kinds.iter().flat_map(|(v, copies)| std::iter::repeat_n(*v, *copies)).collect();
        let options = ExtremalOptions {
            top, bottom, block, basis: Some(basis), tolerance: 1e-5, max_products: 8000, seed, ..Default::default()
        };
        let mut operator = Reflected::new(exact.clone(), seed);
        let found = extremal_eigenpairs::<f64>(&mut operator, &options).unwrap();
// Tiny bases and tight clusters may exhaust the budget; then nothing is claimed.
        prop_assert!(found.confirmed || found.products > 7900, "{} products", found.products);
        if !found.confirmed {
            return Ok(());
        }
        check(&found, exact, 1e-5);
    }
}
