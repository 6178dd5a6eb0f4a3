//! The minimizer of a cubic model in the eigenvectors' basis.

use crate::vector::norm;

/// Halvings of the logarithm of an interval of numbers, beyond which f64 has no more digits.
const HALVINGS: usize = 80;

/// The global minimizer y of Σ cᵢyᵢ + ½ Σ θᵢyᵢ² + σ‖y‖³/3, with θ ascending and σ > 0.
///
/// yᵢ = −cᵢ/(θᵢ + λ), where λ = σ‖y‖ ≥ max(0, −θ₁) (Nesterov & Polyak 2006; Cartis, Gould & Toint 2011,
/// Theorem 3.1). λ is found by bisection of μ = λ + θ₁ on a logarithmic scale, so that differences of
/// eigenvalues are exact. In the hard case, where that leaves ‖y‖ too short at λ = −θ₁, y is lengthened
/// along the first eigenvector.
pub(super) fn minimize_cubic(theta: &[f64], c: &[f64], sigma: f64) -> Vec<f64> {
    let Some(&first) = theta.first() else { return Vec::new() };
    let at = |mu: f64| -> Vec<f64> {
        let term = |(t, c): (&f64, &f64)| {
            let gap = (t - first) + mu;
            if *c == 0.0 || gap <= 0.0 { 0.0 } else { -c / gap }
        };
        theta.iter().zip(c).map(term).collect()
    };
    // λ − σ‖y‖ grows with μ; the root is at or above μ = max(0, θ₁).
    let excess = |mu: f64| (mu - first) - sigma * norm(&at(mu));
    let floor = first.max(0.0);
    let mut high = floor.max(first.abs()).max(norm(c).sqrt() * sigma.sqrt()).max(f64::MIN_POSITIVE);
    while excess(high) < 0.0 {
        high *= 2.0;
    }
    let mut low = if floor > 0.0 { floor } else { high * 1e-30 };
    if excess(low) >= 0.0 {
        // Either the hard case, or, where θ₁ ≥ 0 and c = 0, y = 0.
        let mut y = at(floor);
        let missing = (floor - first) / sigma;
        let rest = (missing * missing - norm(&y).powi(2)).max(0.0).sqrt();
        if first < 0.0 {
            y[0] = if c[0] > 0.0 { -rest } else { rest };
        }
        return y;
    }
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        if middle <= low || middle >= high {
            break;
        }
        if excess(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn model(theta: &[f64], c: &[f64], sigma: f64, y: &[f64]) -> f64 {
        let terms = (0..y.len()).map(|i| c[i] * y[i] + 0.5 * theta[i] * y[i] * y[i]);
        terms.sum::<f64>() + sigma * norm(y).powi(3) / 3.0
    }

    #[test]
    fn the_conditions_of_a_global_minimum_hold() {
        let thetas = [[-2.0, -0.5, 3.0], [0.1, 1.0, 100.0], [0.0, 0.0, 1.0], [-1e-8, 1.0, 2.0]];
        for theta in thetas {
            for c in [[1.0, 1.0, 1.0], [1e-9, 1.0, -2.0], [0.0, 0.3, 0.0], [1e3, 0.0, 1e-3]] {
                for sigma in [1e-3, 1.0, 1e3] {
                    let y = minimize_cubic(&theta, &c, sigma);
                    let lambda = sigma * norm(&y);
                    assert!(lambda >= -theta[0] - 1e-9 * lambda.abs().max(1.0), "{theta:?} {c:?} {sigma}");
                    for i in 0..3 {
                        let slope = (theta[i] + lambda) * y[i] + c[i];
                        assert!(slope.abs() <= 1e-8 * norm(&c), "{theta:?} {c:?} {sigma}: {slope}");
                    }
                }
            }
        }
    }

    /// θ = (−2, 1), c = (0, 1), σ = 1: y₂ = −1/3, ‖y‖ = λ = 2.
    #[test]
    fn the_hard_case_is_lengthened_along_the_first_eigenvector() {
        let y = minimize_cubic(&[-2.0, 1.0], &[0.0, 1.0], 1.0);
        assert!((y[1] + 1.0 / 3.0).abs() < 1e-14 && (norm(&y) - 2.0).abs() < 1e-14);
        assert_eq!(minimize_cubic(&[0.5, 1.0], &[0.0, 0.0], 1.0), [0.0, 0.0]);
        assert_eq!(minimize_cubic(&[-1.0, 1.0], &[0.0, 0.0], 2.0), [0.5, 0.0]);
    }

    #[test]
    fn no_random_point_is_lower() {
        let (theta, c, sigma) = ([-1.5, -1.4, 0.2, 3.0], [0.01, -0.5, 1.0, 2.0], 0.7);
        let best = model(&theta, &c, sigma, &minimize_cubic(&theta, &c, sigma));
        let mut points = vec![0.0; 40_000];
        Stream::new(1, "points", 0).fill_normal(&mut points);
        let lowest = points.chunks(4).map(|y| {
            let y: Vec<f64> = y.iter().map(|v| 2.0 * v).collect();
            model(&theta, &c, sigma, &y)
        });
        let lowest = lowest.fold(f64::INFINITY, f64::min);
        assert!(best <= lowest && lowest - best < 1.0, "{best} {lowest}");
    }
}
