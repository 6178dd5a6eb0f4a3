//! The ends of the Hessian's spectrum all over a plane.

use serde::{Deserialize, Serialize};

use super::plane::PlaneSpec;
use crate::krylov::{ExtremalOptions, extremal_eigenpairs};
use crate::{Curvature, Oracle, Scalar, Stop};

/// Numbers kept of a cell: λ_min and λ_max, each with its residual, and whether both converged.
const NUMBERS: usize = 5;

/// The finished part of a map: written with serde and read back, it goes on to the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EigenvalueProgress {
    /// λ_min, its residual, λ_max, its residual, and 1 where both converged, cell by cell.
    #[serde(with = "crate::exact")]
    pub numbers: Vec<f64>,
}

/// λ_min and λ_max of ∇²f on a grid of a plane, row-major as in [`Plane`](super::Plane).
///
/// Where a Hessian holds numbers that are not finite, all of a cell's are NaN.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EigenvalueMap {
    /// The values of u, one a column.
    pub u: Vec<f64>,
    /// The values of v, one a row.
    pub v: Vec<f64>,
    /// λ_min.
    pub min: Vec<f64>,
    /// ‖Hv − λ_min v‖: an eigenvalue lies within it of the number.
    pub min_residuals: Vec<f64>,
    /// λ_max.
    pub max: Vec<f64>,
    /// ‖Hv − λ_max v‖.
    pub max_residuals: Vec<f64>,
    /// |λ_min / λ_max|.
    pub ratio: Vec<f64>,
    /// Cells where an end did not converge within the products allowed.
    pub unconverged: usize,
    /// Cells whose Hessian is not finite.
    pub non_finite: usize,
}

impl<T: Scalar> PlaneSpec<'_, T> {
    /// λ_min and λ_max of the *full* Hessian at each cell, in the order of the cells; `observe` is
    /// called after each.
    ///
    /// The ratio |λ_min / λ_max| is the map of Li, Xu, Taylor, Studer & Goldstein (*Visualizing the loss
    /// landscape of neural nets*, NeurIPS 2018, §6): near 0, the surroundings are nearly convex
    /// whatever the picture shows; near 1 or above it, what looks convex on the plane is not. They
    /// compute the ends by an implicitly restarted Lanczos method; here it is [`extremal_eigenpairs`], and each
    /// number has its residual. Where λ_min > 0 the ratio is the inverse of the condition number,
    /// no measure of non-convexity: look at the sign of λ_min too.
    ///
    /// Cost: a linearization and [`ExtremalOptions::max_products`] Hessian products at most, a cell.
    ///
    /// # Errors
    /// [`Stop`] from the oracle, unless it is for a number that is not finite, or from `observe`;
    /// `progress` then holds the finished cells.
    pub fn eigenvalues(
        &self,
        oracle: &Oracle<'_, T>,
        options: &ExtremalOptions,
        progress: &mut EigenvalueProgress,
        observe: &mut dyn FnMut(&EigenvalueProgress) -> Result<(), Stop>,
    ) -> Result<EigenvalueMap, Stop> {
        let numbers = &mut progress.numbers;
        numbers.truncate(numbers.len().min(self.cells() * NUMBERS) / NUMBERS * NUMBERS);
        while progress.numbers.len() < self.cells() * NUMBERS {
            let x = self.point(self.cell(progress.numbers.len() / NUMBERS));
            let found = match ends(oracle, &x, options) {
                Err(Stop::NonFinite { .. }) => [f64::NAN, f64::NAN, f64::NAN, f64::NAN, 0.0],
                found => found?,
            };
            progress.numbers.extend(found);
            observe(progress)?;
        }
        let column = |k: usize| -> Vec<f64> { progress.numbers.chunks(NUMBERS).map(|c| c[k]).collect() };
        let (min, max, converged) = (column(0), column(2), column(4));
        let lost = min.iter().filter(|v| v.is_nan()).count();
        Ok(EigenvalueMap {
            u: self.axes()[0].points(),
            v: self.axes()[1].points(),
            ratio: min.iter().zip(&max).map(|(min, max)| (min / max).abs()).collect(),
            min,
            min_residuals: column(1),
            max,
            max_residuals: column(3),
            unconverged: converged.iter().filter(|&&c| c == 0.0).count() - lost,
            non_finite: lost,
        })
    }
}

