//! `slice`: lines through the point.

use thalweg_lab::landscape::Normalization;

use crate::args::{NormalizeName, SliceArgs};
use crate::commands::plane::ends;
use crate::config::{Plan, SlicesPlan};
use crate::error::Error;
use crate::study;
use crate::subject::{Prepared, Source, resolve};

/// Runs the command.
pub fn run(options: &SliceArgs) -> Result<(), Error> {
    let subject = resolve(&options.subject, options.run.machine.seed)?;
    let slice = &options.slice;
    let plan = Plan {
        eigenvectors: ends(&slice.direction),
        slices: Some(SlicesPlan {
            directions: slice.direction.iter().map(ToString::to_string).collect(),
            range: slice.range,
            points: slice.points,
            normalization: normalization(slice.normalize, &subject),
        }),
        ..Plan::default()
    };
    study::run("slice", &options.run, subject, plan)
}

/// What was asked for, or what suits the subject: only networks have filters.
pub fn normalization(asked: Option<NormalizeName>, subject: &Prepared) -> Normalization {
    match (asked, &subject.source) {
        (Some(name), _) => name.into(),
        (None, Source::Network { .. }) => Normalization::Filter,
        (None, Source::Learning { .. } | Source::Function(_)) => Normalization::Unit,
    }
}
