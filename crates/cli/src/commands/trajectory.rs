//! `trajectory`: the ways themselves.

use thalweg_io::Targets;
use thalweg_lab::Layout;
use thalweg_lab::landscape::TrajectoryError;
use thalweg_lab::optim::{Marks, Optimizer, OptimizerSpec};

use crate::args::{Checkpoints, TrainingOptions, TrajectoryArgs};
use crate::config::{DescentPlan, NamedWay, Plan, TrajectoryPlan, Way};
use crate::error::Error;
use crate::study;
use crate::subject::{Prepared, Source, resolve};

/// Runs the command.
pub fn run(mut options: TrajectoryArgs) -> Result<(), Error> {
    if options.run.budget.is_some() {
        let reason = "a trajectory has no depths that a time could choose; --grid, --line, --top and --places say them";
        return Err(Error::Usage(format!("--budget: {reason}")));
    }
    if let Some(Checkpoints::Marks(Marks::None)) = &options.training.checkpoints {
        return Err(Error::Usage("--checkpoints none: a trajectory needs points".into()));
    }
    let seed = options.run.machine.seed;
    options.subject.weights = options.subject.weights.or_else(|| options.runs.first().cloned());
    let mut subject = resolve(&options.subject, seed)?.with_runs(&options.runs)?;
    if let Some(folder) = options.training.folder() {
        if let Some(run) = options.runs.first() {
            return Err(Error::Usage(format!(
                "--checkpoints {}: a folder is a way of its own; give it without the run {run}",
                folder.display()
            )));
        }
        subject = subject.with_checkpoints(folder)?;
    }
    let mut ways = ways(&options, &subject)?;
    for (i, way) in ways.iter().enumerate() {
        if ways[..i].iter().any(|other| other.name == way.name) {
            return Err(Error::Usage(format!("the way {} is named twice", way.name)));
        }
    }
    let n = subject.layout().dimension();
    let plan = &options.trajectory;
    let trajectory = TrajectoryPlan {
        names: ways.iter().map(|way| way.name.clone()).collect(),
        grid: plan.grid,
        line: plan.line.0.max(2),
        top: plan.top.unwrap_or_else(|| usual(&subject)).min(n),
        places: plan.places.0,
        products: 400,
    };
    let one = if ways.len() == 1 { ways.pop().map(|named| named.way) } else { None };
    let plan = Plan { way: one, ways, trajectory: Some(trajectory), ..Plan::default() };
    study::run("trajectory", &options.run, subject, plan)
}

/// The ways that were read, and those that are to be gone.
fn ways(options: &TrajectoryArgs, subject: &Prepared) -> Result<Vec<NamedWay>, Error> {
    let mut ways: Vec<NamedWay> = Vec::new();
    for (place, kept) in subject.kept.iter().enumerate() {
        let way = Way::Kept { run: kept.run.clone(), place, sha256: kept.sha256.clone() };
        ways.push(NamedWay { name: kept.run.clone(), way });
    }
    if let Some(folder) = options.training.folder() {
        if subject.checkpoints.len() < 2 {
            return Err(TrajectoryError::Few(subject.checkpoints.len()).into());
        }
        ways.push(NamedWay { name: folder.display().to_string(), way: Way::Checkpoints {} });
    }
    let specs: Vec<OptimizerSpec> = match (&options.trajectory.optimizers, &subject.source) {
        (Some(given), _) => given.0.clone(),
        (None, _) if !ways.is_empty() => Vec::new(),
        (None, Source::Network { .. } | Source::Learning { .. }) => {
            let spec = options.training.optimizer.clone();
            let rate = options.training.learning_rate.or(spec.learning_rate());
            vec![rate.map_or(spec.clone(), |rate| spec.with_learning_rate(rate))]
        }
        (None, Source::Function(_)) => vec![DescentPlan::default().optimizer],
    };
    let single = ways.len() + specs.len() == 1;
    for spec in specs {
        let way = match subject.source.examples() {
            None => descent(&spec, &options.training, true)?,
            Some(examples) => {
                match spec.build::<f64>(&Layout::default()) {
                    Optimizer::Method(_) | Optimizer::Stochastic(_) => {
                        let n = subject.layout().dimension();
                        let mut plan = options.training.plan(options.run.machine.seed, examples, n);
                        // An optimizer without a rate is refused by the trainer, whatever this is.
                        plan.training.learning_rate = spec.learning_rate().unwrap_or(1.0);
                        plan.training.method = spec.clone().without_learning_rate();
                        plan.sharpness = 0;
                        if !single {
                            plan.training.measurements = Marks::Ends;
                        }
                        Way::Training(plan)
                    }
                    Optimizer::Iteration(_) | Optimizer::Solver(_) => {
                        descent(&spec, &options.training, false)?
                    }
                }
            }
        };
        ways.push(NamedWay { name: spec.to_string(), way });
    }
    Ok(ways)
}

/// A way by exact gradients, as many iterations as steps or epochs were asked for.
fn descent(spec: &OptimizerSpec, training: &TrainingOptions, function: bool) -> Result<Way, Error> {
    let none = |option: &str| {
        Error::Usage(format!("{option}: a function has none; --steps says how many iterations"))
    };
    if function && training.epochs.is_some() {
        return Err(none("--epochs"));
    }
    if function && training.batch.is_some() {
        return Err(none("--batch"));
    }
    let mut plan = DescentPlan { optimizer: spec.clone(), ..DescentPlan::default() };
    plan.stopping.limits.iterations = match (training.steps, training.epochs) {
        (Some(count), _) | (None, Some(count)) => count,
        (None, None) if function => plan.stopping.limits.iterations,
        (None, None) => 100,
    };
    Ok(Way::Descent(plan))
}

/// The dimension of the leading eigenspace where none is given.
fn usual(subject: &Prepared) -> usize {
    let half = (subject.layout().dimension() / 2).max(1);
    match &subject.source {
        Source::Network { train, .. } => match &train.targets {
            Targets::Classes { count, .. } => (*count).min(half),
            _ => half.min(10),
        },
        Source::Learning { .. } | Source::Function(_) => half.min(10),
    }
}
