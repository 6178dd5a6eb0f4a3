//! The parts of a plan, each with what it takes and how it is made.

use thalweg_io::NamedArrays;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::Normalization;

use crate::chapter::Chapter;
use crate::chapters::direction::Makings;
use crate::chapters::way::Path;
use crate::chapters::{
    checkpoints, critical, descent, direction, layers, line, planes, point, slices, spectrum, training,
};
use crate::config::{
    Config, CriticalPlan, EndsPlan, LayersPlan, Plan, PlanePlan, PointConfig, SlicesPlan, SpectrumPlan, Way,
};
use crate::error::Error;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::{Problem, Subject};

/// Points of a trajectory, for the estimate of what its plane takes.
const POINTS: usize = 60;

/// One part of a plan.
pub enum Task<'p> {
    Way(&'p Way),
    Point(&'p SpectrumPlan),
    Spectrum(&'p SpectrumPlan),
    Eigenvectors(&'p EndsPlan),
    Layers(&'p LayersPlan),
    Interpolation(usize),
    Slices(&'p SlicesPlan),
    Plane(&'p PlanePlan),
    Critical(&'p CriticalPlan),
}

/// What a part is made from.
pub struct Scene<'s, T: Scalar> {
    pub subject: &'s Subject<T>,
    pub path: Path<T>,
    pub eigenvectors: Option<NamedArrays>,
    point: &'s PointConfig,
    seed: u64,
    lenient: bool,
}

/// The parts of a plan in the order in which they are made: later ones use earlier ones.
pub fn tasks(plan: &Plan) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task<'_>> = plan.way.iter().map(Task::Way).collect();
    tasks.extend(plan.point.iter().map(Task::Point));
    tasks.extend(plan.spectrum.iter().map(Task::Spectrum));
    tasks.extend(plan.eigenvectors.iter().map(Task::Eigenvectors));
    tasks.extend(plan.layers.iter().map(Task::Layers));
    tasks.extend(plan.planes.iter().map(Task::Plane));
    tasks.extend(plan.slices.iter().map(Task::Slices));
    tasks.extend(plan.interpolation.map(Task::Interpolation));
    tasks.extend(plan.critical.iter().map(Task::Critical));
    tasks
}

impl Task<'_> {
    /// The name of its stage and of its arrays.
    pub fn name(&self) -> String {
        match self {
            Task::Way(Way::Training(_)) => "training".into(),
            Task::Way(Way::Checkpoints {}) => "checkpoints".into(),
            Task::Way(Way::Descent(_)) => "descent".into(),
            Task::Point(_) => "point".into(),
            Task::Spectrum(_) => "spectrum".into(),
            Task::Eigenvectors(_) => "eigenvectors".into(),
            Task::Layers(_) => "layers".into(),
            Task::Interpolation(_) => "interpolation".into(),
            Task::Slices(_) => "slices".into(),
            Task::Plane(plan) => planes::name(plan),
            Task::Critical(_) => "critical".into(),
        }
    }

    /// What the progress bar calls it.
    pub fn words(&self) -> String {
        match self {
            Task::Point(_) => "spectrum and verdict".into(),
            Task::Interpolation(_) => "straight line".into(),
            Task::Plane(plan) => format!("plane {}", plan.directions.join(" ")),
            Task::Critical(_) => "critical points".into(),
            other => other.name(),
        }
    }

    /// What it takes.
    pub fn cost<T: Scalar>(&self, subject: &Subject<T>) -> Cost {
        let objective = subject.problem.objective();
        let n = objective.dimension();
        match self {
            Task::Way(Way::Training(training)) => {
                let examples = objective.finite_sum().map_or(1, |sum| sum.examples());
                training::cost(training, examples)
            }
            Task::Way(Way::Checkpoints {}) => Cost::default(),
            Task::Way(Way::Descent(plan)) => descent::cost(plan.iterations),
            Task::Point(plan) => point::cost(plan, n),
            Task::Spectrum(plan) => spectrum::cost(plan, n),
            Task::Eigenvectors(plan) => direction::cost(plan),
            Task::Layers(plan) => layers::cost(plan, objective.layout()),
            Task::Interpolation(points) => line::cost(*points),
            Task::Slices(plan) => slices::cost(plan),
            Task::Plane(plan) if subject.way.is_empty() => planes::cost(plan, POINTS),
            Task::Plane(plan) => planes::cost(plan, subject.way.len()),
            Task::Critical(plan) => critical::cost(plan, n),
        }
    }

    /// Makes its chapter.
    pub fn make<T: Scalar>(&self, desk: &Desk<'_, '_, T>, scene: &Scene<'_, T>) -> Result<Chapter, Error> {
        let Scene { subject, path, point, seed, lenient, .. } = scene;
        let (x, start) = (&path.x[..], &subject.start[..]);
        match self {
            Task::Way(Way::Training(training)) => training::train(desk, training, subject),
            Task::Way(Way::Checkpoints {}) => checkpoints::chapter(subject, point),
            Task::Way(Way::Descent(plan)) => descent::descend(desk, start.to_vec(), plan),
            Task::Point(plan) => point::card(desk, plan, x, *seed),
            Task::Spectrum(plan) => spectrum::spectrum(desk, plan, x, *seed),
            Task::Eigenvectors(plan) => direction::eigenvectors(desk, plan, x, *seed),
            Task::Layers(plan) => layers::layers(desk, plan, x, *seed),
            Task::Interpolation(points) => line::line(desk, start, path, *points),
            Task::Slices(plan) => slices::slices(desk, plan, &scene.makings(plan.normalization), *lenient),
            Task::Plane(plan) => {
                planes::plane(desk, plan, &scene.makings(plan.normalization), path, *lenient)
            }
            Task::Critical(plan) => critical::critical(desk, plan, path, *seed),
        }
    }
}

impl<'s, T: Scalar> Scene<'s, T> {
    /// Before the first part: the point is the subject's.
    pub fn new(subject: &'s Subject<T>, config: &'s Config) -> Self {
        Self {
            subject,
            path: Path::still(subject.start.clone()),
            eigenvectors: None,
            point: &config.point,
            seed: config.seed,
            lenient: config.plan.lenient,
        }
    }

    fn makings(&self, normalization: Normalization) -> Makings<'_, T> {
        let known = match &self.subject.problem {
            Problem::Function(function) => function.function().known(),
            Problem::Network(_) => &[],
        };
        Makings {
            known,
            x: &self.path.x,
            normalization,
            seed: self.seed,
            eigenvectors: self.eigenvectors.as_ref(),
        }
    }
}
