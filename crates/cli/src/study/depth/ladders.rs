//! The depths that each part of a study may have, from the least to what was asked for.
//!
//! None is deeper than what was asked for, and that is always the last.

use thalweg_lab::optim::{Length, Marks};

use crate::args::Grid;
use crate::chapters::training;
use crate::config::{ConnectPlan, EndsPlan, LayersPlan, PlanePlan, SpectrumPlan, TrainingPlan};

/// Steps of a training, or iterations of a descent, at least.
const STEPS: u64 = 20;
/// How many times as many each further depth has.
const RATIO: f64 = 1.05;
/// Products of one cycle of the search for the sharpness.
pub const CYCLE: u64 = 21;

/// Intervals between measurements, and products for the sharpness at each.
const FOLLOWED: [(u64, u64); 8] = [
    (1, 0),
    (5, 0),
    (1, CYCLE),
    (3, CYCLE),
    (6, 2 * CYCLE),
    (12, 2 * CYCLE),
    (24, 3 * CYCLE),
    (40, 5 * CYCLE),
];

/// Eigenpairs at the top and at the bottom, and products for them.
const ENDS: [(usize, usize, u64); 10] = [
    (1, 1, 18),
    (1, 1, 24),
    (1, 1, 40),
    (2, 1, 72),
    (3, 2, 120),
    (5, 2, 200),
    (8, 3, 320),
    (12, 4, 500),
    (16, 4, 800),
    (32, 8, 1200),
];
/// Beside each of them: probes and steps of the density, and products of the trace.
const DENSITIES: [(usize, usize, u64); 10] = [
    (2, 6, 4),
    (2, 10, 8),
    (2, 20, 16),
    (3, 30, 16),
    (4, 40, 32),
    (6, 50, 32),
    (8, 60, 64),
    (10, 70, 64),
    (16, 80, 64),
    (16, 80, 64),
];
/// Products of a layer's search and of its trace.
const LAYERS: [(u64, u64); 5] = [(24, 8), (40, 16), (72, 32), (120, 64), (250, 64)];
/// Points along each side of a plane, and intervals between the points of its trajectory.
const GRIDS: [(usize, u64); 9] =
    [(5, 4), (7, 6), (9, 8), (11, 10), (15, 15), (21, 20), (27, 30), (35, 40), (43, 60)];
/// Shares of the steps of trained paths.
const PATHS: [f64; 8] = [0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 1.0];
/// Points on a line.
const LINES: [usize; 6] = [9, 15, 25, 41, 61, 81];

/// Lengths of a training, with their steps.
pub fn lengths(plan: &TrainingPlan, examples: usize) -> Vec<(Length, u64)> {
    let last = training::steps(&plan.training, examples);
    let mut all: Vec<(Length, u64)> = counts(last).into_iter().map(|n| (Length::Steps(n), n)).collect();
    all.pop();
    all.push((plan.training.length, last));
    all
}

/// Paths between solutions: shorter trainings, shorter cycles, coarser planes.
pub fn connections(plan: &ConnectPlan) -> Vec<ConnectPlan> {
    let least = |all: usize, floor: usize, share: f64| ((all as f64 * share) as usize).max(floor).min(all);
    let less = |share: f64| {
        let mut plan = plan.clone();
        if let Some(Length::Epochs(epochs)) = plan.curve.as_mut().map(|training| &mut training.length) {
            *epochs = least(*epochs as usize, 1, share) as u64;
        }
        plan.band.steps = least(plan.band.steps as usize, 5, share) as u64;
        plan.grid.columns = least(plan.grid.columns, 9, share.sqrt());
        plan.grid.rows = least(plan.grid.rows, 9, share.sqrt());
        plan
    };
    PATHS.into_iter().map(less).collect()
}

/// Numbers from a few to `last`, each a little larger than the one before.
pub fn counts(last: u64) -> Vec<u64> {
    let more = |&n: &u64| Some(((n as f64 * RATIO) as u64).max(n + 1));
    let mut all: Vec<u64> = std::iter::successors(Some(STEPS), more).take_while(|&n| n < last).collect();
    all.push(last);
    all
}

