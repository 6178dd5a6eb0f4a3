//! Planted cases: every critical point is found with its index, none twice.

mod families;
mod large;
mod spins;

use super::*;
use crate::problem::analytic::{Analytic, Function, Known};
use crate::samples::function;
use crate::{Oracle, Stop};

/// All that starts in a box lead to; the index to be followed goes round up to the one that is given.
fn survey(
    oracle: &Oracle<'_, f64>,
    bounds: &[(f64, f64)],
    [starts, again]: [u64; 2],
    symmetry: &dyn Symmetry<f64>,
    search: &SearchOptions,
) -> Catalogue<f64> {
    let mut catalogue = Catalogue::new(CertificateOptions::default(), FamilyOptions::default(), 1e-6);
    let places = Starts::Box(bounds.to_vec());
    for k in 0..starts {
        let start = places.get(11, k, starts);
        let follow = search.follow.map(|most| k as usize % (most + 1));
        let search = &SearchOptions { follow, ..*search };
        explore(oracle, &start, again as usize, &mut catalogue, symmetry, Some(bounds), search).unwrap();
    }
    catalogue
}

fn analytic(text: &str) -> Analytic<f64> {
    Analytic::new(text.parse::<Function>().unwrap(), Default::default())
}

fn inside(bounds: &[(f64, f64)], x: &[f64]) -> bool {
    bounds.iter().zip(x).all(|((low, high), v)| (low..=high).contains(&v))
}

/// The points in the box are the known ones, no more and no less.
fn expect_all(catalogue: &Catalogue<f64>, known: &[Known], bounds: &[(f64, f64)]) {
    let found: Vec<_> = catalogue.found().iter().filter(|found| inside(bounds, &found.x)).collect();
    assert_eq!(found.len(), known.len(), "{:?}", found.iter().map(|f| (&f.x, f.value())).collect::<Vec<_>>());
    for point in known {
        let near: Vec<_> = found
            .iter()
            .filter(|found| {
                symmetry::apart(&found.x, &point.x) < 1e-6 * (1.0 + crate::vector::norm(&point.x))
            })
            .collect();
        assert_eq!(near.len(), 1, "{point:?}");
        assert!(near[0].certificate.index.is(point.index as u64) && near[0].certificate.index.exact);
        assert!((near[0].value() - point.value).abs() < 1e-9 * (1.0 + point.value.abs()), "{point:?}");
        assert_eq!(near[0].isolation, Isolation::Isolated);
        assert!(near[0].certificate.newton_step < 1e-9, "{}", near[0].certificate.newton_step);
    }
}

#[test]
fn all_points_of_functions_of_the_plane_are_found_once() {
    // Counts: Himmelblau 4 + 4 + 1; six-hump camel 6 + 7 + 2 (Dixon & Szegő 1978); three-hump 3 + 2; Müller-Brown
    // 3 + 2 (Müller & Brown 1979); Branin's and Goldstein-Price's are in closed form.
    for (name, count, starts) in [
        ("himmelblau", 9, 12),
        ("six-hump-camel", 15, 30),
        ("three-hump-camel", 5, 12),
        ("muller-brown", 5, 20),
        ("goldstein-price", 9, 60),
    ] {
        let f = analytic(name);
        let bounds = f.function().domain().unwrap();
        assert_eq!(f.function().known().len(), count, "{name}");
        let oracle = Oracle::new(&f);
        let width = bounds.iter().map(|(low, high)| high - low).fold(0.0, f64::max);
        let options = SearchOptions {
            reach: 0.5 * width,
            deflation: Deflation { length: 0.1 * width, ..Deflation::default() },
            ..SearchOptions::default()
        };
        let catalogue = survey(&oracle, bounds, [starts, 4], &NoSymmetry, &options);
        expect_all(&catalogue, f.function().known(), bounds);
        // Poincaré and Hopf: an independent count from ∇f along the edge alone.
        let turns = degree(&oracle, [bounds[0], bounds[1]]).unwrap().unwrap();
        let signs = |known: &Known| if known.index.is_multiple_of(2) { 1 } else { -1 };
        assert_eq!(turns, f.function().known().iter().map(signs).sum::<i64>(), "{name}");
    }
}

