//! A study: the chapters of a plan, one after the other, and what they amount to.

pub mod budget;
mod compose;
mod depth;
mod exports;
pub mod finish;
mod tasks;

use thalweg_io::{WeightFormat, from_flat};
use thalweg_lab::Scalar;

use crate::args::{Dtype, RunOptions};
use crate::chapter::Chapter;
use crate::chapters::subspace;
use crate::chapters::way::{Path, numbers};
use crate::config::{Config, Plan};
use crate::error::Error;
use crate::progress::Progress;
use crate::rates::{Cost, Rates};
use crate::session::{self, Session};
use crate::subject::{Prepared, Problem, Subject, WEIGHTS, buffers};
use tasks::{Scene, Task};

/// Runs a plan on a subject: opens the run directory, makes the chapters, writes everything, prints.
pub fn run(command: &'static str, options: &RunOptions, prepared: Prepared, plan: Plan) -> Result<(), Error> {
    match options.machine.dtype {
        Dtype::F32 => study::<f32>(command, options, prepared, plan),
        Dtype::F64 => study::<f64>(command, options, prepared, plan),
    }
}

fn study<T: Scalar>(
    command: &'static str,
    options: &RunOptions,
    mut prepared: Prepared,
    plan: Plan,
) -> Result<(), Error> {
    let machine = &options.machine;
    let path = &session::folder(options, command);
    let subject = prepared.build::<T>(machine.seed)?;
    let depth::Settled { subject, plan, budget, rates } =
        depth::settle(options, path, subject, plan, prepared.began)?;
    let memory = budget::plan(&subject, &plan, machine)?;
    let config = &Config {
        command,
        version: env!("CARGO_PKG_VERSION"),
        seed: machine.seed,
        dtype: machine.dtype,
        subject: prepared.config.clone(),
        point: prepared.point.clone(),
        basis: memory.basis,
        plan,
        budget,
    };
    let prepared = &prepared;
    if options.resume
        && let Some(results) = session::finished(path, config)?
    {
        return finish::already(options, path, &results);
    }
    let subject = subject.with_limits(&memory);
    let mut session = Session::open(options, path, config, memory.clone())?;
    let tasks = tasks::tasks(&config.plan);
    if !options.quiet {
        if session.is_resumed() {
            eprintln!("Going on with the run in {}.", path.display());
        }
        if !options.json {
            budget::announce(&memory, machine.dtype);
            config.budget.iter().for_each(|budget| depth::announce(&config.plan, budget));
        }
        let rates = rates.unwrap_or_else(|| Rates::measure(&subject, &config.plan, &memory));
        let costs: Vec<Cost> = tasks.iter().map(|task| task.cost(&subject)).collect();
        session.progress = Progress::announce(rates, &costs, memory.threads);
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
    session.finish(&results, &report, config, &config.identity(), prepared.inputs.clone())?;
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
        match task {
            Task::Way(_) => scene.path = Path::of(&chapter),
            Task::Side(_, named) => scene.put(named, &mut chapter),
            _ => {}
        }
        if let Task::Solution(number, _) = task {
            scene.arrived(&chapter);
            let x = &scene.solutions[scene.solutions.len() - 1].x;
            session.write(&format!("solution-{number}.safetensors"), &weights(subject, x)?)?;
        }
        if let Task::Align(_) = task {
            let points: Vec<T> = numbers(&chapter.arrays, "aligned");
            for (i, x) in points.chunks_exact(subject.start.len()).enumerate() {
                session.write(&format!("aligned-{}.safetensors", i + 2), &weights(subject, x)?)?;
            }
        }
        // What is written needs no second place; eigenvectors are used again.
        let arrays = std::mem::take(&mut chapter.arrays);
        for (name, bytes) in exports::files(task, &chapter, &arrays)? {
            session.write(&name, &bytes)?;
        }
        if let (Task::Plane(_), true) = (task, config.plan.has_replicates()) {
            scene.planes.push(arrays);
        } else if arrays.get("top_eigenvectors").is_some() {
            scene.eigenvectors = Some(arrays);
        }
        if let Task::Intrinsic(_) = task {
            scene.intrinsic = subspace::intrinsic::dimension(&chapter);
        }
        if let Task::Spectrum(_) = task {
            scene.spectrum = chapter.results.clone();
        }
        let halt = chapter.halt.take();
        done.push(chapter);
        if let Some(reason) = halt {
            let notes = &mut done.last_mut().expect("a chapter was just added").notes;
            notes.push(format!("Nothing further was studied: {reason}."));
            break;
        }
    }
    // Of several solutions none is the point.
    if config.plan.solutions.is_none() {
        session.write(WEIGHTS, &weights(subject, &scene.path.x)?)?;
    }
    Ok(done)
}

/// A point as a file of weights.
fn weights<T: Scalar>(subject: &Subject<T>, x: &[T]) -> Result<Vec<u8>, Error> {
    let arrays = match &subject.problem {
        Problem::Network(network) => buffers::arrays(network, x)?,
        Problem::Learning { .. } | Problem::Function(_) => {
            from_flat(subject.problem.objective().layout(), x, "the weights")
        }
    };
    Ok(arrays.to_bytes(WeightFormat::Safetensors)?)
}
