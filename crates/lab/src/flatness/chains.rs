//! Whether chains agree, and how much their draws are worth.

use serde::Serialize;

/// What chains of one quantity amount to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mixing {
    /// The mean of all draws.
    pub mean: f64,
    /// Its standard error, √(variance / effective).
    pub stderr: f64,
    /// R̂ over halves of the chains: near 1 where they have forgotten their start; more than about 1.01 says not.
    pub r_hat: f64,
    /// The number of independent draws that would do as well.
    pub effective: f64,
}

/// Split R̂ and the effective sample size of m chains of equal length.
///
/// Each chain is cut into halves; R̂ = √(((N − 1)/N W + B/N)/W) with the variances W within and B/N between them. The effective
/// size is mN/(1 + 2Σρₜ), autocorrelations from all halves together, summed in pairs as long as these are positive
/// and made monotone (Geyer 1992). No ranks are taken. Constant chains have R̂ = 1.
///
/// Source: Vehtari, Gelman, Simpson, Carpenter & Bürkner, *Rank-normalization, folding, and localization: an improved R̂*
/// (Bayesian Analysis 2021), eq. 1–4 and 10–13.
///
/// # Panics
/// If there are no chains, they differ in length, or have fewer than four draws.
pub fn mixing(chains: &[Vec<f64>]) -> Mixing {
    let length = chains.first().map_or(0, Vec::len);
    assert!(
        length >= 4 && chains.iter().all(|chain| chain.len() == length),
        "chains of equal length, 4 or more"
    );
    let n = length / 2;
    let halves: Vec<&[f64]> = chains.iter().flat_map(|chain| [&chain[..n], &chain[length - n..]]).collect();
    let count = halves.len() as f64;
    let means: Vec<f64> = halves.iter().map(|half| half.iter().sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / count;
    let autocovariance = |t: usize| -> f64 {
        let one = |(half, mean): (&&[f64], &f64)| {
            (0..n - t).map(|i| (half[i] - mean) * (half[i + t] - mean)).sum::<f64>() / n as f64
        };
        halves.iter().zip(&means).map(one).sum::<f64>() / count
    };
    let within = autocovariance(0) * n as f64 / (n - 1) as f64;
    let between = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let pooled = (n - 1) as f64 / n as f64 * within + between;
    let total = count * n as f64;
    if within == 0.0 {
        let r_hat = if between == 0.0 { 1.0 } else { f64::INFINITY };
        let effective = if between == 0.0 { total } else { count };
        return Mixing { mean, stderr: (pooled / effective).sqrt(), r_hat, effective };
    }
    let correlation = |t: usize| 1.0 - (within - autocovariance(t) * n as f64 / (n - 1) as f64) / pooled;
    let (mut sum, mut before) = (0.0, f64::INFINITY);
    for t in (0..n.saturating_sub(1)).step_by(2) {
        // ρ₀ = 1.
        let first = if t == 0 { 1.0 } else { correlation(t) };
        let pair = (first + correlation(t + 1)).min(before);
        if pair <= 0.0 {
            break;
        }
        sum += pair;
        before = pair;
    }
    // Chains whose draws oscillate can be worth more than independent ones, but not without end.
    let effective = total / (2.0 * sum - 1.0).max(1.0 / total.log10());
    Mixing { mean, stderr: (pooled / effective).sqrt(), r_hat: (pooled / within).sqrt(), effective }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// x ← ρx + √(1 − ρ²) noise.
    fn autoregressive(rho: f64, length: usize, count: u64) -> Vec<Vec<f64>> {
        let chain = |index: u64| {
            let mut noise = vec![0.0; length];
            Stream::new(5, "chain", index).fill_normal(&mut noise);
            let mut x = noise[0];
            noise[1..].iter().fold(vec![x], |mut chain, e| {
                x = rho * x + (1.0 - rho * rho).sqrt() * e;
                chain.push(x);
                chain
            })
        };
        (0..count).map(chain).collect()
    }

    /// Of an autoregressive process the effective share is (1 − ρ)/(1 + ρ).
    #[test]
    fn correlated_draws_are_worth_less() {
        for rho in [0.0, 0.5, 0.9] {
            let found = mixing(&autoregressive(rho, 20_000, 4));
            let expected = 80_000.0 * (1.0 - rho) / (1.0 + rho);
            assert!((found.effective / expected - 1.0).abs() < 0.15, "{rho}: {found:?} and {expected}");
            assert!((found.r_hat - 1.0).abs() < 0.01 && found.mean.abs() < 4.0 * found.stderr, "{found:?}");
        }
    }

    #[test]
    fn chains_that_disagree_are_told_apart() {
        let mut chains = autoregressive(0.5, 1000, 4);
        chains[0].iter_mut().for_each(|x| *x += 3.0);
        let found = mixing(&chains);
        assert!(found.r_hat > 1.3 && found.effective < 20.0, "{found:?}");
        // A drift shows within the chains: their halves disagree.
        let mut drifting = autoregressive(0.0, 1000, 4);
        drifting.iter_mut().for_each(|c| c.iter_mut().enumerate().for_each(|(i, x)| *x += 0.004 * i as f64));
        assert!(mixing(&drifting).r_hat > 1.2);
        assert_eq!(mixing(&[vec![2.0; 10]]).r_hat, 1.0);
    }
}
