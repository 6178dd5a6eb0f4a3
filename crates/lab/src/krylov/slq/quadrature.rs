//! Cumulative counts from Gauss quadratures, with bounds.

use super::Slq;
use crate::krylov::estimate::Estimate;

/// The Gauss quadrature of one probe's spectral measure.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Quadrature {
    /// θᵢ, ascending.
    pub nodes: Vec<f64>,
    /// ωᵢ ≥ 0, with sum 1.
    pub weights: Vec<f64>,
    /// Whether the Krylov space was invariant, so that the quadrature is the measure itself.
    pub complete: bool,
    /// vᵀAv.
    pub first_moment: f64,
    /// ‖Av‖².
    pub second_moment: f64,
}

/// The cumulative spectral distribution F(t) = #{λ ≤ t} / n at some places.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cumulative {
    /// The places t.
    pub at: Vec<f64>,
    /// Mean over the probes of the weight of the nodes ≤ t.
    pub mean: Vec<f64>,
    /// Standard error of the mean over the probes.
    pub stderr: Vec<f64>,
    /// What the quadratures prove of the probes' own measures: mean lower bound.
    pub lower: Vec<f64>,
    /// Mean upper bound.
    pub upper: Vec<f64>,
}

/// An estimated number of eigenvalues.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Count {
    /// The estimate.
    pub mean: f64,
    /// Standard error over the probes.
    pub stderr: f64,
    /// What the quadratures prove: n times the mean of the probes' own measures is at least this.
    pub lower: f64,
    /// And at most this.
    pub upper: f64,
}

impl Count {
    /// Whether the estimate deserves the name: `lower` and `upper` are no farther
    /// apart than four standard errors, a tenth of the estimate, or one
    /// eigenvalue. They are where many eigenvalues lie close to the threshold, as
    /// null ones do to zero: quadratures then cannot say on which side.
    pub fn is_resolved(&self) -> bool {
        self.upper - self.lower <= (4.0 * self.stderr).max(0.1 * self.mean).max(1.0)
    }
}

impl Quadrature {
    /// Σᵢ ωᵢ f(θᵢ).
    pub fn integral(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.nodes.iter().zip(&self.weights).map(|(node, weight)| weight * f(*node)).sum()
    }

    /// The weight of the nodes that come first, `count` of them, and what lies
    /// below any place between the last of these and the next node: at least
    /// the weight of all but the last, at most the next as well (the separation
    /// theorem of Chebyshev, Markov and Stieltjes; Szegő §3.41).
    fn below(&self, count: usize, on_node: bool) -> [f64; 3] {
        let sum = |k: usize| self.weights[..k].iter().sum::<f64>().min(1.0);
        let value = sum(count);
        if self.complete {
            return [value; 3];
        }
        let above = if on_node { count } else { (count + 1).min(self.nodes.len()) };
        [value, sum(count.saturating_sub(1)), sum(above)]
    }
}

impl Slq {
    /// F(t) at the given places.
    ///
    /// Two errors are told apart: that of sampling, `stderr`, and that of a
    /// quadrature with finitely many nodes, between `lower` and `upper`. The
    /// true F(t) lies within [lower − z·stderr, upper + z·stderr] as surely as
    /// a mean lies within z standard errors.
    pub fn cumulative(&self, at: &[f64]) -> Cumulative {
        let columns = at.iter().map(|&t| {
            self.share(|q| {
                let count = q.nodes.partition_point(|node| *node <= t);
                q.below(count, count > 0 && q.nodes[count - 1] == t)
            })
        });
        let mut out = Cumulative {
            at: at.to_vec(),
            mean: Vec::new(),
            stderr: Vec::new(),
            lower: Vec::new(),
            upper: Vec::new(),
        };
        for [mean, lower, upper] in columns {
            out.mean.push(mean.mean);
            out.stderr.push(mean.stderr);
            out.lower.push(lower.mean);
            out.upper.push(upper.mean);
        }
        out
    }

    /// The number of eigenvalues below a threshold, #{λ < t}.
    ///
    /// For the number of negative eigenvalues choose t a little below 0, by the
    /// rounding of the products, so that zero eigenvalues do not count.
    pub fn count_below(&self, threshold: f64) -> Count {
        let [mean, lower, upper] = self.share(|q| {
            let count = q.nodes.partition_point(|node| *node < threshold);
            // A node on the threshold is not below it, but its weight may be.
            q.below(count, false)
        });
        let n = self.dimension as f64;
        Count { mean: n * mean.mean, stderr: n * mean.stderr, lower: n * lower.mean, upper: n * upper.mean }
    }

    fn share(&self, of: impl Fn(&Quadrature) -> [f64; 3]) -> [Estimate; 3] {
        let parts: Vec<[f64; 3]> = self.quadratures.iter().map(of).collect();
        [0, 1, 2].map(|i| {
            if parts.is_empty() {
                return Estimate::exact(0.0);
            }
            Estimate::from_samples(&parts.iter().map(|p| p[i]).collect::<Vec<_>>())
        })
    }
}
