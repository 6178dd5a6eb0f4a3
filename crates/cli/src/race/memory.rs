//! How a race is made to fit its memory: what a run holds, and what is kept of those that are done.

use thalweg_lab::krylov::ExtremalOptions;
use thalweg_lab::memory::{Item, Needs, Phase, Plan, side_by_side};
use thalweg_lab::optim::{OptimizerSpec, VerdictOptions};
use thalweg_lab::problem::Evaluations;
use thalweg_lab::race::{Conditions, Course, held};
use thalweg_lab::{Curvature, Scalar};

use super::config::RaceConfig;
use super::jobs::WAY;
use crate::args::MachineOptions;
use crate::error::Error;
use crate::study::budget::asks_for_products;
use crate::subject::Subject;

/// Points and gradients of a run: where it is, where it goes, and what it would go back to.
const POINTS: usize = 6;
/// Vectors of a continuation beside the run that it leaves: those of L-BFGS, which some are made by.
const CONTINUED: usize = 30;
/// Points of a curve, at most about.
const MARKS: usize = 110;
/// Numbers of a point of a curve.
const CURVE: usize = 4 * MARKS;

/// One plan for each problem; as many runs go side by side on all of them.
pub fn plans<T: Scalar>(
    subjects: &[Subject<T>],
    config: &RaceConfig,
    machine: &MachineOptions,
) -> Result<Vec<Plan>, Error> {
    if machine.basis.kind().is_some_and(|kind| kind != thalweg_lab::krylov::BasisKind::Memory) {
        return Err(Error::Usage("--basis: the runs of a race keep their Krylov bases in memory".into()));
    }
    // The examples of all problems are there throughout.
    let data: usize = subjects.iter().map(|subject| subject.problem.data_bytes()).sum();
    let plan = |subject: &Subject<T>| -> Result<Plan, Error> {
        let (needs, kept, pictures) = needs(subject, config);
        let item =
            |what: &str, bytes: usize, cost: &str| Item { what: what.into(), bytes, cost: cost.into() };
        let shared = vec![item("data", data, ""), item("finished runs", kept, "their ends, curves and ways")];
        let after = Some(item("pictures", pictures, "when the runs are over"));
        Ok(side_by_side(machine.memory.0, shared, after, &needs, machine.threads())?)
    };
    let mut plans: Vec<Plan> = subjects.iter().map(plan).collect::<Result<_, _>>()?;
    let threads = plans.iter().map(|plan| plan.threads).min().unwrap_or(1);
    plans.iter_mut().for_each(|plan| plan.threads = threads);
    Ok(plans)
}

/// What one run takes, what is kept of all that are done, and what their pictures take; the last two in bytes.
fn needs<T: Scalar>(subject: &Subject<T>, config: &RaceConfig) -> (Needs, usize, usize) {
    let objective = subject.problem.objective();
    let (n, layout) = (subject.start.len(), objective.layout());
    let factors = subject.problem.factor_numbers();
    let conditions = Conditions { batch: config.batch, ..Conditions::new(config.budget) };
    let course = Course { name: "", objective };
    let specs = || config.entrants.iter().map(|entrant| &entrant.spec);
    let trains = |spec: &OptimizerSpec| conditions.trains_on(&course, spec).is_some();
    let most = |number: fn(thalweg_lab::race::Held) -> usize| {
        specs().map(|spec| number(held::<T>(spec, layout, factors))).max().unwrap_or(0)
    };
    let vectors = |numbers: usize| numbers.div_ceil(n.max(1));
    let (remembered, working) = (vectors(most(|held| held.remembered)), vectors(most(|held| held.working)));
    let kfac = specs().any(|spec| spec.name() == "kfac");
    let evaluations = Evaluations {
        products: Some(Curvature::Hessian),
        gradients: true,
        minibatch: specs().any(trains).then(|| conditions.batch_on(&course)).flatten(),
        minibatch_products: specs().any(|spec| trains(spec) && asks_for_products::<T>(spec)),
        kronecker: kfac,
        noise: config.probes > 0,
    };
    let verdict = VerdictOptions::default();
    let ends = |options: &ExtremalOptions| {
        Phase::ends(options.top, options.bottom, options.block, options.basis_vectors(n))
    };
    let judged = match n <= verdict.dense_limit {
        true => Phase::whole(n, 0),
        false => ends(&verdict.ends),
    };
    // States from which the ledger goes on, and the way of the first run of each row.
    let states = if config.probes > 0 { config.probes + 2 } else { 0 };
    let record = states * (2 + remembered) + MARKS;
    let needs = Needs {
        parameters: n,
        scalar: size_of::<T>(),
        data: 0,
        vectors: POINTS + 2 * remembered + record,
        threads: 1,
        work: subject.problem.work(&evaluations),
        phases: vec![
            Phase::other("steps", working, true),
            Phase { name: "verdict", ..judged },
            Phase::other("counterfactuals", CONTINUED + 2 * remembered + working, true),
            // In f64, and written as text.
            Phase { bytes: (8 + 26) * n * (WAY + 1), ..Phase::other("record", 0, false) },
        ],
    };
    let rows = config.entrants.len() * if config.trials > 1 { 2 } else { 1 };
    let tried = if config.trials > 1 { config.trials * config.tuning_seeds as usize } else { 0 };
    let runs = rows * config.seeds as usize + config.entrants.len() * tried;
    let kept = 8 * (rows * n * (config.seeds as usize + WAY) + runs * CURVE);
    // The ways of all rows, once more about their mean, and the points of a picture.
    let pictures = size_of::<T>() * n * (2 * rows * WAY + 64);
    (needs, kept, pictures)
}
