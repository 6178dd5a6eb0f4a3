//! What would have happened otherwise.

use serde::{Deserialize, Serialize};

use super::evidence::Place;
use super::{Lines, Obstacle};
use crate::krylov::{self, ExtremalOptions};
use crate::optim::{Limits, OptimizerSpec, Point, State, Trainer, begin, follow, minimize, reach};
use crate::race::trial::{Snapshot, Standing, measured, plan, seeded};
use crate::race::{Conditions, Course, Finished};
use crate::{Budget, Curvature, Oracle, Scalar, Stop};

/// A change that an obstacle calls for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Go along the eigenvector of λ_min, downhill, as far as f falls; then on as before.
    Escape,
    /// A tenth of the learning rate.
    ShorterStep,
    /// Ten times the learning rate.
    LongerStep,
    /// Eight times the batch, at the same cost.
    LargerBatch,
    /// A method that rescales by curvature, from the same point.
    Precondition {
        /// Which.
        optimizer: OptimizerSpec,
    },
    /// The same method begun anew at this point, without what it remembers.
    Restart,
}

/// A remedy, tried from the last point of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counterfactual {
    /// What was changed.
    pub remedy: Remedy,
    /// What either way could spend, in gradients of the whole objective.
    pub cost: f64,
    /// f where both begin.
    #[serde(with = "crate::exact::one")]
    pub from: f64,
    /// f after the run's own continuation.
    #[serde(with = "crate::exact::one")]
    pub unchanged: f64,
    /// f with the change.
    #[serde(with = "crate::exact::one")]
    pub changed: f64,
}

impl Counterfactual {
    /// How much lower f is with the change than without it; −∞ if the change blew up.
    pub fn gain(&self) -> f64 {
        match (self.unchanged.is_finite(), self.changed.is_finite()) {
            (true, true) => self.unchanged - self.changed,
            (false, true) => self.from - self.changed,
            _ => f64::NEG_INFINITY,
        }
    }

    /// Whether the change proves the obstacle: with it f falls at least twice as far from
    /// this point as without it, and measurably.
    pub fn proves(&self) -> bool {
        let fall = (self.from - self.unchanged).max(0.0);
        let fall = if fall.is_finite() { fall } else { 0.0 };
        let measurable = 1e-12 * self.from.abs().max(f64::MIN_POSITIVE);
        self.changed.is_finite() && self.from - self.changed >= (2.0 * fall).max(measurable)
    }
}

/// Tries what the obstacle calls for, beside the run's own continuation.
pub(super) fn tried<T: Scalar>(
    course: &Course<'_, T>,
    spec: &OptimizerSpec,
    finished: &Finished<T>,
    snapshot: &Snapshot<T>,
    obstacle: Obstacle,
    conditions: &Conditions,
    lines: &Lines,
) -> Result<Option<Counterfactual>, Stop> {
    let Some(remedy) = remedy(spec, obstacle) else { return Ok(None) };
    let trip = Trip {
        course,
        seed: finished.trial.seed,
        conditions,
        cost: (lines.share * conditions.budget).max(20.0),
    };
    let Place { x, .. } = snapshot.place();
    let from = measured(&Oracle::new(course.objective), x);
    let rate = |factor: f64| spec.learning_rate().map(|rate| spec.clone().with_learning_rate(factor * rate));
    let batch = conditions.trains_on(course, spec);
    let mut cost = trip.cost;
    let changed = match &remedy {
        Remedy::Escape => {
            let (changed, spent) = trip.escape(spec, x)?;
            cost += spent;
            changed
        }
        Remedy::ShorterStep | Remedy::LongerStep => {
            let factor = if remedy == Remedy::ShorterStep { 0.1 } else { 10.0 };
            let Some(spec) = rate(factor) else { return Ok(None) };
            trip.go_on(&spec, &snapshot.standing, batch)
        }
        Remedy::LargerBatch => {
            let examples = course.objective.finite_sum().map_or(1, |sum| sum.examples());
            trip.go_on(spec, &snapshot.standing, batch.map(|batch| (8 * batch).min(examples)))
        }
        Remedy::Precondition { optimizer } => trip.begin(optimizer, x.to_vec()),
        Remedy::Restart => trip.begin(spec, x.to_vec()),
    };
    // The run itself may spend as much as the change did.
    let unchanged = Trip { cost, ..trip }.go_on(spec, &snapshot.standing, batch);
    Ok(Some(Counterfactual { remedy, cost, from, unchanged, changed }))
}

fn remedy(spec: &OptimizerSpec, obstacle: Obstacle) -> Option<Remedy> {
    let rated = spec.learning_rate().is_some();
    match obstacle {
        Obstacle::None | Obstacle::Arrived => None,
        Obstacle::Saddle => Some(Remedy::Escape),
        Obstacle::StepTooLarge => rated.then_some(Remedy::ShorterStep),
        Obstacle::Plateau => rated.then_some(Remedy::LongerStep),
        Obstacle::NoiseFloor => Some(Remedy::LargerBatch),
        Obstacle::LineSearchFailure | Obstacle::BadCurvaturePairs => Some(Remedy::Restart),
        Obstacle::IllConditioning => Some(Remedy::Precondition { optimizer: preconditioned(spec) }),
    }
}

