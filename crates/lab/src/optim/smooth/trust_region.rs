//! Trust-region methods.

use std::sync::Arc;

use super::more_sorensen::minimize_in_ball;
use super::newton_cg::{PRODUCTS, forcing};
use super::trial::{attempt, rounded, whole, widened};
use crate::krylov::{self, Dense, Keep, SymmetricOperator, Workers};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::saddle::lowest::TOLERANCE;
use crate::vector::norm;
use crate::{Curvature, Oracle, Scalar, Stop};

/// How much of the largest decrease an exact step may fall short: Moré & Sorensen's σ₁.
const SIGMA: f64 = 0.1;

/// A trust region: s minimizes the quadratic model gᵀs + ½ sᵀHs over ‖s‖ ≤ Δ.
///
/// With ϱ the ratio of the fall of f to that of the model, s is taken if ϱ > 10⁻⁴ (η in Nocedal &
/// Wright), Δ ← min(2Δ, longest) if ϱ > ¾ and s is on the sphere, Δ ← ½‖s‖ if ϱ < ¼ (there ¼Δ). A step
/// that is not taken is made anew from the same Hessian, of which up to 32 products are kept for that:
/// conjugate gradients go the same way to a nearer sphere.
///
/// Source: Nocedal & Wright, *Numerical Optimization* (2006), Algorithm 4.1; with [`Model::Cg`]
/// Algorithm 7.2 (Steihaug 1983, Toint 1981); with [`Model::Exact`] Moré & Sorensen (1983), whose steps
/// leave saddles, since in the hard case they go along the leftmost eigenvector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrustRegion {
    /// How the model is minimized.
    pub model: Model,
    /// The first Δ.
    pub radius: f64,
    /// The largest Δ.
    pub longest: f64,
}

/// How a trust region's model is minimized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// By conjugate gradients, to a residual of min(½, √‖g‖)‖g‖ or to the sphere.
    Cg {
        /// Products a trial at most.
        products: u64,
    },
    /// Exactly: n products a step and a few Cholesky factorizations a trial. Goes on at a small
    /// gradient while the leftmost eigenvalue is below −`curvature`.
    Exact {
        /// The negative curvature that counts as none.
        curvature: f64,
    },
}

impl<T: Scalar> Iteration<T> for TrustRegion {
    fn name(&self) -> &'static str {
        "trust-region"
    }

    /// Δ.
    fn init(&self, _: usize) -> Memory<T> {
        Memory { scalars: vec![self.radius.min(self.longest)], ..Memory::zeros(0, 0) }
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        memory.step += 1;
        let mut radius = memory.scalars[0];
        let mut hessian = match self.model {
            Model::Cg { products } => {
                let operator = oracle.linearize(&at.x, Curvature::Hessian)?;
                Hessian::Products(Kept { operator, products: Vec::new(), asked: 0 }, products)
            }
            Model::Exact { .. } => Hessian::Whole(whole(oracle, &at.x, Curvature::Hessian)?),
        };
        loop {
            let (step, decrease, on_boundary) = hessian.step(&at.gradient, radius)?;
            let Some(ratio) = attempt(oracle, at, &step, decrease, next)? else { return Ok(None) };
            let length = norm(&step);
            if ratio < 0.25 {
                radius = 0.5 * length;
            } else if ratio > 0.75 && on_boundary {
                radius = (2.0 * radius).min(self.longest);
            }
            if ratio > 1e-4 {
                memory.scalars[0] = radius;
                return Ok(Some(length));
            }
        }
    }

    fn settled(&self, oracle: &Oracle<'_, T>, _: &Memory<T>, at: &Point<T>) -> Result<bool, Stop> {
        let Model::Exact { curvature } = self.model else { return Ok(true) };
        let values = whole(oracle, &at.x, Curvature::Hessian)?.eigenvalues();
        let size = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let least = curvature.max(32.0 * T::epsilon().wide() * size);
        Ok(values.first().is_none_or(|&lowest| lowest >= -least))
    }
}

