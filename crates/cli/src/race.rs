//! `race`: optimizers side by side, and what came of it.

pub mod config;
mod figures;
mod jobs;
mod memory;
mod phased;
mod report;
mod result;
mod timing;

use thalweg_lab::memory::Plan as MemoryPlan;
use thalweg_lab::race::{Conditions, Course, Tuned};
use thalweg_lab::random::Stream;
use thalweg_lab::{Counts, Scalar, Weights};

use crate::args::{Costs, Dtype, RaceArgs};
use crate::chapter::Chapter;
use crate::config::{EndsPlan, Plan, PointConfig, SubjectConfig};
use crate::error::Error;
use crate::progress::Progress;
use crate::rates::{Cost, Rates};
use crate::session::{self, Desk, Identity, Session};
use crate::study::{budget, finish};
use crate::subject::{Prepared, Problem, Subject, describe, problem_named, resolve};
use config::{RaceConfig, RaceFile};
use jobs::{Done, Job, Track, perform};

/// Runs the command.
pub fn run(args: &RaceArgs) -> Result<(), Error> {
    match args.run.machine.dtype {
        Dtype::F32 => race::<f32>(args),
        Dtype::F64 => race::<f64>(args),
    }
}

fn race<T: Scalar>(args: &RaceArgs) -> Result<(), Error> {
    let machine = &args.run.machine;
    let file = args.race.file.as_deref().map(RaceFile::read).transpose()?.unwrap_or_default();
    let given = &args.race.problems;
    let named = if given.is_empty() { file.problems.clone() } else { Some(given.clone()) };
    // A problem that the options name counts before those of the file.
    let named = named.filter(|_| !args.subject.names_a_subject());
    let mut prepared = prepared(args, named.as_deref())?;
    let subjects: Vec<Subject<T>> =
        prepared.iter_mut().map(|prepared| prepared.build::<T>(machine.seed)).collect::<Result<_, _>>()?;
    let identity = Identity { version: env!("CARGO_PKG_VERSION"), seed: machine.seed, dtype: machine.dtype };
    let configs = prepared.iter().map(|prepared| prepared.config.clone()).collect();
    let point = prepared[0].point.clone();
    let mut config = config::config(&args.race, file, identity, configs, point)?;
    let plans = memory::plans(&subjects, &config, machine)?;
    let memory = plans.iter().max_by_key(|plan| plan.peak).expect("there is a problem").clone();
    // Each run evaluates on its own thread.
    let alone = |plan: &MemoryPlan| MemoryPlan { threads: 1, ..plan.clone() };
    let subjects: Vec<Subject<T>> =
        subjects.into_iter().zip(&plans).map(|(subject, plan)| subject.with_limits(&alone(plan))).collect();
    // Evaluations of every kind, one at a time: as the runs make them.
    let plan = Plan { eigenvectors: Some(EndsPlan { top: 1, bottom: 1, products: 1 }), ..Plan::default() };
    let rates = Rates::measure(&subjects[0], &plan, &MemoryPlan { width: 1, ..alone(&plans[0]) });
    let path = &session::folder(&args.run, "race");
    if args.race.costs == Some(Costs::Measured) {
        // A race that goes on keeps what was measured when it began.
        let kept = if args.run.resume { config::kept_weights(path)? } else { None };
        config.weights = kept.unwrap_or_else(|| rates.weights());
    }
    let config = &config;
    if args.run.resume
        && let Some(results) = session::finished(path, config)?
    {
        return finish::already(&args.run, path, &results);
    }
    let mut session = Session::open(&args.run, path, config, memory.clone())?;
    if !args.run.quiet {
        if session.is_resumed() {
            eprintln!("Going on with the race in {}.", path.display());
        }
        if !args.run.json {
            budget::announce(&memory, machine.dtype);
        }
        let costs: Vec<Cost> = subjects.iter().map(|_| cost(config, memory.threads)).collect();
        session.progress = Progress::announce(rates, &costs, memory.threads);
    }
    let made = problems(config, &prepared, &subjects, memory.threads, rates.weights(), &mut session);
    session.progress.clear();
    let chapters = match made {
        Ok(chapters) => chapters,
        Err(error @ Error::Interrupted(_)) => return Err(finish::with_hint(error, session.path())),
        Err(error) => return Err(session.give_up(error)),
    };
    let page = report::report(config, &prepared, &session, &chapters);
    let results = result::results(config, &session, &chapters)?;
    let timings = timing::file(memory.threads, rates.weights(), &chapters)?;
    session.write(timing::FILE, timings.as_bytes())?;
    let place = session.path().to_owned();
    let inputs = prepared.iter().flat_map(|prepared| prepared.inputs.clone()).collect();
    session.finish(&results, &page, config, &identity, inputs)?;
    let notes: Vec<String> = chapters.iter().flat_map(|chapter| chapter.notes.clone()).collect();
    finish::say(&args.run, &place, &report::heading(config), &results, &chapters, &notes)
}

