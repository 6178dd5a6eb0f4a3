//! The lower end of the Hessian's spectrum.

use std::sync::Arc;

use crate::krylov::{ExtremalOptions, extremal_eigenpairs};
use crate::optim::registry::Parameter;
use crate::vector::{dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// How to look for negative curvature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvatureSearch {
    /// ε_H: curvature above −this counts as none.
    pub tolerance: f64,
    /// Products a search may spend.
    pub products: u64,
    /// Seed of the first vectors.
    pub seed: u64,
}

/// A direction of negative curvature.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::optim) struct Lowest<T> {
    /// vᵀHv.
    pub curvature: f64,
    /// v (n), of length 1.
    pub direction: Arc<[T]>,
}

impl CurvatureSearch {
    /// From the values of [`TOLERANCE`], [`SEARCH`] and a seed, which stand in this order.
    pub(super) fn of(values: &[f64]) -> Self {
        Self { tolerance: values[0], products: values[1] as u64, seed: values[2] as u64 }
    }

    /// The leftmost eigenpair at x, by Lanczos from random vectors, if its value is below −max(ε_H, 32
    /// ε ‖H‖) with the scalar type's ε.
    ///
    /// Up to 64 coordinates from the whole matrix. Above, what is returned is a proof of negative
    /// curvature; that nothing is returned is not one of its absence, but holds with high probability
    /// if the products suffice.
    pub(in crate::optim) fn negative<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        x: &[T],
    ) -> Result<Option<Lowest<T>>, Stop> {
        let options = ExtremalOptions {
            top: 0,
            bottom: 1,
            block: 1,
            basis: Some(64),
            max_products: self.products.max(x.len().min(64) as u64 + 1),
            tolerance: 1e-4,
            confirm: false,
            seed: self.seed,
        };
        let ends = extremal_eigenpairs(&mut oracle.linearize(x, Curvature::Hessian)?, &options)?;
        let least = self.tolerance.max(32.0 * T::epsilon().wide() * ends.norm);
        let pair = ends.bottom.into_iter().find(|pair| pair.value < -least);
        Ok(pair.map(|pair| Lowest { curvature: pair.value, direction: pair.vector }))
    }
}

/// length · d/‖d‖, with the sign for which it has no part along the gradient.
pub(super) fn downhill<T: Scalar>(direction: &[T], length: f64, gradient: &[T]) -> Vec<T> {
    let sign = if dot(direction, gradient) > 0.0 { -1.0 } else { 1.0 };
    let factor = sign * length / norm(direction);
    direction.iter().map(|d| T::of(factor * d.wide())).collect()
}

/// ε_H.
pub(in crate::optim) const TOLERANCE: Parameter =
    Parameter::positive("curvature", 1e-6, "negative curvature that counts as none, ε_H");

/// Products of a search.
pub(in crate::optim) const SEARCH: Parameter =
    Parameter::count("search", 500, "products that a search for negative curvature may spend");

/// ε_g.
pub(in crate::optim) const GRADIENT: Parameter =
    Parameter::positive("gradient", 1e-5, "gradient norm from which on curvature is looked for, ε_g");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_leftmost_eigenpair_is_found_in_few_and_many_dimensions() {
        for n in [3, 64, 400] {
            let mut spectrum: Vec<f64> = (0..n).map(|i| 1.0 + i as f64 / n as f64).collect();
            spectrum[n / 2] = -0.25;
            let f = samples::quadratic(&spectrum);
            let oracle = Oracle::new(&f);
            let search = CurvatureSearch { tolerance: 1e-6, products: 300, seed: 0 };
            let found = search.negative(&oracle, &vec![0.0f64; n]).unwrap().unwrap();
            assert!((found.curvature + 0.25).abs() < 1e-6, "{n}: {}", found.curvature);
            assert!((dot(&found.direction, &found.direction) - 1.0).abs() < 1e-12);
            let none = CurvatureSearch { tolerance: 0.3, ..search };
            assert_eq!(none.negative(&oracle, &vec![0.0f64; n]).unwrap(), None);
        }
    }

    #[test]
    fn directions_are_given_their_length_and_point_down() {
        for (gradient, sign) in [([1.0, 0.0], -1.0), ([-1.0, 0.0], 1.0)] {
            let d: Vec<f64> = downhill(&[3.0, 4.0], 2.0, &gradient);
            assert!((d[0] - sign * 1.2).abs() < 1e-15 && (d[1] - sign * 1.6).abs() < 1e-15);
        }
    }
}
