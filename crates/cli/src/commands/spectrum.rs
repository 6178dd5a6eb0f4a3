//! `spectrum`: both ends, density and trace.

use crate::args::SpectrumArgs;
use crate::config::{Plan, SpectrumPlan};
use crate::error::Error;
use crate::study;
use crate::subject::resolve;

/// Runs the command.
pub fn run(options: &SpectrumArgs) -> Result<(), Error> {
    let subject = resolve(&options.subject, options.run.machine.seed)?;
    let spectrum = &options.spectrum;
    if let Some(layer) = &spectrum.layer {
        subject.layout().select(layer)?;
    }
    let plan = Plan {
        spectrum: Some(SpectrumPlan {
            operator: spectrum.operator.into(),
            layer: spectrum.layer.clone(),
            top: spectrum.top.0,
            bottom: spectrum.bottom.0,
            probes: spectrum.probes.0,
            steps: spectrum.steps.0,
            products: 2000,
            trace: 64,
            exact_up_to: spectrum.exact_up_to,
        }),
        ..Plan::default()
    };
    study::run("spectrum", &options.run, subject, plan)
}
