//! What is looked at on a plane: its values, how certain they are, its shape, the curvature all over it.

use serde::Serialize;
use thalweg_lab::krylov::ExtremalOptions;
use thalweg_lab::landscape::{
    Axis, Direction, EigenvalueMap, EigenvalueProgress, Errors, ErrorsProgress, Plane, PlaneProgress,
    PlaneSpec, RefineProgress, Refinement, errors,
};
use thalweg_lab::{Counts, Scalar};

use super::resume::{plus, resumable};
use super::shape::{self, Shape};
use crate::args::Grid;
use crate::chapter::Chapter;
use crate::config::{MapPlan, PlanePlan};
use crate::error::Error;
use crate::session::Desk;
use crate::words::short;

/// What was found on a plane.
#[derive(Serialize)]
pub struct Look {
    #[serde(flatten)]
    pub plane: Plane,
    /// The ends of the colour scale, where they were fixed.
    pub limits: Option<[f64; 2]>,
    /// Which cells were evaluated, where not all were.
    pub refinement: Option<Refinement>,
    /// Standard errors over the examples.
    pub errors: Option<Errors>,
    /// Minima, saddles and maxima of the picture.
    pub topology: Shape,
    /// The Hessian's extreme eigenvalues.
    pub eigenvalues: Option<EigenvalueMap>,
    /// Whether minima, saddles and basins have figures of their own.
    #[serde(skip)]
    pub basins: bool,
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// How closely the ends of a spectrum are sought for a map, relative to the Hessian's norm.
const MAP_TOLERANCE: f64 = 1e-3;

/// Looks at a plane on a grid, or on the finest grid of a refinement.
pub fn look<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    origin: &[T],
    directions: [&Direction<T>; 2],
    axes: [Axis; 2],
) -> Result<Look, Error> {
    let study = &plan.study;
    let mut notes = Vec::new();
    let mut earlier = Counts::default();
    let finest = match &study.refine {
        None => axes,
        Some(options) => [options.finest(axes[0])?, options.finest(axes[1])?],
    };
    let spec = PlaneSpec::new(origin, directions, finest)?;
    let (plane, refinement) = match &study.refine {
        None => {
            let (plane, spent) = resumable(desk, "cells", |progress: &mut PlaneProgress, observe| {
                spec.advance(desk.oracle, progress, observe)
            })?;
            earlier = plus(earlier, spent);
            (plane, None)
        }
        Some(options) => {
            let ((plane, found), spent) =
                resumable(desk, "cells", |progress: &mut RefineProgress, observe| {
                    spec.refine(desk.oracle, options, progress, observe)
                })?;
            earlier = plus(earlier, spent);
            (plane, Some(found))
        }
    };
    let errors = match study.errors {
        false => None,
        true => {
            let known = refinement.as_ref().map(|found| &found.known[..]);
            let (found, spent) = uncertainty(desk, &spec, &plane, known)?;
            earlier = plus(earlier, spent);
            if found.is_none() {
                notes.push(NO_ERRORS.to_owned());
            }
            found
        }
    };
    let eigenvalues = match &study.map {
        None => None,
        Some(MapPlan { grid: Grid { columns, rows }, products }) => {
            let [u, v] = axes;
            let coarse = [Axis::new(u.min(), u.max(), *columns)?, Axis::new(v.min(), v.max(), *rows)?];
            let spec = PlaneSpec::new(origin, directions, coarse)?;
            let options = ExtremalOptions {
                tolerance: MAP_TOLERANCE,
                max_products: *products,
                confirm: false,
                ..ExtremalOptions::default()
            };
            let (map, spent) = resumable(desk, "map", |progress: &mut EigenvalueProgress, observe| {
                spec.eigenvalues(desk.oracle, &options, progress, observe)
            })?;
            earlier = plus(earlier, spent);
            if map.unconverged > 0 {
                notes.push(format!(
                    "In {} of {} cells of the eigenvalues' map an end of the spectrum did not converge within {products} \
                     products; its residual is in the arrays.",
                    map.unconverged,
                    map.min.len()
                ));
            }
            Some(map)
        }
    };
    let topology = shape::shape(desk, plan, &spec, &plane)?;
    desk.account(plus(desk.oracle.counts(), earlier));
    let (limits, basins) = (study.limits, study.basins);
    Ok(Look { plane, limits, refinement, errors, topology, eigenvalues, basins, notes })
}