/// The same by minimizing the gradient's norm.
#[test]
fn gradient_norms_are_minimized() {
    let f = analytic("himmelblau");
    let bounds = f.function().domain().unwrap();
    let options =
        SearchOptions { method: SearchMethod::GradientNorm, reach: 6.0, ..SearchOptions::default() };
    let catalogue = survey(&Oracle::new(&f), bounds, [24, 4], &NoSymmetry, &options);
    expect_all(&catalogue, f.function().known(), bounds);
}

/// From anywhere near, to a point of the index that was asked for.
#[test]
fn eigenvectors_lead_to_the_index_that_is_asked_for() {
    let f = analytic("himmelblau");
    let bounds = f.function().domain().unwrap();
    let places = Starts::Box(vec![(-4.0, 4.0); 2]);
    let mut arrived = [0; 3];
    for k in 0..30 {
        let index = k as usize % 3;
        let options = SearchOptions {
            method: SearchMethod::EigenvectorFollowing { index },
            ..SearchOptions::default()
        };
        let found =
            search(&Oracle::new(&f), places.get(2, k, 30), &[], &NoSymmetry, Some(bounds), &options).unwrap();
        if found.ending == Ending::Converged {
            let proof = certify(&Oracle::new(&f), &found.x, &CertificateOptions::default()).unwrap();
            assert!(proof.index.is(index as u64), "{index} {:?}", proof.index);
            arrived[index] += 1;
        }
    }
    assert!(arrived.iter().all(|count| *count >= 4), "{arrived:?}");
}

#[test]
fn deflation_leads_elsewhere_from_one_start() {
    let f = analytic("himmelblau");
    let oracle = Oracle::new(&f);
    let mut known: Vec<Vec<f64>> = Vec::new();
    for _ in 0..4 {
        let refs: Vec<&[f64]> = known.iter().map(|x| &x[..]).collect();
        let found = search(
            &oracle,
            vec![-0.5, -1.0],
            &refs,
            &NoSymmetry,
            None,
            &SearchOptions { reach: 6.0, ..SearchOptions::default() },
        )
        .unwrap();
        assert_eq!((found.ending, found.deflated), (Ending::Converged, known.len() as u64));
        assert!(known.iter().all(|x| symmetry::apart(x, &found.x) > 0.1), "{known:?} {:?}", found.x);
        known.push(found.x);
    }
}

/// x³/3 + x + 5y² has no critical point, and the least ‖∇f‖ where x = 0: ∇f = (1, 0) and H = diag(0, 10).
#[test]
fn gradient_flat_points_are_told_apart() {
    let f = function(
        2,
        |x| x[0].powi(3) / 3.0 + x[0] + 5.0 * x[1] * x[1],
        |x, g| g.copy_from_slice(&[x[0] * x[0] + 1.0, 10.0 * x[1]]),
        |x, h| h.copy_from_slice(&[2.0 * x[0], 0.0, 0.0, 10.0]),
    );
    for method in [SearchMethod::NewtonMr, SearchMethod::GradientNorm] {
        let options = SearchOptions { method, ..SearchOptions::default() };
        let found = search(&Oracle::new(&f), vec![2.0f64, 1.0], &[], &NoSymmetry, None, &options).unwrap();
        assert_eq!(found.ending, Ending::GradientFlat, "{method:?} {found:?}");
        assert!(found.flatness < 1e-3 && (found.gradient_norm - 1.0).abs() < 1e-3, "{found:?}");
        assert!(found.x.iter().all(|v| v.abs() < 0.02), "{found:?}");
    }
}

#[test]
fn searches_that_leave_or_fail_say_so() {
    let slope = function(1, |x| (-x[0]).exp(), |x, g| g[0] = -(-x[0]).exp(), |x, h| h[0] = (-x[0]).exp());
    let bounds = [(0.0, 1.0)];
    let run = |x: f64, bounds: Option<&[(f64, f64)]>| {
        search(&Oracle::new(&slope), vec![x], &[], &NoSymmetry, bounds, &SearchOptions::default())
    };
    assert_eq!(run(0.5, Some(&bounds)).unwrap().ending, Ending::Left);
    // Without a box the gradient becomes small, and the certificate says that nothing is there.
    let found = run(0.5, None).unwrap();
    assert_eq!(found.ending, Ending::Converged);
    let mut catalogue = Catalogue::<f64>::new(CertificateOptions::default(), FamilyOptions::default(), 1e-6);
    let filed =
        catalogue.file(&Oracle::new(&slope), found.x, &NoSymmetry, &SearchOptions::default()).unwrap();
    assert_eq!((filed, catalogue.uncertified()), (Filed::Uncertified, 1));
    assert_eq!(run(f64::NAN, None).unwrap().ending, Ending::NonFinite);
}

