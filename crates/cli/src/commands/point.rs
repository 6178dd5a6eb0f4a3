//! `point`: the verdict.

use crate::args::PointArgs;
use crate::commands::survey::hessian;
use crate::config::{DescentPlan, Plan, Way};
use crate::error::Error;
use crate::study;
use crate::subject::resolve;

/// Runs the command.
pub fn run(options: &PointArgs) -> Result<(), Error> {
    let subject = resolve(&options.subject, options.run.machine.seed)?;
    let point = &options.point;
    let plan = Plan {
        way: point.minimize.then(|| {
            Way::Descent(DescentPlan {
                optimizer: point.optimizer.clone(),
                stopping: point.stopping.plan(),
                escapes: point.escape.unwrap_or(0),
            })
        }),
        point: Some(hessian(point.top.0, point.exact_up_to)),
        ..Plan::default()
    };
    study::run("point", &options.run, subject, plan)
}
