//! Paths between solutions: barriers, trained curves, elastic bands, and what they connect.

mod paths;
mod plane;

use serde::Serialize;
use thalweg_lab::landscape::{Curve, Link, Links, Peak, Profile, Tree, profile};
use thalweg_lab::{Counts, Oracle, Scalar, Stop};
use thalweg_report::model::Headline;
use thalweg_report::real;

use super::way::values;
use crate::args::PathKind;
use crate::chapter::Chapter;
use crate::config::ConnectPlan;
use crate::error::Error;
use crate::figures;
use crate::interrupt;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::{Problem, Solution, Subject};
use crate::words::{percent, short, with_error};
use paths::{Place, found, sum};

pub use plane::Picture;

/// A path between two solutions, as `results.json` has it.
#[derive(Serialize)]
pub struct Path {
    pub ends: [String; 2],
    pub path: PathKind,
    /// Its length, of a Bézier curve that of an inscribed polygon.
    #[serde(with = "real")]
    pub length: f64,
    /// The distance of its ends.
    #[serde(with = "real")]
    pub distance: f64,
    /// Points that define it, the ends among them.
    pub points: usize,
    /// Of a band: the largest force on a pivot that is left, ‖F‖/√n.
    #[serde(with = "real::option")]
    pub force: Option<f64>,
    /// The lowest accuracy on it.
    pub lowest_accuracy: Option<f64>,
    /// f at both ends.
    #[serde(with = "real::vec")]
    pub ends_values: Vec<f64>,
    #[serde(flatten)]
    pub profile: Profile,
    /// What finding it took.
    pub oracle: Counts,
    /// Why finding it ended early; `null` if it did not.
    pub stop: Option<Stop>,
}

/// The tree of the solutions, as `results.json` has it.
#[derive(Serialize)]
struct Connected<'r> {
    labels: Vec<&'r str>,
    #[serde(flatten)]
    tree: &'r Tree,
    /// The lowest level at which all are connected, if they are.
    #[serde(with = "real::option")]
    connected: Option<f64>,
}

/// A path with its curve.
pub struct Drawn<T: Scalar> {
    /// Which solutions.
    pub pair: [usize; 2],
    pub curve: Curve<T>,
    pub path: Path,
}

/// What it takes.
pub fn cost<T: Scalar>(plan: &ConnectPlan, subject: &Subject<T>) -> Cost {
    let pairs = plan.pairs as u64;
    let share = plan.band.batch.map_or(1.0, |batch| batch as f64 / subject.examples() as f64);
    let (mut steps, mut gradients) = (0, 0);
    for kind in &plan.paths {
        match (kind, &plan.curve) {
            (PathKind::Line | PathKind::Aligned, _) => {}
            (PathKind::Band, _) => {
                let pivots = (plan.band.pivots + 4) as u64;
                let all = plan.band.cycles as u64 * plan.band.steps * pivots;
                match share < 1.0 {
                    true => steps += all,
                    false => gradients += all,
                }
            }
            (_, Some(training)) => steps += super::training::steps(training, subject.examples()),
            (_, None) => gradients += 16 * 30,
        }
    }
    let samples = plan.paths.len() as u64 * (plan.profile.points as u64 + 12);
    let cells = (plan.grid.columns * plan.grid.rows) as u64;
    let counts = Counts { values: pairs * samples, gradients: pairs * gradients, products: 0 };
    Cost { steps: pairs * steps, along: cells, ..Cost::of(counts) }
}

