//! The volume of the low-loss region around a point.

use std::f64::consts::PI;

use serde::Serialize;

use super::noise::mean;
use crate::landscape::{Direction, ExtentOptions, extent};
use crate::random::Stream;
use crate::{Oracle, Scalar, Stop};

/// The volume of {f ≤ level} as far as x sees it, in logarithms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Volume {
    /// ln V.
    pub log_volume: f64,
    /// Its standard error, by the delta method: far too small where few rays carry the mean.
    pub stderr: f64,
    /// The radius of the ball of the same volume.
    pub radius: f64,
    /// How many of the lines really count: (Σw)²/Σw² of w = rⁿ.
    pub effective: f64,
    /// Median distance to the region's edge along a random direction.
    pub median: f64,
    /// Rays that did not end within the reach and count as if they ended there.
    pub open: u64,
    /// Lines, of two rays each.
    pub lines: u64,
}

/// V = ω_n E r(v)ⁿ over random unit directions v, where r(v) is the distance to the first crossing of the level along v and
/// ω_n = π^(n/2)/Γ(n/2 + 1) the volume of the unit ball: the volume of the star-shaped part of {f ≤ level} that x sees.
///
/// Both ends of each line count as one sample. In many dimensions rⁿ is so uneven that a single ray is the whole
/// mean ([`Volume::effective`] near 1): ln V is then a lower bound that grows with the number of rays, and only the
/// median distance is to be trusted. On a quadratic ln V = ln ω_n + ½ Σ ln(2ε/λᵢ). Not invariant under
/// changes of scale, unless they preserve volume.
///
/// Costs some sixty values a line.
///
/// Source: Huang, Emam, Goldblum, Fowl, Terry, Huang & Goldstein, *Understanding generalization through visualizations*
/// (2020), §4.3.
///
/// # Errors
/// [`Stop`] from the oracle.
///
/// # Panics
/// If there are no lines, or the options are not those of an [`extent`].
pub fn volume<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    lines: u64,
    options: &ExtentOptions,
    seed: u64,
) -> Result<Volume, Stop> {
    assert!(lines > 0, "a volume is a mean over lines");
    let n = x.len() as f64;
    let (mut logs, mut distances, mut open) = (Vec::new(), Vec::new(), 0);
    for index in 0..lines {
        let mut vector = vec![T::zero(); x.len()];
        Stream::new(seed, "volume", index).fill_normal(&mut vector);
        let direction = Direction::unit("ray", &vector).expect("normal numbers are finite and not all 0");
        let found = extent(oracle, x, &direction, options)?;
        let ends = [found.forward, found.backward].map(|end| {
            open += u64::from(end.outside.is_none());
            0.5 * (end.inside + end.outside.unwrap_or(end.inside))
        });
        distances.extend(ends);
        // ln of the mean of both rⁿ.
        let [a, b] = ends.map(|r| n * r.ln());
        let most = a.max(b);
        logs.push(if most > f64::NEG_INFINITY {
            most + (0.5 * ((a - most).exp() + (b - most).exp())).ln()
        } else {
            most
        });
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
    let (mean, stderr) = mean(&weights);
    let square: f64 = weights.iter().map(|w| w * w).sum();
    let log_mean = most + mean.ln();
    distances.sort_by(f64::total_cmp);
    let half = distances.len() / 2;
    Ok(Volume {
        log_volume: log_unit_ball(x.len()) + log_mean,
        stderr: stderr / mean,
        radius: (log_mean / n).exp(),
        effective: (mean * lines as f64).powi(2) / square,
        median: 0.5 * (distances[half - 1] + distances[half]),
        open,
        lines,
    })
}

/// ln(π^(n/2)/Γ(n/2 + 1)), by ω_n = ω_{n−2} 2π/n.
fn log_unit_ball(n: usize) -> f64 {
    let first = if n.is_multiple_of(2) { 0.0 } else { 2f64.ln() };
    (1..=n / 2).map(|k| (2.0 * PI / (2 * k + n % 2) as f64).ln()).sum::<f64>() + first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{diagonal, function};

    fn options(level: f64) -> ExtentOptions {
        ExtentOptions { level, first: 1e-3, reach: 1e4, tolerance: 1e-6 }
    }

    #[test]
    fn unit_balls_have_their_volumes() {
        let known = [1.0, 2.0, PI, 4.0 / 3.0 * PI, PI * PI / 2.0, 8.0 / 15.0 * PI * PI];
        for (n, volume) in known.into_iter().enumerate() {
            assert!((log_unit_ball(n).exp() / volume - 1.0).abs() < 1e-14, "{n}");
        }
    }

    #[test]
    fn ellipsoids_have_the_volume_of_their_axes() {
        let spectrum = [8.0, 2.0, 0.5, 1.0];
        let f = diagonal(&spectrum);
        let found = volume(&Oracle::<f64>::new(&f), &[0.0; 4], 2000, &options(0.3), 1).unwrap();
        let axes: f64 = spectrum.iter().map(|l| 0.5 * (0.6 / l).ln()).sum();
        let expected = log_unit_ball(4) + axes;
        assert!((found.log_volume - expected).abs() < 4.0 * found.stderr, "{found:?} and {expected}");
        assert!(found.stderr < 0.05 && found.effective > 200.0 && found.open == 0, "{found:?}");
        assert!((log_unit_ball(4) + 4.0 * found.radius.ln() - found.log_volume).abs() < 1e-12);
    }

    #[test]
    fn balls_in_many_dimensions_are_exact() {
        let f = diagonal(&[1.0; 300]);
        let found = volume(&Oracle::<f64>::new(&f), &vec![0.0; 300], 8, &options(0.5), 1).unwrap();
        assert!((found.radius - 1.0).abs() < 1e-5 && (found.effective - 8.0).abs() < 0.1, "{found:?}");
        let open = function(2, |_| 0.0, |_, g| g.fill(0.0), |_, h| h.fill(0.0));
        let found = volume(&Oracle::<f64>::new(&open), &[0.0; 2], 3, &options(1.0), 1).unwrap();
        assert_eq!((found.open, found.median), (6, 1e4));
    }
}
