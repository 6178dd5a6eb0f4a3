//! A quadratic whose gradients carry noise of a known covariance.

use thalweg_graph::Threads;

use super::ExampleSum;
use crate::random::Stream;
use crate::{Layout, Scalar};

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
    threads: Threads,
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
    ExampleSum::new(
        Layout::flat(n),
        rows,
        n,
        move |theta, rows| {
            let quadratic = 0.5 * (theta.vector(&values) * theta.square()).sum();
            rows.times(theta) + quadratic
        },
        |theta| theta.number(0.0),
        threads,
    )
}
