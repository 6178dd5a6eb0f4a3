//! The intrinsic dimension.

use std::collections::BTreeMap;

use serde::Serialize;
use thalweg_lab::race::statistics::{Interval, quantile};
use thalweg_lab::subspace::{Criterion, Found, Ladder, ProjectionKind, search};
use thalweg_lab::{Counts, Scalar};

use super::runs::{Job, Made, Place, Spent, Starts, perform};
use crate::chapter::Chapter;
use crate::config::IntrinsicPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::Problem;
use crate::words::{counted, grouped, short};

/// What `results.json` says.
#[derive(Serialize)]
pub struct Intrinsic {
    /// What performance is: `test accuracy`, `accuracy`, `exp(-loss)` or `loss level`.
    pub performance: &'static str,
    pub projection: ProjectionKind,
    pub optimizer: String,
    pub gradients: f64,
    pub seeds: u64,
    /// The performance in the full space, of each seed.
    pub full: Vec<f64>,
    /// Their median.
    pub baseline: f64,
    pub found: Vec<Dimension>,
    pub levels: Vec<Rung>,
}

/// One intrinsic dimension.
#[derive(Serialize)]
pub struct Dimension {
    /// `d_int90`, `d_int100`, `d_level`.
    pub name: String,
    pub threshold: f64,
    pub required: f64,
    pub dimension: Option<usize>,
    pub bracket: [usize; 2],
    pub beyond_doubt: [Option<usize>; 2],
}

/// One dimension that was tried.
#[derive(Serialize)]
pub struct Rung {
    pub dimension: usize,
    pub performances: Vec<f64>,
    pub losses: Vec<f64>,
    /// For each of `found`: how many seeds succeed, and Wilson's interval for that share.
    pub successes: Vec<u64>,
    pub intervals: Vec<Interval>,
}

/// What performance is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    Accuracy {
        test: bool,
    },
    /// exp(−(loss − least)).
    Loss {
        least: f64,
    },
    Level(f64),
}

impl Measure {
    fn words(self) -> &'static str {
        match self {
            Measure::Accuracy { test: true } => "test accuracy",
            Measure::Accuracy { test: false } => "accuracy",
            Measure::Loss { .. } => "exp(-loss)",
            Measure::Level(_) => "loss level",
        }
    }

    fn of(self, made: &Made) -> f64 {
        match self {
            Measure::Accuracy { .. } => made.accuracy().unwrap_or(0.0),
            Measure::Loss { least } => (least - made.loss()).exp(),
            Measure::Level(_) => -made.loss(),
        }
    }
}

/// What the search takes, about.
pub fn cost(plan: &IntrinsicPlan) -> Cost {
    // Runs share the threads as the work of a gradient does.
    let doublings = (plan.most as f64 / plan.first as f64).log2().clamp(1.0, 8.0);
    let halvings = (plan.most as f64).log2().clamp(1.0, 8.0);
    let levels = 1.0 + doublings + plan.shares.len() as f64 * halvings;
    let gradients = plan.runs.seeds as f64 * plan.runs.gradients * levels;
    Cost::of(Counts { gradients: gradients as u64, ..Counts::default() })
}