enum Hessian<O, T> {
    Products(Kept<O, T>, u64),
    Whole(Dense),
}

impl<T: Scalar, O: SymmetricOperator<T>> Hessian<O, T> {
    /// A step, the fall of the model, and whether it is on the sphere.
    fn step(&mut self, gradient: &[T], radius: f64) -> Result<(Vec<T>, f64, bool), Stop> {
        match self {
            Hessian::Products(operator, products) => {
                let tolerance = forcing(norm(gradient));
                operator.asked = 0;
                let found = krylov::steihaug_toint(operator, gradient, radius, tolerance, *products)?;
                Ok((found.step, found.decrease, found.on_boundary))
            }
            Hessian::Whole(matrix) => {
                let g = widened(gradient);
                let found = minimize_in_ball(&matrix.entries, g.len(), &g, radius, SIGMA);
                Ok((rounded(&found.step), found.decrease, found.on_boundary))
            }
        }
    }
}

/// Products that a [`Kept`] operator keeps.
const KEPT: usize = 32;

/// An operator that is asked for the same products again after `asked` is set to 0, and repeats those it kept.
struct Kept<O, T> {
    operator: O,
    /// The first products, one after another.
    products: Vec<T>,
    /// How many were asked for.
    asked: usize,
}

impl<T: Scalar, O: SymmetricOperator<T>> SymmetricOperator<T> for Kept<O, T> {
    fn dimension(&self) -> usize {
        self.operator.dimension()
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let start = self.asked * vectors.len();
        self.asked += 1;
        if let Some(kept) = self.products.get(start..start + vectors.len()) {
            products.copy_from_slice(kept);
            return Ok(());
        }
        self.operator.apply(vectors, products)?;
        if self.asked <= KEPT {
            self.products.extend_from_slice(products);
        }
        Ok(())
    }

    fn keep(&self) -> Keep<'_> {
        self.operator.keep()
    }

    fn workers(&self) -> Arc<dyn Workers> {
        self.operator.workers()
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter::choice("model", &["cg", "exact"], "how the model is minimized"),
    Parameter::positive("radius", 1.0, "first radius, Δ"),
    Parameter::positive("longest", 1000.0, "largest radius"),
    PRODUCTS,
    TOLERANCE,
];