/// L-BFGS, and Newton-CG for L-BFGS itself.
fn preconditioned(spec: &OptimizerSpec) -> OptimizerSpec {
    let name = if spec.name() == "lbfgs" { "newton-cg" } else { "lbfgs" };
    name.parse().expect("the registry has both")
}

/// A short continuation.
struct Trip<'t, 'c, T: Scalar> {
    course: &'t Course<'c, T>,
    seed: u64,
    conditions: &'t Conditions,
    cost: f64,
}

impl<T: Scalar> Trip<'_, '_, T> {
    fn oracle(&self, cost: f64) -> Oracle<'_, T> {
        let budget = Budget { cost: Some(cost), ..Budget::default() };
        Oracle::new(self.course.objective).with_budget(budget).with_weights(self.conditions.weights)
    }

    /// f at the answer after going on from where a run stands.
    fn go_on(&self, spec: &OptimizerSpec, standing: &Standing<T>, batch: Option<usize>) -> f64 {
        match (standing, batch) {
            (Standing::Minimizing(state), _) => self.minimize(spec, Some(state.clone()), &[]),
            (Standing::Training(run), Some(batch)) => {
                self.train(spec, batch, |trainer| trainer.accept(run).is_ok().then(|| run.clone()))
            }
            (Standing::Training(run), None) => self.minimize(spec, None, &run.x),
        }
    }

    /// f at the answer after a fresh run from x.
    fn begin(&self, spec: &OptimizerSpec, x: Vec<T>) -> f64 {
        match self.conditions.trains_on(self.course, spec) {
            Some(batch) => self.train(spec, batch, |trainer| trainer.begin(x).ok()),
            None => self.minimize(spec, None, &x),
        }
    }

    fn minimize(&self, spec: &OptimizerSpec, state: Option<State<T>>, x: &[T]) -> f64 {
        let spec = seeded(spec, self.seed);
        let iteration = spec
            .build::<T>(self.course.objective.layout())
            .into_iteration(spec.learning_rate().unwrap_or(f64::NAN));
        let oracle = self.oracle(self.cost);
        let Some(mut state) = state.or_else(|| begin(&oracle, &*iteration, x.to_vec()).ok()) else {
            return f64::NAN;
        };
        let limits = Limits {
            gradient_absolute: self.conditions.gradient,
            iterations: u64::MAX,
            blow_up: f64::INFINITY,
            ..Limits::default()
        };
        minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ());
        self.value(iteration.answer(&state.memory, &state.point.x))
    }

    fn train(
        &self,
        spec: &OptimizerSpec,
        batch: usize,
        run: impl FnOnce(&Trainer<'_, '_, T>) -> Option<crate::optim::Run<T>>,
    ) -> f64 {
        let examples = self.course.objective.finite_sum().map_or(1, |sum| sum.examples());
        let steps = |cost: f64| (cost * examples as f64 / batch as f64).ceil() as u64;
        // Long enough to hold the steps before this one, whatever their batches were.
        let whole = steps(self.conditions.budget + self.cost) + u64::from(u32::MAX);
        let oracle = self.oracle(self.cost);
        let spec = seeded(spec, self.seed);
        let training = plan(&spec, batch, whole, self.seed, self.conditions);
        let Ok(mut trainer) = Trainer::new(training, &oracle) else { return f64::NAN };
        let Some(mut run) = run(&trainer) else { return f64::NAN };
        let until = run.step + steps(self.cost);
        // It ends by its budget at the latest.
        let _ = trainer.advance(&mut run, until, &mut |_, _| Ok(()));
        self.value(trainer.answer(&run))
    }

    /// Along the eigenvector of λ_min, both ways, then on from there for the trip's cost; with what the
    /// way there cost. NaN where there is no such way.
    fn escape(&self, spec: &OptimizerSpec, x: &[T]) -> Result<(f64, f64), Stop> {
        let oracle = self.oracle(f64::INFINITY);
        let mut at = Point { x: x.to_vec(), value: 0.0, gradient: vec![T::zero(); x.len()] };
        at.value = oracle.trial(x, &mut at.gradient)?;
        let options = ExtremalOptions {
            tolerance: 1e-3,
            max_products: 200,
            confirm: false,
            block: 4,
            top: 0,
            ..Default::default()
        };
        let pair = match oracle.linearize(x, Curvature::Hessian) {
            Ok(mut hessian) => krylov::extremal_eigenpairs(&mut hessian, &options)?.bottom.into_iter().next(),
            Err(_) => None,
        };
        let mut next = at.clone();
        let left = match &pair {
            Some(pair) => follow(&oracle, &at, &pair.vector, pair.value.min(0.0), reach(x), &mut next)?,
            None => None,
        };
        let changed = match left {
            Some(_) => self.begin(spec, next.x),
            None => f64::NAN,
        };
        Ok((changed, oracle.cost()))
    }

    fn value(&self, x: &[T]) -> f64 {
        measured(&Oracle::new(self.course.objective), x)
    }
}