/// One problem from the options, or several from the tables.
fn prepared(args: &RaceArgs, named: Option<&[String]>) -> Result<Vec<Prepared>, Error> {
    let seed = args.run.machine.seed;
    match named {
        None => Ok(vec![resolve(&args.subject, seed)?]),
        Some([]) => Err(Error::Usage("problems: expected at least one, found none".into())),
        Some(names) => names.iter().map(|name| problem_named(name, seed)).collect(),
    }
}

/// What a problem takes at most, shared among the threads.
fn cost(config: &RaceConfig, threads: usize) -> Cost {
    let tuning = if config.trials > 1 { config.trials as u64 * config.tuning_seeds } else { 0 };
    let reported = config.seeds * if config.trials > 1 { 2 } else { 1 };
    let runs = config.entrants.len() as u64 * (tuning + reported);
    let gradients = (runs as f64 * config.budget / threads.max(1) as f64) as u64;
    Cost::of(Counts { gradients, ..Counts::default() })
}

fn problems<T: Scalar>(
    config: &RaceConfig,
    prepared: &[Prepared],
    subjects: &[Subject<T>],
    threads: usize,
    measured: Weights,
    session: &mut Session,
) -> Result<Vec<Chapter>, Error> {
    let mut chapters = Vec::new();
    for (i, (prepared, subject)) in prepared.iter().zip(subjects).enumerate() {
        let name = format!("race-{}", i + 1);
        let words = describe(&prepared.config);
        let cost = cost(config, threads);
        let objective = subject.problem.objective();
        let made = session.chapter(&name, &words, objective, &cost, |desk| {
            problem(desk, config, prepared, subject, threads, measured, i)
        })?;
        chapters.push(made);
    }
    if chapters.len() > 1 {
        let objective = subjects[0].problem.objective();
        let together = report::together(config, &chapters);
        chapters
            .push(session.chapter("profiles", "profiles", objective, &Cost::default(), |_| Ok(together))?);
    }
    Ok(chapters)
}

/// What came of one problem.
pub struct Raced<'r, T: Scalar> {
    pub name: String,
    pub subject: &'r Subject<T>,
    /// f at the first start.
    pub start_value: f64,
    /// The least value that is known of the problem.
    pub known: Option<f64>,
    pub variants: Vec<Variant>,
    pub measured: Weights,
    pub place: usize,
}

/// An optimizer with one choice of settings, and its runs.
pub struct Variant {
    pub entrant: usize,
    pub label: String,
    pub spec: thalweg_lab::optim::OptimizerSpec,
    /// How these settings were found; `None` for those that were given.
    pub tuned: Option<Tuned>,
    /// What the search for them cost, in gradients.
    pub tuning_cost: f64,
    /// Whether one run stands for all seeds, since it would be the same from each.
    pub constant: bool,
    pub runs: Vec<Done>,
}

fn problem<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    config: &RaceConfig,
    prepared: &Prepared,
    subject: &Subject<T>,
    threads: usize,
    measured: Weights,
    place: usize,
) -> Result<Chapter, Error> {
    let name = describe(&prepared.config);
    let objective = subject.problem.objective();
    let start = |seed: u64| start(config, prepared, subject, seed);
    let start_value = desk.oracle.value(&start(config.seed))?;
    let known = subject.problem.minimum();
    let conditions = Conditions {
        weights: config.weights,
        targets: match known {
            Some(least) => config.precisions.iter().map(|p| least + p * (start_value - least)).collect(),
            None => Vec::new(),
        },
        gradient: config.tolerance,
        batch: config.batch,
        schedule: config.schedule,
        probes: config.probes,
        ..Conditions::new(config.budget)
    };
    let track = Track {
        course: Course { name: &name, objective },
        start: &start,
        conditions,
        lines: config.lines,
        threads,
    };
    let mut spent = 0.0;
    let (tuned, tuning_costs) = tuning(desk, config, &track, &mut spent)?;
    let mut variants: Vec<Variant> = Vec::new();
    let mut jobs: Vec<Job> = Vec::new();
    for (i, entrant) in config.entrants.iter().enumerate() {
        let mut add = |spec: &thalweg_lab::optim::OptimizerSpec, tuned: Option<Tuned>| {
            let constant = constant(config, prepared, &track, spec);
            let seeds = config.seed..config.seed + if constant { 1 } else { config.seeds };
            jobs.extend(seeds.map(|seed| Job {
                spec: spec.clone(),
                seed,
                reported: true,
                path: seed == config.seed,
            }));
            let label = match &tuned {
                Some(_) => format!("{} (tuned)", entrant.spec.name()),
                None => entrant.spec.to_string(),
            };
            let tuning_cost = if tuned.is_some() { tuning_costs[i] } else { 0.0 };
            variants.push(Variant {
                entrant: i,
                label,
                spec: spec.clone(),
                tuned,
                tuning_cost,
                constant,
                runs: Vec::new(),
            });
        };
        add(&entrant.spec, None);
        if let Some(found) = &tuned[i]
            && found.spec != entrant.spec
        {
            add(&found.spec.clone(), Some(found.clone()));
        }
    }
    let mut done = perform(desk, &track, "run", &jobs, &mut spent)?.into_iter();
    for variant in &mut variants {
        let count = if variant.constant { 1 } else { config.seeds };
        variant.runs = done.by_ref().take(count as usize).collect();
    }
    let counts = counts(&variants);
    let raced = Raced { name, subject, start_value, known, variants, measured, place };
    let chapter = result::chapter(desk, config, &raced);
    // Pictures are the report's own expense.
    desk.account(counts);
    chapter
}

