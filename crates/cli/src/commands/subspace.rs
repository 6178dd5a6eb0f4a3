//! `subspace`: random subspaces, hyperplanes, and how far low loss reaches.

use thalweg_lab::landscape::Normalization;
use thalweg_lab::optim::{Length, Marks, Training};

use crate::args::{SubspaceArgs, SubspaceOptions, SubspacePart as Part};
use crate::config::{
    CutsPlan, DescentPlan, EndsPlan, ExtentsPlan, IntrinsicPlan, Plan, PointConfig, RunsPlan, TrainingPlan,
    Way,
};
use crate::error::Error;
use crate::study;
use crate::subject::{Prepared, Source, resolve};

/// Runs the command.
pub fn run(options: &SubspaceArgs) -> Result<(), Error> {
    let subject = resolve(&options.subject, options.run.machine.seed)?;
    let plan = plan(&options.subspace, &subject, options.run.machine.seed)?;
    study::run("subspace", &options.run, subject, plan)
}

fn plan(options: &SubspaceOptions, subject: &Prepared, seed: u64) -> Result<Plan, Error> {
    let n = subject.layout().dimension();
    let has = |part: Part| options.parts.contains(&part);
    let runs = runs(options, subject);
    let intrinsic = has(Part::Intrinsic).then(|| intrinsic(options, &runs, n)).transpose()?;
    let cuts = has(Part::Cuts).then(|| cuts(options, &runs, n)).transpose()?;
    let extents = has(Part::Extents);
    Ok(Plan {
        way: if extents { way(options, &runs, subject, seed) } else { None },
        eigenvectors: (extents && options.top + options.bottom > 0).then_some(EndsPlan {
            top: options.top.min(n),
            bottom: options.bottom.min(n.saturating_sub(options.top)),
            products: 2000,
        }),
        intrinsic,
        cuts,
        extents: extents.then_some(ExtentsPlan {
            rise: options.rise,
            level: options.level,
            top: options.top.min(n),
            bottom: options.bottom.min(n.saturating_sub(options.top)),
            random: options.random,
            reach: options.reach,
            normalization: Normalization::Unit,
        }),
        ..Plan::default()
    })
}

fn runs(options: &SubspaceOptions, subject: &Prepared) -> RunsPlan {
    let is_network = matches!(subject.source, Source::Network { .. });
    let usual = if is_network { "adam:rate=0.01" } else { "lbfgs" };
    RunsPlan {
        projection: options.projection.into(),
        seeds: options.seeds.0 as u64,
        optimizer: options.optimizer.clone().unwrap_or_else(|| usual.parse().expect("it is in the registry")),
        gradients: options.gradients.unwrap_or(if is_network { 30.0 } else { 500.0 }),
        batch: options.batch.0,
        schedule: options.schedule,
        tolerance: options.tolerance,
    }
}

fn intrinsic(options: &SubspaceOptions, runs: &RunsPlan, n: usize) -> Result<IntrinsicPlan, Error> {
    let most = options.most.map_or(n, |most| most.0);
    let first = options.first.map_or(((n as f64).sqrt() / 8.0) as usize, |first| first.0).clamp(1, most);
    if most > n {
        return Err(Error::Usage(format!("--most {most}: there are {n} parameters")));
    }
    if let Some(share) = options.shares.iter().find(|share| **share > 1.0) {
        return Err(Error::Usage(format!("--shares {share}: expected shares of at most 1")));
    }
    if options.required > 1.0 {
        return Err(Error::Usage(format!("--required {}: expected a share of at most 1", options.required)));
    }
    Ok(IntrinsicPlan {
        runs: runs.clone(),
        shares: options.shares.clone(),
        level: options.target,
        required: options.required,
        first,
        most,
        precision: options.precision,
    })
}

fn cuts(options: &SubspaceOptions, runs: &RunsPlan, n: usize) -> Result<CutsPlan, Error> {
    let mut dimensions: Vec<usize> = match options.cuts.as_slice() {
        [] => (1..=7).map(|k| (n as f64).powf(0.115 * f64::from(k)).round() as usize).collect(),
        given => given.iter().map(|count| count.0).collect(),
    };
    dimensions.sort_unstable();
    dimensions.dedup();
    if let Some(d) = dimensions.iter().find(|d| **d >= n) {
        return Err(Error::Usage(format!(
            "--cuts {d}: a plane has a distance only with fewer dimensions than the {n} parameters"
        )));
    }
    if let Some(long) = options.long.filter(|long| *long == 0 || *long >= n) {
        return Err(Error::Usage(format!("--long {long}: expected 1 to {} directions", n.saturating_sub(1))));
    }
    let mut radii = options.radii.clone();
    radii.sort_by(f64::total_cmp);
    radii.dedup();
    Ok(CutsPlan { runs: runs.clone(), centre: options.centre, dimensions, radii, long: options.long })
}

/// The way to the point around which the reach is measured: none from weights that were given.
fn way(options: &SubspaceOptions, runs: &RunsPlan, subject: &Prepared, seed: u64) -> Option<Way> {
    if matches!(subject.point, PointConfig::Weights { .. }) {
        return None;
    }
    Some(match (subject.source.examples(), runs.optimizer.learning_rate()) {
        (Some(examples), Some(rate)) => Way::Training(TrainingPlan {
            training: Training {
                schedule: options.schedule,
                length: Length::Epochs(runs.gradients.ceil() as u64),
                batch: runs.batch.filter(|batch| *batch < examples),
                seed,
                checkpoints: Marks::Ends,
                measurements: Marks::Even(20),
                ..Training::new(runs.optimizer.clone().without_learning_rate(), rate)
            },
            sharpness: 0,
        }),
        _ => {
            let mut plan = DescentPlan { optimizer: runs.optimizer.clone(), ..DescentPlan::default() };
            plan.stopping.limits.iterations = runs.gradients.ceil() as u64;
            Way::Descent(plan)
        }
    })
}
