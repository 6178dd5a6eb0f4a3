//! A study: the chapters of a plan, one after the other, and what they amount to.

mod compose;
mod finish;
mod tasks;

use std::path::Path as Folder;

use thalweg_io::{WeightFormat, from_flat};
use thalweg_lab::Scalar;

use crate::args::{Dtype, RunOptions};
use crate::chapter::Chapter;
use crate::chapters::way::Path;
use crate::config::{Config, Plan};
use crate::error::Error;
use crate::progress::{Cost, Progress, Rates};
use crate::session::{self, Session};
use crate::subject::{Prepared, Problem, Subject, WEIGHTS, buffers};
use tasks::{Scene, Task};

/// Runs a plan on a subject: opens the run directory, makes the chapters, writes everything, prints.
pub fn run(command: &'static str, options: &RunOptions, prepared: Prepared, plan: Plan) -> Result<(), Error> {
    let config = Config {
        command,
        version: env!("CARGO_PKG_VERSION"),
        seed: options.machine.seed,
        dtype: options.machine.dtype,
        subject: prepared.config.clone(),
        point: prepared.point.clone(),
        plan,
    };
    let path = session::folder(options, command);
    if options.resume
        && let Some(results) = session::finished(&path, &config)?
    {
        return finish::already(options, &path, &results);
    }
    match config.dtype {
        Dtype::F32 => study::<f32>(options, &path, &prepared, &config),
        Dtype::F64 => study::<f64>(options, &path, &prepared, &config),
    }
}

fn study<T: Scalar>(
    options: &RunOptions,
    path: &Folder,
    prepared: &Prepared,
    config: &Config,
) -> Result<(), Error> {
    let machine = &options.machine;
    let subject = prepared.build::<T>(machine.seed, machine.threads(), machine.memory.0)?;
    let mut session = Session::open(options, path, config)?;
    let tasks = tasks::tasks(&config.plan);
    if !options.quiet {
        if session.is_resumed() {
            eprintln!("Going on with the run in {}.", path.display());
        }
        let rates = Rates::measure(subject.problem.objective(), &subject.start);
        let costs: Vec<Cost> = tasks.iter().map(|task| task.cost(&subject)).collect();
        session.progress = Progress::announce(rates, &costs, machine.threads());
    }
    let made = chapters(&tasks, &subject, config, &mut session);
    session.progress.clear();
    let chapters = match made {
        Ok(chapters) => chapters,
        Err(error @ Error::Interrupted(_)) => return Err(finish::with_hint(error, session.path())),
        Err(error) => return Err(session.give_up(error)),
    };
    let report = compose::report(config, prepared, &session, &chapters);
    let results = compose::results(config, prepared, &session, chapters.iter())?;
    let place = session.path().to_owned();
    session.finish(&results, &report, config, prepared.inputs.clone(), machine.threads())?;
    finish::print(options, &place, config, &results, &chapters)
}

/// Makes or finds every chapter of the plan, in order.
fn chapters<T: Scalar>(
    tasks: &[Task<'_>],
    subject: &Subject<T>,
    config: &Config,
    session: &mut Session,
) -> Result<Vec<Chapter>, Error> {
    let objective = subject.problem.objective();
    let mut scene = Scene::new(subject, config);
    let mut done: Vec<Chapter> = Vec::new();
    for task in tasks {
        let cost = task.cost(subject);
        let mut chapter =
            session.chapter(&task.name(), &task.words(), objective, &cost, |desk| task.make(desk, &scene))?;
        if let Task::Way(_) = task {
            scene.path = Path::of(&chapter);
        }
        if chapter.arrays.get("top_eigenvectors").is_some() {
            scene.eigenvectors = Some(chapter.arrays.clone());
        }
        let halt = chapter.halt.take();
        done.push(chapter);
        if let Some(reason) = halt {
            let notes = &mut done.last_mut().expect("a chapter was just added").notes;
            notes.push(format!("Nothing further was studied: {reason}."));
            break;
        }
    }
    let weights = match &subject.problem {
        Problem::Network(network) => buffers::arrays(network, &scene.path.x)?,
        Problem::Function(_) => from_flat(objective.layout(), &scene.path.x, "the weights"),
    };
    session.write(WEIGHTS, &weights.to_bytes(WeightFormat::Safetensors)?)?;
    Ok(done)
}
