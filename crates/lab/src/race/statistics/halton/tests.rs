//! Points are compared with Halton's own where nothing is permuted, and with
//! what stratification and uniformity demand where it is.

use super::*;

/// Figures of `scipy.stats.qmc.Halton(d=3, scramble=False)`, SciPy 1.17.1; in
/// closed form 5 = 101₂ = 12₃ = 10₅ gives 0.101₂ = 5/8, 0.21₃ = 7/9, 0.01₅ = 1/25.
#[test]
fn without_permutations_it_is_haltons_sequence() {
    let plain: Vec<Vec<Vec<u32>>> =
        [2, 3, 5].map(|base| vec![(0..base).collect(); digits(base) as usize]).to_vec();
    let points = Halton { permutations: plain };
    let expected = [
        [0.0, 0.0, 0.0],
        [1.0 / 2.0, 1.0 / 3.0, 1.0 / 5.0],
        [1.0 / 4.0, 2.0 / 3.0, 2.0 / 5.0],
        [3.0 / 4.0, 1.0 / 9.0, 3.0 / 5.0],
        [1.0 / 8.0, 4.0 / 9.0, 4.0 / 5.0],
        [5.0 / 8.0, 7.0 / 9.0, 1.0 / 25.0],
    ];
    for (index, expected) in expected.iter().enumerate() {
        for (found, expected) in points.point(index as u64).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{index}: {found} {expected}");
        }
    }
}

#[test]
fn consecutive_points_lie_in_different_parts() {
    let points = Halton::new(Halton::MOST, 5);
    for (j, &base) in PRIMES.iter().enumerate() {
        for power in 1..=2 {
            let parts = base.pow(power) as usize;
            for start in [0, 1, 1_000_003] {
                let mut hits = vec![0; parts];
                for i in 0..parts as u64 {
                    let x = points.point(start + i)[j];
                    assert!((0.0..1.0).contains(&x));
                    // Far below the distance of two points and above rounding.
                    hits[((x + 1e-12) * parts as f64) as usize] += 1;
                }
                assert!(hits.iter().all(|&count| count == 1), "base {base}, {parts} parts from {start}");
            }
        }
    }
}

/// By the Chinese remainder theorem 2²·3·5 points fill 4 × 3 × 5 boxes, one each.
#[test]
fn boxes_of_several_coordinates_are_filled_evenly() {
    for seed in 0..5 {
        let points = Halton::new(3, seed);
        let mut hits = [0; 60];
        for i in 0..60 {
            let point = points.point(i);
            let cell = |j: usize, parts: f64| ((point[j] + 1e-12) * parts) as usize;
            hits[cell(0, 4.0) + 4 * cell(1, 3.0) + 12 * cell(2, 5.0)] += 1;
        }
        assert_eq!(hits, [1; 60], "seed {seed}");
    }
}

/// Over seeds each point is uniform and coordinates are uncorrelated, also in
/// the high dimensions where the plain sequence's first points lie on a line.
#[test]
fn a_single_point_is_uniform_over_seeds() {
    const SEEDS: usize = 4000;
    let samples: Vec<Vec<f64>> = (0..SEEDS as u64).map(|seed| Halton::new(16, seed).point(3)).collect();
    let mean = |f: &dyn Fn(&[f64]) -> f64| samples.iter().map(|p| f(p)).sum::<f64>() / SEEDS as f64;
    let error = 4.5 / (SEEDS as f64).sqrt();
    for j in 0..16 {
        assert!(mean(&|p| p[j] - 0.5).abs() < error * (1.0f64 / 12.0).sqrt());
        assert!(mean(&|p| (p[j] - 0.5).powi(2) - 1.0 / 12.0).abs() < error * (1.0f64 / 180.0).sqrt());
        for k in 0..j {
            assert!(mean(&|p| (p[j] - 0.5) * (p[k] - 0.5)).abs() < error / 12.0, "{j} {k}");
        }
    }
}

/// The mean of Π 3x² is 1. With n = 4096 points it is far closer than the
/// standard error √((9/5)ᵈ − 1)/√n of independent ones.
#[test]
fn integrals_converge_faster_than_with_independent_points() {
    for seed in 0..4 {
        let points = Halton::new(4, seed);
        let mean =
            (0..4096).map(|i| points.point(i).iter().map(|x| 3.0 * x * x).product::<f64>()).sum::<f64>()
                / 4096.0;
        let independent = ((1.8f64.powi(4) - 1.0) / 4096.0).sqrt();
        assert!((mean - 1.0).abs() < 0.3 * independent, "{mean} {independent}");
    }
}

#[test]
fn points_depend_on_seed_and_index_alone() {
    assert_eq!(Halton::new(2, 1).point(9), Halton::new(5, 1).point(9)[..2]);
    assert_ne!(Halton::new(2, 1).point(9), Halton::new(2, 2).point(9));
    assert!(Halton::new(0, 1).point(4).is_empty());
    // The last index whose digits all count, and one beyond.
    assert!(Halton::new(1, 1).point((1 << 53) - 1)[0] < 1.0);
    assert!(Halton::new(16, 1).point(u64::MAX).iter().all(|x| (0.0..1.0).contains(x)));
}

#[test]
fn scales_place_values_and_find_them_again() {
    assert_eq!(Scale::Linear.value(0.25, -1.0, 3.0), 0.0);
    assert!((Scale::Log.value(0.25, 1e-4, 1.0) / 1e-3 - 1.0).abs() < 1e-14);
    for (scale, low, high) in
        [(Scale::Linear, -2.0, 0.7), (Scale::Log, 3e-7, 0.9), (Scale::Log, 1e-300, 1e300)]
    {
        assert_eq!((scale.value(0.0, low, high), scale.value(1.0, low, high)), (low, high));
        let mut before = low;
        for k in 1..100 {
            let share = f64::from(k) / 100.0;
            let value = scale.value(share, low, high);
            assert!(before < value && value < high);
            assert!((scale.share(value, low, high) - share).abs() < 1e-13);
            before = value;
        }
        assert_eq!((scale.share(low, low, high), scale.share(high, low, high)), (0.0, 1.0));
    }
    assert_eq!((Scale::Log.value(0.5, 2.0, 2.0), Scale::Log.share(2.0, 2.0, 2.0)), (2.0, 0.0));
    assert!(Scale::Log.share(0.1, 1.0, 10.0) < 0.0 && Scale::Log.share(100.0, 1.0, 10.0) > 1.0);
}

#[test]
#[should_panic(expected = "no Log interval from 0 to 1")]
fn logarithms_need_positive_ends() {
    Scale::Log.value(0.5, 0.0, 1.0);
}
