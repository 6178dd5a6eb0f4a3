//! One path between two solutions: trained, or relaxed, or taken from where an earlier process left it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thalweg_lab::landscape::symmetry::{WeightOptions, weight_matching};
use thalweg_lab::landscape::{Band, BandOptions, Curve, CurveKind, CurveLoss};
use thalweg_lab::optim::{Limits, Run, Trainer, Training, begin, minimize};
use thalweg_lab::symmetry::Element;
use thalweg_lab::{Counts, Objective, Oracle, Scalar, Stop};

use crate::args::PathKind;
use crate::config::ConnectPlan;
use crate::error::Error;
use crate::interrupt;
use crate::session::Desk;
use crate::subject::{Problem, Subject};

/// How often the state is saved.
const SAVE_EVERY: Duration = Duration::from_secs(2);
/// Steps between two looks at the clock.
const CHUNK: u64 = 20;
/// Nodes of the integral over a piece of a curve, where there are no minibatches.
const NODES: usize = 16;
/// Iterations of L-BFGS at most.
const ITERATIONS: u64 = 500;
/// The learning rate in root mean square differences of the ends' coordinates.
const RATE: f64 = 0.02;

/// A path as it was found.
#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Made<T: Scalar> {
    pub curve: Curve<T>,
    /// The band itself, which knows the force that is left.
    pub band: Option<Band<T>>,
    /// What finding it took; a minibatch counts as one gradient.
    pub counts: Counts,
    /// Why finding it ended early.
    pub stop: Option<Stop>,
}

/// A curve on the way, with what it took so far.
#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
enum Going<T: Scalar> {
    Run(Run<T>),
    Band(Band<T>, Counts),
}

/// Where a path is kept, and what came before it.
pub struct Place<'d, 'o, 's, T: Scalar> {
    pub desk: &'d Desk<'d, 'o, T>,
    pub plan: &'s ConnectPlan,
    pub seed: u64,
    /// The how-manieth path of the study.
    pub index: usize,
    /// Evaluations of the paths before it.
    pub spent: Counts,
}

/// The path of a kind between two points.
pub fn found<T: Scalar>(
    place: &Place<'_, '_, '_, T>,
    kind: PathKind,
    ends: [&[T]; 2],
) -> Result<Made<T>, Error> {
    let [a, b] = ends;
    let straight = || Curve::line(a, b).expect("solutions have one dimension");
    if kind == PathKind::Line {
        return Ok(Made { curve: straight(), band: None, counts: Counts::default(), stop: None });
    }
    let part = format!("path-{}", place.index);
    if let Some(made) = read(place, &part)? {
        return Ok(made);
    }
    let rate = place.plan.rate.unwrap_or_else(|| RATE * root_mean_square(a, b));
    let bent = |kind| Curve::straight(kind, a, b, place.plan.bends).expect("solutions have one dimension");
    let made = match (kind, &place.plan.curve) {
        (PathKind::Band, _) => {
            let options = BandOptions { learning_rate: rate, ..place.plan.band.clone() };
            relaxed(place, Band::straight(a, b, &options), &options)?
        }
        (kind, training) => {
            let curve = bent(if kind == PathKind::Bezier { CurveKind::Bezier } else { CurveKind::Chain });
            match training {
                Some(training) => {
                    trained(place, &curve, Training { learning_rate: rate, ..training.clone() })?
                }
                None => minimized(place, &curve)?,
            }
        }
    };
    write(place, &part, &made)?;
    Ok(made)
}

/// The straight line to the copy of the second network whose units are in the order that fits the first best, by weight
/// matching (Ainsworth et al. 2023, algorithm 1).
pub fn aligned<T: Scalar>(subject: &Subject<T>, [a, b]: [&[T]; 2], seed: u64) -> Made<T> {
    let Problem::Network(network) = &subject.problem else { unreachable!("networks alone are aligned") };
    let (symmetries, layout) = (network.symmetries(), network.layout());
    let (start, options) =
        (Element::identity(&symmetries), WeightOptions { seed, ..WeightOptions::default() });
    let matching = weight_matching(&symmetries, layout, a, b, &start, &options);
    let copy = matching.element.apply(&symmetries, layout, b);
    let curve = Curve::line(a, &copy).expect("solutions have one dimension");
    Made { curve, band: None, counts: Counts::default(), stop: None }
}

