//! What is studied, made ready: the objective and the point.

pub mod buffers;
mod checkpoints;
mod describe;
mod loss;
mod model;
mod resolve;
pub mod solutions;

use std::sync::Arc;
use std::time::Instant;

use thalweg_graph::Threads;
use thalweg_io::{Checkpoint, Dataset, NamedArrays, match_layout};
use thalweg_lab::memory::Plan;
use thalweg_lab::problem::analytic::{Analytic, Function};
use thalweg_lab::problem::network::BatchNorm;
use thalweg_lab::problem::network::{Data, DataMismatch, Inputs, Model, Network, Settings, Targets};
use thalweg_lab::{Layout, Objective, Scalar};
use thalweg_report::run::Input;

use crate::config::{PointConfig, SubjectConfig};
use crate::error::Error;

pub use describe::describe;
pub use model::ModelName;
pub use resolve::{WEIGHTS, function_named, read_point, resolve};
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
    Function(Function),
}

/// An objective in one precision, and the point.
pub struct Subject<T: Scalar> {
    pub problem: Problem<T>,
    /// The same network on the examples that were set aside.
    pub test: Option<Network<T>>,
    /// The point, or the first point of the way.
    pub start: Vec<T>,
    /// The way, where it was read: steps and points, `start` first.
    pub way: Vec<(u64, Vec<T>)>,
    /// Several solutions, without those that are yet to be trained.
    pub solutions: Vec<Solution<T>>,
}

/// The two kinds of objectives.
pub enum Problem<T: Scalar> {
    Network(Box<Network<T>>),
    Function(Box<Analytic<T>>),
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
            weights_of_solutions: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// Names and shapes of the parameters.
    pub fn layout(&self) -> Layout {
        match &self.source {
            Source::Network { model, .. } => model.layout(),
            Source::Function(function) => function.layout().clone(),
        }
    }

    /// Compiles the objective for one precision.
    ///
    /// The inputs of the datasets and the arrays of the point are used up: they are
    /// in the subject then.
    pub fn build<T: Scalar>(&mut self, seed: u64) -> Result<Subject<T>, Error> {
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
                    Some(test) => Some(network.with_data(data(test, *reconstructs)?)?),
                    None => None,
                };
                Ok(Subject { problem: Problem::Network(Box::new(network)), test, start, way, solutions })
            }
            (Source::Function(function), _) => {
                let function = function.clone();
                let arrays = std::mem::take(&mut self.weights_of_solutions);
                let solutions = solutions::points(&self.point, arrays, function.layout(), None)?;
                let start = match solutions.first() {
                    Some(first) => first.x.clone(),
                    None => self.place(&function)?,
                };
                let problem = Problem::Function(Box::new(Analytic::new(function, Threads::default())));
                Ok(Subject { problem, test: None, start, way: Vec::new(), solutions })
            }
            (Source::Network { .. }, SubjectConfig::Function { .. } | SubjectConfig::Expression { .. }) => {
                unreachable!("a network is configured as one")
            }
        }
    }

    /// A point of a function's domain.
    fn place<T: Scalar>(&self, function: &Function) -> Result<Vec<T>, Error> {
        let dimension = function.dimension();
        match (&self.point, &self.weights) {
            (_, Some(weights)) => Ok(match_layout(weights, function.layout())?),
            (PointConfig::At { coordinates }, _) if coordinates.len() != dimension => Err(Error::Usage(
                format!("--at: expected {dimension} coordinates, found {}", coordinates.len()),
            )),
            (PointConfig::At { coordinates }, _) => Ok(coordinates.iter().map(|&v| T::of(v)).collect()),
            _ => Ok(function.start()),
        }
    }
}

impl<T: Scalar> Subject<T> {
    /// Examples that the objective is a mean over; 1 where it is none.
    pub fn examples(&self) -> usize {
        self.problem.objective().finite_sum().map_or(1, |sum| sum.examples())
    }

    /// The same subject, held to what was planned.
    pub fn with_limits(self, plan: &Plan) -> Self {
        let threads = Threads::new(plan.threads);
        let limited = |network: Network<T>| network.with_limits(threads.clone(), plan.kept, plan.width);
        let problem = match self.problem {
            Problem::Network(network) => Problem::Network(Box::new(limited(*network))),
            Problem::Function(function) => {
                Problem::Function(Box::new(Analytic::new(function.function().clone(), threads.clone())))
            }
        };
        Self { problem, test: self.test.map(limited), ..self }
    }
}

impl<T: Scalar> Problem<T> {
    pub fn objective(&self) -> &dyn Objective<T> {
        match self {
            Problem::Network(network) => &**network,
            Problem::Function(function) => &**function,
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
