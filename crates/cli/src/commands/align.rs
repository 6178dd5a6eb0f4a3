//! `align`: symmetries of the network, and solutions aligned by them.

use thalweg_lab::landscape::ProfileOptions;
use thalweg_lab::landscape::symmetry::{StraightThroughOptions, WeightOptions};

use crate::args::AlignArgs;
use crate::config::{AlignPlan, Plan};
use crate::error::Error;
use crate::study;
use crate::subject::{Source, describe, resolve_solutions};

/// Runs the command.
pub fn run(options: &AlignArgs) -> Result<(), Error> {
    let seed = options.run.machine.seed;
    let (subject, solutions) =
        resolve_solutions(&options.subject, &options.solutions, &options.training, seed)?;
    if !matches!(subject.source, Source::Network { .. }) {
        let message = "a function of coordinates has no units to align; expected a network, by run directories or --model";
        return Err(Error::Usage(format!("{}: {message}", describe(&subject.config))));
    }
    let align = &options.align;
    if align.points.0 < 3 {
        return Err(Error::Usage(format!("--points: expected 3 or more, found {}", align.points.0)));
    }
    let mut methods = align.methods.clone();
    methods.sort();
    methods.dedup();
    let matching = WeightOptions { seed, ..WeightOptions::default() };
    let plan = AlignPlan {
        methods,
        examples: align.examples.0,
        straight_through: StraightThroughOptions {
            steps: align.match_steps.0,
            matching,
            ..StraightThroughOptions::default()
        },
        matching,
        profile: ProfileOptions { points: align.points.0, ..ProfileOptions::default() },
        rescale: align.rescale,
    };
    let plan = Plan { solutions: Some(solutions), align: Some(plan), ..Plan::default() };
    study::run("align", &options.run, subject, plan)
}
