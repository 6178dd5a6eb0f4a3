//! `connect`: paths between solutions.

use crate::args::ConnectArgs;
use crate::config::Plan;
use crate::error::Error;
use crate::study;
use crate::subject::resolve_solutions;

/// Runs the command.
pub fn run(options: &ConnectArgs) -> Result<(), Error> {
    let seed = options.run.machine.seed;
    let (subject, solutions) =
        resolve_solutions(&options.subject, &options.solutions, &options.training, seed)?;
    let plan = Plan { solutions: Some(solutions), ..Plan::default() };
    study::run("connect", &options.run, subject, plan)
}
