//! A quadratic whose gradients carry noise of a known covariance.

use std::fmt;

use super::registry::{Entry, LearningSpec, SpecError, count, fits, number, seed};
use super::{ExampleSum, registry};
use crate::random::Stream;
use crate::{Layout, Scalar};

/// The table's row.
pub(super) const ENTRY: Entry = Entry {
    name: "noisy-quadratic",
    usage: "noisy-quadratic:N[,noise=S,copies=C,seed=S]",
    examples: &["noisy-quadratic:20", "noisy-quadratic:100,noise=0.1,copies=2"],
    summary: "½ Σ θᵢ²/i in N coordinates, a mean over 2NC examples (C = 5) whose gradients have covariance S² diag(1/i) \
              (S = 1) around it, wherever θ is",
    source: "Zhang, Li, Nado, Martens, Sachdeva, Dahl, Shallue & Grosse 2019, §3",
    build: parse,
};

/// Pairs of examples for each coordinate, where no number is given.
const COPIES: usize = 5;

/// A noisy quadratic that a text chooses: eigenvalues 1/i for i = 1 … n, and noise of covariance s²H.
///
/// Source: Zhang et al., "Which algorithmic choices matter at which batch sizes? Insights from a noisy quadratic
/// model" (NeurIPS 2019), §3, with s = 1 and n = 10⁴; there noise is normal and drawn at every step, here it is that of
/// examples.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyQuadratic {
    /// n.
    pub dimension: usize,
    /// s.
    pub noise: f64,
    /// Pairs of examples for each coordinate.
    pub copies: usize,
    /// Seed of the order of the examples.
    pub seed: u64,
}

/// (1/N) Σᵢ [½ Σⱼ λⱼθⱼ² + ξᵢᵀθ] with ξᵢ = ±σⱼ √n eⱼ, so that Σᵢ ξᵢ = 0 and (1/N) Σᵢ ξᵢξᵢᵀ = diag(σ²) exactly.
///
/// The mean is the quadratic with the given eigenvalues; each example's gradient is that of the mean plus ξᵢ, whose
/// covariance does not depend on θ. For every coordinate there are `copies` pairs of examples, N = 2n · copies, in an order
/// shuffled by the seed. The trace of the covariance is Σ σ², so McCandlish et al.'s (2018) simple noise scale is
/// exactly Σ σ²/Σ λ²θ² at θ. SGD with step η and batches of size B drawn with replacement comes to rest with
/// variance ησⱼ²/(Bλⱼ(2 − ηλⱼ)) along coordinate j.
///
/// # Panics
/// If there is not one σ for each eigenvalue, or no coordinate or copy.
pub fn noisy_quadratic<T: Scalar>(
    spectrum: &[f64],
    noise: &[f64],
    copies: usize,
    seed: u64,
) -> ExampleSum<T> {
    let n = spectrum.len();
    assert!(n > 0 && copies > 0 && noise.len() == n, "one size of the noise for each eigenvalue");
    let examples = 2 * n * copies;
    let mut rows = vec![T::zero(); examples * n];
    let order = Stream::new(seed, "noise", 0).permutation(examples);
    for (row, k) in rows.chunks_exact_mut(n).zip(order) {
        let (coordinate, sign) = (k as usize / 2 % n, if k % 2 == 0 { 1.0 } else { -1.0 });
        row[coordinate] = T::of(sign * noise[coordinate] * (n as f64).sqrt());
    }
    let values = spectrum.to_vec();
    ExampleSum::new(Layout::flat(n), rows, n, move |theta, rows| {
        let quadratic = 0.5 * (theta.vector(&values) * theta.square()).sum();
        rows.times(theta) + quadratic
    })
}

impl NoisyQuadratic {
    pub(super) fn build<T: Scalar>(&self) -> ExampleSum<T> {
        let spectrum: Vec<f64> = (1..=self.dimension).map(|i| 1.0 / i as f64).collect();
        let noise: Vec<f64> = spectrum.iter().map(|value| self.noise * value.sqrt()).collect();
        noisy_quadratic(&spectrum, &noise, self.copies, self.seed)
    }

    /// N.
    pub(super) fn examples(&self) -> usize {
        2 * self.dimension * self.copies
    }
}

/// The text that chooses it.
impl fmt::Display for NoisyQuadratic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = vec![self.dimension.to_string()];
        items.extend((self.noise != 1.0).then(|| format!("noise={}", self.noise)));
        items.extend((self.copies != COPIES).then(|| format!("copies={}", self.copies)));
        items.extend((self.seed != 0).then(|| format!("seed={}", self.seed)));
        registry::write(f, "noisy-quadratic", &items)
    }
}

/// Reads `20,noise=0.1`.
fn parse(text: &str) -> Result<LearningSpec, SpecError> {
    let (own, [noise, copies, order]) = registry::named(text, ["noise", "copies", "seed"])?;
    let spec = NoisyQuadratic {
        dimension: count("coordinates", &own.join(","))?,
        noise: noise.map_or(Ok(1.0), |text| number("noise", text))?,
        copies: copies.map_or(Ok(COPIES), |text| count("copies", text))?.max(1),
        seed: order.map_or(Ok(0), seed)?,
    };
    fits(spec.dimension.saturating_mul(2 * spec.copies), spec.dimension)?;
    Ok(LearningSpec::NoisyQuadratic(spec))
}
