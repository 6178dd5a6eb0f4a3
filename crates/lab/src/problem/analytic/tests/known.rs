//! What is said of critical points, of every function of the table.

use super::*;

/// So badly scaled that a small eigenvalue cannot be told from 0 unless coordinates are scaled first.
const BADLY_SCALED: [&str; 3] = ["meyer", "powell-badly-scaled", "brown-badly-scaled"];
/// Of these no critical point is known.
const UNKNOWN: [&str; 1] = ["p-spin:8"];

#[test]
fn known_points_are_critical_with_the_index_that_is_said() {
    for text in registry().iter().flat_map(|entry| entry.examples) {
        let objective = objective::<f64>(text);
        let function = objective.function();
        let is_known = !function.known().is_empty() || function.lowest().is_some();
        assert!(is_known != UNKNOWN.contains(text), "{text}");
        for known in function.known() {
            is_critical(text, &objective, known);
            if known.global {
                assert_eq!(function.minimum(), Some(known.value), "{text}");
            }
        }
        if let Some(lowest) = function.lowest() {
            let value = objective.value(&lowest.x);
            assert!((value - lowest.value).abs() <= 1e-11 * value.abs().max(1.0), "{text}: {value}");
        }
        if let Some(minimum) = function.minimum() {
            for index in 0..20 {
                let value = objective.value(&place(function, index));
                assert!(value >= minimum - 1e-14 * minimum.abs(), "{text}: {value} below {minimum}");
            }
        }
    }
}

fn is_critical(text: &str, objective: &Analytic<f64>, known: &Known) {
    let n = objective.dimension();
    let mut gradient = vec![0.0; n];
    let value = objective.value_grad(&known.x, &mut gradient);
    let mut matrix = hessian(objective, &known.x);
    let size = matrix.eigenvalues().iter().fold(1.0f64, |m, v| m.max(v.abs()));
    assert!(norm(&gradient) <= 1e-14 * size * norm(&known.x).max(1.0), "{text}: {gradient:?}");
    assert!((value - known.value).abs() <= 1e-12 * value.abs().max(1.0), "{text}: {value}");
    if BADLY_SCALED.contains(&text) {
        balance(&mut matrix.entries, n);
    }
    let eigenvalues = matrix.eigenvalues();
    let size = eigenvalues.iter().fold(1.0f64, |m, v| m.max(v.abs()));
    let count = |f: &dyn Fn(f64) -> bool| eigenvalues.iter().filter(|v| f(**v)).count();
    assert_eq!(count(&|v| v < -1e-12 * size), known.index, "{text} {known:?}: {eigenvalues:?}");
    assert_eq!(count(&|v| v.abs() <= 1e-12 * size), known.nullity, "{text} {known:?}: {eigenvalues:?}");
}

/// D A D with a positive diagonal D that brings A's diagonal to 1: inertia stays (Sylvester).
fn balance(entries: &mut [f64], n: usize) {
    let scale: Vec<f64> = (0..n).map(|i| 1.0 / entries[i * n + i].sqrt()).collect();
    for (k, entry) in entries.iter_mut().enumerate() {
        *entry *= scale[k / n] * scale[k % n];
    }
}

#[test]
fn signs_of_eigenvalues_have_names() {
    let natures = |text: &str| -> Vec<Nature> {
        objective::<f64>(text).function().known().iter().map(Known::nature).collect()
    };
    let wells = [Nature::Minimum, Nature::Minimum, Nature::Saddle, Nature::Maximum];
    assert_eq!(natures("styblinski-tang:3"), wells);
    assert_eq!(natures("monkey-saddle"), [Nature::Degenerate]);
}
