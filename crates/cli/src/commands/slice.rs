//! `slice`: lines through the point.

use thalweg_lab::landscape::{Normalization, RefineOptions};

use crate::args::{DirectionName, NormalizeName, SliceArgs, SurfaceOptions};
use crate::commands::plane::ends;
use crate::config::{Export, Plan, SlicesPlan};
use crate::error::Error;
use crate::study;
use crate::subject::{Prepared, Source, resolve};

/// Runs the command.
pub fn run(options: &SliceArgs) -> Result<(), Error> {
    let subject = resolve(&options.subject, options.run.machine.seed)?;
    let slice = &options.slice;
    let common = &slice.common;
    let refine = refine(common, &[slice.points])?;
    if let Some(format) = common.export.iter().find(|e| matches!(e, Export::Vtp | Export::Vtu)) {
        return Err(Error::Usage(format!("--export {format:?}: lines have csv and hdf5").to_lowercase()));
    }
    let directions = drawn_anew(&slice.direction, slice.direction_seeds.0)?;
    let plan = Plan {
        eigenvectors: ends(&slice.direction),
        slices: Some(SlicesPlan {
            directions: directions.iter().map(ToString::to_string).collect(),
            range: common.range,
            points: slice.points,
            normalization: normalization(common.normalize, &subject),
            errors: common.errors,
            refine,
            export: common.export.clone(),
        }),
        ..Plan::default()
    };
    study::run("slice", &options.run, subject, plan)
}

/// The directions, each random one so many times: number I becomes I, I + k, I + 2k, … where k is how
/// many there are from 0 to the last that is asked for.
pub fn drawn_anew(directions: &[DirectionName], seeds: usize) -> Result<Vec<DirectionName>, Error> {
    let random = |d: &DirectionName| if let DirectionName::Random(index) = d { Some(*index) } else { None };
    let Some(last) = directions.iter().filter_map(random).max() else {
        return match seeds {
            1 => Ok(directions.to_vec()),
            _ => Err(Error::Usage("--direction-seeds: no random direction is asked for".into())),
        };
    };
    let again = (1..seeds as u64).flat_map(|seed| {
        directions.iter().filter_map(random).map(move |i| DirectionName::Random(i + seed * (last + 1)))
    });
    Ok(directions.iter().copied().chain(again).collect())
}

/// What `--refine` and `--levels` ask for on sides of so many points.
pub fn refine(options: &SurfaceOptions, points: &[usize]) -> Result<Option<RefineOptions>, Error> {
    let Some(tolerance) = options.refine else { return Ok(None) };
    match points.iter().find(|&&count| count < 3 || count % 2 == 0) {
        Some(count) => {
            Err(Error::Usage(format!("--refine needs an odd number of points from 3, found {count}")))
        }
        None => Ok(Some(RefineOptions { tolerance, levels: options.levels })),
    }
}

/// What was asked for, or what suits the subject: only networks have filters.
pub fn normalization(asked: Option<NormalizeName>, subject: &Prepared) -> Normalization {
    match (asked, &subject.source) {
        (Some(name), _) => name.into(),
        (None, Source::Network { .. }) => Normalization::Filter,
        (None, Source::Learning { .. } | Source::Function(_)) => Normalization::Unit,
    }
}