/// Said where errors were asked for in vain.
pub const NO_ERRORS: &str = "No errors over the examples: the objective is no mean over examples that each have a \
                             loss of their own.";

/// Errors at the cells that were evaluated; NaN at the others.
fn uncertainty<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    spec: &PlaneSpec<'_, T>,
    plane: &Plane,
    known: Option<&[bool]>,
) -> Result<(Option<Errors>, Counts), Error> {
    let columns = plane.u.len();
    let cells: Vec<usize> =
        (0..plane.values.len()).filter(|&at| known.is_none_or(|known| known[at])).collect();
    let coordinates: Vec<[f64; 2]> =
        cells.iter().map(|at| [plane.u[at % columns], plane.v[at / columns]]).collect();
    let vectors = spec.directions().map(|d| &d.vector[..]);
    let (found, spent) = resumable(desk, "errors", |progress: &mut ErrorsProgress, observe| {
        errors(desk.oracle, spec.origin(), vectors, &coordinates, progress, observe)
    })?;
    let spread = |few: Vec<f64>| {
        let mut all = vec![f64::NAN; plane.values.len()];
        cells.iter().zip(few).for_each(|(&at, value)| all[at] = value);
        all
    };
    let found = found.map(|e| Errors { examples: e.examples, own: spread(e.own), paired: spread(e.paired) });
    Ok((found, spent))
}

impl Look {
    /// Puts all numbers among a chapter's arrays.
    pub fn keep(&self, chapter: &mut Chapter) -> Result<(), Error> {
        let Plane { u, v, values, .. } = &self.plane;
        let shape = [v.len(), u.len()];
        let arrays = &mut chapter.arrays;
        arrays.push("u", [u.len()], u.clone())?;
        arrays.push("v", [v.len()], v.clone())?;
        arrays.push("values", shape, values.clone())?;
        if let Some(errors) = &self.errors {
            arrays.push("errors_own", shape, errors.own.clone())?;
            arrays.push("errors_paired", shape, errors.paired.clone())?;
        }
        if let Some(found) = &self.refinement {
            let known = found.known.iter().map(|&known| i64::from(known)).collect::<Vec<i64>>();
            arrays.push("evaluated", shape, known)?;
            let leaves = found.leaves.iter().flat_map(|leaf| [leaf.column, leaf.row, leaf.size]);
            let leaves: Vec<i64> = leaves.map(|number| number as i64).collect();
            arrays.push("leaves", [found.leaves.len(), 3], leaves)?;
        }
        if let Some(map) = &self.eigenvalues {
            let shape = [map.v.len(), map.u.len()];
            arrays.push("map_u", [map.u.len()], map.u.clone())?;
            arrays.push("map_v", [map.v.len()], map.v.clone())?;
            for (name, values) in [
                ("lambda_min", &map.min),
                ("lambda_min_residuals", &map.min_residuals),
                ("lambda_max", &map.max),
                ("lambda_max_residuals", &map.max_residuals),
            ] {
                arrays.push(name, shape, values.clone())?;
            }
        }
        self.topology.keep(chapter)
    }

    /// What the caption says of errors and of refinement.
    pub fn words(&self) -> String {
        let mut text = String::new();
        if let Some(Errors { examples, paired, .. }) = &self.errors {
            let largest = paired.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
            text += &format!(
                " Over the {examples} examples as a sample, the difference from the centre has a standard error of up \
                 to {}.",
                short(largest)
            );
        }
        if let Some(found) = &self.refinement {
            text += &format!(
                " Dots: the {} points of {} that were evaluated; between them values are interpolated, within \
                 an estimated {}.",
                found.evaluated,
                found.known.len(),
                short(found.error)
            );
            if found.unresolved > 0 {
                text += &format!(
                    " In {} of the finest squares the error asked for was not reached: it is up to {}.",
                    found.unresolved,
                    short(found.unresolved_error)
                );
            }
        }
        text
    }
}
