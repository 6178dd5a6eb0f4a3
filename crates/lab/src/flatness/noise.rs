//! What normal noise in the parameters does.

use serde::Serialize;

use crate::random::Stream;
use crate::vector::displaced;
use crate::{Oracle, Scalar, Stop};

/// The noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NoiseOptions {
    /// Draws; the same ones at every standard deviation.
    pub draws: u64,
    /// Whether the noise of each coordinate is in proportion to its size.
    pub relative: bool,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for NoiseOptions {
    /// 32 draws of noise that is the same for all coordinates.
    fn default() -> Self {
        Self { draws: 32, relative: false, seed: 0 }
    }
}

/// A standard deviation with the interval that one standard error of the mean rise leaves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tolerated {
    /// σ; infinite if no σ that was tried makes f rise as far.
    pub sigma: f64,
    /// σ where the mean rise plus its standard error is the one asked for.
    pub low: f64,
    /// σ where the mean rise minus its standard error is.
    pub high: f64,
}

/// The noise that a point tolerates: the largest σ, up to 10³, with E f(x + u) − f(x) ≤ `rise` for u ∼ N(0, σ²I), or
/// N(0, σ² diag(x²)) for relative noise.
///
/// PAC-Bayesian bounds on the generalization gap grow with ‖x‖²/σ², for relative noise with n/σ² and logarithms, so 1/σ²
/// is the flatness measure. The expectation is a mean over the same draws for every σ, which makes it a
/// continuous function; a factor of 2 brackets the crossing, then bisection finds it to 1 %. Relative noise is
/// unchanged by rescaling single coordinates and units; noise of one size is not.
///
/// Source: Neyshabur, Bhojanapalli, McAllester & Srebro, *Exploring generalization in deep learning* (NeurIPS
/// 2017), §2.2; Jiang et al., *Fantastic generalization measures* (ICLR 2020), eq. 54 and 61, with `rise` = 0.1 of
/// accuracy there.
///
/// # Errors
/// [`Stop`] from the oracle.
pub fn tolerated_noise<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    rise: f64,
    options: &NoiseOptions,
) -> Result<Tolerated, Stop> {
    let centre = oracle.value(x)?;
    let mut known: Vec<(f64, f64, f64)> = Vec::new();
    let mut at = |sigma: f64, errors: f64| -> Result<f64, Stop> {
        if let Some((_, mean, stderr)) = known.iter().find(|(s, ..)| *s == sigma) {
            return Ok(mean + errors * stderr);
        }
        let (mean, stderr) = mean(&rises(oracle, x, centre, sigma, options)?);
        known.push((sigma, mean, stderr));
        Ok(mean + errors * stderr)
    };
    let mut crossing = |errors: f64| -> Result<f64, Stop> {
        let mut low = 0.0;
        let mut high = SMALLEST;
        while at(high, errors)? <= rise {
            (low, high) = (high, 2.0 * high);
            if high > LARGEST {
                return Ok(f64::INFINITY);
            }
        }
        while high - low > 0.01 * high {
            let middle = 0.5 * (low + high);
            if at(middle, errors)? <= rise {
                low = middle
            } else {
                high = middle
            }
            if high < SMALLEST * 1e-3 {
                return Ok(0.0);
            }
        }
        Ok(0.5 * (low + high))
    };
    Ok(Tolerated { sigma: crossing(0.0)?, low: crossing(1.0)?, high: crossing(-1.0)? })
}

const SMALLEST: f64 = 1.0 / (1u64 << 20) as f64;
const LARGEST: f64 = 1e3;

/// A number with its standard error, and how many of its draws really count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Entropy {
    /// −ln E exp(−(f(x + u) − f(x))).
    pub value: f64,
    /// Its standard error, by the delta method.
    pub stderr: f64,
    /// (Σw)²/Σw² of the weights w = exp(−rise): with few of them neither number means much.
    pub effective: f64,
}

/// The local entropy that f lacks beside a flat function, −ln E exp(−(f(x + u) − f(x))) for u ∼ N(0, σ²I): 0 where f is flat,
/// ½ Σ ln(1 + λσ²) for a quadratic.
///
/// With γ = 1/σ² it is the negative local entropy of Chaudhari et al. less its value for a flat function. Values of f that are
/// not finite count as a rise without end.
///
/// Source: Chaudhari et al., *Entropy-SGD* (ICLR 2017), eq. 5; there it is sampled by Langevin dynamics, here
/// by independent draws from the prior.
///
/// # Errors
/// [`Stop`] from the oracle.
pub fn local_entropy<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    sigma: f64,
    options: &NoiseOptions,
) -> Result<Entropy, Stop> {
    let centre = oracle.value(x)?;
    let rises = rises(oracle, x, centre, sigma, options)?;
    let least = rises.iter().copied().fold(f64::INFINITY, f64::min);
    let weights: Vec<f64> = rises.iter().map(|rise| (least - rise).exp()).collect();
    let (mean, stderr) = mean(&weights);
    let square: f64 = weights.iter().map(|w| w * w).sum();
    let count = weights.len() as f64;
    Ok(Entropy {
        value: least - mean.ln(),
        stderr: stderr / mean,
        effective: (mean * count).powi(2) / square,
    })
}

