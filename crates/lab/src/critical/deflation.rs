//! Known points made no solutions any more.

use serde::{Deserialize, Serialize};

use super::symmetry::Symmetry;
use crate::Scalar;
use crate::vector::displaced;

/// Shifted deflation: ∇f is multiplied by M(x) = Πₖ (ℓᵖ/‖x − xₖ‖ᵖ + α) over the points xₖ already found.
///
/// M ∇f does not go to 0 at xₖ where ‖∇f‖ falls no faster than ‖x − xₖ‖ᵖ, so that Newton's method from a start
/// that led to xₖ leads elsewhere; far from all xₖ it is α times ∇f. By the Sherman-Morrison formula the
/// Newton step of M ∇f is s/(1 − ∇ln M(x)ᵀ s), with s = −H⁻¹∇f: deflation changes its length and its sense, and
/// costs no product.
///
/// Distances are to the nearest copy under the symmetries of f. What it does not prevent: convergence to
/// another point of a connected set of critical points of which one is deflated.
///
/// Source: Farrell, Birkisson & Funke, *Deflation techniques for finding distinct solutions of nonlinear partial
/// differential equations*, SIAM J. Sci. Comput. 37 (2015), §2: the shifted deflation operator, here in units of a length ℓ of the problem.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deflation {
    /// p.
    pub power: f64,
    /// α.
    pub shift: f64,
    /// ℓ, within which a known point is felt.
    pub length: f64,
}

impl Default for Deflation {
    /// p = 2, α = 1, ℓ = 1.
    fn default() -> Self {
        Self { power: 2.0, shift: 1.0, length: 1.0 }
    }
}

/// ln M and its gradient.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Factor {
    pub log: f64,
    /// ∇ ln M (n); empty where nothing is deflated.
    pub slope: Vec<f64>,
}

impl Factor {
    /// M = 1.
    pub fn none() -> Self {
        Self { log: 0.0, slope: Vec::new() }
    }

    /// ∇ ln M(x)ᵀ s.
    pub fn along<T: Scalar>(&self, step: &[T]) -> f64 {
        self.slope.iter().zip(step).map(|(m, s)| m * s.wide()).sum()
    }
}

impl Deflation {
    /// ln M and ∇ ln M at x; +∞ at a known point. O(n) a known point.
    ///
    /// The nearest copy moves with x, but at right angles to x − copy, so the gradient of the distance is (x − copy)/d.
    pub(super) fn factor<T: Scalar>(&self, x: &[T], known: &[&[T]], symmetry: &dyn Symmetry<T>) -> Factor {
        if known.is_empty() {
            return Factor::none();
        }
        let mut factor = Factor { log: 0.0, slope: vec![0.0; x.len()] };
        let mut gap = vec![T::zero(); x.len()];
        for point in known {
            let copy = symmetry.nearest(point, x);
            displaced(x, &[(-1.0, &copy)], &mut gap);
            let distance = crate::vector::norm(&gap);
            let near = (self.length / distance).powf(self.power);
            factor.log += (near + self.shift).ln();
            let rate = -self.power * near / (near + self.shift) / (distance * distance);
            if rate.is_finite() {
                factor.slope.iter_mut().zip(&gap).for_each(|(m, v)| *m += rate * v.wide());
            }
        }
        factor
    }
}

#[cfg(test)]
mod tests {
    use super::super::symmetry::{NoSymmetry, Rays};
    use super::*;

    #[test]
    fn the_factor_and_its_gradient() {
        let deflation = Deflation { power: 2.0, shift: 1.0, length: 2.0 };
        let known: [&[f64]; 2] = [&[0.0, 0.0], &[3.0, 0.0]];
        // At (1, 0): (4/1 + 1)(4/4 + 1) = 10.
        let at = |x: &[f64]| deflation.factor(x, &known, &NoSymmetry);
        assert!((at(&[1.0, 0.0]).log - 10.0f64.ln()).abs() < 1e-14);
        for symmetry in [&NoSymmetry as &dyn Symmetry<f64>, &Rays] {
            let known: [&[f64]; 2] = [&[0.5, -1.0], &[3.0, 1.0]];
            let (x, h) = ([0.7, 0.4], 1e-6);
            let found = deflation.factor(&x, &known, symmetry);
            for i in 0..2 {
                let [mut up, mut down] = [x, x];
                up[i] += h;
                down[i] -= h;
                let slope = (deflation.factor(&up, &known, symmetry).log
                    - deflation.factor(&down, &known, symmetry).log)
                    / (2.0 * h);
                assert!((found.slope[i] - slope).abs() < 1e-8, "{} {slope}", found.slope[i]);
            }
        }
        assert_eq!(at(&[0.0, 0.0]).log, f64::INFINITY);
        assert!((at(&[1e6, 0.0]).log).abs() < 1e-10);
        assert_eq!(deflation.factor::<f64>(&[1.0], &[], &NoSymmetry), Factor::none());
    }

    /// The Newton step of M ∇f by the formula, against that of the deflated Jacobian M H + ∇f ∇Mᵀ built and solved.
    #[test]
    fn the_deflated_newton_step_is_the_newton_step_at_another_length() {
        let known: [&[f64]; 1] = [&[0.2, -0.3]];
        let x = [1.0, 0.5];
        let (h, g) = ([[2.0, 0.7], [0.7, -1.5]], [0.4, -1.1]);
        let factor = Deflation::default().factor(&x, &known, &NoSymmetry);
        let m = factor.log.exp();
        let solve = |a: [[f64; 2]; 2], b: [f64; 2]| {
            let det = a[0][0] * a[1][1] - a[0][1] * a[1][0];
            [(b[0] * a[1][1] - b[1] * a[0][1]) / det, (a[0][0] * b[1] - a[1][0] * b[0]) / det]
        };
        let jacobian: [[f64; 2]; 2] =
            std::array::from_fn(|i| std::array::from_fn(|j| m * h[i][j] + g[i] * m * factor.slope[j]));
        let whole = solve(jacobian, g.map(|v| -m * v));
        let newton = solve(h, g.map(|v| -v));
        let length = 1.0 / (1.0 - factor.along(&newton));
        assert!((0..2).all(|i| (whole[i] - length * newton[i]).abs() < 1e-13), "{whole:?} {newton:?}");
    }
}
