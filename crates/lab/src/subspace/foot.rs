//! Hyperplanes at a chosen distance from a point.

use super::Projection;
use crate::krylov::{SolveOptions, SolveOutcome, conjugate_gradients, from_fn};
use crate::vector::norm;
use crate::{Scalar, Stop};

/// Why a hyperplane cannot be placed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FootError {
    /// It would fill the space.
    #[error("a plane of {columns} dimensions among {rows} has no distance from a point")]
    Fills {
        /// d.
        columns: usize,
        /// D.
        rows: usize,
    },
    /// The direction lies in the plane, or is zero, to rounding.
    #[error("the direction lies within the plane: no foot of a perpendicular belongs to it")]
    Within,
    /// The normal equations could not be solved.
    #[error("the foot of the perpendicular was not found: {0}")]
    Solve(String),
}

/// c + r n: where the plane {c + r n + P z} comes closest to c, at distance r.
///
/// n is the part of `direction` (D) perpendicular to P's columns, at length 1: u − P(PᵀP)⁻¹Pᵀu,
/// scaled. The plane's distance from c is then r exactly, whatever the angles between P's columns;
/// a plane through c + r u/‖u‖ comes closer, about √(1 − d/D) r for a random u. PᵀP is
/// inverted by conjugate gradients, some tens of pairs of products with P, more as d nears D.
///
/// Source: the hyperplanes at a distance from the origin of Fort & Jastrzębski, *Large scale structure of
/// neural network loss landscapes* (NeurIPS 2019), §4; they place a random point of the plane there.
///
/// # Errors
/// If d ≥ D, or the direction lies in the plane.
///
/// # Panics
/// If lengths do not fit.
///
/// ```
/// use thalweg_lab::subspace::{Projection, ProjectionKind, foot};
///
/// let p = Projection::new(ProjectionKind::Dense, 50, 10, 1, usize::MAX);
/// let foot = foot(&p, &[0.0; 50], &[1.0; 50], 3.0)?;
/// let mut along = [0.0; 10];
/// p.apply_transpose(&foot, &mut along);
/// assert!(along.iter().all(|v: &f64| v.abs() < 1e-8));
/// # Ok::<(), thalweg_lab::subspace::FootError>(())
/// ```
pub fn foot<T: Scalar>(
    projection: &Projection<T>,
    centre: &[T],
    direction: &[T],
    radius: f64,
) -> Result<Vec<T>, FootError> {
    let (rows, columns) = (projection.rows(), projection.columns());
    assert_eq!((centre.len(), direction.len()), (rows, rows), "lengths of centre and direction");
    if radius == 0.0 {
        return Ok(centre.to_vec());
    }
    if columns >= rows {
        return Err(FootError::Fills { columns, rows });
    }
    let (mut normal, length) = (direction.to_vec(), norm(direction));
    let mut image = vec![0.0; rows];
    // Twice, since the first solution is as exact as the numbers allow only relative to u.
    for _ in 0..2 {
        let mut side = vec![T::zero(); columns];
        projection.apply_transpose(&normal, &mut side);
        let z = solve(projection, &side)?;
        projection.apply(&z, &mut image);
        normal.iter_mut().zip(&image).for_each(|(n, along)| *n = T::of(n.wide() - along));
    }
    let left = norm(&normal);
    if left.is_nan() || left <= 64.0 * T::epsilon().wide() * length {
        return Err(FootError::Within);
    }
    let scale = radius / left;
    Ok(centre.iter().zip(&normal).map(|(c, n)| T::of(c.wide() + scale * n.wide())).collect())
}

