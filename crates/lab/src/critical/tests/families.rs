//! Matrix problems, whose critical points come in connected sets, and degenerate points.

use super::*;
use crate::optim::{Character, Kind};

/// ¼‖uuᵀ − diag(4, 3, 1)‖²: the origin, and ±√λᵢ eᵢ with index i (Baldi & Hornik 1989).
#[test]
fn a_factor_of_rank_one_has_isolated_points() {
    let f = analytic("factorization:4,3,1");
    let bounds = vec![(-2.5, 2.5); 3];
    let options = SearchOptions { reach: 2.0, ..SearchOptions::default() };
    let catalogue = survey(&Oracle::new(&f), &bounds, [40, 4], &NoSymmetry, &options);
    let mut known: Vec<Known> = f.function().known().to_vec();
    for point in f.function().known().iter().filter(|point| point.x.iter().any(|v| *v != 0.0)) {
        known.push(Known { x: point.x.iter().map(|v| -v).collect(), ..point.clone() });
    }
    assert_eq!(known.len(), 7);
    expect_all(&catalogue, &known, &bounds);
}

/// ¼‖UUᵀ − diag(4, 2, 1)‖² with two columns: U times any rotation is critical too. For sets S of eigenvalues: the origin;
/// three circles (|S| = 1); and O(2), which is two circles, for each pair.
#[test]
fn families_count_once() {
    let f = analytic("factorization:4,2,1,rank=2");
    let bounds = vec![(-2.5, 2.5); 6];
    let options = SearchOptions { reach: 2.0, ..SearchOptions::default() };
    let oracle = Oracle::new(&f);
    let mut catalogue = survey(&oracle, &bounds, [60, 4], &NoSymmetry, &options);
    // Of a large box few starts lead to the origin, a maximum along all six coordinates.
    let near = Starts::Box(vec![(-0.5, 0.5); 6]);
    for k in 0..10 {
        explore(&oracle, &near.get(1, k, 10), 0, &mut catalogue, &NoSymmetry, None, &options).unwrap();
    }
    catalogue.sort();
    for point in f.function().known() {
        let rank = point.x.iter().filter(|v| **v != 0.0).count();
        let pieces = if rank == 2 { 2 } else { 1 };
        let same: Vec<_> =
            catalogue.found().iter().filter(|found| (found.value() - point.value).abs() < 1e-8).collect();
        assert_eq!(same.len(), pieces, "{point:?} {:?}", same.iter().map(|s| &s.x).collect::<Vec<_>>());
        for found in same {
            assert!(found.certificate.index.is(point.index as u64), "{point:?}");
            assert_eq!(found.certificate.null, Some(point.nullity as u64), "{point:?}");
            let expected = match rank {
                0 => Isolation::Isolated,
                _ => Isolation::Family { dimension: 1, tried: point.nullity as u64 },
            };
            assert_eq!(found.isolation, expected, "{point:?}");
        }
    }
    assert_eq!(catalogue.found().len(), 10);
}

/// ½‖W₂W₁ − diag(2, 1)‖² (Baldi & Hornik 1989): values and indices are known for every set S.
#[test]
fn a_linear_networks_values_and_indices() {
    let f = analytic("linear-network:2,1");
    let bounds = vec![(-1.5, 1.5); 8];
    let options = SearchOptions { reach: 2.0, ..SearchOptions::default() };
    let catalogue = survey(&Oracle::new(&f), &bounds, [25, 4], &NoSymmetry, &options);
    for found in catalogue.found() {
        let point = f
            .function()
            .known()
            .iter()
            .find(|known| (known.value - found.value()).abs() < 1e-8)
            .unwrap_or_else(|| panic!("no critical value is {}", found.value()));
        assert!(found.certificate.index.is(point.index as u64), "{point:?} {found:?}");
        assert_eq!(found.certificate.null, Some(point.nullity as u64));
    }
    for point in f.function().known() {
        assert!(
            catalogue.found().iter().any(|found| (found.value() - point.value).abs() < 1e-8),
            "{} is missing",
            point.value
        );
    }
    // GL(2) has two components; the other sets are connected or, for |S| = 1, in two pieces up to sign at most.
    assert!(catalogue.found().len() <= 8, "{}", catalogue.found().len());
}

#[test]
fn degenerate_points_are_classified_by_higher_derivatives() {
    let monkey = analytic("monkey-saddle");
    let bounds = vec![(-1.0, 1.0); 2];
    let options = SearchOptions { reach: 1.0, ..SearchOptions::default() };
    let catalogue = survey(&Oracle::new(&monkey), &bounds, [10, 4], &NoSymmetry, &options);
    assert_eq!(catalogue.found().len(), 1);
    let found = &catalogue.found()[0];
    assert_eq!(
        found.certificate.verdict.kind,
        Kind::Degenerate { order: Some(3), character: Character::Saddle }
    );
    assert_eq!((found.isolation, found.certificate.null), (Isolation::Degenerate, Some(2)));
    let quartic = function(
        2,
        |x| x[0] * x[0] + x[1].powi(4),
        |x, g| g.copy_from_slice(&[2.0 * x[0], 4.0 * x[1].powi(3)]),
        |x, h| h.copy_from_slice(&[2.0, 0.0, 0.0, 12.0 * x[1] * x[1]]),
    );
    let catalogue = survey(&Oracle::new(&quartic), &bounds, [10, 4], &NoSymmetry, &options);
    assert_eq!(
        catalogue.found().len(),
        1,
        "{:?}",
        catalogue.found().iter().map(|f| &f.x).collect::<Vec<_>>()
    );
    let found = &catalogue.found()[0];
    assert_eq!(
        found.certificate.verdict.kind,
        Kind::Degenerate { order: Some(4), character: Character::NoDescentFound }
    );
    assert_eq!(found.isolation, Isolation::Degenerate);
}
