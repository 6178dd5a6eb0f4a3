//! The local learning coefficient.

use serde::{Deserialize, Serialize};

use super::chains::{Mixing, mixing};
use crate::random::Stream;
use crate::{Oracle, Scalar, Stop};

/// The sampler.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SamplerOptions {
    /// Chains, all from x.
    pub chains: u64,
    /// Draws that are kept of each.
    pub draws: u64,
    /// Steps before them.
    pub burn_in: u64,
    /// ε.
    pub step: f64,
    /// γ, which holds the chains to x.
    pub localization: f64,
    /// Examples in a minibatch; `None` for all.
    pub batch: Option<usize>,
    /// n, the number of examples: the objective's own where this is `None`.
    pub examples: Option<f64>,
    /// Seed of noise and minibatches.
    pub seed: u64,
}

impl Default for SamplerOptions {
    /// Four chains of 1,000 draws after 400 steps, ε = 10⁻⁴, γ = 100, batches of 64.
    fn default() -> Self {
        Self {
            chains: 4,
            draws: 1000,
            burn_in: 400,
            step: 1e-4,
            localization: 100.0,
            batch: Some(64),
            examples: None,
            seed: 0,
        }
    }
}

/// λ̂ with what there is to say for and against it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LearningCoefficient {
    /// λ̂ = nβ (mean loss of the draws − loss at x). Below 0 where chains find lower places than x: x is no minimum then.
    pub value: f64,
    /// Its standard error, from the draws' effective number.
    pub stderr: f64,
    /// R̂ of the chains' losses.
    pub r_hat: f64,
    /// The effective number of draws.
    pub effective: f64,
    /// n and β = 1/ln n.
    pub examples: f64,
    /// See above.
    pub temperature: f64,
    /// λ̂ of each chain.
    pub chains: Vec<f64>,
}

