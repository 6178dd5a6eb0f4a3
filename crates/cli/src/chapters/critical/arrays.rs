//! The arrays of critical points.

use thalweg_lab::Scalar;

use super::{Gathered, Summary};
use crate::chapter::Chapter;
use crate::chapters::way::values;
use crate::error::Error;

/// Keeps points, numbers, eigenvalues and passes; row i is point i of the results.
pub fn keep<T: Scalar>(
    chapter: &mut Chapter,
    gathered: &Gathered<'_, T>,
    summary: &Summary,
) -> Result<(), Error> {
    let Gathered { catalogue, order, dimension, .. } = gathered;
    let found: Vec<_> = order.iter().map(|&at| &catalogue.found()[at]).collect();
    let m = found.len();
    let points = &summary.points;
    let arrays = &mut chapter.arrays;
    arrays.push("x", [m, *dimension], values(found.iter().flat_map(|found| &found.x)))?;
    arrays.push("value", [m], points.iter().map(|p| p.value).collect::<Vec<f64>>())?;
    arrays.push("gradient_norm", [m], points.iter().map(|p| p.gradient_norm).collect::<Vec<f64>>())?;
    arrays.push(
        "index_at_least",
        [m],
        points.iter().map(|p| p.index.at_least as i64).collect::<Vec<i64>>(),
    )?;
    arrays.push("index_at_most", [m], points.iter().map(|p| p.index.at_most as i64).collect::<Vec<i64>>())?;
    // All eigenvalues, or as many from both ends at each point.
    let width = found.iter().map(|found| found.certificate.eigenvalues.len()).max().unwrap_or(0);
    let padded = |row: &[f64]| -> Vec<f64> {
        row.iter().copied().chain(std::iter::repeat(f64::NAN)).take(width).collect()
    };
    let rows = found.iter().flat_map(|found| padded(&found.certificate.eigenvalues));
    arrays.push("eigenvalues", [m, width], rows.collect::<Vec<f64>>())?;
    let rows = found.iter().flat_map(|found| padded(&found.certificate.errors));
    arrays.push("eigenvalue_errors", [m, width], rows.collect::<Vec<f64>>())?;
    let pass = |end: Option<usize>| end.map_or(-1, |at| at as i64);
    let rows = summary.passes.iter().flat_map(|p| [p.saddle as i64, pass(p.ends[0]), pass(p.ends[1])]);
    arrays.push("passes", [summary.passes.len(), 3], rows.collect::<Vec<i64>>())?;
    Ok(())
}
