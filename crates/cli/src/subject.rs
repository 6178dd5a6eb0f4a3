//! What is studied, made ready: the objective and the point.

mod describe;
mod resolve;

use thalweg_graph::Threads;
use thalweg_io::{Dataset, NamedArrays, match_layout};
use thalweg_lab::problem::analytic::{Analytic, Function};
use thalweg_lab::problem::network::{Data, Inputs, Model, ModelSpec, Network, Settings, Targets};
use thalweg_lab::{Layout, Objective, Scalar};
use thalweg_report::run::Input;

use crate::config::{NetworkConfig, PointConfig, SubjectConfig};
use crate::error::Error;

pub use describe::describe;
pub use resolve::{WEIGHTS, resolve};

/// A subject whose files are read, before its precision is chosen.
pub struct Prepared {
    pub config: SubjectConfig,
    pub point: PointConfig,
    pub source: Source,
    /// The arrays of [`PointConfig::Weights`].
    pub weights: Option<NamedArrays>,
    /// What was read, for the manifest.
    pub inputs: Vec<Input>,
}

/// Where the objective comes from.
pub enum Source {
    Network { model: ModelSpec, train: Box<Dataset>, test: Option<Box<Dataset>> },
    Function(Function),
}

/// An objective in one precision, and the point.
pub struct Subject<T: Scalar> {
    pub problem: Problem<T>,
    /// The same network on the examples that were set aside.
    pub test: Option<Network<T>>,
    /// The point, or the first point of the way.
    pub start: Vec<T>,
}

/// The two kinds of objectives.
pub enum Problem<T: Scalar> {
    Network(Box<Network<T>>),
    Function(Box<Analytic<T>>),
}

impl Prepared {
    /// Names and shapes of the parameters.
    pub fn layout(&self) -> Layout {
        match &self.source {
            Source::Network { model, .. } => model.layout(),
            Source::Function(function) => Layout::flat(function.dimension()),
        }
    }

    /// Compiles the objective for one precision.
    pub fn build<T: Scalar>(&self, seed: u64, threads: usize, memory: usize) -> Result<Subject<T>, Error> {
        let threads = Threads::new(threads);
        let (problem, test) = match (&self.source, &self.config) {
            (Source::Network { model, train, test }, SubjectConfig::Network(config)) => {
                let settings = Settings {
                    loss: config.loss.clone(),
                    weight_decay: config.weight_decay,
                    batch_norm: config.batch_norm,
                    threads,
                    memory: Some(memory),
                };
                let network = Network::new(model.clone(), data(train), settings)?;
                let test = test.as_ref().map(|test| network.with_data(data(test))).transpose()?;
                (Problem::Network(Box::new(network)), test)
            }
            (Source::Function(function), _) => {
                (Problem::Function(Box::new(Analytic::new(function.clone(), threads))), None)
            }
            (Source::Network { .. }, SubjectConfig::Function { .. }) => {
                unreachable!("a network is configured as one")
            }
        };
        let start = self.start(&problem, seed)?;
        Ok(Subject { problem, test, start })
    }

    fn start<T: Scalar>(&self, problem: &Problem<T>, seed: u64) -> Result<Vec<T>, Error> {
        let dimension = problem.objective().dimension();
        Ok(match (&self.point, problem) {
            (PointConfig::Weights { .. }, _) => {
                let weights = self.weights.as_ref().expect("weights were read with the configuration");
                match_layout(weights, problem.objective().layout())?
            }
            (PointConfig::At { coordinates }, _) if coordinates.len() != dimension => {
                return Err(Error::Usage(format!(
                    "--at: expected {dimension} coordinates, found {}",
                    coordinates.len()
                )));
            }
            (PointConfig::At { coordinates }, _) => coordinates.iter().map(|&v| T::of(v)).collect(),
            (PointConfig::Initial, Problem::Function(function)) => function.function().start(),
            (PointConfig::Initial, Problem::Network(network)) => {
                self.network().initialization.draw(network.model(), seed)
            }
        })
    }

    fn network(&self) -> &NetworkConfig {
        match &self.config {
            SubjectConfig::Network(config) => config,
            SubjectConfig::Function { .. } => unreachable!("asked of networks alone"),
        }
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

/// A dataset in the precision of the network.
fn data<T: Scalar>(dataset: &Dataset) -> Data<T> {
    let wide = |values: &[f32]| values.iter().map(|&v| T::of(f64::from(v))).collect();
    Data {
        inputs: Inputs::Numbers(wide(&dataset.inputs)),
        features: dataset.features(),
        targets: match &dataset.targets {
            thalweg_io::Targets::Classes { labels, count } => Targets::Classes {
                // Labels are below 2³¹: a dataset has fewer classes than that.
                labels: labels.iter().map(|&label| label as i32).collect(),
                count: *count,
            },
            thalweg_io::Targets::Values { values, width } => {
                Targets::Values { values: wide(values), width: *width }
            }
        },
    }
}
