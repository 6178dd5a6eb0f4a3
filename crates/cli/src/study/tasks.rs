//! The parts of a plan, each with what it takes and how it is made.

use thalweg_io::NamedArrays;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::Normalization;

use crate::chapter::Chapter;
use crate::chapters::direction::Makings;
use crate::chapters::solutions::Course;
use crate::chapters::trajectory::{self, Look, Side};
use crate::chapters::way::{Path, numbers};
use crate::chapters::{
    align, checkpoints, connect, critical, descent, direction, layers, line, planes, point, sharpness,
    slices, solutions, spectrum, subspace, training,
};
use crate::config::{
    AlignPlan, Config, ConnectPlan, CriticalPlan, CutsPlan, EndsPlan, ExtentsPlan, IntrinsicPlan, LayersPlan,
    NamedWay, Plan, PlanePlan, PointConfig, SharpnessPlan, SlicesPlan, SolutionsPlan, SpectrumPlan,
    SubjectConfig, TrainingPlan, TrajectoryPlan, Way,
};
use crate::error::Error;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::solutions::labels;
use crate::subject::{Problem, Solution, Subject};

/// Points of a trajectory, for the estimate of what its plane takes.
const POINTS: usize = 60;

/// One part of a plan.
pub enum Task<'p> {
    Way(&'p Way),
    /// One of several ways.
    Side(usize, &'p NamedWay),
    Trajectory(Look, &'p TrajectoryPlan),
    /// One of several solutions, from 1.
    Solution(usize, &'p TrainingPlan),
    Solutions(&'p SolutionsPlan),
    Connect(&'p ConnectPlan),
    Align(&'p AlignPlan),
    Point(&'p SpectrumPlan),
    Spectrum(&'p SpectrumPlan),
    Eigenvectors(&'p EndsPlan),
    Layers(&'p LayersPlan),
    Interpolation(usize),
    Slices(&'p SlicesPlan),
    Plane(&'p PlanePlan),
    /// What planes of directions drawn anew have in common.
    Planes(&'p [PlanePlan]),
    Intrinsic(&'p IntrinsicPlan),
    Cuts(&'p CutsPlan),
    Extents(&'p ExtentsPlan),
    Sharpness(&'p SharpnessPlan),
    Critical(&'p CriticalPlan),
}

/// What a part is made from.
pub struct Scene<'s, T: Scalar> {
    pub subject: &'s Subject<T>,
    pub path: Path<T>,
    /// Several ways, each with its name.
    sides: Vec<(String, Path<T>)>,
    pub eigenvectors: Option<NamedArrays>,
    /// Several solutions, as far as they are there.
    pub solutions: Vec<Solution<T>>,
    /// How those came about that were trained.
    pub courses: Vec<Course>,
    /// Of planes of directions drawn anew.
    pub planes: Vec<NamedArrays>,
    /// The intrinsic dimension, where it was found.
    pub intrinsic: Option<usize>,
    /// Results of the spectrum, where it was made.
    pub spectrum: serde_json::Map<String, serde_json::Value>,
    point: &'s PointConfig,
    config: &'s SubjectConfig,
    seed: u64,
    lenient: bool,
}

/// The parts of a plan in the order in which they are made: later ones use earlier ones.
pub fn tasks(plan: &Plan) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task<'_>> = plan.way.iter().map(Task::Way).collect();
    tasks.extend(plan.ways.iter().enumerate().map(|(i, named)| Task::Side(i, named)));
    let looks = plan.trajectory.iter().flat_map(|plan| Look::of(plan).map(move |look| (look, plan)));
    tasks.extend(looks.map(|(look, plan)| Task::Trajectory(look, plan)));
    let trained = plan.solutions.iter().flat_map(|plan| plan.trained.iter().enumerate());
    tasks.extend(trained.map(|(i, training)| Task::Solution(i + 1, training)));
    tasks.extend(plan.solutions.iter().map(Task::Solutions));
    tasks.extend(plan.connect.iter().map(Task::Connect));
    tasks.extend(plan.align.iter().map(Task::Align));
    tasks.extend(plan.point.iter().map(Task::Point));
    tasks.extend(plan.spectrum.iter().map(Task::Spectrum));
    tasks.extend(plan.eigenvectors.iter().map(Task::Eigenvectors));
    tasks.extend(plan.layers.iter().map(Task::Layers));
    tasks.extend(plan.planes.iter().map(Task::Plane));
    tasks.extend(plan.has_replicates().then_some(Task::Planes(&plan.planes)));
    tasks.extend(plan.slices.iter().map(Task::Slices));
    tasks.extend(plan.interpolation.map(Task::Interpolation));
    tasks.extend(plan.intrinsic.iter().map(Task::Intrinsic));
    tasks.extend(plan.cuts.iter().map(Task::Cuts));
    tasks.extend(plan.extents.iter().map(Task::Extents));
    tasks.extend(plan.sharpness.iter().map(Task::Sharpness));
    tasks.extend(plan.critical.iter().map(Task::Critical));
    tasks
}

impl Task<'_> {
    /// The name of its stage and of its arrays.
    pub fn name(&self) -> String {
        match self {
            Task::Way(Way::Training(_)) => "training".into(),
            // Under this name it is found again by those who ask for the way of this run.
            Task::Way(Way::Checkpoints {} | Way::Kept { .. }) => "checkpoints".into(),
            Task::Way(Way::Descent(_)) => "descent".into(),
            Task::Side(i, _) => format!("way-{}", i + 1),
            Task::Trajectory(look, _) => look.name().into(),
            Task::Solution(number, _) => format!("solution-{number}"),
            Task::Solutions(_) => "solutions".into(),
            Task::Connect(_) => "connections".into(),
            Task::Align(_) => "alignment".into(),
            Task::Point(_) => "point".into(),
            Task::Spectrum(_) => "spectrum".into(),
            Task::Eigenvectors(_) => "eigenvectors".into(),
            Task::Layers(_) => "layers".into(),
            Task::Interpolation(_) => "interpolation".into(),
            Task::Slices(_) => "slices".into(),
            Task::Plane(plan) => planes::name(plan),
            Task::Planes(_) => planes::spread::NAME.into(),
            Task::Intrinsic(_) => "intrinsic".into(),
            Task::Cuts(_) => "cuts".into(),
            Task::Extents(_) => "extents".into(),
            Task::Sharpness(_) => "sharpness".into(),
            Task::Critical(_) => "critical".into(),
        }
    }

    /// What the progress bar calls it.
    pub fn words(&self) -> String {
        match self {
            Task::Point(_) => "spectrum and verdict".into(),
            Task::Solution(_, plan) => format!("training from seed {}", plan.training.seed),
            Task::Interpolation(_) => "straight line".into(),
            Task::Plane(plan) => format!("plane {}", plan.directions.join(" ")),
            Task::Side(_, named) => named.name.clone(),
            Task::Trajectory(look, _) => look.words().into(),
            Task::Intrinsic(_) => "intrinsic dimension".into(),
            Task::Cuts(_) => "hyperplanes".into(),
            Task::Extents(_) => "reach of low loss".into(),
            Task::Sharpness(_) => "measures of sharpness".into(),
            Task::Critical(_) => "critical points".into(),
            other => other.name(),
        }
    }

    /// What it takes.
    pub fn cost<T: Scalar>(&self, subject: &Subject<T>) -> Cost {
        let objective = subject.problem.objective();
        let n = objective.dimension();
        match self {
            Task::Side(_, NamedWay { way, .. }) => Task::Way(way).cost(subject),
            Task::Trajectory(look, plan) => look.cost(plan, subject),
            Task::Way(Way::Training(training)) => training::cost(training, subject.examples()),
            Task::Solution(_, training) => training::cost(training, subject.examples()),
            Task::Connect(plan) => connect::cost(plan, subject),
            Task::Align(plan) => align::cost(plan, subject),
            Task::Solutions(plan) => solutions::cost(subject.solutions.len() + plan.trained.len()),
            Task::Way(Way::Checkpoints {} | Way::Kept { .. }) => Cost::default(),
            Task::Way(Way::Descent(plan)) => descent::cost(plan.stopping.limits.iterations),
            Task::Point(plan) => point::cost(plan, n),
            Task::Spectrum(plan) => spectrum::cost(plan, n),
            Task::Eigenvectors(plan) => direction::cost(plan),
            Task::Layers(plan) => layers::cost(plan, objective.layout()),
            Task::Interpolation(points) => line::cost(*points),
            Task::Slices(plan) => slices::cost(plan),
            Task::Plane(plan) if subject.way.is_empty() => planes::cost(plan, POINTS),
            Task::Plane(plan) => planes::cost(plan, subject.way.len()),
            Task::Planes(_) => Cost::default(),
            Task::Intrinsic(plan) => subspace::intrinsic::cost(plan),
            Task::Cuts(plan) => subspace::cuts::cost(plan),
            Task::Extents(plan) => subspace::extents::cost(plan),
            Task::Sharpness(plan) => sharpness::cost(plan),
            Task::Critical(plan) => critical::cost(plan, n),
        }
    }

    /// Makes its chapter.
    pub fn make<T: Scalar>(&self, desk: &Desk<'_, '_, T>, scene: &Scene<'_, T>) -> Result<Chapter, Error> {
        let Scene { subject, path, point, seed, lenient, .. } = scene;
        let (x, start) = (&path.x[..], &subject.start[..]);
        match self {
            Task::Side(_, NamedWay { way, .. }) => Task::Way(way).make(desk, scene),
            Task::Trajectory(look, plan) => look.make(desk, plan, subject, &scene.sides(plan)),
            Task::Way(Way::Kept { run, place, .. }) => trajectory::kept(subject, run, *place),
            Task::Way(Way::Training(training)) => training::train(desk, training, subject, start.to_vec()),
            Task::Solution(_, training) => {
                let start = scene.beginning(training.training.seed);
                Ok(solutions::trained(training::train(desk, training, subject, start)?))
            }
            Task::Solutions(plan) => {
                solutions::chapter(desk, plan, subject, point, &scene.solutions, &scene.courses)
            }
            Task::Way(Way::Checkpoints {}) => checkpoints::chapter(subject, point),
            Task::Way(Way::Descent(plan)) => descent::descend(desk, start.to_vec(), plan),
            Task::Connect(plan) => connect::chapter(desk, plan, subject, &scene.solutions, *seed),
            Task::Align(plan) => align::chapter(desk, plan, subject, &scene.solutions, *seed),
            Task::Point(plan) => point::card(desk, plan, x, *seed),
            Task::Spectrum(plan) => spectrum::spectrum(desk, plan, x, *seed),
            Task::Eigenvectors(plan) => direction::eigenvectors(desk, plan, x, *seed),
            Task::Layers(plan) => layers::layers(desk, plan, x, *seed),
            Task::Interpolation(points) => line::line(desk, start, path, *points),
            Task::Slices(plan) => slices::slices(desk, plan, &scene.makings(plan.normalization), *lenient),
            Task::Plane(plan) => {
                let reach =
                    scene.planes.first().and_then(|arrays| numbers::<f64>(arrays, "u").last().copied());
                planes::plane(desk, plan, &scene.makings(plan.normalization), path, reach, *lenient)
            }
            Task::Planes(plans) => planes::spread::spread(plans, &scene.planes, desk.what()),
            Task::Intrinsic(plan) => subspace::intrinsic::intrinsic(desk, plan, &scene.starts(), *seed),
            Task::Cuts(plan) => subspace::cuts::cuts(desk, plan, &scene.starts(), scene.intrinsic, *seed),
            Task::Sharpness(plan) => sharpness::sharpness(desk, plan, x, &scene.spectrum, *seed),
            Task::Extents(plan) => {
                let began = (!path.points.is_empty()).then_some(start);
                subspace::extents::extents(desk, plan, &scene.makings(plan.normalization), began)
            }
            Task::Critical(plan) => critical::critical(desk, plan, subject, path, *seed),
        }
    }
}

impl<'s, T: Scalar> Scene<'s, T> {
    /// Before the first part: the point is the subject's.
    pub fn new(subject: &'s Subject<T>, config: &'s Config) -> Self {
        Self {
            subject,
            path: Path::still(subject.start.clone()),
            sides: Vec::new(),
            eigenvectors: None,
            solutions: subject.solutions.clone(),
            courses: Vec::new(),
            planes: Vec::new(),
            intrinsic: None,
            spectrum: serde_json::Map::new(),
            point: &config.point,
            config: &config.subject,
            seed: config.seed,
            lenient: config.plan.lenient,
        }
    }

    /// Takes one of several ways; the point of the study is the end of the first.
    pub fn put(&mut self, named: &NamedWay, chapter: &mut Chapter) {
        let path = Path::of(chapter);
        if self.sides.is_empty() {
            self.path = Path::still(path.x.clone());
        }
        self.sides.push((named.name.clone(), path));
        trajectory::beside(chapter, &named.name);
    }

    /// The ways that trajectories are about.
    fn sides<'a>(&'a self, plan: &'a TrajectoryPlan) -> Vec<Side<'a, T>> {
        match self.sides.as_slice() {
            [] => plan.names.iter().map(|name| Side::new(name, &self.path)).collect(),
            several => several.iter().map(|(name, path)| Side::new(name, path)).collect(),
        }
    }

    /// Takes over the next of the solutions that are trained.
    pub fn arrived(&mut self, chapter: &Chapter) {
        let PointConfig::Solutions { solutions } = self.point else { return };
        let label = labels(solutions).swap_remove(self.solutions.len());
        self.courses.push(solutions::course(chapter, &label));
        self.solutions.push(Solution { label, x: numbers(&chapter.arrays, "x") });
    }

    /// The weights from which a training of this seed begins.
    fn beginning(&self, seed: u64) -> Vec<T> {
        match (&self.subject.problem, self.config) {
            (Problem::Network(network), SubjectConfig::Network(config)) => {
                config.initialization.draw(network.model(), seed)
            }
            _ => unreachable!("networks alone are trained"),
        }
    }

    fn starts(&self) -> subspace::Starts<'_, T> {
        subspace::Starts { subject: self.subject, config: self.config, point: self.point }
    }

    fn makings(&self, normalization: Normalization) -> Makings<'_, T> {
        Makings {
            known: self.subject.problem.known(),
            x: &self.path.x,
            normalization,
            seed: self.seed,
            eigenvectors: self.eigenvectors.as_ref(),
        }
    }
}
