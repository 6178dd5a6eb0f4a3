//! Newton's method with minimum residuals inside.

use super::lowest::{GRADIENT, TOLERANCE, downhill};
use super::noisy::sphere;
use crate::krylov::{SolveOptions, SolveOutcome, minres};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::smooth::newton_cg::PRODUCTS;
use crate::optim::smooth::trial::track;
use crate::random::Stream;
use crate::vector::{dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// The share of the first-order fall that f must make good.
const SHARE: f64 = 1e-4;

/// Steps from minimizing ‖∇²f(x) s + ∇f(x)‖ by MINRES, which tells by itself where curvature is not
/// positive.
///
/// MINRES ends with a solution s where ‖Hr‖ ≤ η‖Hs‖, r its residual, or at the first residual with rᵀHr
/// ≤ 0. A solution is followed by halving from 1 (Armijo); such a residual, which is a direction of
/// descent, by halving or, where 1 will do, doubling. Where ‖∇f‖ ≤ ε_g, MINRES on (H + ε_H I) s = −ξ
/// with a random unit vector ξ looks for curvature below −ε_H in the same way, and its direction is
/// followed to a fall of ½ t² ε_H/2, t the distance; with none the point is of second order, with high
/// probability.
///
/// Near a minimum with a singular Hessian the least-squares solution is still defined. Cost: products
/// of MINRES, a gradient and values for the step length. Source: Roosta, Liu, Xu & Mahoney (2018) for
/// Newton-MR; Liu & Roosta, *A Newton-MR algorithm with complexity guarantees for nonconvex smooth
/// unconstrained optimization* (2022).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewtonMr {
    /// η.
    pub inexactness: f64,
    /// Products a solution may take.
    pub products: u64,
    /// ε_g.
    pub gradient: f64,
    /// ε_H.
    pub curvature: f64,
    /// Seed of ξ.
    pub seed: u64,
}

impl<T: Scalar> Iteration<T> for NewtonMr {
    fn name(&self) -> &'static str {
        "newton-mr"
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        let search = memory.step;
        memory.step += 1;
        if norm(&at.gradient) <= self.gradient
            && let Some((direction, curvature)) = self.negative(oracle, &at.x, search)?
        {
            let fall = |t: f64| 0.25 * t * t * curvature.abs();
            let step = downhill(&direction, 1.0, &at.gradient);
            if let Some(length) = track(oracle, at, &step, fall, true, next)? {
                return Ok(Some(length));
            }
        }
        let minus: Vec<T> = at.gradient.iter().map(|&g| -g).collect();
        let options = SolveOptions {
            tolerance: 8.0 * T::epsilon().wide(),
            max_products: self.products,
            stop_at_nonpositive_curvature: true,
            inexactness: self.inexactness,
            ..SolveOptions::default()
        };
        let found = minres(&mut oracle.linearize(&at.x, Curvature::Hessian)?, &minus, &options)?;
        let (direction, forward) = match found.outcome {
            SolveOutcome::NonpositiveCurvature { direction, .. } => (direction, true),
            _ => (found.x, false),
        };
        let slope = dot(&at.gradient, &direction);
        if slope >= 0.0 {
            return Ok(None);
        }
        let fall = |t: f64| -SHARE * t * slope;
        let length = track(oracle, at, &direction, fall, forward, next)?;
        Ok(length.map(|length| length * norm(&direction)))
    }

    fn settled(&self, oracle: &Oracle<'_, T>, memory: &Memory<T>, at: &Point<T>) -> Result<bool, Stop> {
        Ok(self.negative(oracle, &at.x, memory.step)?.is_none())
    }
}

impl NewtonMr {
    /// A unit vector with curvature at most −ε_H, raised to rounding's, and that curvature.
    fn negative<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        x: &[T],
        index: u64,
    ) -> Result<Option<(Vec<T>, f64)>, Stop> {
        let start: Vec<T> = sphere(&mut Stream::new(self.seed, "newton-mr", index), 1.0, x.len());
        let options = SolveOptions {
            shift: self.curvature,
            tolerance: 8.0 * T::epsilon().wide(),
            max_products: self.products,
            stop_at_nonpositive_curvature: true,
            ..SolveOptions::default()
        };
        let mut hessian = oracle.linearize(x, Curvature::Hessian)?;
        let found = minres(&mut hessian, &start, &options)?;
        let SolveOutcome::NonpositiveCurvature { direction, .. } = found.outcome else { return Ok(None) };
        let length = norm(&direction);
        let unit: Vec<T> = direction.iter().map(|d| T::of(d.wide() / length)).collect();
        let mut product = unit.clone();
        crate::krylov::SymmetricOperator::apply(&mut hessian, &unit, &mut product)?;
        let curvature = dot(&unit, &product);
        // The residual is from a recurrence: its curvature counts if a product confirms it.
        let rounding = 32.0 * T::epsilon().wide() * norm(&product);
        Ok((curvature < -rounding && curvature <= -0.5 * self.curvature).then_some((unit, curvature)))
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter::positive("inexactness", 1e-2, "accuracy of the least-squares solution, η"),
    PRODUCTS,
    GRADIENT,
    TOLERANCE,
    Parameter::seed(),
];

pub(in crate::optim) const fn newton_mr<T: Scalar>() -> Entry<T> {
    Entry {
        name: "newton-mr",
        summary: "least-squares Newton steps by MINRES, which finds negative curvature",
        source: "Roosta, Liu, Xu & Mahoney 2018; Liu & Roosta 2022",
        family: Family::SaddleAware,
        cost: "products of MINRES, a gradient, a value a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            Optimizer::Iteration(Box::new(NewtonMr {
                inexactness: values[0],
                products: values[1] as u64,
                gradient: values[2],
                curvature: values[3],
                seed: values[4] as u64,
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, begin, minimize};
    use crate::samples;

    const RULE: NewtonMr =
        NewtonMr { inexactness: 1e-2, products: 1000, gradient: 1e-5, curvature: 1e-6, seed: 0 };

    #[test]
    fn rosenbrock_is_solved() {
        let f = samples::rosenbrock(10);
        let oracle = Oracle::new(&f);
        let start: Vec<f64> = (0..10).map(|i| if i % 2 == 0 { -1.2 } else { 1.0 }).collect();
        let mut state = begin(&oracle, &RULE, start).unwrap();
        let outcome = minimize(&oracle, &RULE, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!(outcome.iterations < 200, "{}", outcome.iterations);
    }

    #[test]
    fn searches_for_negative_curvature_are_certificates() {
        for (lowest, expected) in [(-0.5, true), (-1e-3, true), (0.01, false)] {
            let mut spectrum: Vec<f64> = (0..100).map(|i| 0.1 + f64::from(i) / 50.0).collect();
            spectrum[40] = lowest;
            let f = samples::quadratic(&spectrum);
            let found = RULE.negative(&Oracle::new(&f), &vec![0.0f64; 100], 0).unwrap();
            assert_eq!(found.is_some(), expected, "{lowest}");
            if let Some((v, curvature)) = found {
                let mut product = vec![0.0; 100];
                Oracle::new(&f).value_grad(&v, &mut product).unwrap();
                assert!((dot(&v, &product) - curvature).abs() < 1e-10 && curvature <= -1e-6);
            }
        }
    }

    #[test]
    fn the_saddle_is_left() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &RULE, vec![1.0f64, 0.0]).unwrap();
        let outcome = minimize(&oracle, &RULE, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
        assert!((state.point.value + 1.0).abs() < 1e-12);
    }
}
