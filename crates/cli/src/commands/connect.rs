//! `connect`: paths between solutions.

use thalweg_lab::landscape::{BandOptions, ProfileOptions};
use thalweg_lab::optim::{Length, OptimizerSpec};

use crate::args::{ConnectArgs, PathKind};
use crate::config::{ConnectPlan, Plan, PointConfig};
use crate::error::Error;
use crate::study;
use crate::subject::{Source, resolve_solutions};

/// Solutions of which all pairs are connected unless the options say otherwise.
const ALL_PAIRS: usize = 5;

/// Runs the command.
pub fn run(options: &ConnectArgs) -> Result<(), Error> {
    let seed = options.run.machine.seed;
    let (subject, solutions) =
        resolve_solutions(&options.subject, &options.solutions, &options.training, seed)?;
    let PointConfig::Solutions { solutions: named } = &subject.point else {
        unreachable!("several solutions are named as such")
    };
    let (count, paths) = (named.len(), &options.paths);
    let all = count * (count - 1) / 2;
    let usual = if count <= ALL_PAIRS { all } else { 2 * count };
    let mut kinds = paths.paths.clone();
    // The straight line is what the others are compared with.
    kinds.push(PathKind::Line);
    kinds.sort();
    kinds.dedup();
    let examples = subject.source.examples();
    let training =
        examples.map(|count| options.training.plan(seed, count, subject.layout().dimension()).training);
    let is_network = matches!(subject.source, Source::Network { .. });
    // Functions have no units to align.
    kinds.retain(|kind| is_network || *kind != PathKind::Aligned);
    let optimizer = paths.path_optimizer.clone();
    let rate = optimizer.as_ref().and_then(OptimizerSpec::learning_rate);
    let method = optimizer.map_or("adam".parse()?, OptimizerSpec::without_learning_rate);
    // Where f is cheap the band is followed closely.
    let (pivots, insert, most, tolerance) =
        if is_network { (7, 0.2, 30, 1e-4) } else { (15, 0.01, 60, 1e-9) };
    let band = BandOptions {
        pivots: paths.pivots.map_or(pivots, |count| count.0),
        cycles: paths.band_cycles.0,
        steps: paths.band_steps.0 as u64,
        batch: training.as_ref().and_then(|training| training.batch),
        insert,
        most: most.max(paths.pivots.map_or(0, |count| count.0)),
        seed,
        // Where no rate is given it is found anew for every pair.
        ..BandOptions::new(method.clone(), rate.unwrap_or(1.0))
    };
    let curve = match training {
        Some(training) => Some(thalweg_lab::optim::Training {
            method,
            schedule: "cosine".parse().map_err(|error| Error::Usage(format!("{error}")))?,
            length: Length::Epochs(paths.curve_epochs.0 as u64),
            checkpoints: thalweg_lab::optim::Marks::None,
            measurements: thalweg_lab::optim::Marks::None,
            ..training
        }),
        None => None,
    };
    let connect = ConnectPlan {
        paths: kinds,
        pairs: paths.pairs.map_or(usual, |count| count.0).min(all),
        bends: paths.bends.0,
        rate,
        curve,
        band,
        profile: ProfileOptions {
            points: paths.points,
            tolerance: paths.tolerance.unwrap_or(tolerance),
            rounds: 60,
        },
        grid: paths.grid,
    };
    let plan = Plan { solutions: Some(solutions), connect: Some(connect), ..Plan::default() };
    study::run("connect", &options.run, subject, plan)
}
