//! The spectral density, broadened by a Gaussian.

use super::Slq;
use crate::krylov::estimate::Estimate;

/// A spectral density φ(t) with ∫ φ = 1, broadened by a Gaussian.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Density {
    /// The places t.
    pub grid: Vec<f64>,
    /// Standard deviation σ of the Gaussian.
    pub sigma: f64,
    /// φ(t) = mean over probes of Σᵢ ωᵢ exp(−(t − θᵢ)²/2σ²)/(σ√2π).
    pub mean: Vec<f64>,
    /// Standard error of the mean over the probes.
    pub stderr: Vec<f64>,
}

/// The smallest width that is chosen, relative to the range of the nodes.
const NARROWEST: f64 = 1e-5;

impl Slq {
    /// A width σ for [`density`](Self::density): the median, weighted with the
    /// ωᵢ, of the spacing ½(θᵢ₊₁ − θᵢ₋₁) of the nodes.
    ///
    /// This is what the quadrature resolves where the spectrum has its mass; a
    /// smaller σ shows the single nodes instead of a density. It is at least
    /// 1e-5 of the nodes' range, and 1e-3 of a spectrum that is one point.
    pub fn resolution(&self) -> f64 {
        let mut spacings: Vec<(f64, f64)> = Vec::new();
        for q in &self.quadratures {
            let last = q.nodes.len() - 1;
            for (i, &weight) in q.weights.iter().enumerate() {
                let (below, above) = (i.saturating_sub(1), (i + 1).min(last));
                let width = (q.nodes[above] - q.nodes[below]) / (above - below).max(1) as f64;
                spacings.push((width, weight));
            }
        }
        spacings.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = 0.5 * spacings.iter().map(|s| s.1).sum::<f64>();
        let mut sum = 0.0;
        let median = spacings.iter().find(|(_, weight)| {
            sum += weight;
            sum >= half
        });
        let (low, high) = self.range();
        let floor = if high > low { NARROWEST * (high - low) } else { 1e-3 * high.abs().max(1e-3) };
        median.map_or(0.0, |m| m.0).max(floor)
    }

    /// Places on which [`density`](Self::density) shows everything at width σ:
    /// `points` even steps over the nodes' range widened by 4σ at both ends,
    /// and steps of σ/2 around all nodes, ascending.
    pub fn grid(&self, points: usize, sigma: f64) -> Vec<f64> {
        let (low, high) = self.range();
        if low > high {
            return Vec::new();
        }
        let (low, high) = (low - 4.0 * sigma, high + 4.0 * sigma);
        let steps = points.max(2) - 1;
        let mut out: Vec<f64> = (0..=steps).map(|i| low + (high - low) * i as f64 / steps as f64).collect();
        let mut nodes: Vec<f64> = self.quadratures.iter().flat_map(|q| q.nodes.iter().copied()).collect();
        nodes.sort_by(f64::total_cmp);
        let mut reach = low;
        for node in nodes {
            let mut t = (node - 4.0 * sigma).max(reach);
            while t <= node + 4.0 * sigma {
                out.push(t);
                t += 0.5 * sigma;
            }
            reach = reach.max(t);
        }
        out.sort_by(f64::total_cmp);
        out.dedup();
        out
    }

    /// The density at the places of `grid`, broadened by σ.
    pub fn density(&self, grid: &[f64], sigma: f64) -> Density {
        let factor = 1.0 / (sigma * std::f64::consts::TAU.sqrt());
        let at = |t: f64| -> Estimate {
            self.over_probes(|q| factor * q.integral(|node| (-0.5 * ((t - node) / sigma).powi(2)).exp()))
        };
        let values: Vec<Estimate> = grid.iter().map(|&t| at(t)).collect();
        Density {
            grid: grid.to_vec(),
            sigma,
            mean: values.iter().map(|v| v.mean).collect(),
            stderr: values.iter().map(|v| v.stderr).collect(),
        }
    }
}