pub(in crate::optim) const fn trust_region<T: Scalar>() -> Entry<T> {
    Entry {
        name: "trust-region",
        summary: "Newton steps in a trust region, by truncated conjugate gradients or exactly",
        source: "Steihaug 1983; Moré & Sorensen 1983; Nocedal & Wright 2006, Algorithm 4.1",
        family: Family::Newton,
        cost: "products of conjugate gradients (exact: n), a gradient a trial",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            let model = if values[0] == 0.0 {
                Model::Cg { products: values[3] as u64 }
            } else {
                Model::Exact { curvature: values[4] }
            };
            Optimizer::Iteration(Box::new(TrustRegion { model, radius: values[1], longest: values[2] }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Limits, Outcome, begin, minimize};
    use crate::samples;

    const EXACT: TrustRegion =
        TrustRegion { model: Model::Exact { curvature: 1e-6 }, radius: 1.0, longest: 1000.0 };
    const CG: TrustRegion = TrustRegion { model: Model::Cg { products: 1000 }, ..EXACT };

    fn run(f: &samples::Function, x: &[f64], rule: TrustRegion, limits: Limits) -> (Vec<f64>, Outcome) {
        let oracle = Oracle::new(f);
        let mut state = begin(&oracle, &rule, x.to_vec()).unwrap();
        let outcome = minimize(&oracle, &rule, &limits, &mut state, &mut |_| ());
        (state.point.x, outcome)
    }

    #[test]
    fn rosenbrock_converges_and_ends_quadratically() {
        let f = samples::rosenbrock(2);
        for rule in [EXACT, CG] {
            let limits = Limits { gradient_absolute: 1e-10, ..Limits::default() };
            let (x, outcome) = run(&f, &[-1.2, 1.0], rule, limits);
            assert!(matches!(outcome.ending, Ending::Converged { .. }), "{}", outcome.ending);
            assert!(outcome.iterations <= 35, "{}", outcome.iterations);
            assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-9));
            let after = |less| {
                let limits =
                    Limits { iterations: outcome.iterations - less, gradient_absolute: 0.0, ..limits };
                run(&f, &[-1.2, 1.0], rule, limits).1.gradient_norm
            };
            // Exact steps are quadratic; those by conjugate gradients have the rate 3/2.
            let power = if rule == EXACT { 2.0 } else { 1.5 };
            assert!(after(1) <= 1000.0 * after(2).powf(power), "{} {}", after(1), after(2));
        }
    }

    #[test]
    fn exact_steps_leave_the_saddle_and_truncated_ones_end_there() {
        let f = samples::walled_saddle();
        let (x, outcome) = run(&f, &[1.0, 0.0], EXACT, Limits::default());
        assert!((x[1].abs() - 2f64.sqrt()).abs() < 1e-8 && x[0].abs() < 1e-8, "{x:?} {}", outcome.ending);
        let (x, _) = run(&f, &[1.0, 0.0], CG, Limits::default());
        assert!(x[0].abs() < 1e-8 && x[1] == 0.0);
    }

    /// A nearer sphere is met on the way that is known: bit for bit what a fresh operator gives, without a product.
    #[test]
    fn shorter_steps_cost_no_products() {
        let f = samples::rosenbrock(40);
        let x: Vec<f64> = (0..40).map(|i| 1.0 + 1e-6 * f64::from(i).sin()).collect();
        let mut gradient = vec![0.0; 40];
        let oracle = Oracle::new(&f);
        oracle.value_grad(&x, &mut gradient).unwrap();
        let fresh = || Kept {
            operator: oracle.linearize(&x, Curvature::Hessian).unwrap(),
            products: Vec::new(),
            asked: 0,
        };
        let mut hessian = Hessian::Products(fresh(), 1000);
        let (longest, _, _) = hessian.step(&gradient, 1e3).unwrap();
        let spent = oracle.counts().products;
        assert!(spent > 2, "{spent}");
        let again: Vec<_> =
            [0.9, 0.5, 0.1].map(|share| hessian.step(&gradient, share * norm(&longest))).into();
        assert_eq!(oracle.counts().products, spent);
        for (share, again) in [0.9, 0.5, 0.1].into_iter().zip(again) {
            let alone = Hessian::Products(fresh(), 1000).step(&gradient, share * norm(&longest));
            assert_eq!(again, alone);
            assert!(alone.unwrap().2);
        }
        // What is not kept is asked for again.
        let operator = krylov::from_fn(1, |v: &[f64], out: &mut [f64]| out[0] = 2.0 * v[0]);
        let mut kept = Kept { operator, products: Vec::new(), asked: 0 };
        let mut out = [0.0];
        for round in 0..2 {
            kept.asked = 0;
            for i in 0..KEPT + 5 {
                kept.apply(&[i as f64], &mut out).unwrap();
                assert_eq!(out[0], 2.0 * i as f64, "round {round}");
            }
        }
        assert_eq!(kept.products.len(), KEPT);
    }

    /// The gradient cannot be brought to 0 within rounding errors: the method says so instead of going
    /// on for ever.
    #[test]
    fn what_cannot_be_reached_ends_without_a_step() {
        let f = samples::rosenbrock(2);
        let limits = Limits { gradient_absolute: 0.0, iterations: 1000, ..Limits::default() };
        let (_, outcome) = run(&f, &[-1.2, 1.0], EXACT, limits);
        assert!(outcome.iterations < 60 && outcome.gradient_norm < 1e-12, "{outcome:?}");
    }
}
