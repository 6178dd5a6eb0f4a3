use super::*;
use crate::krylov::testing::{Cupboard, Kept, Reflected, Whole};
use crate::krylov::{
    Extremal, ExtremalOptions, SlqOptions, SymmetricOperator, TraceOptions, extremal_eigenpairs, slq, xtrace,
};
use crate::random::Stream;
use proptest::prelude::*;

fn block<T: Scalar>(rows: usize, n: usize, index: u64) -> Vec<T> {
    let mut out = vec![T::zero(); rows * n];
    Stream::new(1, "basis", index).fill_normal(&mut out);
    out
}

/// All that a basis does, on rows that came in two pieces.
fn everything<T: Scalar>(keep: Keep<'_>, n: usize) -> (Vec<f64>, Vec<Vec<T>>) {
    let mut basis = Basis::<T>::new(n, 4, keep).unwrap();
    assert_eq!(basis.rows(), 0);
    basis.push(&block(3, n, 0)).unwrap();
    basis.push(&block(4, n, 1)).unwrap();
    let w = block(5, n, 2);
    let mut products = vec![0.0; 35];
    basis.gram(&w, &mut products).unwrap();
    let mut left = w;
    basis.subtract(&mut left, &block::<f64>(7, 5, 3)).unwrap();
    let s = block::<f64>(3, 7, 4);
    let mut rows = basis.combine(&s).unwrap();
    basis.combine_in_place(&s).unwrap();
    basis.push(&block(1, n, 5)).unwrap();
    assert_eq!(basis.rows(), 4);
    let mut read = vec![T::zero(); 2 * n];
    basis.read(2, &mut read).unwrap();
    rows.extend([left, read]);
    (products, rows)
}

#[test]
fn a_shelf_gives_the_bits_of_memory() {
    // The last is long enough for several panels.
    for n in [1, 9, 2048, 2049, 700_000] {
        let cupboard = Cupboard::new(usize::MAX);
        assert_eq!(everything::<f64>(Keep::Memory, n), everything(Keep::Disk(&cupboard), n), "{n}");
        assert_eq!(cupboard.used.get(), 7 * n * 8);
    }
    let cupboard = Cupboard::new(usize::MAX);
    assert_eq!(everything::<f32>(Keep::Memory, 5000), everything(Keep::Disk(&cupboard), 5000));
}

#[test]
fn halves_are_rounded_to_nearest_and_to_even() {
    // 8 significant bits: 1 + 2⁻⁸ lies halfway and goes to the even neighbour 1, 1 + 3·2⁻⁸ to 1 + 2⁻⁶.
    let mut basis = Basis::<f64>::new(6, 1, Keep::Half).unwrap();
    let values =
        [1.0 + 2f64.powi(-8), 1.0 + 3.0 * 2f64.powi(-8), 1.0 + 2f64.powi(-8) + 1e-12, -0.1, 3e38, 0.0];
    basis.push(&values).unwrap();
    let mut out = [0.0; 6];
    basis.read(0, &mut out).unwrap();
    assert_eq!(out[..3], [1.0, 1.0 + 2f64.powi(-6), 1.0 + 2f64.powi(-7)]);
    assert!((out[3] + 0.1).abs() <= 0.1 * 2f64.powi(-8) && out[5] == 0.0);
    for (a, b) in everything::<f32>(Keep::Half, 3000).1.iter().zip(everything(Keep::Memory, 3000).1) {
        let far = a.iter().zip(&b).map(|(a, b): (&f32, &f32)| (a - b).abs()).fold(0.0, f32::max);
        assert!(far > 0.0 && far < 0.15, "{far}");
    }
}

/// A bulk near zero with outliers at both ends.
fn hessian_like(n: usize) -> Vec<f64> {
    let mut values: Vec<f64> = (0..n - 9).map(|i| 0.05 * ((i as f64 + 0.5) / n as f64).powi(6)).collect();
    values.extend([30.0, 17.0, 9.5, 6.0, 3.1, 1.7, -0.4, -2.2, -8.0]);
    values
}

