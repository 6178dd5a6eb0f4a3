//! Means with standard errors, and the random vectors that they are taken over.

use crate::Scalar;
use crate::krylov::vectors::scale;
use crate::random::Stream;
use crate::vector::norm;

/// A mean and its standard error.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub mean: f64,
    /// Standard error of the mean; 0 if the value is exact.
    pub stderr: f64,
}

impl Estimate {
    /// A value without sampling error.
    pub fn exact(value: f64) -> Self {
        Self { mean: value, stderr: 0.0 }
    }

    /// The mean x̄ of at least two samples and √(Σ(x − x̄)² / (k(k − 1))).
    pub fn from_samples(samples: &[f64]) -> Self {
        let k = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / k;
        let squares: f64 = samples.iter().map(|x| (x - mean).powi(2)).sum();
        Self { mean, stderr: (squares / (k * (k - 1.0))).sqrt() }
    }

    /// Mean and standard error multiplied by `factor`.
    pub fn scaled(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, stderr: self.stderr * factor.abs() }
    }
}

/// How random probe vectors z with mean zzᵀ = I are drawn; both kinds have length √n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// Entries ±1: the smallest variance of a trace among independent entries (Hutchinson 1990).
    Rademacher,
    /// Gaussian directions, scaled to length √n.
    Sphere,
}

impl Probe {
    /// The probe of the given index.
    pub(super) fn fill<T: Scalar>(self, seed: u64, name: &str, index: u64, out: &mut [T]) {
        let mut stream = Stream::new(seed, name, index);
        match self {
            Probe::Rademacher => stream.fill_rademacher(out),
            Probe::Sphere => {
                stream.fill_normal(out);
                let length = norm(out);
                scale(out, (out.len() as f64).sqrt() / length);
            }
        }
    }
}
