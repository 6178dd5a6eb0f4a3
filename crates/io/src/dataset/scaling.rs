//! What is done to inputs before a model sees them.

use std::fmt;

/// What to do to the inputs while loading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Images are divided by the largest value of their format, so that they lie in
    /// \[0, 1\]: the digits by 16, MNIST's and CIFAR's bytes by 255. Numbers of `.npz`
    /// and CSV stay as they are.
    #[default]
    Native,
    /// The numbers as the file holds them.
    Raw,
    /// Every feature is shifted and scaled to mean 0 and variance 1 over the loaded
    /// examples (population variance); a feature that never changes becomes 0.
    Standardize,
}

/// What was done to the inputs.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applied {
    /// Nothing.
    AsStored,
    /// Division by a constant.
    DividedBy(f32),
    /// Mean 0 and variance 1, feature by feature.
    Standardized,
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Applied::AsStored => f.write_str("as stored"),
            Applied::DividedBy(divisor) => write!(f, "divided by {divisor}"),
            Applied::Standardized => f.write_str("standardized feature by feature"),
        }
    }
}

impl Scaling {
    /// Scales N × `features` inputs in place. `divisor` is the format's own.
    pub(crate) fn apply(self, inputs: &mut [f32], features: usize, divisor: Option<f32>) -> Applied {
        match (self, divisor) {
            (Scaling::Native, Some(divisor)) => {
                inputs.iter_mut().for_each(|v| *v /= divisor);
                Applied::DividedBy(divisor)
            }
            (Scaling::Native, None) | (Scaling::Raw, _) => Applied::AsStored,
            (Scaling::Standardize, _) => {
                standardize(inputs, features);
                Applied::Standardized
            }
        }
    }
}

/// (x − mean) / √variance for each feature, in f64, the variance from a second pass.
fn standardize(inputs: &mut [f32], features: usize) {
    let rows = (inputs.len() / features) as f64;
    let mut mean = vec![0.0; features];
    for row in inputs.chunks_exact(features) {
        mean.iter_mut().zip(row).for_each(|(m, &v)| *m += f64::from(v) / rows);
    }
    let mut variance = vec![0.0; features];
    for row in inputs.chunks_exact(features) {
        for ((s, &v), m) in variance.iter_mut().zip(row).zip(&mean) {
            *s += (f64::from(v) - m).powi(2) / rows;
        }
    }
    let constant: Vec<bool> =
        (0..features).map(|j| inputs[j..].iter().step_by(features).all(|&v| v == inputs[j])).collect();
    for row in inputs.chunks_exact_mut(features) {
        for (j, v) in row.iter_mut().enumerate() {
            *v = if constant[j] { 0.0 } else { ((f64::from(*v) - mean[j]) / variance[j].sqrt()) as f32 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standardized_features_have_mean_0_and_variance_1() {
        // Columns 1, 3, 5 (mean 3, variance 8/3), a constant, and one of huge offset.
        let mut inputs = vec![1.0, 0.1, 1e6, 3.0, 0.1, 1e6 + 1.0, 5.0, 0.1, 1e6 + 2.0];
        let applied = Scaling::Standardize.apply(&mut inputs, 3, Some(255.0));
        assert_eq!(applied, Applied::Standardized);
        let z = 1.5f32.sqrt();
        for (found, expected) in inputs.iter().zip([-z, 0.0, -z, 0.0, 0.0, 0.0, z, 0.0, z]) {
            assert!((found - expected).abs() < 1e-6, "{found} against {expected}");
        }
    }

    #[test]
    fn native_divides_by_the_formats_constant_and_raw_does_not() {
        let mut inputs = vec![0.0, 255.0];
        assert_eq!(Scaling::Raw.apply(&mut inputs, 2, Some(255.0)), Applied::AsStored);
        assert_eq!(Scaling::Native.apply(&mut inputs, 2, None), Applied::AsStored);
        assert_eq!(Scaling::Native.apply(&mut inputs, 2, Some(255.0)), Applied::DividedBy(255.0));
        assert_eq!(inputs, [0.0, 1.0]);
    }
}