const OPTIONS: ExtremalOptions = ExtremalOptions {
    top: 5,
    bottom: 3,
    block: 8,
    basis: None,
    max_products: 1500,
    tolerance: 1e-4,
    confirm: true,
    seed: 4,
};

fn ends<T: Scalar>(keep: Keep<'_>, operator: impl SymmetricOperator<T>) -> Extremal<T> {
    extremal_eigenpairs(&mut Kept(operator, keep), &OPTIONS).unwrap()
}

#[test]
fn extremal_pairs_do_not_depend_on_a_shelf() {
    let cupboard = Cupboard::new(usize::MAX);
    let values = hessian_like(1500);
    let kept = ends::<f64>(Keep::Memory, Reflected::new(values.clone(), 1));
    let mut shelved = ends::<f64>(Keep::Disk(&cupboard), Reflected::new(values, 1));
    assert_eq!((kept.basis, shelved.basis), (BasisKind::Memory, BasisKind::Disk));
    shelved.basis = BasisKind::Memory;
    assert_eq!(kept, shelved);
    assert!(cupboard.used.get() > 40 * 1500 * 8);
}

fn summary<T: Scalar>(found: &Extremal<T>) -> Vec<(f64, f64)> {
    found.top.iter().chain(&found.bottom).map(|pair| (pair.value, pair.residual)).collect()
}

/// Both lists against the exact spectrum.
fn errors<T: Scalar>(found: &Extremal<T>, mut exact: Vec<f64>) -> f64 {
    exact.sort_by(f64::total_cmp);
    let tops = found.top.iter().zip(exact.iter().rev());
    let pairs = tops.chain(found.bottom.iter().zip(&exact));
    pairs
        .map(|(pair, exact)| {
            let error = (pair.value - exact).abs();
            assert!(
                error <= pair.residual + 1e-5 * found.norm * T::epsilon().wide().sqrt(),
                "{} {}",
                pair.value,
                pair.residual
            );
            error
        })
        .fold(0.0, f64::max)
}

#[test]
fn extremal_pairs_from_a_rounded_basis_are_polished() {
    let exact = hessian_like(4000);
    let found = ends::<f64>(Keep::Half, Reflected::new(exact.clone(), 2));
    assert_eq!(found.basis, BasisKind::Bf16);
    assert!(found.converged(), "{:?}", summary(&found));
    // The error of a Rayleigh quotient is the square of the vector's.
    let error = errors(&found, exact.clone());
    assert!(error < 1e-6 * found.norm, "{error}");
    assert_eq!(found.negative_at_least, 3);
    let single = ends::<f32>(Keep::Half, Reflected::new(exact.clone(), 2));
    let error = errors(&single, exact);
    assert!(single.converged() && error < 1e-5 * single.norm, "{error} {:?}", summary(&single));
}

#[test]
fn a_rounded_basis_brings_no_ghosts() {
    // The edges of a semicircle take several restarts, in which every copy could come back.
    let mut operator = Whole::wigner(400, 3);
    let options = ExtremalOptions { top: 3, bottom: 3, block: 4, max_products: 4000, ..OPTIONS };
    let mut exact = crate::krylov::symmetric::eigenvalues(&operator.entries, 400);
    exact.reverse();
    let found: Extremal<f64> = extremal_eigenpairs(&mut Kept(&mut operator, Keep::Half), &options).unwrap();
    for (pair, exact) in found.top.iter().zip(&exact) {
        assert!((pair.value - exact).abs() < 1e-5, "{} {exact}", pair.value);
    }
}

