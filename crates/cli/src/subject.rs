//! What is studied, made ready: the objective and the point.

pub mod buffers;
mod checkpoints;
mod describe;
mod kept;
mod learning;
mod loss;
mod model;
mod resolve;
pub mod solutions;

use std::sync::Arc;
use std::time::Instant;

use thalweg_graph::Threads;
use thalweg_io::{Checkpoint, Dataset, NamedArrays, match_layout};
use thalweg_lab::memory::{Plan, Work};
use thalweg_lab::problem::Evaluations;
use thalweg_lab::problem::analytic::{Analytic, Function, Known};
use thalweg_lab::problem::learning::{ExampleSum, LearningSpec};
use thalweg_lab::problem::network::BatchNorm;
use thalweg_lab::problem::network::{Data, DataMismatch, Inputs, Model, Network, Settings, Targets};
use thalweg_lab::{Layout, Objective, Scalar};
use thalweg_report::run::Input;

use crate::config::{PointConfig, SubjectConfig};
use crate::error::Error;

pub use describe::describe;
pub use kept::Kept;
pub use model::ModelName;
pub use resolve::{WEIGHTS, problem_named, read_point, resolve};
pub use solutions::{Solution, resolve_solutions};

/// A subject whose files are read, before its precision is chosen.
pub struct Prepared {
    /// When the reading began.
    pub began: Instant,
    pub config: SubjectConfig,
    pub point: PointConfig,
    pub source: Source,
    /// The arrays of [`PointConfig::Weights`].
    pub weights: Option<NamedArrays>,
    /// Those of [`PointConfig::Checkpoints`].
    pub checkpoints: Vec<Checkpoint>,
    /// The ways of other runs.
    pub kept: Vec<Kept>,
    /// Those of the [`PointConfig::Solutions`] that are read.
    pub weights_of_solutions: Vec<NamedArrays>,
    /// What was read, for the manifest.
    pub inputs: Vec<Input>,
}

/// Where the objective comes from.
pub enum Source {
    Network {
        model: Arc<dyn Model>,
        train: Box<Dataset>,
        test: Option<Box<Dataset>>,
        /// Whether inputs are their own targets.
        reconstructs: bool,
    },
    Learning {
        spec: LearningSpec,
        /// Where it plants none.
        data: Option<Given>,
    },
    Function(Function),
}

/// Data for a learning problem.
pub struct Given {
    pub train: Box<Dataset>,
    pub test: Option<Box<Dataset>>,
}

/// An objective in one precision, and the point.
pub struct Subject<T: Scalar> {
    pub problem: Problem<T>,
    /// The same objective on the examples that were set aside.
    pub test: Option<Problem<T>>,
    /// The point, or the first point of the way.
    pub start: Vec<T>,
    /// The way, where it was read: steps and points, `start` first.
    pub way: Vec<(u64, Vec<T>)>,
    /// Ways of other runs, the first of which begins at `start`.
    pub kept: Vec<Vec<(u64, Vec<T>)>>,
    /// Several solutions, without those that are yet to be trained.
    pub solutions: Vec<Solution<T>>,
}

/// The kinds of objectives.
pub enum Problem<T: Scalar> {
    Network(Box<Network<T>>),
    Learning {
        sum: Box<ExampleSum<T>>,
        /// Critical points that are known.
        known: Vec<Known>,
    },
    Function(Box<Analytic<T>>),
}

impl Source {
    /// Examples that the objective is a mean over, if it is one.
    pub fn examples(&self) -> Option<usize> {
        match self {
            Source::Network { train, .. } => Some(train.len()),
            Source::Learning { spec, data } => {
                data.as_ref().map(|given| given.train.len()).or(spec.planted())
            }
            Source::Function(_) => None,
        }
    }
}

