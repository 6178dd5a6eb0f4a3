//! The scale of the gradient noise.

use serde::{Deserialize, Serialize};

use crate::vector::dot;
use crate::{Oracle, Scalar, Stop};

/// How much the examples' gradients differ, and what that means for minibatches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoiseScale {
    /// B_simple = tr Σ / ‖G‖², in examples; `None` where G = 0.
    pub simple: Option<f64>,
    /// tr Σ = (1/N) Σᵢ ‖gᵢ − G‖².
    pub covariance_trace: f64,
    /// ‖G‖².
    pub gradient_squared: f64,
    /// N.
    pub examples: usize,
}

/// The gradient-noise scale B_simple = tr Σ / ‖G‖² (McCandlish, Kaplan, Amodei &
/// OpenAI Dota Team 2018, "An empirical model of large-batch training", eq. 2.9).
///
/// gᵢ is the gradient of example i's loss, G their mean, and Σ their covariance,
/// all of the data loss: penalties have no noise and are left out. In a gradient
/// averaged over B_simple examples drawn at random, noise is as large as signal.
/// The paper estimates tr Σ and ‖G‖² from two batch sizes; here both are
/// computed from all N examples and are exact, up to rounding, for this data set
/// as the population, as tr Σ = (1/N) Σ ‖gᵢ‖² − ‖G‖². Where the examples
/// are a sample themselves, tr Σ is biased by the factor (N − 1)/N.
///
/// Costs two to three gradients' work and counts as one. `None` where the objective is no
/// mean over examples, or an example has no loss of its own (batch normalization).
pub fn noise_scale<T: Scalar>(oracle: &Oracle<'_, T>, x: &[T]) -> Result<Option<NoiseScale>, Stop> {
    let Some(sum) = oracle.objective().finite_sum().filter(|sum| sum.is_separable()) else { return Ok(None) };
    let mut gradient = vec![T::zero(); x.len()];
    let squares = oracle.stochastic(1.0, &mut gradient, |gradient| sum.gradient_moments(x, gradient))?;
    let gradient_squared = dot(&gradient, &gradient);
    let covariance_trace = squares - gradient_squared;
    Ok(Some(NoiseScale {
        simple: (gradient_squared > 0.0).then(|| covariance_trace / gradient_squared),
        covariance_trace,
        gradient_squared,
        examples: sum.examples(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn it_is_the_spread_of_the_examples_gradients() {
        let objective = samples::least_squares(23, 4);
        let x = [0.3, -0.2, 1.1, 0.4];
        let oracle = Oracle::<f64>::new(&objective);
        let found = noise_scale(&oracle, &x).unwrap().unwrap();
        let single = |i: usize| {
            let mut g = vec![0.0; 4];
            objective.over(&x, std::iter::once(i), &mut g);
            g
        };
        let gradients: Vec<Vec<f64>> = (0..23).map(single).collect();
        let mean: Vec<f64> = (0..4).map(|j| gradients.iter().map(|g| g[j]).sum::<f64>() / 23.0).collect();
        let spread: f64 = gradients
            .iter()
            .map(|g| g.iter().zip(&mean).map(|(g, m)| (g - m).powi(2)).sum::<f64>())
            .sum::<f64>()
            / 23.0;
        assert!((found.covariance_trace / spread - 1.0).abs() < 1e-12);
        assert!((found.gradient_squared / dot(&mean, &mean) - 1.0).abs() < 1e-12);
        assert_eq!(found.simple, Some(found.covariance_trace / found.gradient_squared));
        assert_eq!((found.examples, oracle.counts().gradients), (23, 1));
        let plain = samples::walled_saddle();
        assert_eq!(noise_scale(&Oracle::<f64>::new(&plain), &[1.0, 0.0]), Ok(None));
    }
}
