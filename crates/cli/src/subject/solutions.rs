//! Several solutions of one objective: read from files, trained from seeds, given by coordinates, or known.

use thalweg_io::{NamedArrays, match_layout};
use thalweg_lab::optim::Marks;
use thalweg_lab::problem::analytic::{Function, Nature};
use thalweg_lab::problem::network::{BatchNorm, Model, Network};
use thalweg_lab::{Layout, Scalar};
use thalweg_report::run::Input;

use super::resolve::{read_point, resolve_known};
use super::{Prepared, Source, buffers};
use crate::args::{BatchNormName, SolutionOptions, SubjectOptions, TrainingOptions};
use crate::config::{PointConfig, SolutionConfig, SolutionsPlan, SubjectConfig, TrainingPlan};
use crate::error::Error;

/// A labelled point among several on one objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution<T> {
    /// Unique among the solutions of a study.
    pub label: String,
    /// x (n).
    pub x: Vec<T>,
}

/// Solutions that are trained where none are given.
const TRAINED: usize = 2;

/// Reads what the options name, with its solutions. Those that are to be trained are in the plan.
pub fn resolve_solutions(
    subject: &SubjectOptions,
    solutions: &SolutionOptions,
    training: &TrainingOptions,
    seed: u64,
) -> Result<(Prepared, SolutionsPlan), Error> {
    if let Some(folder) = training.folder() {
        return Err(Error::Usage(format!(
            "--checkpoints {}: a folder of checkpoints is one way, not several solutions",
            folder.display()
        )));
    }
    let read = solutions.given.iter().map(|path| read_point(path)).collect::<Result<Vec<_>, _>>()?;
    let known = read.iter().find_map(|(_, known)| known.clone());
    let mut prepared = resolve_known(subject, known.clone(), seed)?;
    let mut plan = SolutionsPlan::default();
    prepared.point = PointConfig::Solutions { solutions: Vec::new() };
    if let Source::Network { model, .. } = &prepared.source {
        let model = model.clone();
        declare_statistics(&mut prepared.config, &*model, subject.batch_norm)?;
    }
    for (path, (arrays, of_run)) in solutions.given.iter().zip(read) {
        let arrays = arrays.expect("a path leads to weights or an error");
        let (source, sha256) = (path.clone(), arrays.content_hash());
        prepared.inputs.push(Input { role: "weights".into(), name: path.clone(), sha256: sha256.clone() });
        plan.differences.extend(difference(path, of_run.as_ref(), &prepared.config));
        prepared.weights_of_solutions.push(arrays);
        prepared.add(SolutionConfig::Weights { source, sha256 });
    }
    match &prepared.source {
        Source::Function(function) => {
            let function = function.clone();
            for at in &subject.at {
                prepared.add(SolutionConfig::At { coordinates: at.0.clone() });
            }
            if subject.at.is_empty() && solutions.given.is_empty() {
                known_minima(&function).into_iter().for_each(|known| prepared.add(known));
            }
        }
        Source::Network { train, .. } => {
            let (examples, n) = (train.len(), prepared.layout().dimension());
            let none = if solutions.given.is_empty() { TRAINED } else { 0 };
            for i in 0..solutions.solutions.map_or(none, |count| count.0) as u64 {
                plan.trained.push(trained(training.plan(seed + i, examples, n)));
                prepared.add(SolutionConfig::Trained { seed: seed + i });
            }
        }
    }
    at_least_two(&prepared)?;
    Ok((prepared, plan))
}

/// The solutions of the configuration that need no training, in one precision.
pub fn points<T: Scalar>(
    point: &PointConfig,
    arrays: Vec<NamedArrays>,
    layout: &Layout,
    mut network: Option<&mut Network<T>>,
) -> Result<Vec<Solution<T>>, Error> {
    let PointConfig::Solutions { solutions } = point else { return Ok(Vec::new()) };
    let labels = labels(solutions);
    let mut arrays = arrays.into_iter();
    let mut points: Vec<Solution<T>> = Vec::new();
    for (config, label) in solutions.iter().zip(labels) {
        let x: Vec<T> = match config {
            SolutionConfig::Trained { .. } => continue,
            SolutionConfig::Weights { .. } => {
                let arrays = arrays.next().expect("one file for each of them");
                let rest = match &mut network {
                    Some(network) => buffers::restore(network, &arrays)?,
                    None => arrays,
                };
                match_layout(&rest, layout)?
            }
            SolutionConfig::At { coordinates } | SolutionConfig::Known { coordinates, .. } => {
                let (expected, found) = (layout.dimension(), coordinates.len());
                if expected != found {
                    return Err(Error::Usage(format!(
                        "--at: expected {expected} coordinates, found {found}"
                    )));
                }
                coordinates.iter().map(|&v| T::of(v)).collect()
            }
        };
        if let Some(other) = points.iter().find(|other| other.x == x) {
            return Err(Error::Usage(format!(
                "the solutions {} and {label} are the same point",
                other.label
            )));
        }
        points.push(Solution { label, x });
    }
    Ok(points)
}

