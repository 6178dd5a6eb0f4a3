//! The objective as the crate asks for it, with a record of what was found.

use std::cell::RefCell;
use std::fmt;

use basin::{ConstraintSolveError, CostFunction, Gradient, HessianProduct};

use crate::krylov::SymmetricOperator;
use crate::optim::minimize::{Ending, Limits, Standing};
use crate::vector::norm;
use crate::{Counted, Curvature, Oracle, Scalar, Stop};

/// What makes a method end in the middle.
#[derive(Clone, Debug)]
pub(super) enum Halt {
    /// The oracle stopped.
    Stop(Stop),
    /// A limit was reached.
    Ended(Ending),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Halt::Stop(stop)
    }
}

impl From<ConstraintSolveError<Halt>> for Halt {
    fn from(error: ConstraintSolveError<Halt>) -> Self {
        match error {
            ConstraintSolveError::Evaluation(halt) => halt,
            other => Halt::Ended(Ending::Content { test: other.to_string() }),
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Halt::Stop(stop) => stop.fmt(f),
            Halt::Ended(ending) => ending.fmt(f),
        }
    }
}

/// The lowest point so far.
#[derive(Clone, Debug)]
pub(super) struct Best<T> {
    pub x: Vec<T>,
    pub value: f64,
    /// NaN if its gradient was not asked for.
    pub gradient_norm: f64,
}

/// What the evaluations of one run found.
pub(super) struct Record<'r, T: Scalar>(RefCell<Found<'r, T>>);

struct Found<'r, T: Scalar> {
    best: Option<Best<T>>,
    evaluations: u64,
    /// The norm of the first gradient.
    first: Option<f64>,
    limits: &'r Limits,
    observe: &'r mut dyn FnMut(&[T], f64),
}

impl<'r, T: Scalar> Record<'r, T> {
    pub fn new(limits: &'r Limits, observe: &'r mut dyn FnMut(&[T], f64)) -> Self {
        Self(RefCell::new(Found { best: None, evaluations: 0, first: None, limits, observe }))
    }

    /// The lowest point, and how many points were evaluated.
    pub fn finish(self) -> (Option<Best<T>>, u64) {
        let found = self.0.into_inner();
        (found.best, found.evaluations)
    }

    /// Takes an evaluation in, and halts if it reaches a limit.
    fn note(&self, x: Vec<T>, value: f64, gradient: Option<&[T]>) -> Result<(), Halt> {
        let found = &mut *self.0.borrow_mut();
        found.evaluations += 1;
        let gradient_norm = gradient.map_or(f64::NAN, norm);
        let lower = found.best.as_ref().is_none_or(|best| value < best.value);
        // The gradient of the lowest point may be asked for after its value.
        let known = found.best.as_ref().is_some_and(|best| value == best.value && best.x == x);
        if !value.is_finite() || !(lower || (known && gradient.is_some())) {
            return Ok(());
        }
        if lower {
            (found.observe)(&x, value);
        }
        if gradient.is_some() {
            found.first.get_or_insert(gradient_norm);
        }
        let standing = Standing {
            x: &x,
            value,
            gradient_norm,
            start_gradient_norm: found.first.unwrap_or(f64::NAN),
            change: None,
        };
        let ending = found.limits.converged(&standing);
        found.best = Some(Best { x, value, gradient_norm });
        ending.map_or(Ok(()), |ending| Err(Halt::Ended(ending)))
    }
}

/// The objective: each evaluation is the oracle's, in its precision.
pub(super) struct Evaluations<'e, 'r, 'a, T: Scalar> {
    oracle: &'e Oracle<'a, T>,
    record: &'e Record<'r, T>,
    /// The curvature at the last point where a product was asked for.
    operator: RefCell<Option<(Vec<T>, Counted<'e, 'a, T>)>>,
}

impl<'e, 'r, 'a, T: Scalar> Evaluations<'e, 'r, 'a, T> {
    pub fn new(oracle: &'e Oracle<'a, T>, record: &'e Record<'r, T>) -> Self {
        Self { oracle, record, operator: RefCell::new(None) }
    }
}

fn narrow<T: Scalar>(x: &[f64]) -> Vec<T> {
    x.iter().map(|&x| T::of(x)).collect()
}

fn widen<T: Scalar>(x: &[T]) -> Vec<f64> {
    x.iter().map(|x| x.wide()).collect()
}

/// The crate's methods retreat from ∞; NaN they do not expect.
fn comparable(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::INFINITY }
}

impl<T: Scalar> CostFunction for Evaluations<'_, '_, '_, T> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Halt;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Halt> {
        let x = narrow(x);
        let mut value = [0.0];
        self.oracle.values(&x, &mut value)?;
        self.record.note(x, value[0], None)?;
        Ok(comparable(value[0]))
    }
}

impl<T: Scalar> Gradient for Evaluations<'_, '_, '_, T> {
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Halt> {
        Ok(self.cost_and_gradient(x)?.1)
    }

    fn cost_and_gradient(&self, x: &Vec<f64>) -> Result<(f64, Vec<f64>), Halt> {
        let x = narrow(x);
        let mut gradient = vec![T::zero(); x.len()];
        let value = self.oracle.trial(&x, &mut gradient)?;
        self.record.note(x, value, Some(&gradient))?;
        Ok((comparable(value), widen(&gradient)))
    }
}

impl<T: Scalar> HessianProduct for Evaluations<'_, '_, '_, T> {
    fn hessian_product(&self, x: &Vec<f64>, v: &Vec<f64>) -> Result<Vec<f64>, Halt> {
        let x: Vec<T> = narrow(x);
        let mut kept = self.operator.borrow_mut();
        if kept.as_ref().is_none_or(|(at, _)| *at != x) {
            let operator = self.oracle.linearize(&x, Curvature::Hessian).map_err(Stop::from)?;
            *kept = Some((x, operator));
        }
        let mut product = vec![T::zero(); v.len()];
        if let Some((_, operator)) = &mut *kept {
            operator.apply(&narrow(v), &mut product)?;
        }
        Ok(widen(&product))
    }
}