fn ends<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    options: &ExtremalOptions,
) -> Result<[f64; NUMBERS], Stop> {
    let options = ExtremalOptions { top: 1, bottom: 1, ..*options };
    let found = extremal_eigenpairs(&mut oracle.linearize(x, Curvature::Hessian)?, &options)?;
    let converged = f64::from(u8::from(found.converged()));
    let (Some(low), Some(high)) = (found.bottom.first(), found.top.first()) else {
        return Ok([f64::NAN, f64::NAN, f64::NAN, f64::NAN, 0.0]);
    };
    Ok([low.value, low.residual, high.value, high.residual, converged])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::{Axis, Direction};
    use crate::samples;

    /// 5x² − y² + y⁴/4 has the Hessian diag(10, 3y² − 2), whatever x.
    #[test]
    fn the_map_has_the_hessians_ends_and_goes_on_after_a_stop() {
        let f = samples::walled_saddle();
        let (first, second) =
            (Direction::unit("x", &[1.0, 0.0]).unwrap(), Direction::unit("y", &[0.0, 1.0]).unwrap());
        let axes = [Axis::symmetric(1.0, 3).unwrap(), Axis::symmetric(3.0, 7).unwrap()];
        let spec = PlaneSpec::new(&[0.0, 0.0], [&first, &second], axes).unwrap();
        let oracle = Oracle::new(&f);
        let options = ExtremalOptions::default();
        let mut progress = EigenvalueProgress::default();
        let whole = spec.eigenvalues(&oracle, &options, &mut progress, &mut |_| Ok(())).unwrap();
        for (k, y) in whole.v.iter().flat_map(|y| [y; 3]).enumerate() {
            let other = 3.0 * y * y - 2.0;
            assert!(
                (whole.min[k] - other.min(10.0)).abs() < 1e-12
                    && (whole.max[k] - other.max(10.0)).abs() < 1e-12
            );
            assert!((whole.ratio[k] - (other.min(10.0) / other.max(10.0)).abs()).abs() < 1e-12);
            assert!(whole.min_residuals[k] < 1e-12 && whole.max_residuals[k] < 1e-12);
        }
        assert_eq!((whole.unconverged, whole.non_finite), (0, 0));

        let mut progress = EigenvalueProgress::default();
        let mut seen = 0;
        let mut stop = |_: &EigenvalueProgress| {
            seen += 1;
            if seen == 4 { Err(Stop::Cancelled) } else { Ok(()) }
        };
        assert_eq!(spec.eigenvalues(&oracle, &options, &mut progress, &mut stop), Err(Stop::Cancelled));
        let mut progress: EigenvalueProgress =
            serde_json::from_str(&serde_json::to_string(&progress).unwrap()).unwrap();
        assert_eq!(progress.numbers.len(), 20);
        assert_eq!(spec.eigenvalues(&oracle, &options, &mut progress, &mut |_| Ok(())).unwrap(), whole);
    }

    #[test]
    fn a_hessian_that_is_not_finite_is_a_hole() {
        let wide = samples::function(
            2,
            |x| x[0].ln() + x[1] * x[1],
            |x, g| g.copy_from_slice(&[1.0 / x[0], 2.0 * x[1]]),
            |x, h| {
                h.copy_from_slice(&[if x[0] > 0.0 { -1.0 / (x[0] * x[0]) } else { f64::NAN }, 0.0, 0.0, 2.0])
            },
        );
        let (first, second) =
            (Direction::unit("x", &[1.0, 0.0]).unwrap(), Direction::unit("y", &[0.0, 1.0]).unwrap());
        let axes = [Axis::symmetric(1.0, 3).unwrap(), Axis::symmetric(1.0, 2).unwrap()];
        let spec = PlaneSpec::new(&[0.0, 0.0], [&first, &second], axes).unwrap();
        let options = ExtremalOptions::default();
        let found = spec
            .eigenvalues(&Oracle::new(&wide), &options, &mut EigenvalueProgress::default(), &mut |_| Ok(()))
            .unwrap();
        assert_eq!(found.non_finite, 4);
        assert_eq!((found.min[2], found.max[2], found.ratio[2]), (-1.0, 2.0, 0.5));
        assert!(found.ratio[0].is_nan() && found.min_residuals[1].is_nan());
    }
}