/// What the solutions are called: short, and each name once.
pub fn labels(solutions: &[SolutionConfig]) -> Vec<String> {
    let short: Vec<String> = solutions.iter().map(SolutionConfig::label).collect();
    let unique = |i: usize| short.iter().filter(|other| **other == short[i]).count() == 1;
    let named = |i: usize| match (&solutions[i], unique(i)) {
        (_, true) => short[i].clone(),
        (SolutionConfig::Weights { source, .. }, false) => source.clone(),
        (_, false) => format!("{} ({})", short[i], i + 1),
    };
    (0..solutions.len()).map(named).collect()
}

impl Prepared {
    fn add(&mut self, solution: SolutionConfig) {
        if let PointConfig::Solutions { solutions } = &mut self.point {
            solutions.push(solution);
        }
    }
}

/// A training whose way nobody looks at: its ends are kept, and no sharpness is measured.
fn trained(plan: TrainingPlan) -> TrainingPlan {
    let mut plan = TrainingPlan { sharpness: 0, ..plan };
    plan.training.checkpoints = Marks::Ends;
    plan
}

/// Normalization by statistics that are estimated anew at each point, unless the options say otherwise.
fn declare_statistics(
    config: &mut SubjectConfig,
    model: &dyn Model,
    asked: Option<BatchNormName>,
) -> Result<(), Error> {
    let SubjectConfig::Network(network) = config else { return Ok(()) };
    if !model.buffers().iter().any(|buffer| buffer.statistic) {
        return Ok(());
    }
    match (asked, network.batch_norm) {
        (Some(BatchNormName::Frozen), _) => Err(Error::Usage(
            "--batch-norm frozen: each solution has statistics of its own, and points between them have none; \
             expected batch or reestimated"
                .into(),
        )),
        (None, BatchNorm::Batch { size }) => {
            network.batch_norm = BatchNorm::Reestimated { size };
            Ok(())
        }
        (None, BatchNorm::Frozen) => {
            network.batch_norm = BatchNorm::Reestimated { size: 128 };
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What a run was about, where that is not what is studied here.
fn difference(path: &str, of_run: Option<&SubjectConfig>, here: &SubjectConfig) -> Option<String> {
    let (SubjectConfig::Network(run), SubjectConfig::Network(here)) = (of_run?, here) else { return None };
    let mut what = Vec::new();
    if run.data.sha256 != here.data.sha256 {
        what.push(format!("other data ({})", run.data.source));
    }
    if run.loss != here.loss || run.weight_decay != here.weight_decay {
        what.push("another loss".into());
    }
    (!what.is_empty()).then(|| format!("{path} was trained on {}.", what.join(" and ")))
}

/// The minima that are known of a function.
fn known_minima(function: &Function) -> Vec<SolutionConfig> {
    let minima = function.known().iter().filter(|known| known.nature() == Nature::Minimum);
    let known = minima.enumerate();
    known.map(|(i, known)| SolutionConfig::Known { number: i + 1, coordinates: known.x.clone() }).collect()
}

fn at_least_two(prepared: &Prepared) -> Result<(), Error> {
    let PointConfig::Solutions { solutions } = &prepared.point else { return Ok(()) };
    match (solutions.len(), &prepared.source) {
        (2.., _) => Ok(()),
        (found, Source::Network { .. }) => Err(Error::Usage(format!(
            "expected two solutions or more, found {found}: name several run directories or weights, or --solutions N"
        ))),
        (found, Source::Function(function)) => Err(Error::Usage(format!(
            "expected two solutions or more, found {found}: {} has {} known minima; \
             give points by --at X,Y,… --at X,Y,…",
            function.name(),
            known_minima(function).len()
        ))),
    }
}
