//! A random walk seen from the line between its beginning and a point that it came to.

use std::f64::consts::{PI, SQRT_2};

use serde::Serialize;

/// Where a random walk stands, projected on the line from its beginning to its point at step S.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WalkPoint {
    /// Mean of the projection.
    pub along: f64,
    /// Its standard deviation over walks.
    pub along_sd: f64,
    /// Mean of the distance from the line.
    pub aside: f64,
    /// Its standard deviation.
    pub aside_sd: f64,
}

/// The same in units of the distance between the walk's beginning and its point at step S.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WalkDeviation {
    /// Mean of the projection, τ (1 beyond the solution).
    pub along: f64,
    /// Mean of the distance from the line, √(τ(1 − τ)).
    pub aside: f64,
    /// The standard deviation of either; `None` in 2 dimensions, where it is infinite.
    pub sd: Option<f64>,
}

/// The projection of w_t on the line from 0 to w_S, and its distance from that line, for w_t the sum of t
/// independent standard normal vectors of R^D, D ≥ 2, and S = `solution` ≥ 1.
///
/// Up to S the walk is the line to w_S plus a Brownian bridge of variance t(S − t)/S in each
/// coordinate, independent of w_S; beyond, a fresh walk from there. With c_k = E χ_k = √2 Γ((k+1)/2)/Γ(k/2):
///
/// - t ≤ S: projection (t/S)√S c_D, distance √(t(S − t)/S) c_{D−1};
/// - t > S: projection √S c_D, distance √(t − S) c_{D−1}.
///
/// Standard deviations are exact, too. The walk of figure 3 of Goodfellow, Vinyals & Saxe (ICLR 2015) has
/// S = 900 of 1,000 steps.
///
/// # Panics
/// If D < 2 or S = 0.
pub fn random_walk(dimension: usize, solution: u64, step: u64) -> WalkPoint {
    assert!(dimension >= 2 && solution >= 1, "a walk beside a line needs two dimensions and a step");
    let (s, t) = (solution as f64, step as f64);
    let (whole, beside) = (mean_chi(dimension), mean_chi(dimension - 1));
    let spread = |dimension: usize, mean: f64| dimension as f64 - mean * mean;
    let (share, noise) = if t <= s { (t / s, t * (s - t) / s) } else { (1.0, t - s) };
    WalkPoint {
        along: share * s.sqrt() * whole,
        along_sd: (share * share * s * spread(dimension, whole) + noise).sqrt(),
        aside: noise.sqrt() * beside,
        aside_sd: (noise * spread(dimension - 1, beside)).sqrt(),
    }
}

/// The same at the share τ = t/S ≤ 1 of the way, in units of ‖w_S‖: exactly the semicircle
/// (a − ½)² + b² = ¼ in the mean, in any dimension D ≥ 2 and for any S.
///
/// By the same bridge, a has mean τ and b = √(τ(1 − τ)) χ_{D−1}/χ_D with independent χ, whose mean is
/// √(τ(1 − τ)), since E χ_{D−1} E 1/χ_D = 1. Both have variance τ(1 − τ)/(D − 2).
///
/// # Panics
/// If D < 2 or τ is not in [0, 1].
pub fn random_walk_deviation(dimension: usize, share: f64) -> WalkDeviation {
    assert!(dimension >= 2, "a walk beside a line needs two dimensions");
    assert!((0.0..=1.0).contains(&share), "a share of the way to the solution");
    let variance = share * (1.0 - share);
    let sd = (dimension > 2).then(|| (variance / (dimension - 2) as f64).sqrt());
    WalkDeviation { along: share, aside: variance.sqrt(), sd }
}