/// (PᵀP)⁻¹ b.
fn solve<T: Scalar>(projection: &Projection<T>, b: &[T]) -> Result<Vec<T>, FootError> {
    let mut wide = vec![0.0; projection.rows()];
    let mut image = vec![T::zero(); projection.rows()];
    let mut gram = from_fn(b.len(), |v: &[T], out: &mut [T]| {
        projection.apply(v, &mut wide);
        image.iter_mut().zip(&wide).for_each(|(image, wide)| *image = T::of(*wide));
        projection.apply_transpose(&image, out);
    });
    let options = SolveOptions {
        tolerance: 8.0 * T::epsilon().wide(),
        max_products: 40 + 4 * b.len() as u64,
        ..SolveOptions::default()
    };
    let failed = |stop: Stop| FootError::Solve(stop.to_string());
    let solution = conjugate_gradients(&mut gram, b, &options).map_err(failed)?;
    match solution.outcome {
        SolveOutcome::NonpositiveCurvature { .. } => {
            Err(FootError::Solve("the columns depend on each other".into()))
        }
        // Where rounding keeps the residual from falling further, the second pass mends it.
        _ => Ok(solution.x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::subspace::ProjectionKind;

    /// The least-squares distance from the centre to the plane, by dense normal equations in f64.
    fn distance(p: &Projection<f64>, offset: &[f64]) -> f64 {
        let d = p.columns();
        let mut rest = offset.to_vec();
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for j in 0..d {
            let (mut z, mut column) = (vec![0.0; d], vec![0.0; p.rows()]);
            z[j] = 1.0;
            p.apply(&z, &mut column);
            for _ in 0..2 {
                for known in &basis {
                    let along: f64 = known.iter().zip(&column).map(|(a, b)| a * b).sum();
                    column.iter_mut().zip(known).for_each(|(c, k)| *c -= along * k);
                }
            }
            let length = column.iter().map(|v| v * v).sum::<f64>().sqrt();
            column.iter_mut().for_each(|v| *v /= length);
            basis.push(column);
        }
        for known in &basis {
            let along: f64 = known.iter().zip(&rest).map(|(a, b)| a * b).sum();
            rest.iter_mut().zip(known).for_each(|(r, k)| *r -= along * k);
        }
        rest.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    #[test]
    fn the_plane_is_as_far_from_the_centre_as_was_asked_for() {
        for kind in [ProjectionKind::Dense, ProjectionKind::Sparse, ProjectionKind::Fastfood] {
            for columns in [1, 7, 60, 75] {
                let p = Projection::<f64>::new(kind, 80, columns, 2, usize::MAX);
                let (mut centre, mut direction) = (vec![0.0; 80], vec![0.0; 80]);
                Stream::new(1, "centre", 0).fill_normal(&mut centre);
                Stream::new(1, "direction", 0).fill_normal(&mut direction);
                let place = foot(&p, &centre, &direction, 2.5).unwrap();
                let offset: Vec<f64> = place.iter().zip(&centre).map(|(a, b)| a - b).collect();
                let length = offset.iter().map(|v| v * v).sum::<f64>().sqrt();
                assert!((length - 2.5).abs() < 1e-12, "{kind:?} {columns}: {length}");
                let found = distance(&p, &offset);
                assert!((found - 2.5).abs() < 1e-9, "{kind:?} {columns}: {found}");
            }
        }
    }

    #[test]
    fn planes_without_a_distance_are_refused() {
        let p = Projection::<f64>::new(ProjectionKind::Dense, 4, 4, 2, 0);
        assert_eq!(foot(&p, &[0.0; 4], &[1.0; 4], 1.0), Err(FootError::Fills { columns: 4, rows: 4 }));
        assert_eq!(foot(&p, &[1.0; 4], &[1.0; 4], 0.0), Ok(vec![1.0; 4]));
        let p = Projection::<f64>::new(ProjectionKind::Dense, 4, 2, 2, 0);
        let mut within = [0.0; 4];
        p.apply(&[1.0, -2.0], &mut within);
        assert_eq!(foot(&p, &[0.0; 4], &within, 1.0), Err(FootError::Within));
        assert_eq!(foot(&p, &[0.0; 4], &[0.0; 4], 1.0), Err(FootError::Within));
    }
}