/// Connects the solutions pair by pair, the most useful pair first, and says what that connects.
pub fn chapter<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &ConnectPlan,
    subject: &Subject<T>,
    solutions: &[Solution<T>],
    seed: u64,
) -> Result<Chapter, Error> {
    let objective = desk.oracle.objective();
    let apart = |a: usize, b: usize| distance(&solutions[a].x, &solutions[b].x);
    let (mut drawn, mut links, mut tried) = (Vec::new(), Links::default(), Vec::new());
    let mut spent = Counts::default();
    let mut index = 0;
    while let Some(pair) = links.next(solutions.len(), &apart, &tried).filter(|_| tried.len() < plan.pairs) {
        tried.push(pair);
        let ends = pair.map(|i| &solutions[i].x[..]);
        for &kind in &plan.paths {
            let place = Place { desk, plan, seed, index, spent };
            let made = match kind {
                PathKind::Aligned => paths::aligned(subject, ends, seed),
                _ => found(&place, kind, ends)?,
            };
            let watch = |more| desk.moved(sum(sum(spent, made.counts), more));
            let oracle = Oracle::new(objective).with_cancel(interrupt::flag()).with_watch(&watch);
            let profile = profile(&oracle, &made.curve, &plan.profile)?;
            // To a copy of the other end: no path to that itself.
            if let Some(highest) = profile.highest.as_ref().filter(|_| kind != PathKind::Aligned) {
                links.all.push(Link { ends: pair, level: highest.height });
            }
            let accuracies = profile.samples.iter().filter_map(|sample| sample.accuracy);
            let path = Path {
                ends: pair.map(|i| solutions[i].label.clone()),
                path: kind,
                length: made.curve.length(100 * (made.curve.points().len() - 1)),
                distance: match made.curve.points() {
                    [first, .., last] => distance(first, last),
                    _ => f64::NAN,
                },
                points: made.curve.points().len(),
                force: made.band.as_ref().map(|band| band.force),
                lowest_accuracy: accuracies.reduce(f64::min),
                ends_values: profile.ends.to_vec(),
                profile,
                oracle: made.counts,
                stop: made.stop,
            };
            let counts = oracle.counts();
            spent = sum(spent, sum(made.counts, counts));
            drawn.push(Drawn { pair, curve: made.curve, path });
            index += 1;
        }
    }
    let losses = solution_values(solutions, &drawn);
    let tree = links.tree(&losses);
    let mut chapter = Chapter::new("connections");
    let plane = plane::plane(desk, plan, subject, solutions, &drawn, &mut chapter)?;
    spent.values += plane.as_ref().map_or(0, |picture| picture.plane.values.len() as u64 + 1);
    desk.account(spent);
    write(&mut chapter, desk.what(), solutions, &drawn, &tree)?;
    let declared = declared(subject);
    chapter.notes.extend(declared.clone());
    chapter.sections.push(figures::connect::section(&drawn, solutions, &tree, plane, desk.what(), declared));
    Ok(chapter)
}

/// f at each solution, from the paths that begin or end there; NaN where there is none.
fn solution_values<T: Scalar>(solutions: &[Solution<T>], drawn: &[Drawn<T>]) -> Vec<f64> {
    let value = |i: usize| {
        let known = drawn.iter().find_map(|d| {
            let side = d.pair.iter().position(|&end| end == i)?;
            Some(d.path.profile.ends[side])
        });
        known.unwrap_or(f64::NAN)
    };
    (0..solutions.len()).map(value).collect()
}

