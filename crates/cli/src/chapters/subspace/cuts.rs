//! Training within hyperplanes at a distance.

use serde::Serialize;
use thalweg_lab::subspace::{ProjectionKind, Wedges};
use thalweg_lab::{Counts, Scalar};

use super::runs::{Job, Made, Place, Spent, Starts, perform};
use crate::chapter::Chapter;
use crate::config::{Centre, CutsPlan};
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::{grouped, short};

/// What `results.json` says.
#[derive(Serialize)]
pub struct Cuts {
    pub centre: Centre,
    pub projection: ProjectionKind,
    pub optimizer: String,
    pub gradients: f64,
    pub seeds: u64,
    pub dimensions: Vec<usize>,
    /// Distances of the planes from the centre.
    pub radii: Vec<f64>,
    /// Mean of the best losses over seeds: a row for each radius, a column for each dimension.
    pub mean: Vec<Vec<f64>>,
    /// Its standard error; `null` for a single seed.
    pub stderr: Vec<Vec<Option<f64>>>,
    /// The best loss of all seeds.
    pub best: Vec<Vec<f64>>,
    /// Mean of best loss / loss at the plane's foot.
    pub left: Vec<Vec<f64>>,
    /// Mean loss at the foot of the planes, for each radius.
    pub foot: Vec<f64>,
    pub wedges: Option<Predicted>,
}

/// What the wedge model predicts.
#[derive(Serialize)]
pub struct Predicted {
    pub long: usize,
    /// Where the number of long directions comes from.
    pub from: &'static str,
    /// √(E L²)/R at the closest approach to one wedge, for each dimension.
    pub closest: Vec<f64>,
    /// √(E L²)/R at a random point, all wedges taken together.
    pub at_random: f64,
    /// The dimension from which on planes meet a wedge.
    pub meets: usize,
}

/// What the runs take.
pub fn cost(plan: &CutsPlan) -> Cost {
    let runs = (plan.dimensions.len() * plan.radii.len()) as u64 * plan.runs.seeds;
    let gradients = runs as f64 * plan.runs.gradients;
    Cost::of(Counts { gradients: gradients as u64, ..Counts::default() })
}

/// Trains in all of them. `intrinsic` is the intrinsic dimension where it was found.
pub fn cuts<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &CutsPlan,
    starts: &Starts<'_, T>,
    intrinsic: Option<usize>,
    seed: u64,
) -> Result<Chapter, Error> {
    let runs = &plan.runs;
    let start = starts.at(seed);
    let n = start.len();
    let length = start.iter().map(|v| v.wide() * v.wide()).sum::<f64>().sqrt();
    let unit = if length > 0.0 { length } else { 1.0 };
    let radii: Vec<f64> = plan.radii.iter().map(|radius| radius * unit).collect();
    let mut jobs = Vec::new();
    for (i, &radius) in radii.iter().enumerate() {
        for (j, &dimension) in plan.dimensions.iter().enumerate() {
            jobs.extend((seed..seed + runs.seeds).map(|seed| Job {
                name: format!("cut-{i}-{j}-{seed}"),
                place: Place::Cut { dimension, radius, centre: plan.centre },
                seed,
            }));
        }
    }
    let mut spent = Spent::default();
    let made = perform(desk, runs, starts, &jobs, &mut spent)?;
    desk.account(spent.counts);
    let cells: Vec<&[Made]> = made.chunks(runs.seeds as usize).collect();
    let rows = |value: &dyn Fn(&[Made]) -> f64| -> Vec<Vec<f64>> {
        cells.chunks(plan.dimensions.len()).map(|row| row.iter().map(|cell| value(cell)).collect()).collect()
    };
    let over = |cell: &[Made], value: &dyn Fn(&Made) -> f64| -> f64 {
        cell.iter().map(value).sum::<f64>() / cell.len() as f64
    };
    let error = |cell: &[Made]| -> Option<f64> {
        let (mean, count) = (over(cell, &Made::loss), cell.len() as f64);
        let square = cell.iter().map(|made| (made.loss() - mean).powi(2)).sum::<f64>();
        (cell.len() > 1).then(|| (square / (count - 1.0) / count).sqrt())
    };
    let summary = Cuts {
        centre: plan.centre,
        projection: runs.projection,
        optimizer: runs.optimizer.to_string(),
        gradients: runs.gradients,
        seeds: runs.seeds,
        dimensions: plan.dimensions.clone(),
        mean: rows(&|cell| over(cell, &Made::loss)),
        stderr: cells
            .chunks(plan.dimensions.len())
            .map(|row| row.iter().map(|cell| error(cell)).collect())
            .collect(),
        best: rows(&|cell| cell.iter().map(Made::loss).fold(f64::INFINITY, f64::min)),
        left: rows(&|cell| over(cell, &|made| made.loss() / made.began())),
        foot: cells
            .chunks(plan.dimensions.len())
            .map(|row| row.iter().map(|cell| over(cell, &Made::began)).sum::<f64>() / row.len() as f64)
            .collect(),
        radii,
        wedges: predicted(plan, n, intrinsic),
    };
    let mut chapter = Chapter::new("cuts");
    chapter.result("cuts", &summary)?;
    say(&mut chapter, &summary, n, desk.what());
    let losses: Vec<f64> = made.iter().map(Made::loss).collect();
    let shape = [summary.radii.len(), plan.dimensions.len(), runs.seeds as usize];
    chapter.arrays.push("losses", shape, losses)?;
    chapter.sections.push(figures::subspace::cuts(&summary, desk.what(), unit));
    Ok(chapter)
}

fn predicted(plan: &CutsPlan, n: usize, intrinsic: Option<usize>) -> Option<Predicted> {
    let (long, from) = match (plan.long, intrinsic) {
        (Some(long), _) => (long, "as given"),
        (None, Some(dimension)) => (n.checked_sub(dimension)?, "the intrinsic dimension"),
        (None, None) => return None,
    };
    if long == 0 || long >= n {
        return None;
    }
    let wedges = Wedges { dimension: n, long };
    Some(Predicted {
        long,
        from,
        closest: plan.dimensions.iter().map(|d| wedges.closest(*d).0.sqrt()).collect(),
        at_random: wedges.at_random().sqrt(),
        meets: wedges.meets(),
    })
}

fn say(chapter: &mut Chapter, summary: &Cuts, n: usize, what: &str) {
    let centre = match summary.centre {
        Centre::Origin => "the origin",
        Centre::Start => "the initial point",
    };
    for (radius, row) in summary.radii.iter().zip(&summary.mean) {
        let losses: Vec<String> = summary
            .dimensions
            .iter()
            .zip(row)
            .map(|(d, loss)| format!("{} (d = {d})", short(*loss)))
            .collect();
        chapter.say(format!("best {what} at {} from {centre}", short(*radius)), losses.join(", "));
    }
    if let Some(wedges) = &summary.wedges {
        let words = format!(
            "planes meet a wedge from d = {} on, with {} long directions of {} ({})",
            grouped(wedges.meets as u64),
            grouped(wedges.long as u64),
            grouped(n as u64),
            wedges.from
        );
        chapter.say("wedge model", words);
    }
}