/// Looks for it.
pub fn intrinsic<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &IntrinsicPlan,
    starts: &Starts<'_, T>,
    seed: u64,
) -> Result<Chapter, Error> {
    let runs = &plan.runs;
    let seeds = seed..seed + runs.seeds;
    let mut spent = Spent::default();
    let mut made: BTreeMap<usize, Vec<Made>> = BTreeMap::new();
    let jobs: Vec<Job> =
        seeds.clone().map(|seed| Job { name: format!("full-{seed}"), place: Place::Whole, seed }).collect();
    let full = perform(desk, runs, starts, &jobs, &mut spent)?;
    let measure = measure(plan, starts, &full);
    let performances: Vec<f64> = full.iter().map(|made| measure.of(made)).collect();
    let baseline = quantile(&performances, 0.5);
    let shares = match measure {
        Measure::Level(_) => vec![1.0],
        _ => plan.shares.clone(),
    };
    let mut ladder = Ladder::new();
    let mut all: Vec<Found> = Vec::new();
    for share in &shares {
        let threshold = match measure {
            Measure::Level(level) => -level,
            _ => share * baseline,
        };
        let criterion = Criterion {
            required: plan.required,
            precision: plan.precision,
            ..Criterion::new(threshold, plan.first, plan.most)
        };
        let found = search(&criterion, &mut ladder, &mut |d| {
            let jobs: Vec<Job> = seeds
                .clone()
                .map(|seed| Job { name: format!("d{d}-{seed}"), place: Place::Through(d), seed })
                .collect();
            let runs = perform(desk, runs, starts, &jobs, &mut spent)?;
            let performances = runs.iter().map(|made| measure.of(made)).collect();
            made.insert(d, runs);
            Ok::<_, Error>(performances)
        })?;
        all.push(found);
    }
    desk.account(spent.counts);
    let summary = Intrinsic {
        performance: measure.words(),
        projection: runs.projection,
        optimizer: runs.optimizer.to_string(),
        gradients: runs.gradients,
        seeds: runs.seeds,
        full: performances,
        baseline,
        found: shares.iter().zip(&all).map(|(share, found)| named(measure, *share, found)).collect(),
        levels: rungs(&all, &ladder, &made),
    };
    let mut chapter = Chapter::new("intrinsic");
    chapter.result("intrinsic", &summary)?;
    say(&mut chapter, &summary, starts.subject.start.len());
    chapter.sections.push(figures::subspace::intrinsic(&summary, desk.what()));
    Ok(chapter)
}

/// The first of the dimensions that a chapter found.
pub fn dimension(chapter: &Chapter) -> Option<usize> {
    let found = chapter.results.get("intrinsic")?["found"].get(0)?["dimension"].as_u64();
    found.map(|dimension| dimension as usize)
}

fn measure<T: Scalar>(plan: &IntrinsicPlan, starts: &Starts<'_, T>, full: &[Made]) -> Measure {
    let least = match &starts.subject.problem {
        Problem::Function(function) => function.function().minimum(),
        // Losses are not negative, and neither are penalties.
        Problem::Network(_) => Some(0.0),
        Problem::Learning { .. } => None,
    };
    match plan.level {
        Some(level) => Measure::Level(level),
        None if full.iter().all(|made| made.accuracy().is_some()) => {
            Measure::Accuracy { test: starts.subject.test.is_some() }
        }
        None => {
            let best = full.iter().map(Made::loss).fold(f64::INFINITY, f64::min);
            Measure::Loss { least: least.unwrap_or(best) }
        }
    }
}

fn named(measure: Measure, share: f64, found: &Found) -> Dimension {
    let level = matches!(measure, Measure::Level(_));
    Dimension {
        name: if level { "d_level".into() } else { format!("d_int{}", short(100.0 * share)) },
        threshold: if level { -found.criterion.threshold } else { found.criterion.threshold },
        required: found.criterion.required,
        dimension: found.dimension,
        bracket: found.bracket,
        beyond_doubt: found.beyond_doubt,
    }
}

/// All dimensions that any of the searches tried.
fn rungs(all: &[Found], ladder: &Ladder, made: &BTreeMap<usize, Vec<Made>>) -> Vec<Rung> {
    let rung = |(&dimension, performances): (&usize, &Vec<f64>)| {
        let judged = all.iter().map(|found| found.criterion.judge(dimension, performances));
        let (successes, intervals) = judged.map(|level| (level.successes, level.interval)).unzip();
        let losses = made[&dimension].iter().map(Made::loss).collect();
        Rung { dimension, performances: performances.clone(), losses, successes, intervals }
    };
    ladder.iter().map(rung).collect()
}

fn say(chapter: &mut Chapter, summary: &Intrinsic, n: usize) {
    let seeds = counted(summary.seeds, "seed");
    for found in &summary.found {
        let [low, high] = found.bracket;
        let words = match found.dimension {
            Some(_) => {
                format!("in ({}, {}] of {}", grouped(low as u64), grouped(high as u64), grouped(n as u64))
            }
            None => format!("above {} of {}", grouped(high as u64), grouped(n as u64)),
        };
        let threshold = format!("{} {}", summary.performance, short(found.threshold));
        chapter.say(&found.name, format!("{words} ({threshold}, {seeds})"));
        if found.dimension.is_none() {
            chapter.notes.push(format!(
                "{}: no subspace of up to {} dimensions reaches {threshold} with this optimizer and budget.",
                found.name,
                grouped(high as u64)
            ));
        }
    }
    chapter.say("  in the full space", format!("{} {}", summary.performance, short(summary.baseline)));
}
