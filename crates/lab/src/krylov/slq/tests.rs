use super::*;
use crate::krylov::testing::{Reflected, Whole, coverage};
use crate::krylov::{dense, from_fn};

/// F(t) of Wigner's semicircle on [−2, 2].
fn semicircle_cdf(t: f64) -> f64 {
    let t = t.clamp(-2.0, 2.0);
    0.5 + t * (4.0 - t * t).sqrt() / (4.0 * std::f64::consts::PI) + (t / 2.0).asin() / std::f64::consts::PI
}

fn semicircle_density(t: f64) -> f64 {
    (4.0 - t * t).max(0.0).sqrt() / std::f64::consts::TAU
}

/// ∫ by trapezoids.
fn integral(density: &Density) -> f64 {
    density
        .grid
        .windows(2)
        .zip(density.mean.windows(2))
        .map(|(t, y)| 0.5 * (t[1] - t[0]) * (y[0] + y[1]))
        .sum()
}

/// Whether the exact distribution lies within the bounds and four standard errors, everywhere.
fn contains(spectrum: &Slq, exact: &[f64]) {
    let (low, high) = (exact[0] - 0.1, exact[exact.len() - 1] + 0.1);
    let at: Vec<f64> = (0..500).map(|i| low + (high - low) * f64::from(i) / 499.0).collect();
    let found = spectrum.cumulative(&at);
    for (i, &t) in at.iter().enumerate() {
        let truth = exact.partition_point(|e| *e <= t) as f64 / exact.len() as f64;
        let slack = 4.5 * found.stderr[i] + 1e-9;
        assert!(found.lower[i] <= found.mean[i] + 1e-12 && found.mean[i] <= found.upper[i] + 1e-12);
        assert!(
            found.lower[i] - slack <= truth && truth <= found.upper[i] + slack,
            "F({t}) = {truth}, found {} in [{}, {}] ± {}",
            found.mean[i],
            found.lower[i],
            found.upper[i],
            found.stderr[i]
        );
    }
}

#[test]
fn wigners_semicircle() {
    let mut operator = Whole::wigner(600, 1);
    let options = SlqOptions { probes: 16, steps: 40, ..Default::default() };
    let spectrum = slq::<f64>(&mut operator, &options).unwrap();
    assert_eq!(spectrum.products, 640);
    contains(&spectrum, &dense::<f64>(&mut operator, 8).unwrap().eigenvalues());
    let at: Vec<f64> = (0..=100).map(|i| -2.5 + 0.05 * f64::from(i)).collect();
    let found = spectrum.cumulative(&at);
    for (i, t) in at.iter().enumerate() {
        // Half of a node's weight at most; and the finite matrix's own distance from the limit.
        let (mean, limit) = (found.mean[i], semicircle_cdf(*t));
        assert!((mean - limit).abs() < 0.025, "F({t}) = {mean}, not {limit}");
        assert!(found.lower[i] - 0.01 < limit && limit < found.upper[i] + 0.01);
    }
    let sigma = spectrum.resolution();
    assert!((0.03..0.2).contains(&sigma), "{sigma}");
    let density = spectrum.density(&spectrum.grid(200, sigma), sigma);
    assert!((integral(&density) - 1.0).abs() < 1e-6, "{}", integral(&density));
    for (t, mean) in density.grid.iter().zip(&density.mean) {
        let near_edge = 2.0 - t.abs() < 0.3;
        assert!(near_edge || (mean - semicircle_density(*t)).abs() < 0.02, "φ({t}) = {mean}");
    }
}

#[test]
fn bounds_and_errors_hold_on_every_kind_of_spectrum() {
    let low_rank = (0..300).map(|i| if i < 280 { 0.0 } else { f64::from(i) - 290.5 });
    let outliers = (0..300).map(|i| if i < 295 { 0.01 * f64::from(i % 50) } else { f64::from(i) });
    let clusters = (0..300).map(|i| f64::from(i % 3) + 1e-3 * f64::from(i));
    for (kind, values) in
        [low_rank.collect::<Vec<f64>>(), outliers.collect(), clusters.collect()].into_iter().enumerate()
    {
        let mut exact = values.clone();
        exact.sort_by(f64::total_cmp);
        for probe in [Probe::Rademacher, Probe::Sphere] {
            let options =
                SlqOptions { probes: 12, steps: 20, probe, seed: kind as u64, ..Default::default() };
            let spectrum = slq::<f64>(&mut Reflected::new(values.clone(), 7), &options).unwrap();
            contains(&spectrum, &exact);
            let single = slq::<f32>(&mut Reflected::new(values.clone(), 7), &options).unwrap();
            assert!(single.moments().mismatch < 1e-5, "{}", single.moments().mismatch);
            assert!(spectrum.moments().mismatch < 1e-12);
        }
    }
}

