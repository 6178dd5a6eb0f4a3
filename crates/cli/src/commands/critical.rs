//! `critical`: critical points.

use thalweg_lab::critical::SearchMethod;

use crate::args::{CriticalArgs, Dtype, FromName, MethodName};
use crate::config::{CriticalPlan, DescentPlan, Plan, PointConfig, StartsPlan, Way};
use crate::error::Error;
use crate::study;
use crate::subject::{Prepared, Source, resolve};

/// Standard deviation of the noise around a point where none is given.
const NOISE: f64 = 0.1;

/// Runs the command.
pub fn run(options: &CriticalArgs) -> Result<(), Error> {
    if options.run.machine.dtype == Dtype::F32 {
        return Err(Error::Usage("--dtype f32: critical points are found and proved in f64".into()));
    }
    let mut subject = resolve(&options.subject, options.run.machine.seed)?;
    if let Some(folder) = options.training.folder() {
        subject = subject.with_checkpoints(folder)?;
    }
    let from = from(options, &subject)?;
    let way = match from {
        StartsPlan::Trajectory { .. } => Some(way(options, &subject)?),
        _ => matches!(subject.point, PointConfig::Checkpoints { .. }).then_some(Way::Checkpoints {}),
    };
    let search = &options.critical;
    let plan = Plan {
        way,
        critical: Some(CriticalPlan {
            starts: search.starts.0 as u64,
            from,
            method: match search.method {
                MethodName::NewtonMr => SearchMethod::NewtonMr,
                MethodName::GradientNorm => SearchMethod::GradientNorm,
            },
            deflations: search.deflations,
            iterations: search.iterations.0 as u64,
            products: search.products.0 as u64,
            tolerance: search.tolerance,
            exact_up_to: search.exact_up_to,
            passes: search.passes,
            grid: search.grid,
        }),
        ..Plan::default()
    };
    study::run("critical", &options.run, subject, plan)
}

fn from(options: &CriticalArgs, subject: &Prepared) -> Result<StartsPlan, Error> {
    let search = &options.critical;
    let domain = match &subject.source {
        Source::Function(function) => function.domain().map(<[_]>::to_vec),
        Source::Network { .. } | Source::Learning { .. } => None,
    };
    let n = subject.layout().dimension();
    let bounds = search.interval.map(|interval| vec![interval; n]).or(domain);
    let usual = if bounds.is_some() { FromName::Box } else { FromName::Noise };
    match (search.from.unwrap_or(usual), bounds) {
        (FromName::Box, Some(_)) if search.noise.is_some() => Err(Error::Usage(
            "--noise: starts in a box have none; use --from noise or --from trajectory".into(),
        )),
        (FromName::Box, Some(bounds)) => Ok(StartsPlan::Box { bounds }),
        (FromName::Box, None) => {
            Err(Error::Usage("--from box: no domain is known here; give one by --interval LOW,HIGH".into()))
        }
        (_, Some(_)) if search.interval.is_some() => {
            Err(Error::Usage("--interval: it is the box of --from box".into()))
        }
        (FromName::Noise, _) => Ok(StartsPlan::Noise { deviation: search.noise.unwrap_or(NOISE) }),
        (FromName::Trajectory, _) => Ok(StartsPlan::Trajectory { deviation: search.noise.unwrap_or(0.0) }),
    }
}

/// The way to the point: the checkpoints of a folder, a training, or gradient descent.
fn way(options: &CriticalArgs, subject: &Prepared) -> Result<Way, Error> {
    match (&subject.point, subject.source.examples()) {
        (PointConfig::Checkpoints { .. }, _) => Ok(Way::Checkpoints {}),
        (PointConfig::Weights { .. }, _) => Err(Error::Usage(
            "--from trajectory: --weights is one point; name a folder of them by --checkpoints, or use --from noise"
                .into(),
        )),
        (_, Some(examples)) => {
            let n = subject.layout().dimension();
            Ok(Way::Training(options.training.plan(options.run.machine.seed, examples, n)))
        }
        (_, None) => Ok(Way::Descent(DescentPlan::default())),
    }
}