/// E χ_k = √2 Γ((k + 1)/2)/Γ(k/2), to about 1e-14.
///
/// Small k by c_k c_{k+1} = k from c₁ = √(2/π); large k by the asymptotic series of Γ(x + ½)/Γ(x) at
/// x = k/2 (Tricomi & Erdélyi 1951).
fn mean_chi(k: usize) -> f64 {
    if k < 100 {
        return (1..k).fold((2.0 / PI).sqrt(), |mean, k| k as f64 / mean);
    }
    let y = 2.0 / k as f64;
    let terms = [1.0, -1.0 / 8.0, 1.0 / 128.0, 5.0 / 1024.0, -21.0 / 32768.0, -399.0 / 262_144.0];
    let series = terms.iter().rev().fold(869.0 / 4_194_304.0, |sum, term| sum * y + term);
    SQRT_2 * (k as f64 / 2.0).sqrt() * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::deviation;
    use crate::random::Stream;

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    /// Figure 3 of the paper in closed form, at figures computed with mpmath.
    #[test]
    fn the_walk_of_figure_3() {
        let ten = |t| random_walk(10, 900, t);
        near(ten(900).along, 92.529_833, 5e-7);
        near(ten(450).along, 46.264_916, 6e-7);
        near(ten(450).aside, 43.769_667, 5e-7);
        near(ten(1000).aside, 29.179_778, 5e-7);
        assert_eq!((ten(1000).along, ten(900).aside, ten(0).along), (ten(900).along, 0.0, 0.0));
        let many = |t| random_walk(1000, 900, t);
        near(many(900).along, 948.446_157, 5e-7);
        near(many(450).along, 474.223_078, 6e-7);
        near(many(450).aside, 473.985_789, 5e-7);
        near(many(1000).aside, 315.990_526, 5e-7);
    }

    /// c₁ = √(2/π), c₂ = √(π/2), c₃ = 2√(2/π); the two branches meet.
    #[test]
    fn means_of_chi() {
        near(mean_chi(1), (2.0 / PI).sqrt(), 1e-16);
        near(mean_chi(2), (PI / 2.0).sqrt(), 1e-15);
        near(mean_chi(3), 2.0 * (2.0 / PI).sqrt(), 1e-15);
        near(mean_chi(99) * mean_chi(100), 99.0, 1e-11);
        near(mean_chi(100) * mean_chi(101), 100.0, 1e-11);
        near(mean_chi(1_000_000) * mean_chi(1_000_001), 1e6, 1e-7);
    }

    /// 4,000 walks of 100 steps in 10 dimensions, the solution at step 90: means and deviations, in steps
    /// and in units of the line.
    #[test]
    fn means_and_deviations_are_those_of_many_walks() {
        let (dimension, walks, solution) = (10, 4000, 90);
        let places = [30usize, 60, 100];
        let mut sums = vec![[[0.0f64; 2]; 4]; places.len()];
        for walk in 0..walks {
            let mut noise = vec![0.0f64; 100 * dimension];
            Stream::new(5, "walk", walk).fill_normal(&mut noise);
            let mut rows = vec![vec![0.0; dimension]];
            for step in noise.chunks(dimension) {
                let last = &rows[rows.len() - 1];
                rows.push(last.iter().zip(step).map(|(x, s)| x + s).collect());
            }
            let points: Vec<(u64, &[f64])> = (0..).zip(rows.iter().map(|row| &row[..])).collect();
            let found = deviation(&points, &rows[solution]).unwrap();
            for (sums, place) in sums.iter_mut().zip(places) {
                let point = found.points[place];
                let seen =
                    [point.along * found.distance, point.aside * found.distance, point.along, point.aside];
                for (sum, value) in sums.iter_mut().zip(seen) {
                    *sum = [sum[0] + value, sum[1] + value * value];
                }
            }
        }
        for (sums, place) in sums.iter().zip(places) {
            let count = walks as f64;
            let expected = random_walk(dimension, solution as u64, place as u64);
            let check = |sum: [f64; 2], mean: f64, sd: f64| {
                let found = sum[0] / count;
                near(found, mean, 4.0 * sd / count.sqrt());
                near((sum[1] / count - found * found).sqrt(), sd, 0.06 * sd);
            };
            check(sums[0], expected.along, expected.along_sd);
            check(sums[1], expected.aside, expected.aside_sd);
            if place <= solution {
                let unit = random_walk_deviation(dimension, place as f64 / solution as f64);
                check(sums[2], unit.along, unit.sd.unwrap());
                check(sums[3], unit.aside, unit.sd.unwrap());
            }
        }
    }

    #[test]
    fn in_many_dimensions_it_is_a_semicircle() {
        let s = random_walk(1_000_000, 1000, 1000).along;
        for t in [100, 250, 500, 900] {
            let point = random_walk(1_000_000, 1000, t);
            let (a, b) = (point.along / s, point.aside / s);
            near((a - 0.5).powi(2) + b * b, 0.25, 1e-6);
            let unit = random_walk_deviation(1_000_000, t as f64 / 1000.0);
            near(unit.aside, b, 1e-6);
            assert!(unit.sd.unwrap() < 1e-3);
        }
        assert_eq!(random_walk_deviation(2, 0.5), WalkDeviation { along: 0.5, aside: 0.5, sd: None });
    }
}
