use super::*;
use crate::landscape::{Link, Links};
use crate::problem::analytic::{Analytic, Function, Nature};
use crate::{Objective, samples};

fn relaxed(f: &dyn Objective<f64>, band: &mut Band<f64>, options: &BandOptions) -> Profile {
    let oracle = Oracle::new(f);
    while !band.is_done(options) {
        band.advance(&oracle, options).unwrap().unwrap();
    }
    profile(&oracle, &band.curve(), &ProfileOptions { points: 301, ..ProfileOptions::default() }).unwrap()
}

fn adam(rate: f64) -> BandOptions {
    BandOptions::new("adam".parse().unwrap(), rate)
}

/// h(x₁² − 1)² + ½κ Σ (xᵢ − s(1 − x₁²))²: two wells at x₁ = ±1, joined by a bent valley. The pass at (0, s, …, s) is
/// h high, and the straight line rises to h + ½κ(n − 1)s².
fn wells(n: usize, h: f64, kappa: f64, s: f64) -> samples::Function {
    let off = move |x: &[f64], i: usize| x[i] - s * (1.0 - x[0] * x[0]);
    samples::function(
        n,
        move |x| {
            let across: f64 = (1..n).map(|i| off(x, i).powi(2)).sum();
            h * (x[0] * x[0] - 1.0).powi(2) + 0.5 * kappa * across
        },
        move |x, g| {
            let sum: f64 = (1..n).map(|i| off(x, i)).sum();
            g[0] = 4.0 * h * x[0] * (x[0] * x[0] - 1.0) + kappa * sum * 2.0 * s * x[0];
            (1..n).for_each(|i| g[i] = kappa * off(x, i));
        },
        |_, _| (),
    )
}

#[test]
fn a_bent_valley_between_two_wells_has_the_planted_pass() {
    let (n, h, kappa, s) = (8, 0.7, 5.0, 0.6);
    let f = wells(n, h, kappa, s);
    let end = |x: f64| [vec![x], vec![0.0; n - 1]].concat();
    let options = BandOptions { pivots: 1, ..adam(0.03) };
    let mut band = Band::straight(&end(-1.0), &end(1.0), &options);
    let line = Curve::line(&end(-1.0), &end(1.0)).unwrap();
    let straight = profile(&Oracle::new(&f), &line, &ProfileOptions::default()).unwrap();
    let planted = h + 0.5 * kappa * (n - 1) as f64 * s * s;
    assert!((straight.barrier.unwrap().height - planted).abs() < 1e-10);
    let found = relaxed(&f, &mut band, &options);
    let barrier = found.barrier.unwrap();
    assert!((barrier.height - h).abs() < 0.01 * h, "{barrier:?}, force {}", band.force);
    assert!(band.pivots.len() > options.pivots + 2, "pivots are inserted where the band is rough");
    assert!(band.force < 0.05, "{}", band.force);
    // The pass itself, in the middle of the band.
    let x = band.curve().at(found.highest.unwrap().t);
    assert!(x[0].abs() < 0.05 && x[1..].iter().all(|v| (v - s).abs() < 0.02), "{x:?}");
}

/// Müller and Brown's two transition states, −40.665 and −72.249, and the tree that they make of the three minima.
#[test]
fn muller_browns_passes_are_found_and_span_its_tree() {
    let function: Function = "muller-brown".parse().unwrap();
    let known = |nature: Nature| {
        let known = function.known().iter().filter(move |known| known.nature() == nature);
        known.cloned().collect::<Vec<_>>()
    };
    let (minima, saddles) = (known(Nature::Minimum), known(Nature::Saddle));
    let mut passes: Vec<f64> = saddles.iter().map(|saddle| saddle.value).collect();
    passes.sort_by(f64::total_cmp);
    assert!((passes[0] + 72.2489).abs() < 1e-3 && (passes[1] + 40.6648).abs() < 1e-3, "{passes:?}");
    let f: Analytic<f64> = Analytic::new(function.clone(), Default::default());
    let values: Vec<f64> = minima.iter().map(|minimum| minimum.value).collect();
    let far = |a: usize, b: usize| distance(&minima[a].x, &minima[b].x);
    let options = BandOptions { pivots: 15, insert: 0.01, most: 60, steps: 200, ..adam(0.02) };
    let (mut links, mut tried) = (Links::default(), Vec::new());
    while let Some(pair) = links.next(values.len(), &far, &tried) {
        tried.push(pair);
        let mut band = Band::straight(&minima[pair[0]].x, &minima[pair[1]].x, &options);
        let level = relaxed(&f, &mut band, &options).highest.unwrap().height;
        links.all.push(Link { ends: pair, level });
    }
    let tree = links.tree(&values);
    let levels: Vec<f64> = tree.merges.iter().map(|merge| merge.level).collect();
    assert_eq!(levels.len(), 2);
    for (level, pass) in levels.iter().zip(&passes) {
        // A polygon lies above the pass where it cuts the corner of the valley.
        assert!((-0.01..0.1).contains(&(level - pass)), "{levels:?} {passes:?}");
    }
}