/// The local learning coefficient λ̂(x) = nβ (E L(w) − L(x)), with the expectation over exp(−nβ L(w) − γ/2 ‖w − x‖²)
/// and β = 1/ln n, sampled by SGLD: w ← w − ε/2 (nβ ∇L_B(w) + γ(w − x)) + N(0, ε).
///
/// For a regular minimum in d dimensions λ = d/2, for degenerate ones it is less: an effective count of parameters that
/// does not change under any smooth reparametrization (its estimate, with a Gaussian around x and
/// an isotropic sampler, does). The estimate depends on ε and γ: chains must have mixed (R̂ near 1), ε must be so small that
/// halving it changes nothing. On a quadratic it is Σ nβλᵢ/2(nβλᵢ + γ) as ε → 0.
///
/// The losses are those of the minibatches at the draws, whose mean over steps is that of the whole. A gradient a step.
///
/// Source: Lau, Furman, Wang, Murfet & Wei, *The local learning coefficient: a singularity-aware complexity measure*
/// (2023), Algorithm 1 and eq. 13.
///
/// # Errors
/// [`Stop`] from the oracle; a chain that leaves the finite numbers is one.
///
/// # Panics
/// If there are no chains or fewer than four draws, or n is not known and not above 1.
pub fn learning_coefficient<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    options: &SamplerOptions,
) -> Result<LearningCoefficient, Stop> {
    let objective = oracle.objective();
    let sum = objective.finite_sum();
    let examples = options.examples.or(sum.map(|sum| sum.examples() as f64)).unwrap_or(f64::NAN);
    assert!(examples > 1.0, "the number of examples is not known: give one above 1");
    let temperature = 1.0 / examples.ln();
    let factor = examples * temperature;
    let loss = oracle.value(x)?;
    let size = options.batch.zip(sum).filter(|(size, sum)| *size < sum.examples());
    let mut batch = size.map(|(size, sum)| (size, sum.examples(), sum.minibatch(size)));
    let mut losses = Vec::new();
    let (mut gradient, mut noise) = (vec![T::zero(); x.len()], vec![T::zero(); x.len()]);
    for chain in 0..options.chains {
        let mut w = x.to_vec();
        let mut kept = Vec::new();
        let mut indices: Vec<u32> = Vec::new();
        for step in 0..options.burn_in + options.draws {
            let index = chain << 32 | step;
            let value = match &mut batch {
                None => oracle.value_grad(&w, &mut gradient)?,
                Some((size, all, minibatch)) => {
                    if indices.len() < *size {
                        indices = Stream::new(options.seed, "sgld examples", index).permutation(*all);
                    }
                    let drawn = indices.split_off(indices.len() - *size);
                    let share = *size as f64 / *all as f64;
                    oracle.stochastic(share, &mut gradient, |g| minibatch.value_grad(&w, &drawn, g))?
                }
            };
            if step >= options.burn_in {
                kept.push(value);
            }
            Stream::new(options.seed, "sgld noise", index).fill_normal(&mut noise);
            for (((w, x), g), u) in w.iter_mut().zip(x).zip(&gradient).zip(&noise) {
                let drift = factor * g.wide() + options.localization * (w.wide() - x.wide());
                *w = T::of(w.wide() - 0.5 * options.step * drift + options.step.sqrt() * u.wide());
            }
        }
        losses.push(kept);
    }
    let Mixing { mean, stderr, r_hat, effective } = mixing(&losses);
    let estimate = |mean: f64| factor * (mean - loss);
    let chains =
        losses.iter().map(|chain| estimate(chain.iter().sum::<f64>() / chain.len() as f64)).collect();
    Ok(LearningCoefficient {
        value: estimate(mean),
        stderr: factor * stderr,
        r_hat,
        effective,
        examples,
        temperature,
        chains,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{diagonal, least_squares};

    /// Each coordinate is an autoregressive process: with a = nβλ + γ its variance is 1/(a(1 − εa/4)).
    #[test]
    fn a_quadratic_has_the_coefficient_of_its_stationary_law() {
        let spectrum = [3.0, 1.0, 0.3, 0.0];
        let f = diagonal(&spectrum);
        let options = SamplerOptions {
            draws: 20_000,
            burn_in: 500,
            step: 2e-3,
            localization: 5.0,
            examples: Some(500.0),
            batch: None,
            ..SamplerOptions::default()
        };
        let factor = 500.0 / 500f64.ln();
        let expected: f64 = spectrum
            .iter()
            .map(|l| {
                let a = factor * l + 5.0;
                0.5 * factor * l / (a * (1.0 - 2e-3 * a / 4.0))
            })
            .sum();
        let found = learning_coefficient(&Oracle::<f64>::new(&f), &[0.0; 4], &options).unwrap();
        assert!((found.value - expected).abs() < 4.0 * found.stderr, "{found:?} and {expected}");
        assert!(found.stderr < 0.05 && found.r_hat < 1.02 && found.effective > 400.0, "{found:?}");
        // Three of four dimensions count: 3/2, less what the localization holds back.
        assert!((found.value - 1.5).abs() < 0.2, "{found:?}");
    }

    #[test]
    fn minibatches_agree_with_all_examples_where_noise_is_small() {
        let f = least_squares(60, 3);
        let oracle = Oracle::<f64>::new(&f);
        let mut x = vec![1.0; 3];
        let mut g = vec![0.0; 3];
        for _ in 0..4000 {
            oracle.value_grad(&x, &mut g).unwrap();
            x.iter_mut().zip(&g).for_each(|(x, g)| *x -= 0.5 * g);
        }
        let options =
            SamplerOptions { draws: 8000, step: 2e-3, localization: 1.0, ..SamplerOptions::default() };
        let all = learning_coefficient(&oracle, &x, &SamplerOptions { batch: None, ..options }).unwrap();
        let some = learning_coefficient(&oracle, &x, &SamplerOptions { batch: Some(30), ..options }).unwrap();
        let error = all.stderr.hypot(some.stderr);
        assert!((all.value - some.value).abs() < 4.0 * error + 0.1, "{all:?} and {some:?}");
        assert!((all.value - 1.5).abs() < 0.3, "{all:?}");
        assert_eq!(all.chains.len(), 4);
    }
}
