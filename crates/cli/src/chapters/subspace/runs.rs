//! Runs of an optimizer within subspaces.

use serde::{Deserialize, Serialize};
use thalweg_lab::race::{Conditions, Course, RaceError, Trial, Watch, run};
use thalweg_lab::random::Stream;
use thalweg_lab::subspace::{Projection, ProjectionKind, Restriction, foot};
use thalweg_lab::{Counts, Objective, Scalar};

use crate::config::{Centre, PointConfig, RunsPlan, SubjectConfig};
use crate::error::Error;
use crate::interrupt;
use crate::session::Desk;
use crate::side_by_side;
use crate::subject::{Problem, Subject};

/// Points of a run at which its performance is measured, about.
const MARKS: usize = 16;
/// Bytes that a dense projection may take, for each run; beyond that it is drawn anew for each product.
const KEPT: usize = 128 << 20;

/// The initial points of seeds.
pub struct Starts<'s, T: Scalar> {
    pub subject: &'s Subject<T>,
    pub config: &'s SubjectConfig,
    pub point: &'s PointConfig,
}

impl<T: Scalar> Starts<'_, T> {
    /// The initial point of a seed: the same for all where it was given or is a function's.
    pub fn at(&self, seed: u64) -> Vec<T> {
        match (&self.subject.problem, self.config, self.point) {
            (Problem::Network(network), SubjectConfig::Network(known), PointConfig::Initial) => {
                known.initialization.draw(network.model(), seed)
            }
            _ => self.subject.start.clone(),
        }
    }

    /// The direction from the origin in which a plane of that seed lies.
    fn outward(&self, seed: u64, centre: Centre) -> Vec<T> {
        match (&self.subject.problem, centre) {
            (Problem::Network(_), Centre::Origin) => self.at(seed),
            _ => {
                let mut direction = vec![T::zero(); self.subject.start.len()];
                Stream::new(seed, "cut direction", 0).fill_normal(&mut direction);
                direction
            }
        }
    }
}

/// Where a run takes place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// In the whole space.
    Whole,
    /// In a subspace of d dimensions through the initial point.
    Through(usize),
    /// In a plane of d dimensions at a distance.
    Cut { dimension: usize, radius: f64, centre: Centre },
}

/// One run.
#[derive(Clone, Debug)]
pub struct Job {
    pub name: String,
    pub place: Place,
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    pub trial: Trial,
    /// The largest accuracy along the way, by its bits; `None` where there is none.
    accuracy: Option<u64>,
    /// The value where the run began, by its bits.
    began: u64,
}

impl Made {
    pub fn accuracy(&self) -> Option<f64> {
        self.accuracy.map(f64::from_bits)
    }

    /// The value where the run began.
    pub fn began(&self) -> f64 {
        f64::from_bits(self.began)
    }

    /// The least value along the way.
    pub fn loss(&self) -> f64 {
        self.trial.best
    }
}

/// What all runs of a chapter took so far.
#[derive(Default)]
pub struct Spent {
    pub counts: Counts,
    /// In gradients of the whole objective.
    cost: f64,
}

/// What projections take together.
pub fn kept_bytes(plan: &RunsPlan, rows: usize, columns: usize, scalar: usize, threads: usize) -> usize {
    match plan.projection {
        ProjectionKind::Dense => rows.saturating_mul(columns).saturating_mul(scalar).min(KEPT) * threads,
        // Indices of √D entries a column; 21 bytes a row.
        ProjectionKind::Sparse => 4 * (rows as f64).sqrt() as usize * columns * threads,
        ProjectionKind::Fastfood => 21 * rows * threads,
    }
}

/// Makes runs on all threads.
pub fn perform<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &RunsPlan,
    starts: &Starts<'_, T>,
    jobs: &[Job],
    spent: &mut Spent,
) -> Result<Vec<Made>, Error> {
    let mut note = |made: &Made| {
        spent.counts.values += made.trial.counts.values;
        spent.counts.gradients += made.trial.counts.gradients;
        spent.counts.products += made.trial.counts.products;
        spent.cost += made.trial.cost;
        desk.moved(Counts { gradients: spent.cost as u64, ..Counts::default() });
    };
    let work = |job: &Job| make(plan, starts, job);
    side_by_side::make(desk, jobs, desk.threads, &|_, job: &Job| job.name.clone(), &work, &mut note)
}

fn make<T: Scalar>(plan: &RunsPlan, starts: &Starts<'_, T>, job: &Job) -> Result<Made, Error> {
    let objective = starts.subject.problem.objective();
    let start = starts.at(job.seed);
    let projection = |d: usize| Projection::new(plan.projection, start.len(), d, job.seed, KEPT);
    match job.place {
        Place::Whole => follow(plan, starts, job, objective, start, &|x| x.to_vec()),
        Place::Through(d) => {
            let cut = Restriction::new(objective, start.clone(), projection(d));
            follow(plan, starts, job, &cut, vec![T::zero(); d], &|z| cut.lift(z))
        }
        Place::Cut { dimension, radius, centre } => {
            let projection = projection(dimension);
            let middle = match centre {
                Centre::Origin => vec![T::zero(); start.len()],
                Centre::Start => start.clone(),
            };
            let place = foot(&projection, &middle, &starts.outward(job.seed, centre), radius)?;
            let cut = Restriction::new(objective, place, projection);
            follow(plan, starts, job, &cut, vec![T::zero(); dimension], &|z| cut.lift(z))
        }
    }
}

/// Runs the optimizer and measures along the way.
fn follow<T: Scalar>(
    plan: &RunsPlan,
    starts: &Starts<'_, T>,
    job: &Job,
    objective: &dyn Objective<T>,
    start: Vec<T>,
    lift: &dyn Fn(&[T]) -> Vec<T>,
) -> Result<Made, Error> {
    let course = Course { name: "the subspace", objective };
    let conditions = Conditions {
        gradient: plan.tolerance,
        batch: plan.batch,
        schedule: plan.schedule,
        marks: MARKS,
        ..Conditions::new(plan.gradients)
    };
    let began = objective.value(&start);
    let finished =
        run(&course, &plan.optimizer, job.seed, start, &conditions, &Watch::timeless(interrupt::flag()));
    let finished = finished.map_err(|error| match error {
        RaceError::Cancelled => Error::Interrupted(None),
        error => Error::Race(error),
    })?;
    let judge: &dyn Objective<T> = match &starts.subject.test {
        Some(test) => test.objective(),
        None => starts.subject.problem.objective(),
    };
    let mut accuracy: Option<f64> = None;
    if !matches!(starts.subject.problem, Problem::Function(_)) {
        for z in &finished.path {
            // Where a run blew up there is nothing to be measured.
            if z.iter().all(|v| v.is_finite())
                && let Some(found) = judge.terms(&lift(z)).accuracy
            {
                accuracy = Some(accuracy.map_or(found, |best| best.max(found)));
            }
        }
    }
    Ok(Made { trial: finished.trial, accuracy: accuracy.map(f64::to_bits), began: began.to_bits() })
}
