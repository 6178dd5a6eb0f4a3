//! `sharpness`: how sharp the point is, by every measure.

use thalweg_lab::flatness::SamplerOptions;

use crate::args::SharpnessArgs;
use crate::commands::survey::hessian;
use crate::config::{Plan, SharpnessPlan};
use crate::error::Error;
use crate::study;
use crate::subject::resolve;

/// Runs the command.
pub fn run(options: &SharpnessArgs) -> Result<(), Error> {
    let seed = options.run.machine.seed;
    let subject = resolve(&options.subject, seed)?;
    let asked = &options.sharpness;
    let examples = subject.source.examples().map(|count| count as f64).or(asked.examples);
    let draws = asked.samples.0.max(4) as u64;
    let sampler = examples.filter(|examples| *examples > 1.0).map(|examples| SamplerOptions {
        chains: asked.chains.0 as u64,
        draws,
        burn_in: 2 * draws / 5,
        step: asked.step,
        localization: asked.localization,
        batch: asked.batch.0,
        examples: Some(examples),
        seed,
    });
    let plan = Plan {
        spectrum: Some(hessian(asked.top.0, asked.exact_up_to)),
        sharpness: Some(SharpnessPlan {
            epsilon: asked.epsilon,
            radius: asked.radius,
            adaptive_radius: asked.adaptive_radius,
            starts: asked.starts,
            rise: asked.rise,
            draws: asked.draws.0 as u64,
            lines: asked.lines.0 as u64,
            sampler,
        }),
        ..Plan::default()
    };
    study::run("sharpness", &options.run, subject, plan)
}
