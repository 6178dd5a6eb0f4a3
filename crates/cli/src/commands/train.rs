//! `train`: the way alone.

use crate::args::TrainArgs;
use crate::config::{Plan, Way};
use crate::error::Error;
use crate::study;
use crate::subject::{Source, resolve};

/// Runs the command.
pub fn run(options: &TrainArgs) -> Result<(), Error> {
    let seed = options.run.machine.seed;
    if let Some(folder) = options.training.folder() {
        return Err(Error::Usage(format!(
            "--checkpoints {}: a folder takes the place of a training; `thalweg survey` and `thalweg plane` take one",
            folder.display()
        )));
    }
    let subject = resolve(&options.subject, seed)?;
    let training = match (&subject.source, subject.source.examples()) {
        (_, Some(examples)) => options.training.plan(seed, examples, subject.layout().dimension()),
        (Source::Function(function), None) => {
            return Err(Error::Usage(format!(
                "{}: functions are not trained; `thalweg point --minimize` goes down from a point of one",
                function.name()
            )));
        }
        (Source::Network { .. } | Source::Learning { .. }, None) => unreachable!("they have examples"),
    };
    let plan = Plan { way: Some(Way::Training(training)), ..Plan::default() };
    study::run("train", &options.run, subject, plan)
}