/// Results, arrays and lines for the terminal.
fn write<T: Scalar>(
    chapter: &mut Chapter,
    what: &str,
    solutions: &[Solution<T>],
    drawn: &[Drawn<T>],
    tree: &Tree,
) -> Result<(), Error> {
    let paths: Vec<&Path> = drawn.iter().map(|drawn| &drawn.path).collect();
    chapter.result("connections", &paths)?;
    let labels: Vec<&str> = solutions.iter().map(|solution| solution.label.as_str()).collect();
    let level = tree.merges.last().map(|merge| merge.level);
    let connected = level.filter(|_| tree.merges.len() + 1 == solutions.len());
    chapter.result("tree", &Connected { labels: labels.clone(), tree, connected })?;
    for Drawn { pair, path, curve } in drawn {
        if path.path == PathKind::Line {
            chapter.say(
                format!("{} to {}", path.ends[0], path.ends[1]),
                format!("distance {}", short(path.distance)),
            );
        }
        let barrier = match &path.profile.barrier {
            Some(Peak { height, stderr, .. }) => {
                format!("barrier {}", stderr.map_or(short(*height), |error| with_error(*height, error)))
            }
            None => "not finite everywhere".into(),
        };
        let highest = path.profile.highest.map(|peak| format!(", highest {what} {}", short(peak.height)));
        let accuracy = path.lowest_accuracy.map(|share| format!(", accuracy from {}", percent(share)));
        let words = format!("{barrier}{}{}", highest.unwrap_or_default(), accuracy.unwrap_or_default());
        chapter.say(format!("  {}", path.path.words()), words);
        if let Some(stop) = &path.stop {
            chapter.notes.push(format!(
                "The {} from {} to {} was given up early: {stop}.",
                path.path.words(),
                path.ends[0],
                path.ends[1]
            ));
        }
        if path.path != PathKind::Line {
            let name = format!("{}_{}_{}", path.path.name(), pair[0] + 1, pair[1] + 1);
            let shape = [curve.points().len(), curve.dimension()];
            chapter.arrays.push(name, shape, values(curve.points().iter().flatten()))?;
        }
    }
    chapter.headline.extend(headlines(drawn, what));
    let words = match connected {
        Some(level) => format!("at {what} {} or below: an upper bound", short(level)),
        None => format!("not by the paths that were found: {} parts", solutions.len() - tree.merges.len()),
    };
    chapter.say("all connected", words);
    Ok(())
}

/// The highest barrier of straight lines and of the best other paths, over all pairs.
fn headlines<T: Scalar>(drawn: &[Drawn<T>], what: &str) -> Vec<Headline> {
    let peak = |d: &Drawn<T>| d.path.profile.barrier.map(|peak| (peak, d.path.path));
    let straight = drawn.iter().filter(|d| d.path.path == PathKind::Line).filter_map(peak);
    let lowest = |d: &&Drawn<T>| {
        let rivals = drawn.iter().filter(|other| other.pair == d.pair && other.path.path > PathKind::Aligned);
        rivals.filter_map(peak).min_by(|a, b| a.0.height.total_cmp(&b.0.height))
    };
    let best = drawn.iter().filter(|d| d.path.path == PathKind::Line).filter_map(|d| lowest(&d));
    let highest = |peaks: &mut dyn Iterator<Item = (Peak, PathKind)>| {
        peaks.max_by(|a, b| a.0.height.total_cmp(&b.0.height))
    };
    let note = |peak: &Peak| {
        peak.stderr.filter(|error| *error > 0.0).map_or(String::new(), |error| format!("± {}", short(error)))
    };
    let mut headlines = Vec::new();
    if let Some((peak, _)) = highest(&mut straight.into_iter()) {
        headlines.push(Headline::new(format!("{what} barrier, straight"), peak.height).note(note(&peak)));
    }
    let aligned = drawn.iter().filter(|d| d.path.path == PathKind::Aligned).filter_map(peak);
    if let Some((peak, _)) = highest(&mut aligned.into_iter()) {
        headlines.push(Headline::new(format!("{what} barrier, aligned"), peak.height).note(note(&peak)));
    }
    if let Some((peak, kind)) = highest(&mut best.into_iter()) {
        let note = format!("{} {}", kind.words(), note(&peak));
        headlines.push(Headline::new(format!("{what} barrier, best path"), peak.height).note(note.trim()));
    }
    headlines
}

/// What batch normalization does at the points of a path, where there is some.
fn declared<T: Scalar>(subject: &Subject<T>) -> Option<String> {
    use thalweg_lab::problem::network::BatchNorm;
    let Problem::Network(network) = &subject.problem else { return None };
    if !network.has_statistics() {
        return None;
    }
    match network.settings().batch_norm {
        BatchNorm::Reestimated { size } => Some(format!(
            "Batch normalization: at every point that is shown the statistics are estimated anew, as averages over \
             all batches of {size} examples; minibatches of training are normalized by their own."
        )),
        BatchNorm::Batch { size } => Some(format!(
            "Batch normalization: every batch of {size} neighbouring examples is normalized by its own statistics."
        )),
        BatchNorm::Frozen => None,
    }
}

fn distance<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a.wide() - b.wide()).powi(2)).sum::<f64>().sqrt()
}