/// Whether the runs of all seeds would be the same: their starts do not differ, and the optimizer knows no chance.
fn constant<T: Scalar>(
    config: &RaceConfig,
    prepared: &Prepared,
    track: &Track<'_, T>,
    spec: &thalweg_lab::optim::OptimizerSpec,
) -> bool {
    let drawn =
        matches!((&prepared.config, &prepared.point), (SubjectConfig::Network(_), PointConfig::Initial));
    !drawn && config.spread == 0.0 && !track.conditions.are_random(&track.course, spec)
}

/// The start of a seed.
fn start<T: Scalar>(config: &RaceConfig, prepared: &Prepared, subject: &Subject<T>, seed: u64) -> Vec<T> {
    match (&subject.problem, &prepared.config, &prepared.point) {
        (Problem::Network(network), SubjectConfig::Network(known), PointConfig::Initial) => {
            known.initialization.draw(network.model(), seed)
        }
        (Problem::Learning { .. } | Problem::Function(_), ..) if config.spread > 0.0 => {
            let mut noise = vec![0.0f64; subject.start.len()];
            Stream::new(seed, "race start", 0).fill_normal(&mut noise);
            let moved = subject.start.iter().zip(noise);
            moved.map(|(x, noise)| T::of(x.wide() + config.spread * noise)).collect()
        }
        _ => subject.start.clone(),
    }
}

/// The best settings of each optimizer, and what their search cost; nothing where there is none.
fn tuning<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    config: &RaceConfig,
    track: &Track<'_, T>,
    spent: &mut f64,
) -> Result<(Vec<Option<Tuned>>, Vec<f64>), Error> {
    let count = config.entrants.len();
    if config.trials < 2 {
        return Ok((vec![None; count], vec![0.0; count]));
    }
    let mut candidates = Vec::new();
    let mut jobs = Vec::new();
    // These seeds are not reported.
    let first = config.seed + config.seeds;
    for entrant in &config.entrants {
        let tried = entrant.space.candidates(&entrant.spec, config.trials, config.seed)?;
        let tried = if tried.len() > 1 { tried } else { Vec::new() };
        for spec in &tried {
            let seeds = first..first + config.tuning_seeds;
            jobs.extend(seeds.map(|seed| Job { spec: spec.clone(), seed, reported: false, path: false }));
        }
        candidates.push(tried);
    }
    let mut done = perform(desk, track, "trial", &jobs, spent)?.into_iter();
    let mut tuned = Vec::new();
    let mut costs = Vec::new();
    for (entrant, tried) in config.entrants.iter().zip(&candidates) {
        let mut cost = 0.0;
        let finals: Vec<Vec<f64>> = tried
            .iter()
            .map(|_| {
                let runs: Vec<Done> = done.by_ref().take(config.tuning_seeds as usize).collect();
                cost += runs.iter().map(|run| run.trial.cost).sum::<f64>();
                runs.iter().map(|run| run.trial.value).collect()
            })
            .collect();
        tuned.push((!tried.is_empty()).then(|| entrant.space.choose(tried, &finals)));
        costs.push(cost);
    }
    Ok((tuned, costs))
}

fn counts(variants: &[Variant]) -> Counts {
    let mut sum = Counts::default();
    for run in variants.iter().flat_map(|variant| &variant.runs) {
        sum.values += run.trial.counts.values;
        sum.gradients += run.trial.counts.gradients;
        sum.products += run.trial.counts.products;
    }
    sum
}