#[test]
fn densities_and_traces_agree() {
    let values = hessian_like(900);
    let exact: f64 = values.iter().sum();
    let cupboard = Cupboard::new(usize::MAX);
    let run = |keep| {
        let mut operator = Kept(Reflected::new(values.clone(), 3), keep);
        let options = SlqOptions { probes: 6, steps: 40, block: 4, ..SlqOptions::default() };
        let density = slq::<f64>(&mut operator, &options).unwrap();
        let trace = match keep {
            Keep::Nowhere => None,
            _ => Some(xtrace::<f64>(&mut operator, &TraceOptions::default()).unwrap().trace),
        };
        (density, trace)
    };
    let (memory, trace) = run(Keep::Memory);
    let trace = trace.unwrap();
    assert!((trace.mean - exact).abs() < 5.0 * trace.stderr, "{trace:?} {exact}");
    let (mut disk, shelved) = run(Keep::Disk(&cupboard));
    assert_eq!((disk.basis, shelved), (BasisKind::Disk, Some(trace)));
    disk.basis = BasisKind::Memory;
    assert_eq!(disk, memory);
    let (half, rounded) = run(Keep::Half);
    assert_eq!(rounded, Some(trace));
    let (none, _) = run(Keep::Nowhere);
    assert_eq!((half.basis, none.basis), (BasisKind::Bf16, BasisKind::None));
    for other in [half, none] {
        for below in [-1.0, 0.01, 1.0, 12.0] {
            let [a, b] = [&memory, &other].map(|slq| slq.count_below(below).mean);
            assert!((a - b).abs() < 0.03 * 900.0, "{below}: {a} {b}");
        }
        let [a, b] = [&memory, &other].map(|slq| slq.trace_of(|x| x.max(0.0).sqrt()).mean);
        assert!((a / b - 1.0).abs() < 1e-2, "{a} {b}");
    }
}

#[test]
fn a_full_shelf_is_a_stop() {
    let cupboard = Cupboard::new(100_000);
    let mut operator = Kept(Reflected::new(hessian_like(900), 1), Keep::Disk(&cupboard));
    let stop = extremal_eigenpairs::<f64>(&mut operator, &OPTIONS).unwrap_err();
    assert_eq!(stop.to_string(), "the basis cannot be kept on disk: the cupboard is full");
    let slq_stop = slq::<f64>(&mut operator, &SlqOptions::default()).unwrap_err();
    assert_eq!(slq_stop, stop);
    assert_eq!(xtrace::<f64>(&mut operator, &TraceOptions::default()).unwrap_err(), stop);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn every_kind_finds_the_ends_of_a_known_spectrum(
        bulk in 2000usize..3000, seed in 0u64..100,
        outliers in prop::collection::btree_set(2u32..60, 4..9),
    ) {
        let mut exact: Vec<f64> = (0..bulk).map(|i| 0.3 * (i as f64 / bulk as f64).powi(3)).collect();
        exact.extend(outliers.iter().enumerate().map(|(i, &v)| if i < 3 { -f64::from(v) } else { f64::from(v) }));
        let cupboard = Cupboard::new(usize::MAX);
        for (keep, tolerance) in [
            (Keep::Memory, 1e-6), (Keep::Disk(&cupboard), 1e-6), (Keep::Half, 1e-6), (Keep::Nowhere, 1e-6),
        ] {
            let options = ExtremalOptions { top: 1, bottom: 2, seed, ..OPTIONS };
            let mut operator = Kept(Reflected::new(exact.clone(), seed), keep);
            let found: Extremal<f64> = extremal_eigenpairs(&mut operator, &options).unwrap();
            prop_assert_eq!(found.basis, keep.kind());
            prop_assert_eq!(found.products, operator.0.products);
            let error = errors(&found, exact.clone());
            // Rounded to bf16, neighbours at an end may not come apart; then it says so, and the bounds hold.
            if keep.kind() == BasisKind::Bf16 && !found.converged() {
                let pairs = found.top.iter().chain(&found.bottom);
                let bound = pairs.map(|pair| pair.residual).fold(0.0, f64::max);
                prop_assert!(error <= bound, "{error} beyond {bound}");
                continue;
            }
            prop_assert!(found.converged(), "{:?} {:?}", keep.kind(), summary(&found));
            prop_assert!(error <= tolerance * found.norm, "{:?}: {error}", keep.kind());
        }
    }
}