#[test]
fn moments_and_functions_have_honest_errors() {
    let mut operator = Whole::wigner(60, 3);
    let matrix = dense::<f64>(&mut operator, 8).unwrap();
    let exponential: f64 = matrix.eigenvalues().iter().map(|v| v.exp()).sum();
    let mut scores = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    let negative = matrix.eigenvalues().iter().filter(|v| **v < -0.5).count() as f64;
    for seed in 0..150 {
        let options = SlqOptions { probes: 16, steps: 60, seed, ..Default::default() };
        let spectrum = slq::<f64>(&mut operator, &options).unwrap();
        let moments = spectrum.moments();
        let f = spectrum.trace_of(f64::exp);
        let count = spectrum.count_below(-0.5);
        let square = matrix.frobenius().powi(2);
        scores[0].push((moments.trace.mean - matrix.trace()) / moments.trace.stderr);
        scores[1].push((moments.frobenius_squared.mean - square) / moments.frobenius_squared.stderr);
        scores[2].push((f.mean - exponential) / f.stderr);
        scores[3].push((count.mean - negative) / count.stderr);
    }
    scores.iter().for_each(|s| coverage(s));
}

#[test]
fn the_negative_eigenvalues_are_counted() {
    let values: Vec<f64> =
        (0..1000).map(|i| if i < 40 { -2.0 - f64::from(i) / 40.0 } else { f64::from(i) }).collect();
    let options = SlqOptions { probes: 32, steps: 40, ..Default::default() };
    let spectrum = slq::<f64>(&mut Reflected::new(values, 2), &options).unwrap();
    let count = spectrum.count_below(-1e-6);
    assert!((count.mean - 40.0).abs() < 4.0 * count.stderr, "{count:?}");
    assert!(count.lower <= count.mean && count.mean <= count.upper);
    assert!(count.stderr < 5.0, "{count:?}");
}

#[test]
fn processes_that_end_early_are_the_measure_itself() {
    let mut operator = Reflected::new((0..60).map(|i| f64::from(i % 3)).collect(), 1);
    let spectrum = slq::<f64>(&mut operator, &SlqOptions::default()).unwrap();
    assert_eq!(spectrum.products, 3 * 16);
    assert!(spectrum.quadratures.iter().all(|q| q.complete && q.nodes.len() == 3));
    let found = spectrum.cumulative(&[-0.5, 0.5, 1.5, 2.5]);
    for (i, truth) in [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0].into_iter().enumerate() {
        assert_eq!(found.lower[i], found.upper[i]);
        assert!((found.mean[i] - truth).abs() <= 4.0 * found.stderr[i] + 1e-12);
    }
    let mut identity = from_fn(50, |v: &[f32], out| out.copy_from_slice(v));
    let spectrum = slq(&mut identity, &SlqOptions::default()).unwrap();
    let sigma = spectrum.resolution();
    assert_eq!(sigma, 1e-3 * spectrum.range().1);
    let density = spectrum.density(&spectrum.grid(50, sigma), sigma);
    assert!((integral(&density) - 1.0).abs() < 1e-3 && density.stderr.iter().all(|s| *s < 1e-2));
    assert!((spectrum.moments().trace.mean - 50.0).abs() < 1e-4);
    let mut zero = from_fn(30, |_: &[f64], out| out.fill(0.0));
    let spectrum = slq(&mut zero, &SlqOptions::default()).unwrap();
    assert_eq!((spectrum.range(), spectrum.moments().mismatch), ((0.0, 0.0), 0.0));
    let mut empty = from_fn(0, |_: &[f64], _| {});
    let nothing = slq(&mut empty, &SlqOptions::default()).unwrap();
    assert!(nothing.grid(10, 1.0).is_empty() && nothing.count_below(0.0).mean == 0.0);
    let mut single = from_fn(1, |v: &[f64], out| out[0] = -4.0 * v[0]);
    assert_eq!(slq(&mut single, &SlqOptions::default()).unwrap().moments().trace.mean, -4.0);
}

#[test]
fn without_reorthogonalization_the_quadrature_stays_accurate() {
    let mut values: Vec<f64> = (0..600).map(|i| f64::from(i) / 600.0).collect();
    values.extend([10.0, 30.0, 100.0]);
    let mut operator = Reflected::new(values, 4);
    let full = SlqOptions { probes: 4, steps: 60, ..Default::default() };
    let bare = SlqOptions { reorthogonalize: false, ..full };
    let (full, bare) = (slq::<f64>(&mut operator, &full).unwrap(), slq::<f64>(&mut operator, &bare).unwrap());
    for f in [|x: f64| (-x).exp(), |x: f64| x * x, |x: f64| 1.0 / (1.0 + x)] {
        let (a, b) = (full.trace_of(f).mean, bare.trace_of(f).mean);
        assert!((a - b).abs() < 1e-8 * a.abs(), "{a} {b}");
    }
    assert_ne!(full.quadratures[0].nodes, bare.quadratures[0].nodes);
}

#[test]
fn blocks_do_not_change_the_numbers() {
    let mut operator = Whole::wigner(80, 6);
    let options = SlqOptions { probes: 6, steps: 10, block: 4, ..Default::default() };
    let four = slq::<f64>(&mut operator, &options).unwrap();
    let one = slq::<f64>(&mut operator, &SlqOptions { block: 1, ..options }).unwrap();
    assert_eq!(four, one);
}