/// f(x + σu) − f(x) for each draw; infinite where f is not finite.
fn rises<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    centre: f64,
    sigma: f64,
    options: &NoiseOptions,
) -> Result<Vec<f64>, Stop> {
    let (mut draw, mut point) = (vec![T::zero(); x.len()], vec![T::zero(); x.len()]);
    (0..options.draws)
        .map(|index| {
            Stream::new(options.seed, "parameter noise", index).fill_normal(&mut draw);
            if options.relative {
                draw.iter_mut().zip(x).for_each(|(u, x)| *u = *u * x.abs());
            }
            displaced(x, &[(sigma, &draw)], &mut point);
            let mut value = [0.0];
            oracle.values(&point, &mut value)?;
            Ok(if value[0].is_finite() { value[0] - centre } else { f64::INFINITY })
        })
        .collect()
}

/// Mean and standard error.
pub(super) fn mean(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    (mean, (square / (count - 1.0).max(1.0) / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{diagonal, function};

    /// E ½uᵀHu = ½σ² tr H; for relative noise ½σ² Σ λᵢxᵢ², and a term that vanishes on average.
    #[test]
    fn quadratics_tolerate_noise_in_proportion_to_one_over_the_trace() {
        let spectrum: Vec<f64> = (0..200).map(|i| f64::from(i % 7)).collect();
        let trace: f64 = spectrum.iter().sum();
        let f = diagonal(&spectrum);
        let oracle = Oracle::<f64>::new(&f);
        let options = NoiseOptions { draws: 400, ..NoiseOptions::default() };
        let found = tolerated_noise(&oracle, &vec![0.0; 200], 0.1, &options).unwrap();
        let expected = (0.2 / trace).sqrt();
        assert!(found.low <= found.sigma && found.sigma <= found.high, "{found:?}");
        let error = (found.high - found.low) / 2.0;
        assert!((found.sigma - expected).abs() < 4.0 * error + 0.01 * expected, "{found:?} and {expected}");
        assert!(error < 0.05 * expected, "{found:?}");
        let flat = diagonal(&[0.0; 3]);
        let found = tolerated_noise(&Oracle::<f64>::new(&flat), &[1.0; 3], 0.1, &options).unwrap();
        assert_eq!(found.sigma, f64::INFINITY);
    }

    /// ½(uv − 1)² is the same function at (au, v/a), and of relative noise it does not matter which.
    #[test]
    fn relative_noise_is_blind_to_scales() {
        let f = function(
            2,
            |x| 0.5 * (x[0] * x[1] - 1.0).powi(2),
            |_, _| unreachable!("no gradient is asked for"),
            |_, _| unreachable!("no Hessian is asked for"),
        );
        let oracle = Oracle::<f64>::new(&f);
        let sigma = |a: f64, relative| {
            let options = NoiseOptions { draws: 64, relative, seed: 1 };
            tolerated_noise(&oracle, &[a, 1.0 / a], 0.01, &options).unwrap().sigma
        };
        assert!((sigma(1.0, true) / sigma(8.0, true) - 1.0).abs() < 1e-9);
        assert!(sigma(8.0, false) < 0.5 * sigma(1.0, false));
    }

    #[test]
    fn entropy_of_a_quadratic_is_half_the_sum_of_logarithms() {
        let spectrum = [4.0, 1.0, 0.25, 0.0];
        let f = diagonal(&spectrum);
        let oracle = Oracle::<f64>::new(&f);
        let options = NoiseOptions { draws: 20_000, ..NoiseOptions::default() };
        for sigma in [0.1, 0.7, 2.0] {
            let expected: f64 = spectrum.iter().map(|l| 0.5 * (1.0 + l * sigma * sigma).ln()).sum();
            let found = local_entropy(&oracle, &[0.0; 4], sigma, &options).unwrap();
            assert!((found.value - expected).abs() < 4.0 * found.stderr, "{sigma}: {found:?} and {expected}");
            assert!(found.stderr < 0.02 && found.effective > 1000.0, "{found:?}");
        }
        // Off the minimum the gradient counts too: E exp(−(λxu + ½λu²)) = (1 + λσ²)^(−½) exp(½λ²x²σ²/(1 + λσ²)).
        let single = diagonal(&[2.0]);
        let found = local_entropy(&Oracle::<f64>::new(&single), &[0.5], 0.5, &options).unwrap();
        let expected = 0.5 * 1.5f64.ln() - 0.5 * 0.25 / 1.5;
        assert!((found.value - expected).abs() < 4.0 * found.stderr, "{found:?} and {expected}");
    }
}