/// Müller & Brown (1979): the product lies behind the lower saddle, the reactant behind the higher one.
#[test]
fn transition_states_join_their_minima() -> Result<(), Stop> {
    let f = analytic("muller-brown");
    let oracle = Oracle::new(&f);
    let bounds = f.function().domain().unwrap();
    let options = SearchOptions { reach: 1.0, ..SearchOptions::default() };
    let mut catalogue = Catalogue::new(CertificateOptions::default(), FamilyOptions::default(), 1e-6);
    // Only the saddles: the minima are found by descent.
    for known in f.function().known().iter().filter(|known| known.index == 1) {
        let found = search(&oracle, known.x.clone(), &[], &NoSymmetry, Some(bounds), &options)?;
        catalogue.file(&oracle, found.x, &NoSymmetry, &options)?;
    }
    let mut all = Vec::new();
    let flow = FlowOptions { reach: 0.1, ..FlowOptions::default() };
    for at in 0..2 {
        assert!(is_transition(&catalogue.found()[at]));
        let ways = join(&oracle, &mut catalogue, at, &NoSymmetry, &options, &flow)?;
        assert!(ways.sides.iter().all(|way| way.arrived && way.values.is_sorted_by(|a, b| a >= b)));
        all.push(ways);
    }
    let passes: Vec<Pass> = all.iter().map(|ways| ways.pass(&catalogue, &NoSymmetry).unwrap()).collect();
    let (minima, tree) = tree(&catalogue, &passes);
    assert_eq!((minima.len(), tree.merges.len(), catalogue.found().len()), (3, 2, 5));
    let energy = |leaf: usize| tree.leaves[leaf];
    let [lower, upper] = [tree.merges[0], tree.merges[1]];
    assert!(
        (lower.level + 72.24894011232522).abs() < 1e-9 && (upper.level + 40.664843508657405).abs() < 1e-9
    );
    // The lower pass joins −108.17 and −80.77, the upper one those with −146.70.
    assert!((energy(lower.parts[0]) + 108.16672411685235).abs() < 1e-9);
    assert!((energy(lower.parts[1]) + 80.76781812965903).abs() < 1e-9);
    assert!((tree.lowest(upper.parts[0]) + 146.69951720995402).abs() < 1e-9);
    let ends: Vec<Option<usize>> = passes.iter().flat_map(|pass| pass.ends).collect();
    assert!(ends.iter().all(Option::is_some));
    Ok(())
}

#[test]
fn a_catalogue_is_saved_and_restored() {
    let f = analytic("six-hump-camel");
    let oracle = Oracle::new(&f);
    let bounds = f.function().domain().unwrap().to_vec();
    let options = SearchOptions { reach: 2.0, ..SearchOptions::default() };
    let places = Starts::Box(bounds.clone());
    let empty = || Catalogue::<f64>::new(CertificateOptions::default(), FamilyOptions::default(), 1e-6);
    let go = |catalogue: &mut Catalogue<f64>, from: u64, to: u64| {
        for k in from..to {
            explore(&oracle, &places.get(1, k, 8), 2, catalogue, &NoSymmetry, Some(&bounds), &options)
                .unwrap();
        }
    };
    let mut whole = empty();
    go(&mut whole, 0, 8);
    let mut first = empty();
    go(&mut first, 0, 3);
    let text = serde_json::to_string(&first.save()).unwrap();
    let mut second = empty();
    second.restore(&oracle, serde_json::from_str(&text).unwrap(), &NoSymmetry, &options).unwrap();
    go(&mut second, 3, 8);
    assert_eq!(whole.save(), second.save());
    let values =
        |c: &Catalogue<f64>| c.found().iter().map(|f| f.certificate.eigenvalues.clone()).collect::<Vec<_>>();
    assert_eq!(values(&whole), values(&second));
}
