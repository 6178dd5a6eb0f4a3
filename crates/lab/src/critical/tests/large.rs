//! Points whose spectrum is known at its ends alone.

use super::*;
use crate::krylov::{ExtremalOptions, SlqOptions};
use crate::optim::VerdictOptions;
use crate::samples;

#[test]
fn the_index_is_bounded_where_the_hessian_is_large() {
    let n = 700;
    let spectrum = |negative: usize| -> Vec<f64> {
        (0..n)
            .map(|i| if i < negative { -1.0 - i as f64 / 10.0 } else { 1.0 + i as f64 / n as f64 })
            .collect()
    };
    let ends = ExtremalOptions { top: 2, bottom: 6, ..ExtremalOptions::default() };
    let options = CertificateOptions {
        verdict: VerdictOptions { ends, ..VerdictOptions::default() },
        density: Some(SlqOptions::default()),
        ..CertificateOptions::default()
    };
    for negative in [0, 3, 40] {
        let f = samples::diagonal(&spectrum(negative));
        let mut x = vec![0.0; n];
        x[5] = 1e-9;
        let found = certify(&Oracle::new(&f), &x, &options).unwrap();
        let index = found.index;
        assert!(!index.exact && index.at_least <= negative as u64 && negative as u64 <= index.at_most);
        if negative < 6 {
            assert!(index.is(negative as u64), "{index:?}");
        } else {
            assert!(index.at_least >= 6 && index.at_most == n as u64);
            let estimate = index.estimate.unwrap();
            assert!(
                (estimate.mean - negative as f64).abs() <= 5.0 * estimate.stderr.max(0.5),
                "{estimate:?}"
            );
        }
        // The gradient is H x, so the Newton step is −x.
        assert!((found.newton_step - 1e-9).abs() < 1e-15 && found.holds(&options));
        assert_eq!(found.eigenvalues.len(), 8);
    }
}

/// A quadratic in 700 coordinates: one Newton step, without a matrix.
#[test]
fn large_problems_are_searched_by_products_alone() {
    let n = 700;
    let spectrum: Vec<f64> = (0..n).map(|i| if i < 5 { -2.0 } else { 1.0 + (i % 7) as f64 }).collect();
    let f = samples::diagonal(&spectrum);
    let start = Starts::Noise { centre: vec![0.0; n], deviation: 1.0 }.get(0, 0, 1);
    let oracle = Oracle::new(&f);
    let found = search(&oracle, start, &[], &NoSymmetry, None, &SearchOptions::default()).unwrap();
    assert_eq!(found.ending, Ending::Converged);
    assert!(found.iterations <= 2 && oracle.counts().products < 100, "{:?}", oracle.counts());
}