impl Prepared {
    /// A subject at its first point.
    pub fn new(began: Instant, source: Source, config: SubjectConfig) -> Self {
        Self {
            began,
            config,
            point: PointConfig::Initial,
            source,
            weights: None,
            checkpoints: Vec::new(),
            kept: Vec::new(),
            weights_of_solutions: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// Names and shapes of the parameters.
    pub fn layout(&self) -> Layout {
        match &self.source {
            Source::Network { model, .. } => model.layout(),
            Source::Learning { spec, data } => {
                spec.layout(data.as_ref().map_or(0, |given| given.train.features()))
            }
            Source::Function(function) => function.layout().clone(),
        }
    }

    /// Compiles the objective for one precision.
    ///
    /// The inputs of the datasets and the arrays of the point are used up: they are
    /// in the subject then.
    pub fn build<T: Scalar>(&mut self, seed: u64) -> Result<Subject<T>, Error> {
        let kept: Vec<Vec<(u64, Vec<T>)>> = self.kept.drain(..).map(|kept| kept.points()).collect();
        let mut subject = self.compile(seed)?;
        if let Some((_, first)) = kept.first().and_then(|way| way.first()) {
            subject.start = first.clone();
        }
        Ok(Subject { kept, ..subject })
    }

    fn compile<T: Scalar>(&mut self, seed: u64) -> Result<Subject<T>, Error> {
        match (&mut self.source, &self.config) {
            (Source::Network { model, train, test, reconstructs }, SubjectConfig::Network(config)) => {
                let settings = Settings {
                    loss: config.loss.clone(),
                    weight_decay: config.weight_decay,
                    batch_norm: config.batch_norm,
                    ..Settings::default()
                };
                let mut network = Network::new(model.clone(), data(train, *reconstructs)?, settings)?;
                let way = checkpoints::points(&mut network, std::mem::take(&mut self.checkpoints))?;
                let arrays = std::mem::take(&mut self.weights_of_solutions);
                let solutions = solutions::points(&self.point, arrays, &model.layout(), Some(&mut network))?;
                let start = match self.weights.take() {
                    _ if !way.is_empty() => way[0].1.clone(),
                    _ if !solutions.is_empty() => solutions[0].x.clone(),
                    Some(arrays) => {
                        let rest = buffers::restore(&mut network, &arrays)?;
                        match_layout(&rest, &model.layout())?
                    }
                    None => config.initialization.draw(network.model(), seed),
                };
                if config.batch_norm == BatchNorm::Frozen && network.lacks_statistics() {
                    network.freeze(way.last().map_or(&start, |(_, last)| last));
                }
                let test = match test {
                    Some(test) => {
                        let test = network.with_data(data(test, *reconstructs)?)?;
                        Some(Problem::Network(Box::new(test)))
                    }
                    None => None,
                };
                let problem = Problem::Network(Box::new(network));
                Ok(Subject { problem, test, start, way, kept: Vec::new(), solutions })
            }
            (Source::Function(function), _) => {
                let function = function.clone();
                let arrays = std::mem::take(&mut self.weights_of_solutions);
                let solutions = solutions::points(&self.point, arrays, function.layout(), None)?;
                let start = match solutions.first() {
                    Some(first) => first.x.clone(),
                    None => self.place(function.layout(), || function.start())?,
                };
                let problem = Problem::Function(Box::new(Analytic::new(function, Threads::default())));
                Ok(Subject { problem, test: None, start, way: Vec::new(), kept: Vec::new(), solutions })
            }
            (Source::Learning { spec, data }, _) => {
                let sum = learning::build(spec, data.as_mut().map(|given| &mut *given.train))?;
                let test = match data.as_mut().and_then(|given| given.test.as_mut()) {
                    Some(test) => {
                        let sum = Box::new(learning::build(spec, Some(test))?);
                        Some(Problem::Learning { sum, known: Vec::new() })
                    }
                    None => None,
                };
                let (spec, layout) = (spec.clone(), Objective::<T>::layout(&sum).clone());
                let way = checkpoints::plain(&layout, std::mem::take(&mut self.checkpoints))?;
                let arrays = std::mem::take(&mut self.weights_of_solutions);
                let solutions = solutions::points(&self.point, arrays, &layout, None)?;
                let start = match (way.first(), solutions.first()) {
                    (Some((_, first)), _) => first.clone(),
                    (None, Some(first)) => first.x.clone(),
                    (None, None) => self.place(&layout, || spec.start(layout.dimension()))?,
                };
                let problem = Problem::Learning { sum: Box::new(sum), known: spec.known() };
                Ok(Subject { problem, test, start, way, kept: Vec::new(), solutions })
            }
            (Source::Network { .. }, _) => unreachable!("a network is configured as one"),
        }
    }

    /// A point of a function's domain.
    fn place<T: Scalar>(&self, layout: &Layout, start: impl FnOnce() -> Vec<T>) -> Result<Vec<T>, Error> {
        let dimension = layout.dimension();
        match (&self.point, &self.weights) {
            (_, Some(weights)) => Ok(match_layout(weights, layout)?),
            (PointConfig::At { coordinates }, _) if coordinates.len() != dimension => Err(Error::Usage(
                format!("--at: expected {dimension} coordinates, found {}", coordinates.len()),
            )),
            (PointConfig::At { coordinates }, _) => Ok(coordinates.iter().map(|&v| T::of(v)).collect()),
            _ => Ok(start()),
        }
    }
}

impl<T: Scalar> Subject<T> {
    /// Examples that the objective is a mean over; 1 where it is none.
    pub fn examples(&self) -> usize {
        self.problem.examples()
    }

    /// The same subject, held to what was planned.
    pub fn with_limits(self, plan: &Plan) -> Self {
        Self { problem: self.problem.with_limits(plan), test: self.test.map(|t| t.with_limits(plan)), ..self }
    }
}

impl<T: Scalar> Problem<T> {
    pub fn objective(&self) -> &dyn Objective<T> {
        match self {
            Problem::Network(network) => &**network,
            Problem::Learning { sum, .. } => &**sum,
            Problem::Function(function) => &**function,
        }
    }

    /// Examples that it is a mean over; 1 where it is none.
    pub fn examples(&self) -> usize {
        self.objective().finite_sum().map_or(1, |sum| sum.examples())
    }

    /// Critical points that are known.
    pub fn known(&self) -> &[Known] {
        match self {
            Problem::Network(_) => &[],
            Problem::Learning { known, .. } => known,
            Problem::Function(function) => function.function().known(),
        }
    }

    /// The least value, where it is known.
    pub fn minimum(&self) -> Option<f64> {
        match self {
            Problem::Network(_) => None,
            Problem::Learning { known, .. } => known.iter().find(|known| known.global).map(|k| k.value),
            Problem::Function(function) => function.function().minimum(),
        }
    }

    /// Bytes of its examples.
    pub fn data_bytes(&self) -> usize {
        match self {
            Problem::Network(network) => network.data_bytes(),
            Problem::Learning { sum, .. } => sum.data_bytes(),
            Problem::Function(_) => 0,
        }
    }

    /// Numbers of the Kronecker factors of its dense layers.
    pub fn factor_numbers(&self) -> usize {
        match self {
            Problem::Network(network) => network.factor_numbers(),
            Problem::Learning { .. } | Problem::Function(_) => 0,
        }
    }

    /// What these evaluations work with.
    pub fn work(&self, evaluations: &Evaluations) -> Work {
        match self {
            Problem::Network(network) => network.work(evaluations),
            Problem::Learning { sum, .. } => sum.work(evaluations),
            Problem::Function(_) => Work::default(),
        }
    }

    fn with_limits(self, plan: &Plan) -> Self {
        let threads = Threads::new(plan.threads);
        match self {
            Problem::Network(network) => {
                Problem::Network(Box::new(network.with_limits(threads, plan.kept, plan.width)))
            }
            Problem::Learning { sum, known } => {
                Problem::Learning { sum: Box::new(sum.with_limits(threads, plan.kept)), known }
            }
            Problem::Function(function) => {
                Problem::Function(Box::new(Analytic::new(function.function().clone(), threads)))
            }
        }
    }
}

/// A dataset in the precision of the network; its inputs are used up.
fn data<T: Scalar>(dataset: &mut Dataset, reconstructs: bool) -> Result<Data<T>, DataMismatch> {
    let wide = |values: &[f32]| values.iter().map(|&v| T::of(f64::from(v))).collect();
    let inputs = std::mem::take(&mut dataset.inputs);
    let data = Data {
        inputs: match dataset.vocabulary {
            None => Inputs::Numbers(wide(&inputs)),
            // Whole numbers below the vocabulary's size.
            Some(_) => Inputs::Tokens(inputs.iter().map(|&v| v as i32).collect()),
        },
        features: dataset.features(),
        targets: match &dataset.targets {
            thalweg_io::Targets::Classes { labels, count } => Targets::Classes {
                // Labels are below 2³¹: a dataset has fewer classes than that.
                labels: labels.iter().map(|&label| label as i32).collect(),
                count: *count,
            },
            thalweg_io::Targets::Sequence { labels, count, .. } => {
                // The label of what is ignored becomes −1.
                Targets::Classes { labels: labels.iter().map(|&label| label as i32).collect(), count: *count }
            }
            thalweg_io::Targets::Values { values, width } => {
                Targets::Values { values: wide(values), width: *width }
            }
        },
    };
    if reconstructs { data.autoencoding() } else { Ok(data) }
}