/// Which steps of a training of `last` steps are measured, and products for the sharpness there.
pub fn followed(plan: &TrainingPlan, last: u64) -> Vec<(Marks, u64)> {
    let marks = &plan.training.measurements;
    let asked = marks.steps(last).len() as u64;
    let fewer = FOLLOWED.iter().map(|&(intervals, products)| {
        let marks = if intervals + 1 < asked { Marks::Even(intervals) } else { marks.clone() };
        (marks, products.min(plan.sharpness))
    });
    fewer.chain([(marks.clone(), plan.sharpness)]).collect()
}

/// Spectra in dimension n: their ends first, all of it where that was asked for.
pub fn spectra(plan: &SpectrumPlan, n: usize) -> Vec<SpectrumPlan> {
    let exact = n <= plan.exact_up_to;
    let step = |(&(top, bottom, products), &(probes, steps, trace))| SpectrumPlan {
        top: plan.top.min(top),
        bottom: plan.bottom.min(bottom),
        products: plan.products.min(products),
        probes: plan.probes.min(probes),
        steps: plan.steps.min(steps),
        trace: plan.trace.min(trace),
        exact_up_to: if exact { 0 } else { plan.exact_up_to },
        ..plan.clone()
    };
    let mut all: Vec<SpectrumPlan> = ENDS.iter().zip(&DENSITIES).map(step).collect();
    if exact {
        // A decomposition has all ends; the density beside it is a picture.
        let sparse = SpectrumPlan { probes: plan.probes.min(4), steps: plan.steps.min(40), ..plan.clone() };
        all.push(sparse);
    }
    all.push(plan.clone());
    all
}

/// Searches for the eigenvectors that directions need: these, and harder or less hard.
pub fn ends(plan: &EndsPlan) -> Vec<EndsPlan> {
    let wanted = (plan.top + plan.bottom) as u64;
    let searches = ENDS.iter().map(|&(.., products)| plan.products.min(products + 4 * wanted));
    let searches = searches.map(|products| EndsPlan { products, ..plan.clone() });
    searches.chain([plan.clone()]).collect()
}

/// Tables of layers.
pub fn layers(plan: &LayersPlan, optional: bool) -> Vec<Option<LayersPlan>> {
    let fewer = LAYERS.iter().map(|&(products, trace)| {
        Some(LayersPlan { products: plan.products.min(products), trace: plan.trace.min(trace) })
    });
    or_none(optional, fewer.chain([Some(plan.clone())]))
}

/// Planes, with the marks of the trajectory that they are laid through.
pub fn grids(
    plan: &PlanePlan,
    trajectory: Option<&Marks>,
    last: u64,
    optional: bool,
) -> Vec<Option<(PlanePlan, Option<Marks>)>> {
    let asked = trajectory.map_or(0, |marks| marks.steps(last).len() as u64);
    let coarser = GRIDS.iter().map(|&(side, intervals)| {
        let grid = Grid { columns: plan.grid.columns.min(side), rows: plan.grid.rows.min(side) };
        let fewer =
            |marks: &Marks| if intervals + 1 < asked { Marks::Even(intervals) } else { marks.clone() };
        Some((PlanePlan { grid, ..plan.clone() }, trajectory.map(fewer)))
    });
    or_none(optional, coarser.chain([Some((plan.clone(), trajectory.cloned()))]))
}

/// Numbers of points on a line.
pub fn points(asked: usize, optional: bool) -> Vec<Option<usize>> {
    let fewer = LINES.iter().map(|&points| Some(points.min(asked)));
    or_none(optional, fewer.chain([Some(asked)]))
}

fn or_none<P>(optional: bool, all: impl Iterator<Item = Option<P>>) -> Vec<Option<P>> {
    optional.then_some(None).into_iter().chain(all).collect()
}