/// Trains the bends of a curve on minibatches, each at its own place.
fn trained<T: Scalar>(
    place: &Place<'_, '_, '_, T>,
    curve: &Curve<T>,
    training: Training,
) -> Result<Made<T>, Error> {
    let loss = CurveLoss::new(place.desk.oracle.objective(), curve, 1, place.seed);
    let oracle = Oracle::new(&loss).with_cancel(interrupt::flag());
    let mut trainer = Trainer::new(training, &oracle)?;
    let mut run = match read::<T, (usize, Going<T>)>(place, GOING)? {
        Some((index, Going::Run(run))) if index == place.index => run,
        _ => trainer.begin(CurveLoss::bends(curve))?,
    };
    trainer.accept(&run).map_err(|error| place.desk.unreadable(GOING, error))?;
    let mut saved = Instant::now();
    let mut stop = None;
    while run.step < trainer.clock().steps {
        let until = run.step + CHUNK;
        match trainer.advance(&mut run, until, &mut |_, _| Ok(())) {
            Ok(()) => {}
            Err(Stop::Cancelled) => {
                write(place, GOING, &(place.index, Going::Run(run)))?;
                return Err(Error::Interrupted(None));
            }
            Err(other) => {
                stop = Some(other);
                break;
            }
        }
        place.moved(Counts { gradients: run.step, ..Counts::default() });
        if saved.elapsed() > SAVE_EVERY {
            write(place, GOING, &(place.index, Going::Run(run.clone())))?;
            saved = Instant::now();
        }
    }
    let curve = loss.curve(trainer.answer(&run)).expect("bends have the dimension of the ends");
    let counts = Counts { gradients: run.losses.len() as u64, ..Counts::default() };
    Ok(Made { curve, band: None, counts, stop })
}

/// Goes down by exact gradients of the mean over the curve.
fn minimized<T: Scalar>(place: &Place<'_, '_, '_, T>, curve: &Curve<T>) -> Result<Made<T>, Error> {
    let loss = CurveLoss::new(place.desk.oracle.objective(), curve, NODES, place.seed);
    let oracle = Oracle::new(&loss).with_cancel(interrupt::flag());
    let layout = loss.layout();
    let optimizer: thalweg_lab::optim::OptimizerSpec = "lbfgs".parse()?;
    let iteration = optimizer.build::<T>(layout).into_iteration(1.0);
    let mut state = begin(&oracle, &*iteration, CurveLoss::bends(curve))?;
    let limits = Limits { iterations: ITERATIONS, ..Limits::default() };
    let outcome = minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ());
    let stop = match outcome.ending {
        thalweg_lab::optim::Ending::Stopped(Stop::Cancelled) => return Err(Error::Interrupted(None)),
        thalweg_lab::optim::Ending::Stopped(stop) => Some(stop),
        _ => None,
    };
    let curve = loss.curve(iteration.answer(&state.memory, &state.point.x));
    let curve = curve.expect("bends have the dimension of the ends");
    let Counts { values, gradients, products } = oracle.counts();
    let nodes = loss.nodes() as u64;
    let counts = Counts { values: nodes * values, gradients: nodes * gradients, products };
    Ok(Made { curve, band: None, counts, stop })
}

/// Relaxes a band, cycle by cycle.
fn relaxed<T: Scalar>(
    place: &Place<'_, '_, '_, T>,
    straight: Band<T>,
    options: &BandOptions,
) -> Result<Made<T>, Error> {
    let (mut band, mut counts) = match read::<T, (usize, Going<T>)>(place, GOING)? {
        Some((index, Going::Band(band, counts))) if index == place.index => (band, counts),
        _ => (straight, Counts::default()),
    };
    let mut stop = None;
    while !band.is_done(options) {
        let watch = |more| place.moved(sum(counts, more));
        let oracle =
            Oracle::new(place.desk.oracle.objective()).with_cancel(interrupt::flag()).with_watch(&watch);
        match band.advance(&oracle, options)? {
            Ok(()) => {}
            Err(Stop::Cancelled) => return Err(Error::Interrupted(None)),
            Err(other) => {
                stop = Some(other);
                break;
            }
        }
        let more = oracle.counts();
        counts = sum(counts, more);
        write(place, GOING, &(place.index, Going::Band(band.clone(), counts)))?;
    }
    Ok(Made { curve: band.curve(), band: Some(band), counts, stop })
}

/// The part that holds the path in progress, with its number.
const GOING: &str = "going";

impl<T: Scalar> Place<'_, '_, '_, T> {
    fn moved(&self, counts: Counts) {
        self.desk.moved(sum(self.spent, counts));
    }
}

/// Both together.
pub fn sum(a: Counts, b: Counts) -> Counts {
    Counts {
        values: a.values + b.values,
        gradients: a.gradients + b.gradients,
        products: a.products + b.products,
    }
}

fn read<T: Scalar, V: DeserializeOwned>(
    place: &Place<'_, '_, '_, T>,
    part: &str,
) -> Result<Option<V>, Error> {
    let Some(bytes) = place.desk.part(part)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| place.desk.unreadable(part, error))
}

fn write<T: Scalar, V: Serialize>(place: &Place<'_, '_, '_, T>, part: &str, value: &V) -> Result<(), Error> {
    let text = serde_json::to_vec(value).map_err(|error| place.desk.unreadable(part, error))?;
    place.desk.save_part(part, &text)
}

/// √(‖a − b‖² / n).
fn root_mean_square<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    let square: f64 = a.iter().zip(b).map(|(a, b)| (a.wide() - b.wide()).powi(2)).sum();
    (square / a.len().max(1) as f64).sqrt()
}
