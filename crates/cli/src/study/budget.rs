//! How a study is made to fit its memory: what it needs, and what is decided before it starts.

use thalweg_lab::curvature::Exact;
use thalweg_lab::krylov::{BasisKind, ExtremalOptions};
use thalweg_lab::landscape::BLOCK_BYTES;
use thalweg_lab::memory::{self, Needs, Phase, Size};
use thalweg_lab::optim::{OptimizerSpec, Training};
use thalweg_lab::problem::Evaluations;
use thalweg_lab::race::{Held, held};
use thalweg_lab::{Curvature, Scalar};

use crate::args::{Dtype, MachineOptions};
use crate::chapters::subspace::kept_bytes;
use crate::chapters::{critical, descent, spectrum, training::steps};
use crate::config::{Plan, SpectrumPlan, Way};
use crate::error::Error;
use crate::subject::Subject;

/// The point, where the way began, what products hold of it, and a gradient.
const VECTORS: usize = 4;
/// The sharpness of a training: its basis of 20 and what block Lanczos works with.
const SHARPNESS: usize = 40;
/// Points and gradients of a way down, beside what its optimizer holds.
const STEPS: usize = 4;
/// What planes, slices and lines lay out: directions, origin, and the points of one block.
const PLANES: usize = 8;
/// A pivot, its gradient, what its rule remembers, and the pivot as it was.
const PIVOT: usize = 6;
/// What a table of layers has beside its search: a block of whole vectors and of products.
const LAYERS: usize = 16;
/// Point, gradient and moments of a run in a subspace.
const RUN: usize = 8;
/// Points of a run in the whole space that are kept until they are measured.
const MARKED: usize = 24;

/// Decides how the study fits.
pub fn plan<T: Scalar>(
    subject: &Subject<T>,
    plan: &Plan,
    machine: &MachineOptions,
) -> Result<memory::Plan, Error> {
    let needs = needs(subject, plan, machine.threads());
    Ok(memory::plan(machine.memory.0, &needs, machine.basis.kind())?)
}

/// What a single product takes.
pub fn product<T: Scalar>(
    subject: &Subject<T>,
    curvature: Curvature,
    machine: &MachineOptions,
) -> Result<memory::Plan, Error> {
    let evaluations = Evaluations { products: Some(curvature), ..Evaluations::default() };
    let needs = Needs {
        phases: vec![Phase::other("vector and product", 4, true)],
        ..basics(subject, &evaluations, machine.threads())
    };
    Ok(memory::plan(machine.memory.0, &needs, None)?)
}

fn basics<T: Scalar>(subject: &Subject<T>, evaluations: &Evaluations, threads: usize) -> Needs {
    let test = subject.test.as_ref().map_or(0, |test| test.data_bytes());
    Needs {
        parameters: subject.start.len(),
        scalar: size_of::<T>(),
        data: subject.problem.data_bytes() + test,
        vectors: VECTORS,
        threads,
        work: subject.problem.work(evaluations),
        phases: Vec::new(),
    }
}

