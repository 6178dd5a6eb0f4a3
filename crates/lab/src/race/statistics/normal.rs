//! The standard normal distribution: tail probabilities and their inverse.

use std::f64::consts::TAU;

/// P(Z > z) for a standard normal Z, to about 13 digits, of small tails too.
///
/// Below z = 2, ½ − φ(z)(z + z³/3 + z⁵/(3·5) + …) (Marsaglia 2004, "Evaluating
/// the normal distribution"); from there on Laplace's continued fraction
/// φ(z)/(z + 1/(z + 2/(z + 3/(z + …)))) (Abramowitz and Stegun, 26.2.14).
pub fn upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - upper_tail(-z);
    }
    let density = (-0.5 * z * z).exp() / TAU.sqrt();
    if z < 2.0 {
        let (mut term, mut sum, mut odd) = (z, z, 1.0);
        while sum + term != sum {
            odd += 2.0;
            term *= z * z / odd;
            sum += term;
        }
        0.5 - density * sum
    } else {
        // 120 levels leave an error below 1e-16 at z = 2, and less beyond.
        density / (1..=120).rev().fold(z, |below, level| z + f64::from(level) / below)
    }
}

/// The z ≥ 0 that a standard normal number exceeds with the given probability,
/// which must lie in (0, ½]; by bisection of [`upper_tail`].
pub fn exceeded_with(probability: f64) -> f64 {
    debug_assert!(probability > 0.0 && probability <= 0.5);
    // The tail beyond 40 is below the smallest positive f64.
    let (mut low, mut high) = (0.0, 40.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return high;
        }
        if upper_tail(middle) > probability {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_an_independent_error_function() {
        for i in -800..3700 {
            let z = f64::from(i) / 100.0;
            let expected = 0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
            let error = (upper_tail(z) / expected - 1.0).abs();
            // Rounding of z² and of z/√2 alone moves the tail by about z² units.
            assert!(error < 2e-14 + 4e-16 * z * z, "{z}: off by {error}");
        }
        assert_eq!(upper_tail(0.0), 0.5);
        assert_eq!((upper_tail(f64::INFINITY), upper_tail(f64::NEG_INFINITY)), (0.0, 1.0));
    }

    /// Expected values by `scipy.stats.norm.isf` (SciPy 1.17.1).
    #[test]
    fn inverse_tails_agree_with_scipy() {
        for (probability, expected) in [
            (0.5, 0.0),
            (0.4, 0.2533471031357997),
            (0.25, 0.6744897501960817),
            (0.025, 1.9599639845400545),
            (0.005, 2.575829303548901),
            (1e-6, 4.753424308822899),
            (1e-100, 21.273453560965322),
            (1e-300, 37.0470962993612),
        ] {
            let found = exceeded_with(probability);
            assert!((found - expected).abs() < 2e-14 * (1.0 + expected), "{probability}: {found}");
        }
    }
}
