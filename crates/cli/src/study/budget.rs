//! How a study is made to fit its memory: what it needs, and what is decided before it starts.

use thalweg_lab::curvature::Exact;
use thalweg_lab::krylov::{BasisKind, ExtremalOptions};
use thalweg_lab::landscape::BLOCK_BYTES;
use thalweg_lab::memory::{self, Needs, Phase, Size, Work};
use thalweg_lab::optim::Training;
use thalweg_lab::problem::network::Evaluations;
use thalweg_lab::{Curvature, Scalar};

use crate::args::{Dtype, MachineOptions};
use crate::chapters::{critical, spectrum, training::steps};
use crate::config::{Plan, SpectrumPlan, Way};
use crate::error::Error;
use crate::subject::{Problem, Subject};

/// The point, where the way began, what products hold of it, and a gradient.
const VECTORS: usize = 4;
/// The sharpness of a training: its basis of 20 and what block Lanczos works with.
const SHARPNESS: usize = 40;
/// Moments of an optimizer, gradients, and the state as it is saved.
const TRAINING: usize = 8;
/// What planes, slices and lines lay out: directions, origin, and the points of one block.
const PLANES: usize = 8;
/// What a table of layers has beside its search: a block of whole vectors and of products.
const LAYERS: usize = 16;

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
    let (data, work) = match &subject.problem {
        Problem::Network(network) => {
            let test = subject.test.as_ref().map_or(0, |test| test.data_bytes());
            (network.data_bytes() + test, network.work(evaluations))
        }
        Problem::Function(_) => (0, Work::default()),
    };
    Needs {
        parameters: subject.start.len(),
        scalar: size_of::<T>(),
        data,
        vectors: VECTORS,
        threads,
        work,
        phases: Vec::new(),
    }
}

fn needs<T: Scalar>(subject: &Subject<T>, plan: &Plan, threads: usize) -> Needs {
    let training = match &plan.way {
        Some(Way::Training(plan)) => Some(&plan.training),
        _ => None,
    };
    let spectrum = plan.point.as_ref().or(plan.spectrum.as_ref());
    let evaluations = Evaluations {
        products: plan.curvature(),
        gradients: true,
        minibatch: training.and_then(|training| training.batch),
        noise: plan.point.is_some(),
    };
    let mut needs = basics(subject, &evaluations, threads);
    // Those that were read stay beside the path that is made of them.
    needs.vectors += subject.way.len();
    let points = training.map_or(subject.way.len(), |training| checkpoints(training, subject));
    if points > 0 {
        // First the run and its trajectory; then the trajectory twice, while it is written; then once.
        needs.phases.push(Phase::other("training", points + TRAINING + SHARPNESS, true));
        needs.phases.push(Phase::other("trajectory", 2 * points + TRAINING, false));
        needs.vectors += points;
    }
    let layout = subject.problem.objective().layout();
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
    if let Some(critical) = &plan.critical {
        let n = subject.start.len();
        let exact = n <= critical.exact_up_to;
        needs.phases.push(if exact { Phase::whole(n, n) } else { Phase::other("points", 64, false) });
        let options = critical::certificate(critical, 1.0).verdict.ends;
        search(&mut needs, &options, n);
    }
    if !plan.planes.is_empty() || plan.slices.is_some() || plan.interpolation.is_some() {
        let mut phase = Phase::other("planes and slices", PLANES + found, false);
        // One block of points, as long as the lab lays out at once.
        phase.bytes = BLOCK_BYTES.min(256 * needs.vector());
        needs.phases.push(phase);
    }
    needs
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