fn needs<T: Scalar>(subject: &Subject<T>, plan: &Plan, threads: usize) -> Needs {
    let trainings: Vec<&Training> = plan
        .every_way()
        .filter_map(|way| match way {
            Way::Training(plan) => Some(&plan.training),
            _ => None,
        })
        .chain(plan.solutions.iter().flat_map(|plan| &plan.trained).take(1).map(|plan| &plan.training))
        .collect();
    let several = plan.solutions.as_ref();
    let optimizers: Vec<&OptimizerSpec> = plan
        .every_way()
        .filter_map(|way| if let Way::Descent(plan) = way { Some(&plan.optimizer) } else { None })
        .chain(trainings.iter().map(|training| &training.method))
        .collect();
    let minibatch = trainings.iter().find_map(|training| training.batch);
    let spectrum = plan.point.as_ref().or(plan.spectrum.as_ref());
    let evaluations = Evaluations {
        products: plan.curvature(),
        gradients: true,
        minibatch,
        minibatch_products: minibatch.is_some() && optimizers.iter().any(|spec| asks_for_products::<T>(spec)),
        kronecker: optimizers.iter().any(|spec| spec.name() == "kfac"),
        noise: plan.point.is_some(),
    };
    let mut needs = basics(subject, &evaluations, threads);
    // Those that were read stay beside the path that is made of them.
    let read = subject.way.len() + subject.kept.iter().map(Vec::len).sum::<usize>();
    needs.vectors += read;
    // Several solutions are kept where they were read, too.
    needs.vectors += 2 * subject.solutions.len() + several.map_or(0, |plan| plan.trained.len());
    let layout = subject.problem.objective().layout();
    let descents = plan.every_way().filter(|way| matches!(way, Way::Descent(_))).count();
    let points = read
        + trainings.iter().map(|training| checkpoints(training, subject)).sum::<usize>()
        + descents * descent::KEPT;
    if points > 0 {
        // One after the other: the one that holds most counts.
        let held = optimizers.iter().map(|spec| held::<T>(spec, layout, subject.problem.factor_numbers()));
        let Held { remembered, working } =
            held.max_by_key(|held| 3 * held.remembered + held.working).unwrap_or_default();
        // Its state, that before the last step, and that which is saved.
        let state = STEPS + (3 * remembered).div_ceil(subject.start.len().max(1));
        let work = working.div_ceil(subject.start.len().max(1));
        // First the run and its trajectory; then the trajectory twice, while it is written; then once.
        needs.phases.push(Phase::other("way down", points + state + work.max(SHARPNESS), true));
        needs.phases.push(Phase::other("trajectory", 2 * points + state, false));
        needs.vectors += points;
    }
    if let Some(spectrum) = spectrum {
        let layer = spectrum.layer.as_ref().and_then(|layer| layout.select(layer).ok());
        spectral(&mut needs, spectrum, layer.map_or(subject.start.len(), |range| range.len()));
    }
    if let Some(ends) = &plan.eigenvectors {
        let options = ExtremalOptions { top: ends.top, bottom: ends.bottom, ..ExtremalOptions::default() };
        search(&mut needs, &options, subject.start.len());
    }
    let found = spectrum.map_or(0, |plan| plan.top + plan.bottom);
    if plan.layers.is_some() {
        let options = ExtremalOptions::default();
        let mut phase = Phase::ends(1, 1, options.block, options.basis_vectors(subject.start.len()));
        (phase.name, phase.vectors, phase.bare) =
            ("layers", phase.vectors + LAYERS + found, phase.bare + LAYERS + found);
        needs.phases.push(phase);
    }
    if let Some(trajectory) = plan.trajectory.as_ref().filter(|trajectory| trajectory.top > 0) {
        let options = ExtremalOptions { top: trajectory.top + 1, bottom: 0, ..ExtremalOptions::default() };
        search(&mut needs, &options, subject.start.len());
        // The space at the end, with which the others are compared.
        needs.vectors += trajectory.top;
    }
    if let Some(connect) = &plan.connect {
        // A band's pivots, each with its memory; curves have fewer points. Paths that were found are kept.
        let points = (connect.band.most + 2).max(connect.bends + 2);
        needs.phases.push(Phase::other("paths", points * PIVOT, true));
        needs.vectors += connect.pairs * connect.paths.len() * points;
    }
    // The solutions aligned, and what matching holds of two points.
    needs.vectors += plan.align.as_ref().map_or(0, |_| 2 * subject.solutions.len().max(2) + 4);
    let runs = plan.intrinsic.iter().map(|plan| (&plan.runs, plan.most));
    let cuts = plan.cuts.iter().flat_map(|plan| plan.dimensions.iter().map(|d| (&plan.runs, *d)));
    let rows = subject.start.len();
    let projections = runs.chain(cuts).map(|(runs, d)| kept_bytes(runs, rows, d, size_of::<T>(), threads));
    if let Some(bytes) = projections.max() {
        // Each run has its point, gradient and moments, and the points at which it is measured.
        let mut phase = Phase::other("subspaces", threads * (RUN + MARKED), false);
        phase.bytes = bytes;
        needs.phases.push(phase);
    }
    if let Some(critical) = &plan.critical {
        let n = subject.start.len();
        let exact = n <= critical.exact_up_to;
        needs.phases.push(if exact { Phase::whole(n, n) } else { Phase::other("points", 64, false) });
        let options = critical::certificate(critical, 1.0).verdict.ends;
        search(&mut needs, &options, n);
    }
    if plan.draws() {
        let mut phase = Phase::other("planes and slices", PLANES + found, false);
        // One block of points, as long as the lab lays out at once.
        phase.bytes = BLOCK_BYTES.min(256 * needs.vector());
        needs.phases.push(phase);
    }
    needs
}

/// Whether a rule of training asks for Hessian products of its minibatches.
pub fn asks_for_products<T: Scalar>(spec: &OptimizerSpec) -> bool {
    spec.entry::<T>().cost.contains("Hessian product")
}

fn checkpoints<T: Scalar>(training: &Training, subject: &Subject<T>) -> usize {
    let sum = subject.problem.objective().finite_sum();
    let examples = sum.map_or(1, |sum| sum.examples());
    training.checkpoints.steps(steps(training, examples)).len() + 1
}

fn spectral(needs: &mut Needs, plan: &SpectrumPlan, n: usize) {
    let options = spectrum::options(plan, n, 0, memory::WIDTH);
    let found = plan.top.min(n) + plan.bottom.min(n);
    if options.exact == Exact::Always {
        needs.phases.push(Phase::whole(n, found));
        needs.phases.push(Phase::other("results", 4 * found, false));
    } else {
        search(needs, &options.ends, n);
        needs.phases.push(Phase::trace((options.trace.products / 2) as usize, options.trace.block, found));
    }
    if let Some(slq) = options.slq {
        needs.phases.push(Phase::density(slq.probes, slq.steps.min(n), found));
    }
}

fn search(needs: &mut Needs, options: &ExtremalOptions, n: usize) {
    let (top, bottom) = (options.top.min(n), options.bottom.min(n));
    if options.basis_vectors(n) < n {
        needs.phases.push(Phase::ends(top, bottom, options.block, options.basis_vectors(n)));
    } else {
        needs.phases.push(Phase::whole(n, top + bottom));
    }
    // Found, laid out as arrays, and as the bytes of a file.
    needs.phases.push(Phase::other("results", 3 * (top + bottom), false));
}

/// Says on standard error how the study fits; at length where something had to give.
pub fn announce(plan: &memory::Plan, dtype: Dtype) {
    if plan.slowdown <= 1.0 && plan.basis == BasisKind::Memory {
        eprintln!("Memory: at most about {} of {}.", Size(plan.peak), Size(plan.budget));
        return;
    }
    eprintln!(
        "Memory: at most about {} of {} in {}, for about {:.1} × the time without a limit.",
        Size(plan.peak),
        Size(plan.budget),
        dtype.name(),
        plan.slowdown
    );
    let width = plan.items.iter().map(|item| item.what.len()).max().unwrap_or(0);
    for item in plan.items.iter().filter(|item| item.bytes > 0 || !item.cost.is_empty()) {
        let line = format!("  {:width$}  {:>8}  {}", item.what, Size(item.bytes).to_string(), item.cost);
        eprintln!("{}", line.trim_end());
    }
}

/// The most memory that this process has held so far, in bytes, where the system tells.
pub fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}