/// u·v = 1 for u, v in Rᵏ: two parts for k = 1, with a pass at ½; one part for k = 2, by u = v = (cos t, sin t).
#[test]
fn sublevel_sets_of_a_product_connect_from_two_dimensions_on() {
    let product = |k: usize| {
        let error = move |x: &[f64]| (0..k).map(|i| x[i] * x[k + i]).sum::<f64>() - 1.0;
        samples::function(
            2 * k,
            move |x| 0.5 * error(x).powi(2),
            move |x, g| {
                let e = error(x);
                (0..k).for_each(|i| (g[i], g[k + i]) = (e * x[k + i], e * x[i]));
            },
            |_, _| (),
        )
    };
    let level = |k: usize| {
        let f = product(k);
        let mut end = vec![0.0; 2 * k];
        (end[0], end[k]) = (1.0, 1.0);
        let other: Vec<f64> = end.iter().map(|v| -v).collect();
        let options = BandOptions { pivots: 9, ..adam(0.02) };
        // By way of a point off the line of symmetry.
        let mut bend = vec![0.1; 2 * k];
        bend[0] = 0.05;
        let curve = Curve::new(CurveKind::Chain, vec![end.clone(), bend, other.clone()]).unwrap();
        let points = (0..=10).map(|i| curve.at(f64::from(i) / 10.0)).collect();
        let mut band = Band::along(&Curve::new(CurveKind::Chain, points).unwrap());
        let found = relaxed(&f, &mut band, &options);
        let link = Link { ends: [0, 1], level: found.highest.unwrap().height };
        Links { all: vec![link] }.tree(&[0.0, 0.0]).level(0, 1).unwrap()
    };
    let one = level(1);
    assert!((0.5 - 1e-4..0.505).contains(&one), "no way round: {one}");
    let two = level(2);
    assert!(two < 5e-3, "{two}");
}

#[test]
fn a_band_that_is_saved_goes_on_to_the_same_bits() {
    let f = wells(3, 0.5, 2.0, 0.4);
    let options = BandOptions { cycles: 3, steps: 20, ..adam(0.05) };
    let start = Band::straight(&[-1.0, 0.0, 0.0], &[1.0, 0.0, 0.0], &options);
    let mut whole = start.clone();
    relaxed(&f, &mut whole, &options);
    let mut parts = start;
    let oracle = Oracle::new(&f);
    while !parts.is_done(&options) {
        parts.advance(&oracle, &options).unwrap().unwrap();
        parts = serde_json::from_str(&serde_json::to_string(&parts).unwrap()).unwrap();
    }
    assert_eq!(parts, whole);
}

/// On minibatches of least squares, whose only valley is a bowl, the band comes to lie near the straight line.
#[test]
fn minibatches_relax_a_band_too() {
    let sum = samples::least_squares(40, 2);
    let options = BandOptions { batch: Some(8), steps: 60, ..adam(0.05) };
    let (a, b) = ([3.0, -1.0], [-1.0, 3.0]);
    let chain = Curve::new(CurveKind::Chain, vec![a.to_vec(), vec![6.0, 6.0], b.to_vec()]).unwrap();
    let mut band = Band::along(&chain);
    let before = profile(&Oracle::new(&sum), &chain, &ProfileOptions::default()).unwrap();
    let found = relaxed(&sum, &mut band, &options);
    assert!(before.barrier.unwrap().height > 1.0);
    assert!(found.barrier.unwrap().height < 0.05, "{:?}", found.barrier);
}

#[test]
fn options_that_fit_no_training_are_refused_and_stops_leave_the_band() {
    let f = wells(2, 1.0, 1.0, 0.0);
    let oracle = Oracle::new(&f);
    let refused = |options: &BandOptions| {
        Band::straight(&[-1.0, 0.0], &[1.0, 0.0], options).advance(&oracle, options).unwrap_err()
    };
    assert!(matches!(refused(&adam(0.0)), TrainError::LearningRate(_)));
    assert!(matches!(
        refused(&BandOptions { batch: Some(2), ..adam(0.1) }),
        TrainError::NoExamples { size: 2 }
    ));
    let newton = BandOptions::new("newton".parse().unwrap(), 1.0);
    assert!(matches!(refused(&newton), TrainError::NoTraining { optimizer: "newton" }));
    let options = BandOptions::new("sgd".parse().unwrap(), 1e200);
    let mut band = Band::straight(&[-1.0, 0.1], &[1.0, -0.1], &options);
    let before = band.clone();
    let stop = band.advance(&oracle, &options).unwrap().unwrap_err();
    assert!(matches!(stop, Stop::NonFinite { .. }), "{stop}");
    assert_eq!(serde_json::to_string(&band).unwrap(), serde_json::to_string(&before).unwrap());
}
